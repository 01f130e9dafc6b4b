"""A verdict is true or false only when it comes out alike for all that the numbers may be."""

from datetime import date, timedelta

import pytest

from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.claim.evaluate import baseline_needed
from presslens.pipelines.statistics.claim.parser import parse
from presslens.pipelines.statistics.claim.quantity import TruthValue
from presslens.pipelines.statistics.flags import TWO_QUESTIONS
from presslens.pipelines.statistics.metrics import Estimate, Metric
from presslens.pipelines.statistics.reference_editions import MOST_REFERENCES

DAY = date(2025, 12, 16)
TRUE, FALSE, OPEN = TruthValue.TRUE, TruthValue.FALSE, TruthValue.UNDECIDED
ONE = timedelta(days=1)


@pytest.mark.parametrize(
    ("rule", "truth"),
    [
        ("photos > 100", TRUE), ("photos > 117", FALSE), ("photos >= 117", TRUE),
        ("photos = 117 and pages = 8", TRUE), ("photos != 117", FALSE),
        ("photos / pages > 14.6 and photos - 2 * pages = 101", TRUE), ("-photos < -100", TRUE),
        ("photos / (pages - 8) > 1", OPEN), ("pages = 8 and usual_pages = 6", TRUE),
        ("share(children) > 14 %", TRUE), ("share(children) > 20 %", OPEN),
        ("share(children) > 31 %", FALSE), ("share(children) >= 15 %", TRUE),
        ("share(children) < 15 %", FALSE), ("share(children) = 20 %", OPEN),
        ("share(children) = 40 %", FALSE), ("share(children) != 40 %", TRUE),
        ("share(children) * photos > 14", TRUE),
        ("share(children) > 20 % or photos > 100", TRUE),
        ("share(children) > 20 % and photos > 200", FALSE),
        ("share(children) > 20 % and photos > 100", OPEN), ("not share(children) > 20 %", OPEN),
        ("not photos > 200", TRUE), ("front.share(leader) > 0", OPEN), ("text_pages > 1", OPEN),
        ("front.lead.focus = facility", TRUE), ("front.lead.focus = leader", FALSE),
        ("front.lead.focus != leader", TRUE),
    ],
)  # fmt: skip
def test_one_edition(verdict, make, rule, truth):
    shares = {"children": (0.2, 0.15, 0.3), "leader_front": None}
    found = verdict(rule, make(pages=8, photos=117, focus=Focus.FACILITY, **shares), usual=6)
    assert found.truth is truth
    assert found.editions[0].truth is truth


@pytest.mark.parametrize(
    ("rule", "truth"), [("share(children) > 3 %", TRUE), ("share(children) > 5 %", OPEN)]
)
def test_an_interval_that_is_too_wide_to_be_stated_decides_what_it_leaves_out(
    verdict, make, rule, truth
):
    wide = Estimate(
        0.1, None, 100, refused="from 4% to 97%", widest=(0.04, 0.97), note="low scores"
    )
    found = verdict(rule, make(children=wide))
    assert found.truth is truth
    assert (found.steps[0].left.low, found.steps[0].left.high) == (0.04, 0.97)
    assert found.steps[0].left.reasons == ("from 4% to 97%", "low scores")


def test_an_undecided_claim_about_what_is_usual_says_how_a_flag_differs(verdict, make, before):
    usual = before(children=[(0.05, 0.01, 0.12)] * 20)
    rule = "share(children) > baseline.p90(children)"
    open_ = verdict(rule, make(children=(0.1, 0.05, 0.2)), before=usual)
    assert (open_.truth, open_.reasons[0]) == (OPEN, TWO_QUESTIONS)
    told = verdict(rule, make(children=(0.5, 0.4, 0.6)), before=usual)
    assert told.truth is TRUE
    assert TWO_QUESTIONS not in told.reasons


