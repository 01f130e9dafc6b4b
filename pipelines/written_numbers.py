"""Numbers as people read them, rounded once: from the number itself, halves away from zero.

Every surface writes numbers through these functions, so that a page, a command and a claim print
the same digits of the same number.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from presslens.models.message import Message

NONE = "–"

SMALL = 0.1
"""Shares below it are written to a tenth of a percent, and so is a bound that is."""

EXACT = 9
"""Digits behind the point that are taken for exact: sums of photos end an ulp above or below."""


def to_digits(value: float, digits: int) -> Decimal:
    """Return a number with some digits behind the point; halves are rounded away from zero.

    What is infinite, as the end of an open interval, stays so.

    >>> to_digits(0.0665, 3), to_digits(13.25, 1), to_digits(-0.0001, 2)
    (Decimal('0.067'), Decimal('13.3'), Decimal('0.00'))
    """
    number = Decimal(repr(round(float(value), EXACT)))
    if not number.is_finite():
        return number
    rounded = number.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return rounded or abs(rounded)


def share_digits(value: float) -> Decimal:
    """Return a share, 0–1, to the digits that pages write: below 10 % to a tenth of a percent."""
    return to_digits(value, 3 if 0 < value < SMALL else 2)


def count_or_mean(value: float) -> str:
    """Return a number of photos or pages, or a mean, to two digits behind the point.

    >>> count_or_mean(113.0), count_or_mean(27.027), count_or_mean(1234.5)
    ('113', '27.03', '1,234.50')
    """
    return f"{to_digits(value, 2):,}".removesuffix(".00")


def percent(value: float | None) -> str:
    """Return a share, 0–1, in percent; a dash for None.

    >>> percent(0.0046), percent(0.25), percent(1.0)
    ('0.5%', '25%', '100%')
    """
    return NONE if value is None else f"{share_digits(value):.1%}".replace(".0%", "%")


def points(value: float) -> Message:
    """Return a difference of shares in percentage points.

    >>> str(points(0.12)), str(points(-0.004))
    ('+12.0 points', '−0.4 points')
    """
    return Message("%(number)s points", number=f"{100 * value:+.1f}".replace("-", "−"))


def written_level(confidence: float) -> str:
    """Return the level of an interval in percent, with one digit at most and never rounded up.

    >>> written_level(0.95), written_level(0.983333), written_level(0.99958)
    ('95', '98.3', '99.9')
    """
    return f"{int(round(1000 * confidence, EXACT)) / 10:g}"


def in_tenths(value: float | None) -> str:
    """Return a share, 0–1, in percent with one digit behind the point; a dash for None.

    >>> in_tenths(0.42449), in_tenths(0.0665)
    ('42.4%', '6.7%')
    """
    return NONE if value is None else f"{to_digits(value, 3):.1%}"
