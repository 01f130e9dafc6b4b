"""Addresses are made in one place, and the command line prints what the API answers."""

import ast
from datetime import date
from pathlib import Path

import pytest

from presslens.app.api import links

from ..cli.conftest import document, installed

__all__ = ["installed"]

ROOT = Path(__file__).parents[3]


def test_a_permalink_repeats_lists_and_leaves_out_what_is_none():
    params = {"metric": ["a", "b@front"], "from": date(2019, 12, 16), "to": None, "match": []}
    address = links.permalink("stats/compare", params)
    assert address == "/api/v1/stats/compare?metric=a&metric=b%40front&from=2019-12-16"


@pytest.mark.parametrize("folder", ["app/db", "app/services", "app/charts", "pipelines", "models"])
def test_no_address_stands_below_the_api(folder):
    for file in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not node.value.startswith(links.ROOT), f"{file}: {node.value}"


def test_figures_and_labels_are_one_document(client, installed, upload, worker, scans, make):
    upload(scans)
    figure = client.post("/api/v1/figures", json={"name": "Kim"}).json()["id"]
    address = f"/api/v1/figures/{figure}"
    photo = ("files", ("a.png", make(faces=1)))
    client.post(f"{address}/references", files=[photo])
    assert document("figures", "list") == [client.get(address).json()]
    worker.drain()
    seen = client.post(f"{address}/references/from-photo", json={"photo_id": 1})
    assert any(reference["origin"] for reference in seen.json()["references"]), seen.text
    assert document("figures", "list") == [client.get(address).json()]
    assert document("labels", "list") == client.get("/api/v1/labels").json()


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("stats show children --by month", "stats?metric=children&by=month"),
        ("stats show photos --by edition", "stats?metric=photos&by=edition"),
        ("stats", "stats/composition"),
        ("stats changes photos", "stats/changes?metric=photos"),
        ("stats trend photos --break 2025-12-16", "stats/trend?metric=photos&break=2025-12-16"),
        (
            "stats compare photos --a-from 2025-12-15 --a-to 2025-12-15 --b-from 2025-12-16",
            "stats/compare?metric=photos&a_from=2025-12-15&a_to=2025-12-15&b_from=2025-12-16",
        ),
        ("baseline 1", "baseline?edition=1"),
    ],
)
def test_statistics_are_one_document(client, installed, add_summary, command, path):
    for day in (15, 16, 17):
        add_summary(date(2025, 12, day), photos=20 + day, shares={"children": 0.5})
    assert document(*command.split()) == client.get(f"/api/v1/{path}").json()


def test_verdicts_and_reviews_are_one_document(client, installed, upload, worker, scans):
    upload(scans)
    worker.drain()
    day = {"publication": "Rodong Sinmun", "from": "2019-12-16", "to": "2019-12-16"}
    rule = {"rule": "photos > 1 and share(people) > 99 %", **day}
    claim = client.post("/api/v1/claims", json={"statement": "many", "key": "mine", **rule}).json()
    verdict = client.get(f"/api/v1/claims/{claim['id']}/verdict").json()
    assert any(part["photos"] for part in verdict["evidence"])
    assert document("claims", "verdict", str(claim["id"])) == verdict
    checked = client.post("/api/v1/claims/check", json=rule).json()
    place = ("--publication", day["publication"], "--from", day["from"])
    assert document("claims", "check", rule["rule"], *place) == checked
    for coder, answer in (("A", True), ("B", False)):
        review = {"coder": coder, "answers": {"children": answer}}
        client.post("/api/v1/photos/1/reviews", json=review)
    asked = "/api/v1/reviews/next?measure=children&budget=2"
    client.get(asked)  # draws the sample
    assert document("reviews", "next", "children", "--budget", "2") == client.get(asked).json()
    for name in ("agreement", "disagreements"):
        assert document("reviews", name) == client.get(f"/api/v1/reviews/{name}").json()
