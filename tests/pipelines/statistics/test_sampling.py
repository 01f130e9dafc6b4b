"""Draws that are by chance, and narrower than chance alone."""

from datetime import date

import numpy as np
import pytest

from pipelines.statistics.measure import Zone, stratum
from pipelines.statistics.sampling import Candidate, SamplingScope, allocate, draw

BUDGET = 60
DAY, NIGHT = date(2025, 12, 1), date(2025, 12, 31)


def candidates(probabilities, states=(), weights=()):
    return [
        Candidate(i, f"photo {i}", p, *(weights[i : i + 1] or [1.0]), *states[i : i + 1])
        for i, p in enumerate(probabilities)
    ]


@pytest.fixture(scope="module")
def rare():
    """1,500 photos, of which 2 % show it; most of them stand out."""
    rng = np.random.default_rng(11)
    p = np.concatenate(
        [rng.beta(0.3, 60, 1380), rng.beta(2, 8, 90), rng.beta(5, 4, 20), rng.beta(20, 1, 10)]
    )
    return p


def estimates(p, y, chosen_by, times):
    """Return the share as estimated by each of some draws: the machine's, corrected."""
    found = []
    for i in range(times):
        parts = chosen_by(i)
        found.append(
            sum(p[all_].sum() + len(all_) * (y[some] - p[some]).mean() for all_, some in parts)
            / len(p)
        )
    return np.array(found)


@pytest.mark.parametrize("wrong", [False, True], ids=["calibrated", "miscalibrated"])
def test_planned_draws_are_narrower_than_simple_ones_and_without_bias(rare, wrong):
    rng = np.random.default_rng(3)
    true = np.clip(0.6 * rare + 0.004, 0, 1) if wrong else rare
    y = (rng.random(len(rare)) < true).astype(float)
    strata = np.array([stratum(p) for p in rare])
    photos = candidates(rare)

    def planned(i):
        chosen = {h: [] for h in range(4)}
        for candidate, h in draw(photos, BUDGET, salt=f"seed {i}").photos:
            chosen[h].append(candidate.id)
        return [(np.flatnonzero(strata == h), np.array(chosen[h])) for h in range(4)]

    def simple(i):
        everything = np.arange(len(rare))
        return [(everything, np.random.default_rng(i).permutation(len(rare))[:BUDGET])]

    with_plan = estimates(rare, y, planned, 300)
    without = estimates(rare, y, simple, 3000)
    assert 0.01 < y.mean() < 0.03
    error = with_plan.std() / np.sqrt(len(with_plan))
    assert abs(with_plan.mean() - y.mean()) < 3.5 * error
    assert abs(rare.mean() - y.mean()) > 3.5 * error or not wrong  # there was something to correct
    assert with_plan.var() < 0.8 * without.var()


def test_the_foreseen_interval_is_about_what_draws_give(rare):
    y = (np.random.default_rng(3).random(len(rare)) < rare).astype(float)
    plan = draw(candidates(rare), BUDGET, salt="")
    strata = np.array([stratum(p) for p in rare])

    def planned(i):
        rng = np.random.default_rng(i)
        for row in plan.strata:
            members = np.flatnonzero(strata == row.stratum)
            yield members, rng.permutation(members)[: row.planned]

    spread = estimates(rare, y, planned, 3000).std()
    assert 0.5 < plan.after / (1.96 * spread) < 2.0


def test_each_photo_of_a_stratum_is_as_likely_as_any_other():
    photos = candidates([0.02] * 40)
    drawn = np.zeros(40)
    for i in range(2000):
        for candidate, _ in draw(photos, 4, salt=str(i)).photos:
            drawn[candidate.id] += 1
    # 200 expected each, of binomials with a standard deviation of 13.4.
    assert drawn.min() > 140
    assert drawn.max() < 260


def test_a_draw_can_be_made_again_and_goes_on_where_it_stopped():
    photos = candidates(np.linspace(0.01, 0.99, 200).tolist())
    first = [c.id for c, _ in draw(photos, 20, salt="s").photos]
    assert [c.id for c, _ in draw(photos, 20, salt="s").photos] == first
    assert [c.id for c, _ in draw(list(reversed(photos)), 20, salt="s").photos] == first
    assert [c.id for c, _ in draw(photos, 20, salt="other").photos] != first
    states = ["drawn" if c.id in first[:8] else "open" for c in photos]
    later = draw(candidates([c.probability for c in photos], states), 12, salt="s")
    assert {c.id for c, _ in later.photos} == set(first[8:])


