"""A score is not a decision: as many photos are decided as a newspaper's calibration expects."""

import numpy as np
import pytest
from scipy.special import expit

from presslens.models.recipe import Recipe
from presslens.pipelines.statistics.decision import (
    FEW_PHOTOS,
    LEAST,
    OWN_VERDICT,
    PART,
    TOGETHER,
    UNLIKELY,
    DecisionPoint,
    Decisions,
    by_calibration,
    decided_photos,
    decision_point,
    newspaper_point,
    why_apart,
)
from presslens.pipelines.statistics.estimator import ShareEstimator
from presslens.pipelines.statistics.misfit import FEWEST_PHOTOS
from presslens.pipelines.statistics.worlds import World


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0, 3.0])
def test_likely_photos_are_decided_and_about_as_many_as_are_expected(power):
    raw = np.linspace(0.01, 0.99, 99)
    calibrated = 0.6 * raw**power
    point = decision_point(raw, calibrated, decision=0.5)
    decided = raw >= point.raw
    assert decided.mean() == pytest.approx(point.decided)
    assert point.expected == pytest.approx(calibrated.mean())
    assert point.agrees
    likely = (calibrated >= 0.5).mean()
    if abs(likely - point.expected) < point.expected / 3:
        assert point.decided == pytest.approx(likely)
    else:
        assert abs(point.decided - point.expected) < abs(likely - point.expected)


def test_a_photo_that_is_hardly_likely_is_never_decided():
    raw = np.array([0.9, 0.8, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1])
    calibrated = np.where(raw > 0.5, 0.9, 0.4 * LEAST)
    point = decision_point(raw, calibrated, decision=0.5)
    assert (raw >= point.raw).tolist() == [True, True] + 6 * [False]
    assert not point.agrees
    nothing = decision_point(raw, np.full(8, 0.2 * LEAST), decision=0.5)
    assert nothing.decided == 0.0
    assert nothing.raw > 0.9
    none = decision_point(np.zeros(0), np.zeros(0), decision=0.5)
    assert none == DecisionPoint(0.5, 0.0, 0.0)
    assert none.agrees


def test_photos_with_one_probability_are_decided_together():
    raw = np.array([0.6, 0.6, 0.6, 0.2])
    point = decision_point(raw, np.array([0.5, 0.5, 0.5, 0.1]), decision=0.5)
    assert (raw >= point.raw).sum() in (0, 3)


def test_rounding_moves_no_photo():
    raw = np.array([0.123456789, 0.7, 0.0001])
    point = decision_point(raw, np.array([0.4, 0.9, 0.3]), decision=0.5)
    for digits in (4, 6):
        assert ((np.round(raw, digits) >= point.raw) == (raw >= point.raw)).all()


def test_a_newspaper_that_nobody_calibrated_is_decided_by_the_recipe():
    points = {"children": DecisionPoint(0.8, 0.1, 0.1)}
    decided = Decisions(0.5, points)
    assert decided.shows("children", 0.8)
    assert not decided.shows("children", 0.7)
    assert decided.shows("crowd", 0.5)
    assert not decided.shows("crowd", None)
    assert decided.lowest("children", 0.5) == 0.8
    assert decided.lowest("crowd", 0.9) == 0.9
    assert decided.lowest("children", 0.0) == 0.0
    # Nine to one from the decision, where four to one are the decision.
    assert decided.lowest("children", 0.9) == pytest.approx(expit(np.log(4 * 9)))


def test_names_and_the_focus_have_verdicts_of_their_own():
    assert by_calibration("children")
    assert by_calibration("label:indoor")
    for name in ("leader", "figure:A", "focus_leader", "leader_and_facility"):
        assert not by_calibration(name)


NEW_SOURCES = {
    "as trained": World(), "scores higher": World(shift=1.0), "scores lower": World(shift=-1.0),
    "steeper": World(slope=1.5), "rare": World(prevalence=0.03), "common": World(prevalence=0.5),
}  # fmt: skip


@pytest.mark.parametrize("drawn", [0, 20])
@pytest.mark.parametrize("world", NEW_SOURCES.values(), ids=NEW_SOURCES)
def test_the_decided_photos_of_a_new_source_are_its_share_or_it_is_said_why(world, drawn):
    rng = np.random.default_rng(31)
    paper = world.newspaper(rng)
    table = paper.drawn(paper.table(), drawn, rng) if drawn else paper.table()
    components = Recipe.load().aggregate.calibration_of("children")
    photos = ShareEstimator(table, np.zeros(len(table), np.int64), ("all",), components)
    point, (estimate,) = newspaper_point(photos, 0.5), photos.estimates()
    assert point is not None
    decided = decided_photos(table, point.raw)
    assert decided.mean() == pytest.approx(point.decided)
    assert decided[table.answered].tolist() == (table.label[table.answered] == 1.0).tolist()
    shown = DecisionPoint(point.raw, estimate.value, decided.mean())
    why = why_apart("children", point, estimate.value, decided.mean())
    assert shown.agrees == (why is None)
    if drawn:
        assert shown.agrees


def test_it_is_said_why_decided_photos_are_not_the_share():
    agrees, fewer = DecisionPoint(0.5, 0.3, 0.3), DecisionPoint(0.5, 0.3, 0.1)
    assert why_apart("children", None, None, 0.2) is None
    assert why_apart("children", None, 0.3, 0.25) is None
    assert why_apart("children", None, 0.3, 0.1) == FEW_PHOTOS
    assert why_apart("leader", None, 0.3, 0.1) == OWN_VERDICT
    assert why_apart("children", agrees, 0.3, 0.1) == PART
    assert why_apart("children", fewer, 0.3, 0.1) == UNLIKELY
    assert why_apart("children", DecisionPoint(0.5, 0.1, 0.3), 0.1, 0.3) == TOGETHER


def test_few_photos_calibrate_no_decision():
    paper = World(editions=1, photos=5.0, special=0.0).newspaper(np.random.default_rng(0))
    table = paper.table()
    assert len(table) < FEWEST_PHOTOS
    components = Recipe.load().aggregate.calibration_of("children")
    photos = ShareEstimator(table, np.zeros(len(table), np.int64), ("all",), components)
    assert newspaper_point(photos, 0.5) is None
