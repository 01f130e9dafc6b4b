"""The page of an edition, before, while and after it is analysed, and beside other uploads."""

import re
from datetime import date, timedelta

HTML = {"accept": "text/html"}
DAY = date(2019, 12, 16)


def test_an_edition_shows_its_numbers_with_intervals_and_leads_to_photos(
    client, worker, scans, put
):
    edition = put(scans).edition_id
    worker.drain()
    page = client.get(f"/editions/{edition}", headers=HTML).text
    document = client.get(f"/editions/{edition}.json").json()
    assert "Rodong Sinmun, 16 December 2019" in page
    assert "there are 0 earlier editions, and 10 are needed" in page
    low, high = document["composition"]["photos_interval"]
    assert f"{low:.0f}–{high:.0f}" in page
    assert f'href="/gallery?edition={edition}&amp;subject=people"' in page
    photos = [photo for one in document["pages"] for photo in one["photos"]]
    assert len(photos) == 3
    assert all(page.count(f'href="/photos/{photo["id"]}"') == 2 for photo in photos)
    assert "cut off" not in page


def test_photos_that_were_printed_before_are_counted_beside_all(client, worker, scans, put):
    first, second = (put(scans, day=DAY + timedelta(days)).edition_id for days in (0, 1))
    worker.drain()
    note = "printed before: 3; photos without them: 0<"
    assert note not in client.get(f"/editions/{first}", headers=HTML).text
    assert note in client.get(f"/editions/{second}", headers=HTML).text


def test_the_table_has_each_number_with_what_is_usual(client, worker, scans, put, add_summary):
    edition = put(scans).edition_id
    worker.drain()
    for days in range(1, 13):
        add_summary(DAY - timedelta(days), photos=3, pages=3, publication="Rodong Sinmun")
    lines = client.get(f"/editions/{edition}.csv").text.splitlines()
    rows = [dict(zip(lines[0].split(","), line.split(","), strict=False)) for line in lines[1:]]
    photos = next(row for row in rows if row["metric"] == "photos")
    assert (photos["value"], photos["usual"], photos["usual_editions"]) == ("3.0", "3.0", "12")
    page = client.get(f"/editions/{edition}", headers=HTML).text
    assert "This is being brought up to date." in page
    assert f'rel="prev" href="/editions/{edition + 1}"' in page


def test_an_edition_that_waits_says_who_will_work_on_it(client, scans, put):
    edition = put(scans).edition_id
    page = client.get(f"/editions/{edition}", headers=HTML).text
    assert "presslens worker" in page
    assert f'data-events="/api/v1/editions/{edition}/events"' in page


def test_a_refused_page_is_named_with_its_file_and_reason(client, worker, scans, put):
    edition = put({**scans, "page_04.png": b"not a picture"}).edition_id
    worker.drain()
    page = client.get(f"/editions/{edition}", headers=HTML).text
    assert "1 page could not be analysed" in page
    assert "page_04.png" in page
    assert "rejected" in page


def test_a_superseded_edition_leads_to_the_one_that_counts(client, worker, scans, put, make):
    first = put(scans).edition_id
    second = put({**scans, "page_04.png": make(tint=9)}).edition_id
    worker.drain()
    page = client.get(f"/editions/{first}", headers=HTML).text
    assert "counts in its place" in page
    assert f'href="/editions/{second}"' in page
    assert "counts in its place" not in client.get(f"/editions/{second}", headers=HTML).text
    for edition, said in ((first, True), (second, False)):
        page = client.get(f"/editions/{edition}.json").json()["pages"][0]
        assert ("counts in its place" in client.get(f"/pages/{page['id']}").text) is said
        photo = page["photos"][0]["id"]
        # The same scan is in both uploads: the photo is shown in the one that counts.
        shown = client.get(f"/photos/{photo}").text
        assert f'href="/editions/{second}"' in shown
        assert "counts in its place" not in shown


def test_pages_that_were_not_uploaded_are_shown_as_missing(client, worker, scans, upload):
    answer = client.post(
        "/api/v1/editions",
        data={"publication": "P", "date": "2019-12-16", "pages_expected": "5"},
        files=[("files", (name, data)) for name, data in scans.items()],
    )
    worker.drain()
    page = client.get(f"/editions/{answer.json()['id']}", headers=HTML).text
    assert "2 pages of this edition were not uploaded: 4, 5" in page
    assert "data-put-back" not in page
    edit = client.delete("/api/v1/pages/2?coder=Ann").headers["presslens-edit"]
    page = client.get(f"/editions/{answer.json()['id']}", headers=HTML).text
    assert "3 pages of this edition were not uploaded: 2, 4, 5" in page
    taken = re.search(rf'<li>Page 2 .*?page_2.png, Ann,.*?data-put-back="{edit}"', page)
    assert taken
    client.post(f"/api/v1/edits/{edit}/undo", json={})
    assert "data-put-back" not in client.get(f"/editions/{answer.json()['id']}", headers=HTML).text


def test_claims_about_the_day_are_judged_and_frozen_ones_are_not_looked_at(
    client, worker, scans, put
):
    edition = put(scans).edition_id
    worker.drain()
    rule = {"publication": "Rodong Sinmun", "from": "2019-12-16", "to": "2019-12-16"}
    claimed = {
        "People led, and were many": "front.lead.focus = leader and page(1).share(people) > 0",
        "It had three pages": "pages = 3",
        "It had four": "pages = 4",
    }
    for statement, text in claimed.items():
        added = client.post("/api/v1/claims", json={"statement": statement, "rule": text, **rule})
    frozen = client.post(f"/api/v1/claims/{added.json()['id']}/freeze", json={})
    assert frozen.is_success
    claims = client.get(f"/editions/{edition}.json").json()["claims"]
    verdicts = {one["claim"]["statement"]: one["verdict"] for one in claims}
    assert verdicts["It had three pages"]["verdict"] == "true"
    assert verdicts["It had four"] is None
    page = client.get(f"/editions/{edition}", headers=HTML).text
    assert "for focus of the front page&#39;s lead photo" in page
    assert "each look at it is logged" in page
    assert "cut off" not in page


def test_an_edition_that_is_not_there_is_said_so(client):
    answer = client.get("/editions/4711", headers=HTML)
    assert answer.status_code == 404
    assert "There is no such page" in answer.text


def test_the_boxes_lead_to_photos_by_keyboard_and_nothing_breaks(served, worker, scans, put, tab):
    edition = put(scans).edition_id
    put(scans, day=DAY + timedelta(1))
    worker.drain()
    tab.goto(f"{served}/editions/{edition}")
    first = tab.locator(".page-map svg a").first
    assert first.get_attribute("aria-label").startswith("Photo 1: ")
    tab.keyboard.press("j")
    tab.wait_for_url("**/editions/2")
