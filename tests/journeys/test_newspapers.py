"""Two spellings of a newspaper become one with the numbers of both, and two again by undoing."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import expect

from presslens.app.drill.serving import presslens, serving

from ..tabs import Tabs
from .conftest import Reader, copy_month

SPELT = "sample daily"


@pytest.fixture(scope="module")
def two_spellings(
    month_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx2.Client]:
    """Serve a copy of the month whose second newspaper has nearly the name of the first."""
    data = copy_month(month_folder, tmp_path_factory.mktemp("spellings"))
    variables = {"PRESSLENS_DATA_DIR": str(data), "PRESSLENS_MIN_FREE_BYTES": "0"}
    with serving(presslens, "/api/v1/readyz", **variables) as client:
        evening = _papers(client)["Sample Evening"]["id"]
        renamed = client.patch(f"/api/v1/publications/{evening}", json={"name": SPELT})
        assert renamed.is_success, renamed.text
        yield client


def _papers(client: httpx2.Client) -> dict[str, dict[str, object]]:
    papers = client.get("/api/v1/publications").json()["publications"]
    return {paper["name"]: paper for paper in papers}


def _photos(client: httpx2.Client, name: str) -> int:
    answer = client.get("/api/v1/photos/facets", params={"publication": name})
    return int(answer.json()["photos"])


@pytest.mark.parametrize(
    ("pointer", "width", "language"),
    [(True, 1280, "en"), (False, 1280, "en"), (True, 390, "ko"), (False, 390, "ko")],
    ids=["pointer", "keyboard", "Korean phone", "Korean phone by keyboard"],
)
def test_two_spellings_become_one_and_two_again(
    two_spellings: httpx2.Client,
    open_tab: Tabs,
    pointer: bool,
    width: int,
    language: str,
) -> None:
    client = two_spellings
    before = _papers(client)
    gone = before[SPELT]
    photos = {name: _photos(client, name) for name in ("Sample Daily", SPELT)}
    tab = open_tab()
    tab.set_viewport_size({"width": width, "height": 800})
    reader = Reader(str(client.base_url).rstrip("/"), tab, pointer)
    tab.request.post(f"{reader.server}/preferences", form={"coder": "A", "language": language})
    reader.open("/newspapers")
    expect(tab.locator("html")).to_have_attribute("lang", language)
    reader.activate(tab.locator(".notice").get_by_role("link"))
    plan = tab.locator("#plan")
    expect(plan).to_contain_text(str(gone["editions"]))
    expect(plan).to_contain_text(SPELT)
    into = before["Sample Daily"]["id"]
    told = client.get(f"/api/v1/publications/{into}/merge?from={gone['id']}").json()
    clash = told["conflicts"][0]
    row = plan.locator("tbody tr").first
    for number, one in enumerate(clash["editions"]):  # what each edition of the day has
        words = row.locator("td").nth(number).inner_text()
        assert [int(n) for n in re.findall(r"\d+", words)] == [one["pages"], one["photos"]]
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    reader.tick(plan.locator("[value=separate]"))  # they are issues of the morning and the evening
    reader.activate(plan.get_by_role("button"))
    expect(tab.locator("#messages button")).to_be_visible()
    now = _papers(client)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert SPELT not in now
    assert SPELT in now["Sample Daily"]["aliases"]
    both = {name: _photos(client, name) for name in photos}
    assert set(both.values()) == {sum(photos.values())}
    reader.activate(tab.locator(".changes li").first.get_by_role("button"))
    expect(tab.locator(".changes li").first.locator("button")).to_have_count(0)
    assert _papers(client) == before
    assert {name: _photos(client, name) for name in photos} == photos
