"""Newspapers of which all is known, to measure estimators on: editions, photos, labels, draws.

``python -m presslens.lab.evaluation.bench.newspapers FILE`` writes one as a table of photos: the
example of ``docs/howto/replication.md``.
"""

from __future__ import annotations

import csv
import sys
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from presslens.pipelines.statistics.measure import strata
from presslens.pipelines.statistics.photo_table import CERTAIN, Numbers
from presslens.pipelines.statistics.worlds import World

WORLD = World()

COLUMNS = (
    "edition", "date", "publication", "page", "photo", "area_share", "probability", "label",
    "inclusion_probability", "stratum", "kind",
)  # fmt: skip
"""Of the table of photos; the first nine are those of ``presslens estimate``."""

LARGE = 60
"""Photos from which on the table calls an edition special."""


@dataclass(frozen=True, slots=True, eq=False)
class DrawnNewspaper:
    """The n photos of a newspaper's editions, and the photos of them that were drawn.

    Arrays alone, so that it can be stored and read by another Python.

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


def print_newspaper(
    seed: int, draws: int, *, stratified: bool, world: World = WORLD
) -> DrawnNewspaper:
    """Return a newspaper and a draw of its photos.

    Args:
        seed: Of chance; the newspaper is the same for each draw of one seed.
        draws: Photos to draw.
        stratified: Whether from strata of the machine's probability, or from all photos alike.
        world: What it is like.
    """
    rng = np.random.default_rng(seed)
    newspaper = world.newspaper(rng)
    table = newspaper.drawn(newspaper.table(), draws, rng, blind=not stratified)
    stratum = strata(table.probability) if stratified else np.zeros(len(table), np.int64)
    chances = np.bincount(stratum, table.drawn) / np.maximum(np.bincount(stratum), 1)
    return DrawnNewspaper(
        table.edition,
        newspaper.truth.astype(float),
        table.probability,
        table.drawn,
        chances[stratum],
        np.asarray(stratum, np.int64),
    )


def write_table(newspaper: DrawnNewspaper, file: Path) -> None:
    """Write what is known of the photos as a table for ``presslens estimate``.

    Each photo has the inclusion probability with which it could be drawn, and the label if it was;
    ``stratum`` and ``kind`` are columns more, that the draw went by and that can be asked by.
    """
    first = date(2025, 12, 1)
    sizes = np.bincount(newspaper.edition)
    place = 0
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for i, edition in enumerate(newspaper.edition.tolist()):
            new = i == 0 or edition != newspaper.edition[i - 1]
            place = 0 if new else place + 1
            writer.writerow(
                [
                    edition + 1,
                    (first + timedelta(days=edition)).isoformat(),
                    "Simulated Daily",
                    place // 10 + 1,
                    place % 10 + 1,
                    "0.05",
                    f"{np.clip(newspaper.probability[i], CERTAIN, 1 - CERTAIN):.4f}",
                    int(newspaper.label[i]) if newspaper.drawn[i] else "",
                    f"{newspaper.inclusion[i]:.6f}",
                    int(newspaper.stratum[i]) + 1,
                    "special" if sizes[edition] >= LARGE else "ordinary",
                ]
            )


if __name__ == "__main__":
    write_table(
        print_newspaper(1, 200, stratified=True, world=World(editions=24)), Path(sys.argv[1])
    )
