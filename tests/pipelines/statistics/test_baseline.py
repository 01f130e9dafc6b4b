"""What is usual and what is flagged; the words are tested with it."""

from datetime import date, timedelta

import numpy as np
import pytest
from scipy.stats import linregress

from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.baseline import Trend, compare_to_baseline
from presslens.pipelines.statistics.explanations import (
    lead_in_words,
    name_metric,
    number,
    standing_in_words,
)
from presslens.pipelines.statistics.flags import BaselineRules, Flag
from presslens.pipelines.statistics.metrics import Estimate, Metric
from presslens.pipelines.statistics.reference_editions import MatchCriterion

TODAY = date(2025, 12, 16)


def back(ago):
    return TODAY - timedelta(ago)


@pytest.fixture
def hold(make_facts):
    """Return a function that holds a value against others, newest first."""

    def stand(name, value, others, rules=None):
        metric = Metric.parse(name)
        editions = [make_facts(back(i), {name: v}) for i, v in enumerate(others, 1)]
        edition = make_facts(TODAY, {name: value})
        found = compare_to_baseline(edition, editions, rules or BaselineRules())
        (standing,) = found.standings
        assert standing.metric == metric
        return standing, standing_in_words(standing, found)

    return stand


def test_pages_that_were_last_seen_long_ago(hold):
    others = [6.0] * 60
    others[40] = others[52] = 8.0
    standing, words = hold("pages", 8.0, others)
    assert words == "8 pages; usual 6; last time 41 editions ago"
    assert standing.flag is Flag.OUTLIER
    assert (standing.rank, standing.equal, standing.last) == (1, 2, 41)
    assert standing.as_high == pytest.approx(2 / 60)


def test_more_photos_than_ever(hold):
    others = [28.0, 35, 44, 30, 40] * 12
    standing, words = hold("photos", 104.0, others)
    assert words == "photos 104; usual 35 (30–40); the most of the last 60 editions"
    assert (standing.flag, standing.rank, standing.as_high) == (Flag.EXTREME, 1, 0.0)
    assert standing.z == pytest.approx((104 - 35) / (1.4826 * 5))


@pytest.mark.parametrize(
    ("value", "others", "flag", "words"),
    [
        (35.0, [28.0, 35, 44, 30, 40] * 12, None,
         "photos 35; usual 35 (30–40); as low or lower in 36 of 60"),
        (44.0, [28.0, 35, 44, 30, 40] * 12, None,
         "photos 44; usual 35 (30–40); as high or higher in 12 of 60"),
        (2.0, [28.0, 35, 44, 30, 40] * 12, Flag.EXTREME,
         "photos 2; usual 35 (30–40); the least of the last 60 editions"),
        (9.0, [7.0] * 30, Flag.FIRST_CHANGE,
         "photos 9; usual 7; all of the last 30 editions were the same"),
        (7.0, [7.0] * 30, None, "photos 7; usual 7; as low or lower in 30 of 30"),
        # One edition in six does it: far from the usual by z, and yet nothing special.
        (1.0, [0.0, 0, 0, 0, 0, 1] * 10, None, "photos 1; usual 0; as high or higher in 10 of 60"),
        # Nobody can tell from nine.
        (104.0, [28.0, 35, 44] * 3, None,
         "photos 104; usual 35 (28–44); the most of the last 9 editions"),
        # The highest of fifteen, and no farther than they foretell.
        (45.0, [28.0, 35, 44, 30, 40] * 3, None,
         "photos 45; usual 35 (30–40); the most of the last 15 editions"),
        (None, [28.0, 35], None, "photos –; usual 31.5 (29.8–33.3)"),
        (5.0, [None, None], None, "photos 5; no previous edition to compare with"),
    ],
)  # fmt: skip
def test_what_is_flagged(hold, value, others, flag, words):
    assert (hold("photos", value, others)[0].flag, hold("photos", value, others)[1]) == (
        flag,
        words,
    )


