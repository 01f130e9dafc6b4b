"""Tipping points are where verdicts and differences fall, and not before."""

import numpy as np
import pytest
from scipy.special import expit, logit

from presslens.pipelines.statistics.tipping import (
    BY_LABELS,
    BY_THE_MACHINE,
    Assumption,
    Ends,
    difference_tipping,
    moved_count,
    moved_share,
    rests_on,
    tipping_amount,
    tipping_points,
)

SHARE = Ends(0.3, 0.25, 0.36)


def share_tipping(share, threshold, assumptions):
    """How far assumptions must be off until a share isn't clearly beyond a threshold."""
    side = beyond(share, threshold)
    return tipping_points(
        lambda one, amount: beyond(moved_share(share, one, amount), threshold) == side, assumptions
    )


def beyond(share, threshold):
    return int(share.low > threshold) - int(share.high < threshold)


def amounts(points):
    return {point.assumption: point.amount for point in points}


def test_a_verdict_falls_where_the_end_of_its_interval_meets_the_threshold():
    found = amounts(share_tipping(SHARE, 0.2, frozenset(Assumption)))
    assert found[Assumption.CALIBRATION] == pytest.approx(logit(0.2) - logit(0.25), rel=0.02)
    assert found[Assumption.PREVALENCE] == found[Assumption.CALIBRATION]
    assert found[Assumption.CODERS] == pytest.approx(-0.05, rel=0.02)
    # A fifth of the photos missed, none of which shows it, makes 25 % of the found 20 % of all.
    assert found[Assumption.MISSED_PHOTOS] == pytest.approx(-0.2, rel=0.02)


def test_the_direction_is_the_one_that_hurts():
    answered = frozenset(Assumption) - {Assumption.NONRESPONSE}
    found = amounts(share_tipping(SHARE, 0.5, answered))
    assert all(amount is not None and amount > 0 for amount in found.values())
    assert found[Assumption.MISSED_PHOTOS] == pytest.approx((0.5 - 0.36) / (1 - 0.36), rel=0.02)


def test_without_a_verdict_nothing_falls():
    assert difference_tipping(SHARE, SHARE, Ends(0, -0.1, 0.1), frozenset(Assumption)) == ()


def test_what_stands_however_far():
    (point,) = share_tipping(Ends(0.9, 0.89, 0.91), 0.01, {Assumption.CODERS})
    assert point.amount is None
    assert point.words == "stands if coders were wrong about up to 50 % of the photos"
    assert point.to_json()["amount"] is None


def test_the_smaller_of_two_directions_is_found():
    assert tipping_amount(lambda x: -0.7 < x < 0.02, 3.0) == pytest.approx(0.02, rel=0.02)
    assert tipping_amount(lambda x: -0.05 < x < 1.2, 3.0) == pytest.approx(-0.05, rel=0.02)
    assert tipping_amount(lambda _: True, 3.0) is None
    # Below the smallest amount that is tried, too.
    assert tipping_amount(lambda x: x < 0.0004, 0.5) == pytest.approx(0.0004, rel=0.05)


def test_a_shift_of_one_side_s_scans_makes_a_difference():
    first, second = Ends(0.4, 0.36, 0.44), Ends(0.25, 0.21, 0.29)
    reach = float(np.hypot(0.04, 0.04))
    less = Ends(0.15, 0.15 - reach, 0.15 + reach)
    found = amounts(difference_tipping(first, second, less, BY_THE_MACHINE))
    shift = found[Assumption.CALIBRATION]
    moved = [float(expit(logit(end) + shift)) for end in first]
    low = moved[0] - 0.25 - np.hypot(moved[0] - moved[1], 0.04)
    assert low == pytest.approx(0.0, abs=0.004)
    # What moves both alike leaves a difference, until both are near nothing.
    prevalence = found[Assumption.PREVALENCE]
    assert prevalence is None or abs(prevalence) > 2 * abs(shift)


