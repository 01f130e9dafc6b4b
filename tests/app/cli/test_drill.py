"""The command ``presslens drill``: it ends with 1 if a promise is not kept."""

from presslens.app.cli import drill as command
from presslens.app.drill.proof import Proof

from .conftest import document, invoke

PROOFS = [
    Proof("R10", "files and rows", "0 faults", "0", True),
    Proof("R4", "not tried", "no edition", "", None),
    Proof("R6", "uploads at once", "19 answered", "20", False),
]


def test_what_is_proven_is_told_in_order(installed, monkeypatch):
    for proofs, code, order in ((PROOFS[:2], 0, ["R4", "R10"]), (PROOFS, 1, ["R4", "R6", "R10"])):
        monkeypatch.setattr(command, "try_promises", lambda *_, tried=proofs: iter(tried))
        told = [one["promise"] for one in document("drill", code=code)["proofs"]]
        assert told == order
        assert "not measured" in invoke("drill", code=code).stdout
