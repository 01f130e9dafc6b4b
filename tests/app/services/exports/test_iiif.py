"""IIIF manifests keep to the specification, and say what was seen."""

import copy
import importlib.util
from datetime import date, timedelta
from pathlib import Path

import pytest

from presslens.app.api.export_links import ExportLinks
from presslens.app.db.descriptions import EditionDescriptionRow, EditionIdentifierRow
from presslens.app.db.queries import EditionScope
from presslens.app.platform.errors import NotFound
from presslens.app.services.exports.iiif_annotations import page_annotations
from presslens.app.services.exports.iiif_documents import (
    MOST_LISTED,
    collection_parts,
    edition_collection,
    edition_manifest,
)
from presslens.app.services.exports.iiif_manifest import Issue

SERVER = "https://example.org"
BASE = f"{SERVER}/api/v1"
LINKS = ExportLinks(SERVER)


@pytest.fixture(scope="module")
def presentation():
    path = Path(__file__).parent / "presentation.py"
    spec = importlib.util.spec_from_file_location("presentation", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def manifest(archive):
    return edition_manifest(archive, 1, LINKS)


def test_a_manifest_keeps_to_the_specification(presentation, manifest):
    annotations = presentation.check(manifest)
    assert manifest["id"] == f"{BASE}/editions/1/manifest.json"
    assert manifest["navDate"] == "2015-01-02T00:00:00Z"
    assert len(manifest["items"]) == 5  # the sixth page was refused
    by_motivation = [annotation["motivation"] for annotation in annotations]
    assert by_motivation.count("painting") == 5
    assert by_motivation.count(["commenting"]) == 20
    assert by_motivation.count(["tagging"]) == 10


def test_annotations_say_what_was_seen(archive, manifest):
    page = manifest["items"][0]["annotations"][0]
    text = page["items"][0]["body"]["value"]
    assert text.startswith("Photo ")
    assert "focus" in text
    assert "Kim" in text
    assert archive.recipe.id in page["items"][0]["generator"]["name"]
    assert archive.recipe.id in str(manifest["requiredStatement"])


def test_a_page_s_annotations_stand_alone_too(archive, presentation, manifest):
    alone = page_annotations(archive, 1, LINKS)
    presentation.check(alone)
    assert alone["items"] == manifest["items"][0]["annotations"][0]["items"]


def test_a_collection_keeps_to_the_specification(archive, presentation):
    document = edition_collection(archive, EditionScope(publication="Minju Joson"), LINKS)
    presentation.check(document)
    assert [item["id"] for item in document["items"]] == [
        f"{BASE}/editions/2/manifest.json",
        f"{BASE}/editions/4/manifest.json",
    ]


def test_the_collection_of_all_is_one_of_newspapers(archive, presentation):
    every = edition_collection(archive, EditionScope(), LINKS)
    presentation.check(every)
    assert [item["id"] for item in every["items"]] == [
        f"{BASE}/exports/iiif?publication={name}" for name in ("Minju+Joson", "Rodong+Sinmun")
    ]
    paper = EditionScope(publication="Minju Joson")
    assert edition_collection(archive, paper, LINKS)["partOf"][0]["id"] == every["id"]


def test_many_editions_of_a_newspaper_are_parted_by_years():
    day = date(2015, 12, 30)
    issues = [Issue(i, "Rodong", day + timedelta(days=i)) for i in range(MOST_LISTED + 1)]
    scope = EditionScope("Rodong", first=day)
    parts = list(collection_parts(scope, issues))
    assert [part.label for part in parts] == ["Rodong, 2015", "Rodong, 2016", "Rodong, 2017"]
    assert (parts[0].scope.first, parts[0].scope.last) == (day, date(2015, 12, 31))
    assert list(collection_parts(parts[0].scope, issues[:2])) == []


@pytest.mark.sqlite_alone
def test_what_a_library_says_goes_out_with_the_edition(home, edition, presentation):
    library = {
        "kind": "mets", "document": "mets.xml", "title": "Der Tag", "holder": "A Library",
        "rights": "Courtesy of A Library",
        "rights_address": "https://creativecommons.org/publicdomain/mark/1.0/deed.de",
        "edition_label": "Morgenausgabe", "languages": ["de"],
        "source": "https://library.example/mets.xml", "homepage": "https://library.example/tag",
    }  # fmt: skip
    with home.database.write() as session:
        session.add(EditionDescriptionRow(edition_id=edition, **library))
        session.add(
            EditionIdentifierRow(
                edition_id=edition, of_newspaper=True, scheme="issn", value="1234-5679"
            )
        )
    manifest = edition_manifest(home, edition, LINKS)
    presentation.check(manifest)
    assert manifest["rights"] == "http://creativecommons.org/publicdomain/mark/1.0/"
    library_words, ours = manifest["requiredStatement"]["value"]["none"]
    assert library_words == "Courtesy of A Library"
    assert home.recipe.id in ours
    holder, installation = manifest["provider"]
    assert holder["label"] == {"none": ["A Library"]}
    assert holder["homepage"][0]["id"] == library["homepage"]
    assert installation["id"] == f"{SERVER}/"
    assert [page["id"] for page in manifest["homepage"]] == [
        f"{SERVER}/editions/{edition}", library["homepage"]
    ]  # fmt: skip
    assert manifest["seeAlso"][0]["id"] == library["source"]
    stated = {pair["label"]["en"][0]: pair["value"]["none"] for pair in manifest["metadata"]}
    assert stated["Edition of the day"] == ["Morgenausgabe"]
    assert stated["Language"] == ["de"]
    assert stated["Identifier of the newspaper"] == ["ISSN 1234-5679"]


@pytest.mark.sqlite_alone
def test_no_rights_are_made_up_and_no_address_that_is_none(home, edition, presentation):
    library = {
        "kind": "iiif", "document": "m.json", "title": "", "rights": "", "holder": "A Library",
        "rights_address": "https://library.example/terms", "homepage": "javascript:alert(1)",
        "source": "m.json",
    }  # fmt: skip
    with home.database.write() as session:
        session.add(EditionDescriptionRow(edition_id=edition, **library))
    manifest = edition_manifest(home, edition, LINKS)
    presentation.check(manifest)
    assert "rights" not in manifest
    assert library["rights_address"] in str(manifest["metadata"])
    assert "javascript" not in str(manifest)
    assert len(manifest["homepage"]) == 1


def broken(*path, value=None):
    def change(document):
        node = document
        for part in path[:-1]:
            node = node[part]
        if value is None:
            del node[path[-1]]
        else:
            node[path[-1]] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        broken("label"), broken("label", value="text"), broken("items", value=[]),
        broken("items", 0, "width"), broken("items", 0, "height", value=10),
        broken("items", 0, "id", value="x"),
        broken("items", 1, "items", 0, "items", 0, "target", value="elsewhere"),
        broken("navDate", value="2015-01-02"), broken("surprise", value=1),
    ],
)  # fmt: skip
def test_the_check_finds_what_is_broken(presentation, manifest, change):
    document = copy.deepcopy(manifest)
    change(document)
    with pytest.raises((AssertionError, KeyError, AttributeError, TypeError)):
        presentation.check(document)


@pytest.mark.parametrize(
    "ask",
    [
        lambda home: edition_manifest(home, 99, LINKS),
        lambda home: page_annotations(home, 999, LINKS),
        lambda home: page_annotations(home, 6, LINKS),
        lambda home: edition_collection(home, EditionScope(edition=99), LINKS),
    ],
)
def test_what_is_not_there(archive, ask):
    with pytest.raises(NotFound):
        ask(archive)
