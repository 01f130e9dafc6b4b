"""Recipes are found by the beginning of their ids, and written back to files."""

import json
import tomllib

import pytest

from presslens.app.db.tables import RecipeRow
from presslens.app.platform.errors import InvalidRequest, NotFound
from presslens.app.services.recipes.recipes import (
    changed_weights,
    find_recipe,
    list_recipes,
    recipe_toml,
)
from presslens.models.recipe import DEFAULT, Recipe
from presslens.models.registry import Manifest


def known(home, now, recipe_id, rules=None):
    with home.database.write() as session:
        row = RecipeRow(
            id=recipe_id,
            observation_id="b" * 64,
            name="older",
            canonical=json.dumps(rules or {"hashes": {}}),
            created_at=now,
        )
        session.add(row)


@pytest.mark.parametrize("length", [6, 12, 64])
def test_a_recipe_is_found_by_the_beginning_of_its_id(home, length):
    assert find_recipe(home, home.recipe.id[:length]).id == home.recipe.id


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", InvalidRequest), ("abcde", InvalidRequest), ("ABCDEF", InvalidRequest),
        ("%%%%%%", InvalidRequest), ("abcdef\0", InvalidRequest), ("abcdef\n", InvalidRequest),
        ("a" * 65, InvalidRequest), ("0123456789abcdef", NotFound),
    ],
)  # fmt: skip
def test_what_is_no_recipe_is_said(home, text, error):
    with pytest.raises(error):
        find_recipe(home, text)


def test_an_ambiguous_beginning_is_refused(home, now):
    for last in "01":
        known(home, now, "abcdef" + last * 58)
    with pytest.raises(InvalidRequest, match="several recipes begin with abcdef: give more"):
        find_recipe(home, "abcdef")
    assert find_recipe(home, "abcdef0").id == "abcdef" + "0" * 58


def test_recipes_say_what_they_were_applied_to(home, worker, put, scans, now):
    known(home, now, "a" * 64)
    put(scans)
    put(scans, day=now.date())  # the same scans: photos are there once, editions twice
    worker.drain()
    found = {recipe.id: (recipe.photos, recipe.editions) for recipe in list_recipes(home)}
    assert found == {home.recipe.id: (3, 2), "a" * 64: (0, 0)}


@pytest.mark.parametrize("which", [DEFAULT, None], ids=["default", "scripted"])
def test_a_recipe_is_written_so_that_it_is_the_same_again(home, now, tmp_path, which):
    recipe = Recipe.load(which) if which else home.recipe
    if which:
        known(home, now, recipe.id, json.loads(recipe.canonical()))
    row = find_recipe(home, recipe.id)
    text = recipe_toml(row)
    (tmp_path / "again.toml").write_text(text)
    assert Recipe.load(tmp_path / "again.toml").id == recipe.id
    assert recipe.id in text
    assert changed_weights(row, Manifest.load()) == []


def test_texts_come_back_as_they_were(home, now):
    rules = {"name": 'a "b" \\ ü', "hashes": {}, "observe": {"weights": ["x"], "a": {"b": 1e-07}}}
    known(home, now, "a" * 64, rules)
    found = tomllib.loads(recipe_toml(find_recipe(home, "a" * 64)))
    assert found == {name: value for name, value in rules.items() if name != "hashes"}


def test_weights_that_are_other_ones_today_are_named(home, now):
    hashes = {**home.recipe.hashes, "focus": "0" * 64, "gone": "1" * 64}
    known(home, now, "a" * 64, {"hashes": hashes})
    assert changed_weights(find_recipe(home, "a" * 64), Manifest.load()) == ["focus", "gone"]
