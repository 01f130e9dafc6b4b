"""Finds editions by a day, a month or a year as people write them, in English and Korean."""

from __future__ import annotations

import re
from calendar import month_name
from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import normalize

from sqlalchemy import extract, select

from presslens.app.db.tables import EditionRow, PublicationRow
from presslens.app.installation import Installation
from presslens.app.services.catalogue.editions import EditionState, edition_states

_TOKENS = re.compile(r"\d+|[^\W\d_]+")
_COMPACT = re.compile(r"(?<!\d)(\d{4})(\d\d)(\d\d)(?!\d)")
_BESIDE = frozenset(("st", "nd", "rd", "th", "of", "the", "on", "년", "일", "일자"))
"""Words that stand beside the numbers of a date."""

_LEAST_LETTERS = 3
_YEARS = range(1500, 2100)
_MONTHS = range(1, 13)
_DAYS = range(1, 32)


@dataclass(frozen=True, slots=True)
class DatePart:
    """A day, a month or a year, as far as it is written; None is any."""

    year: int | None
    month: int | None
    day: int | None
    words: tuple[str, ...] = ()  # what stands beside it: parts of the newspaper's name


def read_date_part(text: str) -> DatePart | None:
    """Return the date that a text gives in part or whole; None where it gives none.

    >>> read_date_part("16 Dec"), read_date_part("12월 16일") == read_date_part("December 16th")
    (DatePart(year=None, month=12, day=16, words=()), True)
    >>> read_date_part("2025-12") == read_date_part("2025년 12월") == read_date_part("dec 2025")
    True
    >>> read_date_part("16.12.2025") == read_date_part("20251216"), read_date_part("8 pages")
    (True, None)
    """
    written = _COMPACT.sub(r"\1 \2 \3", normalize("NFKC", text).casefold())
    tokens = _TOKENS.findall(written)
    month, named = _named_month(tokens)
    numbers = [int(one) for i, one in enumerate(tokens) if one.isdecimal() and i not in named]
    words = [
        one
        for i, one in enumerate(tokens)
        if not one.isdecimal() and i not in named and one not in _BESIDE
    ]
    year = next((one for one in numbers if one in _YEARS), None)
    parts = [one for one in numbers if one != year]
    if month is None and year is not None and parts:
        month = parts.pop(0 if numbers[0] == year else -1)
    day = parts.pop() if parts else None
    is_date = month in _MONTHS if month is not None else year is not None
    if not is_date or parts or (day is not None and day not in _DAYS):
        return None
    return DatePart(year, month, day, tuple(words))


def _named_month(parts: Sequence[str]) -> tuple[int | None, frozenset[int]]:
    """Return the month that a word or 월 names, and the places of its parts."""
    for i, part in enumerate(parts):
        if part == "월" and i and parts[i - 1].isdecimal():
            return int(parts[i - 1]), frozenset((i - 1, i))
        if len(part) >= _LEAST_LETTERS:
            for number in _MONTHS:
                if month_name[number].casefold().startswith(part):
                    return number, frozenset((i,))
    return None, frozenset()


def editions_on(home: Installation, part: DatePart, *, limit: int) -> list[EditionState]:
    """Return the editions of a date that is given in part, the latest first.

    Args:
        part: The date; the newspapers are those with all its words in their names.
    """
    day = EditionRow.edition_date
    wanted = {"year": part.year, "month": part.month, "day": part.day}
    query = (
        select(EditionRow)
        .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
        .where(
            *(extract(name, day) == value for name, value in wanted.items() if value is not None),
            *(PublicationRow.name.icontains(word, autoescape=True) for word in part.words),
        )
        .order_by(day.desc(), EditionRow.id.desc())
        .limit(limit)
    )
    with home.database.read() as session:
        return edition_states(session, session.scalars(query).all(), home.recipe)
