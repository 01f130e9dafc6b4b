"""What ships with the project: every weight file known, whole, licensed and described."""

from pathlib import Path

import pytest

from presslens.models.recipe import Recipe
from presslens.models.registry import SHIPPED, Manifest, sha256_of

ENTRIES = Manifest.load().weight
CARDS = SHIPPED.parent / "cards"

each = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
each_shipped = pytest.mark.parametrize(
    "entry", [e for e in ENTRIES if e.package is None], ids=lambda entry: entry.name
)
TRAINED = [e for e in ENTRIES if e.origin.startswith("Trained by this project")]
each_trained = pytest.mark.parametrize("entry", TRAINED, ids=lambda entry: entry.name)
each_converted = pytest.mark.parametrize(
    "entry",
    [e for e in ENTRIES if e.package is None and e not in TRAINED],
    ids=lambda entry: entry.name,
)
each_packaged = pytest.mark.parametrize(
    "entry", [e for e in ENTRIES if e.package], ids=lambda entry: entry.name
)


def test_names_and_files_are_unique():
    assert len({entry.name for entry in ENTRIES}) == len(ENTRIES)
    assert len({entry.file for entry in ENTRIES}) == len(ENTRIES)


@each
def test_licence_and_origin_are_recorded(entry):
    assert entry.licence.strip()
    assert len(entry.origin) > 20


@each_packaged
def test_a_packaged_file_says_where_it_lies_in_which_archive(entry):
    name, _, version = (entry.package or "").partition("==")
    assert name
    assert version
    assert entry.member
    assert Path(entry.member).name == entry.file
    assert len(entry.package_sha256 or "") == 64


@each_shipped
def test_a_shipped_file_is_there_with_its_hash(entry, registry):
    assert sha256_of(registry.path(entry.name)) == entry.sha256


@each_shipped
def test_a_shipped_file_has_a_card(entry):
    card = _card(entry)
    for word in (entry.name, "train", "date", "command", "falls short"):
        assert word in card, word


@each_trained
def test_what_is_trained_here_says_how_and_on_what_it_was_measured(entry):
    card = _card(entry)
    assert f"presslens models train {entry.name}" in card
    assert "cross-validated" in card or "held out" in card


@each_converted
def test_what_is_only_converted_names_its_licence_and_what_made_it(entry):
    card = _card(entry)
    assert "python -m presslens.lab.training." in card
    assert f"{entry.licence.lower()} license" in card
    assert "copyright" in card


def _card(entry):
    return (CARDS / f"{entry.name}.md").read_text().lower()


def test_every_card_and_every_shipped_file_is_in_the_manifest():
    shipped = {entry.file for entry in ENTRIES if entry.package is None}
    assert {path.stem for path in CARDS.glob("*.md")} == {Path(file).stem for file in shipped}
    assert {path.name for path in SHIPPED.iterdir() if path.is_file()} == shipped


@each_packaged
@pytest.mark.weights
def test_a_packaged_file_has_its_hash(entry, registry):
    assert sha256_of(registry.path(entry.name)) == entry.sha256


def test_the_recipe_names_all_weights_and_no_others():
    recipe = Recipe.load()
    assert set(recipe.hashes) == {entry.name for entry in ENTRIES}
    assert not set(recipe.observe.weights) & set(recipe.interpret.weights)
