"""Groups of photos by a sample: the groups add up, borrow strength, and hold what is true."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit, logit

from presslens.pipelines.statistics.measure import BITS, Zone
from presslens.pipelines.statistics.worlds import World, joined

MONTHS = World(months=4, editions=24, photos=15.0, month_shift=0.6)
DAY = 739_000


def _sampled(seed=0, photos=150, world=MONTHS):
    """A newspaper, and a table of its photos with days, pages, zones and a sample."""
    rng = np.random.default_rng(seed)
    paper = world.newspaper(rng)
    days = [DAY + 3 * i for i in range(paper.editions)]
    pages = [8 if i % 5 == 0 else 6 for i in range(paper.editions)]
    table = replace(paper.table(), days=days, pages=pages)
    return paper, paper.drawn(table, photos, rng)


def _partitions(paper, table):
    """Parts of all photos, by what they go by."""
    days = np.array(table.days)
    return {
        "edition": table.edition,
        "month": paper.month[table.edition],
        "weekday": (days % 7)[table.edition],
        "pages": np.array(table.pages)[table.edition] // 2 - 3,
        "zone": np.where(paper.front, 0, 1),
    }


def _count(estimates):
    return sum(estimate.count[0] for estimate in estimates if estimate.count)


@pytest.mark.parametrize("by_area", [False, True])
def test_months_weekdays_pages_zones_and_editions_add_up_to_the_whole(make_estimator, by_area):
    for seed in range(3):
        paper, table = _sampled(seed)
        if by_area:
            table = replace(table, weight=paper.area)
        whole = _count(make_estimator(table, by_area=by_area).estimates())
        for name, group in _partitions(paper, table).items():
            parts = make_estimator(table, group, by_area=by_area).estimates()
            assert _count(parts) == pytest.approx(whole, rel=1e-9), name


def test_kinds_that_are_asked_about_add_up_to_the_whole(make_estimator):
    """Also where the scores of one of them have been shifted, which the whole does not know."""
    world = World(editions=40, photos=15.0, new_scanner=-2.0)
    for seed in range(3):
        paper, table = _sampled(seed, 60, world)
        group = paper.by_scanner()
        whole = _count(make_estimator(table).estimates())
        parts = make_estimator(table, group, asked=group).estimates()
        assert _count(parts) == pytest.approx(whole, rel=1e-9)
        for found in parts:
            assert found.low <= found.value <= found.high


def test_newspapers_add_up_to_the_whole(make_estimator):
    rng = np.random.default_rng(4)
    one, other = World(editions=12).newspaper(rng), World(editions=12, shift=1.0).newspaper(rng)
    both = joined([one, other])
    table = both.drawn(both.table(), 120, rng)
    table = replace(table, periods=[("one" if i < 12 else "other",) for i in range(24)])
    whole = _count(make_estimator(table).estimates())
    assert _count(make_estimator(table, table.edition // 12).estimates()) == pytest.approx(whole)


def test_a_groups_number_does_not_depend_on_what_else_is_asked(make_estimator):
    paper, table = _sampled(1)
    group = paper.month[table.edition]
    every = make_estimator(table, group).estimates()
    for k, expected in enumerate(every):
        (alone,) = make_estimator(table, np.where(group == k, 0, -1)).estimates()
        assert alone.value == pytest.approx(expected.value, rel=1e-9)
        assert alone.interval == pytest.approx(expected.interval, abs=1e-6)
    # A fortnight is no month: its effect is its own, whatever is beside it.
    fortnights = [np.where(table.edition // 4 == k, 0, -1) for k in (0, 1)]
    both = np.where(fortnights[0] == 0, 0, np.where(fortnights[1] == 0, 1, -1))
    together = make_estimator(table, both).estimates()
    for mask, expected in zip(fortnights, together, strict=True):
        (alone,) = make_estimator(table, mask).estimates()
        assert alone.value == pytest.approx(expected.value, rel=1e-9)


def test_the_method_says_how_many_were_drawn_in_a_group(make_estimator):
    paper, table = _sampled()
    (month, *_) = make_estimator(table, paper.month[table.edition]).estimates()
    assert f"150 drawn photos, {month.drawn} of them here" in month.method
    (whole,) = make_estimator(table).estimates()
    assert "score interval" in whole.method


@pytest.mark.parametrize(
    ("world", "parts", "drawn", "each"),
    [
        (World(months=12, month_shift=0.8), "month", 25, True),
        pytest.param(World(months=12, season=1.0), "month", 25, True, marks=pytest.mark.long),
        (World(front=1.0), "zone", 100, False),
        (World(new_scanner=1.5), "scanner", 200, False),
        pytest.param(World(new_scanner=-1.5), "scanner", 200, False, marks=pytest.mark.long),
    ],
)
def test_intervals_of_groups_hold_the_truth(make_estimator, world, parts, drawn, each):
    held, widths = [], []
    for seed in range(12 if each else 50):
        rng = np.random.default_rng((7, seed))
        paper = world.newspaper(rng)
        late = (paper.edition >= 0.75 * paper.editions).astype(np.int64)
        month, zone = paper.month[paper.edition], np.where(paper.front, 0, 1)
        group = {"month": month, "zone": zone, "scanner": late}[parts]
        table = paper.drawn(paper.table(), drawn, rng, parts=group if each else None)
        for k, found in enumerate(make_estimator(table, group, asked=group).estimates()):
            truth = paper.truth[group == k].mean()
            held.append(found.low <= truth <= found.high)
            widths.append(found.high - found.low)
    assert np.mean(held) >= 0.89
    assert np.mean(widths) < 0.22


def test_a_group_with_few_draws_borrows_strength(make_estimator):
    rng = np.random.default_rng(8)
    paper = World(months=4, editions=24, photos=15.0).newspaper(rng)
    last = paper.month[paper.edition] == 3
    many = paper.drawn(paper.table(), 150, rng, within=~last)
    few = paper.drawn(paper.table(), 8, rng, within=last)
    label = np.where(last, few.label, many.label)
    inclusion = np.where(last, few.inclusion, many.inclusion)
    framed = np.ones(len(few), bool)
    table = replace(few, label=label, inclusion=inclusion, framed=framed)
    found = make_estimator(table, paper.month[paper.edition]).estimates()[3]
    assert found.drawn <= 10
    assert found.low <= paper.truth[last].mean() <= found.high
    # Ten photos by themselves leave half of what is possible (Wilson's interval).
    assert found.high - found.low < 0.3


def test_the_errors_of_parts_of_one_sample_go_together(make_estimator):
    held = []
    for seed in range(40):
        paper, table = _sampled((9, seed), 120, World(editions=24, photos=20.0))
        half = table.edition // 12
        less = make_estimator(table, half).difference(1, 0)
        truth = paper.truth[half == 1].mean() - paper.truth[half == 0].mean()
        held.append(less.low <= truth <= less.high)
        assert -1 <= less.low <= less.value <= less.high <= 1
    assert np.mean(held) >= 0.87


@pytest.mark.parametrize("odds", [pytest.param(4.0, marks=pytest.mark.long), 0.25])
def test_photos_without_an_answer_may_differ_by_the_factor_that_is_given(make_estimator, odds):
    held, widths = [], []
    for seed in range(40):
        rng = np.random.default_rng((10, seed))
        paper = World(prevalence=0.2).newspaper(rng)
        table = paper.drawn(paper.table(), 200, rng)
        # Photos that show it have no answer with so many times the odds of the others.
        chance = expit(logit(0.15) + np.log(odds) * paper.truth)
        lost = table.sampled & (rng.random(len(table)) < chance)
        table = replace(table, label=np.where(lost, np.nan, table.label))
        one, two, four = (
            make_estimator(table, nonresponse=factor).estimates()[0] for factor in (1.0, 2.0, 4.0)
        )
        widths.append([found.high - found.low for found in (one, two, four)])
        held.append(four.low <= paper.truth.mean() <= four.high)
    assert np.mean(held) >= 0.87
    assert (np.diff(widths, axis=1) > 0).all()


def test_zones_that_a_table_knows_have_an_effect(make_estimator):
    _, table = _sampled(3, 200, World(front=2.0, editions=24, photos=20.0))
    front = (table.zones & BITS[Zone.FRONT]) > 0
    blind = replace(table, zones=None)
    seen, unseen = (
        make_estimator(one, np.where(front, 0, 1)).estimates()[0].value for one in (table, blind)
    )
    assert seen > unseen
