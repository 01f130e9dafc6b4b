"""Figures on the command line."""

import json

import pytest
import structlog
from sqlalchemy import select
from typer.testing import CliRunner

from presslens.app.cli import cli
from presslens.app.db.tables import FaceRow, PhotoRow
from presslens.app.installation import init_installation
from presslens.app.platform.errors import InvalidRequest, LimitExceeded, NotFound

runner = CliRunner()


@pytest.fixture(autouse=True)
def scripted(settings, monkeypatch):
    for name in ("data_dir", "database_url", "recipe", "processes", "min_free_bytes"):
        monkeypatch.setenv(f"PRESSLENS_{name.upper()}", str(getattr(settings, name)))
    init_installation(settings)
    yield
    structlog.reset_defaults()


@pytest.fixture
def folder(tmp_path, make):
    """A folder of two reference photos of one person, and one of nobody."""
    (tmp_path / "kim").mkdir()
    for name, photo in (("a", make(faces=1)), ("b", make(faces=1, tint=5)), ("c", make(tint=9))):
        (tmp_path / "kim" / f"{name}.png").write_bytes(photo)
    return str(tmp_path / "kim")


def run(*command, **options):
    done = runner.invoke(cli, ["figures", *command], **options)
    assert done.exit_code == 0, done.output
    return done.stdout


def listed():
    return json.loads(run("list", "--json"))


def test_a_figure_is_added_listed_changed_and_removed(home, worker, folder):
    assert "Kim is figure 1" in run("add", "Kim", folder, "--role", "heir")
    assert {r["status"] for r in listed()[0]["references"]} == {"queued"}
    worker.drain()
    (figure,) = listed()
    states = {r["name"]: r["status"] for r in figure["references"]}
    assert states == {"a.png": "done", "b.png": "done", "c.png": "rejected"}
    table = run("list")
    for word in ("Kim", "heir", "a.png", "24 px", "1.00", "no_face"):
        assert word in table

    assert "official" in run("role", "Kim", "official")
    assert listed()[0]["role"] == "official"
    bad = next(r["id"] for r in figure["references"] if r["name"] == "c.png")
    run("remove", "Kim", "--reference", str(bad))
    assert sorted(r["name"] for r in listed()[0]["references"]) == ["a.png", "b.png"]
    assert "Kim is removed" in run("remove", "Kim")
    assert listed() == []


def test_a_figure_without_references_is_in_the_table(home, folder):
    run("add", "Kim", folder)
    for reference in listed()[0]["references"]:
        run("remove", "Kim", "--reference", str(reference["id"]))
    assert "no references" in run("list")


def test_a_face_in_a_photo_is_confirmed(home, worker, put, scans, folder):
    put(scans)
    run("add", "Kim", folder)
    worker.drain()
    with home.database.read() as session:
        photo = session.scalars(select(PhotoRow.id).join(FaceRow)).one()
    run("confirm", "Kim", "--photo", str(photo))
    (reference,) = [r for r in listed()[0]["references"] if r["origin"]]
    assert (reference["status"], reference["agreement"]) == ("done", 1)


@pytest.mark.parametrize("name", ["", "  ", "x" * 256, "a\nb", "a\udc80", "a\u202eb"])
def test_a_name_that_nobody_can_read_is_refused(home, folder, name):
    done = runner.invoke(cli, ["figures", "add", name, folder])
    assert isinstance(done.exception, InvalidRequest)
    assert "1 to 255 printable characters" in str(done.exception)
    assert listed() == []


def test_a_figure_without_photos_is_not_enrolled(home, tmp_path):
    (tmp_path / "empty").mkdir()
    done = runner.invoke(cli, ["figures", "add", "Kim", str(tmp_path / "empty")])
    assert isinstance(done.exception, InvalidRequest)
    assert listed() == []
    assert "nobody is enrolled" in run("list")


def test_a_figure_whose_photo_is_too_large_is_not_enrolled(home, folder, monkeypatch):
    monkeypatch.setenv("PRESSLENS_FILE_BYTES", "10")
    done = runner.invoke(cli, ["figures", "add", "Kim", folder])
    assert isinstance(done.exception, LimitExceeded)
    assert listed() == []


def test_spaces_around_a_name_are_none_of_it(home, folder):
    run("add", " Kim ", folder)
    run("add", "Kim", folder)
    assert [figure["name"] for figure in listed()] == ["Kim"]


@pytest.mark.parametrize(
    "command",
    [
        ["role", "Kim", "heir"],
        ["remove", "Kim"],
        ["confirm", "Kim", "--photo", "1"],
    ],
)
def test_who_is_not_enrolled_is_named(home, command):
    done = runner.invoke(cli, ["figures", *command])
    assert isinstance(done.exception, NotFound)
    assert "Kim" in str(done.exception)


@pytest.mark.parametrize(
    "command",
    [
        ["add", "Kim", "no-such-folder"],
        ["role", "Kim", "king"],
        ["confirm", "Kim"],
        ["confirm", "Kim", "--photo", str(2**31)],
        ["remove", "Kim", "--reference", str(2**31)],
        ["purge"],
        ["purge", "--yes"],
    ],
)
def test_wrong_usage_is_exit_code_2(command):
    assert runner.invoke(cli, ["figures", *command]).exit_code == 2


def test_purging_asks_first(home, worker, folder):
    run("add", "Kim", folder)
    worker.drain()
    refused = runner.invoke(cli, ["figures", "purge", "--embeddings"], input="n\n")
    assert refused.exit_code == 1
    assert {r["status"] for r in listed()[0]["references"]} == {"done", "rejected"}
    assert "0 faces in photos and of 2 references" in run("purge", "--embeddings", input="y\n")
    assert {r["status"] for r in listed()[0]["references"]} == {"rejected"}
    counts = json.loads(run("purge", "--embeddings", "--yes", "--json"))
    assert counts == {"faces": 0, "references": 0}


def test_every_command_writes_json_for_other_programs(home, worker, put, scans, folder):
    put(scans)
    added = json.loads(run("add", "Kim", folder, "--json"))
    assert (added["name"], len(added["references"])) == ("Kim", 3)
    worker.drain()
    assert json.loads(run("role", "Kim", "other", "--json"))["role"] == "other"
    with home.database.read() as session:
        photo = session.scalars(select(PhotoRow.id).join(FaceRow)).one()
    confirmed = json.loads(run("confirm", "Kim", "--photo", str(photo), "--json"))
    assert len(confirmed["references"]) == 4
    assert json.loads(run("remove", "Kim", "--json")) == {"removed": "Kim", "reference": None}
