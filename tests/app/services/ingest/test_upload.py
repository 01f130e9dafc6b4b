"""What comes in is kept as it is, and named as text."""

import io
from datetime import date, timedelta

import pytest
from sqlalchemy import update

from presslens.app.db.tables import EditionRow, PublicationRow
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.catalogue.editions import find_edition
from presslens.app.services.catalogue.pages import find_page, page_ids
from presslens.app.services.ingest.upload import Incoming, ingest
from presslens.app.services.shares.selection import EditionCriteria, select_editions

DAY = date(2019, 12, 16)


def selection(home):
    with home.database.read() as session:
        return select_editions(session, EditionCriteria(), home.recipe)


def metrics(home):
    return selection(home).editions


def names(home, edition_id):
    with home.database.read() as session:
        return [file.name for file in session.get_one(EditionRow, edition_id).files]


NAMES = [
    "../../etc/passwd", "/etc/passwd", "..%2f..%2fpasswd", "a\\..\\b.png", "C:\\b.png",
    "CON", ".hidden", "\uff0e\uff0e/x", "x" * 300, "a\0b.png", "a\nb.png", "\u202egnp.exe", "",
]  # fmt: skip


def test_names_are_only_text(home, put, worker, make, tmp_path):
    before = {path for path in tmp_path.rglob("*") if not path.is_relative_to(home.storage.root)}
    editions = [
        put({name: make(tint=tint)}, day=DAY + timedelta(days=tint)).edition_id
        for tint, name in enumerate(NAMES)
    ]
    worker.drain()
    for edition in editions:
        kept = names(home, edition)[0]
        assert 0 < len(kept) <= 255
        assert kept.isprintable()
        assert find_page(home, page_ids(home, edition)[0][1]).outcome == "done"
    after = {path for path in tmp_path.rglob("*") if not path.is_relative_to(home.storage.root)}
    assert {path for path in after - before if not path.name.startswith("test.db")} == set()
    assert all(len(sha256) == 64 for sha256 in home.storage.scans())


def test_an_edition_without_files_is_none(home, put):
    with pytest.raises(InvalidRequest):
        put({})


def given_again(home, scans, now, **said):
    incoming = [Incoming(name, io.BytesIO(data)) for name, data in scans.items()]
    return ingest(
        home, incoming, publication="Rodong Sinmun", edition_date=DAY, now=now, **said
    ).edition_id


def test_pages_that_are_missing_lower_the_coverage_as_soon_as_that_is_said(
    home, edition, scans, now
):
    assert metrics(home)[0].pages == 3
    assert given_again(home, scans, now, pages_expected=4) == edition
    assert [(one.pages, one.pages_seen) for one in metrics(home)] == [(4, 3)]
    assert given_again(home, scans, now, pages_expected=40) == edition
    left_out = selection(home).left_out
    assert [(one.id, one.pages, one.reason) for one in left_out] == [(edition, 40, "incomplete")]


def test_pages_are_not_numbered_anew(home, edition, scans, now):
    with pytest.raises(InvalidRequest, match="its pages are numbered"):
        given_again(home, scans, now, page_numbers=[2, 3, 4])


def test_numbers_in_names_are_those_of_pages_or_it_is_said_that_they_are_not(
    home, put, worker, make
):
    city = put({"Times-2019-12-16-0004.png": make(), "Times-2019-12-16-0005.png": make(tint=9)})
    scans = put({"scan_7.png": make(tint=18), "scan_9.png": make(tint=27)}, mode="separate")
    worker.drain()
    assert [number for number, _ in page_ids(home, city.edition_id)] == [4, 5]
    assert [number for number, _ in page_ids(home, scans.edition_id)] == [1, 2]
    assert "pages from 4 to 5: without page 1 nothing is said of the front" in city.notes[0]
    (note,) = scans.notes
    assert note.startswith("scan_7.png is taken for page 1, the front page: the numbers in")
    assert "from 7 on" in note


@pytest.mark.both_databases
def test_files_of_another_day_are_told_and_those_of_the_same_day_are_not(
    home, put, worker, make, subtests
):
    pages = {f"{i}.png": make(tint=i) for i in range(1, 5)}
    put(pages)
    for case in ("waiting", "analysed"):
        (note,) = put(pages, day=date(2020, 1, len(case))).notes
        with subtests.test(case):
            assert note.startswith("4 of 4 files are in edition 1 too, Rodong Sinmun of 2019-12-16")
        worker.drain()
    assert put({**pages, "5.png": make(tint=9)}, publication="Minju").notes[0].startswith("4 of 5")
    new = {f"{i}.png": make(tint=i) for i in range(10, 15)}
    assert put({"1.png": pages["1.png"], **new}, publication="Herald").notes == []
    assert put({"1.png": make(tint=99), **new}, publication="Herald").notes == []  # of its day


def test_files_of_several_days_in_one_edition_are_told(put, make):
    days = {f"Times_2019-12-{day}_1.png": make(tint=day) for day in (16, 17)}
    (note,) = put(days).notes
    assert note.startswith("by their names these files are of 2 days, 2019-12-16 to 2019-12-17")
    one = {f"Times_2019-12-16_{page}.png": make(tint=page + 40) for page in (1, 2)}
    assert put(one, publication="Herald").notes == []


def test_fewer_pages_than_usual_are_a_hint_and_no_proof(home, edition, scans, now):
    with home.database.write() as session:
        session.execute(update(PublicationRow).values(usual_pages=6))
    hint = find_edition(home, edition).to_json()["pages_hint"]
    assert "3 pages uploaded, and Rodong Sinmun usually has 6" in hint
    assert metrics(home)[0].pages == 3
    given_again(home, scans, now, pages_expected=3)
    assert find_edition(home, edition).to_json()["pages_hint"] is None
