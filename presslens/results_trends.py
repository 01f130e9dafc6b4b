"""Results of ``import presslens`` about trends: the models of the API."""

# Written by `python -m presslens.lab.python_models`, from the description of the API.
from __future__ import annotations

import datetime as dt

from pydantic import Field

from presslens.answers import OfCoefficients, Record


class Coefficient(Record):
    """A coefficient with its interval."""

    name: str
    """Its column."""
    value: float
    """Change of the share, 0-1, or of its log odds, for one more of the column."""
    error: float
    """Standard error."""
    low: float
    """Lower end of the interval."""
    high: float
    """Upper end of the interval."""
    p_value: float
    """Two-sided, of the hypothesis that the coefficient is 0."""


class TrendPoint(Record):
    """A point of the line of a trend."""

    date: dt.date
    value: float
    """A share, 0–1, or a number; the line is straight, and may leave 0–1."""


class Trend(OfCoefficients):
    """The trend of a metric, with the address that gives it again."""

    schema_: int = Field(alias="schema")
    """The version of the JSON contract."""
    recipe: str
    """The recipe's id."""
    metric: str
    publication: str
    """The newspaper."""
    from_: dt.date = Field(alias="from")
    """Day of the first edition."""
    to: dt.date
    """Day of the last one."""
    break_: dt.date | None = Field(alias="break")
    """The first day of after; None: a trend alone."""
    editions: int
    """Editions with photos."""
    drawn: int
    """Photos that were drawn and labelled."""
    coefficients: list[Coefficient]
    """The level at the start or on the day, and the changes in a year, with intervals."""
    line: list[TrendPoint]
    """The line on the first and the last day; the day of a break stands twice, before it."""
    method: str
    """How the intervals were made, in a sentence."""
    refused: str | None
    """Why there is no honest interval, and what would help; None where there is one."""
    permalink: str
