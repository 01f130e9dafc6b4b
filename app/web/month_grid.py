"""The months of a calendar, in weeks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from presslens.app.services.statistics.calendar import CalendarDay

WEEK = 7


@dataclass(frozen=True, slots=True)
class MonthGrid:
    """A month of a calendar."""

    first: date  # the first day of the month
    # Rows of seven places from Monday on; None where there is no day of the month, or none of the
    # calendar.
    weeks: list[list[CalendarDay | None]]


def month_grids(days: Iterable[CalendarDay]) -> list[MonthGrid]:
    """Return the months of days that follow one another, each in weeks."""
    months: dict[date, dict[int, CalendarDay]] = {}
    for one in days:
        months.setdefault(one.day.replace(day=1), {})[one.day.day] = one
    return [MonthGrid(first, _weeks(first, of_month)) for first, of_month in months.items()]


def year_before(last: date) -> date:
    """Return the first of the twelve months that end with a day."""
    if last.month == 12:
        return last.replace(day=1, month=1)
    return (
        last.replace(day=1, month=last.month + 1, year=last.year - 1) if last.year > 1 else date.min
    )


def _weeks(first: date, days: dict[int, CalendarDay]) -> list[list[CalendarDay | None]]:
    places: list[CalendarDay | None] = [None] * first.weekday()
    places += [days.get(number) for number in range(1, max(days) + 1)]
    places += [None] * (-len(places) % WEEK)
    weeks = [places[i : i + WEEK] for i in range(0, len(places), WEEK)]
    return [week for week in weeks if any(week)]
