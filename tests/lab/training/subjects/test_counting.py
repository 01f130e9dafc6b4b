from dataclasses import replace

import numpy as np
import pytest

from presslens.lab.training.datasets import STATE_MEDIA
from presslens.lab.training.showing import AS_IS
from presslens.lab.training.subjects.count_accuracy import _buckets, _errors, bucket, within
from presslens.lab.training.subjects.counting import (
    FACTORS,
    Counted,
    counted,
    errors,
    fit,
    least_relative_error,
    out_of_fold,
)
from presslens.lab.training.subjects.labels import Count
from presslens.models.geometry import Box
from presslens.models.subjects.counting import EDGES, stratum

PLACES = 3, 2, 3
"""Of maps without anything on them."""


@pytest.fixture(scope="module")
def photos(make_example):
    """Three in four photos show a few people who are all seen, the fourth eighty and one of them.

    Each event has four photos.
    """
    found = []
    for number in range(80):
        people = 80 if number % 4 == 3 else number % 5
        visible = 1 if people == 80 else people
        example = make_example(
            number,
            ("crowd",) if people == 80 else (),
            group=f"g{number // 4}",
            persons=[(Box(11 * i, 0, 11 * i + 9, 40), 0.9) for i in range(visible)],
        )
        seen = replace(example.observation, maps=np.full(PLACES, -8, np.float32))
        found.append(Counted(example, seen, people == 80, float(people)))
    return found


def test_people_are_counted_without_the_photos_own_event(photos):
    counters = out_of_fold(photos)
    for photo, counter in zip(photos, counters, strict=True):
        people, (low, high) = counter.count(photo.observation, crowd=photo.crowd)
        assert people == pytest.approx(photo.people, rel=0.1)
        assert low <= people <= high


def test_all_photos_of_an_event_are_counted_by_one_counter(photos):
    counters = out_of_fold(photos)
    by_event = {}
    for photo, counter in zip(photos, counters, strict=True):
        by_event.setdefault(photo.example.photo.group, set()).add(id(counter))
    assert [len(its) for its in by_event.values()] == [1] * 20


def test_a_person_is_worth_one(photos):
    worth = fit(photos).state()["worth"]
    assert worth[0] == pytest.approx(1, abs=0.05)
    assert (worth >= 0).all()


@pytest.mark.parametrize(
    ("n", "least", "most"),
    [(0, 1.5, 1.5), (8, 1.5, 1.5), (9, 1.5, 1.5), (10, 0.9, 1), (1000, 0.89, 0.91)],
    ids=["none", "too few", "just too few", "enough", "many"],
)
def test_errors_are_a_little_above_the_plain_quantile(n, least, most):
    # The expected counts are right on the logarithmic scale up to 0..1, in equal steps.
    expected = np.full(n, 50.0)
    people = np.expm1(np.log1p(50.0) - np.linspace(0, 1, n))
    found = errors(expected, people)
    assert len(found) == len(EDGES) + 1
    assert least <= found[stratum(50.0)] <= most
    assert (np.delete(found, stratum(50.0)) == 1.5).all()


def test_only_counted_photos_are_learned_from(make_example, tables):
    examples = [make_example(i) for i in range(3)]
    keys = [e.photo.key for e in examples]
    tables({keys[0]: (2, 3, 4, 0, 0, 0), keys[2]: (40, 50, 60, 0, 0, 0)})
    found = counted(examples, [e.observation for e in examples], np.array([0.2, 0.9, 0.5]))
    assert [(c.example, c.people, c.crowd) for c in found] == [
        (examples[0], 3.0, False),
        (examples[2], 50.0, True),
    ]
    assert {c.example.shown for c in found} == {AS_IS}


@pytest.mark.parametrize(
    ("interval", "holds"),
    [((2, 4), True), ((5, 9), True), ((1, 3), True), ((0, 2), False), ((8, 9), False)],
)
def test_an_interval_is_right_if_it_touches_what_the_labeller_was_sure_of(interval, holds):
    assert within(Count(3, 4, 7), interval) is holds


@pytest.mark.parametrize(
    ("people", "name"), [(0, "0"), (1, "1"), (5, "2-5"), (6, "6-15"), (50, "16-50"), (51, "50+")]
)
def test_a_count_falls_in_one_bucket(people, name):
    assert bucket(people) == name


def test_counts_that_err_as_often_upwards_are_lowered():
    people = np.full(4, 100.0)
    assert least_relative_error(np.array([50.0, 50.0, 50.0, 50.0]), people) == FACTORS[-1]
    assert least_relative_error(people, people) == pytest.approx(1)
    assert least_relative_error(np.array([50.0, 200.0]), people[:2]) == pytest.approx(0.5)
    assert least_relative_error(np.empty(0), np.empty(0)) == 1


def test_counts_are_compared_with_the_buckets_of_state_media(make_example):
    names = ("2-5", "6-15", "16-50", "", "2-5")
    examples = [make_example(i, row={"people_bucket": name}) for i, name in enumerate(names)]
    media = [replace(e, photo=replace(e.photo, dataset=STATE_MEDIA[0])) for e in examples[:4]]
    school = replace(examples[4], photo=replace(examples[4].photo, dataset="children_school"))
    count = Count(3, 4, 5)
    (found,) = _buckets([(e, count, (4, (3, 6))) for e in (*media, school)], "a set")
    assert found.n == 3
    assert found.value == pytest.approx(1 / 3)
    assert _buckets([], "a set") == []


def test_counts_are_compared_with_those_by_eye(make_example):
    examples = [make_example(i, row={}) for i in range(2)]
    counts = [Count(4, 4, 5), Count(90, 100, 120)]
    answers = [(5, (4, 7)), (50, (30, 80))]
    found = {m.what: m for m in _errors(list(zip(examples, counts, answers, strict=True)), "a set")}
    assert {name: (m.n, m.value) for name, m in found.items()} == {
        "mean relative error": (2, pytest.approx((0.25 + 0.5) / 2)),
        "median relative error": (2, pytest.approx((0.25 + 0.5) / 2)),
        "90% interval holds it": (2, 0.5),
        "exact": (1, 1.0),
    }
    assert "up to 15 people" in found["exact"].data
    assert _errors([], "a set") == []
