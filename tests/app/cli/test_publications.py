"""Newspapers on the command line: names, facts, merging."""

import pytest

from .conftest import document, invoke, printed, refusal


@pytest.fixture(autouse=True)
def spellings(installed, put, make):
    """Take in two spellings of a newspaper, each with an edition that waits."""
    put({"a.png": make()})
    put({"b.png": make(tint=9)}, publication="rodong sinmun")


def run(*words, **how):
    return invoke("publications", *words, **how)


def test_a_newspaper_is_described_and_renamed():
    run("set", "로동신문", "--usual-pages", 8, "--weekdays", "1,2")
    run("alias", "add", "Rodong Sinmun", "The Workers’ Newspaper")
    run("rename", "Rodong Sinmun", "Rodong Shinmun", "--coder", "A")
    alias = ("publications", "alias", "remove", "Rodong Shinmun")
    paper = document(*alias, "Nodong Sinmun")
    assert paper["aliases"] == [
        "Rodong Sinmun", "The Workers’ Newspaper", "勞動新聞", "노동신문", "로동신문",
    ]  # fmt: skip
    assert (paper["usual_pages"], paper["weekdays"]) == (8, [1, 2])
    assert "is no alias" in refusal(*alias, "X")
    stated = ("--language", "kor", "--language", "English", "--country", "none", "--kind", "state")
    paper = document("publications", "set", "Rodong Shinmun", *stated)
    assert (paper["languages"], paper["country"], paper["kind"]) == (["ko", "en"], None, "state")
    run("set", "Rodong Shinmun", code=2)
    run("set", "Rodong Shinmun", "--weekdays", "Monday", code=2)
    shown = printed("publications")
    assert "Mon Tue" in shown
    assert "8 pages" in shown
    assert "ko, en · state" in shown


def test_a_newspaper_gets_numbers_of_libraries():
    stated = ("--identifier", "lccn:sn83030214", "--identifier", "ISSN 0140-0460")
    paper = document("publications", "set", "Rodong Sinmun", *stated)
    assert [one["value"] for one in paper["identifiers"]] == ["sn83030214", "0140-0460"]
    assert "lccn:sn83030214" in printed("publications", "show", "Rodong Sinmun")
    taken = ("publications", "set", "rodong sinmun", "--identifier", "lccn:sn83030214")
    assert "identifier of Rodong Sinmun" in refusal(*taken)
    assert "no identifier of a newspaper" in refusal(*taken[:3], "--identifier", "17")
    merged = run("set", "rodong sinmun", "--identifier", "lccn:sn84026749")
    merged = run("merge", "rodong sinmun", "Rodong Sinmun", "--preview")
    assert "libraries tell the two apart (lccn:sn83030214, lccn:sn84026749)" in merged.stderr
    paper = document("publications", "set", "Rodong Sinmun", "--identifier", "none")
    assert paper["identifiers"] == []


def test_a_newspaper_is_shown_with_what_the_machine_is_worth_there():
    shown = " ".join(printed("publications", "show", "Rodong Sinmun").replace("│", " ").split())
    assert "children to be checked 0 0" in shown
    assert "leader and focus: not known: nobody is enrolled" in shown
    assert "agreement: of people and machine beyond chance" in shown
    found = document("publications", "show", "Rodong Sinmun")
    assert found["publication"] == "Rodong Sinmun"
    assert {one["measure"] for one in found["validity"]} >= {"photos", "children"}


def test_spellings_are_pointed_out_and_merged():
    assert "look like the same newspaper" in run().stderr
    plan = run("merge", "rodong sinmun", "Rodong Sinmun", "--preview").stdout
    assert "1 edition would move to Rodong Sinmun" in plan
    assert "2019-12-16: both have an edition (editions 1: 0 pages, photos not known; 2: 0" in plan
    assert "1 edition moved" in run("merge", "rodong sinmun", "Rodong Sinmun").stdout
    assert "look like" not in run().stderr
    undone = run("undo", 1).stdout
    assert "undone: rodong sinmun merged into Rodong Sinmun: 1 edition" in undone
    assert "look like the same newspaper" in run().stderr
