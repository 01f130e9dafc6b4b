"""The page of an edition, before, while and after it is analysed, and beside other uploads."""

import csv
import re
from datetime import date, timedelta

from playwright.sync_api import expect
from sqlalchemy import delete

from presslens.app.db.statistics import EditionSummaryRow
from presslens.app.platform.language import language
from presslens.app.services.analysis.jobs import JOBS
from presslens.app.web.edition_numbers import number_rows
from presslens.pipelines.written_numbers import percent

from .conftest import shown

DAY = date(2019, 12, 16)
ENGLISH = language("en")


def test_an_edition_shows_its_numbers_with_intervals_and_leads_to_photos(client, edition):
    page = shown(client, f"/editions/{edition}")
    document = client.get(f"/editions/{edition}.json").json()
    assert "Rodong Sinmun, 16 December 2019" in page
    assert "there are 0 earlier editions, and 10 are needed" in page
    low, high = document["composition"]["photos_interval"]
    assert f"{low:.0f}–{high:.0f}" in page
    lines = client.get(f"/editions/{edition}.csv").text.splitlines()
    rows = {row["metric"]: row for row in csv.DictReader(lines)}
    for measure in ("people", "children", "buildings"):
        share = document["composition"]["shares"][measure]
        # A share of so few photos is said as a count, but for that of their area.
        assert f"{ENGLISH.number(share['count']['value'])} of 3 photos" in page
        assert percent(share["share"]) not in page.split("by printed area", 1)[0]
        assert float(rows[measure]["value"]) == share["share"]
    assert f'href="/gallery?edition={edition}&amp;subject=people"' in page
    photos = [photo for one in document["pages"] for photo in one["photos"]]
    assert len(photos) == 3
    assert all(page.count(f'href="/photos/{photo["id"]}"') == 2 for photo in photos)
    part = document["composition"] | {"leader_placed": 1, "leader_photos": None}  # of some pages
    assert {row["metric"]: row["note"] for row in number_rows(part, None, edition)}[
        "leader_area"
    ] is None
    assert "There is no such page" in shown(client, "/editions/4711", 404)


def test_photos_that_were_printed_before_are_counted_beside_all(client, worker, scans, put):
    first, second = (put(scans, day=DAY + timedelta(days)).edition_id for days in (0, 1))
    worker.drain()
    note = "printed before: 3; photos without them: 0<"
    assert note not in shown(client, f"/editions/{first}")
    assert note in shown(client, f"/editions/{second}")


def test_the_table_has_each_number_with_what_is_usual(client, edition, add_summary):
    for days in range(1, 13):
        add_summary(DAY - timedelta(days), photos=3, pages=3, publication="Rodong Sinmun")
    lines = client.get(f"/editions/{edition}.csv").text.splitlines()
    rows = [dict(zip(lines[0].split(","), line.split(","), strict=False)) for line in lines[1:]]
    photos = next(row for row in rows if row["metric"] == "photos")
    assert (photos["value"], photos["usual"], photos["usual_editions"]) == ("3.0", "3.0", "12")
    page = shown(client, f"/editions/{edition}")
    assert "Something has changed since; a worker compares it again." in page
    assert f'rel="prev" href="/editions/{edition + 1}"' in page


def test_an_edition_that_waits_says_who_will_work_and_later_what_was_refused(
    client, worker, scans, put
):
    edition = put({**scans, "page_04.png": b"not a picture"}).edition_id
    page = shown(client, f"/editions/{edition}")
    assert "Waiting to be analysed" in page
    assert "A worker takes it next." in page
    assert f'data-events="/api/v1/editions/{edition}/events"' in page
    composition = client.get(f"/api/v1/editions/{edition}/composition").json()
    assert composition["photos"] is None
    assert composition["zones"]["inside"]["photos"] is None
    assert "none of its pages is read yet" in composition["not_known"]["photos"]
    worker.drain()
    page = shown(client, f"/editions/{edition}")
    for words in ("1 page could not be analysed", "page_04.png", "rejected"):
        assert words in page


def test_an_edition_is_shown_after_each_turn_of_a_worker(client, worker, scans, put):
    edition = put(dict([min(scans.items())])).edition_id
    frames = set()
    for kind in JOBS:  # of one page with photos nothing is read until they are interpreted
        frames.add(shown(client, f"/editions/{edition}").count('<rect class="waiting"'))
        worker.turn(kind)
    assert frames == {0, 1}, "a frame shows once it is found"


