"""Makes a folio of the lines that were read: the day, the page number, the newspaper's name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import reduce
from typing import Any

import numpy as np

from presslens.models.folios.calendar import Calendar, lunar_day, solar_day
from presslens.models.folios.calendar_words import CalendarWords, folded_name, folded_word
from presslens.models.geometry import Box
from presslens.models.vocabulary import Folio

JUCHE = 1911
"""The year before the first of the Juche calendar."""

FIRST, LAST = 1850, 2100
"""Years of newspapers: what lies beyond was misread."""

AROUND = 14
"""So many letters before and after a date say what it is of."""

_DAY, _MONTH = r"(?P<day>\d{1,2})", r"(?P<month>\d{1,2})"

_YEAR = r"(?P<year>\d(?:\s?\d){3})"

_LETTERS_OF = r"[^\s\d.,;:()\[\]|/-]"
_NAME = rf"(?P<name>{_LETTERS_OF}{{2,}}(?:\s{_LETTERS_OF}{{2,}})?)"

_ERA = r"(?:주\s?체\s*(?P<juche>\d{1,3})\s*)"

_PATTERNS = tuple(
    re.compile(rf"(?<!\d){pattern}", re.IGNORECASE)
    for pattern in (
        rf"{_ERA}?[(（\[{{]?\s*{_YEAR}\s*[)）\]}}]?\s*[년年]\s*(?:[(（][\w\s]{{1,12}}[)）])?\s*"
        rf"{_MONTH}\s*[월月]\s*{_DAY}\s*[일日]",
        rf"{_ERA}[년年]\s*{_MONTH}\s*[월月]\s*{_DAY}\s*[일日]",
        # Small dots are lost in reading.
        rf"(?P<year>\d{{4}})\s*[-.,/\s]\s*{_MONTH}\s*[-.,/\s]\s*{_DAY}(?!\d)",
        rf"{_DAY}\s*(?P<mark>[-./])\s*{_MONTH}\s*[-./]\s*(?P<year>\d{{4}})(?!\d)",
        rf"{_DAY}\s*tháng\s*{_MONTH},?\s*năm\s*{_YEAR}(?!\d)",
        rf"{_DAY}(?:st|nd|rd|th|er)?\.?\s*(?:of\s|de\s)?\s*{_NAME}\.?,?\s*(?:[/(]\s*{_LETTERS_OF}+"
        rf"(?:\s{_LETTERS_OF}+)?\)?\s*)?(?:del?\s)?\s*{_YEAR}(?!\d)",
        rf"(?:^|(?<=[\s,;:(]))(?:{_NAME})\.?\s*{_DAY}(?:st|nd|rd|th)?,?\s*"
        rf"(?:Juche\s*(?P<juche>\d{{1,3}})\s*[(（]?)?\s*{_YEAR}(?!\d)",
    )
)

_KOREAN_WEEKDAYS = "월화수목금토일"

KOREAN_WEEKDAY = re.compile(
    rf"([{_KOREAN_WEEKDAYS}])\s+요\s*일|([{_KOREAN_WEEKDAYS}])요\s+일|[(（]\s*([{_KOREAN_WEEKDAYS}])\s*[)）]"
)

_OTHERS = re.compile(
    r"창\s?간|창\s?립|음\s?력|تأسس|founded|since|establish|estd|first\s+(?:issue|published)|lunar",
    re.IGNORECASE,
)

BETWEEN = " | "
"""Stands between the rows of a folio's text."""

SAME_ROW = 0.5
"""Pieces that share this much of the lower one's height are of one row."""

ALIKE = 2.2
"""Pieces of one row have letters that differ by this factor at most."""

DOUBT_LEFT = 0.3
"""Share of the doubt that is left of a date whose weekday or Juche year agrees."""

CONTRADICTED = 0.2
"""What is left of the confidence in a date whose weekday or Juche year does not agree."""

UNCONFIRMED = 0.9
"""What is left of it with neither of them."""

