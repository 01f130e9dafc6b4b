import json
from pathlib import Path

import pytest

from presslens.models.errors import InvalidRecipe, ModelUnavailable
from presslens.models.recipe import Aggregate, Calibration, Recipe
from presslens.models.registry import Manifest, WeightFile
from presslens.models.vocabulary import Subject

SOURCE = Path(__file__).parents[1] / "scripted.toml"
WEIGHTS = ("subjects", "matching", "focus", "labels")
OBSERVED = ("segmenter", "persons")


def manifest(names=(*WEIGHTS, *OBSERVED), digit="a"):
    return Manifest(
        weight=tuple(
            WeightFile(name=n, file=f"{n}.onnx", sha256=digit * 64, licence="MIT", origin="none")
            for n in names
        )
    )


@pytest.fixture
def source(tmp_path):
    """A recipe file that observes with two weight files."""
    path = tmp_path / "recipe.toml"
    path.write_text(SOURCE.read_text().replace("weights = []", f"weights = {[*OBSERVED]}"))
    return path


@pytest.fixture
def recipe(source):
    return Recipe.load(source, manifest())


def leaves(value, path=()):
    for key, inner in value.items():
        if isinstance(inner, dict):
            yield from leaves(inner, (*path, key))
        else:
            yield (*path, key)


def changed(recipe, path):
    values = recipe.model_dump()
    section = values
    for key in path[:-1]:
        section = section[key]
    section[path[-1]] = other(section[path[-1]])
    return Recipe.model_validate(values)


def other(value):
    match value:
        case "scripted":
            return "learned"
        case str():
            return value + "x"
        case tuple():
            return value[1:]
        case bool():
            return not value
        case int():
            return value + 1
    return value * 0.9 or 0.1


LEAVES = sorted(leaves(Recipe.load(SOURCE, manifest()).model_dump()))


@pytest.mark.parametrize("path", LEAVES, ids=".".join)
def test_every_value_and_hash_changes_the_id(recipe, path):
    assert changed(recipe, path).id != recipe.id


@pytest.mark.parametrize("path", LEAVES, ids=".".join)
def test_what_looks_at_pixels_changes_the_observation_id(recipe, path):
    matters = path[0] in {"codebook", "observe"}
    assert (changed(recipe, path).observation_id != recipe.observation_id) is matters


@pytest.mark.parametrize("name", OBSERVED)
def test_the_hash_of_an_observing_weight_changes_both_ids(recipe, name):
    rehashed = changed(recipe, ("hashes", name))
    assert rehashed.observation_id != recipe.observation_id
    assert rehashed.id != recipe.id


def test_ids_are_64_hex_digits_and_stable(source, recipe):
    again = Recipe.load(source, manifest())
    assert (again.id, again.observation_id) == (recipe.id, recipe.observation_id)
    assert len(recipe.id) == len(recipe.observation_id) == 64
    assert int(recipe.id, 16) != int(recipe.observation_id, 16)


def test_neither_order_nor_comments_change_the_id(tmp_path, source):
    head, *sections = source.read_text().split("\n[")
    shuffled = tmp_path / "shuffled.toml"
    shuffled.write_text("\n[".join([head, *reversed(sections)]) + "\n# a comment\n")
    assert Recipe.load(shuffled, manifest()).id == Recipe.load(source, manifest()).id


def test_canonical_is_sorted_json_without_spaces_and_reads_back(recipe):
    text = recipe.canonical()
    value = json.loads(text)
    assert text == json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert list(value) == sorted(value)
    assert Recipe.model_validate(value) == recipe


