"""How the installation is, for people and for machines."""

import json

import pytest
from typer.testing import CliRunner

from presslens.app.cli import cli
from presslens.app.services.analysis.presence import announce

pytestmark = pytest.mark.usefixtures("scripted")


@pytest.fixture
def run(scripted, home, monkeypatch):
    monkeypatch.setenv("PRESSLENS_DATA_DIR", str(home.settings.data_dir))
    monkeypatch.setenv("PRESSLENS_DATABASE_URL", home.settings.database_url)
    return lambda *words: CliRunner().invoke(cli, words)


def test_an_idle_installation_is_well(run, home):
    announce(home, "machine/7/x")
    result = run("status")
    assert result.exit_code == 0
    assert "machine/7" in result.stdout
    assert "nothing waits" in result.stdout


def test_work_that_nobody_does_is_a_problem(run, home, client, put, scans):
    put(scans)
    result = run("status")
    assert result.exit_code == 1
    assert "no worker runs" in result.stdout
    assert "editions to unpack" in result.stdout
    assert "pace" not in result.stdout
    assert (
        "No worker runs, so nothing that waits is done. Start `presslens worker`" in result.stderr
    )
    as_json = run("status", "--json")
    assert as_json.exit_code == 1
    served = client.get("/api/v1/status").json()
    printed = json.loads(as_json.stdout)
    changing = {"at": "", "oldest_waiting_seconds": 0, "disk_free_bytes": 0}
    assert {**printed, **changing} == {**served, **changing}
    assert "worker_missing" in [problem["kind"] for problem in served["problems"]]
