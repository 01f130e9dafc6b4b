"""The entries of the codebook, and their versions."""

from hashlib import sha256

from presslens.app.services.reviews.coding import HINTS, QUESTIONS
from presslens.models.recipe import Recipe
from presslens.models.subjects.codebook import edition_of, entry_version

WRITTEN = {
    "people": ("2", "b2c1a7c1"),
    "crowd": ("2", "53e3baf6"),
    "children": ("2", "aa01b020"),
    "fireworks": ("2", "aa93c715"),
    "buildings": ("2", "898084ee"),
    "leader": ("2", "7025d2f7"),
    "focus": ("2", "91702cf3"),
}
"""By entry: the version in the default recipe, and a digest of its text.

Who changes what an entry says gives it a version of its own there, ``codebook = "2 children=3"``,
and writes both here: the photos that it touches are asked again.
"""


def test_an_entry_that_says_something_else_has_another_version():
    book = Recipe.load().codebook
    entries = {
        name: (
            entry_version(book, name),
            sha256(f"{QUESTIONS[name]}\n{HINTS[name]}".encode()).hexdigest()[:8],
        )
        for name in QUESTIONS
    }
    assert entries == WRITTEN


def test_versions_of_entries_stand_behind_that_of_the_codebook():
    book = "our own 2 children=3 focus=b label:flags=4"
    versions = {
        name: entry_version(book, name)
        for name in ("people", "children", "focus_leader", "label:flags", "leader_and_facility")
    }
    assert versions == {
        "people": "our own 2",
        "children": "3",
        "focus_leader": "b",
        "label:flags": "4",
        "leader_and_facility": "our own 2 focus=b",
    }
    for whole in ("2", "our own 2", "a=b", "x =1", "2 Children=3 of ours"):
        assert {entry_version(whole, name) for name in versions} == {whole}
        assert edition_of(whole) == whole
    recipe = Recipe.load()
    changed = recipe.model_validate({**recipe.model_dump(), "codebook": "2 children=3"})
    assert changed.id != recipe.id
    assert changed.observation_id == recipe.observation_id  # nothing is looked at anew