IN_A_TEXT = 0.4
"""What is left of it where the date stands in a headline, or among other words."""

MOST_ABOUT, WIDE = 12.0, 0x2E80
"""So many letters beside a date are a newspaper's name, and no text: those of narrow scripts, which
come before this code, count half."""

LARGEST = 0.022
"""Type that is higher, as a share of the page's width, is no folio line's."""

AMONG_OTHERS, RIVAL = 0.5, 0.5
"""What is left where another day is as sure, by this share."""

NAMEPLATE = 1.8
"""A name over the day is a newspaper's if it is so much higher."""

NEAR = 1.5
"""Rows are of one block if they are no further apart, in the height of the lower one."""

LONE = 0.9
"""What is left of the confidence in a bare number: it might be a price."""

ALONE = 0.7
"""What is left of the confidence in a number or name without a day beside it: it might be another
page's number, or a headline."""

MOONS_APART = 1
"""So many days from the arithmetic one the months of the lunar calendar begin."""

ALIKE_DIGITS = 0.8
"""What is left of the confidence in a day in Arabic or Persian digits, which Tesseract confuses; a
number of a page in them, which nothing beside it checks, is not taken: a third was wrong."""

_ARABIC_DIGIT = re.compile(r"[\u0660-\u0669\u06f0-\u06f9]")

HIGHEST = 300
"""Page numbers are no higher."""

_STATED = re.compile(
    r"(?:제\s*)?(?<!\d)(\d{1,3})\s*면(?!\w)(?!\s*(?:에|으로|로|의|계속|참고))"
    r"|(?<!\d)(\d{1,3})\s*[版面](?!\w)"
    r"|(?:\bpage|\bp\.|\bpg\.?|\bseite|\bpágina|\btrang|σελ(?:ιδα|ίδα|\.)|\bстр\b\.?|পৃষ্ঠা|पृष्ठ"
    r"|صفح[هة]|\bص\b\.?)\s*:?\s*(\d{1,3})(?!\d)",
    re.IGNORECASE,
)

_TOTAL = re.compile(r"(?:총|전|모두|of)\s*$", re.IGNORECASE)

_BARE = re.compile(r"\W*(\d{1,3})\W*")

_LETTERS = re.compile(r"[^\W\d_]")

_ISSUE = re.compile(r"루\s*계|제?\s*\d*\s*호\b|\b(?:no|vol|issue)\b\.?\s*\d*", re.IGNORECASE)


def runs_from_right(text: str) -> bool:
    """Return whether most letters of a text are of a script that runs from right to left."""
    ways = [unicodedata.bidirectional(letter) for letter in text if letter.isalpha()]
    return 2 * sum(way in ("R", "AL") for way in ways) > len(ways)


@dataclass(frozen=True, slots=True)
class ReadPiece:
    """A piece of a line as it was read."""

    words: tuple[tuple[str, float], ...]  # each word, and how sure the reader is of it, 0–1
    box: Box  # where it stands in its strip, in pixels
    width: int  # of the page, in the same pixels
    foot: bool  # it stands at the foot of the page

    @property
    def text(self) -> str:
        """Its words in a line."""
        return " ".join(word for word, _ in self.words)

    @property
    def sure(self) -> float:
        """The mean confidence of its letters, 0–1."""
        letters = sum(len(word) for word, _ in self.words)
        return sum(len(word) * sure for word, sure in self.words) / max(1, letters)


@dataclass(frozen=True, slots=True)
class _Row:
    """Pieces side by side, with the confidence in each letter of their text."""

    pieces: tuple[ReadPiece, ...]
    text: str
    sure: tuple[float, ...]

    @classmethod
    def of(cls, pieces: Sequence[ReadPiece]) -> _Row:
        ordered = sorted(pieces, key=lambda piece: piece.box.x0)
        if runs_from_right(" ".join(piece.text for piece in pieces)):
            ordered.reverse()
        words = [word for piece in ordered for word in piece.words]
        text = " ".join(word for word, _ in words)
        sure = [value for word, conf in words for value in (*[conf] * len(word), 1.0)]
        return cls(tuple(ordered), text, tuple(sure[: len(text)]))

    def legible(self, sure: float) -> str:
        """Return the text of the pieces that were read with some confidence, 0–1."""
        return " ".join(piece.text for piece in self.pieces if piece.sure >= sure)

    def confidence(self, start: int, end: int) -> float:
        """Return the confidence in the least sure word of a part of the text, 0–1."""
        likely = ALIKE_DIGITS if _ARABIC_DIGIT.search(self.text, start, end) else 1.0
        return likely * min(self.sure[start:end], default=0.0)


