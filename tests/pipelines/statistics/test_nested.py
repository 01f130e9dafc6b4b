"""Shares of measures that another one holds: nowhere above it, and groups add up."""

from dataclasses import replace

import numpy as np
import pytest

from presslens.models.recipe import Calibration
from presslens.pipelines.statistics.estimator import ShareEstimator
from presslens.pipelines.statistics.measure import Estimand, Inference
from presslens.pipelines.statistics.nested import at_most, balancing_shift, ordered, shared_within
from presslens.pipelines.statistics.pools import PooledShares
from presslens.pipelines.statistics.share_estimate import GroupEstimate
from presslens.pipelines.statistics.worlds import World

CALIBRATION = Calibration(
    source=0.7, period=0.4, edition=0.5, slope=0.2, prevalence=1.2, reference=0.25
)


def nested(seed, drawn, *, holder=True):
    """Tables of a measure that nearly all photos of its holder show too, and of the holder."""
    rng = np.random.default_rng(seed)
    paper = World(editions=8, photos=12.0).newspaper(rng)
    whole = paper.drawn(paper.table(), drawn, rng) if drawn else paper.table()
    n = len(whole)
    likely = np.clip(whole.probability * rng.uniform(0.7, 1.3, n), 0.001, 0.999)
    label = np.where(rng.random(n) < 0.8, whole.label, np.minimum(whole.label, 0.0))
    part = replace(whole, probability=likely, label=label, held=np.arange(n))
    if not holder:
        nothing = np.full(n, np.nan)
        whole = replace(whole, label=nothing, inclusion=nothing, framed=np.zeros(n, bool))
    return part, whole


def estimators(part, whole, group, count, of_holder=None, **settings):
    names = [str(k) for k in range(count)]
    held_by = ShareEstimator(whole, np.full(len(whole), -1), (), CALIBRATION)
    base = ShareEstimator(part, np.full(len(part), -1), (), CALIBRATION, held_by=(held_by,))
    groups = (base, group), (held_by, group if of_holder is None else of_holder)
    return [one.about(one.table, group, names, **settings) for one, group in groups]


def groupings(table, rng):
    parts = rng.integers(0, 2, len(table))
    return {
        "edition": (table.edition, len(table.editions)),
        "part": (parts, 2),
        "front pages": (np.where(parts == 0, table.edition, -1), len(table.editions)),
        "all": (np.zeros(len(table), np.int64), 1),
    }


@pytest.mark.parametrize("drawn", [0, 40])
@pytest.mark.parametrize("settings", [
    {}, {"inference": Inference.PRACTICE}, {"estimand": Estimand.MEAN_EDITION_SHARE},
])  # fmt: skip
def test_no_share_is_above_what_holds_it(drawn, settings):
    disordered = 0
    for seed in range(3):
        part, whole = nested(seed, drawn)
        for group, count in groupings(part, np.random.default_rng(seed)).values():
            own, holder = estimators(part, whole, group, count, **settings)
            for k in range(count):
                one, other = own.estimate(k), holder.estimate(k)
                alone = replace(own, held_by=()).estimate(k)
                assert below(one, other)
                disordered += not below(alone, other)
    assert disordered  # else nothing was looked at


def below(one, other):
    ends = (("value", "low", "high"), (one, other))
    pairs = [[getattr(side, end) for side in ends[1]] for end in ends[0]]
    pairs += zip(one.count or (), other.count or (), strict=False)
    return all(None in pair or pair[0] <= pair[1] + 1e-12 for pair in pairs)


@pytest.mark.parametrize("drawn", [0, 40])
def test_groups_add_up_to_the_whole(drawn):
    for seed in range(4):
        part, whole = nested(seed, drawn)
        totals = []
        for name in ("edition", "part", "all"):
            group, count = groupings(part, np.random.default_rng(seed))[name]
            own, _ = estimators(part, whole, group, count)
            totals.append(sum(one.value * one.size for one in own.estimates()))
        assert totals == pytest.approx([totals[-1]] * len(totals), abs=1e-9)