@pytest.mark.parametrize(
    ("rule", "truth"),
    [
        ("front.lead.focus = unsure", TRUE),
        ("front.lead.focus = facility", OPEN),
        ("front.lead.focus != facility", OPEN),
    ],
)
def test_an_unsure_focus_decides_nothing_else(verdict, make, rule, truth):
    found = verdict(rule, make(focus=Focus.UNSURE))
    assert found.truth is truth
    assert "the machine is unsure" in found.reasons[0]


def test_without_a_front_photo_the_focus_is_open(verdict, make):
    found = verdict("front.lead.focus = facility", make(focus=None))
    assert found.truth is OPEN
    assert "has no photo" in found.reasons[0]


@pytest.mark.parametrize(
    ("rule", "truth"),
    [
        ("photos > 80", TRUE),  # there are no fewer
        ("photos > 90", OPEN),
        ("photos < 90", OPEN),
        ("photos < 87", FALSE),
        ("photos = 87", OPEN),
        ("full_page_photo_pages >= 3", OPEN),
        ("full_page_photo_pages >= 4", FALSE),  # one page was not seen
        ("largest_photo > 0.9", OPEN),
        ("pages = 8", TRUE),
    ],
)
def test_pages_that_were_not_seen_leave_counts_open(verdict, make, rule, truth):
    made = make(pages=8, unseen=1, photos=87, full_page_photo_pages=2, largest_photo=0.4)
    found = verdict(rule, made)
    assert found.truth is truth
    assert rule == "pages = 8" or "1 of its 8 pages" in found.reasons[0]


@pytest.mark.parametrize(
    ("rule", "truth"),
    [
        ("photos > baseline.median(photos)", TRUE),
        ("photos > baseline.max(photos)", FALSE),
        ("photos > baseline.p90(photos)", TRUE),
        ("baseline.mean(photos) = 15.25 and baseline.min(photos) = 9", TRUE),
        ("baseline.rank(photos) = 2", TRUE),
        ("baseline.rank(photos) = 1", FALSE),
        ("photos > baseline.p99(photos)", OPEN),  # it needs a hundred
    ],
)
def test_what_is_usual(verdict, make, before, rule, truth):
    counts = [9, 10, 10, 11, 11, 11, 10, 10, 9, 12, 20, 60]
    assert verdict(rule, make(photos=40), before=before(photos=counts)).truth is truth


def test_too_few_editions_before_are_said(verdict, make, before):
    found = verdict("photos > baseline.median(photos)", make(photos=40), before=before(photos=[9]))
    assert found.truth is OPEN
    assert "needs 10 editions of Rodong Sinmun before 2025-12-16, and 1 is known" in str(
        found.reasons
    )


@pytest.mark.parametrize(
    ("interval", "truth"),
    [((0.2, 0.4), TRUE), ((0.16, 0.3), OPEN), ((0.09, 0.15), OPEN), ((0.01, 0.04), FALSE)],
)
def test_a_share_against_the_usual_shares(verdict, make, before, interval, truth):
    usual = before(children=[(0.1, 0.08, 0.15)] * 20)
    made = make(children=(sum(interval) / 2, *interval))
    found = verdict("share(children) > baseline.p90(children)", made, before=usual)
    assert found.truth is truth
    step = found.steps[0]
    assert (step.left.n, step.right.n) == (100, 20)
    assert step.left.method == "detector"
    assert step.right.method.startswith("p90 of 20 editions from 2025-11-26 to 2025-12-15")


def test_a_rank_is_open_where_intervals_overlap(verdict, make, before):
    usual = before(children=[(0.05, 0.03, 0.07)] * 9 + [(0.3, 0.25, 0.4)])
    found = verdict("baseline.rank(children) = 2", make(children=(0.2, 0.16, 0.3)), before=usual)
    assert found.truth is OPEN
    left = found.steps[0].left
    assert (left.value, left.low, left.high) == (2, 1, 2)


def days(make, *numbers, start=DAY):
    return [make(start + i * ONE, photos=n) for i, n in enumerate(numbers) if n is not None]


