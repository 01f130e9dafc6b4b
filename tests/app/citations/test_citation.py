"""Citations: authors, DOIs, keys, and the sentence in both languages."""

from datetime import date
from importlib.metadata import version

import pytest

from presslens.app.citations.citation import Citation, CitedAuthor, doi_of, orcid_of
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.language import language

RECIPE = "0123456789abcdef" * 4
METHOD = f"Measured by the method 0123456789ab of Presslens {version('presslens')}"
PAGE = Citation(title="Children, by month.", recipe_id=RECIPE, day=date(2026, 3, 1))


def test_an_author_is_a_person_with_a_comma_and_else_an_organisation():
    person = CitedAuthor.parse(
        "Carberry, Josiah <https://orcid.org/0000-0002-1825-0097>; Brown University"
    )
    assert person == CitedAuthor("Carberry, Josiah", "0000-0002-1825-0097", "Brown University")
    assert (person.family, person.given) == ("Carberry", "Josiah")
    organisation = CitedAuthor.parse(" 국립중앙도서관 ")
    assert (organisation.name, organisation.family) == ("국립중앙도서관", "")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("Josiah Carberry <0000-0002-1825-0097>", "has no comma"),
        ("Josiah Carberry; Brown University", "has no comma"),
        ("Carberry, Josiah <0000-0002-1825-0098>", "is no ORCID"),
        ("Carberry, Josiah <a@b.org>", "is no ORCID"),
        ("", "an author is written"),
        ("A <b> <c>", "an author is written"),
    ],
)
def test_an_author_who_is_not_written_like_this_is_refused(text, complaint):
    with pytest.raises(InvalidRequest, match=complaint):
        CitedAuthor.parse(text)


def test_orcids_and_dois_come_without_their_addresses():
    assert orcid_of("0000-0002-9079-593X") == "0000-0002-9079-593X"
    assert doi_of("https://doi.org/10.5281/zenodo.1234") == "10.5281/zenodo.1234"
    assert doi_of("DOI:10.5281/zenodo.1234") == doi_of("10.5281/zenodo.1234")
    assert (orcid_of(""), doi_of(" ")) == ("", "")
    with pytest.raises(InvalidRequest, match="is no DOI"):
        doi_of("zenodo.1234")


def test_a_sentence_names_every_lasting_place_and_none_where_there_is_none():
    english, korean = language("en"), language("ko")
    assert PAGE.sentence(english) == (
        f"Presslens: Children, by month. {METHOD} (seen on 1 March 2026)."
    )
    placed = Citation(
        title="Children", recipe_id=RECIPE, day=PAGE.day, address="https://a.org/x", doi="10.1234/5"
    )
    assert placed.sentence(english) == (
        f"Presslens: Children. {METHOD}. https://a.org/x https://doi.org/10.1234/5"
        " (seen on 1 March 2026)."
    )
    assert "방법 0123456789ab에 따라 측정함 (2026년 3월 1일 확인)" in PAGE.sentence(korean)


@pytest.mark.parametrize(
    ("thing", "author", "key"),
    [
        ("Children, by month", "Presslens", "presslens2026children-by-month"),
        ("Sample Daily 2025-12-16 28", "Presslens", "presslens2026sample-daily-2025-12-16-28"),
        ("Élites & crowds", "Carberry, Josiah", "carberry2026elites-crowds"),
        ("어린이 사진", "김, 민지", "presslens20266e824e"),
        ("rule=photos > 1", "Presslens", "presslens2026rule-photos-1-899b0f"),
        ("rule=photos < 1", "Presslens", "presslens2026rule-photos-1-c15b40"),
        ("a" * 61, "Presslens", f"presslens2026{'a' * 60}-35d5fc"),
    ],
)
def test_a_key_says_who_when_and_what_in_plain_letters(thing, author, key):
    given = {"recipe_id": RECIPE, "authors": (CitedAuthor(author),), "day": PAGE.day}
    assert Citation(title=thing, **given).key == key
    assert Citation(title="Whatever it is called", thing=thing, **given).key == key
