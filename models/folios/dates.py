"""Dates in a printed line: Korean ones with Juche years, and those of many other languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from presslens.models.folios.calendar_words import CalendarWords, folded_word

JUCHE = 1911
"""The year before the first of the Juche calendar."""

FIRST, LAST = 1850, 2100
"""Years of newspapers: what lies beyond was misread."""

NEAR = 14
"""So many letters before and after a date say what it is of."""

_DAY, _MONTH = r"(?P<day>\d{1,2})", r"(?P<month>\d{1,2})"
_YEAR = r"(?P<year>\d(?:\s?\d){3})"
_NAME = r"(?P<name>[^\s\d.,;:()\[\]|/-]{3,})"
_ERA = r"(?:주\s?체\s*(?P<juche>\d{1,3})\s*)"
_PATTERNS = tuple(
    re.compile(rf"(?<!\d){pattern}", re.IGNORECASE)
    for pattern in (
        rf"{_ERA}?[(（\[{{]?\s*{_YEAR}\s*[)）\]}}]?\s*[년年]\s*{_MONTH}\s*[월月]\s*{_DAY}\s*[일日]",
        rf"{_ERA}[년年]\s*{_MONTH}\s*[월月]\s*{_DAY}\s*[일日]",
        # Small dots are lost in reading.
        rf"(?P<year>\d{{4}})\s*[-.,/\s]\s*{_MONTH}\s*[-.,/\s]\s*{_DAY}(?!\d)",
        rf"{_DAY}\s*(?P<mark>[-./])\s*{_MONTH}\s*[-./]\s*(?P<year>\d{{4}})(?!\d)",
        rf"{_DAY}(?:st|nd|rd|th|er)?\.?\s*(?:of\s|de\s)?\s*{_NAME}\.?,?\s*(?:de\s)?\s*{_YEAR}(?!\d)",
        rf"(?:^|(?<=[\s,;:(]))(?:{_NAME})\.?\s*{_DAY}(?:st|nd|rd|th)?,?\s*"
        rf"(?:Juche\s*(?P<juche>\d{{1,3}})\s*[(（]?)?\s*{_YEAR}(?!\d)",
    )
)
_KOREAN_WEEKDAYS = "월화수목금토일"
KOREAN_WEEKDAY = re.compile(
    rf"([{_KOREAN_WEEKDAYS}])\s+요\s*일|([{_KOREAN_WEEKDAYS}])요\s+일|[(（]\s*([{_KOREAN_WEEKDAYS}])\s*[)）]"
)
_OTHERS = re.compile(
    r"창\s?간|창\s?립|음\s?력|founded|since|establish|estd|first\s+(?:issue|published)|lunar",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class PrintedDate:
    """A date in a line."""

    day: date
    start: int  # where in the line it begins
    end: int  # where it ends
    confirmed: bool | None = None  # whether its Juche year agrees with it; None: it has none


def printed_dates(line: str, words: CalendarWords) -> list[PrintedDate]:
    """Return the dates in a line that may be those of its newspaper, from left to right.

    A date that is none, one with a number for its month that could be its day, and that of the
    newspaper's foundation are left out.
    """
    found: list[PrintedDate] = []
    for match in (m for pattern in _PATTERNS for m in pattern.finditer(line)):
        if any(match.start() < other.end and other.start < match.end() for other in found):
            continue
        around = line[max(0, match.start() - NEAR) : match.end() + NEAR]
        day = _day(match, words)
        if day is not None and not _OTHERS.search(around):
            found.append(PrintedDate(day, match.start(), match.end(), _confirmed(match, day)))
    return sorted(found, key=lambda each: each.start)


def printed_weekdays(line: str, words: CalendarWords) -> Iterator[int]:
    """Yield the weekdays that a line names, Monday is 0."""
    for word in re.split(r"[\s,.;:()\[\]|/-]+", line):
        weekday = words.weekdays.get(folded_word(word))
        if weekday is not None:
            yield weekday
    for match in KOREAN_WEEKDAY.finditer(line):
        yield _KOREAN_WEEKDAYS.index(match[1] or match[2] or match[3])


def _day(match: re.Match[str], words: CalendarWords) -> date | None:
    parts = match.groupdict()
    juche = parts.get("juche")
    year = parts.get("year") or (JUCHE + int(juche) if juche else 0)
    number = int("".join(str(year).split()))
    month = _month(parts, words)
    try:
        day = date(number, month or 0, int(parts["day"]))
    except ValueError:
        return None
    # 7/6/2024 is in July or in June.
    unsure = parts.get("mark") == "/" and day.day <= 12 and day.day != day.month
    return day if FIRST <= day.year <= LAST and not unsure else None


def _month(parts: dict[str, str | None], words: CalendarWords) -> int | None:
    if name := parts.get("name"):
        return words.months.get(folded_word(name))
    return int(parts["month"] or 0)


def _confirmed(match: re.Match[str], day: date) -> bool | None:
    juche = match.groupdict().get("juche")
    return (
        None
        if juche is None or not match.groupdict().get("year")
        else (day.year == JUCHE + int(juche))
    )
