"""The one estimator: what holds of any table, and how often its intervals hold the truth."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri

from presslens.models.recipe import Calibration
from presslens.pipelines.statistics.estimator import ShareEstimator
from presslens.pipelines.statistics.fitted_photos import FEWEST_DRAWN
from presslens.pipelines.statistics.measure import Estimand, Inference
from presslens.pipelines.statistics.photo_table import PhotoTable
from presslens.pipelines.statistics.share_estimate import CENSUS, FIRM
from presslens.pipelines.statistics.worlds import World, joined

SMALL = {"editions": 30, "photos": 20.0}


def _newspaper(rng, **world):
    return World(**{**SMALL, **world}).newspaper(rng)


def _one(estimator):
    (estimate,) = estimator.estimates()
    return estimate


def _numbers(found):
    assert found.value is not None, found.refused
    assert found.low is not None, found.refused
    assert found.high is not None
    return found.value, found.low, found.high


def _random_table(seed, size, editions, rates):
    """A table of any kind: of sure and unsure probabilities, drawn, picked and outside photos."""
    rng = np.random.default_rng(seed)
    level, sharpness, drawn, lost, picked, outside = rates
    edition = rng.integers(0, editions, size)
    odds = rng.normal(8 * (level - 0.5), 8 * sharpness, size)
    probability = np.where(
        rng.random(size) < 0.1, np.rint(rng.random(size)), 1 / (1 + np.exp(-odds))
    )
    truth = (rng.random(size) < np.where(rng.random(size) < 0.2, level, probability)).astype(float)
    framed = np.asarray(edition >= editions * outside)
    inclusion = np.clip(drawn * rng.choice([0.3, 1.0, 3.0], size), 1e-3, 1.0)
    chosen = framed & (rng.random(size) < inclusion)
    answered = (chosen & (rng.random(size) >= lost)) | (~chosen & (rng.random(size) < picked))
    return PhotoTable(
        edition=edition,
        probability=probability,
        weight=np.ones(size),
        label=np.where(answered, truth, np.nan),
        inclusion=np.where(chosen, inclusion, np.nan),
        framed=framed & bool(chosen.any()),
        editions=[str(i) for i in range(editions)],
        periods=[("newspaper", str(i // 4), str(i // 2)) for i in range(editions)],
    )


share = st.floats(0, 1, width=32)


@given(
    seed=st.integers(0, 10_000),
    size=st.integers(1, 300),
    editions=st.integers(1, 24),
    rates=st.tuples(share, share, share, share, st.sampled_from([0.0, 0.02, 0.5, 1.0]), share),
    inference=st.sampled_from(Inference),
    estimand=st.sampled_from(Estimand),
    groups=st.integers(1, 6),
    by_area=st.booleans(),
)
@settings(max_examples=60)
def test_no_estimate_leaves_what_is_possible(
    make_estimator, seed, size, editions, rates, inference, estimand, groups, by_area
):
    table = _random_table(seed, size, editions, rates)
    if by_area:
        table = replace(table, weight=np.random.default_rng(seed).gamma(2.0, 0.05, size) + 0.01)
    group = np.random.default_rng(seed).integers(-1, groups, size)
    estimator = make_estimator(
        table, group, inference=inference, estimand=estimand, by_area=by_area
    )
    for k, found in enumerate(estimator.estimates()):
        mine = group == k
        assert found.n == mine.sum()
        assert found.drawn == (table.sampled & mine).sum()
        assert found.picked == (table.picked & mine).sum()
        assert (found.low is None) == (found.high is None) == (found.refused is not None)
        if not found.n:
            assert found.value is None
            continue
        if estimand is Estimand.MEAN_EDITION_SHARE and found.editions > 1:
            assert found.count is None  # a mean of editions' shares counts no photos
            continue
        assert 0 <= found.value <= 1
        assert found.count[0] == pytest.approx(found.value * found.size)
        if estimand is Estimand.SHARE_OF_PHOTOS:
            yes, no = (table.weight[mine] @ (table.label[mine] == answer) for answer in (1, 0))
            assert yes - 1e-6 <= found.count[0] <= found.size - no + 1e-6
        if found.low is None or found.high is None:
            continue
        assert 0 <= found.low <= found.value + 1e-9
        assert found.value - 1e-9 <= found.high <= 1
        if estimand is Estimand.SHARE_OF_PHOTOS and inference is Inference.THESE:
            assert yes - 1e-6 <= found.count[1]
            assert found.count[2] <= found.size - no + 1e-6
            if not by_area:
                assert found.count[1] == pytest.approx(round(found.count[1]), abs=1e-6)


def test_intervals_hold_the_truth_about_as_often_as_they_say(make_estimator):
    rng = np.random.default_rng(3)
    world = World(editions=30, photos=16.0, shift=0.5, edition_shift=0.3)
    held = []
    for _ in range(100):
        paper = world.newspaper(rng)
        table = paper.drawn(paper.table(), 150, rng)
        by_edition = np.bincount(paper.edition, paper.truth) / np.bincount(paper.edition)
        questions = [
            (paper.truth.mean(), make_estimator(table)),
            (world.practice, make_estimator(table, inference=Inference.PRACTICE)),
            (by_edition.mean(), make_estimator(table, estimand=Estimand.MEAN_EDITION_SHARE)),
        ]
        ends = [(truth, *_numbers(_one(estimator))[1:]) for truth, estimator in questions]
        held.append([low <= truth <= high for truth, low, high in ends])
    coverage = np.mean(held, axis=0)
    assert (coverage >= 0.90).all(), coverage
    assert (coverage <= 0.99).all(), coverage


def test_a_rare_subject_is_told_more_closely_than_by_as_many_blind_photos(make_estimator):
    rng = np.random.default_rng(4)
    widths, wilson, held = [], [], []
    for _ in range(80):
        paper = _newspaper(rng, prevalence=0.02, special=0.0)
        _, low, high = _numbers(_one(make_estimator(paper.drawn(paper.table(), 100, rng))))
        seen = rng.choice(paper.truth, 100, replace=False).mean()
        k = ndtri(0.975) ** 2 / 100
        widths.append(high - low)
        wilson.append(2 * np.sqrt(k * seen * (1 - seen) + k**2 / 4) / (1 + k))
        held.append(low <= paper.truth.mean() <= high)
    assert np.mean(widths) < 0.85 * np.mean(wilson)
    assert np.mean(held) >= 0.90


def test_where_a_subject_is_rare_the_machine_alone_says_so(make_estimator):
    for seed in range(4):
        paper = _newspaper(np.random.default_rng(seed), prevalence=0.02, special=0.0)
        table, truth = paper.table(), paper.truth.mean()
        value, low, high = _numbers(_one(make_estimator(table)))
        # Calibrated where a quarter shows it, probabilities add up to far too much.
        assert table.probability.mean() > truth + 0.07
        assert abs(value - truth) < 0.75 * (table.probability.mean() - truth)
        assert low <= truth <= high
        assert _one(make_estimator(table)).method.startswith("machine alone: calibration")


def test_the_machine_alone_counts_picks_as_their_own_photos(make_estimator):
    paper = _newspaper(np.random.default_rng(5))
    table = paper.table()
    chosen = np.flatnonzero(table.edition == 3)[:3]
    label = table.label.copy()
    label[chosen] = 1.0
    group = np.where(table.edition < 5, table.edition, -1)
    before = make_estimator(table, group).estimates()
    after = make_estimator(replace(table, label=label), group).estimates()
    assert [e.value for e in after[:3]] == [e.value for e in before[:3]]
    moved = (_numbers(after[3])[0] - before[3].value) * after[3].n
    assert 3 - table.probability[chosen].sum() == pytest.approx(moved, abs=0.6)
    assert _numbers(after[3])[1] >= 3 / after[3].n
    assert after[3].method.endswith("3 photos reviewed, 95 %")


def test_few_drawn_photos_teach_the_machine_and_do_not_replace_it(make_estimator):
    rng = np.random.default_rng(6)
    paper = _newspaper(rng, shift=1.0)
    few = paper.drawn(paper.table(), FEWEST_DRAWN - 6, rng)
    assert few.sampled.sum() < FEWEST_DRAWN
    alone, taught = _one(make_estimator(paper.table())), _one(make_estimator(few))
    assert taught.method.startswith("machine alone")
    assert taught.low <= paper.truth.mean() <= taught.high
    assert abs(_numbers(taught)[0] - paper.truth.mean()) < abs(alone.value - paper.truth.mean())
    enough = _one(make_estimator(paper.drawn(paper.table(), FEWEST_DRAWN + 6, rng)))
    assert enough.method.startswith("drawn photos: regression estimator")


def test_a_machine_that_knows_too_little_is_refused_with_what_would_help():
    paper = _newspaper(np.random.default_rng(0), prevalence=0.5, auc=0.65)
    wild = Calibration(source=3.0, period=1.0, edition=1.0, slope=0.5, prevalence=2.0)
    table = paper.table()
    group = np.zeros(len(table), np.int64)
    found = _one(ShareEstimator(table, group, ["all"], wild))
    assert found.interval is None
    assert "reviewing 100 photos drawn by chance would narrow it to about ±" in found.refused
    assert found.value is not None  # of these photos, without an interval


def test_practice_asks_for_eight_editions(make_estimator):
    rng = np.random.default_rng(7)
    for drawn in (0, 60):
        for editions in (7, 8):
            paper = _newspaper(rng, editions=editions, prevalence=0.05)
            table = paper.drawn(paper.table(), drawn, rng) if drawn else paper.table()
            found = _one(make_estimator(table, inference=Inference.PRACTICE))
            if editions == 7:
                assert found.interval is None
                assert found.refused == (
                    "the newspaper's practice takes 8 editions or more, not 7:"
                    " ask about these editions instead"
                )
            else:
                assert found.refused is None
            assert _one(make_estimator(table)).refused is None


def test_practice_of_a_subject_that_nobody_ever_saw_is_not_certain(make_estimator):
    paper = _newspaper(np.random.default_rng(8))
    table = replace(paper.table(), label=np.zeros(len(paper.truth)))
    these = _one(make_estimator(table))
    practice = _one(make_estimator(table, inference=Inference.PRACTICE))
    assert (these.value, these.low, these.high) == (0.0, 0.0, 0.0)
    assert these.method == f"{CENSUS}, 95 %"
    assert (practice.value, practice.low) == (0.0, 0.0)
    assert practice.high == pytest.approx(1 - 0.025 ** (1 / len(table)))


def test_an_estimator_takes_the_models_of_another(make_estimator):
    rng = np.random.default_rng(9)
    paper = _newspaper(rng)
    for table in (paper.table(), paper.drawn(paper.table(), 150, rng)):
        whole = make_estimator(table)
        whole.estimates()
        third = np.where(table.edition == 3, 0, -1)
        by_itself = _one(make_estimator(table, third))
        assert _one(make_estimator(table, third, fitted=whole)) == by_itself


# -- differences ---------------------------------------------------------------------------------


def _two(rng, first, second, drawn=0):
    """Two newspapers' editions as two periods of one, and the true difference."""
    papers = [world.newspaper(rng) for world in (first, second)]
    both = joined(papers)
    table = both.drawn(both.table(), drawn, rng) if drawn else both.table()
    periods = [("newspaper", str(int(i >= first.editions))) for i in range(both.editions)]
    return replace(table, periods=periods), papers[0].truth.mean() - papers[1].truth.mean()


