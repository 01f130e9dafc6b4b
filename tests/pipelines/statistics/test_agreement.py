"""Agreement of coders, against hand-made tables and what others have published."""

import krippendorff
import numpy as np
import pytest

from presslens.pipelines.statistics.agreement import AnswerAccuracy, RatedPhoto, confusion
from presslens.pipelines.statistics.agreement import agreement as measured_agreement
from presslens.pipelines.statistics.misclassification import CoderAccuracy


def agreement(measure, photos, **given):
    return measured_agreement(measure, photos, CoderAccuracy.without_error(), **given)


def photos(*pairs):
    """Two coders: each pair of answers with how many photos have it."""
    return drawn({"A": a, "B": b} for a, b, n in pairs for _ in range(n))


def drawn(answers):
    """Photos that were drawn by chance, each with the same probability."""
    return [RatedPhoto(of_photo, 1.0) for of_photo in answers]


def test_alpha_is_the_one_of_krippendorff_s_example():
    # Krippendorff 2011, Computing Krippendorff's Alpha-Reliability, A: two observers, binary.
    first, second = "0100000010", "1110010000"
    said = [{"Jon": a == "1", "Han": b == "1"} for a, b in zip(first, second, strict=True)]
    found = agreement("people", drawn(said))
    assert found.alpha == pytest.approx(0.095, abs=0.0005)
    assert found.percent == 0.6
    assert (found.coded_twice, found.coders) == (10, ("Han", "Jon"))


def test_kappa_is_that_of_two_coders():
    # Of 50: 20 both yes, 15 both no, 5 and 10 one only; kappa is 0.4 (Wikipedia, Cohen's kappa).
    found = agreement(
        "people", photos((True, True, 20), (True, False, 5), (False, True, 10), (False, False, 15))
    )
    assert found.kappa == pytest.approx(0.4)
    assert found.agreed == 35


def test_three_coders_and_answers_that_are_missing():
    said = [
        {"A": True, "B": True, "C": None},
        {"A": False, "B": False},
        {"B": True, "C": False},
        {"A": True},
        {"C": None},
    ]
    found = agreement("people", drawn(said))
    assert (found.photos, found.coded_twice, found.agreed) == (4, 3, 2)
    assert found.coders == ("A", "B", "C")
    assert found.kappa is None
    # Values in pairable photos: 3 yes, 3 no; observed disagreement 2/6, expected 2·3·3/(6·5).
    assert found.alpha == pytest.approx(1 - (2 / 6) / (18 / 30))


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ([], "no photo was coded by two people"),
        (drawn([{"A": True}, {"B": False}]), "no photo was coded by two people"),
        (photos((True, True, 9)), "no variation: all answers are yes"),
        (photos((False, False, 9)), "no variation: all answers are no"),
    ],
)
def test_alpha_is_undefined_where_nothing_varies(said, reason):
    found = agreement("people", said)
    assert (found.alpha, found.interval, found.kappa, found.reason) == (None, None, None, reason)


def test_an_interval_of_few_photos_that_differ_is_not_told():
    found = agreement("people", photos((False, False, 30), (True, True, 1)))
    assert found.alpha == 1.0
    assert found.interval is None
    assert "too few" in found.reason


def test_the_interval_holds_the_alpha_of_all_photos():
    rng = np.random.default_rng(5)
    held = 0
    for seed in range(40):
        truth = rng.random(120) < 0.4
        sides = [truth ^ (rng.random(120) < 0.1) for _ in range(2)]
        found = agreement(
            "people",
            drawn({"A": bool(a), "B": bool(b)} for a, b in zip(*sides, strict=True)),
            seed=seed,
        )
        # Both err in 10 %: they differ in 18 %, and each says yes in 0.4 · 0.9 + 0.6 · 0.1.
        yes = 0.42
        held += found.interval[0] <= 1 - 0.18 / (2 * yes * (1 - yes)) <= found.interval[1]
    assert held >= 34


def test_the_same_seed_gives_the_same_interval():
    said = photos((True, True, 20), (True, False, 5), (False, False, 20))
    first, second = (agreement("people", said, seed=1) for _ in range(2))
    assert first.interval == second.interval


def test_alpha_of_several_coders_is_that_of_the_library():
    rng = np.random.default_rng(2)
    table = rng.random((4, 60)) < 0.4
    said = [{str(i): bool(table[i, j]) for i in range(2 + j % 3)} for j in range(60)]
    values = [[float(by[str(i)]) if str(i) in by else np.nan for by in said] for i in range(4)]
    expected = krippendorff.alpha(reliability_data=values, level_of_measurement="nominal")
    assert agreement("people", drawn(said)).alpha == pytest.approx(expected)


def test_photos_count_by_the_inverse_of_their_probability():
    # A stratum of which one in ten was drawn, and one of which all were: as if the photos of the
    # first stood there ten times.
    rare = photos((True, True, 3), (True, False, 2))
    common = photos((False, False, 4), (False, True, 1))
    weighed = agreement("people", [*rare, *(RatedPhoto(photo.answers, 10.0) for photo in common)])
    repeated = agreement("people", [*rare, *(common * 10)])
    assert weighed.percent == repeated.percent == pytest.approx(43 / 55)
    assert weighed.kappa == pytest.approx(repeated.kappa)
    # But for the correction for few answers, which counts the photos that were coded.
    assert weighed.alpha == pytest.approx(repeated.alpha, abs=0.05)
    assert weighed.coded_twice == 10


def test_picked_photos_are_in_no_statistic():
    said = [RatedPhoto({"A": True, "B": False})] * 9
    found = agreement("people", said)
    assert (found.coded_twice, found.picked_twice, found.alpha, found.percent) == (0, 9, None, None)
    assert "drawn by chance" in found.reason
    both = agreement("people", [*said, *photos((True, True, 5), (False, False, 5))])
    assert (both.coded_twice, both.percent, both.alpha) == (10, 1.0, 1.0)


def test_the_machine_beside_what_is_settled():
    pairs = [(True, True)] * 8 + [(True, False)] * 2 + [(False, False)] * 27 + [(False, True)] * 3
    found = confusion("people", pairs)
    assert (found.yes, found.no, found.recall) == (
        AnswerAccuracy(10, 8),
        AnswerAccuracy(30, 27),
        AnswerAccuracy(11, 8),
    )
    assert found.yes.share == 0.8
    # Wilson's interval of 8 in 10 (Newcombe 1998, by the formula).
    assert found.yes.interval == pytest.approx((0.4902, 0.9433), abs=1e-4)
    nothing = confusion("people", [])
    assert (nothing.yes.share, nothing.yes.interval) == (None, None)
