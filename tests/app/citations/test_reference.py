"""BibTeX, RIS and CSL-JSON, as the parsers of each read them."""

import json
from dataclasses import replace
from datetime import date

import bibtexparser
import pytest
import rispy

from presslens.app.citations.citation import Citation, CitedAuthor, CitedKind
from presslens.app.citations.reference import bibtex, csl, ris

PAGE = Citation(
    title="어린이 & 100% of {leaders}_#1\n~ 5^2 $",
    recipe_id="0123456789abcdef" * 4,
    address="https://a.org/timeline?metric=figure:A B&x={1}",
    day=date(2026, 3, 1),
    language="ko",
)
DATA = Citation(
    kind=CitedKind.DATA,
    title="Photos in Minju",
    recipe_id=PAGE.recipe_id,
    authors=(
        CitedAuthor("Carberry, Josiah", "0000-0002-1825-0097"),
        CitedAuthor("Library of A & B"),
    ),
    doi="10.5281/zenodo.1_2",
    version="1.0",
    licence="CC-BY-4.0",
    day=date(2026, 3, 1),
    keywords=("newspapers", "사진"),
)


def fields(citation):
    (entry,) = bibtexparser.parse_string(bibtex(citation)).entries
    return {"key": entry.key, **{one.key: one.value for one in entry.fields}}


def test_bibtex_escapes_what_latex_takes_for_commands():
    page = fields(PAGE)
    assert page["title"] == (
        r"{어린이 \& 100\% of \{leaders\}\_\#1 \textasciitilde{} 5\textasciicircum{}2 \$}"
    )
    assert page["url"] == "https://a.org/timeline?metric=figure:A%20B&x=%7B1%7D"
    assert (page["author"], page["year"], page["urldate"]) == ("{Presslens}", "2026", "2026-03-01")
    data = fields(DATA)
    assert data["author"] == r"Carberry, Josiah and {Library of A \& B}"
    assert (data["doi"], data["version"]) == ("10.5281/zenodo.1_2", "1.0")
    assert data["key"] == "carberry2026photos-in-minju-1-0"


def test_ris_has_a_tag_a_line():
    (page,) = rispy.loads(ris(PAGE))
    assert page["title"] == "어린이 & 100% of {leaders}_#1 ~ 5^2 $"
    assert (page["type_of_reference"], page["year"]) == ("ELEC", "2026")
    assert page["urls"] == [PAGE.address]
    (data,) = rispy.loads(ris(DATA))
    assert data["authors"] == ["Carberry, Josiah", "Library of A & B"]
    assert (data["type_of_reference"], data["doi"]) == ("DATA", DATA.doi)
    assert data["keywords"] == ["newspapers", "사진"]


@pytest.mark.parametrize(("citation", "kind"), [(PAGE, "webpage"), (DATA, "dataset")])
def test_csl_keeps_names_and_days_apart(citation, kind):
    (item,) = json.loads(csl(citation))
    assert (item["type"], item["title"]) == (kind, citation.title)
    assert item["issued"] == {"date-parts": [[2026, 3, 1]]}
    assert ("accessed" in item) == (kind == "webpage")
    expected = (
        [{"literal": "Presslens"}]
        if kind == "webpage"
        else [{"family": "Carberry", "given": "Josiah"}, {"literal": "Library of A & B"}]
    )
    assert item["author"] == expected


def test_what_has_no_day_and_no_place_says_neither():
    bare = Citation(title="A b", recipe_id=PAGE.recipe_id)
    assert {"year", "url", "doi", "urldate"} & fields(bare).keys() == set()
    assert "UR  -" not in ris(bare)
    assert "issued" not in json.loads(csl(bare))[0]
    placeless = replace(PAGE, address="")
    assert "urldate" not in fields(placeless)
    assert "Y2  -" not in ris(placeless)
    assert not {"accessed", "publisher"} & json.loads(csl(placeless))[0].keys()
