"""Newspapers that are recognised by their identifiers, and those that identifiers tell apart."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from presslens.app.platform.errors import Conflict, InvalidRequest
from presslens.app.services.catalogue.editions import find_edition
from presslens.app.services.catalogue.publications import find_newspaper, list_publications
from presslens.app.services.corrections.newspaper_merge import merge_newspapers, plan_merge
from presslens.app.services.corrections.newspapers import NewspaperChanges, change_newspaper
from presslens.app.services.corrections.undo import undo_edit
from presslens.app.services.ingest.described import IssueInput, ingest_described
from presslens.pipelines.archives.described_edition import (
    DescribedEdition,
    DescribedPage,
    DescriptionKind,
    Identifier,
    IdentifierScheme,
)

from ...conftest import NOW

NOTHING = IssueInput(None, None, "nobody")
TIMES, OTHER_TIMES = "sn83030214", "sn84026749"

pytestmark = pytest.mark.both_databases


@pytest.fixture
def issue(tmp_path, make):
    """Return a function that makes an issue of a title and LCCN, of another day each time."""
    days = iter(range(1, 29))

    def described(title, *lccns, **more):
        day = next(days)
        image = tmp_path / f"{day}.png"
        image.write_bytes(make(tint=day))
        identifiers = [Identifier(IdentifierScheme.LCCN, value) for value in lccns]
        return DescribedEdition(
            Path("mets.xml"), DescriptionKind.METS, title, date(1903, 5, day),
            (DescribedPage(1, image),), 1, newspaper_identifiers=(*identifiers,), **more,
        )  # fmt: skip

    return described


@pytest.fixture
def take(home):
    return lambda edition, given=NOTHING: ingest_described(home, edition, given, now=NOW)


def papers(home):
    return {
        paper.publication: list(map(str, paper.identifiers)) for paper in list_publications(home)
        if paper.editions
    }  # fmt: skip


def test_another_spelling_goes_to_the_newspaper_of_the_identifier(home, issue, take):
    take(issue("The Washington times", TIMES))
    done = take(issue("Washington times (Washington, D.C.)", " SN 83030214 "))
    assert papers(home) == {"The Washington times": ["lccn:sn83030214"]}
    (note,) = done.notes
    assert str(note).startswith(
        "Washington times (Washington, D.C.) is The Washington times by its identifiers"
        " (lccn:sn83030214)"
    )
    assert take(issue("", TIMES)).notes == []
    assert papers(home) == {"The Washington times": ["lccn:sn83030214"]}


def test_two_newspapers_of_one_name_are_never_mixed(home, issue, take):
    take(issue("The Times", TIMES))
    other = issue("The Times", OTHER_TIMES)
    with pytest.raises(Conflict, match="libraries tell the two apart") as refused:
        take(other)
    assert "(lccn:sn83030214 there, lccn:sn84026749 here)" in str(refused.value)
    take(other, IssueInput("The Times (Richmond)", None, "--date"))
    take(issue("The Times", OTHER_TIMES))
    assert papers(home) == {
        "The Times": ["lccn:sn83030214"],
        "The Times (Richmond)": ["lccn:sn84026749"],
    }


def test_a_title_with_a_subtitle_is_the_newspaper_of_the_title_alone(home, issue, take, subtests):
    take(issue("Der Bote"))
    take(issue("The Times", TIMES))
    whole = "Der Bote : ein Blatt"
    (note,) = take(issue(whole)).notes
    assert str(note).startswith("Der Bote : ein Blatt is taken for Der Bote, which is its title")
    for case, described, into in (
        ("again", issue(whole), "Der Bote"),
        ("another subtitle", issue("Der Bote : für Tirol"), "Der Bote : für Tirol"),
        ("a part", issue(f"{whole}. Beilage"), f"{whole}. Beilage"),
        ("told apart", issue("The Times : a daily", OTHER_TIMES), "The Times : a daily"),
        ("no other", issue("Kurier : ein Blatt"), "Kurier : ein Blatt"),
    ):
        with subtests.test(case):
            edition = take(described).edition_id
            assert find_edition(home, edition).publication == into


def test_a_person_decides_and_is_told_what_libraries_say(home, issue, take):
    take(issue("The Times", TIMES))
    named = IssueInput("The Times", None, "--date")
    (note,) = take(issue("The Times", OTHER_TIMES), named).notes
    assert "with the identifiers lccn:sn84026749, as was said with these files, is not" in str(note)
    named = IssueInput("Another", None, "--date")
    (note,) = take(issue("The Times", TIMES), named).notes
    assert "Another: its library calls it lccn:sn83030214, which is The Times here" in str(note)
    assert papers(home) == {"Another": [], "The Times": ["lccn:sn83030214"]}


def test_names_of_collections_recognise_where_no_title_is_said(home, issue, take):
    ark = (Identifier(IdentifierScheme.ARK, "ark:/12148/cb1"),)
    take(replace(issue("A"), newspaper_identifiers=ark))
    take(replace(issue("B"), newspaper_identifiers=ark))
    take(replace(issue(""), newspaper_identifiers=ark))
    assert papers(home) == {"A": ["ark:/12148/cb1"], "B": []}
    assert {one.publication: one.editions for one in list_publications(home)}["A"] == 2


def test_numbers_of_a_library_alone_recognise_nothing(home, issue, take):
    local = (Identifier(IdentifierScheme.LOCAL, "17"), Identifier(IdentifierScheme.ISSN, "1-2"))
    take(replace(issue("A"), newspaper_identifiers=local))
    take(replace(issue("B"), newspaper_identifiers=local))
    assert papers(home) == {"A": [], "B": []}


def test_identifiers_are_changed_by_people_and_stay_away_once_taken(home, issue, take, subtests):
    take(issue("The Times", TIMES))
    paper = next(one.id for one in list_publications(home) if one.publication == "The Times")

    def change(id_=paper, **given):
        return change_newspaper(home, id_, NewspaperChanges(given), coder="A", now=NOW)

    edit = change(identifiers=["https://lccn.loc.gov/sn84026749", "ISSN 0140-0460"])
    assert papers(home)["The Times"] == ["lccn:sn84026749", "issn:0140-0460"]
    (note,) = take(issue("The Times", OTHER_TIMES, TIMES)).notes
    assert "lccn:sn83030214, as was said with these files, is not stored" in str(note)
    undo_edit(home, edit, coder="A", now=NOW)
    assert papers(home)["The Times"] == ["lccn:sn83030214"]
    take(issue("The Mirror", OTHER_TIMES))
    for case, given, error, says in (
        ("another's", "lccn:sn84026749", Conflict, "identifier of The Mirror"),
        ("no scheme", "sn84026749", InvalidRequest, "give its scheme and its value"),
        ("wrong digit", "issn:0140-0461", InvalidRequest, "no identifier of a newspaper"),
        ("local", "local:17", InvalidRequest, "no identifier of a newspaper"),
    ):
        with subtests.test(case), pytest.raises(error, match=says):
            change(identifiers=[given])


def test_identifiers_go_along_when_newspapers_are_merged_and_come_back(home, issue, take):
    take(issue("The Times", TIMES))
    take(issue("The Evening Times", OTHER_TIMES))
    ids = {one.publication: one.id for one in list_publications(home)}
    into, other = ids["The Times"], ids["The Evening Times"]
    apart = ["lccn:sn83030214", "lccn:sn84026749"]
    assert plan_merge(home, into, other).served().differing == apart
    done = merge_newspapers(home, into, other, coder="A", now=NOW)
    assert list(map(str, find_newspaper(home, into).identifiers)) == apart
    take(issue("Whatever it is called", OTHER_TIMES))
    assert papers(home) == {"The Times": apart}
    undo_edit(home, done.edit, coder="A", now=NOW)
    assert papers(home) == {
        "The Evening Times": ["lccn:sn84026749"],
        "The Times": ["lccn:sn83030214"],
    }