def test_every_beginning_of_a_draw_has_all_strata_in_proportion():
    found = draw(candidates(np.linspace(0.0, 1.0, 400).tolist()), 100, salt="s")
    planned = np.array([row.planned for row in found.strata])
    strata = [h for _, h in found.photos]
    assert planned.min() > 5
    for n in range(1, 101):
        counts = np.bincount(strata[:n], minlength=4)
        assert np.abs(counts - planned * n / 100).max() <= 2


def test_what_is_open_only_is_drawn():
    states = ["open", "drawn", "closed"] * 10
    found = draw(candidates([0.3] * 30, states), 100, salt="")
    assert {c.id % 3 for c, _ in found.photos} == {0}
    row = found.strata[1]
    assert (row.photos, row.open, row.drawn, row.planned) == (30, 10, 10, 10)


def test_more_reviews_make_the_interval_narrower_and_all_of_them_leave_none():
    photos = candidates([0.05] * 50 + [0.4] * 20)
    plans = [draw(photos, n, salt="") for n in (1, 5, 20, 69, 70, 500)]
    widths = [plan.after for plan in plans]
    assert widths == sorted(widths, reverse=True)
    assert widths[-2:] == [0.0, 0.0]
    assert len({plan.before for plan in plans}) == 1
    assert plans[0].after < plans[0].before
    nothing = draw([], 10, salt="")
    assert (nothing.photos, nothing.before, nothing.after) == ((), None, None)


def test_large_photos_draw_reviews_where_area_is_what_counts():
    weights = [0.01] * 40 + [0.9] * 40
    by_area = draw(candidates([0.3] * 40 + [0.7] * 40, (), weights), 20, salt="")
    assert by_area.strata[2].planned >= 17
    by_count = draw(candidates([0.3] * 40 + [0.7] * 40), 20, salt="")
    assert by_count.strata[2].planned == 10


@pytest.mark.parametrize(
    ("needs", "sizes", "budget", "done", "got"),
    [
        ([0, 0, 0, 0], [0, 0, 0, 0], 5, [0, 0, 0, 0], [0, 0, 0, 0]),
        ([9, 3, 0, 0], [90, 90, 0, 0], 40, [0, 0, 0, 0], [30, 10, 0, 0]),
        ([9, 3, 0, 0], [90, 90, 0, 0], 20, [20, 0, 0, 0], [10, 10, 0, 0]),
        ([9, 3, 0, 0], [5, 90, 0, 0], 40, [0, 0, 0, 0], [5, 35, 0, 0]),
        ([9, 3, 0, 0], [5, 6, 0, 0], 40, [0, 0, 0, 0], [5, 6, 0, 0]),
        # Each stratum gets two, the likeliest first.
        ([9, 0, 0, 0], [90, 90, 90, 90], 8, [0, 0, 0, 0], [2, 2, 2, 2]),
        ([9, 1, 1, 1], [90, 90, 90, 90], 5, [0, 0, 0, 0], [0, 1, 2, 2]),
    ],
)
def test_reviews_are_shared_out_by_what_each_stratum_needs(needs, sizes, budget, done, got):
    found = allocate(np.array(needs, float), np.array(sizes), budget, done=np.array(done))
    assert found == pytest.approx(got, abs=1)
    assert sum(found) == sum(got)


@pytest.mark.parametrize(
    ("wide", "narrow", "covers"),
    [
        (SamplingScope(), SamplingScope(), True),
        (SamplingScope(), SamplingScope(Zone.FRONT, "P", DAY, NIGHT), True),
        (SamplingScope(Zone.FRONT), SamplingScope(), False),
        (SamplingScope(Zone.FRONT), SamplingScope(Zone.INSIDE), False),
        (SamplingScope(publication="P"), SamplingScope(publication="P", first_date=DAY), True),
        (SamplingScope(publication="P"), SamplingScope(publication="Q"), False),
        (SamplingScope(publication="P"), SamplingScope(), False),
        (SamplingScope(first_date=DAY), SamplingScope(first_date=DAY, last_date=NIGHT), True),
        (SamplingScope(first_date=DAY), SamplingScope(last_date=NIGHT), False),
        (SamplingScope(first_date=NIGHT), SamplingScope(first_date=DAY), False),
        (SamplingScope(last_date=DAY), SamplingScope(last_date=NIGHT), False),
    ],
)
def test_a_draw_from_more_is_a_draw_from_less(wide, narrow, covers):
    assert wide.covers(narrow) is covers
    assert SamplingScope.parse(wide.text) == wide
    assert SamplingScope.parse(narrow.text) == narrow