@pytest.mark.parametrize(
    ("rule", "truth"),
    [
        ("photos > 4", FALSE), ("photos > 3", TRUE), ("mean(photos) = 8", TRUE),
        ("max(photos) = 12 and min(photos) = 4 and sum(photos) = 24", TRUE),
        ("count(photos >= 8) = 2", TRUE), ("per_week(photos) = 56", TRUE),
        ("any(photos = 12)", TRUE), ("all(photos > 4)", FALSE),
        ("any(photos > 4 and photos < 10) and not all(photos < 10)", TRUE),
        ("photos > mean(photos)", FALSE), ("max(photos) > 2 * min(photos)", TRUE),
    ],
)  # fmt: skip
def test_several_editions(verdict, make, rule, truth):
    found = verdict(rule, *days(make, 4, 8, 12), last=DAY + 2 * ONE)
    assert found.truth is truth
    assert found.n == 3


@pytest.mark.parametrize(
    ("rule", "truth"),
    [
        ("photos > 3", OPEN),
        ("photos > 4", FALSE),
        ("sum(photos) >= 16", TRUE),
        ("sum(photos) >= 17", OPEN),
        ("sum(photos) < 16", FALSE),
        ("sum(photos - 1) >= 2", OPEN),  # it may be less than nothing on the day that is missing
        ("mean(photos) > 5", TRUE),
        ("mean(photos) > 6", OPEN),
        ("max(photos) >= 12", TRUE),
        ("min(photos) <= 4", TRUE),
        ("count(photos > 3) >= 2", TRUE),
        ("count(photos > 3) = 2", OPEN),
        ("count(photos > 3) <= 3", TRUE),
        ("any(photos = 12)", TRUE),
        ("all(photos > 3)", OPEN),
        ("per_week(photos) > 37", TRUE),
    ],
)
def test_a_day_without_its_edition_leaves_open_what_it_might_change(verdict, make, rule, truth):
    found = verdict(rule, *days(make, 4, None, 12), last=DAY + 2 * ONE)
    assert found.truth is truth
    assert found.reasons[0] == "no edition of Rodong Sinmun on 2025-12-17"


@pytest.mark.parametrize(
    "rule", ["photos > 100", "not photos > 100", "any(photos > 1)", "all(photos > 1)",
             "count(photos > 1) = 0", "per_week(photos) > 1", "front.lead.focus != leader"]
)  # fmt: skip
def test_without_any_edition_nothing_is_decided(verdict, rule):
    found = verdict(rule, last=DAY + 9 * ONE)
    assert found.truth is OPEN
    assert found.reasons[0] == ("no edition of Rodong Sinmun on 2025-12-16 to 2025-12-25 (10 days)")


def test_reasons_tell_days_apart(verdict, make):
    waiting = {DAY + ONE: "it is not analysed yet", DAY + 3 * ONE: "it is not analysed yet"}
    found = verdict("pages = 6", make(), last=DAY + 4 * ONE, unusable=waiting)
    assert found.reasons[:2] == (
        "no edition of Rodong Sinmun on 2025-12-18, 2025-12-20 (2 days)",
        "edition of Rodong Sinmun of 2025-12-17, 2025-12-19 (2 days): it is not analysed yet",
    )


def test_a_weekday_without_editions_is_not_missing(verdict, make, before):
    usual = [e for e in before(photos=[9] * 60) if e["day"].weekday() != 6]
    week = [make(DAY + i * ONE, photos=9) for i in range(7) if (DAY + i * ONE).weekday() != 6]
    rule = "photos = baseline.median(photos)"
    found = verdict(rule, *week, before=usual, last=DAY + 6 * ONE, weekdays=range(1, 7))
    assert found.truth is TRUE
    assert "does not appear on Sundays" in found.reasons[0]
    assert verdict(rule, *week, before=usual, last=DAY + 6 * ONE).truth is OPEN