def test_an_interval_that_is_wider_than_those_of_its_sides_falls_sooner():
    first, second = Ends(0.4, 0.36, 0.44), Ends(0.25, 0.21, 0.29)
    narrow = difference_tipping(first, second, Ends(0.15, 0.1, 0.2), BY_LABELS)
    wide = difference_tipping(first, second, Ends(0.15, 0.02, 0.28), BY_LABELS)
    sooner, later = amounts(wide)[Assumption.CODERS], amounts(narrow)[Assumption.CODERS]
    assert sooner is not None
    assert later is not None
    assert abs(sooner) == pytest.approx(0.01, rel=0.05)
    assert abs(later) == pytest.approx(0.05, rel=0.05)


def test_words_say_what_would_have_to_be_so():
    words = {point.assumption: point.words for point in share_tipping(SHARE, 0.2, set(Assumption))}
    assert words[Assumption.CALIBRATION].endswith("1.3 times too high")
    assert words[Assumption.PREVALENCE] == "falls if the odds of the subject are 1.3 times rarer"
    assert words[Assumption.CODERS] == (
        "falls if coders were wrong about 5% of the photos, each time saying yes for no"
    )
    assert words[Assumption.MISSED_PHOTOS] == (
        "falls if 20% of the photos were missed and none of them shows it"
    )


def test_a_point_within_the_error_of_counting_says_so():
    def words(left_open):
        missed = frozenset({Assumption.MISSED_PHOTOS})
        (point,) = tipping_points(lambda _, amount: amount > -0.02, missed, left_open=left_open)
        return point.words

    assert words(0.01) == words(None)
    assert words(0.071).startswith(f"{words(None)}, which lies within")
    assert words(0.071).endswith("up to 7.1% may have been missed")


@pytest.mark.parametrize(
    ("method", "assumptions"),
    [
        ("machine alone: calibration for a newspaper that the detectors have not seen, 95 %",
         BY_THE_MACHINE),
        ("detector error: Poisson binomial over calibrated probabilities, 95 %", BY_THE_MACHINE),
        ("drawn photos: regression estimator, score interval, 95 %", BY_LABELS),
        ("all photos reviewed, 95 %", BY_LABELS),
        ("census, reviewed", BY_LABELS),
    ],
)  # fmt: skip
def test_labels_or_the_machine_carry_a_share(method, assumptions):
    assert rests_on(method) == assumptions


def test_counts_grow_with_what_was_missed():
    assert moved_count(Ends(90, 90, 90), 0.1) == pytest.approx((100, 100, 100))
    assert moved_count(Ends(100, 100, 100), -0.1) == pytest.approx((90, 90, 90))
    assert moved_share(SHARE, Assumption.CODERS, 0.0) is SHARE


def test_photos_without_an_answer_tip_beyond_the_factor_that_is_taken_in():
    share, lost = Ends(0.30, 0.24, 0.36), (0.2, 2.0)
    assert moved_share(share, Assumption.NONRESPONSE, np.log(2.0), lost) == share
    moved = moved_share(share, Assumption.NONRESPONSE, np.log(8.0), lost)
    odds = 0.3 / 0.7
    more = 0.2 * (8 * odds / (1 + 8 * odds) - 2 * odds / (1 + 2 * odds))
    assert moved.high == pytest.approx(0.36 + more)
    (point,) = tipping_points(
        lambda assumption, amount: moved_share(share, assumption, amount, lost).high < 0.40,
        {Assumption.NONRESPONSE},
    )
    factor = float(np.exp(point.amount))
    assert 2.0 < factor < 8.0
    assert f"are {factor:.2g} times above those of answered ones" in point.words
    (stands,) = tipping_points(lambda *_: True, {Assumption.NONRESPONSE})
    assert "differ by a factor of up to 100" in stands.words
    drawn = "drawn photos: regression estimator"
    assert Assumption.NONRESPONSE in rests_on(drawn, (0.2, 2.0))
    assert Assumption.NONRESPONSE not in rests_on(drawn)
