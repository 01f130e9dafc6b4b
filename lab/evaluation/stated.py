"""How often intervals are stated, how often they hold the truth, and how wide they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from presslens.lab.training.grouped_interval import grouped
from presslens.models.accuracy import Measure, wilson


class JudgedShare(Protocol):
    """A share whose truth is known."""

    @property
    def interval(self) -> tuple[float, float] | None:
        """The interval; None where it is refused."""

    @property
    def inside(self) -> bool:
        """Whether the interval holds the truth."""


def measure_intervals(
    station: str,
    data: str,
    shares: Sequence[JudgedShare],
    method: str,
    groups: Sequence[str] = (),
) -> list[Measure]:
    """Return how many of some intervals are stated, hold the truth, and their mean width.

    What is refused counts neither as held nor as missed; how many are stated stands beside it.

    Args:
        station: The station that measures them.
        data: What they are of.
        shares: At least one.
        method: How they were estimated.
        groups: The group of each, within which shares are alike; none: all are independent.
    """
    widths = [s.interval[1] - s.interval[0] for s in shares if s.interval is not None]
    n = len(widths)
    rows = [Measure(station, "interval stated", data, len(shares), n / len(shares), None, method)]
    if n:
        inside = sum(s.inside for s in shares) / n
        coverage = wilson(inside, n)
        if groups:
            stated = [i for i, share in enumerate(shares) if share.interval is not None]
            hits = np.array([shares[i].inside for i in stated])
            coverage = grouped(hits, [groups[i] for i in stated])
        rows += [
            Measure(station, "share inside its interval", data, n, inside, coverage, method),
            Measure(station, "mean width", data, n, float(np.mean(widths)), None, method),
        ]
    return rows