@pytest.mark.parametrize(
    ("interval", "flag", "undecided", "end"),
    [
        ((0.2, 0.38), Flag.EXTREME, False, "the most of the last 60 editions"),
        ((0.04, 0.5), None, True, "far out of the last 60 editions, but the interval reaches back"
         " to what others had"),
    ],
)  # fmt: skip
def test_a_share_is_flagged_only_if_the_near_end_is_far_out(hold, interval, flag, undecided, end):
    others = [0.03, 0.05, 0.08, 0.04, 0.06] * 12
    standing, words = hold("children", Estimate(0.25, interval, 104, "test"), others)
    assert (standing.flag, standing.undecided) == (flag, undecided)
    assert words.endswith(end)


def test_a_share_is_told_with_its_interval(hold):
    _, words = hold("children@front", Estimate(0.25, (0.123, 0.38), 104, "test"), [0.05] * 20)
    assert words.startswith("children on the front page 25 % (12–38 %); usual 5 %; all of")


def test_the_end_decides_which_flag_it_is(hold):
    others = [0.03, 0.05, 0.08, 0.04, 0.06] * 11 + [0.3]
    standing, _ = hold("children", Estimate(0.4, (0.25, 0.5), 104, "test"), others)
    assert standing.flag is Flag.OUTLIER


def test_ties_share_the_best_rank(hold):
    standing, _ = hold("photos", 5.0, [7.0, 5, 5, 3])
    assert (standing.rank, standing.above, standing.equal) == (2, 1, 2)


def test_the_baseline_is_named_by_what_it_is_matched_in(hold):
    rules = BaselineRules(match=frozenset(MatchCriterion))
    _, words = hold("photos", 50.0, [30.0 + i % 9 for i in range(200)], rules)
    assert words.endswith("the most of the last 28 editions with 6 pages on Tuesdays")


@pytest.mark.parametrize(
    ("today", "others", "flagged", "words"),
    [
        ("facility", ["leader"] * 32 + ["facility"] + ["leader"] * 25 + ["unsure"] * 2, True,
         "front page's lead photo: facility; usual leader (57 of 60); last time 33 editions ago"),
        ("facility", ["leader"] * 20, True, "front page's lead photo: facility; usual leader"
         " (20 of 20); never before, as far as is known"),
        ("facility", ["leader", "facility"] * 20, False, "front page's lead photo: facility; usual"
         " leader (20 of 40); last time 2 editions ago"),
        ("leader", ["leader"] * 20, False, "front page's lead photo: leader; usual leader"
         " (20 of 20)"),
        ("unsure", ["leader"] * 20, False, "front page's lead photo: unsure; usual leader"
         " (20 of 20); never before, as far as is known"),
        (None, ["leader"] * 20, False, "front page's lead photo: none; usual leader (20 of 20)"),
        ("facility", ["leader"] * 9, False, "front page's lead photo: facility; usual leader"
         " (9 of 9); never before, as far as is known"),
    ],
)  # fmt: skip
def test_what_the_front_page_leads_with(make_facts, today, others, flagged, words):
    editions = [make_facts(back(i), lead=Focus(v)) for i, v in enumerate(others, 1)]
    found = compare_to_baseline(
        make_facts(TODAY, lead=Focus(today) if today else None), editions, BaselineRules()
    )
    assert found.front_lead.flagged is flagged
    assert lead_in_words(found.front_lead) == words


def drawn(make_facts, seed, metrics):
    """Return an edition that is like the 60 before it."""
    rng = np.random.default_rng(seed)
    names = [f"label:m{i}" for i in range(metrics)]
    editions = [
        make_facts(back(i), dict(zip(names, rng.normal(0.5, 0.1, metrics).tolist(), strict=True)))
        for i in range(61)
    ]
    return compare_to_baseline(editions[0], editions[1:], BaselineRules())


def test_chance_seldom_flags(make_facts):
    seeds, metrics = 5, 40
    baselines = [drawn(make_facts, seed, metrics) for seed in range(seeds)]
    flags = [s.flag for found in baselines for s in found.standings]
    assert baselines[0].extremes_by_chance == pytest.approx(metrics * 2 / 61)
    assert sum(flag is not None for flag in flags) / seeds / metrics <= 0.01


@pytest.mark.parametrize(
    ("metric", "name"),
    [
        ("photos_per_page", "photos a page"),
        ("figure:Kim Jong Un@lead", "Kim Jong Un among the lead photos"),
        ("label:military_parade", "military parade"),
        ("focus_facility@above_fold/area", "focus on the facility above the fold, by area"),
    ],
)
def test_metrics_are_named(metric, name):
    assert name_metric(Metric.parse(metric)) == name


