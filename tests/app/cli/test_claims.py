from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from presslens.app.cli import cli

ROOT = Path(__file__).parents[3]
ABOUT = ["--publication", "Rodong Sinmun", "--from", "2019-12-16"]
runner = CliRunner()
pytestmark = pytest.mark.usefixtures("scripted")


def run(*arguments: str) -> str:
    done = runner.invoke(cli, ["claims", *arguments])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_claim_is_added_judged_and_removed() -> None:
    add = ["add", "photos > 100", "--statement", "Over [100] photos", *ABOUT, "--key", "over-100"]
    added = json.loads(run(*add, "--json"))
    assert (added["key"], added["created"], added["from"], added["to"]) == (
        "over-100", True, "2019-12-16", "2019-12-16",
    )  # fmt: skip
    assert "is there already" in run(*add)
    changed = json.loads(run("add", "photos >= 100", *add[2:], "--json"))
    assert changed["version"] == 2
    assert "Over [100] photos" in run("list")
    listed = json.loads(run("list", "--versions", "--json"))
    assert [c["version"] for c in listed if c["key"] == "over-100"] == [1, 2]

    shown = run("verdict", "over-100")
    assert "undecided: photos >= 100" in shown
    assert "no edition of Rodong Sinmun on 2019-12-16" in shown
    old = json.loads(run("verdict", str(added["id"]), "--json"))
    assert (old["verdict"], old["rule"]) == ("undecided", "photos > 100")
    assert json.loads(run("remove", "over-100", "--json")) == {"removed": "over-100"}
    assert runner.invoke(cli, ["claims", "verdict", "over-100"]).exit_code == 1


def test_all_verdicts_are_a_table() -> None:
    table = run("verdict", "--all")
    assert "0 true, 0 false, 61 undecided" in table
    assert "no edition of Rodong Sinmun on 2012-01-01 to 2013-05-31 (517 days)" in table
    documents = json.loads(run("verdict", "--all", "--json"))
    assert {document["verdict"] for document in documents} == {"undecided"}


def test_a_rule_is_checked() -> None:
    found = json.loads(run("check", "usual_pages = 6", *ABOUT, "--to", "2019-12-17", "--json"))
    assert (found["verdict"], found["to"]) == ("true", "2019-12-17")
    assert "false: usual_pages = 8" in run("check", "usual_pages = 8", *ABOUT)


def test_a_claim_is_frozen_and_a_family_is_judged() -> None:
    add = ["add", "photos > 100", "--statement", "Over 100", *ABOUT, "--key", "over-100"]
    assert "is frozen since" in run(*add, "--freeze", "--level", "0.01")
    shown = run("verdict", "over-100")
    assert "wrong in at most 1 %" in shown
    assert "before the first scan of these days was uploaded" in " ".join(shown.split())
    assert "looks: 0" in shown
    again = json.loads(run("freeze", "over-100", "--level", "0.01", "--json"))
    assert again["registration"]["content"]["level"] == 0.01
    changed = run("add", "photos > 99", *add[2:])
    assert "version 2, changes version 1, which is frozen" in " ".join(changed.split())
    keys = ["over-100", "inaugurations-2025-12-16-photos"]
    family = json.loads(run("check", "--family", *keys, "--correction", "bh", "--json"))
    assert [one["claim"] for one in family["claims"]] == keys
    assert "Holm" in run("check", "--all")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["check", "photos >", *ABOUT], 1, "at column 9"),
        (["verdict", "nothing"], 1, "no claim with the key"),
        (["verdict", "9999999999999"], 1, "no claim with the key"),
        (["verdict", "999"], 1, "there is no such claim"),
        (["remove", "inaugurations-2025-12-16-photos"], 1, "comes with Presslens"),
        (["check", "photos > 1"], 2, ""),
        (["check", "photos > 1", "photos > 2", *ABOUT], 2, ""),
        (["check", "--family"], 2, ""),
        (["check", "--all", "some-key"], 2, ""),
        (["check", "--family", "nothing"], 1, "no claim with the key"),
        (["check", "photos > 1", *ABOUT, "--estimand", "practice"], 1, "compares means"),
        (["check", "photos > 1", *ABOUT, "--level", "5"], 1, "0.05 is 5 %"),
        (["add", "photos > 1", "--statement", "S", *ABOUT, "--level", "0.01"], 2, ""),
        (["freeze", "nothing"], 1, "no claim with the key"),
        (["verdict"], 2, ""),
        (["verdict", "1", "--all"], 2, ""),
        (["check", "photos > 1", "--publication", "P", "--from", "yesterday"], 2, ""),
    ],
)
def test_what_is_wrong_is_said(arguments: list[str], code: int, words: str) -> None:
    done = runner.invoke(cli, ["claims", *arguments])
    assert done.exit_code == code
    assert words in str(done.exception)


def test_without_a_command_claims_are_listed() -> None:
    assert len(json.loads(run("list", "--json"))) > 5
    assert run("--json") == run("list", "--json")