def folio_of(pieces: Sequence[ReadPiece], words: CalendarWords, *, sure: float = 0.0) -> Folio:
    """Return the folio that was read in pieces of type.

    Args:
        pieces: Those of the head from the top down, then those of the foot.
        words: Names of months and weekdays.
        sure: Words that were read with less confidence are left out, 0–1.
    """
    read = [piece for piece in pieces if piece.text]
    head, foot = (_rows([p for p in read if p.foot is at_foot]) for at_foot in (False, True))
    line = _folio_line(head, words)
    legible = [row.legible(sure) for row in [*head, *foot]]
    parts: dict[str, Any] = {"text": BETWEEN.join(filter(None, legible))}
    if line is not None:
        parts |= {"day": line.printed.day, "day_confidence": round(line.confidence, 3)}
    parts |= _number([*head, *foot], line)
    name = _name([piece for piece in read if not piece.foot], line, words)
    parts |= name if name.get("name_confidence", 0.0) >= sure else {}
    return Folio(**parts)


@dataclass(frozen=True, slots=True)
class _FolioLine:
    """The row of a page's day: the day, and how sure it is, 0–1."""

    row: _Row
    printed: PrintedDate
    confidence: float


def _rows(pieces: Sequence[ReadPiece]) -> list[_Row]:
    rows: list[list[ReadPiece]] = []
    for piece in sorted(pieces, key=lambda piece: piece.box.y0):
        row = next((row for row in rows if all(_beside(piece, other) for other in row)), None)
        if row is None:
            rows.append([piece])
        else:
            row.append(piece)
    return [_Row.of(row) for row in rows]


def _beside(one: ReadPiece, other: ReadPiece) -> bool:
    shared = min(one.box.y1, other.box.y1) - max(one.box.y0, other.box.y0)
    low, high = sorted((one.box.height, other.box.height))
    return shared >= SAME_ROW * low and high <= ALIKE * low


def _folio_line(rows: Sequence[_Row], words: CalendarWords) -> _FolioLine | None:
    """Return the row with the surest date of some rows."""
    candidates = [
        _FolioLine(row, printed, _sureness(rows, i, printed, words))
        for i, row in enumerate(rows)
        for printed in printed_dates(row.text, words)
    ]
    if not candidates:
        return None
    best = max(candidates, key=lambda line: line.confidence)
    if any(
        line.printed.day != best.printed.day and line.confidence >= RIVAL * best.confidence
        for line in candidates
    ):
        return replace(best, confidence=best.confidence * AMONG_OTHERS)
    return best


def _sureness(rows: Sequence[_Row], i: int, printed: PrintedDate, words: CalendarWords) -> float:
    """Return the confidence in a date, by its letters, its weekday and its Juche year, 0–1."""
    confidence = rows[i].confidence(printed.start, printed.end)
    if not _is_folio(rows[i], printed, words):
        confidence *= IN_A_TEXT
    weekdays = set(printed_weekdays(rows[i].text, words)) or {
        day for row in rows[max(0, i - 1) : i + 2] for day in printed_weekdays(row.text, words)
    }
    signs = [] if printed.confirmed is None else [printed.confirmed]
    signs += [printed.day.weekday() in weekdays] if weekdays else []
    if not signs:
        return confidence * UNCONFIRMED
    for agrees in signs:
        confidence = 1 - (1 - confidence) * DOUBT_LEFT if agrees else confidence * CONTRADICTED
    return confidence


