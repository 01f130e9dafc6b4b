"""The columns of a regression: covariates, an event and its leads and lags, two groups and a day.

A *break* is a change of level and of slope on a day (interrupted time series: Wagner et al. 2002,
doi 10.1046/j.1365-2710.2002.00430.x). An *event study* has a coefficient for each period before and
after a day, against the last one before it (MacKinlay 1997, J. Econ. Lit. 35(1), 13-39); periods
further off are put together at either end. *Difference in differences* has how much more one group
changed on a day than the other did (Ashenfelter & Card 1985, doi 10.2307/1924810), which is the
event's effect where both would have gone on in parallel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from presslens.models.message import Message
from presslens.pipelines.counted import counted
from presslens.pipelines.statistics.photo_table import Numbers

DAYS_A_YEAR = 365.2425
"""Of the Gregorian calendar, on average."""

MOST_CATEGORIES = 50
"""Categories that a column may have; one with more is rather a name or an id."""

INTERCEPT = "intercept"
TREND = "trend (years)"
LEVEL = "level"
SLOPE = "change of the trend (years)"
"""Columns of a trend, and of a break: how much higher from its day on, and how much steeper."""


@dataclass(frozen=True, slots=True, eq=False)
class DesignMatrix:
    """The columns of a regression."""

    X: NDArray[np.float64]  # shape (n, k); the first column is ones
    names: tuple[str, ...]  # of the k columns: "intercept", "size", "date (years)", "special = yes"
    # The row whose outcome is the intercept: the first day of each column of dates, the first
    # category of each column of categories, by column.
    reference: Mapping[str, str]

    def with_columns(self, columns: Mapping[str, Numbers], **reference: str) -> DesignMatrix:
        """Return these columns, and others of n numbers each, by name, after them."""
        X = np.column_stack([self.X, *columns.values()])
        return DesignMatrix(X, (*self.names, *columns), {**self.reference, **reference})


def design_matrix(columns: Mapping[str, Sequence[str]], count: int | None = None) -> DesignMatrix:
    """Return the columns of a regression, with an intercept.

    Days (``2025-12-16``) are counted in years from the first one, numbers stay as they are, and
    anything else is a category: one column of zeros and ones for each but the first in order.

    Args:
        columns: The cells of each column, n each, as text.
        count: Number of rows n, where there may be no column.

    Raises:
        ValueError: A column is not there for each photo, is the same for all of them, or has too
            many categories; the message names it.

    >>> design_matrix({"day": ["2025-01-01", "2026-01-01"]}).names
    ('intercept', 'day (years)')
    """
    count = len(next(iter(columns.values()))) if columns else count or 0
    made: list[NDArray[np.float64]] = [np.ones(count)]
    names, reference = [INTERCEPT], {}
    for name, cells in columns.items():
        empty = sum(not cell.strip() for cell in cells)
        if empty:
            raise ValueError(
                f"{counted(empty, 'photo')} without {name}: fill it in, or leave them out"
            )
        days, numbers = _days(cells), _numbers(cells)
        if numbers is not None and not np.isfinite(numbers).all():
            raise ValueError(f"{name} is not finite in each photo: give numbers, or leave them out")
        if len(set(cells)) < 2:
            raise ValueError(f"{name} is the same for all photos: leave it out")
        if days is not None:
            made.append((days - days.min()) / DAYS_A_YEAR)
            names.append(f"{name} (years)")
            reference[name] = date.fromordinal(int(days.min())).isoformat()
        elif numbers is not None:
            made.append(numbers)
            names.append(name)
        else:
            first, *others = sorted(set(cells))
            if len(others) >= MOST_CATEGORIES:
                raise ValueError(f"{name} has {len(others) + 1} categories; put some together")
            made += [np.array([cell == other for cell in cells], float) for other in others]
            names += [f"{name} = {other}" for other in others]
            reference[name] = first
    return DesignMatrix(np.stack(made, axis=1), tuple(names), reference)


def _days(cells: Sequence[str]) -> NDArray[np.float64] | None:
    if not all("-" in cell for cell in cells):
        return None  # eight digits are a number
    try:
        return np.array([date.fromisoformat(cell.strip()).toordinal() for cell in cells], float)
    except ValueError:
        return None


def _numbers(cells: Sequence[str]) -> NDArray[np.float64] | None:
    try:
        return np.array([float(cell) for cell in cells])
    except ValueError:
        return None


class LagUnit(StrEnum):
    """The length of a period before and after an event."""

    WEEK = "week"
    MONTH = "month"


class Event(NamedTuple):
    """A day, and the periods around it."""

    day: date
    unit: LagUnit = LagUnit.MONTH
    # Periods on either side with a coefficient each, at least 1; the last of a side has all that
    # is further off.
    within: int = 6


class TreatedGroup(NamedTuple):
    """A group that something happened to on a day, and all others not."""

    column: str
    value: str  # what the column says of the group
    day: date

    @classmethod
    def parse(cls, text: str) -> TreatedGroup:
        """Return the group of a text, as in ``newspaper=North,2025-06-01``.

        Raises:
            ValueError: It is no column, value and day.
        """
        group, _, day = text.rpartition(",")
        column, equal, value = group.partition("=")
        if not (column and equal):
            raise ValueError(f"{text!r} is not as in newspaper=North,2025-06-01")
        return cls(column.strip(), value.strip(), date.fromisoformat(day.strip()))


def trend_columns(days: NDArray[np.int64], day: date | None = None) -> dict[str, Numbers]:
    """Return the columns of a trend, and of the change of level and slope on a day.

    Args:
        days: Of each row, as ``date.toordinal``, shape (n,).
        day: The first day of after; None: a trend alone.

    Raises:
        ValueError: There is nothing before the day, or nothing from it on.
    """
    start = days.min() if day is None else day.toordinal()
    since = np.asarray((days - start) / DAYS_A_YEAR)
    if day is None:
        return {TREND: since}
    after = _after(days, day)
    return {TREND: since, LEVEL: after, SLOPE: after * since}


def event_columns(days: NDArray[np.int64], event: Event) -> dict[str, Numbers]:
    """Return a column of zeros and ones for each period around an event but the last before it.

    Args:
        days: Of each row, as ``date.toordinal``, shape (n,).
        event: The day, and the periods.

    Raises:
        ValueError: There is nothing before the day, nothing from it on, or too little to compare
            with.
    """
    _after(days, event.day)
    lags = np.clip(_lags(days, event), -event.within, event.within - 1)
    if not (lags == -1).any():
        raise ValueError(f"the {event.unit} before {event.day} has no photos to compare with")
    ends = {-event.within: " and before", event.within - 1: " and after"}
    return {
        f"{event.unit} {lag:+d}{ends.get(lag, '')}": (lags == lag).astype(float)
        for lag in np.unique(lags).tolist()
        if lag != -1
    }


def group_columns(
    cells: Sequence[str], days: NDArray[np.int64], treated: TreatedGroup
) -> dict[str, Numbers]:
    """Return the columns of difference in differences.

    Args:
        cells: What the column says of each row, n as text.
        days: Of each row, as ``date.toordinal``, shape (n,).
        treated: The group, and the day.

    Raises:
        ValueError: The group or the others have nothing before the day, or nothing from it on.
    """
    group = np.array([cell == treated.value for cell in cells])
    name, day = f"{treated.column} = {treated.value}", treated.day
    if not group.any():
        raise ValueError(f"no photo with {name}")
    after = days >= day.toordinal()
    for side, word in ((~after, "before"), (after, "from")):
        for part, of in ((group, f"with {name}"), (~group, f"without {name}")):
            if not (side & part).any():
                raise ValueError(f"no photo {of} {word} {day}: there is no change to compare")
    return {
        name: group.astype(float),
        f"from {day}": after.astype(float),
        f"{name} from {day}": (group & after).astype(float),
    }


def _after(days: NDArray[np.int64], day: date) -> Numbers:
    after = days >= day.toordinal()
    if after.all() or not after.any():
        words = (
            Message("nothing before %(day)s: choose another day", day=day.isoformat())
            if after.all()
            else Message("nothing from %(day)s on: choose another day", day=day.isoformat())
        )
        raise ValueError(words)
    return after.astype(float)


def _lags(days: NDArray[np.int64], event: Event) -> NDArray[np.int64]:
    """Return how many whole periods each day is after the event; below 0 before it."""
    if event.unit is LagUnit.WEEK:
        return (days - event.day.toordinal()) // 7
    unique, place = np.unique(days, return_inverse=True)
    dates = [date.fromordinal(day) for day in unique.tolist()]
    months = [
        12 * (one.year - event.day.year) + one.month - event.day.month - (one.day < event.day.day)
        for one in dates
    ]
    return np.array(months, np.int64)[place]
