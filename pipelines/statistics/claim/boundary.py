"""When a question is looked at, and how wrong each look may be, so that looking often decides well.

Who looks at an interval after every answer and stops when it decides is wrong far more often than
its level says (Armitage, McPherson & Rowe 1969, doi 10.2307/2343787). So a question is decided by
scheduled looks alone, each at a risk of its own, and these add up to the level at most (alpha
spending, Lan & DeMets 1983, doi 10.1093/biomet/70.3.659). That one of them is wrong is then as rare
as the level by Bonferroni's inequality, however the looks depend on each other, and whoever looks
in between: those looks decide nothing.

The first look, at what is known before anything is drawn, takes a fifth of the level. What is left
goes to the stages in turn, four fifths of it to each: a stage is a plan of photos to look at, or
one look at an archive in which something has changed. The looks of a plan, at each fifth of its
photos, share its risk by the spending function of O'Brien & Fleming (1979, doi 10.2307/2530245):
early ones take little, so that only a clear case is decided early.

The number of photos of a later stage is planned by the answers before it, which the inequality does
not cover; ``tests`` hold that even then wrong decisions stay rarer than the level.
"""

from __future__ import annotations

import math
from statistics import NormalDist

LOOKS = 5
"""Number of looks of a plan."""

FIRST = 0.2
"""Share of the level that the look before any draw takes, and that each stage leaves to later ones.
"""

NORMAL = NormalDist()


def stage_risk(level: float, stage: int) -> float:
    """Return the risk of all looks of a stage together.

    Args:
        level: Largest probability that the question is decided wrongly.
        stage: 0 is the look before any draw; plans and further looks count from 1.
    """
    return level * (FIRST if stage == 0 else (1.0 - FIRST) ** 2 * FIRST ** (stage - 1))


def look_risk(level: float, stage: int, number: int, *, after: int = 0) -> float:
    """Return the risk of one look of a stage.

    Args:
        level: Largest probability that the question is decided wrongly.
        number: Which of its looks, from 1 to ``LOOKS``; the last one has all that is left of it.
        after: The look of the stage that came before; looks between that were left out add theirs.
    """
    whole = stage_risk(level, stage)
    if stage == 0:
        return whole
    return _spent(whole, number / LOOKS) - _spent(whole, after / LOOKS)


def answers_needed(photos: int, number: int) -> int:
    """Return how many answered photos of a plan a look waits for."""
    return -(-photos * number // LOOKS)


def looks_due(photos: int, answered: int) -> int:
    """Return which look of a plan its answered photos have come to; 0: none."""
    return max(n for n in range(LOOKS + 1) if answers_needed(photos, n) <= answered)


def _spent(whole: float, part: float) -> float:
    """Return the risk spent when a part of the photos is answered (O'Brien-Fleming)."""
    if part <= 0.0:
        return 0.0
    if part >= 1.0:
        return whole
    quantile = -NORMAL.inv_cdf(whole / 4)
    return 4.0 * NORMAL.cdf(-quantile / math.sqrt(part))
