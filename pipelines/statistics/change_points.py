"""Finds change points: the months, or editions, between which a metric may have changed its level.

The series is cut where that lessens its squared error by more than a penalty: PELT (Killick et al.
2012, doi 10.1080/01621459.2012.737745), with the penalty 3 · log n · noise² of the modified BIC
(Zhang & Siegmund 2007, doi 10.1111/j.1541-0420.2006.00662.x). The noise is estimated from the
differences between near neighbours, which steps hardly touch. A few wild periods are brought back
to their surroundings before the search, so that a special edition is no change.

Neighbouring months are alike even where nothing changes, which looks like steps. So the search is
done again with a higher penalty while what is left beside the levels is autocorrelated, by r: it
grows by (1 + r) / (1 - r), the ratio of the variance of a mean of such periods to that of
independent ones (as Bardwell et al. 2019, doi 10.1080/00401706.2018.1438926, do), and for the
noise, which neighbours that are alike tell too low.

The search only proposes. A change is shown where the difference of the editions before and after,
as every comparison estimates it, leaves 0 out at a level that holds for all candidates at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from presslens.models.message import Message
from presslens.pipelines.result import Rounded
from presslens.pipelines.statistics.photo_table import Numbers
from presslens.pipelines.statistics.robust import MAD_TO_SD, MEAN_AD_TO_SD
from presslens.pipelines.statistics.timeline import Period

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
class Spells:
    """Two spells of periods that follow one another; ends are the first period after."""

    start: int  # first period of the earlier spell
    cut: int  # first period of the later one
    end: int  # its end


@dataclass(frozen=True, slots=True)
class Changes:
    """The periods of a series at which its level may have changed."""

    cuts: tuple[int, ...]  # the first period after each, in the order of time
    searched: int  # number of periods that were candidates
    noise: Rounded | None  # standard deviation of a period about its level, in the metric's unit
    # Of neighbouring periods about their level, -1 to 1. Where it stays well above 0 the series
    # drifts, and some changes may be drift; None for too few periods.
    autocorrelation: Rounded | None
    method: str  # the method of the search, or the reason for none


Spelled = TypeVar("Spelled", bound="Tested")


class Tested(Protocol):
    """A difference between two spells."""

    @property
    def differs(self) -> bool:
        """Whether it is shown."""

    @property
    def p_corrected(self) -> float | None:
        """Its p-value; None without one."""


def shown_changes(
    changes: Changes, periods: int, test: Callable[[Spells], Spelled]
) -> tuple[list[Spelled], list[Spelled]]:
    """Test each change, and give up those that are not shown, the least likely one first.

    With each that is given up, its two spells become one, and their neighbours are tested again.

    Args:
        changes: The periods at which the level may have changed.
        periods: Number of periods of the series.
        test: Returns the difference of the later spell and the earlier one.

    Returns:
        The changes that are shown, in the order of time; and those that are not, in the order in
        which they were given up.
    """
    cuts = list(changes.cuts)
    open_: list[Spelled] = []
    while True:
        ends = [0, *cuts, periods]
        tested = [test(Spells(*ends[i : i + 3])) for i in range(len(cuts))]
        doubtful = [i for i, one in enumerate(tested) if not one.differs]
        if not doubtful:
            return tested, open_
        least = max(doubtful, key=lambda i: _p_of(tested[i]))
        open_.append(tested[least])
        del cuts[least]


def _p_of(tested: Tested) -> float:
    return 1.0 if tested.p_corrected is None else tested.p_corrected


def find_changes(periods: Sequence[Period], rules: ChangeRules) -> Changes:
    """Find the periods at which the level of a series may have changed.

    Args:
        periods: In the order of time; gaps between them are closed.
        rules: The rules of the search.
    """
    if len(periods) < rules.fewest:
        return Changes(
            (),
            0,
            None,
            None,
            Message("not searched: fewer than %(fewest)s periods", fewest=rules.fewest),
        )
    values = np.array([period.value for period in periods])
    noise = noise_of(values)
    cuts = _search(values, noise, rules)
    method = Message(
        "PELT on means, penalty %(penalty)s · log n · noise², raised for autocorrelation; at least "
        "%(size)s periods a level, wild ones clipped at %(clip)s noise",
        penalty=f"{rules.penalty:g}",
        size=rules.min_size,
        clip=f"{rules.clip:g}",
    )
    searched = len(values) - 2 * rules.min_size + 1
    return Changes(tuple(cuts), searched, noise, _autocorrelation(values, cuts), method)


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
    if noise <= TIED * max(1.0, float(np.abs(values).max())):
        return []
    around = np.pad(values, rules.min_size, mode="edge")
    level = np.median(sliding_window_view(around, 2 * rules.min_size + 1), axis=1)
    clipped = np.clip(values, level - rules.clip * noise, level + rules.clip * noise)
    # In units of noise: the search squares the numbers, and small shares would vanish.
    scaled = (clipped - clipped.mean()) / noise
    raised, cuts = 1.0, _cuts(scaled, rules.penalty * np.log(len(values)), rules.min_size)
    # The penalty only rises, and with it changes only go, so it ends; mostly after two rounds.
    while cuts and (higher := _raise(_autocorrelation(values, cuts))) > raised:
        raised = higher
        cuts = _cuts(scaled, higher * rules.penalty * np.log(len(values)), rules.min_size)
    return cuts


def _cuts(values: Numbers, penalty: float, fewest: int) -> list[int]:
    """Return the index of the first value of each level but the first, by PELT.

    Args:
        values: The series, centred.
        penalty: What a level costs.
        fewest: Values that a level has, at least.
    """
    sums, squares = (np.concatenate(([0.0], np.cumsum(one))) for one in (values, values**2))
    cost, last = np.zeros(len(values) + 1), np.zeros(len(values) + 1, np.int64)
    dropped = np.full(len(values) + 1, len(values) + 1)
    begins = np.zeros(1, np.int64)  # where the level before ``end`` may begin
    for end in range(fewest, len(values) + 1):
        if end >= 2 * fewest:
            begins = np.append(begins[dropped[begins] > end], end - fewest)
        error = squares[end] - squares[begins] - (sums[end] - sums[begins]) ** 2 / (end - begins)
        costs = cost[begins] + error
        best = int(costs.argmin())
        cost[end], last[end] = costs[best] + penalty, begins[best]
        # A level that begins at ``end`` does as well as soon as it has its fewest values.
        worse = begins[costs >= cost[end]]
        dropped[worse] = np.minimum(dropped[worse], end + fewest)
    cuts = [int(last[-1])]
    while cuts[0]:
        cuts.insert(0, int(last[cuts[0]]))
    return cuts[1:]


def _raise(autocorrelation: float | None) -> float:
    """Return the factor of the penalty against independent periods, 1 or more."""
    r = min(MOST_ALIKE, max(0.0, autocorrelation or 0.0))
    seen = 1 - sum(r**k for k in NEAR) / len(NEAR)
    return (1 + r) / (1 - r) / seen


def _autocorrelation(values: Numbers, cuts: Sequence[int]) -> float | None:
    """Return the correlation of neighbours about their level; None if they do not vary."""
    parts = np.split(values, cuts)
    left = np.concatenate([part - part.mean() for part in parts if len(part)])
    total = float(left @ left)
    dust = len(values) * (TIED * float(np.abs(values).max(initial=0.0))) ** 2
    return float(left[1:] @ left[:-1]) / total if total > dust else None
