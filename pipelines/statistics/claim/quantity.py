"""Numbers between two bounds, and comparisons that may stay undecided."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import ClassVar

from presslens.models.message import Message, join_messages
from presslens.pipelines.result import Served
from presslens.pipelines.written_numbers import SMALL, count_or_mean, in_tenths, to_digits

INFINITY = math.inf
CLOSE = 1e-9
"""Relative difference below which numbers are equal: computers round that far."""


class TruthValue(StrEnum):
    """A truth value (Kleene 1952, "Introduction to Metamathematics", § 64)."""

    TRUE = "true"
    FALSE = "false"
    UNDECIDED = "undecided"

    @classmethod
    def of(cls, value: bool) -> TruthValue:
        """Return the truth value of a decided statement."""
        return cls.TRUE if value else cls.FALSE


def contrary(truth: TruthValue) -> TruthValue:
    """Return the negation of a truth value."""
    swapped = {TruthValue.TRUE: TruthValue.FALSE, TruthValue.FALSE: TruthValue.TRUE}
    return swapped.get(truth, TruthValue.UNDECIDED)


@dataclass(frozen=True, slots=True)
class Quantity(Served):
    """A number between two bounds."""

    SERVED: ClassVar[str] = "value=served_value interval n method"

    value: float | None  # the estimate; None: not known
    low: float  # lower bound; minus infinity without one
    high: float  # upper bound
    n: int | None = None  # number of photos of a share, or of editions of a function over editions
    method: str = ""  # the method of the bounds, or the reason for none
    share: bool = False  # the number is a share, 0–1, shown as a percentage
    empty: bool = False  # there was nothing to measure, as on a page without photos
    reasons: tuple[str, ...] = ()  # the reasons why it is not known, or doubtful, in words

    @classmethod
    def exact(cls, value: float, *, method: str = "", share: bool = False) -> Quantity:
        """Return a number that is known exactly."""
        return cls(value, value, value, method=method, share=share)

    @classmethod
    def unknown(cls, *reasons: str, empty: bool = False) -> Quantity:
        """Return a number without value and bounds."""
        return cls(None, -INFINITY, INFINITY, empty=empty, reasons=reasons)

    @classmethod
    def share_unknown(cls, *reasons: str) -> Quantity:
        """Return a share of which no more is known than that it lies between 0 and 1."""
        return cls(None, 0.0, 1.0, share=True, reasons=reasons)

    @property
    def is_exact(self) -> bool:
        """Both bounds are the number itself."""
        return self.value is not None and self.low == self.high

    def __str__(self) -> str:
        if self.value is None:
            return Message("unknown")
        if self.is_exact:
            return self._shown(self.value)
        shown, low = self._shown(self.value), self._shown(self.low)
        if self.low <= 0 and self.high >= (1 if self.share else INFINITY):
            return Message("%(value)s, though it may be anything", value=shown)
        if self.high == INFINITY:
            return Message("%(value)s (at least %(low)s)", value=shown, low=low)
        high = self._shown(self.high)
        return Message("%(value)s (%(low)s to %(high)s)", value=shown, low=low, high=high)

    def ends(self) -> Message:
        """Return both bounds in words."""
        high = Message("no bound") if self.high == INFINITY else self._shown(self.high)
        return Message("%(low)s to %(high)s", low=self._shown(self.low), high=high)

    def _shown(self, value: float) -> str:
        if self.share:
            return in_tenths(value).removesuffix("%").removesuffix(".0") + " %"
        if 0 < abs(value) < SMALL:  # a difference of shares
            return f"{to_digits(value, 3)}".rstrip("0")
        return count_or_mean(value)

    @property
    def served_value(self) -> float | None:
        """The number."""
        return _served(self.value)

    @property
    def interval(self) -> list[float | None] | None:
        """Its bounds; those that are missing are null."""
        return None if self.is_exact else [_served(self.low), _served(self.high)]


def combine(sign: str, left: Quantity, right: Quantity) -> Quantity:
    """Add, subtract, multiply or divide two numbers by interval arithmetic.

    Moore 1966, "Interval Analysis": the outcome lies between the bounds, however both depend on
    each other.
    """
    reasons = (*left.reasons, *right.reasons)
    if left.value is None or right.value is None:
        return Quantity.unknown(*reasons, empty=left.empty or right.empty)
    if sign == "/" and right.low <= 0 <= right.high:
        return Quantity.unknown(*reasons, Message("something is divided by what may be 0"))
    function = _FUNCTIONS[sign]
    corners = [
        _product(function, a, b) for a in (left.low, left.high) for b in (right.low, right.high)
    ]
    # Of two open ends nothing is known, and the other corners hold what may be.
    ends = [end for end in corners if not math.isnan(end)]
    value = function(left.value, right.value)
    if not math.isfinite(value) or not ends:
        return Quantity.unknown(*reasons, Message("a number has no bounds, or is too large"))
    method = join_messages(dict.fromkeys(m for m in (left.method, right.method) if m), " and ")
    exact = left.is_exact and right.is_exact
    bounds = (value, value) if exact else (min(ends), max(ends))
    one = left.n if right.n is None else right.n if left.n is None else None
    return Quantity(value, *bounds, n=one, method=method, reasons=reasons)


def compare(sign: str, left: Quantity, right: Quantity) -> TruthValue:
    """Compare two numbers; undecided unless all values between the bounds agree."""
    if left.is_exact and right.is_exact:
        return TruthValue.of(_exactly(sign, left.low, right.low))
    match sign:
        case "=":
            apart = _exactly("<", left.high, right.low) or _exactly("<", right.high, left.low)
            return TruthValue.FALSE if apart else TruthValue.UNDECIDED
        case "!=":
            return contrary(compare("=", left, right))
        case "<":
            return _order(_exactly("<", left.high, right.low), _exactly(">=", left.low, right.high))
        case "<=":
            return _order(_exactly("<=", left.high, right.low), _exactly(">", left.low, right.high))
        case ">":
            return compare("<", right, left)
        case _:
            return compare("<=", right, left)


def negated(quantity: Quantity) -> Quantity:
    """Return a number with the opposite sign."""
    if quantity.value is None:
        return quantity
    value, low, high = (0.0 - end for end in (quantity.value, quantity.high, quantity.low))
    return replace(quantity, value=value, low=low, high=high)


def _order(holds: bool, fails: bool) -> TruthValue:
    if holds:
        return TruthValue.TRUE
    return TruthValue.FALSE if fails else TruthValue.UNDECIDED


def _exactly(sign: str, left: float, right: float) -> bool:
    same = math.isclose(left, right, rel_tol=CLOSE, abs_tol=CLOSE * CLOSE)
    if sign in ("=", "!="):
        return same is (sign == "=")
    if same:
        return sign.endswith("=")
    return left < right if sign.startswith("<") else left > right


def _product(function: Callable[[float, float], float], left: float, right: float) -> float:
    # An open end times nothing is nothing; computers call it undefined.
    if function is operator.mul and 0.0 in (left, right):
        return 0.0
    return function(left, right)


def _served(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, 6)


_FUNCTIONS: Mapping[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
