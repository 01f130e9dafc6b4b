"""The commands of data protection, as a person types them."""

import io
import json

import pytest
from typer.testing import CliRunner

from presslens.app.cli import cli
from presslens.app.services.figures.figures import enrol_figure
from presslens.app.services.ingest.upload import Incoming

from ..conftest import NOW


@pytest.fixture
def run(home, monkeypatch):
    for name in ("data_dir", "database_url", "recipe", "min_free_bytes"):
        monkeypatch.setenv(f"PRESSLENS_{name.upper()}", str(getattr(home.settings, name)))

    def invoke(*arguments, code=0, typed=""):
        done = CliRunner().invoke(cli, ["privacy", *map(str, arguments)], input=typed)
        assert done.exit_code == code, (done.output, done.exception)
        return done

    return invoke


def test_report_erase_key(run, home, make, tmp_path):
    photos = [Incoming("a.png", io.BytesIO(make(faces=1)))]
    enrol_figure(home, "Kim", photos, public_role="head of state", coder="Anna", now=NOW)
    said = run("report").stdout
    assert "head of state" in said
    assert "coder Anna: edits 1" in said
    assert "embeddings are not encrypted" in said
    report = json.loads(run("report", "--json").stdout)
    assert report["figures"][0]["public_role"] == "head of state"
    assert "Aborted" in run("erase", "figure", "Kim", code=1, typed="n\n").output
    assert "Kim is erased" in run("erase", "figure", "Kim", "--yes").stdout
    coder = json.loads(run("erase", "coder", "Anna", "--yes", "--json").stdout)
    assert coder["pseudonym"].startswith("coder-")
    assert "embeddings of 0 faces" in run("erase", "embeddings", "--yes").stdout
    report = json.loads(run("report", "--json").stdout)
    assert report["figures"] == []
    assert report["coders"].keys() == {coder["pseudonym"]}
    assert "is a key file now" in run("key", tmp_path / "key").stdout
    assert "nobody is enrolled" in run("report").stdout
