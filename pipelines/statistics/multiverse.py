"""The same question answered in every defensible way: a multiverse of specifications.

A number depends on choices that nobody can call wrong: which recipe, which part of an edition,
photos or their area. Whoever reports one shows whether the others agree (Steegen, Tuerlinckx,
Gelman & Vanpaemel 2016, doi 10.1177/1745691616658637; Simonsohn, Simmons & Nelson 2020, doi
10.1038/s41562-020-0912-z). Specifications share their photos, so that how many agree is a
description and no test.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import Any, ClassVar

from presslens.pipelines.result import Rounded, Served, rounded, rounded_interval


class Standpoint(StrEnum):
    """Where a number stands to what it is compared with: a threshold, or 0 for a difference."""

    ABOVE = "above"
    BELOW = "below"
    UNDECIDED = "undecided"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Specification:
    """One way to answer, and the answer."""

    choices: Mapping[str, str]  # the choice made in each respect: recipe, zone, weight, …
    # The estimate: a share, 0–1, or a difference of two; None where there is none.
    value: float | None
    interval: tuple[float, float] | None  # its interval; None where there is no honest one
    n: int  # photos
    method: str  # how the interval was made, or why there is none
    refused: str | None = None  # why there is no interval; None where there is one

    def standpoint(self, threshold: float) -> Standpoint:
        """Return where the number stands to a threshold, by its interval."""
        if self.interval is None:
            return Standpoint.REFUSED
        low, high = self.interval
        if low > threshold:
            return Standpoint.ABOVE
        return Standpoint.BELOW if high < threshold else Standpoint.UNDECIDED


@dataclass(frozen=True, slots=True)
class Multiverse(Served):
    """All specifications of a question."""

    SERVED: ClassVar[str] = """
        question threshold specifications=specification_count estimated lowest
        median=median_value highest verdict verdicts same_verdict same_side=served_same_side
        by_choice=choices rows=served_rows
    """

    question: str  # what is asked, in words
    # What the number is compared with: 0 for a difference; None: with the first specification's
    # value.
    threshold: Rounded | None
    # The specifications; the first is the one that is reported.
    specifications: Sequence[Specification]

    @property
    def against(self) -> float:
        """What the numbers are compared with."""
        if self.threshold is not None:
            return self.threshold
        first = self.specifications[0].value if self.specifications else None
        return 0.0 if first is None else first

    @property
    def standpoints(self) -> Counter[Standpoint]:
        """How many specifications stand where."""
        return Counter(one.standpoint(self.against) for one in self.specifications)

    @property
    def same_side(self) -> int:
        """Specifications whose estimate is on the same side as that of the first."""
        first = self.specifications[0].value if self.specifications else None
        if first is None or self.threshold is None:
            return 0
        values = [one.value for one in self.specifications if one.value is not None]
        return sum((value > self.against) is (first > self.against) for value in values)

    @property
    def specification_count(self) -> int:
        """Number of specifications."""
        return len(self.specifications)

    @property
    def estimated(self) -> int:
        """Number of them with an estimate."""
        return len([one.value for one in self.specifications if one.value is not None])

    @property
    def lowest(self) -> float | None:
        """The smallest estimate."""
        return rounded(
            min(([one.value for one in self.specifications if one.value is not None]), default=None)
        )

    @property
    def median_value(self) -> float | None:
        """The median estimate."""
        return (
            rounded(median([one.value for one in self.specifications if one.value is not None]))
            if ([one.value for one in self.specifications if one.value is not None])
            else None
        )

    @property
    def highest(self) -> float | None:
        """The largest estimate."""
        return rounded(
            max(([one.value for one in self.specifications if one.value is not None]), default=None)
        )

    @property
    def verdict(self) -> Standpoint | None:
        """Where the first specification stands."""
        return self.specifications[0].standpoint(self.against) if self.specifications else None

    @property
    def verdicts(self) -> dict[str, int]:
        """How many specifications stand where."""
        return {point.value: self.standpoints[point] for point in Standpoint}

    @property
    def same_verdict(self) -> int:
        """Number of specifications that stand where the first does."""
        return 0 if self.verdict is None else self.standpoints[self.verdict]

    @property
    def served_same_side(self) -> int | None:
        """Number of estimates on the side of the first."""
        return self.same_side if self.threshold is not None else None

    @property
    def choices(self) -> dict[str, Any]:
        """By respect and choice, the median estimate and where those stand."""
        return self.by_choice()

    @property
    def served_rows(self) -> list[dict[str, Any]]:
        """The specifications."""
        return list(self.rows())

    def by_choice(self) -> dict[str, dict[str, dict[str, Any]]]:
        """Return for each respect and choice the median estimate, and where those stand."""
        tallies: dict[str, dict[str, dict[str, Any]]] = {}
        respects = dict.fromkeys(name for one in self.specifications for name in one.choices)
        for respect in respects:
            options = dict.fromkeys(one.choices[respect] for one in self.specifications)
            if len(options) < 2:
                continue
            tallies[respect] = {}
            for option in options:
                chosen = [one for one in self.specifications if one.choices[respect] == option]
                values = [one.value for one in chosen if one.value is not None]
                counts = Counter(one.standpoint(self.against) for one in chosen)
                tallies[respect][option] = {
                    "median": rounded(median(values)) if values else None,
                    **{point.value: counts[point] for point in Standpoint},
                }
        return tallies

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a flat row for each specification, for tables."""
        for one in self.specifications:
            low, high = rounded_interval(one.interval) or (None, None)
            yield {
                **one.choices,
                "value": rounded(one.value),
                "low": low,
                "high": high,
                "n": one.n,
                "verdict": one.standpoint(self.against).value,
                "method": one.method,
                "refused": one.refused,
            }
