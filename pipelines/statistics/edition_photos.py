"""The photos of an edition as arrays: areas, zones, and what the machine says of each measure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from presslens.pipelines.statistics.measure import BITS, Estimand, Zone, in_zone, one_question
from presslens.pipelines.statistics.page import CountedPhoto
from presslens.pipelines.statistics.photo_table import CERTAIN, Mask, Numbers, PhotoTable

DIGITS = 6
"""Digits after the point of areas and probabilities: of those that are stored, and of others."""


EXACT = 9
"""Digits of a sum of such numbers that no order of adding up changes."""

MOST_SHIFT, HALVINGS = 40.0, 45
"""Log odds that are certainty on either side, and steps from there to a shift of 1e-12."""


def mean_probability(expected: float, whole: float) -> float | None:
    """Return the mean of probabilities, 0–1; None of nothing.

    Args:
        expected: Sum of weight times probability.
        whole: Sum of the weights.
    """
    return round(expected, EXACT) / whole if whole > 0 else None


@dataclass(frozen=True, slots=True)
class MachineSums:
    """The machine's sums for a measure in a zone, by count and by printed area."""

    n: int  # photos that were read for the measure
    decided: int  # photos of these that are decided to show it
    expected: float  # sum of their probabilities
    area: float  # their printed area, in pages
    area_decided: float  # printed area of those that are decided to show it
    area_expected: float  # sum of area times probability


@dataclass(frozen=True, slots=True, eq=False)
class EditionPhotos:
    """n photos of an edition in reading order; arrays of shape (n,)."""

    areas: Numbers  # share of its page that each takes, 0–1
    zones: NDArray[np.uint8]  # the zones of each, as bits
    # By measure, 0–1; NaN for a photo that was not read for it.
    probabilities: Mapping[str, Numbers]
    decided: Mapping[str, Mask]  # by measure, whether each is decided to show it
    consensus: Mapping[str, Numbers]  # by measure, the consensus of coders, 1 or 0; NaN without one

    @classmethod
    def of(cls, photos: Sequence[CountedPhoto]) -> EditionPhotos:
        """Return the arrays of the photos of an edition, or of a page."""
        names = list(dict.fromkeys(name for photo in photos for name in photo.probabilities))
        return cls(
            np.round(np.array([photo.area for photo in photos], float), DIGITS),
            np.array([sum(BITS[zone] for zone in photo.zones) for photo in photos], np.uint8),
            {
                name: np.round([photo.probabilities.get(name, np.nan) for photo in photos], DIGITS)
                for name in names
            },
            {name: np.array([name in photo.decided for photo in photos], bool) for name in names},
            {
                name: np.array([photo.consensus.get(name, np.nan) for photo in photos], float)
                for name in names
            },
        )

    def stored(self) -> dict[str, list[Any]]:
        """Return areas and zones as they are stored."""
        return {
            "photo_areas": self.areas.tolist(),
            "photo_zones": self.zones.tolist(),
        }

    def stored_measures(self) -> Iterator[dict[str, Any]]:
        """Yield each measure with its probabilities and decisions, as they are stored."""
        for name, values in self.probabilities.items():
            yield {
                "measure": name,
                "probabilities": [None if np.isnan(p) else p for p in values.tolist()],
                "decided": self.decided[name].astype(int).tolist(),
            }

    def read(self, measure: str, zone: Zone) -> Mask:
        """Return which photos lie in a zone and were read for a measure, shape (n,)."""
        if measure not in self.probabilities:
            return np.zeros(len(self.areas), bool)
        return in_zone(self.zones, zone) & ~np.isnan(self.probabilities[measure])

    def sums(self, measure: str, zone: Zone) -> MachineSums:
        """Return the machine's sums for a measure in a zone."""
        at = self.read(measure, zone)
        if not at.any():
            return MachineSums(0, 0, 0.0, 0.0, 0.0, 0.0)
        p, areas, decided = (
            values[at]
            for values in (self.probabilities[measure], self.areas, self.decided[measure])
        )
        return MachineSums(
            int(at.sum()),
            int(decided.sum()),
            float(p.sum()),
            float(areas.sum()),
            float(areas @ decided),
            float(areas @ p),
        )

    def table(self, measure: str) -> tuple[PhotoTable, Numbers, NDArray[np.uint8]]:
        """Return the photos read for a measure as a table of one edition, with areas and zones.

        Settled answers are picks: an edition by itself knows no sample.
        """
        at = self.read(measure, Zone.ALL)
        others = [one for one in one_question(measure) if one != measure and at.any()]
        beside = tuple(self._table(one, at) for one in others)
        table = replace(self._table(measure, at), beside=beside)
        return table, self.areas[at], self.zones[at]

    def verdicts(self, measure: str) -> Mask:
        """Return which photos read for a measure show it, by people or else their own verdict."""
        at = self.read(measure, Zone.ALL)
        if not at.any():
            return np.zeros(0, bool)
        label = self.consensus[measure][at]
        return np.where(np.isnan(label), self.decided[measure][at], label == 1.0)

    def _table(self, measure: str, at: Mask) -> PhotoTable:
        n = int(at.sum())
        return PhotoTable(
            edition=np.zeros(n, np.int64),
            probability=self.probabilities[measure][at] if n else np.zeros(0),
            weight=np.ones(n),
            label=self.consensus[measure][at] if n else np.zeros(0),
            inclusion=np.full(n, np.nan),
            framed=np.zeros(n, bool),
            editions=("edition",),
            periods=(("edition",),),
            zones=self.zones[at],
        )


