"""Locked releases are compared with known advisories; a database that is silent clears nothing."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from presslens.app.platform import clock
from presslens.lab.supply import advisories
from presslens.lab.supply.advisories import AdvisoryList, DatabaseAnswer, understand
from presslens.lab.supply.lock import FOLDER, LockedPackage, parse

LISTED = AdvisoryList.ours()


def release(name, version):
    return LockedPackage(name, version, frozenset())


def test_no_listed_advisory_concerns_what_is_locked():
    packages = [p for path in FOLDER.glob("*.txt") for p in parse(path.read_text())]
    assert len(packages) > 100
    assert list(LISTED.concerning(packages)) == []


def test_a_release_before_the_fix_is_named_however_it_is_spelt():
    listed = AdvisoryList(
        read=date(2026, 1, 1), days=30, accepted={},
        fixed={"CVE-1": "PyYAML>=5.4", "CVE-2": "torch>=2.6"},
    )  # fmt: skip
    packages = [release("pyyaml", "5.3"), release("torch", "2.6.0+cpu"), release("rich", "1")]
    assert list(listed.concerning(packages)) == ["pyyaml 5.3: CVE-1 (PyYAML>=5.4)"]


def audited(**package):
    return json.dumps({"dependencies": [{"name": "tiny", "version": "1.0", **package}]})


FOUND = {"id": "PYSEC-1", "aliases": ["CVE-1"]}


@pytest.mark.parametrize(
    ("output", "accepted", "answer"),
    [
        ("", (), DatabaseAnswer(0, ())),
        (audited(skip_reason="not found"), (), DatabaseAnswer(0, ())),
        (audited(vulns=[]), (), DatabaseAnswer(1, ())),
        (audited(vulns=[FOUND]), (), DatabaseAnswer(1, ("tiny 1.0: PYSEC-1",))),
        (audited(vulns=[FOUND]), ("CVE-1",), DatabaseAnswer(1, ())),
    ],
)
def test_what_a_database_does_not_know_counts_as_not_asked(output, accepted, answer):
    assert understand(output, accepted) == answer


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        (DatabaseAnswer(0, ()), 0, "not asked"),
        (DatabaseAnswer(200, ()), 0, "a database knows 200"),
        (DatabaseAnswer(200, ("tiny 1.0: CVE-1",)), 1, "tiny 1.0: CVE-1"),
    ],
)
def test_the_command_says_what_was_asked(
    answer, code, said,
    monkeypatch, capsys
):  # fmt: skip
    monkeypatch.setattr(advisories, "ask", lambda packages, accepted: answer)
    assert advisories.main() == code
    assert said in capsys.readouterr().out


def test_an_old_list_is_said_to_be_old(monkeypatch, capsys):
    later = datetime.combine(LISTED.read, datetime.min.time(), UTC) + timedelta(days=181)
    monkeypatch.setattr(clock, "now", lambda: later)
    monkeypatch.setattr(advisories, "ask", lambda packages, accepted: DatabaseAnswer(0, ()))
    assert advisories.main() == 0
    assert "more than 180 days old" in capsys.readouterr().out
