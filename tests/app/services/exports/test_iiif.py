"""IIIF manifests keep to the specification, and say what was seen."""

import copy
import importlib.util
from pathlib import Path

import pytest

from presslens.app.api.export_links import ExportLinks
from presslens.app.db.queries import EditionScope
from presslens.app.platform.errors import NotFound
from presslens.app.services.exports.export import (
    edition_collection,
    edition_manifest,
    page_annotations,
)

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
    document = edition_collection(
        archive, EditionScope(publication="Minju Joson"), ExportLinks(SERVER, "?x=1")
    )
    presentation.check(document)
    assert [item["id"] for item in document["items"]] == [
        f"{BASE}/editions/2/manifest.json",
        f"{BASE}/editions/4/manifest.json",
    ]


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
