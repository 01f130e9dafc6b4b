"""Newspapers of which all is known, to measure estimators on: editions, photos, labels, draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy  # which imports scipy.special when it is first used
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

EDITIONS = 60
SPECIAL = 0.15
"""Chance that an edition is a special one."""

PHOTOS = (35, 105)
"""Mean number of photos of ordinary and of special editions; evenly up to 8 more or fewer."""

SHARE = 0.2
"""Share of photos that show the subject in the median ordinary edition."""

SPECIAL_ODDS = 0.8
"""How much higher the log odds of that share are in special editions."""

VARYING = 0.6
"""Standard deviation of an edition's log odds."""

AUC = 0.92
"""Chance that a photo with the subject gets a higher score than one without."""

ELSEWHERE = 0.35
"""Share of photos with the subject where the machine's probabilities were learnt."""

STRATA = (0.1, 0.5, 0.9)
"""Bounds of the machine's probability between strata."""

LEAST = 8
"""Photos drawn of each stratum at least."""


@dataclass(frozen=True, slots=True, eq=False)
class Newspaper:
    """The n photos of a newspaper's editions, and the photos of them that were drawn.

    Attributes:
        edition: Number of each photo's edition, shape (n,).
        label: Whether it shows the subject: 1 or 0, shape (n,). Nobody knows it of all.
        probability: The machine's, 0-1, calibrated elsewhere, shape (n,).
        drawn: Which photos were drawn, shape (n,).
        inclusion: Chance with which each could be drawn, shape (n,).
        stratum: Number of the stratum that it could be drawn from, shape (n,).
    """

    edition: NDArray[np.int64]
    label: Numbers
    probability: Numbers
    drawn: NDArray[np.bool_]
    inclusion: Numbers
    stratum: NDArray[np.int64]

    @property
    def share(self) -> float:
        """The truth of these editions: share of their photos that shows the subject."""
        return float(self.label.mean())

    @property
    def seen(self) -> Numbers:
        """Labels of drawn photos, NaN for others, shape (n,)."""
        return np.where(self.drawn, self.label, np.nan)


def print_newspaper(seed: int, draws: int, *, stratified: bool) -> Newspaper:
    """Return a newspaper and a draw of its photos.

    Args:
        seed: Of chance; the newspaper is the same for each draw of one seed.
        draws: Photos to draw.
        stratified: Whether from strata of the machine's probability, in proportion to how much
            labels there are expected to vary, or from all photos alike.
    """
    rng = np.random.default_rng(seed)
    special = rng.random(EDITIONS) < SPECIAL
    sizes = np.where(special, *PHOTOS[::-1]) + rng.integers(-8, 9, EDITIONS)
    odds = _logit(SHARE) + SPECIAL_ODDS * special + rng.normal(0, VARYING, EDITIONS)
    edition = np.repeat(np.arange(EDITIONS), sizes)
    label = (rng.random(len(edition)) < scipy.special.expit(odds[edition])).astype(float)
    # Scores are normal with equal spread: these are their probabilities at the share elsewhere.
    apart = np.sqrt(2) * float(scipy.special.ndtri(AUC))
    score = rng.normal(size=len(edition)) + apart * label
    probability = scipy.special.expit(apart * score - apart**2 / 2 + _logit(ELSEWHERE))
    stratum = np.digitize(probability, STRATA) if stratified else np.zeros(len(edition), int)
    drawn, inclusion = _draw(rng, probability, stratum, draws)
    return Newspaper(edition, label, probability, drawn, inclusion, stratum.astype(np.int64))


def share_of_practice() -> float:
    """Return the truth of practice: the share in a newspaper that prints without end."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    shares = [
        float(weights @ scipy.special.expit(_logit(SHARE) + more + VARYING * nodes) / weights.sum())
        for more in (0.0, SPECIAL_ODDS)
    ]
    photos = np.array(PHOTOS) * (1 - SPECIAL, SPECIAL)
    return float(photos @ shares / photos.sum())


def _draw(
    rng: np.random.Generator, probability: Numbers, stratum: NDArray[np.int64], draws: int
) -> tuple[NDArray[np.bool_], Numbers]:
    drawn, inclusion = np.zeros(len(stratum), bool), np.zeros(len(stratum))
    groups = [np.flatnonzero(stratum == h) for h in np.unique(stratum)]
    needs = np.array([np.sqrt(probability[g] * (1 - probability[g])).sum() for g in groups])
    left = draws - LEAST * len(groups)
    wanted = LEAST + np.floor(left * needs / needs.sum()).astype(int)
    for group, count in zip(groups, wanted, strict=True):
        chosen = rng.choice(group, min(len(group), count), replace=False)
        drawn[chosen] = True
        inclusion[group] = len(chosen) / len(group)
    return drawn, inclusion


def _logit(share: float) -> float:
    return float(scipy.special.logit(share))
