"""Samples on the command line: drawn, coded from a sheet or one by one, and exported."""

import csv
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from presslens.app.db.tables import EditionRow, PageRow
from presslens.app.platform import clock

from ..first_states import made_once
from .conftest import document, printed, refusal

pytestmark = pytest.mark.usefixtures("installed")


@pytest.fixture
@made_once
def photos(worker, put, scans):
    """Three photos of an analysed edition."""
    put(scans)
    worker.drain()


def run(*words, **how):
    return printed("samples", *words, **how)


def told(*words, **how):
    return document("samples", *words, **how)


DRAW = ("draw", "--measure", "people", "--measure", "focus_leader", "--photos", 3, "--name", "mine")


def test_editions_that_came_in_since_are_counted(home, photos, worker, put, make):
    run(*DRAW)
    assert told("show", "mine")["editions_since"] == 0
    new = put({"new.png": make(tint=33)}, day=date(2019, 12, 20)).edition_id
    worker.drain()
    with home.database.write() as session:
        session.get_one(EditionRow, new).created_at = clock.now() + timedelta(days=1)
    assert told("show", "mine")["editions_since"] == 1
    assert "1 edition of these days came in after the draw" in run("show", "mine")


def test_a_sheet_is_filled_in(photos, tmp_path):
    shown = run(*DRAW, "--coder", "A", "--coder", "B", "--second", 0)
    assert "sample mine: 3 of 3 photos of 1 edition, for people, focus_leader" in shown
    sheet = tmp_path / "a.csv"
    said = run("next", "mine", "--coder", "A", "--out", sheet)
    assert "to code: 2 photos, 2 questions each: 4 answers; all in" in " ".join(said.split())
    rows = list(csv.DictReader(sheet.read_text().splitlines()))
    cut = run("next", "mine", "--coder", "A", "--limit", 1, "--out", tmp_path / "cut.csv")
    assert "4 answers; 1 photo in" in " ".join(cut.split())
    assert "(--limit 2 for all)" in cut
    assert [row["measure"] for row in rows] == ["people", "focus"] * 2
    assert {row["publication"] for row in rows} == {"Rodong Sinmun"}
    with sheet.open("w", newline="") as lines:
        writer = csv.DictWriter(lines, rows[0])
        writer.writeheader()
        answers = {"people": "?", "focus": "neither"}
        writer.writerows(row | {"answer": answers[row["measure"]]} for row in rows[:2])
    document = told("import", "mine", sheet)
    assert document["progress"]["people"]["cant_tell"] == 1
    assert document["progress"]["focus_leader"]["answered"] == 1
    assert "to code: 1 photo, 2 questions each: 2 answers; all shown" in run(
        "next", "mine", "--coder", "A"
    )
    listed = run("list")
    assert "mine" in listed
    assert told("list", "--measure", "crowd")["samples"] == []


def test_coders_are_asked_photo_by_photo(photos, tmp_path):
    run("draw", "--measure", "people", "--photos", 3)
    said = run("code", "people-1", "--coder", "A", typed="perhaps\ny\ns\nn\n")
    assert "3 photos, 1 question each: 3 answers; answer y, n or ?" in said
    assert "people: 1 skipped, 2 answered" in said
    said = run("code", "people-1", "--coder", "A", typed="q\n")
    assert "1 photo, 1 question each: 1 answer;" in said
    table = tmp_path / "items.csv"
    assert "3 rows" in run("export", "people-1", "--out", table)
    rows = list(csv.DictReader(table.read_text().splitlines()))
    assert sorted(row["status"] for row in rows) == ["answered", "answered", "skipped"]
    assert run("export", "people-1").splitlines() == table.read_text().splitlines()


def test_a_contradiction_is_not_kept(photos):
    run("draw", "--measure", "people", "--measure", "crowd", "--photos", 3)
    assert "not kept" in run("code", "people-1", "--coder", "A", typed="n\ny\nq\n")


def test_a_plan_and_an_extension(photos):
    planned = run("plan", "--measure", "people", "--measure", "crowd", "--width", 0.9)
    assert (
        told("plan", "--measure", "people", "--measure", "crowd")["question"]["measure"] == "people"
    )
    assert "3 photos of 1 complete edition" in planned
    assert "a width of 90% is foreseen with" in planned
    sizes = told("plan", "--measure", "people")["sizes"]
    assert sizes[-1]["photos"] == 3
    run("draw", "--measure", "people", "--width", 0.9)
    assert told("extend", "people-1", "--photos", 3)["items"] == 3
    assert "photo counts" in run("draw", "--pages", 2)
    assert told("show", "pages-1")["kind"] == "pages"


def test_pages_are_named_by_the_id_that_a_page_review_takes(photos, home, tmp_path):
    run("draw", "--pages", 2)
    with home.database.read() as session:
        known = {str(page) for page in session.scalars(select(PageRow.id))}
    said = run("next", "pages-1", "--out", tmp_path / "pages.csv")
    assert "reviews page add PAGE" in said
    rows = list(csv.DictReader((tmp_path / "pages.csv").read_text().splitlines()))
    assert rows
    assert {row["page"] for row in rows} <= known
    assert "None" not in run("next", "pages-1")
    said = refusal("samples", "code", "pages-1", "--coder", "A", code=None)
    assert f"page {rows[0]['page']} first" in said


def test_a_second_coder_does_not_move_the_first_one_on(photos):
    run("draw", "--measure", "people", "--photos", 3, "--second", 1, "--coder", "B", "--coder", "A")
    run("code", "people-1", "--coder", "A", typed="s\ny\ny\n")
    rows = list(csv.DictReader(run("export", "people-1").splitlines()))
    assert [row["coder"] for row in rows] == ["B", "A", "B"]
    assert [row["status"] for row in rows] == ["open", "answered", "answered"]
    assert [bool(row["inclusion_probability"]) for row in rows] == [False, True, False]


def test_what_cannot_be_done(photos):
    for command, message in (
        ("draw", "draw photos"),
        ("draw --measure people --pages 3", "draw photos"),
        ("draw --measure people", "number of items"),
        ("extend people-1", "how large"),
        ("show people-1", "samples list"),
        ("plan --measure people --to 1990-01-01 --width 0.1", "no editions to"),
    ):
        assert message in refusal("samples", *command.split(), code=None)
