"""Checks share the time, and one that fails or can't run does not hide what others prove."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.soak import __main__ as program
from app.soak import checks, leaks
from app.soak.checks import Check, all_checks, run_checks
from app.soak.proof import NotHere, Proof

KEPT = Proof("R1", "files", "4 of 4", "all", True)
BROKEN = Proof("R2", "bombs", "3 of 4", "all", False)


def kept(_seconds: float) -> Iterator[Proof]:
    yield KEPT


def broken(_seconds: float) -> Iterator[Proof]:
    yield BROKEN


def crashes(_seconds: float) -> Iterator[Proof]:
    yield KEPT
    raise ZeroDivisionError("of nothing")


def lacks(_seconds: float) -> Iterator[Proof]:
    raise NotHere("strace is not installed")


def test_every_check_is_found() -> None:
    assert "leaks" in {check.name for check in all_checks()}


def test_what_a_check_leaves_is_for_those_after_it() -> None:
    told: list[float] = []

    def quick(seconds: float) -> Iterator[Proof]:
        told.append(seconds)
        yield KEPT

    list(run_checks([Check("a", quick), Check("b", quick, 3.0), Check("c", quick)], 50, print))
    assert told == pytest.approx([10, 37.5, 50], abs=0.5)


def test_errors_and_what_is_missing_are_told_beside_what_others_prove() -> None:
    named = [Check("crashes", crashes), Check("lacks", lacks), Check("kept", kept)]
    proofs = list(run_checks(named, 1, print))
    assert proofs == [
        KEPT,
        Proof("", "crashes", "ZeroDivisionError: of nothing", "runs", False),
        Proof("", "lacks", "not run: strace is not installed", "", None),
        KEPT,
    ]


def test_a_check_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    def hangs(_seconds: float) -> Iterator[Proof]:
        time.sleep(60)
        yield KEPT

    monkeypatch.setattr(checks, "ENDING", 0.05)
    (proof,) = run_checks([Check("hangs", hangs)], 0.05, print)
    assert proof.passed is False
    assert "TimeoutError" in proof.value


def test_the_program_ends_with_what_is_proven(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    named = [Check("kept", kept), Check("lacks", lacks), Check("broken", broken)]
    monkeypatch.setattr(program, "all_checks", lambda: named)

    assert program.main(["kept", "lacks"]) == 0
    assert program.main(["--json", str(tmp_path / "proofs.json")]) == 1

    stored = json.loads((tmp_path / "proofs.json").read_text())
    assert [proof["value"] for proof in stored if proof["passed"] is not None] == [
        KEPT.value,
        BROKEN.value,
    ]
    assert "3 of 4" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        program.main(["unknown"])


def test_growth_is_told_between_the_second_and_the_last_quarter() -> None:
    held = [leaks.Held(float(i), 100 + 3 * (i >= 60), 30 + i // 20, 8) for i in range(101)]
    memory, descriptors, threads = leaks.compare(held)
    assert (memory.value.split(" of ")[0], memory.passed) == ("+3.0%", True)
    assert (descriptors.value, descriptors.passed) == ("+3 of 31", False)
    assert (threads.value, threads.passed) == ("+0 of 8", True)