def test_p_values_agree_with_intervals_and_size_holds(make_estimator):
    rng = np.random.default_rng(10)
    plain = World(editions=12, photos=20.0, special=0.0)
    for drawn in (0, 150):
        missed = []
        for change in (0.0, 0.0, 0.5, 1.5):
            for shift in (0.0, 0.8):
                for _ in range(4):
                    other = replace(plain, prevalence=0.15 + 0.3 * change / 1.5, shift=shift)
                    table, truth = _two(rng, plain, other, drawn)
                    group = (table.edition >= 12).astype(np.int64)
                    found = make_estimator(table, group).difference(0, 1)
                    _, low, high = _numbers(found)
                    assert (found.p_value < 0.05) == (not low <= 0.0 <= high)
                    missed.append(not low <= truth <= high)
        assert np.mean(missed) <= 0.13


def test_a_change_that_scans_could_make_is_not_told_apart():
    rng = np.random.default_rng(11)
    plain = World(editions=30, photos=40.0, special=0.0, spread=0.1)
    # The newspaper is known well, and how the scans of a period differ is not.
    components = Calibration(
        source=0.1, period=0.8, edition=0.1, slope=0.05, prevalence=0.3, reference=0.2
    )
    table, _ = _two(rng, replace(plain, prevalence=0.6), replace(plain, prevalence=0.1))
    group = (table.edition >= 30).astype(np.int64)
    found = ShareEstimator(table, group, ["first", "second"], components).difference(0, 1)
    assert found.note.startswith("this may come from the scans")
    assert "review photos of each side, drawn by chance" in found.note
    assert found.p_value > 0.05
    steady = components.model_copy(update={"period": 0.0})
    told = ShareEstimator(table, group, ["first", "second"], steady).difference(0, 1)
    assert told.note is None
    assert told.p_value < 0.05


