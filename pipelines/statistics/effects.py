"""What the recalibrated log odds of a photo may depend on, beside the machine's own.

Columns have coefficients with priors of their own: an intercept, the machine's log odds, the
stratum of probability, the zone, and the mean log odds of the edition (a contextual effect: Mundlak
1978, doi 10.2307/1913646), which tells scans that move all scores from editions that show more.
Factors have an effect a level: the newspaper, the year, the month, the day of the week, the number
of pages, the week as one of a process that forgets (Uhlenbeck & Ornstein 1930,
doi 10.1103/PhysRev.36.823), and groups that are asked about. How far the effects of a factor differ
is learned from all of its levels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from presslens.pipelines.statistics.cells import sums_by_group
from presslens.pipelines.statistics.measure import STRATA, Zone, in_zone, strata
from presslens.pipelines.statistics.photo_table import Mask, Numbers, PhotoTable

INTERCEPT = 5.0
"""Standard deviation of the prior of the intercept, in logits: it is left to the sample."""

SLOPE = 0.5
"""Standard deviation of the prior of the slope of the log odds about 1."""

STRATUM = 0.3
"""Standard deviation of the effect of a stratum of probability, in logits."""

CONTEXT = 0.7
"""Standard deviation of the coefficient of an edition's mean log odds."""

ZONE = 2.0
"""Standard deviation of the difference of a zone and the rest of an edition, in logits: a leader is
on most front pages, and on few others."""

NEWSPAPER = 1.0
"""Standard deviation of the effect of a newspaper, in logits."""

WEEK = 7
"""Days of a cell of time."""

MEMORY = 45.0
"""Days after which the effect of time has forgotten all but 1/e of what it was."""

MOST_CELLS = 80
"""Cells of time of a newspaper; where there were more, each takes more days."""

_JITTER = 1e-6


class EffectSpread(StrEnum):
    """A standard deviation of effects that is learned."""

    EDITION = "edition"
    TIME = "time"
    ASKED = "asked"


@dataclass(frozen=True, slots=True, eq=False)
class Factor:
    """A factor of L levels."""

    level: NDArray[np.int64]  # level of each photo, 0 to L - 1, shape (n,)
    precision: Numbers  # of the effects, where their standard deviation is 1, shape (L, L)
    spread: EffectSpread | float  # their standard deviation, in logits, or which one is learned
    alike_levels: bool = False  # whether levels are exchangeable

    @classmethod
    def alike(cls, level: NDArray[np.int64], spread: EffectSpread | float) -> Factor:
        """Return a factor whose levels are exchangeable."""
        return cls(level, np.eye(int(level.max(initial=-1)) + 1), spread, True)

    @property
    def size(self) -> int:
        """Number of levels."""
        return len(self.precision)


