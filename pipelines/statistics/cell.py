"""A measure in a zone of one edition, by count and by printed area: the parts of its shares."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.recipe import Aggregate
from pipelines.statistics.interval import DetectorReading, detector_readings
from pipelines.statistics.measure import STRATA, Weight, Zone, strata
from pipelines.statistics.page import CountedPhoto


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """The photos of a cell under one weight.

    Attributes:
        total: Sum of the weights: the denominator.
        machine: Expected weight of the photos that show the measure, by the machine alone.
        decided: Weight of the photos that are decided to show the measure.
        strata: Weight of all photos by stratum of probability, four numbers.
        reading: The share by the machine and the consensus of the coders.
    """

    total: float
    machine: float
    decided: float
    strata: tuple[float, ...]
    reading: DetectorReading


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """A measure in a zone of one edition.

    Attributes:
        n: Number of photos that were read for the measure.
        settled: Number of photos with a consensus of the coders.
        weighed: The shares by weight.
    """

    n: int
    settled: int
    weighed: Mapping[Weight, Weighed]


@dataclass(frozen=True, slots=True, eq=False)
class _MeasureTable:
    """Some measures of the same photos, shape (m, n) each; ``area`` is of shape (n,)."""

    names: tuple[str, ...]
    probabilities: NDArray[np.float64]
    settled: NDArray[np.float64]
    decided: NDArray[np.bool_]
    area: NDArray[np.float64]

    @classmethod
    def of(cls, names: Sequence[str], photos: Sequence[CountedPhoto]) -> _MeasureTable:
        return cls(
            tuple(names),
            np.array([[photo.probabilities[name] for photo in photos] for name in names]),
            np.array([[photo.settled.get(name, np.nan) for photo in photos] for name in names]),
            np.array([[name in photo.decided for photo in photos] for name in names]),
            np.array([photo.area for photo in photos]),
        )


def cells(
    photos: Sequence[CountedPhoto], rules: Aggregate, *, zones: Sequence[Zone] = tuple(Zone)
) -> dict[tuple[str, Zone], Cell]:
    """Return a cell for each measure and zone with photos.

    Args:
        photos: All photos of the pages that were seen.
        rules: The level of the intervals, the drift of the calibration, and the prevalences.
        zones: The zones.
    """
    return {
        (name, zone): cell
        for zone in zones
        for table in _tables([photo for photo in photos if zone in photo.zones])
        for name, cell in zip(table.names, _cells(table, rules), strict=True)
    }


def _tables(photos: Sequence[CountedPhoto]) -> Iterator[_MeasureTable]:
    """Yield tables of measures that were read for the same photos."""
    readers: dict[str, list[int]] = defaultdict(list)
    for i, photo in enumerate(photos):
        for name in photo.probabilities:
            readers[name].append(i)
    groups: dict[tuple[int, ...], list[str]] = defaultdict(list)
    for name, read in readers.items():
        groups[tuple(read)].append(name)
    for group, names in groups.items():
        yield _MeasureTable.of(names, [photos[i] for i in group])


def _cells(table: _MeasureTable, rules: Aggregate) -> list[Cell]:
    n = len(table.area)
    drifts = [rules.drift_of(name) for name in table.names]
    prevalences = [rules.prevalence.get(name) for name in table.names]
    at = strata(table.probabilities)
    weights = {Weight.COUNT: np.ones(n), Weight.AREA: table.area}
    readings = {
        key: detector_readings(
            table.probabilities,
            weights=None if key is Weight.COUNT else w,
            settled=table.settled,
            drifts=drifts,
            prevalences=prevalences,
            confidence=rules.confidence,
        )
        for key, w in weights.items()
    }
    return [
        Cell(
            n=n,
            settled=int((~np.isnan(table.settled[i])).sum()),
            weighed={
                key: Weighed(
                    total=float(w.sum()),
                    machine=float(w @ table.probabilities[i]),
                    decided=float(w @ table.decided[i]),
                    strata=tuple(float(w[at[i] == h].sum()) for h in range(len(STRATA) + 1)),
                    reading=readings[key][i],
                )
                for key, w in weights.items()
            },
        )
        for i in range(len(table.names))
    ]
