"""Whether the machine is worth anything in a newspaper, by the answers that people gave."""

import numpy as np
import pytest

from presslens.pipelines.statistics.measure import strata
from presslens.pipelines.statistics.photo_table import PhotoTable
from presslens.pipelines.statistics.sampling import FrameStrata, allocate
from presslens.pipelines.statistics.validity import (
    OF_USE,
    ValidityState,
    measured_validity,
    newspaper_validity,
    unchecked,
    worst,
)
from presslens.pipelines.statistics.worlds import World

TO_BE_CHECKED = ValidityState.TO_BE_CHECKED


def newspaper(n=400, *, right=1.0, drawn=(), picked=(), chance=None, seed=0):
    """Return a table, what the machine takes, and kappa: it is right in a part of the photos."""
    rng = np.random.default_rng(seed)
    p = np.where(np.arange(n) % 4 == 0, 0.9, 0.1)
    taken = p > 0.5
    shows = np.where(rng.random(n) < right, taken, rng.permutation(taken))
    label, inclusion = np.full(n, np.nan), np.full(n, np.nan)
    label[[*drawn, *picked]] = shows[[*drawn, *picked]]
    chance = len(drawn) / n if chance is None else chance
    inclusion[list(drawn)] = chance if np.ndim(chance) == 0 else chance[list(drawn)]
    table = PhotoTable(
        np.zeros(n, np.int64), p, np.ones(n), label, inclusion, np.ones(n, bool), ["1"], [("A",)]
    )
    return table, taken, shows


def validity(measure="children", **world):
    table, taken, _ = newspaper(**world)
    return newspaper_validity(measure, table, taken, table.probability)


@pytest.mark.parametrize(
    ("world", "state"),
    [
        ({}, TO_BE_CHECKED),
        ({"drawn": range(0, 400, 41)}, TO_BE_CHECKED),
        ({"drawn": range(0, 400, 7)}, ValidityState.VALID),
        ({"drawn": range(0, 400, 3), "right": 0.0}, ValidityState.NOT_VALID),
        ({"picked": range(0, 400, 3)}, TO_BE_CHECKED),
        ({"picked": range(400)}, ValidityState.VALID),
        ({"picked": range(400), "right": 0.0}, ValidityState.NOT_VALID),
    ],
    ids=["no answer", "few", "right", "wrong", "picked", "all, right", "all, wrong"],
)
def test_drawn_answers_say_what_the_machine_is_worth(world, state):
    found = validity(**world)
    assert found.state is state
    assert (found.wanted > 0) == (state is TO_BE_CHECKED)
    if found.drawn:
        low, high = found.interval
        assert low <= found.agreement <= high
        assert (low >= OF_USE, high < OF_USE) == (
            state is ValidityState.VALID, state is ValidityState.NOT_VALID
        )  # fmt: skip
    else:
        assert found.agreement is found.interval is None


@pytest.mark.parametrize(
    ("world", "first", "least"),
    [
        (World(editions=10, photos=12.0, special=0.0, prevalence=0.15, auc=0.95), 0, 30),
        (World(editions=37, photos=27.0, special=0.0, prevalence=0.02, auc=0.9), 20, 200),
    ],
    ids=["fresh", "rare"],
)
def test_so_many_answers_as_are_wanted_tell_in_most_runs(world, first, least):
    """Where a measure is rare none of a few drawn photos shows it: a photo more can't tell."""
    told = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        paper = world.newspaper(rng)
        taken, table = paper.probability > 0.5, paper.table()
        if first:
            table = paper.drawn(table, first, rng)
        before = newspaper_validity("children", table, taken, paper.posterior)
        assert before.state is TO_BE_CHECKED
        assert before.wanted >= least
        assert f"{before.wanted} photos" in before.reason
        table = paper.drawn(paper.table(), min(len(table), first + before.wanted), rng)
        after = newspaper_validity("children", table, taken, paper.posterior)
        told.append(after.state is not TO_BE_CHECKED)
    assert np.mean(told) > 0.6


