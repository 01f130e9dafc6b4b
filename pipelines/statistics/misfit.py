"""Whether any likely error of the machine explains the scores of a newspaper."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from presslens.models.message import Message
from presslens.models.recipe import Calibration
from presslens.pipelines.statistics.calibration import CENTRES, errors_of
from presslens.pipelines.statistics.photo_table import Numbers

FEWEST_PHOTOS = 50
"""Photos below which scores are not held against the model."""

MISFIT = 4.0
"""Standard errors beyond which scores do not fit."""

RARE = 0.05
"""Probability of the errors that explain scores, below which they are taken to explain nothing."""

WIDER = 2.0
"""Factor of the errors of scores that intervals allow for where those that were met explain
nothing."""

CERTAIN = 0.005
"""Mean probability nearer to 0 or 1 that needs no explanation."""

UNUSUAL = Message(
    "the machine finds less than its usual false alarms alone would be;"
    " so the interval allows for errors twice as large"
)
"""What is said where wider errors explain scores."""

LOWER = Message(
    "the machine finds even less than if no photo showed it: the scans or the kind of photo have"
    " probably changed"
)
HIGHER = Message(
    "the machine finds even more than if every photo showed it: the scans or the kind of photo have"
    " probably changed"
)
"""What is said where nothing explains them."""


@dataclass(frozen=True, slots=True)
class ScoreFit:
    """What explains the scores of a newspaper.

    Attributes:
        components: Those of the measure, with errors that explain the scores if any do.
        note: What else to know; None where errors that were met explain them.
        refused: Why the scores say nothing; None where they may.
    """

    components: Calibration
    note: str | None = None
    refused: str | None = None


def score_fit(seen: Numbers, components: Calibration) -> ScoreFit:
    """Return what explains the machine's scores of a newspaper, with any prevalence.

    Errors that are larger than all but ``RARE`` of those on newspapers that were left out explain
    nothing. Photos of another kind, none of which shows the measure, are less like it than those
    that the detector was calibrated on: it is surer of them, and right. Low scores don't tell that
    from an error of them all, so that intervals allow for a ``WIDER`` one. Scores that it doesn't
    explain either, and scores too high for any share, say nothing; those that are all but certain
    need no explanation.

    Args:
        seen: Number of photos by bin of their log odds, of all editions, shape (64,).
        components: Of the measure.
    """
    n = float(seen.sum())
    if n < FEWEST_PHOTOS or components.reference is None:
        return ScoreFit(components)
    mean = float(seen @ expit(CENTRES)) / n
    if min(mean, 1 - mean) < CERTAIN:
        return ScoreFit(components)
    explained, low = _explained(seen, components, components.reference)
    if explained:
        return ScoreFit(components)
    if not low:
        return ScoreFit(components, refused=HIGHER)
    wider = components.model_copy(update={"source": WIDER * components.source})
    if _explained(seen, wider, components.reference)[0]:
        return ScoreFit(wider, UNUSUAL)
    return ScoreFit(components, refused=LOWER)


def _explained(seen: Numbers, components: Calibration, reference: float) -> tuple[bool, bool]:
    """Return whether likely errors explain scores, and whether these are rather low than high."""
    errors = errors_of(components)
    off = np.array([_off(seen, score, slope, reference) for score, slope, _ in errors])
    share = np.array([share for *_, share in errors])
    return bool(share[abs(off) < MISFIT].sum() > RARE), bool(share @ off < 0)


def _off(seen: Numbers, score: float, slope: float, reference: float) -> float:
    """Return by how many standard errors scores are further out than any mixture makes them.

    Photos that do not show the measure have an odds ratio of scores of 1 on average, and those that
    do an inverse of 1. Where the mean of all photos is below either, a mixture of the two kinds
    can't have made the scores, whatever their shares: something else has moved them.

    Args:
        seen: Number of photos by bin of their log odds, of all editions, shape (64,).
        score: Shift of the scores, logits.
        slope: Factor of the log odds.
        reference: The reference prevalence, 0–1.

    Returns:
        Below 0: lower than any mixture; above 0: higher; 0: some mixture makes them.
    """
    n = max(1.0, float(seen.sum()))
    odds = np.clip(slope * CENTRES + score - logit(reference), -30, 30)
    off = []
    for sign in (1.0, -1.0):
        ratio = np.exp(sign * odds)
        mean = float(seen @ ratio) / n
        error = float(np.sqrt(max(seen @ (ratio - mean) ** 2 / n, 1e-12) / n))
        off.append(max(0.0, (1 - mean) / error))
    return off[1] - off[0]