def _is_folio(row: _Row, printed: PrintedDate, words: CalendarWords) -> bool:
    """Return whether a date stands in a folio line: small type, and little text about it."""
    start = 0
    for piece in row.pieces:
        end = start + len(piece.text)
        if start < printed.end and printed.start < end:
            inside = _others(piece.text, words, printed.start - start, printed.end - start)
            about = sum(1.0 if ord(letter) > WIDE else 0.5 for letter in inside)
            if about > MOST_ABOUT or piece.box.height > LARGEST * piece.width:
                return False
        start = end + 1
    return True


def _others(text: str, words: CalendarWords, start: int, end: int) -> str:
    """Return the letters of a line that are no part of its date, weekday, page or issue."""
    rest = f"{text[: max(0, start)]} {text[max(0, end) :]}"
    for pattern in (_ISSUE, _STATED, KOREAN_WEEKDAY):
        rest = pattern.sub(" ", rest)
    named = (w for w in rest.split() if folded_word(w.strip(",.()")) not in words.weekdays)
    return "".join(letter for word in named for letter in word if letter.isalpha())


def _number(rows: Sequence[_Row], line: _FolioLine | None) -> dict[str, Any]:
    """Return the page number: in the row of the day, or else where a row states one."""
    beside = [row for row in rows if line and (row is line.row or _is_near(row, line.row))]
    for row in sorted(rows, key=lambda row: row not in beside):
        if stated := _stated(row, 1.0 if row in beside else ALONE):
            return stated
    bare = [
        (number, confidence)
        for row in beside
        if len(row.pieces) > 1
        for piece in (row.pieces[0], row.pieces[-1])
        for number, confidence in _bare(piece)
    ]
    return _as_number(*bare[0], LONE) if len(bare) == 1 else {}


def _is_near(one: _Row, other: _Row) -> bool:
    """Return whether two rows of the head are lines of one block."""
    a, b = (_hull(row.pieces) for row in (one, other))
    gap = max(a.y0, b.y0) - min(a.y1, b.y1)
    return one.pieces[0].foot == other.pieces[0].foot and gap <= NEAR * min(a.height, b.height)


def _hull(pieces: Sequence[ReadPiece]) -> Box:
    return reduce(Box.union, (piece.box for piece in pieces))


def _stated(row: _Row, share: float) -> dict[str, Any]:
    for match in _STATED.finditer(row.text):
        if _TOTAL.search(row.text[: match.start()]) or _ARABIC_DIGIT.search(match[0]):
            continue
        number = int(match[1] or match[2] or match[3])
        if 1 <= number <= HIGHEST:
            return _as_number(number, row.confidence(match.start(), match.end()), share)
    return {}


def _bare(piece: ReadPiece) -> Iterator[tuple[int, float]]:
    match = _BARE.fullmatch(piece.text)
    if match and 1 <= int(match[1]) <= HIGHEST and not _ARABIC_DIGIT.search(piece.text):
        yield int(match[1]), min(conf for _, conf in piece.words)


def _as_number(number: int, confidence: float, share: float) -> dict[str, Any]:
    return {"number": number, "number_confidence": round(confidence * share, 3)}


def _name(
    head: Sequence[ReadPiece], line: _FolioLine | None, words: CalendarWords
) -> dict[str, Any]:
    """Return the words in the largest type over the day, or else those beside it."""
    lettered = [piece for piece in head if _LETTERS.search(piece.text)]
    largest = max(lettered, key=lambda piece: piece.box.height, default=None)
    if line is None:
        return _as_name(largest.text, largest.words, ALONE) if largest else {}
    day = _hull(line.row.pieces)
    if largest and largest.box.y0 < day.y1 and largest.box.height >= NAMEPLATE * day.height:
        return _as_name(largest.text, largest.words)
    printed = line.printed
    beside = _others(line.row.text, words, printed.start, printed.end)
    return _as_name(beside, [w for p in line.row.pieces for w in p.words]) if beside else {}


