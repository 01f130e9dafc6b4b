"""Promises are tried on a copy; what breaks off hides nothing of the others."""

import pytest

from presslens.app.drill import promises
from presslens.app.drill.archive_copy import copy_archive
from presslens.app.drill.promises import TRIALS, try_promises
from presslens.app.services.exports.canonical_dump import canonical_dump


@pytest.fixture
def copy(full, tmp_path):
    return copy_archive(full.settings, tmp_path / "copy")


def broken(*_):
    raise ZeroDivisionError("of nothing")


def tried(monkeypatch, copy, tmp_path, trials):
    monkeypatch.setattr(promises, "TRIALS", trials)
    (tmp_path / "tried").mkdir()
    return {(p.promise, p.passed): p.value for p in try_promises(copy, tmp_path / "tried", 5)}


def test_files_and_rows_are_checked_and_restored(full, copy, tmp_path, monkeypatch):
    before = canonical_dump(full)
    trials = {"R1": broken, "R10": TRIALS["R10"], "R11": TRIALS["R11"]}
    proofs = tried(monkeypatch, copy, tmp_path, trials)
    assert set(proofs) == {("R1", False), ("R10", True), ("R11", True)}, proofs
    assert canonical_dump(full) == before


@pytest.mark.long
def test_an_edition_is_analysed_again_under_kills(copy, tmp_path, monkeypatch):
    monkeypatch.setattr(promises, "KILLS", 1)
    monkeypatch.setenv("PRESSLENS_RECIPE", str(copy.settings.recipe))
    monkeypatch.setenv("PRESSLENS_PROCESSES", "0")
    monkeypatch.setenv("PRESSLENS_POLL_SECONDS", "0.1")
    proofs = tried(monkeypatch, copy, tmp_path, {"R4": TRIALS["R4"]})
    assert set(proofs) == {(name, True) for name in ("R4", "R5", "R7", "R8", "R9")}, proofs


def test_without_an_edition_of_few_pages_it_is_not_measured(full, tmp_path, monkeypatch):
    copy = copy_archive(full.settings, tmp_path / "copy", most=-1)
    proofs = tried(monkeypatch, copy, tmp_path, {"R4": TRIALS["R4"]})
    assert "no edition has its scans" in proofs["R4", None]