@pytest.mark.parametrize(
    ("metric", "value", "text"),
    [
        ("photos", 104.0, "104"), ("photos_per_page", 13.25, "13.3"),
        ("photo_area_share", 0.55, "55 %"), ("children", 0.055, "5.5 %"),
        ("children", 0.05, "5 %"), ("children", 0.0, "0 %"), ("children", None, "–"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_people_read_them(metric, value, text):
    assert number(Metric.parse(metric), value) == text


def test_a_trend_is_no_news(make_facts):
    rng = np.random.default_rng(6)
    grown = [(100 - i + rng.normal(0, 3)) for i in range(61)]
    editions = [make_facts(back(i), {"photos": max(0.0, v)}) for i, v in enumerate(grown)]
    found = compare_to_baseline(editions[0], editions[1:], BaselineRules())
    (standing,) = found.standings
    assert standing.trend.slope == pytest.approx(1.0, abs=0.1)
    assert standing.usual.median == pytest.approx(100, abs=3)
    assert standing.flag is None
    assert "rising by 3" in standing_in_words(standing, found)
    # What stands out from the trend is flagged all the same, though the newspaper had it before.
    fallen = make_facts(TODAY, {"photos": 60.0})
    (standing,) = compare_to_baseline(fallen, editions[1:], BaselineRules()).standings
    assert standing.flag is Flag.EXTREME


def test_how_many_editions_of_the_baseline_would_be_flagged(make_facts):
    found = drawn(make_facts, 3, 10)
    # Each of ten metrics has a highest and a lowest of sixty; few of them are far out.
    assert found.false_flag_share <= 0.1
    assert {len(s.false_flags) for s in found.standings} == {60}
    few = [make_facts(back(i), {"photos": 30.0}) for i in range(9)]
    assert compare_to_baseline(few[0], few[1:], BaselineRules()).false_flag_share is None


def test_an_anniversary_is_held_against_earlier_ones(make_facts):
    editions = [make_facts(back(i), {"photos": 30.0 + i % 5}) for i in range(1, 31)]
    yearly = [make_facts(date(year, 12, 16), {"photos": 80.0 + year % 3}) for year in (2024, 2023)]
    edition = make_facts(TODAY, {"photos": 82.0})
    found = compare_to_baseline(
        edition, [*editions, *yearly], BaselineRules(n=30), anniversaries=yearly
    )
    (standing,) = found.standings
    assert standing.flag is Flag.EXTREME
    assert (standing.anniversary.n, standing.anniversary.lowest) == (2, 81.0)


def test_slope_is_that_of_scipy_and_the_test_is_more_careful():
    rng = np.random.default_rng(1)
    days = np.sort(rng.choice(300, 50, replace=False))
    values = np.round(0.02 * days + rng.normal(0, 2, 50), 1)
    found, least_squares = Trend.of(days.tolist(), values.tolist()), linregress(days, values)
    assert found.slope == pytest.approx(least_squares.slope, rel=0.05)
    assert least_squares.pvalue < found.p_value < 0.01


def test_neighbours_that_are_alike_make_no_trend():
    found = []
    for seed in range(60):
        shocks = np.random.default_rng(seed).standard_normal(60)
        for i in range(1, 60):
            shocks[i] = 0.8 * shocks[i - 1] + 0.6 * shocks[i]
        found.append(Trend.of(list(range(60)), (30 + 4 * shocks).tolist()).p_value <= 0.01)
    assert np.mean(found) <= 0.07


def test_few_special_editions_make_no_trend():
    values = [5.0, 6, 5, 7, 6, 5, 6, 7, 40, 6, 50, 60, 6, 5, 7, 6, 5, 6]
    found = Trend.of([float(i) for i in range(18)], values)
    assert abs(found.slope) < 0.15
    assert found.p_value > 0.01


def test_what_has_no_trend():
    assert Trend.of([1.0, 2.0], [1.0, 2.0]) is None
    assert Trend.of([3.0] * 12, [float(i) for i in range(12)]) is None
    assert Trend.of([float(i) for i in range(12)], [6.0] * 12) == Trend(0.0, 1.0)
