"""The command ``presslens drill``: it ends with 1 if a promise is not kept."""

import json

import pytest
from typer.testing import CliRunner

from presslens.app.cli import cli
from presslens.app.cli import drill as command
from presslens.app.drill.proof import Proof

PROOFS = [
    Proof("R10", "files and rows", "0 faults", "0", True),
    Proof("R4", "not tried", "no edition", "", None),
    Proof("R6", "uploads at once", "19 answered", "20", False),
]


@pytest.mark.parametrize("kept", [True, False])
def test_what_is_proven_is_told_in_order(home, monkeypatch, kept):
    for name in ("data_dir", "database_url", "recipe", "min_free_bytes"):
        monkeypatch.setenv(f"PRESSLENS_{name.upper()}", str(getattr(home.settings, name)))
    proofs = PROOFS[: 2 if kept else 3]
    monkeypatch.setattr(command, "try_promises", lambda *_: iter(proofs))
    done = CliRunner().invoke(cli, ["drill", "--json"])
    assert done.exit_code == int(not kept), done.output
    told = [one["promise"] for one in json.loads(done.stdout)["proofs"]]
    assert told == (["R4", "R10"] if kept else ["R4", "R6", "R10"])
    assert "not measured" in CliRunner().invoke(cli, ["drill"]).stdout
