"""The boundary spends its level once, and who looks after every answer is still rarely wrong."""

import math
import random
from functools import cache

import pytest

from presslens.pipelines.statistics.claim.boundary import (
    LOOKS,
    answers_needed,
    look_risk,
    looks_due,
    stage_risk,
)

MOST_STAGES = 4
MOST_PHOTOS = 120


@pytest.mark.parametrize("level", [0.5, 0.05, 0.001])
def test_the_risks_of_all_looks_add_up_to_the_level_whichever_are_left_out(level):
    choice = random.Random(1)
    for _ in range(200):
        spent = look_risk(level, 0, 1)
        for stage in range(1, 12):
            made = sorted(choice.sample(range(1, LOOKS + 1), choice.randint(1, LOOKS)))
            risks = [
                look_risk(level, stage, number, after=before)
                for before, number in zip([0, *made], made, strict=False)
            ]
            assert sum(risks) <= stage_risk(level, stage) * (1 + 1e-12)
            spent += sum(risks)
        assert spent <= level * (1 + 1e-12)
    assert sum(stage_risk(level, stage) for stage in range(40)) == pytest.approx(level)
    assert look_risk(level, 1, 1) < look_risk(level, 1, 3) < look_risk(level, 1, 5)


def test_looks_come_at_each_fifth_of_the_photos():
    assert [answers_needed(41, number) for number in range(1, LOOKS + 1)] == [9, 17, 25, 33, 41]
    assert [looks_due(41, answered) for answered in (0, 8, 9, 40, 41, 90)] == [0, 0, 1, 4, 5, 5]
    assert [looks_due(2, answered) for answered in (0, 1, 2)] == [0, 2, 5], "some look at the same"


def decided(share, against, level, choice, *, often):
    """Return whether a share is said to be above or below a number; None: it stays open.

    Answers come in one by one; the interval is an exact one (Clopper-Pearson) by its tails.

    Args:
        often: The interval of the level decides after every answer, in place of the boundary.
    """
    yes = n = 0
    for stage in range(1, MOST_STAGES):
        known = (yes + 1) / (n + 2) if n else against + 0.15
        distance = max(abs(known - against), 0.05)
        photos = min(MOST_PHOTOS, round(8 * against * (1 - against) / distance**2) + 5)
        done = 0
        for answered in range(1, photos + 1):
            yes, n = yes + (choice.random() < share), n + 1
            due = looks_due(photos, answered)
            risk = level if often else 0.0
            if not often and due > done:
                risk, done = look_risk(level, stage, due, after=done), due
            if risk and tail(yes, n, against) < risk / 2:
                return True
            if risk and tail(n - yes, n, 1 - against) < risk / 2:
                return False
    return None


@cache
def tail(yes, n, p):
    """Return the probability of as many yeses, or more."""
    return sum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(yes, n + 1))


def wrong_decisions(seeds, *, often):
    """Return how often a share that equals the number is said to lie apart from it."""
    made = [decided(0.5, 0.5, 0.2, random.Random(seed), often=often) for seed in range(seeds)]
    return sum(one is not None for one in made) / seeds


def test_a_question_is_rarely_decided_wrongly_though_later_plans_follow_from_earlier_answers():
    assert wrong_decisions(150, often=False) < 0.2 < wrong_decisions(150, often=True)


@pytest.mark.long
def test_wrong_decisions_stay_rarer_than_the_level_over_many_archives():
    error = 3 * math.sqrt(0.2 * 0.8 / 1500)
    assert wrong_decisions(1500, often=False) < 0.2 - error