def test_pages_are_shown_as_they_are_found(served, worker, engine, scans, put, tab):
    edition = put(scans).edition_id
    engine.failures = dict.fromkeys(sorted(scans)[1:], 1)  # they are looked at again later
    tab.goto(f"{served}/editions/{edition}")
    expect(tab.locator("#found")).to_have_text("Its files are to be split into pages first.")
    tab.evaluate("window.opened = 'once'")
    while len(engine.runs) < len(scans):
        worker.round()
    expect(tab.locator("#found .sheet")).to_have_count(1)
    expect(tab.locator("#found .blank")).to_have_count(len(scans) - 1)
    assert tab.evaluate("window.opened") == "once"
    worker.drain()
    expect(tab.locator("#found .sheet")).to_have_count(len(scans))
    expect(tab.locator("#progress")).to_have_count(0)


def test_a_page_loads_itself_once_the_numbers_are_there(served, worker, home, scans, put, tab):
    edition = put(scans).edition_id
    worker.drain()
    with home.database.write() as session:
        session.execute(delete(EditionSummaryRow))
    tab.goto(f"{served}/editions/{edition}")
    expect(tab.locator("#progress")).to_contain_text("Being added up: 3 / 3 pages")
    worker.drain()
    expect(tab.locator(".lede")).to_contain_text("3 pages, ")
    expect(tab.locator("#progress")).to_have_count(0)


def test_a_superseded_edition_leads_to_the_one_that_counts(client, worker, scans, put, make):
    first = put(scans).edition_id
    second = put({**scans, "page_04.png": make(tint=9)}).edition_id
    worker.drain()
    assert f'href="/editions/{second}"' in shown(client, f"/editions/{first}")
    words = "counts in its place"
    for edition, said in ((first, True), (second, False)):
        assert (words in shown(client, f"/editions/{edition}")) is said
        page = client.get(f"/editions/{edition}.json").json()["pages"][0]
        assert (words in shown(client, f"/pages/{page['id']}")) is said
        # The same scan is in both uploads: the photo is shown in the one that counts.
        photo = shown(client, f"/photos/{page['photos'][0]['id']}")
        assert f'href="/editions/{second}"' in photo
        assert words not in photo


def test_pages_that_were_not_uploaded_are_shown_as_missing(client, worker, scans, upload):
    edition = upload(scans, publication="P", pages_expected="5").json()["id"]
    worker.drain()
    address = f"/editions/{edition}"
    page = shown(client, address)
    assert "2 pages of this edition were not uploaded: 4, 5" in page
    assert "data-put-back" not in page
    edit = client.delete("/api/v1/pages/2?coder=Ann").headers["presslens-edit"]
    page = shown(client, address)
    assert "3 pages of this edition were not uploaded: 2, 4, 5" in page
    assert re.search(rf'<li>Page 2 .*?page_2.png, Ann,.*?data-put-back="{edit}"', page)
    client.post(f"/api/v1/edits/{edit}/undo", json={})
    assert "data-put-back" not in shown(client, address)


def test_claims_about_the_day_are_judged_and_frozen_ones_are_not_looked_at(client, edition):
    rule = {"publication": "Rodong Sinmun", "from": "2019-12-16", "to": "2019-12-16"}
    claimed = {
        "People led, and were many": "front.lead.focus = leader and page(1).share(people) > 0",
        "It had three pages": "pages = 3",
        "It had four": "pages = 4",
    }
    for statement, text in claimed.items():
        added = client.post("/api/v1/claims", json={"statement": statement, "rule": text, **rule})
    assert client.post(f"/api/v1/claims/{added.json()['id']}/freeze", json={}).is_success
    claims = client.get(f"/editions/{edition}.json").json()["claims"]
    verdicts = {one["claim"]["statement"]: one["verdict"] for one in claims}
    assert verdicts["It had three pages"]["verdict"] == "true"
    assert verdicts["It had four"] is None
    page = shown(client, f"/editions/{edition}")
    assert "for focus of the front page&#39;s lead photo" in page
    assert "each look at it is logged" in page


def test_the_boxes_lead_to_photos_by_keyboard_and_nothing_breaks(
    served, worker, scans, put, edition, tab
):
    put(scans, day=DAY + timedelta(1))
    worker.drain()
    tab.goto(f"{served}/editions/{edition}")
    first = tab.locator(".page-map svg a").first
    assert first.get_attribute("aria-label").startswith("Photo 1: ")
    tab.keyboard.press("j")
    tab.wait_for_url("**/editions/2")
