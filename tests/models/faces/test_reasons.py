"""Why a face is taken for a figure's: reasons are what the classifiers add up."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from presslens.lab.training.faces.train import _model
from presslens.models.faces import matcher as matching
from presslens.models.faces.cohort import Cohort
from presslens.models.faces.embedding import FACERES, LENGTH, RESNET
from presslens.models.faces.evidence import LIKENESS, SETTING
from presslens.models.faces.gallery import EnrolledFigure, Gallery, Role
from presslens.models.faces.matcher import _PARTS, GROUP, Matcher
from presslens.models.geometry import Box
from presslens.models.recipe import Recipe
from presslens.models.vocabulary import Face, Frame, PhotoObservation

RULES = Recipe.load().interpret.model_copy(update={"sighting": 1e-9, "context": 1.0})
PARTS = ["likeness", "lead_over_others", "turned", "place"]


@pytest.fixture(scope="module")
def fitted():
    """A matcher and the two classifiers in it, fitted on random evidence."""
    rng = np.random.default_rng(0)
    width = len(LIKENESS) + len(SETTING)
    X = rng.normal(0.4, 0.5, (300, width))
    y = X @ rng.normal(size=width) + rng.normal(size=300) > 0.5
    models = [_model(X[:, : len(LIKENESS)], y, np.ones(len(y))), _model(X, y, np.ones(len(y)))]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matching, "_LIKE", 0.0)
        yield Matcher(*models, Cohort(np.eye(3, LENGTH, dtype=np.float32))), models


def test_every_kind_of_evidence_is_in_one_part():
    members = [name for part in _PARTS.values() for name in part]
    assert sorted(members) == sorted((*LIKENESS, *SETTING))
    assert list(_PARTS) == PARTS


def _faces(seed, count):
    rng = np.random.default_rng(seed)
    faces = []
    for _ in range(count):
        x, y, side = rng.uniform(0, 350), rng.uniform(0, 150), rng.uniform(6, 45)
        vector = np.zeros(LENGTH, np.float32)
        vector[RESNET][:2] = rng.normal(0.5, 0.3, 2)
        vector[FACERES][:2] = rng.normal(0, 0.6, 2)
        nose = (x + side * rng.uniform(0.2, 0.8), y + side * 0.6)
        eyes = ((x + side * 0.3, y + side * 0.4), (x + side * 0.7, y + side * 0.4))
        box = Box(x, y, x + side, y + side)
        faces.append(Face(box, 0.9, (*eyes, nose), 0.0, vector))
    return faces


def _sighting(matcher, faces, role):
    reference = np.zeros((1, LENGTH), np.float32)
    reference[:, [RESNET.start, FACERES.start]] = 1
    gallery = Gallery([EnrolledFigure("Kim", role, reference)])
    frame = Frame(Box(0, 0, 400, 200), 1.0)
    photo = PhotoObservation(frame, (), tuple(faces), np.zeros(1280, np.float32))
    return matcher.sightings(photo, gallery, RULES)[0]


@pytest.mark.parametrize("role", [Role.LEADER, Role.OFFICIAL])
@given(seed=st.integers(0, 999), count=st.sampled_from([1, 2, 5, 16]))
def test_reasons_and_the_classifiers_bias_are_the_log_odds(fitted, role, seed, count):
    matcher, (face, placed) = fitted
    sighting = _sighting(matcher, _faces(seed, count), role)
    classifier = placed if role is Role.LEADER and count >= GROUP else face
    total = sum(value for _, value in sighting.reasons) + classifier[-1].intercept_[0]
    assert 1 / (1 + np.exp(-total)) == pytest.approx(sighting.probability, abs=1e-9)


@pytest.mark.parametrize(("role", "parts"), [(Role.LEADER, PARTS), (Role.HEIR, PARTS[:3])])
def test_only_a_leader_has_a_place_and_the_strongest_reason_comes_first(fitted, role, parts):
    for seed in range(5):
        reasons = _sighting(fitted[0], _faces(seed, 14), role).reasons
        assert sorted(name for name, _ in reasons) == sorted(parts)
        strengths = [abs(value) for _, value in reasons]
        assert strengths == sorted(strengths, reverse=True)


def test_the_shipped_matcher_takes_likeness_for_the_strongest_reason(make_face, matcher):
    vector = np.zeros(LENGTH, np.float32)
    vector[[RESNET.start, FACERES.start]] = 1
    face = make_face(x=180, y=60, side=60, embedding=vector)
    name, value = _sighting(matcher, [face], Role.LEADER).reasons[0]
    assert name == "likeness"
    assert value > 0
