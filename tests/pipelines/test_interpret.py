import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from presslens.models.errors import ModelMismatch, ModelUnavailable
from presslens.models.faces.appearance import appearance
from presslens.models.faces.gallery import LEADER, EnrolledFigure, Gallery
from presslens.models.geometry import Box
from presslens.models.labels.classifier import NO_LABELS, LabelClassifier, LabelSet
from presslens.models.labels.vocabulary import shipped_names
from presslens.models.registry import Registry
from presslens.models.vocabulary import (
    Detection,
    Face,
    Focus,
    Frame,
    PageObservation,
    PhotoObservation,
    Subject,
)
from presslens.pipelines.interpret import Interpreter

BASIS = np.hstack([np.eye(128), np.eye(128, 512)]).astype(np.float32)
LEADERS = Gallery([EnrolledFigure("Kim", LEADER, BASIS[:1])])


@pytest.fixture(scope="module")
def interpreter(scripted_recipe, registry):
    return Interpreter(scripted_recipe, registry)


def photo(*people, persons=None):
    """A photo of people side by side, each with the face of that number."""
    faces = tuple(
        Face(Box(40 * i, 10, 40 * i + 30, 45), 0.9, ((0.0, 0.0),) * 5, 0.0, BASIS[number])
        for i, number in enumerate(people)
    )
    standing = len(people) if persons is None else persons
    detections = tuple(
        Detection("person", Box(40 * i, 0, 40 * i + 38, 180), 0.9, child=0.0)
        for i in range(standing)
    )
    features = np.zeros(1280, np.float32)
    return PhotoObservation(Frame(Box(0, 0, 400, 200), 1.0), detections, faces, features)


def page(*photos):
    return PageObservation(400, 600, photos)


def test_each_photo_is_read_in_the_order_of_the_page(interpreter):
    meanings = interpreter.interpret(page(photo(1, 2, 3), photo(), photo(0)), LEADERS)
    assert [[s.figure for s in m.sightings] for m in meanings] == [[], [], ["Kim"]]
    counts = [next(r.count for r in m.subjects if r.subject is Subject.PEOPLE) for m in meanings]
    assert counts == [3, 0, 1]


def test_every_subject_is_read_with_a_probability(interpreter):
    (meaning,) = interpreter.interpret(page(photo(1, 2)), LEADERS)
    assert [r.subject for r in meaning.subjects] == list(Subject)
    assert all(0 <= r.probability <= 1 for r in meaning.subjects)
    counted = {r.subject for r in meaning.subjects if r.count is not None}
    assert counted == {Subject.PEOPLE, Subject.CROWD, Subject.CHILDREN}


def test_people_are_more_likely_where_persons_were_seen(interpreter):
    some, none = interpreter.interpret(page(photo(1, 2, 3), photo()), LEADERS)
    assert some.subjects[0].probability > none.subjects[0].probability


def test_only_enrolled_figures_are_named(interpreter):
    (named,) = interpreter.interpret(page(photo(0, 1, 2)), LEADERS)
    (nobody,) = interpreter.interpret(page(photo(0, 1, 2)), Gallery())
    assert [s.figure for s in named.sightings] == ["Kim"]
    assert named.sightings[0].box == photo(0).faces[0].box
    assert nobody.sightings == ()


def test_it_is_said_how_a_figure_is_shown(interpreter, scripted_recipe):
    seen = photo(2, 0)
    (sighting,) = interpreter.interpret(page(seen), LEADERS)[0].sightings
    score = scripted_recipe.interpret.person_score
    assert sighting.appearance == appearance(seen, sighting.box, person_score=score)
    assert sighting.appearance.body == seen.detections[1].box
    assert sighting.appearance.people_beside == 1


def test_without_an_enrolled_leader_none_is_in_focus(interpreter):
    minister = Gallery([EnrolledFigure("Kim", "minister", BASIS[:1])])
    for gallery in (Gallery(), minister):
        (meaning,) = interpreter.interpret(page(photo(0)), gallery)
        assert meaning.focus.leader == 0
        assert meaning.focus.verdict is not Focus.LEADER


def test_a_focus_has_scores_and_reasons(interpreter):
    (meaning,) = interpreter.interpret(page(photo(0)), LEADERS)
    assert meaning.focus.verdict in Focus
    assert 0 <= meaning.focus.leader + meaning.focus.facility <= 1 + 1e-9
    assert meaning.focus.reasons
    strengths = [abs(value) for _, value in meaning.focus.reasons]
    assert strengths == sorted(strengths, reverse=True)


def test_thresholds_come_from_the_recipe(scripted_recipe, registry):
    rules = {"sighting": 1.0, "person_score": 0.95, "focus_margin": 1.0}
    section = scripted_recipe.interpret.model_copy(update=rules)
    strict = Interpreter(scripted_recipe.model_copy(update={"interpret": section}), registry)
    (meaning,) = strict.interpret(page(replace(photo(0), faces=photo(0).faces)), LEADERS)
    assert meaning.sightings == ()
    assert meaning.focus.verdict is Focus.UNSURE
    lenient = Interpreter(scripted_recipe, registry)
    crowded = page(photo(persons=3))
    with_persons, without = (i.interpret(crowded, LEADERS)[0] for i in (lenient, strict))
    assert with_persons.subjects[0].probability > without.subjects[0].probability


def test_the_same_observation_has_the_same_meaning(interpreter):
    seen = page(photo(0, 1), photo(2))
    assert interpreter.interpret(seen, LEADERS) == interpreter.interpret(seen, LEADERS)


def test_a_page_without_photos_means_nothing(interpreter):
    assert interpreter.interpret(page(), LEADERS) == []


def test_built_in_labels_come_before_those_that_were_added(interpreter):
    certain = LabelClassifier("ribbon", np.zeros(1280, np.float32), 60.0)
    (bare,) = interpreter.interpret(page(photo()), LEADERS)
    (meaning,) = interpreter.interpret(page(photo()), LEADERS, LabelSet((certain,)))
    assert [label.name for label in bare.labels] == list(shipped_names())
    assert meaning.labels[:-1] == bare.labels
    assert (meaning.labels[-1].name, round(meaning.labels[-1].probability, 6)) == ("ribbon", 1.0)
    assert bare.label_set == NO_LABELS.version != meaning.label_set


@pytest.mark.parametrize("name", ["subjects", "matching", "focus", "labels"])
@pytest.mark.parametrize(
    ("damage", "error"),
    [(Path.unlink, ModelUnavailable), (lambda p: p.write_bytes(b"x"), ModelMismatch)],
    ids=["missing", "tampered"],
)
def test_a_missing_or_tampered_weight_is_named(
    scripted_recipe, registry, tmp_path, name, damage, error
):
    for weight in scripted_recipe.interpret.weights:
        shutil.copy(registry.path(weight), tmp_path)
    damage(tmp_path / f"{name}.skops")
    with pytest.raises(error, match=name):
        Interpreter(scripted_recipe, Registry(registry.manifest, shipped=tmp_path))