@dataclass(frozen=True, slots=True, eq=False)
class Effects:
    """The effects of n photos: q columns, and factors with p - q levels in all."""

    columns: Numbers  # shape (n, q)
    mean: Numbers  # prior means of their coefficients, shape (q,)
    precision: Numbers  # prior precisions of these, shape (q,)
    factors: tuple[Factor, ...]

    @classmethod
    def of(cls, table: PhotoTable, asked: NDArray[np.int64] | None = None) -> Effects:
        """Return the effects of the photos of a table.

        Args:
            asked: Group of each photo, 0 or more, that has an effect of its own; None for none.
        """
        logits = table.logits
        stratum = strata(table.probability)[:, None] == np.arange(len(STRATA) + 1)
        context = _edition_means(logits, table)[table.edition]
        zones = [_contrast(table, zone) for zone in (Zone.FRONT, Zone.LEAD, Zone.ABOVE_FOLD)]
        columns = np.column_stack(
            [np.ones(len(table)), logits, stratum, context, *(z for z in zones if z is not None)]
        )
        left = columns.shape[1] - stratum.shape[1] - 3
        spread = np.array(
            [INTERCEPT, SLOPE, *[STRATUM] * stratum.shape[1], CONTEXT, *[ZONE] * left]
        )
        mean = np.zeros(len(spread))
        mean[1] = 1.0
        return cls(columns, mean, 1 / spread**2, tuple(_factors(table, asked)))

    def levels(self, table: PhotoTable, group: NDArray[np.int64], count: int) -> Mask:
        """Return which groups are a level of a factor, an edition, a zone of all, or all, (count,).

        Some months together, or a month of several newspapers, are some levels of a factor.

        Args:
            group: Of each, 0 to count - 1, or -1 for none, shape (n,).
            count: Number of groups.
        """
        every = np.zeros(len(table), np.int64)
        levels: list[tuple[NDArray[np.int64], bool]] = [
            (one.level, one.alike_levels) for one in self.factors
        ]
        levels += [(level, False) for level in (every, table.edition, *_zones(table))]
        found = np.zeros(count, bool)
        for level, some in levels:
            found |= whole_levels(group, count, level) < (np.inf if some else 2)
        return found

    def at(self, mask: Mask | NDArray[np.int64]) -> Effects:
        """Return the effects of the photos of a mask, or at some places."""
        factors = tuple(replace(one, level=one.level[mask]) for one in self.factors)
        return Effects(self.columns[mask], self.mean, self.precision, factors)

    @property
    def size(self) -> int:
        """Number of coefficients, p."""
        return len(self.precision) + sum(factor.size for factor in self.factors)

    def dense(self) -> Numbers:
        """Return columns and factors as a matrix, shape (n, p)."""
        levels = (one.level[:, None] == np.arange(one.size) for one in self.factors)
        return np.column_stack([self.columns, *levels]).astype(float)

    def times(self, coefficient: Numbers) -> Numbers:
        """Return the product of the matrix and coefficients of shape (p,), shape (n,)."""
        at = self.columns.shape[1]
        product = self.columns @ coefficient[:at]
        for factor in self.factors:
            product = product + coefficient[at : at + factor.size][factor.level]
            at += factor.size
        return np.asarray(product)

    def sums(self, weight: Numbers, group: NDArray[np.int64], count: int) -> Numbers:
        """Return the weighted sums of the matrix's rows by group, shape (count, p).

        Args:
            weight: Of each photo, shape (n,).
            group: Of each photo, 0 to count - 1, shape (n,).
            count: Number of groups.
        """
        parts = [sums_by_group(group, weight[:, None] * self.columns, count)]
        for factor in self.factors:
            cell = group * factor.size + factor.level
            parts.append(sums_by_group(cell, weight, count * factor.size).reshape(count, -1))
        return np.concatenate(parts, axis=1)

    def prior(self, spreads: Mapping[EffectSpread, float]) -> Numbers:
        """Return the prior precision of the coefficients under learned spreads, shape (p, p)."""
        full, at = np.zeros((self.size, self.size)), len(self.precision)
        full[np.arange(at), np.arange(at)] = self.precision
        for one in self.factors:
            spread = spreads[one.spread] if isinstance(one.spread, EffectSpread) else one.spread
            full[at : at + one.size, at : at + one.size] = one.precision / spread**2
            at += one.size
        return full


def _edition_means(part: Numbers, table: PhotoTable) -> Numbers:
    """Return the mean of a part of the photos by edition, shape (e,)."""
    e = len(table.editions)
    n = np.bincount(table.edition, minlength=e)
    return np.bincount(table.edition, part, e) / np.maximum(n, 1)


def _contrast(table: PhotoTable, zone: Zone) -> Numbers | None:
    """Return 1/2 in a zone and -1/2 outside of it, shape (n,); None where all are on one side."""
    if table.zones is None:
        return None
    inside = in_zone(table.zones, zone)
    return np.where(inside, 0.5, -0.5) if inside.any() and not inside.all() else None


