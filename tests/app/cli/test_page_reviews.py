"""Page reviews on the command line."""

import json

import pytest
import structlog
from sqlalchemy import select
from typer.testing import CliRunner

from presslens.app.cli import cli
from presslens.app.db.tables import PageRow, PhotoRow
from presslens.app.installation import init_installation
from presslens.app.services.catalogue.pages import find_page

runner = CliRunner()


@pytest.fixture(autouse=True)
def scripted(settings, monkeypatch):
    for name in ("data_dir", "database_url", "recipe", "processes", "min_free_bytes"):
        monkeypatch.setenv(f"PRESSLENS_{name.upper()}", str(getattr(settings, name)))
    init_installation(settings)
    yield
    structlog.reset_defaults()


def run(*command, fails=False):
    done = runner.invoke(cli, ["reviews", "page", *map(str, command)])
    assert (done.exit_code != 0) is fails, done.output
    return done.output


def test_photos_are_drawn_changed_and_joined(home, worker, put, scans):
    put(scans)
    worker.drain()
    with home.database.read() as session:
        page = session.scalar(select(PageRow.id).where(PageRow.number == 2))
    shown = run("draw", page, "40,250,200,400", "--coder", "A")
    assert "3 photos now" in shown
    assert "40, 250, 200, 400 (by hand)" in shown
    left, right, drawn = (one["id"] for one in find_page(home, page).to_json()["photos"])
    run("change", drawn, "--no-photo")
    document = json.loads(run("change", left, "--join", right, "--json"))
    assert [one["box"] for one in document["photos"]] == [[20, 20, 300, 200]]
    joined = document["made"][0]
    halves = ("--box", "20,20,150,200", "--box", "150,20,300,200")
    parts = json.loads(run("change", joined, *halves, "--json"))["photos"]
    assert len(parts) == 2
    assert "2 photos now" in run("change", parts[1]["id"], "--box", "160,20,300,200")
    assert "one of --box" in run("change", left, fails=True)


def test_a_page_is_counted_and_the_count_withdrawn(home, worker, put, scans):
    put(scans)
    worker.drain()
    with home.database.read() as session:
        page = session.scalar(select(PageRow.id).order_by(PageRow.number))
        photo = session.scalar(select(PhotoRow.id).order_by(PhotoRow.id))
    given = ("--coder", "A", "--missed", "0.7,0.7,0.9,0.9", "--several", f"{photo}=3")
    assert "nobody checked all of it" in run("add", page, *given)
    document = json.loads(run("add", page, "--coder", "A", "--checked", "--json"))
    assert document["photos"] == document["found"] + 3
    assert f"{document['photos']} counted" in run("show", page)
    assert "PHOTO=N" in run("add", page, "--coder", "A", "--several", "x", fails=True)
    assert "X0,Y0,X1,Y1" in run("add", page, "--coder", "A", "--missed", "1,2", fails=True)
    assert "withdrawn" in run("undo", document["reviews"][-1]["id"])
    shown = run("show", page)
    assert "nobody checked all of it" in shown
    assert f"page review {document['reviews'][-1]['id']} of A" in shown
    assert "withdrawn" in shown