def test_editions_with_nothing_to_measure_are_left_out(verdict, make):
    made = [make(DAY, leader_front=(0.5, 0.4, 0.6)), make(DAY + ONE, leader_front=None)]
    found = verdict("mean(front.share(leader)) > 0.3", *made, last=DAY + ONE)
    assert found.truth is TRUE
    assert "1 edition with nothing to measure left out" in found.reasons[0]


def test_a_metric_that_was_not_measured_is_open(verdict, make):
    found = verdict('share(figure "Nobody") = 0', make(photos=3))
    assert found.truth is OPEN
    assert 'share(figure "Nobody") was not measured' in found.reasons[0]


def test_an_unknown_usual_number_of_pages_is_open(verdict, make):
    found = verdict("pages = 8 and usual_pages = 6", make(pages=8))
    assert found.truth is OPEN
    assert "the usual number of pages of Rodong Sinmun is not known" in found.reasons[0]


def test_a_verdict_shows_how_it_was_reached(verdict, make):
    found = verdict("pages=8 and share( children )>12%", make(pages=8, children=(0.2, 0.15, 0.3)))
    assert found.to_json() == {
        "verdict": "true",
        "rule": "pages = 8 and share(children) > 0.12",
        "rule_version": found.version,
        "level": 0.05,
        "simultaneous": False,
        "tests": 1,
        "correction": "one test, not corrected for other claims",
        "estimand": "these editions",
        "reasons": [
            "on 2025-12-16: pages = 8 holds: 8",
            "on 2025-12-16: share(children) > 0.12 holds: 20 % (15 % to 30 %)",
        ],
        "n": 1,
        "baseline_editions": 0,
        "editions": [
            {
                "edition": DAY.toordinal(), "date": "2025-12-16", "verdict": "true",
                "simultaneous_verdict": "true",
            }
        ],
        "comparisons": [
            {
                "edition": DAY.toordinal(), "date": "2025-12-16", "comparison": "pages = 8",
                "left": {"value": 8, "interval": None, "n": None, "method": ""},
                "operator": "=",
                "right": {"value": 8, "interval": None, "n": None, "method": ""},
                "verdict": "true", "risk": None, "tested": None, "reasons": [],
            },
            {
                "edition": DAY.toordinal(), "date": "2025-12-16",
                "comparison": "share(children) > 0.12",
                "left": {
                    "value": 0.2, "interval": [0.15, 0.3], "n": 100, "method": "detector",
                },
                "operator": ">",
                "right": {"value": 0.12, "interval": None, "n": None, "method": ""},
                "verdict": "true", "risk": 0.05, "tested": None, "reasons": [],
            },
        ],
        "comparisons_left_out": 0,
        "metrics": ["children", "pages"],
    }  # fmt: skip
    assert found.metrics == {Metric("children"), Metric("pages")}
    turned = verdict("12% < share(children)", make(children=(0.2, 0.15, 0.3))).reasons[0]
    assert turned.endswith("0.12 < share(children) holds: 12 %, against 20 % (15 % to 30 %)")


def test_open_bounds_are_served_as_null(verdict, make):
    step = verdict("photos > 90", make(photos=87, unseen=1)).to_json()["comparisons"][0]
    assert step["left"]["interval"] == [87, None]


def test_long_periods_list_some_comparisons_and_count_the_others(verdict, make):
    found = verdict("photos < 9", *days(make, *range(300)), last=DAY + 299 * ONE)
    assert len(found.editions) == 300
    assert (len(found.steps), found.steps_left_out) == (200, 100)
    assert len(found.reasons) == 30
    assert "does not hold: 9" in found.reasons[0]


@pytest.mark.parametrize(
    ("rule", "editions"),
    [
        ("photos > 1", 0),
        ("usual_pages = 6", 0),
        ("photos > baseline.p90(photos)", MOST_REFERENCES),
        ("photos > baseline.p99(photos) or photos > baseline.median(photos)", 100),
        ("photos < baseline.p1(photos)", 100),
    ],
)
def test_how_many_editions_before_are_needed(rule, editions):
    assert baseline_needed(parse(rule)) == editions
