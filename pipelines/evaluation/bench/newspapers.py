"""Newspapers of which all is known, to measure estimators on: editions, photos, labels, draws.

``python -m pipelines.evaluation.bench.newspapers FILE`` writes one as a table of photos: the
example of ``docs/replication.md``.
"""

from __future__ import annotations

import csv
import sys
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

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

COLUMNS = (
    "edition", "date", "publication", "page", "photo", "area_share", "probability", "label",
    "inclusion_probability", "stratum", "special",
)  # fmt: skip
"""Of the table of photos; the first nine are those of ``presslens estimate``."""

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
        special: Whether it is of a special edition, shape (n,).
    """

    edition: NDArray[np.int64]
    label: Numbers
    probability: Numbers
    drawn: NDArray[np.bool_]
    inclusion: Numbers
    stratum: NDArray[np.int64]
    special: NDArray[np.bool_]

    @property
    def share(self) -> float:
        """The truth of these editions: share of their photos that shows the subject."""
        return float(self.label.mean())

    @property
    def seen(self) -> Numbers:
        """Labels of drawn photos, NaN for others, shape (n,)."""
        return np.where(self.drawn, self.label, np.nan)


def print_newspaper(
    seed: int, draws: int, *, stratified: bool, editions: int = EDITIONS
) -> Newspaper:
    """Return a newspaper and a draw of its photos.

    Args:
        seed: Of chance; the newspaper is the same for each draw of one seed.
        draws: Photos to draw.
        stratified: Whether from strata of the machine's probability, in proportion to how much
            labels there are expected to vary, or from all photos alike.
        editions: Editions printed.
    """
    rng = np.random.default_rng(seed)
    special = rng.random(editions) < SPECIAL
    sizes = np.where(special, *PHOTOS[::-1]) + rng.integers(-8, 9, editions)
    odds = _logit(SHARE) + SPECIAL_ODDS * special + rng.normal(0, VARYING, editions)
    edition = np.repeat(np.arange(editions), sizes)
    label = (rng.random(len(edition)) < scipy.special.expit(odds[edition])).astype(float)
    # Scores are normal with equal spread: these are their probabilities at the share elsewhere.
    apart = np.sqrt(2) * float(scipy.special.ndtri(AUC))
    score = rng.normal(size=len(edition)) + apart * label
    probability = scipy.special.expit(apart * score - apart**2 / 2 + _logit(ELSEWHERE))
    stratum = np.digitize(probability, STRATA) if stratified else np.zeros(len(edition), int)
    drawn, inclusion = _draw(rng, probability, stratum, draws)
    return Newspaper(
        edition, label, probability, drawn, inclusion, stratum.astype(np.int64), special[edition]
    )


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


def write_table(newspaper: Newspaper, file: Path) -> None:
    """Write what is known of the photos as a table for ``presslens estimate``.

    Labels and inclusion probabilities are those of drawn photos alone; ``stratum`` and
    ``special`` are columns more, to draw by and to ask by.
    """
    first = date(2025, 12, 1)
    place = 0
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for i, edition in enumerate(newspaper.edition.tolist()):
            new = i == 0 or edition != newspaper.edition[i - 1]
            place = 0 if new else place + 1
            drawn = bool(newspaper.drawn[i])
            writer.writerow(
                [
                    edition + 1,
                    (first + timedelta(days=edition)).isoformat(),
                    "Simulated Daily",
                    place // 10 + 1,
                    place % 10 + 1,
                    "0.05",
                    f"{np.clip(newspaper.probability[i], 1e-4, 1 - 1e-4):.4f}",
                    int(newspaper.label[i]) if drawn else "",
                    f"{newspaper.inclusion[i]:.6f}" if drawn else "",
                    int(newspaper.stratum[i]) + 1,
                    "yes" if newspaper.special[i] else "no",
                ]
            )


if __name__ == "__main__":
    write_table(print_newspaper(1, 200, stratified=True, editions=24), Path(sys.argv[1]))
