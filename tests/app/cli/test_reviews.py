"""Reviews on the command line."""

import csv
import json

import pytest
import structlog
from sqlalchemy import select
from typer.testing import CliRunner

from presslens.app.cli import cli
from presslens.app.db.tables import PhotoRow
from presslens.app.installation import init_installation
from presslens.app.platform.errors import InvalidRequest

from ..first_states import made_once

runner = CliRunner()


@pytest.fixture(autouse=True)
def scripted(settings, monkeypatch):
    for name in ("data_dir", "database_url", "recipe", "processes", "min_free_bytes"):
        monkeypatch.setenv(f"PRESSLENS_{name.upper()}", str(getattr(settings, name)))
    init_installation(settings)
    yield
    structlog.reset_defaults()


@pytest.fixture
@made_once
def photos(home, worker, put, scans):
    put(scans)
    worker.drain()
    with home.database.read() as session:
        return list(session.scalars(select(PhotoRow.id).order_by(PhotoRow.id)))


def run(*command, fails=False):
    done = runner.invoke(cli, ["reviews", *map(str, command)])
    assert (done.exit_code != 0) is fails, done.output
    return str(done.exception) if fails else done.stdout


def test_a_sheet_is_drawn_filled_in_and_imported(photos, tmp_path):
    sheet = tmp_path / "sheet.csv"
    drawn = json.loads(run("next", "people", "--coder", "A", "--out", sheet, "--json"))
    assert sorted(row["photo"] for row in drawn["photos"]) == photos
    rows = list(csv.DictReader(sheet.read_text().splitlines()))
    assert [(row["coder"], row["measure"], row["answer"]) for row in rows] == [
        ("A", "people", "")
    ] * 3
    with sheet.open("w", newline="") as lines:
        writer = csv.DictWriter(lines, rows[0])
        writer.writeheader()
        writer.writerows([rows[0] | {"answer": "yes"}, rows[1] | {"answer": "no"}, rows[2]])
    assert "2 reviews; 1 row has no answer yet" in run("import", sheet)
    assert len(json.loads(run("next", "people", "--json"))["photos"]) == 1
    assert "exists" in run("next", "people", "--out", sheet, fails=True)


def test_a_coder_that_looks_like_a_formula_comes_back_from_a_sheet(photos, tmp_path):
    sheet = tmp_path / "sheet.csv"
    run("next", "people", "--budget", 1, "--coder", "=A", "--out", sheet)
    filled = sheet.read_text().replace(",people,,", ",people,yes,")
    assert ",'=A,people,yes," in filled
    sheet.write_text(filled)
    run("import", sheet)
    assert json.loads(run("next", "people", "--kind", "second", "--double", 1, "--json"))["photos"][
        0
    ]["coders"] == ["=A"]


def test_what_follows_from_answers_is_asked_by_its_parts(photos, tmp_path):
    for measure, asked in (
        ("leader_and_facility", ["leader", "buildings", "focus"]),
        ("focus_leader", ["focus"]),
    ):
        sheet = tmp_path / f"{measure}.csv"
        run("next", measure, "--budget", 1, "--out", sheet)
        rows = list(csv.DictReader(sheet.read_text().splitlines()))
        assert [row["measure"] for row in rows] == asked


def test_answers_are_added_undone_and_compared(photos):
    run("next", "people")  # draws a sample: agreement is of drawn photos
    first = json.loads(
        run(
            "add", photos[0], "people=yes", "children=?", "focus=facility", "--coder", "A", "--json"
        )
    )
    assert first["photo"]["settled"]["focus_facility"] == {"shows": True, "drawn": False}
    said = run("add", photos[0], "people=no", "--coder", "B")
    assert "coders disagree on people" in said
    assert "B" in run("disagreements")
    assert json.loads(run("disagreements", "--json"))["total"] == 1
    assert json.loads(run("disagreements", "--from", "2020-01-01", "--json"))["total"] == 0
    shown = run("agreement")
    assert "people" in shown
    assert "0%" in shown
    found = json.loads(run("agreement", "--measure", "people", "--json"))
    assert found["measures"][0]["coders"]["names"] == ["A", "B"]
    assert "people yes" in run("add", photos[0], "people=yes", "--coder", "C", "--adjudicate")
    undone = json.loads(run("undo", first["review"]["id"], "--coder", "A", "--json"))
    assert undone["review"]["withdrawn_at"] is not None
    assert "focus_facility" not in undone["photo"]["settled"]


def test_a_drawn_photo_is_reviewed(photos):
    drawn = json.loads(run("next", "people", "--budget", 1, "--json"))["photos"][0]
    answer = json.loads(run("add", drawn["photo"], "people=yes", "--coder", "A", "--json"))
    assert answer["photo"]["settled"]["people"]["drawn"] is True
    assert answer["review"]["drawn_for"] == "people"
    assert "expected half-width" in run("next", "people")


@pytest.mark.parametrize(
    "answers", [["people"], ["people=perhaps"], ["people=yes", "people=no"], ["focus=yes"]]
)
def test_what_is_no_answer(photos, answers):
    assert "is no answer" in run("add", photos[0], *answers, "--coder", "A", fails=True)


def test_a_wrong_line_is_named(photos, tmp_path):
    sheet = tmp_path / "a.csv"
    sheet.write_text(f"photo,coder,measure,answer\n{photos[0]},A,people,maybe\n")
    done = runner.invoke(cli, ["reviews", "import", str(sheet)])
    assert done.exit_code == 1
    assert isinstance(done.exception, InvalidRequest)
    assert "line 2" in str(done.exception)
