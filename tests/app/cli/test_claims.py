import pytest

from .conftest import document, invoke, printed, refusal

ABOUT = ["--publication", "Rodong Sinmun", "--from", "2019-12-16"]
ADD = ["claims", "add", "photos > 100", "--statement", "Over [100] photos", *ABOUT,
       "--key", "over-100"]  # fmt: skip
pytestmark = pytest.mark.usefixtures("installed")


def changed(rule: str) -> list[str]:
    """Return the command that adds the claim by another rule."""
    return [*ADD[:2], rule, *ADD[3:]]


def test_a_claim_is_added_judged_and_removed() -> None:
    added = document(*ADD)
    assert (added["key"], added["created"], added["from"], added["to"]) == (
        "over-100", True, "2019-12-16", "2019-12-16",
    )  # fmt: skip
    assert "is there already" in printed(*ADD)
    assert document(*changed("photos >= 100"))["version"] == 2
    assert "Over [100] photos" in printed("claims", "list")
    listed = document("claims", "list", "--versions")
    assert [c["version"] for c in listed if c["key"] == "over-100"] == [1, 2]

    shown = printed("claims", "verdict", "over-100")
    assert "undecided: photos >= 100" in shown
    assert "no edition of Rodong Sinmun on 2019-12-16" in shown
    old = document("claims", "verdict", added["id"])
    assert (old["verdict"], old["rule"]) == ("undecided", "photos > 100")
    assert document("claims", "remove", "over-100") == {"removed": "over-100"}
    invoke("claims", "verdict", "over-100", code=1)


def test_all_verdicts_are_a_table() -> None:
    table = printed("claims", "verdict", "--all")
    assert "0 true, 0 false, 61 undecided" in table
    assert "no edition of Rodong Sinmun on 2012-01-01 to 2013-05-31 (517 days)" in table
    verdicts = document("claims", "verdict", "--all")
    assert {one["verdict"] for one in verdicts} == {"undecided"}


def test_a_rule_is_checked() -> None:
    found = document("claims", "check", "usual_pages = 6", *ABOUT, "--to", "2019-12-17")
    assert (found["verdict"], found["to"]) == ("true", "2019-12-17")
    assert "false: usual_pages = 8" in printed("claims", "check", "usual_pages = 8", *ABOUT)


def test_a_claim_is_frozen_and_a_family_is_judged() -> None:
    assert "is frozen since" in printed(*ADD, "--freeze", "--level", "0.01")
    shown = printed("claims", "verdict", "over-100")
    assert "wrong in at most 1 %" in shown
    assert "before the first scan of these days was uploaded" in " ".join(shown.split())
    assert "looks: 0" in shown
    again = document("claims", "freeze", "over-100", "--level", "0.01")
    assert again["registration"]["content"]["level"] == 0.01
    told = " ".join(printed(*changed("photos > 99")).split())
    assert "version 2, changes version 1, which is frozen" in told
    keys = ["over-100", "inaugurations-2025-12-16-photos"]
    family = document("claims", "check", "--family", *keys, "--correction", "bh")
    assert [one["claim"] for one in family["claims"]] == keys
    assert "Holm" in printed("claims", "check", "--all")


WRONG = (
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
)


def test_what_is_wrong_is_said(subtests: pytest.Subtests) -> None:
    for words, code, said in WRONG:
        with subtests.test(" ".join(words)):
            assert said in refusal("claims", *words, code=code)


def test_without_a_command_claims_are_listed() -> None:
    assert len(document("claims", "list")) > 5
    assert document("claims") == document("claims", "list")
