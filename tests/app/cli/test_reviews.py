"""Reviews on the command line."""

import csv

import pytest
from sqlalchemy import select

from presslens.app.db.tables import PhotoRow
from presslens.app.platform.errors import InvalidRequest

from ..first_states import made_once
from .conftest import document, invoke, printed, refusal

pytestmark = pytest.mark.usefixtures("installed")


@pytest.fixture
@made_once
def photos(home, worker, put, scans):
    put(scans)
    worker.drain()
    with home.database.read() as session:
        return list(session.scalars(select(PhotoRow.id).order_by(PhotoRow.id)))


def run(*words, **how):
    return printed("reviews", *words, **how)


def rows_of(sheet):
    return list(csv.DictReader(sheet.read_text().splitlines()))


def test_a_sheet_is_drawn_filled_in_and_imported(photos, tmp_path):
    sheet = tmp_path / "sheet.csv"
    drawn = document("reviews", "next", "people", "--coder", "A", "--out", sheet)
    assert sorted(row["photo"] for row in drawn["photos"]) == photos
    rows = rows_of(sheet)
    told = [(row["coder"], row["measure"], row["answer"]) for row in rows]
    assert told == [("A", "people", "")] * 3
    with sheet.open("w", newline="") as lines:
        writer = csv.DictWriter(lines, rows[0])
        writer.writeheader()
        writer.writerows([rows[0] | {"answer": "yes"}, rows[1] | {"answer": "no"}, rows[2]])
    assert "2 reviews; 1 row has no answer yet" in run("import", sheet)
    assert len(document("reviews", "next", "people")["photos"]) == 1
    assert "exists" in refusal("reviews", "next", "people", "--out", sheet)


def test_a_coder_that_looks_like_a_formula_comes_back_from_a_sheet(photos, tmp_path):
    sheet = tmp_path / "sheet.csv"
    run("next", "people", "--budget", 1, "--coder", "=A", "--out", sheet)
    filled = sheet.read_text().replace(",people,,", ",people,yes,")
    assert ",'=A,people,yes," in filled
    sheet.write_text(filled)
    run("import", sheet)
    second = document("reviews", "next", "people", "--kind", "second", "--double", 1)
    assert second["photos"][0]["coders"] == ["=A"]


def test_what_follows_from_answers_is_asked_by_its_parts(photos, tmp_path):
    for measure, asked in (
        ("leader_and_facility", ["leader", "buildings", "focus"]), ("focus_leader", ["focus"]),
    ):  # fmt: skip
        sheet = tmp_path / f"{measure}.csv"
        run("next", measure, "--budget", 1, "--out", sheet)
        assert [row["measure"] for row in rows_of(sheet)] == asked


def test_answers_are_added_undone_and_compared(photos):
    run("next", "people")  # draws a sample: agreement is of drawn photos
    answers = ("people=yes", "children=?", "focus=facility")
    first = document("reviews", "add", photos[0], *answers, "--coder", "A")
    assert first["photo"]["settled"]["focus_facility"] == {"shows": True, "drawn": False}
    said = run("add", photos[0], "people=no", "--coder", "B")
    assert "coders disagree on people" in said
    assert "B" in run("disagreements")
    assert document("reviews", "disagreements")["total"] == 1
    assert document("reviews", "disagreements", "--from", "2020-01-01")["total"] == 0
    shown = run("agreement")
    assert "people" in shown
    assert "0%" in shown
    found = document("reviews", "agreement", "--measure", "people")
    assert found["measures"][0]["coders"]["names"] == ["A", "B"]
    assert "people yes" in run("add", photos[0], "people=yes", "--coder", "C", "--adjudicate")
    undone = document("reviews", "undo", first["review"]["id"], "--coder", "A")
    assert undone["review"]["withdrawn_at"] is not None
    assert "focus_facility" not in undone["photo"]["settled"]


def test_a_drawn_photo_is_reviewed(photos, tmp_path):
    drawn = document("reviews", "next", "people", "--budget", 1)["photos"][0]
    answer = document("reviews", "add", drawn["photo"], "people=yes", "--coder", "A")
    assert answer["photo"]["settled"]["people"]["drawn"] is True
    assert answer["review"]["drawn_for"] == "people"
    assert "expected half-width" in run("next", "people")
    (tmp_path / "said.csv").write_text(f"photo,question,answer\n{drawn['photo']},people,yes\n")
    assert "1 answer of model:m@1" in run(
        "model", "import", tmp_path / "said.csv", "--model", "m@1"
    )
    (agreed,) = document("reviews", "model", "agreement")["agreement"]
    assert (agreed["drawn"]["sensitivity"]["right"], agreed["picked"]["n"]) == (1, 0)
    shown = " ".join(run("model", "agreement").split())
    assert "model:m@1 people drawn 1 0 – 100%" in shown
    assert "picked: about these photos alone" in shown


def test_what_is_wrong_is_said(photos, tmp_path):
    for answers in (["people"], ["people=perhaps"], ["people=yes", "people=no"], ["focus=yes"]):
        words = ("reviews", "add", photos[0], *answers, "--coder", "A")
        assert "is no answer" in refusal(*words, code=None)
    sheet = tmp_path / "a.csv"
    sheet.write_text(f"photo,coder,measure,answer\n{photos[0]},A,people,maybe\n")
    done = invoke("reviews", "import", sheet, code=1)
    assert isinstance(done.exception, InvalidRequest)
    assert "line 2" in str(done.exception)
