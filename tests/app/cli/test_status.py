"""How the installation is, for people and for machines."""

import json

from presslens.app.services.analysis.presence import announce

from .conftest import invoke, printed


def test_an_idle_installation_is_well(installed):
    announce(installed, "machine/7/x")
    told = printed("status")
    assert "machine/7" in told
    assert "nothing waits" in told


def test_work_that_nobody_does_is_a_problem(installed, client, put, scans):
    put(scans)
    result = invoke("status", code=1)
    assert "no worker runs" in result.stdout
    assert "editions to unpack" in result.stdout
    assert "pace" not in result.stdout
    told = "No worker runs, so nothing that waits is done. Start `presslens worker`"
    assert told in result.stderr
    served = client.get("/api/v1/status").json()
    shown = json.loads(invoke("status", "--json", code=1).stdout)
    changing = {"at": "", "oldest_waiting_seconds": 0, "disk_free_bytes": 0}
    assert {**shown, **changing} == {**served, **changing}
    assert "worker_missing" in [problem["kind"] for problem in served["problems"]]
