"""The multiverse over HTTP and in the terminal."""

import csv
import io
import json

import pytest
import structlog
from typer.testing import CliRunner

from presslens.app.cli import cli

ADDRESS = "/api/v1/stats/multiverse"


@pytest.fixture
def analysed(monkeypatch, settings, worker, put, scans):
    monkeypatch.setenv("PRESSLENS_RECIPE", str(settings.recipe))
    monkeypatch.setenv("PRESSLENS_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("PRESSLENS_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("PRESSLENS_MIN_FREE_BYTES", "0")
    put(scans)
    worker.drain()
    yield
    structlog.reset_defaults()


def test_json_and_csv_have_the_same_rows(client, analysed):
    found = client.get(ADDRESS, params={"metric": "people", "threshold": 0.5}).json()
    assert found["metric"] == "people"
    assert found["rows"][0]["zone"] == "all"
    text = client.get(f"{ADDRESS}.csv", params={"metric": "people", "threshold": 0.5}).text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["verdict"] for row in rows] == [row["verdict"] for row in found["rows"]]
    assert {row["weight"] for row in rows} == {"count", "area"}


def test_the_command_shows_how_many_agree(analysed, tmp_path):
    words = ["stats", "multiverse", "--metric", "people", "--threshold", "0.9", "--zone", "all"]
    done = CliRunner().invoke(cli, [*words, "--csv", str(tmp_path / "rows.csv")])
    assert done.exit_code == 0, done.output
    shown = " ".join(done.stdout.split())
    assert "2 specifications, 2 refused: " in shown
    assert "the first one is refused, so that it has no verdict" in shown
    rows = list(csv.DictReader((tmp_path / "rows.csv").read_text().splitlines()))
    document = json.loads(CliRunner().invoke(cli, [*words, "--json"]).stdout)
    assert len(rows) == document["specifications"] == 2
