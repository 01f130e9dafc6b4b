"""Totals by a sample: against formulas written out, over repeated draws, and at the edges."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import stdtrit

from presslens.pipelines.statistics.design import benchmarked
from presslens.pipelines.statistics.measure import Estimand, Inference
from presslens.pipelines.statistics.photo_table import PhotoTable
from presslens.pipelines.statistics.recalibration import inclusion
from presslens.pipelines.statistics.worlds import World


def _newspaper(seed=0, **world):
    rng = np.random.default_rng(seed)
    return World(**{"editions": 20, **world}).newspaper(rng), rng


def _sampled(seed=0, photos=120, *, world=None):
    paper, rng = _newspaper(seed, **(world or {}))
    return paper, paper.drawn(paper.table(), photos, rng)


def _one(estimator):
    (estimate,) = estimator.estimates()
    return estimate


def _numbers(found):
    assert found.value is not None
    return found.value, *found.interval


def _width(found):
    _, low, high = _numbers(found)
    return high - low


def _greg(estimator):
    """The generalised regression estimator of the total, as textbooks write it."""
    table, g = estimator.table, estimator.recalibrated
    at = table.sampled
    return float(g.sum() + ((table.label[at] - g[at]) / inclusion(table)[at]).sum())


def _counts(estimates):
    return np.array([estimate.count[0] for estimate in estimates if estimate.count])


def _picked(table, edition, number=3):
    """The table with photos of an edition that coders say show the measure; nobody drew them."""
    label = table.label.copy()
    label[np.flatnonzero((table.edition == edition) & ~table.answered)[:number]] = 1.0
    return replace(table, label=label)


@pytest.mark.parametrize(("yes", "n", "size"), [(12, 80, 400), (1, 60, 300), (40, 50, 1000)])
def test_a_blind_sample_gets_wilsons_interval(make_estimator, yes, n, size):
    label = np.full(size, np.nan)
    label[:n] = np.arange(n) < yes
    table = PhotoTable(
        edition=np.zeros(size, np.int64),
        probability=np.full(size, 0.3),
        weight=np.ones(size),
        label=label,
        inclusion=np.where(np.arange(size) < n, n / size, np.nan),
        framed=np.ones(size, bool),
        editions=["edition"],
        periods=[("newspaper",)],
    )
    found = _one(make_estimator(table))
    share, left = yes / n, 1 - n / size
    # Student's quantile, and the degree of freedom of the estimated mean and slope.
    k = stdtrit(n - 1, 0.975) ** 2 / n / left * n / (n - 2)
    centre = (share + k / 2) / (1 + k)
    half = np.sqrt(k * share * (1 - share) + k**2 / 4) / (1 + k)
    low, high = (share * n / size + left * (centre + sign * half) for sign in (-1, 1))
    assert found.value == pytest.approx(share)
    assert found.low == pytest.approx(low, abs=0.51 / size)  # counts are whole photos
    assert found.high == pytest.approx(high, abs=0.51 / size)


@pytest.mark.parametrize("world", [{}, {"prevalence": 0.02}, {"shift": 1.5, "auc": 0.7}])
def test_the_total_is_the_generalised_regression_estimator(make_estimator, world):
    for seed in range(4):
        _, table = _sampled(seed, world=world)
        estimator = make_estimator(table)
        assert _counts(estimator.estimates())[0] == pytest.approx(_greg(estimator), rel=1e-9)


@pytest.mark.parametrize("prevalence", [0.02, 0.15])
def test_editions_add_up_to_their_months_and_these_to_the_period(make_estimator, prevalence):
    for seed in (0, 1, 3):
        _, table = _sampled(seed, 240, world={"prevalence": prevalence})
        month = table.edition // 10
        periods = [("newspaper", f"{i // 10}") for i in range(20)]
        table = _picked(replace(table, periods=periods), edition=4)
        total = _counts(make_estimator(table).estimates())
        editions = make_estimator(table, table.edition).estimates()
        assert _counts(editions).sum() == pytest.approx(total[0], rel=1e-9)
        for edition in editions:
            assert edition.count[0] / edition.size == edition.value
        if prevalence > 0.1:  # both months have enough labels to be blocks
            months = _counts(make_estimator(table, month).estimates())
            assert months.sum() == pytest.approx(total[0], rel=1e-9)
            assert months[1] == pytest.approx(_counts(editions)[10:].sum(), rel=1e-9)


@pytest.mark.parametrize("estimand", Estimand)
def test_repeated_draws_average_to_the_truth(make_estimator, estimand):
    paper, rng = _newspaper(2, shift=1.0, edition_shift=0.5)
    shares = np.bincount(paper.edition, paper.truth) / np.bincount(paper.edition)
    truth = paper.truth.mean() if estimand is Estimand.SHARE_OF_PHOTOS else shares.mean()
    found = [
        _one(make_estimator(paper.drawn(paper.table(), 100, rng), estimand=estimand)).value or 0.0
        for _ in range(100)
    ]
    error = np.std(found) / 10
    assert abs(np.mean(found) - truth) < 3 * error
    assert error < 0.005


def test_a_sample_of_noes_leaves_room_above_nothing(make_estimator):
    _, table = _sampled()
    label = np.where(table.answered, 0.0, np.nan)
    found = _one(make_estimator(replace(table, label=label)))
    assert found.value == pytest.approx(0.0, abs=1e-9)
    assert found.low == 0.0
    assert 0.005 < found.high < 0.05
    mirrored = _one(make_estimator(replace(table, label=1 - label)))
    assert mirrored.value == pytest.approx(1.0, abs=1e-9)
    assert mirrored.high == 1.0
    assert 0.5 < mirrored.low < 0.995


def test_a_census_has_no_width(make_estimator):
    paper, table = _sampled()
    every = replace(table, label=paper.truth.astype(float), inclusion=np.ones(len(table)))
    found = _one(make_estimator(every))
    assert found.value == found.low == found.high == paper.truth.mean()
    # An edition drawn in full has none either, although others were not.
    label, pi = table.label.copy(), table.inclusion.copy()
    label[table.edition == 3], pi[table.edition == 3] = paper.truth[table.edition == 3], 1.0
    third = make_estimator(replace(table, label=label, inclusion=pi), table.edition).estimates()[3]
    assert third.value == third.low == third.high == paper.truth[table.edition == 3].mean()


def test_no_end_denies_what_coders_saw(make_estimator):
    _, table = _sampled(world={"prevalence": 0.02})
    for number in (20, 400):
        label = table.label.copy()
        label[np.flatnonzero(~table.answered)[:number]] = 1.0
        estimates = make_estimator(replace(table, label=label), table.edition).estimates()
        estimates += make_estimator(replace(table, label=label)).estimates()
        for k, found in enumerate(estimates):
            mine = (table.edition == k) | (k == 20)
            yes, no = (label[mine] == 1).sum(), (label[mine] == 0).sum()
            assert yes <= found.count[1] <= found.count[0] + 1e-9
            assert found.count[0] - 1e-9 <= found.count[2] <= mine.sum() - no


def test_picks_settle_their_own_photos_and_no_others(make_estimator):
    for seed in range(4):
        _, table = _sampled(seed)
        picked = _picked(table, edition=3)
        before, after = make_estimator(table), make_estimator(picked)
        chosen = picked.picked
        moved = (1 - before.recalibrated[chosen]).sum()
        by_edition = [_counts(make_estimator(t, t.edition).estimates()) for t in (table, picked)]
        change = by_edition[1] - by_edition[0]
        # What three photos show is no news of thousands: it is taken off those of its block.
        assert change[3] == pytest.approx(moved, abs=0.5)
        assert np.abs(np.delete(change, 3)).max() < 0.4 * moved
        one, other = _one(before), _one(after)
        photo = 1.01 / len(table)  # of rounding
        assert _numbers(other) == pytest.approx(_numbers(one), abs=photo)


def test_photos_without_an_answer_widen_and_do_not_bias(make_estimator):
    paper, rng = _newspaper(5)
    values, widths = [], []
    for _ in range(30):
        table = paper.drawn(paper.table(), 150, rng)
        full = _one(make_estimator(table))
        # One in ten can't be told, most of them where the machine is in doubt.
        hard = np.where((table.probability > 0.2) & (table.probability < 0.8), 0.25, 0.05)
        lost = table.sampled & (rng.random(len(table)) < hard)
        found = _one(make_estimator(replace(table, label=np.where(lost, np.nan, table.label))))
        assert found.drawn == full.drawn - lost.sum()
        assert f"since {lost.sum()} photos drawn by chance got no answer" in found.note
        values.append(_numbers(found)[0])
        widths.append(_width(found) - _width(full))
    assert np.mean(values) == pytest.approx(paper.truth.mean(), abs=0.01)
    assert min(widths) > 0


def test_editions_outside_of_the_frame_widen(make_estimator):
    paper, rng = _newspaper(1)
    within = paper.edition < 12
    table = paper.drawn(paper.table(), 120, rng, within=within)
    inside, outside, every = (
        _one(make_estimator(table, np.where(mask, 0, -1)))
        for mask in (within, ~within, np.ones(len(table), bool))
    )
    half = _one(make_estimator(paper.drawn(paper.table(), 120, rng)))
    assert inside.note is None
    assert (
        outside.note == f"not among those that the sample was drawn from: {(~within).sum()} photos"
    )
    assert _width(outside) > 1.5 * _width(inside)
    assert _width(every) > 1.2 * _width(half)


def test_where_all_drawn_photos_agree_others_stay_open(make_estimator):
    paper, rng = _newspaper(1)
    within = paper.edition < 12
    table = paper.drawn(paper.table(), 40, rng, within=within)
    denied = replace(table, label=np.where(table.sampled, 0.0, table.label))
    inside, outside = (
        _one(make_estimator(denied, np.where(mask, 0, -1))) for mask in (within, ~within)
    )
    assert [inside.value, outside.value] == pytest.approx([0, 0], abs=1e-6)
    assert 0 < _width(inside) < _width(outside)


def test_the_order_of_photos_and_editions_does_not_matter(make_estimator):
    _, table = _sampled(7)
    table = _picked(table, edition=2)
    rng = np.random.default_rng(1)
    photos, place = rng.permutation(len(table)), rng.permutation(20)
    shuffled = replace(
        table.at(photos),
        edition=place[table.edition[photos]],
        editions=[table.editions[i] for i in np.argsort(place)],
    )
    by_edition = make_estimator(table, table.edition).estimates()
    again = make_estimator(shuffled, shuffled.edition).estimates()
    pairs = [(by_edition[i], again[place[i]]) for i in range(20)]
    pairs.append((_one(make_estimator(table)), _one(make_estimator(shuffled))))
    for one, other in pairs:
        assert _numbers(one) == pytest.approx(_numbers(other), abs=1e-9)


def test_one_more_edition_without_draws_moves_no_other(make_estimator):
    paper, rng = _newspaper(9)
    within = np.asarray(paper.edition < 19)
    table = paper.drawn(paper.table(), 120, rng, within=within)
    fewer = replace(table.at(within), editions=table.editions[:19], periods=table.periods[:19])
    first = make_estimator(fewer, fewer.edition).estimates()
    second = make_estimator(table, table.edition).estimates()
    for one, other in zip(first, second[:19], strict=True):
        assert _numbers(one) == pytest.approx(_numbers(other), abs=1e-9)


def test_weights_of_area_give_the_share_of_area(make_estimator):
    paper, rng = _newspaper(11)
    truth = paper.area @ paper.truth / paper.area.sum()
    tables = [paper.drawn(paper.table(), 150, rng) for _ in range(40)]
    areas = [replace(table, weight=paper.area) for table in tables]
    found = np.array([_numbers(_one(make_estimator(table, by_area=True))) for table in areas])
    value, low, high = found.T
    assert abs(value.mean() - truth) < 3 * value.std() / np.sqrt(40)
    assert ((low <= truth) & (truth <= high)).sum() >= 36


@pytest.mark.parametrize("inference", Inference)
def test_a_frame_to_which_editions_were_added_still_tells(make_estimator, inference):
    rng = np.random.default_rng(12)
    world = World(editions=40, photos=15.0, edition_shift=0.3)
    held, widths = [], []
    for _ in range(60):
        paper = world.newspaper(rng)
        within = np.asarray(paper.edition < 10)
        table = paper.drawn(paper.table(), 120, rng, within=within)
        truth = paper.truth.mean() if inference is Inference.THESE else world.practice
        _, low, high = _numbers(_one(make_estimator(table, inference=inference)))
        held.append(low <= truth <= high)
        widths.append(high - low)
    assert np.mean(held) >= 0.9
    assert np.mean(widths) < 0.25


def test_a_shift_of_later_scans_is_taken_on_the_log_odds(make_estimator):
    # Where hardly any photo shows it, a shift adds much more than it takes away.
    paper, rng = _newspaper(13, prevalence=0.03)
    within = np.asarray(paper.edition < 10)
    table = paper.drawn(paper.table(), 150, rng, within=within)
    value, low, high = _numbers(_one(make_estimator(table, np.where(within, -1, 0))))
    assert high - value > 1.2 * (value - low)


def test_what_one_group_cannot_take_others_do():
    value, low, high = np.array([5.0, 5.0, 1.0]), np.array([1.0, 4.0, 1.0]), np.array([9, 5.5, 1])
    assert benchmarked(value, low, high, 11.0) == pytest.approx(value)
    assert benchmarked(value, low, high, 15.0) == pytest.approx([8.86, 5.14, 1.0], abs=0.01)
    assert benchmarked(value, low, high, 15.4) == pytest.approx([9.0, 5.4, 1.0])
    assert benchmarked(value, low, high, 20.0) == pytest.approx(high)
