"""The days that a sentence names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from presslens.app.services.claims.sentences.vocabulary import Vocabulary, place_of

DAY = timedelta(days=1)
WEEK = 7
HALF = 15
THIRD = 10
MONTHS = 12
END = 31
NO_YEARS = (0, 1, 9999)
"""Years that are too near to the ends of the calendar to count days in."""

THIS_YEAR = ("this", "올해", "금년")
"""Words of the year of the latest edition; others are of the year before it."""


@dataclass(frozen=True, slots=True)
class NamedDays:
    """Days of a month or of a year, as they are named; what is left open is None."""

    year: int | None = None
    month: int | None = None
    first: int = 1  # day of the month
    last: int = END  # its end where the month is shorter
    latest: bool = False  # the latest edition at hand
    back: int = 1  # number of days to the latest edition, as "last week"
    every: bool = False  # all days at hand
    ranged: bool = False  # its first and its last day are named, as "16 to 19 December"
    middle: bool = False  # the middle of a month, which its 15th stands for as a bound
    is_whole_month: bool = False  # the latest month that has ended; with ``latest`` that at hand
    is_loose: bool = False  # no calendar says where they begin, as the year's end
    apart: bool = False  # they are not in a row, as "16 and 19 December"
    years_ago: int | None = None  # years before that of the latest edition, as "last year"

    def dated(self, year: int) -> NamedDays:
        """Return them with the year that they have where the latest edition is of a year."""
        return self if self.years_ago is None else replace(self, year=year - self.years_ago)

    def between(self, year: int) -> tuple[date, date] | None:
        """Return the days of a year; None where the calendar has no such day."""
        if self.month is None:
            return date(year, 1, 1), date(year, MONTHS, END)
        after = date(year + self.month // MONTHS, self.month % MONTHS + 1, 1)
        end = (after - DAY).day
        first = end - WEEK + 1 if self.first < 1 else self.first
        if first > end:
            return None
        return date(year, self.month, first), date(year, self.month, min(self.last, end))


def read_days(match: re.Match[str], words: Vocabulary) -> NamedDays | None:
    """Return the days that a match of a pattern of days names; None: there are no such days."""
    of = {name: text for name, text in match.groupdict().items() if text}
    if {"ended", "this"} & set(of):
        return NamedDays(is_whole_month=True, latest="this" in of)
    if "latest" in of or {"every", "every2"} & set(of):
        back = WEEK if "back" in of else 1
        return NamedDays(latest="latest" in of, back=back, every="latest" not in of)
    (year, years_ago), month = _year(of), None
    if "m" in of:
        month = int(of["m"]) if of["m"].isdigit() else (place_of(words.months, of["m"]) or 0) + 1
    if year in NO_YEARS or (month is not None and not 1 <= month <= MONTHS):
        return None
    first, last = _of_month(of, words)
    if not first <= last <= END or ("d" in of and first < 1):
        return None
    is_or = of.get("and", "").strip(", ").startswith("or")
    apart = "and" in of and (last != first + 1 or "more" in of or is_or)
    middle = "third" in of and place_of(words.thirds, of["third"]) == 1
    return NamedDays(
        *(year, month, first, last),
        ranged="d2" in of,
        middle=middle,
        is_loose=years_ago is not None,
        apart=apart,
        years_ago=years_ago,
    )


def _year(of: dict[str, str]) -> tuple[int | None, int | None]:
    """Return the year of a match, or how many years it lies before that of the latest edition."""
    years_ago = int(of["years_ago"] not in THIS_YEAR) if "years_ago" in of else None
    return int(of["y"]) if "y" in of else None, years_ago


def _of_month(of: dict[str, str], words: Vocabulary) -> tuple[int, int]:
    if "d" in of:
        return int(of["d"]), int(of.get("d2", of["d"]))
    if "week" in of:
        week = place_of(words.ordinals, of["week"]) or 0
        last = week == len(words.ordinals) - 1
        return (0, END) if last else (1 + WEEK * week, WEEK * (week + 1))
    if "half" in of:
        second = of["half"] in ("second", "후반")
        return (HALF + 1, END) if second else (1, HALF)
    if "third" in of:
        third = place_of(words.thirds, of["third"]) or 0
        return 1 + THIRD * third, END if third == len(words.thirds) - 1 else THIRD * (third + 1)
    return 1, END


def fixed_day(day: str, match: re.Match[str]) -> NamedDays:
    """Return a day, or days, of a name of their own, as Christmas; the match may name the year.

    Args:
        day: The month and the day of the month, as "12-25"; "12-21/31" with a last day.
    """
    month, _, days = day.partition("-")
    first, _, last = days.partition("/")
    of = {name: text for name, text in match.groupdict().items() if text}
    year, years_ago = _year(of)
    is_loose = bool(last) or years_ago is not None
    return NamedDays(
        *(year, int(month), int(first), int(last or first)), is_loose=is_loose, years_ago=years_ago
    )


def find_days(
    named: NamedDays, at_hand: Sequence[date], like: NamedDays | None = None
) -> tuple[date, date] | None:
    """Return the first and the last of some days; a year that is not named is the nearest.

    Args:
        at_hand: The days of the editions at hand, in order; at least one.
        like: Days that are named before them, whose year and month hold on.
    """
    if named.is_whole_month and named.latest:
        return NamedDays(month=at_hand[-1].month).between(at_hand[-1].year)
    if named.is_whole_month:
        return month_before(at_hand[-1] + DAY)
    if named.latest:
        return at_hand[-1] - (named.back - 1) * DAY, at_hand[-1]
    if named.every:
        return at_hand[0], at_hand[-1]
    if named.month is None and named.year is None:
        if like is None and named.first != named.last:
            return None
        if like is None:
            same = [one for one in at_hand if one.day == named.first]
            return (same[-1], same[-1]) if same else None
        named = replace(named, year=like.year, month=like.month)
    if named.year is not None:
        return named.between(named.year)
    years = range(at_hand[0].year - 1, at_hand[-1].year + 2)
    spans = [span for span in map(named.between, years) if span is not None]
    return min(spans, key=lambda span: (_distance(span, at_hand), -span[0].year), default=None)


def month_before(day: date) -> tuple[date, date]:
    """Return the first and the last day of the month before that of a day."""
    last = day.replace(day=1) - DAY
    return last.replace(day=1), last


def year_before(day: date) -> date:
    """Return the day of the year before; 29 February has the 28th before it."""
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def _distance(span: tuple[date, date], at_hand: Sequence[date]) -> int:
    """Return the number of days from some days to the nearest edition; 0: one is among them."""
    first, last = span
    return min(max((first - one).days, (one - last).days, 0) for one in at_hand)
