"""The accuracy of coders, from photos that two or more of them coded.

A coder says yes with probability s where a photo shows a subject (sensitivity) and no with
probability c where it does not (specificity). What the photo shows is known where an adjudicator
settled it; elsewhere it is a latent class (Dawid & Skene 1979, doi 10.2307/2346806). Which photos
were adjudicated may depend on the answers, as where only disagreements were: that is ignorable
given the answers (Begg & Greenes 1983, doi 10.2307/2530820), while accuracy among adjudicated
photos alone would be near a half.

Two answers a photo and no adjudication leave two equations for three unknowns (Hui & Walter 1980,
doi 10.2307/2530508): then the accuracy is identified only if yes and no are equally sure, which is
assumed and said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import scipy  # which imports scipy.special when it is first used

from presslens.pipelines.statistics.misclassification import CoderAccuracy
from presslens.pipelines.statistics.photo_table import Numbers

PRIOR = (4.5, 0.5)
"""Beta prior of either accuracy: nine of ten answers are right, worth five photos."""

FEWEST_REFERENCES = 5
"""Fewest photos that were adjudicated, or that three coded, for two separate accuracies."""

REFERENCED = (
    "posterior of a latent class model (Dawid & Skene), coders taken as alike and erring "
    "independently; adjudicated photos are the reference"
)
THREE = (
    "posterior of a latent class model (Dawid & Skene), coders taken as alike and erring "
    "independently"
)
EQUAL = (
    "from the agreement of pairs of coders, taken as alike, as erring independently, and as "
    "equally sure of yes and no: adjudicate disagreements to tell these apart"
)

_CELLS = 32
"""Points of the grid in each dimension."""

_PASSES = 5
"""How often the grid is drawn again around what is likely."""

_ANSWERS = 4096
"""Draws of a posterior."""


@dataclass(frozen=True, slots=True)
class CodedPhoto:
    """The answers to one measure of a photo."""

    yes: int  # coders who said yes
    no: int  # coders who said no
    truth: bool | None = None  # what an adjudicator settled; None without one


def coder_accuracy(photos: Iterable[CodedPhoto]) -> CoderAccuracy:
    """Return the accuracy of one coder, from photos of the random part.

    Photos that one coder saw and nobody adjudicated say nothing. Adjudicators are taken as right.

    Args:
        photos: The answers to one measure, under one codebook, by photo.
    """
    telling = [
        one
        for one in photos
        if one.yes + one.no > 1 or (one.yes + one.no and one.truth is not None)
    ]
    if not telling:
        return CoderAccuracy.without_error()
    patterns = Counter((one.yes, one.no, one.truth) for one in telling)
    adjudicated = sum(one.truth is not None for one in telling)
    by_three = sum(one.yes + one.no > 2 for one in telling)
    equal = max(adjudicated, by_three) < FEWEST_REFERENCES
    method = EQUAL if equal else REFERENCED if adjudicated else THREE
    sensitivity, specificity = _posterior(patterns, equal=equal)
    return CoderAccuracy(sensitivity, specificity, len(telling), adjudicated, method)


def _posterior(
    patterns: Counter[tuple[int, int, bool | None]], *, equal: bool
) -> tuple[Numbers, Numbers]:
    """Return draws of sensitivity and specificity, by a grid that closes in on what is likely.

    Coders are taken as better than chance, which tells a latent class from its reverse.
    """
    ranges = [(0.5, 1.0), (0.0, 1.0)] if equal else [(0.5, 1.0), (0.5, 1.0), (0.0, 1.0)]
    for last in range(_PASSES):
        edges = [np.linspace(low, high, _CELLS + 1) for low, high in ranges]
        axes = [(edge[1:] + edge[:-1]) / 2 for edge in edges]
        log = _log_posterior(np.meshgrid(*axes, indexing="ij"), patterns, equal=equal)
        mass = np.exp(log - log.max())
        mass /= mass.sum()
        if last < _PASSES - 1:
            ranges = [_likely(mass, i, edge) for i, edge in enumerate(edges)]
    rng = np.random.default_rng(0)
    flat = np.cumsum(mass.ravel())
    at = np.searchsorted(flat, (np.arange(_ANSWERS) + 0.5) / _ANSWERS * flat[-1])
    index = np.unravel_index(np.minimum(at, flat.size - 1), mass.shape)
    draws = [
        edge[i] + rng.random(_ANSWERS) * (edge[1] - edge[0])
        for edge, i in zip(edges, index, strict=True)
    ]
    return (draws[0], draws[0]) if equal else (draws[0], draws[1])


def _log_posterior(
    grid: Iterable[Numbers], patterns: Counter[tuple[int, int, bool | None]], *, equal: bool
) -> Numbers:
    s, *other, share = grid
    c = s if equal else other[0]
    log = sum(_log_beta(x) for x in ((s,) if equal else (s, c)))
    for (yes, no, truth), count in patterns.items():
        shown = np.log(share) + yes * np.log(s) + no * np.log1p(-s)
        absent = np.log1p(-share) + yes * np.log1p(-c) + no * np.log(c)
        likelihood = {True: shown, False: absent, None: np.logaddexp(shown, absent)}
        log = log + count * likelihood[truth]
    return np.asarray(log)


def _log_beta(x: Numbers) -> Numbers:
    a, b = PRIOR
    return np.asarray(scipy.special.xlogy(a - 1, x) + scipy.special.xlog1py(b - 1, -x))


def _likely(mass: Numbers, axis: int, edge: Numbers) -> tuple[float, float]:
    """Return the range of a dimension that holds all but a few ten thousandths of the mass."""
    marginal = mass.sum(axis=tuple(i for i in range(mass.ndim) if i != axis))
    likely = np.flatnonzero(marginal > 1e-4 * marginal.max())
    first, last = max(int(likely[0]) - 1, 0), min(int(likely[-1]) + 2, len(edge) - 1)
    return float(edge[first]), float(edge[last])
