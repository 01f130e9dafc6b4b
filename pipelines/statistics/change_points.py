"""Finds change points: the months, or editions, between which the level of a metric moved.

The series is cut where that lessens its squared error by more than a penalty: PELT (Killick et al.
2012, doi 10.1080/01621459.2012.737745) as in ``ruptures``, with the penalty 3 · log n · noise² of
the modified BIC (Zhang & Siegmund 2007, doi 10.1111/j.1541-0420.2006.00662.x). The noise is
estimated from the differences between near neighbours, which steps hardly touch. A few wild periods
are brought back to their surroundings before the search, so that a special edition is no change.

Neighbouring months are alike even where nothing changes, which looks like steps. So the search is
done again with a higher penalty while what is left beside the levels is autocorrelated, by r: it
grows by (1 + r) / (1 - r), the ratio of the variance of a mean of such periods to that of
independent ones (as Bardwell et al. 2019, doi 10.1080/00401706.2018.1438926, do), and for the
noise, which neighbours that are alike tell too low.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtr, stdtrit

from presslens.models.message import Message
from presslens.pipelines.result import Rounded
from presslens.pipelines.statistics.comparison import Difference
from presslens.pipelines.statistics.photo_table import Numbers
from presslens.pipelines.statistics.robust import MAD_TO_SD, MEAN_AD_TO_SD
from presslens.pipelines.statistics.timeline import Period

if TYPE_CHECKING:
    from ruptures import KernelCPD

NEAR = (1, 2, 3)
"""Distances, in periods, of the neighbours whose differences estimate the noise."""

MOST_ALIKE = 0.95
"""Largest autocorrelation: at 1 no change could be distinguished from drift."""


@dataclass(frozen=True, slots=True)
class ChangeRules:
    """The rules of the search."""

    penalty: float = 3.0  # what a change costs, in noise² · log n (3: modified BIC)
    min_size: int = 3  # fewest periods between two changes, and before the first and after the last
    # Periods further than this from the median of their neighbours, in noise, are brought to it for
    # the search. The means are of the numbers as they are.
    clip: float = 3.0

    @property
    def fewest(self) -> int:
        """Smallest number of periods that are searched."""
        return 4 * self.min_size


@dataclass(frozen=True, slots=True)
class Change:
    """A change of level."""

    date: date  # first day of the first period after it
    before: float  # mean of the periods before it, back to the change before
    after: float  # mean of those after it, up to the next change
    difference: Difference  # after less before; its interval takes the day of the change as given
    periods: tuple[int, int]  # how many periods are before, and after


@dataclass(frozen=True, slots=True)
class Changes:
    """The changes of a series."""

    changes: tuple[Change, ...]  # in the order of time
    noise: Rounded | None  # standard deviation of a period about its level, in the metric's unit
    # Of neighbouring periods about their level, -1 to 1. Where it stays well above 0 the series
    # drifts, and some changes may be drift; None for too few periods.
    autocorrelation: Rounded | None
    method: str  # the method of the search, or the reason for none


def find_changes(periods: Sequence[Period], rules: ChangeRules, *, confidence: float) -> Changes:
    """Find the change points of a series.

    Args:
        periods: In the order of time; gaps between them are closed.
        rules: The rules of the search.
        confidence: Level of the intervals, 0.95 for instance.
    """
    if len(periods) < rules.fewest:
        return Changes(
            (),
            None,
            None,
            Message("not searched: fewer than %(fewest)s periods", fewest=rules.fewest),
        )
    values = np.array([period.value for period in periods])
    noise = noise_of(values)
    cuts = _search(values, noise, rules)
    parts = list(pairwise([0, *cuts, len(values)]))
    changes = (
        _change(periods, values, (start, cut, end), confidence)
        for (start, cut), (_, end) in pairwise(parts)
    )
    method = Message(
        "PELT on means, penalty %(penalty)s · log n · noise², raised for autocorrelation; at least "
        "%(size)s periods a level, wild ones clipped at %(clip)s noise",
        penalty=f"{rules.penalty:g}",
        size=rules.min_size,
        clip=f"{rules.clip:g}",
    )
    return Changes(tuple(changes), noise, _autocorrelation(values, cuts), method)


TIED = 1e-9
"""Numbers that differ by less than this share of the largest are the same."""


def noise_of(values: Numbers) -> float:
    """Return the standard deviation of a series about its level, whatever steps it takes.

    Made of the differences of near neighbours, by their median; by their mean where most of them
    are the same number, as with pages.
    """
    apart = np.concatenate([np.abs(values[k:] - values[:-k]) for k in NEAR])
    median = float(np.median(apart))
    # Sums in another order differ in their last digits: such numbers are the same.
    spread = (
        MAD_TO_SD * median
        if median > TIED * float(np.abs(values).max())
        else MEAN_AD_TO_SD * float(apart.mean())
    )
    return spread / float(np.sqrt(2))


def _search(values: Numbers, noise: float, rules: ChangeRules) -> list[int]:
    """Return the index of the first period after each change."""
    # Both take most of a second to import, and few requests need them.
    import ruptures
    from scipy.ndimage import median_filter

    if noise <= TIED * max(1.0, float(np.abs(values).max())):
        return []
    level = median_filter(values, size=2 * rules.min_size + 1, mode="nearest")
    clipped = np.clip(values, level - rules.clip * noise, level + rules.clip * noise)
    # In units of noise: the search squares the numbers, and small shares would vanish.
    scaled = ((clipped - clipped.mean()) / noise).reshape(-1, 1)
    search = ruptures.KernelCPD(kernel="linear", min_size=rules.min_size).fit(scaled)
    raised, cuts = 1.0, _cuts(search, rules.penalty * np.log(len(values)))
    # The penalty only rises, and with it changes only go, so it ends; mostly after two rounds.
    while cuts and (higher := _raise(_autocorrelation(values, cuts))) > raised:
        raised, cuts = higher, _cuts(search, higher * rules.penalty * np.log(len(values)))
    return cuts


def _cuts(search: KernelCPD, penalty: float) -> list[int]:
    return [int(cut) for cut in search.predict(pen=penalty)[:-1]]


def _raise(autocorrelation: float | None) -> float:
    """Return the factor of the penalty against independent periods, 1 or more."""
    r = min(MOST_ALIKE, max(0.0, autocorrelation or 0.0))
    seen = 1 - sum(r**k for k in NEAR) / len(NEAR)
    return (1 + r) / (1 - r) / seen


def _change(
    periods: Sequence[Period], values: Numbers, cut: tuple[int, int, int], confidence: float
) -> Change:
    start, middle, end = cut
    before, after = values[start:middle], values[middle:end]
    return Change(
        date=periods[middle].first,
        before=float(before.mean()),
        after=float(after.mean()),
        difference=_welch(after, before, confidence),
        periods=(len(before), len(after)),
    )


def _welch(after: Numbers, before: Numbers, confidence: float) -> Difference:
    """Return the difference of two means by Welch (1947, doi 10.1093/biomet/34.1-2.28)."""
    value = float(after.mean() - before.mean())
    parts = [float(side.var(ddof=1)) / len(side) for side in (after, before)]
    error = float(np.sqrt(sum(parts)))
    method = Message("periods as draws, Welch's t, %(level)s %%", level=f"{100 * confidence:g}")
    if error == 0.0:
        return Difference(value, (value, value), 0.0 if value else 1.0, method)
    sizes = len(after) - 1, len(before) - 1
    freedom = error**4 / sum(part**2 / n for part, n in zip(parts, sizes, strict=True))
    reach = float(stdtrit(freedom, (1 + confidence) / 2)) * error
    p_value = 2 * float(stdtr(freedom, -abs(value) / error))
    return Difference(value, (value - reach, value + reach), p_value, method)


def _autocorrelation(values: Numbers, cuts: Sequence[int]) -> float | None:
    """Return the correlation of neighbours about their level; None if they do not vary."""
    parts = np.split(values, cuts)
    left = np.concatenate([part - part.mean() for part in parts if len(part)])
    total = float(left @ left)
    dust = len(values) * (TIED * float(np.abs(values).max(initial=0.0))) ** 2
    return float(left[1:] @ left[:-1]) / total if total > dust else None
