"""Estimates of shares and of their differences, as results."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy  # which imports scipy.special when it is first used

from presslens.models.message import Message
from presslens.pipelines.result import Rounded

NOT_KNOWN = "not known"
"""The method where nothing was looked for."""


@dataclass(frozen=True, slots=True)
class GroupEstimate:
    """The share of a group of photos."""

    group: str  # name of the group
    value: float | None  # the share, 0–1; None without photos
    low: float | None  # lower end of the interval, 0–1; None where there is no honest one
    high: float | None  # upper end
    # Weight of the photos that show the measure, and its ends: photos, or pages of area.
    count: tuple[float, float | None, float | None] | None
    n: int  # number of photos
    size: Rounded  # their weight
    editions: int  # number of editions with such photos
    drawn: int  # photos that were drawn by chance and answered
    picked: int  # photos that were answered although nobody drew them
    method: str  # how the interval was made
    # Why there is no interval, and what would help; None where there is one.
    refused: str | None = None
    note: str | None = None  # what else to know; None for nothing

    @classmethod
    def not_known(cls, group: str, why: str) -> GroupEstimate:
        """Return the estimate of a share of which nothing is known, and the reason."""
        return cls(group, None, None, None, None, 0, 0.0, 0, 0, 0, NOT_KNOWN, why)

    @property
    def interval(self) -> tuple[float, float] | None:
        """The ends of the interval; None where there is no honest one."""
        return None if self.low is None or self.high is None else (self.low, self.high)


@dataclass(frozen=True, slots=True)
class ShareDifference:
    """The share of one group less that of another; attributes as of ``GroupEstimate``.

    ``p_value`` is two-sided, of the hypothesis that there is no difference; None if refused.
    ``sides`` are the estimates of the two groups.
    """

    value: float | None
    low: float | None
    high: float | None
    p_value: float | None
    sides: tuple[GroupEstimate, GroupEstimate]
    method: str
    refused: str | None = None
    note: str | None = None

    @property
    def group(self) -> str:
        """Names of the two groups."""
        return f"{self.sides[0].group} - {self.sides[1].group}"

    @property
    def n(self) -> int:
        """Number of photos of both."""
        return self.sides[0].n + self.sides[1].n

    @property
    def editions(self) -> int:
        """Number of editions of both."""
        return self.sides[0].editions + self.sides[1].editions

    @property
    def drawn(self) -> int:
        """Photos of both that were drawn by chance and answered."""
        return self.sides[0].drawn + self.sides[1].drawn

    @property
    def picked(self) -> int:
        """Photos of both that were answered although nobody drew them."""
        return self.sides[0].picked + self.sides[1].picked


def difference_from_intervals(
    one: GroupEstimate, other: GroupEstimate, confidence: float
) -> ShareDifference:
    """Return a difference by the two intervals (MOVER: Zou & Donner 2008, doi 10.1002/sim.3095)."""
    (a, low_a, high_a), (b, low_b, high_b) = _ends(one), _ends(other)
    value = a - b
    below = float(np.hypot(a - low_a, high_b - b))
    above = float(np.hypot(high_a - a, b - low_b))
    z = float(scipy.special.ndtri((1 + confidence) / 2))
    towards = below if value > 0 else above
    if towards > 0:
        p_value = 2 * float(scipy.special.ndtr(-abs(value) / (towards / z)))
    else:
        p_value = 1.0 if value == 0 else 0.0
    method = Message("from the two intervals (MOVER), %(level)s %%", level=f"{100 * confidence:g}")
    low, high = value - below, value + above
    return ShareDifference(value, low, high, p_value, (one, other), method)


def _ends(estimate: GroupEstimate) -> tuple[float, float, float]:
    """Return value, low and high of an estimate that has an interval.

    Raises:
        ValueError: The estimate was refused.
    """
    if estimate.value is None or estimate.low is None or estimate.high is None:
        raise ValueError(f"{estimate.group} has no interval: {estimate.refused}")
    return estimate.value, estimate.low, estimate.high