def test_a_difference_of_nothing_is_refused(make_estimator):
    paper = _newspaper(np.random.default_rng(12))
    table = paper.table()
    empty = ShareEstimator(table, np.zeros(len(table), np.int64), ["a", "b"], Calibration())
    found = empty.difference(0, 1)
    assert (found.value, found.low, found.p_value) == (None, None, None)
    assert found.refused == "one of the two has no photos"
    few = make_estimator(table, np.where(table.edition < 4, 0, 1), inference=Inference.PRACTICE)
    refused = few.difference(0, 1)
    assert refused.value is not None
    assert refused.p_value is None
    assert refused.refused.startswith("the newspaper's practice takes 8 editions or more, not 4")


def test_two_reviewed_groups_differ_by_what_was_counted(make_estimator):
    paper = _newspaper(np.random.default_rng(13))
    group = (paper.edition >= 15).astype(np.int64)
    table = replace(paper.table(), label=paper.truth.astype(float))
    found = make_estimator(table, group).difference(0, 1)
    counted = paper.truth[group == 0].mean() - paper.truth[group == 1].mean()
    assert found.value == found.low == found.high == pytest.approx(counted)
    assert found.p_value == 0.0


@pytest.mark.parametrize("drawn", [0, 13, FIRM + 6])
def test_a_number_that_few_drawn_answers_correct_is_provisional(make_estimator, drawn):
    rng = np.random.default_rng(14)
    paper = _newspaper(rng)
    table = paper.table()
    table = paper.drawn(table, drawn, rng) if drawn else table
    halves = (paper.edition >= 15).astype(np.int64)
    found = make_estimator(table, halves).estimates()
    answered = int(table.sampled.sum())
    few = 0 < answered < FIRM
    assert [one.provisional for one in found] == [few, few]
    assert all(("provisional" in (one.note or "")) is few for one in found)
    assert make_estimator(table, halves).difference(0, 1).provisional is few
    if few:
        assert f"{answered} answers drawn so far, and it takes {FIRM}" in found[0].note
        whole = replace(table, label=paper.truth.astype(float))
        assert not any(one.provisional for one in make_estimator(whole, halves).estimates())
