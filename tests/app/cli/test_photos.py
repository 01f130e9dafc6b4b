"""``presslens photos similar``: what the API answers, and in words."""

import json

import pytest
from sqlalchemy import delete
from typer.testing import CliRunner

from presslens.app.cli import cli
from presslens.app.db.reprints import FingerprintRow, ReprintRow
from presslens.app.services.catalogue.similar import similar_photos

from ..first_states import made_once

runner = CliRunner()


@pytest.fixture
@made_once
def archive(home, worker, put, scans):
    """Three photos, of which the first and the last are prints of one picture."""
    put(scans)
    worker.drain()
    with home.database.write() as session:
        for one, other in ((1, 3), (3, 1)):
            session.add(ReprintRow(photo_id=one, other_id=other, places=60, likeness=0.8))


@pytest.fixture
def home(scripted, home, settings, monkeypatch):
    monkeypatch.setenv("PRESSLENS_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("PRESSLENS_DATABASE_URL", settings.database_url)
    return home


def run(*arguments, code=0):
    done = runner.invoke(cli, ["photos", "similar", *map(str, arguments)])
    assert done.exit_code == code, done.output
    return done


def test_other_prints_and_what_looks_alike_are_listed(home, archive):
    told = json.loads(run(3, "--json").stdout)
    assert told == similar_photos(home, 3, limit=10).to_json()
    assert [one["id"] for one in told["reprints"]] == [1]
    text = run(3).stdout
    assert "other prints of the picture" in text
    assert "before" in text
    assert "photos that look alike" in text
    assert "no other print" in run(2).stdout
    run(99, code=1)


def test_what_was_not_compared_is_not_known_to_be_the_only_print(home, archive):
    with home.database.write() as session:
        session.execute(delete(FingerprintRow).where(FingerprintRow.photo_id == 2))
    text = run(2).stdout
    assert "not known" in text
    assert "no other print" not in text
