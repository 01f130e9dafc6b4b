"""CITATION.cff of data sets and of the program, as the published schema has it."""

import json
from datetime import date
from pathlib import Path

import yaml

from presslens.app.citations.cff import citation_file
from presslens.app.citations.citation import Citation, CitedAuthor, CitedKind

from ...schemas import broken_json_rules

CFF = "cff-1.2.0.json"
DATA = Citation(
    kind=CitedKind.DATA,
    title='Photos: "Minju" # 1',
    recipe_id="0123456789abcdef" * 4,
    authors=(
        CitedAuthor("Carberry, Josiah", "0000-0002-1825-0097", "Brown University"),
        CitedAuthor("국립중앙도서관"),
    ),
    address="https://press.example.org",
    doi="10.5281/zenodo.1234",
    day=date(2026, 3, 1),
    version="1.0",
    licence="CC-BY-4.0",
    abstract="48 editions: 2 newspapers",
    keywords=("newspapers", "사진"),
)


def read(text):
    return json.loads(json.dumps(yaml.safe_load(text), default=str))


def test_a_citation_file_says_all_that_the_declaration_does():
    text = citation_file(
        DATA, sha256="ab" * 32, program="0.3.0", code_address="https://code.example.org/presslens"
    )
    document = read(text)
    assert broken_json_rules(document, CFF) == []
    assert (document["type"], document["title"]) == ("dataset", DATA.title)
    assert document["authors"] == [
        {
            "family-names": "Carberry",
            "given-names": "Josiah",
            "orcid": "https://orcid.org/0000-0002-1825-0097",
            "affiliation": "Brown University",
        },
        {"name": "국립중앙도서관"},
    ]
    named = ("date-released", "version", "license", "doi", "url", "repository-code", "abstract")
    assert [document[name] for name in named] == [
        "2026-03-01", "1.0", "CC-BY-4.0", DATA.doi, DATA.address,
        "https://code.example.org/presslens", DATA.abstract,
    ]  # fmt: skip
    assert document["references"][0]["title"] == "Presslens"


def test_what_nobody_has_said_is_left_out():
    bare = Citation(title="Photos", recipe_id=DATA.recipe_id)
    document = read(citation_file(bare, sha256="ab" * 32, program="0.3.0"))
    assert broken_json_rules(document, CFF) == []
    assert not {"license", "doi", "url", "date-released", "version"} & document.keys()


def test_the_program_is_cited_by_its_own_file():
    document = read(Path("CITATION.cff").read_text(encoding="utf-8"))
    assert broken_json_rules(document, CFF) == []
    assert f'version = "{document["version"]}"' in Path("pyproject.toml").read_text("utf-8")