def test_what_holds_a_measure_is_the_same_beside_it():
    part, whole = nested(1, 40)
    own, holder = estimators(part, whole, part.edition, len(part.editions))
    (beside,) = own.holders
    assert beside.estimates() == holder.estimates()
    assert beside is not holder


def test_a_holder_without_a_sample_holds_too():
    part, whole = nested(2, 40, holder=False)
    group, count = groupings(part, np.random.default_rng(2))["front pages"]
    own, holder = estimators(part, whole, group, count)
    assert own.designed
    assert not holder.designed
    assert all(below(own.estimate(k), holder.estimate(k)) for k in range(count))


@pytest.mark.parametrize("drawn", [0, 40])
def test_a_holder_may_lack_readings(drawn):
    part, whole = nested(3, drawn)
    read = np.arange(len(whole)) % 5 > 0
    held = np.where(read, np.cumsum(read) - 1, -1)
    for group, count in groupings(part, np.random.default_rng(3)).values():
        group = np.where(read | (group > 0), group, -1)  # the first group was read as a whole
        own, holder = estimators(
            replace(part, held=held), whole.at(read), group, count, of_holder=group[read]
        )
        assert below(own.estimate(0), holder.estimate(0))
        assert all(one.value is not None for one in own.estimates() if one.n)


def test_pools_are_ordered_as_their_sum():
    tables = [nested(seed, drawn) for seed, drawn in ((3, 40), (4, 0))]
    bases, rows, n = [], [], 0
    for part, whole in tables:
        held_by = ShareEstimator(whole, np.full(len(whole), -1), (), CALIBRATION)
        base = ShareEstimator(part, np.full(len(part), -1), (), CALIBRATION)
        bases.append((replace(base, held_by=(held_by,)), held_by))
        rows.append(np.arange(n, n := n + len(part)))
    group = np.zeros(n, np.int64)
    own, holder = (
        PooledShares.of([pair[i] for pair in bases], rows, group, ["all"]).estimates()[0]
        for i in (0, 1)
    )
    assert own.drawn
    assert below(own, holder)


def test_a_shift_gives_back_what_is_cut_off():
    alone, most = np.array([0.5, 0.4, 0.1]), np.array([0.3, 1.0, 1.0])
    label, pull = np.array([0.0, 1.0, 0.0]), np.array([2.0, 1.0, 1.0])
    shift = balancing_shift(alone, label, most, pull)
    assert pull @ at_most(alone, most, shift) == pytest.approx(pull @ alone)
    assert balancing_shift(alone, label, np.ones(3), pull) == 0.0
    assert balancing_shift(alone, np.full(3, np.nan), most, pull) == 0.0


def test_shares_of_a_whole_stay_a_whole():
    part = np.array([[0.6, 0.1, 0.3], [0.2, 0.3, 0.5], [1.0, 0.0, 0.0]])
    most = np.array([[0.4, 1.0, 1.0], [0.4, 1.0, 1.0], [0.9, 1.0, 1.0]])
    every = [shared_within(np.roll(part, -i, 1), np.roll(most, -i, 1)) for i in range(3)]
    assert sum(every) == pytest.approx(np.ones(3))
    assert every[0] == pytest.approx([0.4, 0.2, 1.0])  # the last is answered
    assert every[1] == pytest.approx([0.15, 0.3, 0.0])


def test_estimates_of_other_photos_are_not_compared():
    none = GroupEstimate.not_known("a", "no photos")
    one = replace(none, value=0.6, low=0.5, high=0.7, count=(6.0, 5.0, 7.0), n=10)
    other = replace(none, value=0.5, n=9)
    assert ordered(one, other) is one
    assert ordered(none, one) is none
    held = ordered(one, replace(other, n=10))
    assert (held.value, held.low, held.count) == (0.5, 0.5, (6.0, 5.0, 7.0))