def test_hashes_come_from_the_manifest(source):
    loaded = Recipe.load(source, manifest(digit="b"))
    assert loaded.hashes == dict.fromkeys((*WEIGHTS, *OBSERVED), "b" * 64)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("score = 0.05", "score = 1.5", "score"),
        ("score = 0.05", "score = -0.1", "score"),
        ("size = 640", "size = 0", "size"),
        ("size = 640", 'size = "large"', "size"),
        ("decision = 0.5", "decision = 2", "decision"),
        ("confidence = 0.95", "confidence = 1.0", "confidence"),
        ("pdf_dpi = 72", "pdf_dpi = 10", "pdf_dpi"),
        ("epoch = 1", "epoch = 0", "epoch"),
        ('"scripted"\nweights', '"guessed"\nweights', "instruments"),
        ("focus_margin = 0.2", "focus_margin = 0.2\nfocus_magin = 0.2", "focus_magin"),
        ("focus_margin = 0.2", "", "focus_margin"),
        ("[aggregate]", "[aggregates]", "aggregate"),
        ("[interpret", "[interprets", "interpret"),
        ("decision = 0.5", "decision = ", "recipe.toml"),
        ("decision = 0.5", "decision = nan", "decision"),
        ("context = 0.6", "context = 0.8", "context must be below sure"),
    ],
)
def test_a_wrong_value_is_named(source, old, new, named):
    text = source.read_text()
    assert old in text
    source.write_text(text.replace(old, new))
    with pytest.raises(InvalidRecipe, match=named):
        Recipe.load(source, manifest())


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InvalidRecipe, match=r"^none\.toml"):
        Recipe.load(tmp_path / "none.toml", manifest())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (f"weights = {[*OBSERVED]}", "weights = 7"),
        (f"weights = {[*OBSERVED]}", "weights = [[1]]"),
        ("[observe.photos]", "[observe.photos]\n[[observe.photos.more]]"),
        ('codebook = "1"', "codebook = 1"),
    ],
)
def test_a_wrong_shape_is_an_invalid_recipe(source, old, new):
    source.write_text(source.read_text().replace(old, new))
    with pytest.raises(InvalidRecipe):
        Recipe.load(source, manifest())


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"observe = 1\ninterpret = 2\n"])
def test_what_is_no_text_of_tables_is_an_invalid_recipe(source, content):
    source.write_bytes(content)
    with pytest.raises(InvalidRecipe):
        Recipe.load(source, manifest())


def test_a_weight_that_no_manifest_knows_is_unavailable(source):
    with pytest.raises(ModelUnavailable, match=r"segmenter|persons"):
        Recipe.load(source, manifest(WEIGHTS))


def test_a_recipe_can_not_be_changed(recipe):
    with pytest.raises(ValueError, match="frozen"):
        recipe.name = "other"


RULES = {"epoch": 1, "decision": 0.5, "confidence": 0.95, "full_page": 0.7, "photo_page": 0.5}


def test_a_measure_without_a_calibration_has_its_familys_and_then_any_others():
    own, family, others = (Calibration(source=value) for value in (0.1, 0.2, 0.3))
    rules = Aggregate.model_validate(
        {**RULES, "calibration": {"crowd": own, "label:": family, "other": others}}
    )
    assert rules.calibration_of("crowd") == own
    assert rules.calibration_of("label:tractor") == family
    assert rules.calibration_of("figure:leader") == rules.calibration_of("leader") == others


def test_a_recipe_that_knows_no_sources_keeps_its_drift_and_is_cautious_about_them():
    old = {**RULES, "drift": {"people": 0.9, "other": 1.1}, "prevalence": {"people": 0.6}}
    rules = Aggregate.model_validate(old)
    people, others = rules.calibration_of("people"), rules.calibration_of("leader")
    assert (people.edition, people.reference) == (0.9, 0.6)
    assert (others.edition, others.reference) == (1.1, None)
    assert people.source == others.source == Calibration().source > 0


def test_the_learned_recipe_knows_where_each_subject_was_calibrated():
    rules = Recipe.load().aggregate
    for subject in Subject:
        assert 0 < (rules.calibration_of(subject).reference or 0) < 1
    # TOML, in which a recipe is written out, has no null.
    assert "null" not in Recipe.load().canonical()