@pytest.mark.parametrize(
    ("measure", "world", "offered", "words"),
    [
        (
            "focus_facility",
            {},
            False,
            "looked at 0 photos of this newspaper for it, and it takes 42",
        ),
        (
            "focus_facility",
            {"drawn": range(19)},
            False,
            "photos of this newspaper for it, and it takes 1",
        ),
        ("focus_facility", {"picked": range(19)}, False, "looked at 19 photos"),
        ("focus_facility", {"drawn": range(20)}, True, "kappa; 20 drawn answers"),
        ("focus_facility", {"picked": range(20)}, True, "20 answers that people picked"),
        ("focus_facility", {"n": 8, "picked": range(8)}, True, "8 drawn answers"),
        ("focus_neither", {}, False, "and it takes"),
        ("focus_leader", {}, True, "nobody has checked"),
        ("children", {"drawn": range(0, 400, 3), "right": 0.0}, True, "rests on the drawn photos"),
    ],
)
def test_a_facility_is_offered_once_twenty_were_looked_at(measure, world, offered, words):
    found = validity(measure, **world)
    assert found.offered is offered
    assert words in found.reason
    assert found.why_not == (None if offered else found.reason)


@pytest.mark.parametrize(
    ("world", "words"),
    [
        ({}, "which nobody has checked in this newspaper"),
        ({"drawn": range(19)}, "checked on only 19 photos"),
        ({"picked": range(20)}, "which is to be checked: nobody has checked a drawn photo"),
        ({"drawn": range(0, 400, 3), "right": 0.0}, "which is not valid here: agreement of people"),
        ({"drawn": range(0, 400, 7)}, None),
    ],
)
def test_beside_one_photo_is_said_what_the_machine_is_worth_unless_it_is_valid(world, words):
    found = validity("focus_facility", **world)
    assert words in found.beside_one if words else found.beside_one is None
    assert (found.undecided is None) is (found.state is not ValidityState.NOT_VALID)


def test_where_the_machine_finds_none_a_missed_one_in_fifty_is_too_many():
    table, _, _ = newspaper(drawn=range(0, 400, 2))
    none = np.zeros(400, bool)
    found = newspaper_validity("children", table, none, table.probability)
    assert (found.state, found.agreement) == (ValidityState.NOT_VALID, None)
    table.label[::2] = 0.0
    found = newspaper_validity("children", table, none, table.probability)
    assert found.state is ValidityState.VALID
    assert "reads all photos of this newspaper alike" in found.reason


def test_drawn_answers_weigh_as_they_were_drawn():
    """The interval holds kappa of all photos, though unsure ones were drawn more often."""
    held = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        _, taken, shows = newspaper(right=0.6, seed=seed)
        p = np.clip(np.where(taken, 0.9, 0.1) + rng.normal(0, 0.1, 400), 0.01, 0.99)
        stratum = strata(p)
        numbers = allocate(FrameStrata.of_photos(stratum, p, np.ones(400), 4), 60)
        drawn = np.concatenate(
            [
                rng.permutation(np.flatnonzero(stratum == h))[:number]
                for h, number in enumerate(numbers)
            ]
        )
        rate = np.array(numbers) / np.maximum(np.bincount(stratum, minlength=4), 1)
        chance = np.full(400, np.nan)
        chance[drawn] = rate[stratum[drawn]]
        label = np.full(400, np.nan)
        label[drawn] = shows[drawn]
        table = PhotoTable(
            np.zeros(400, np.int64), p, np.ones(400), label, chance, np.ones(400, bool), ["1"],
            [("A",)],
        )  # fmt: skip
        low, high = newspaper_validity("children", table, taken, p).interval
        of_all = (taken & shows).mean() - taken.mean() * shows.mean()
        margins = taken.mean() * (1 - shows.mean()) + shows.mean() * (1 - taken.mean())
        held.append(low <= 2 * of_all / margins <= high)
    assert np.mean(held) >= 0.9


def test_the_worst_newspaper_says_whether_a_number_of_several_is_valid():
    good, bad = validity(drawn=range(0, 400, 7)), validity()
    assert worst([good, bad]) is bad
    assert worst([bad, unchecked("focus_facility")]).offered is False
    assert worst([]) is None


def test_a_count_of_photos_is_valid_by_what_was_measured_elsewhere():
    found = measured_validity("photos")
    assert found.state is ValidityState.VALID
    assert "other newspapers, which the machine had not seen" in found.reason
    assert measured_validity("pages") is None