def shifted_to(
    target: Sequence[float | None], place: NDArray[np.int64], base: Numbers, label: Numbers
) -> list[Numbers]:
    """Return the probabilities of the photos of each edition, so that their mean is its estimate.

    Answered photos have their answer, and the log odds of others are shifted in common. Where
    errors of coders are taken out, those of answered photos are too.

    Args:
        target: The estimated share of each edition, 0–1; None where there is none, length a.
        place: Edition of each photo, 0 to a - 1, shape (n,).
        base: The probability of each, 0–1, shape (n,).
        label: Its answer, 1 or 0; NaN without one, shape (n,).
    """
    a = len(target)
    aim = np.array([np.nan if value is None else value for value in target])
    size = np.maximum(np.bincount(place, minlength=a), 1)

    def mean(part: Numbers) -> Numbers:
        return np.asarray(np.bincount(place, part, a) / size)

    answered = ~np.isnan(label)
    least, most = mean(np.nan_to_num(label)), mean(np.where(answered, label, 1.0))
    fixed = answered & ((least <= aim) & (aim <= most))[place]
    loose = logit(np.clip(np.where(answered, label, base), CERTAIN, 1 - CERTAIN))
    low, high = np.full(a, -MOST_SHIFT), np.full(a, MOST_SHIFT)
    found = base
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        found = np.where(fixed, label, expit(loose + middle[place]))
        below = mean(found) < aim
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    ends = np.cumsum(np.bincount(place, minlength=a))
    return np.split(found[np.argsort(place, kind="stable")], ends)[:-1]


@dataclass(frozen=True, slots=True, eq=False)
class MachineSeries:
    """What the machine alone says of the photos of a editions; arrays of shape (a,)."""

    n: Numbers  # number of photos
    whole: Numbers  # their weight
    expected: Numbers  # sum of weight times probability
    decided: Numbers  # weight of those that are taken to show it, by people or else the machine
    answered: Numbers  # number of those with a consensus of coders

    def share(self, members: Sequence[int], estimand: Estimand) -> float | None:
        """Return the mean probability of some editions, 0–1; None without photos."""
        rows = [i for i in members if self.whole[i] > 0]
        if not rows:
            return None
        if estimand is Estimand.MEAN_EDITION_SHARE:
            return float((self.expected[rows] / self.whole[rows]).mean())
        return mean_probability(float(self.expected[rows].sum()), float(self.whole[rows].sum()))