def _factors(table: PhotoTable, asked: NDArray[np.int64] | None) -> list[Factor]:
    """Return the factors with more than one level."""
    papers = _numbered(table.newspapers.tolist())
    factors = []
    if papers.max(initial=0) > 0:
        factors.append(Factor.alike(papers[table.edition], NEWSPAPER))
    finest = papers
    for depth in range(2, 1 + max((len(cells) for cells in table.periods), default=0)):
        finer = _numbered(["\0".join(cells[:depth]) for cells in table.periods])
        if finest.max(initial=0) < finer.max(initial=0) < len(finer) - 1:
            factors.append(Factor.alike(finer[table.edition], EffectSpread.TIME))
            finest = finer
    for kinds in ([day % 7 for day in table.days], table.pages):
        if len(set(kinds)) > 1:
            kind = np.unique(np.array(kinds), return_inverse=True)[1]
            factors.append(Factor.alike(kind[table.edition], EffectSpread.TIME))
    factors += _weeks(table, papers)
    known = (*(one.level for one in factors), table.edition, *_zones(table))
    levels = np.zeros(0) if asked is None else np.unique(asked)
    if asked is not None and len(levels) > 1 and not any(_same(asked, one) for one in known):
        kind = np.searchsorted(levels, asked).astype(np.int64)
        factors.append(Factor.alike(kind, EffectSpread.ASKED))
    return factors


def _zones(table: PhotoTable) -> list[NDArray[np.int64]]:
    """Return whether each photo is in each zone, 0 or 1, shapes (n,)."""
    if table.zones is None:
        return []
    return [in_zone(table.zones, zone).astype(np.int64) for zone in Zone]


def whole_levels(group: NDArray[np.int64], count: int, level: NDArray[np.int64]) -> Numbers:
    """Return how many levels each group has, infinite where one is only in part in it, (count,).

    Args:
        group: Of each photo, 0 to count - 1, or -1 for none, shape (n,).
        count: Number of groups.
        level: Of each photo, 0 or more, shape (n,).
    """
    # Numbers of cells: pairs of numbers take many times as long to sort.
    levels, groups = np.divmod(np.unique(level * (count + 1) + group + 1), count + 1)
    groups -= 1
    parted, own = np.bincount(levels)[levels] > 1, groups >= 0
    return np.bincount(groups[own], np.where(parted, np.inf, 1.0)[own], count).astype(float)


def _same(one: NDArray[np.int64], other: NDArray[np.int64]) -> bool:
    """Return whether two numberings part the photos alike."""
    pairs = np.unique(one * (int(other.max(initial=0)) + 1) + other)
    return len(np.unique(one)) == len(np.unique(other)) == len(pairs)


def _weeks(table: PhotoTable, papers: NDArray[np.int64]) -> list[Factor]:
    """Return the factor of time, if editions have days."""
    if not len(table.days):
        return []
    days = np.array(table.days, float)
    # Editions outside of the frame are like those nearest to them.
    framed = days[np.unique(table.edition[table.framed])] if table.framed.any() else days
    days = np.clip(days, framed.min(), framed.max()) - framed.min()
    width = max(WEEK, float(np.ceil((framed.max() - framed.min() + 1) / MOST_CELLS)))
    cell = np.floor(days / width).astype(np.int64)
    names, level = np.unique(papers * (MOST_CELLS + 1) + cell, return_inverse=True)
    if len(names) < 2:
        return []
    paper, place = np.divmod(names, MOST_CELLS + 1)
    apart = width * np.abs(place[:, None] - place)
    covariance = np.exp(-apart / MEMORY) * (paper[:, None] == paper)
    precision = np.linalg.inv(covariance + _JITTER * np.eye(len(names)))
    return [Factor(level[table.edition], precision, EffectSpread.TIME)]


def _numbered(names: Sequence[str]) -> NDArray[np.int64]:
    """Return the number of each name among the different ones, in their order."""
    return np.unique(np.array(names, dtype=object), return_inverse=True)[1].astype(np.int64)
