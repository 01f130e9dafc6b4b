"""The log as a page: its sentences, its filters as addresses, its twins, and undoing from it."""

import pytest

from ..answers import csv_rows
from ..first_states import made_once
from .conftest import shown


@pytest.fixture
@made_once
def photo(client, worker, put, scans):
    """Return a photo that two people have reviewed: Ann twice, then nobody named."""
    put(scans)
    worker.drain()
    one = client.get("/api/v1/photos").json()["photos"][0]
    for coder, answers in (("Ann", {"people": True}), ("Ann", {"crowd": False})):
        address = f"/api/v1/photos/{one['id']}/reviews"
        client.post(address, json={"coder": coder, "answers": answers}).raise_for_status()
    return one


def test_the_log_is_read_filtered_and_paged(client, photo):
    page = shown(client, "/edits?target=photo")
    assert page.count("<tr id=") == 2
    assert f'href="/photos/{photo["id"]}">Photo 1</a>' in page
    assert "answers about a photo" in page

    assert "No change is like that" in shown(client, "/edits?undone=true")
    told = client.get("/edits.json?coder=Ann&limit=1").json()
    assert [edit["text"] for edit in told["edits"]] == ["crowd: no"]
    assert f"cursor={told['next']}&amp;coder=Ann&amp;limit=1" in shown(
        client, "/edits?coder=Ann&limit=1"
    )
    rest = client.get(f"/edits.json?coder=Ann&cursor={told['next']}").json()
    assert ([edit["text"] for edit in rest["edits"]], rest["next"]) == (["people: yes"], None)
    rows = csv_rows(client.get("/edits.csv"))
    assert [row["coder"] for row in rows] == ["Ann", "Ann"]


def test_photos_and_editions_lead_to_their_changes(client, photo):
    told = shown(client, f"/photos/{photo['id']}")
    assert f'href="/edits?target=photo&amp;target_id={photo["id"]}">2 changes by people' in told
    told = shown(client, f"/editions/{photo['edition']}")
    assert f'href="/edits?edition={photo["edition"]}">2 changes by people' in told
    assert client.get(f"/edits.json?edition={photo['edition'] + 1}").json()["edits"] == []


def test_a_change_is_undone_where_it_stands(client, served, tab, photo):
    tab.goto(f"{served}/edits?lang=en")
    row = tab.locator("tbody tr").first
    row.get_by_role("button").filter(has_text="Undo: crowd: no").press("Enter")
    tab.get_by_role("dialog").get_by_label("Your name").fill("Ben")
    tab.keyboard.press("Enter")
    row.get_by_text("undone by Ben").wait_for()
    assert row.get_by_role("button").count() == 0
    tab.reload()
    assert "undone by Ben" in row.inner_text()
    states = {edit["text"]: edit["undone_by"] for edit in client.get("/edits.json").json()["edits"]}
    assert states == {"crowd: no": "Ben", "people: yes": None}
    for measure in ("children", "crowd", "buildings"):
        address = f"/api/v1/photos/{photo['id']}/reviews"
        client.post(address, json={"coder": "Ann", "answers": {measure: False}}).raise_for_status()
    tab.reload()
    tab.on("dialog", lambda dialog: dialog.accept())
    tab.get_by_role("button", name="Undo these 4 answers").press("Enter")
    tab.locator("#messages").get_by_text("Undone: 4 changes").wait_for()
    told = client.get("/edits.json").json()["edits"]
    assert [edit["undone_by"] for edit in told] == ["Ben"] * 5


def test_a_later_change_in_the_way_is_named(client, photo):
    edition = photo["edition"]
    for day in ("2001-02-03", "2001-02-04"):
        client.patch(f"/api/v1/editions/{edition}", json={"date": day}).raise_for_status()
    later, first = client.get("/edits.json?action=change+edition").json()["edits"]
    told = client.post(f"/api/v1/edits/{first['id']}/undo", json={})
    named = {"id": later["id"], "target": "edition", "target_id": edition}
    assert (told.status_code, told.json()["later_edit"]) == (409, named)
