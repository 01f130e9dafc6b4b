"""Checks share the time, their results stay, and one that fails hides nothing of the others."""

import json
import time
from dataclasses import replace

import pytest

from presslens.app.drill.proof import NotHere, Proof
from presslens.lab.soak import __main__ as program
from presslens.lab.soak import checks, leaks
from presslens.lab.soak.checks import Check, all_checks, run_check, times
from presslens.lab.soak.results import CHANGED, Result

KEPT = Proof("R1", "files", "4 of 4", "all", True)
BROKEN = Proof("R2", "bombs", "3 of 4", "all", False)


def kept(_seconds):
    yield KEPT


def broken(_seconds):
    yield BROKEN


def crashes(_seconds):
    yield KEPT
    raise ZeroDivisionError("of nothing")


def lacks(_seconds):
    raise NotHere("strace is not installed")


def test_every_check_is_found():
    assert "leaks" in {check.name for check in all_checks()}


def test_the_longest_check_is_the_last():
    assert all_checks()[-1].name == "leaks"
    assert all_checks()[-1].whole == 7200


def test_checks_share_the_time_or_run_to_their_end():
    checks = [Check("a", kept), Check("b", kept, 3.0), Check("c", kept, 1.0, whole=100.0)]
    assert times(checks, 50, to_the_end=False) == [10, 30, 10]
    assert times(checks, 50, to_the_end=True) == [12.5, 37.5, 100]
    assert times(checks[2:], 50, to_the_end=True) == [100]


def test_errors_and_what_is_missing_are_told_beside_what_others_prove():
    named = [Check("crashes", crashes), Check("lacks", lacks), Check("kept", kept)]
    assert [proof for check in named for proof in run_check(check, 1, print).proofs] == [
        KEPT,
        Proof("", "crashes", "ZeroDivisionError: of nothing", "runs", False),
        Proof("", "lacks", "not run: strace is not installed", "", None),
        KEPT,
    ]


def test_a_check_that_hangs_is_ended(monkeypatch):
    def hangs(_seconds):
        time.sleep(60)
        yield KEPT

    monkeypatch.setattr(checks, "ENDING", 0.05)
    (proof,) = run_check(Check("hangs", hangs), 0.05, print).proofs
    assert proof.passed is False
    assert "TimeoutError" in proof.value


@pytest.fixture
def named(monkeypatch):
    """Have the program know three checks, and return which were run, in their order."""
    ran = []

    def noted(name, run):
        def noting(seconds):
            ran.append(name)
            yield from run(seconds)

        return Check(name, noting)

    known = [noted("kept", kept), noted("lacks", lacks), noted("broken", broken)]
    monkeypatch.setattr(program, "all_checks", lambda: known)
    monkeypatch.setattr(program, "present_commit", lambda: "v1-0-gabc")
    monkeypatch.setattr(checks, "present_commit", lambda: "v1-0-gabc")
    return ran


def test_the_program_ends_with_what_is_proven(tmp_path, named, capsys):
    folder = ["--folder", str(tmp_path / "results")]
    assert program.main(["kept", "lacks", *folder]) == 0
    assert program.main(["--json", str(tmp_path / "proofs.json"), *folder]) == 1
    stored = json.loads((tmp_path / "proofs.json").read_text())
    proofs = [proof for result in stored for proof in result["proofs"]]
    assert [proof["value"] for proof in proofs if proof["passed"] is not None] == [
        KEPT.value,
        BROKEN.value,
    ]
    assert all(one["commit"] == "v1-0-gabc" and len(one["load"]) == 2 for one in stored)
    assert "3 of 4" in capsys.readouterr().out
    assert program.main(["unknown"]) == 2
    assert named == ["kept", "lacks", "broken"]


def test_what_was_broken_off_goes_on(tmp_path, named, monkeypatch):
    folder = ["--folder", str(tmp_path)]
    program.main(["kept", "--minutes", "1", *folder])
    program.main(["--minutes", "1", *folder])
    assert named == ["kept", "lacks", "broken"]
    program.main(["--table", *folder])
    assert len(named) == 3
    program.main(["kept", "--minutes", "2", *folder])  # over a longer time
    program.main(["kept", "--minutes", "2", "--again", *folder])
    monkeypatch.setattr(program, "present_commit", lambda: "v1-1-gdef")
    program.main(["lacks", "--minutes", "1", *folder])  # of another commit
    assert named[3:] == ["kept", "kept", "lacks"]


def test_a_result_of_changed_files_answers_for_nothing():
    at, name = "2026-01-02T03:04:05+00:00", "v1-0-gabc"
    whole = Result("kept", name, 60.0, at, at, (0.1, 1.9), 2, (KEPT,))
    assert whole.answers(name, 60)
    assert not whole.answers(name, 61)
    assert not replace(whole, commit=name + CHANGED).answers(name + CHANGED, 60)


def test_growth_is_told_between_the_second_and_the_last_quarter():
    held = [leaks.Resources(float(i), 100 + 3 * (i >= 60), 30 + i // 20, 8) for i in range(101)]
    memory, descriptors, threads = leaks.compare(held)
    assert (memory.value.split(" of ")[0], memory.passed) == ("+3.0%", True)
    assert (descriptors.value, descriptors.passed) == ("+3 of 31", False)
    assert (threads.value, threads.passed) == ("+0 of 8", True)