def _as_name(name: str, words: Sequence[tuple[str, float]], share: float = 1.0) -> dict[str, Any]:
    lettered = [conf for word, conf in words if _LETTERS.search(word)]
    return {"name": name, "name_confidence": round(share * float(np.mean(lettered)), 3)}


@dataclass(frozen=True, slots=True)
class PrintedDate:
    """A date in a line."""

    day: date
    start: int  # where in the line it begins
    end: int  # where it ends
    # Whether its Juche year agrees with it, or a day of the lunar Hijri calendar does; None: there
    # is none beside it, or an Islamic day that was misread or is counted in another way.
    confirmed: bool | None = None


def printed_dates(line: str, words: CalendarWords) -> list[PrintedDate]:
    """Return the dates in a line that may be those of its newspaper, from left to right.

    A date that is none, one with a number for its month that could be its day, and that of the
    newspaper's foundation are left out.
    """
    dates: list[PrintedDate] = []
    lunar: list[date] = []
    for match in (m for pattern in _PATTERNS for m in pattern.finditer(line)):
        if any(match.start() < other.end and other.start < match.end() for other in dates):
            continue
        around = line[max(0, match.start() - AROUND) : match.end() + AROUND]
        day, calendar = _day(match, words)
        if day is None or _OTHERS.search(around):
            continue
        if calendar is Calendar.LUNAR_HIJRI:
            lunar.append(day)
        else:
            dates.append(PrintedDate(day, *match.span(), _confirmed(match, day)))
    dates = [replace(one, confirmed=True) if _is_near_one(one.day, lunar) else one for one in dates]
    return sorted(dates, key=lambda each: each.start)


def _is_near_one(day: date, others: Sequence[date]) -> bool:
    """Return whether a day is that of the lunar calendar, which countries begin days apart."""
    return any(abs((day - other).days) <= MOONS_APART for other in others)


def printed_weekdays(line: str, words: CalendarWords) -> Iterator[int]:
    """Yield the weekdays that a line names, Monday is 0."""
    yield from words.weekdays_in(line)
    for match in KOREAN_WEEKDAY.finditer(line):
        yield _KOREAN_WEEKDAYS.index(match[1] or match[2] or match[3])


def _day(match: re.Match[str], words: CalendarWords) -> tuple[date | None, Calendar]:
    """Return the Gregorian day of a match, and the calendar that it was printed in."""
    parts = match.groupdict()
    juche = parts.get("juche")
    year = parts.get("year") or (JUCHE + int(juche) if juche else 0)
    number = int("".join(str(year).split()))
    calendar, month = _month(parts, number, words)
    try:
        day = _DAYS[calendar](number, month, int(parts["day"]))
    except ValueError:
        return None, calendar
    # 7/6/2024 is in July or in June.
    unsure = parts.get("mark") == "/" and day.day <= 12 and day.day != day.month
    return day if FIRST <= day.year <= LAST and not unsure else None, calendar


_DAYS: dict[Calendar, Callable[[int, int, int], date]] = {
    Calendar.GREGORIAN: date,
    Calendar.SOLAR_HIJRI: solar_day,
    Calendar.LUNAR_HIJRI: lunar_day,
}


def _month(parts: dict[str, str | None], year: int, words: CalendarWords) -> tuple[Calendar, int]:
    """Return the calendar and the month of a date, 0 for a name of none."""
    if name := parts.get("name"):
        whole = folded_name(name)
        first, _, last = whole.partition(" ")
        found = (words.months[one] for one in (whole, first, last) if one in words.months)
        return next(found, (Calendar.GREGORIAN, 0))
    solar = words.solar and year < FIRST
    return (Calendar.SOLAR_HIJRI if solar else Calendar.GREGORIAN), int(parts["month"] or 0)


def _confirmed(match: re.Match[str], day: date) -> bool | None:
    juche = match.groupdict().get("juche")
    return (
        None
        if juche is None or not match.groupdict().get("year")
        else (day.year == JUCHE + int(juche))
    )
