"""The start page: what is there, what waits and what failed, and how to begin."""

from datetime import date, timedelta

from sqlalchemy import select

from presslens.app.db.tables import PublicationRow
from presslens.app.services.analysis.presence import announce
from presslens.app.services.statistics.flag_editions import flag_editions

from .conftest import shown

DAY = date(2019, 12, 16)


def test_an_empty_installation_says_how_to_begin(client):
    page = shown(client, "/")
    for way in ('href="/upload"', "presslens demo month", 'href="/figures"'):
        assert way in page
    assert client.get("/start.json").json()["newspapers"] == []


def test_a_newspaper_shows_its_latest_editions_with_their_front_pages(client, worker, scans, put):
    ids = [put(scans, day=DAY + timedelta(days)).edition_id for days in range(7)]
    worker.drain()
    page = shown(client, "/")
    assert "7 editions, 16 Dec 2019 – 22 Dec 2019" in page
    fronts = [f'class="front" href="/editions/{one}"' in page for one in ids]
    assert fronts == [True] * 7
    assert page.count('<img src="/api/v1/pages/') == 7
    assert "Nothing waits." in page


def test_a_queue_without_a_worker_is_told(client, home, scans, put):
    put(scans)
    assert "No worker runs" in shown(client, "/")
    announce(home, "machine/1/a")
    page = shown(client, "/")
    assert "editions to unpack: 1" in page
    assert "No worker runs" not in page


def test_a_refused_page_is_told_and_the_first_other_one_is_the_front(client, worker, scans, put):
    put({"page_03.png": scans["page_1.png"], "page_01.png": b"not a picture"})
    worker.drain()
    page = shown(client, "/")
    assert "1 page could not be analysed." in page
    assert "page_01.png" in page
    assert page.count('<img src="/api/v1/pages/') == 1
    refused = client.get("/start.json").json()["refused"]
    assert [one["page_number"] for one in refused] == [1]


def test_unusual_days_are_told_together_with_their_reasons(client, home, add_summary, now):
    days = [DAY + timedelta(i) for i in range(31)]
    for day in days[:-2]:
        add_summary(day, photos=30)
    unusual = [add_summary(days[-2], photos=90, pages=8), add_summary(days[-1], photos=99, pages=8)]
    with home.database.read() as session:
        paper = session.scalars(select(PublicationRow.id).filter_by(name="Rodong")).one()
    flag_editions(home, paper, now=now, busy=False)
    found = client.get("/start.json").json()["unusual"]
    assert [one["edition"] for one in found] == unusual[::-1]
    assert {"pages", "photos"} <= {flag["metric"] for flag in found[0]["flags"]}
    page = shown(client, "/")
    assert "2 days with 8 pages, usually 6" in page
    assert "photos <b>90–99</b>, usually 30" in page.lower()
