"""Days in titles, labels and names, as libraries write them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import date

_YEAR = r"(?:1[5-9]|20)\d\d"
_BEGINNING = re.compile(rf"(?<!\d)({_YEAR})([-/.]?)(\d\d)\2(\d\d)(?!\d)")
_ENDING = re.compile(rf"(?<!\d)(\d{{1,2}})([-/.])(\d{{1,2}})\2({_YEAR})(?!\d)")
_WITH_ORDER = re.compile(rf"(?<!\d)({_YEAR}\d{{4}})\d\d(?!\d)")
"""A day and the order of its edition, 1935080201: the name of an issue in American batches."""

_MONTHS = (
    "january|januar|janvier|enero|gennaio|januari|janeiro|jan",
    "february|februar|février|fevrier|febrero|febbraio|februari|fevereiro|feb",
    "march|märz|maerz|mars|marzo|maart|março|mar",
    "april|avril|abril|aprile|apr",
    "may|mai|mayo|maggio|mei|maio",
    "june|juni|juin|junio|giugno|junho|jun",
    "july|juli|juillet|julio|luglio|julho|jul",
    "august|août|aout|agosto|augustus|aug",
    "september|septembre|septiembre|settembre|setembro|sept|sep",
    "october|oktober|octobre|octubre|ottobre|outubro|oct|okt",
    "november|novembre|noviembre|novembro|nov",
    "december|dezember|décembre|decembre|diciembre|dicembre|dezembro|dec|dez",
)
"""The names of months in English, German, French, Spanish, Italian, Dutch and Portuguese."""

_MONTH = "|".join(f"(?P<m{i}>{names})" for i, names in enumerate(_MONTHS, 1))
_IN_WORDS = (
    rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|[.ºª])?[ ,]+(?:of |de |d')?(?:{_MONTH})\b\.?,?"
    rf"[ ]+(?:de )?(?P<year>{_YEAR})",
    rf"\b(?:{_MONTH})\b\.?[ ]+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[ ,]+(?P<year>{_YEAR})",
)
_WORDED = tuple(re.compile(rf"(?<!\d){one}(?!\d)", re.IGNORECASE) for one in _IN_WORDS)
_TIME = re.compile(rf"[\W\d]*(?:(?:{'|'.join(_MONTHS)})[\W\d]*)?", re.IGNORECASE)
_SEPARATORS = " \t\n,;:([-–—"
_LEADING_TO = re.compile(
    r"(?:(?:\b(?:no|nr|num[eé]ro|issue)\b|n[º°])[\s.,]*\d{0,6}|\b(?:vom|du|of|van|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|"
    r"sonnabend|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche))[\s.,]*$",
    re.IGNORECASE,
)
"""What leads to a day: the word number, a preposition, a weekday."""

_NUMBERING = re.compile(
    r"\W*(?:(?:no|nr|num|num[eé]ro|ann[eé]e|jahrgang|jg|vol|volume|issue|ed|heft|band|bd|č|roč"
    r"|ročník|aflevering)\b|n[º°]|$)",
    re.IGNORECASE,
)
_EDITION = re.compile(
    r"\b(?:[eé]dition|edizione|edici[oó]n|edi[cç][aã]o|editie|vydání|wydanie)\b|ausgabe\b",
    re.IGNORECASE,
)


def day_in(text: str) -> date | None:
    """Return the first whole date in a text, None without one.

    What may be of the 3rd of May or the 5th of March is no date.

    >>> day_in("Courier, 1939-05-13"), day_in("01.08.1821"), day_in("3/5/1921")
    (datetime.date(1939, 5, 13), datetime.date(1821, 8, 1), None)
    """
    return next((day for _, _, day in _days(text)), None)


def day_of_name(name: str) -> date | None:
    """Return the one day that a file or folder is named after, None without one or for several.

    >>> day_of_name("1935080201"), day_of_name("18451228_01-METS")
    (datetime.date(1935, 8, 2), datetime.date(1845, 12, 28))
    """
    ordered = _WITH_ORDER.search(name)
    days = {day for _, _, day in _days(ordered[1] if ordered else name)}
    return next(iter(days)) if len(days) == 1 else None


def without_day(text: str, days: Collection[date] = ()) -> str:
    """Return a title without the day in it and what follows; "" where nothing but a number is left.

    A day that is none of an issue's days, where some are given, belongs to the title.

    >>> without_day("The Park Record (Park City, UT), 1935-08-02, Main Edition")
    'The Park Record (Park City, UT)'
    >>> without_day("1910-11-16 (Numéro 1)"), without_day("Ouest Eclair no. 7077 17.12.1918")
    ('', 'Ouest Eclair')
    >>> without_day("The Washington times (Washington [D.C.]), Saturday, May 2, 1903")
    'The Washington times (Washington [D.C.])'
    """
    found = next(_days(text), None)
    if found is None or (days and found[2] not in days):
        return text.strip()
    before = text[: found[0]].rstrip(_SEPARATORS)
    while (shorter := _LEADING_TO.sub("", before).rstrip(_SEPARATORS)) != before:
        before = shorter
    before = before.strip()
    after = text[found[1] :]
    is_none = _NUMBERING.match(after) or _EDITION.search(after)
    return before or ("" if is_none else after.strip(" ,;:.-–—"))


def is_edition(text: str) -> bool:
    """Return whether a name is that of an edition of a newspaper, not of another newspaper.

    >>> is_edition("Wochen-Ausgabe"), is_edition("Literarische Beilage")
    (True, False)
    """
    return _EDITION.search(text) is not None


def is_time(text: str) -> bool:
    """Return whether a name is no more than a year, a month or a volume.

    >>> is_time("1925"), is_time("February 1925"), is_time("Jahrgang 54"), is_time("Courier 1925")
    (True, True, True, False)
    >>> is_time("Norddeutsche Zeitung"), is_time("Edinburgh Courant")
    (False, False)
    """
    return _TIME.fullmatch(text.strip()) is not None or _NUMBERING.match(text) is not None


def after_day(text: str) -> str:
    """Return what follows the day in a label, "Main Edition" for instance."""
    found = next(_days(text), None)
    return "" if found is None else text[found[1] :].strip(" ,;:.-–—_()")


def _days(text: str) -> Iterator[tuple[int, int, date]]:
    """Yield the days in a text with their beginnings and ends, in their order."""
    found = [(one, (one[1], one[3], one[4])) for one in _BEGINNING.finditer(text)]
    for match in _ENDING.finditer(text):
        day, month = int(match[1]), int(match[3])
        if match[2] != "/" or day > 12 or day == month:
            found.append((match, (match[4], match[3], match[1])))
    for match in (one for pattern in _WORDED for one in pattern.finditer(text)):
        month = next(i for i in range(1, 13) if match[f"m{i}"])
        found.append((match, (match["year"], str(month), match["day"])))
    for match, (year, month_text, day_text) in sorted(found, key=lambda one: one[0].start()):
        try:
            yield match.start(), match.end(), date(int(year), int(month_text), int(day_text))
        except ValueError:
            continue
