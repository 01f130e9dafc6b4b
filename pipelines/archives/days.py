"""Days, numbers and editions of the day in titles, labels and names, as libraries write them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator
from datetime import date
from pathlib import Path

_YEAR = r"(?:1[5-9]|20)\d\d"
_BEGINNING = re.compile(
    rf"(?<!\d)({_YEAR})(?:([-/.]?)(\d\d)\2(\d\d)|([-/]|\.\s?)(\d\d?)\5(\d\d?)(?!\5\d\d?\b))(?!\d)"
)
"""A day whose year goes first; 1939-5-13-14 may be two days, and is none."""

_ENDING = re.compile(rf"(?<!\d)(\d{{1,2}})([-/.])(\d{{1,2}})\2({_YEAR})(?!\d)")
_WITH_ORDER = re.compile(rf"(?<!\d)({_YEAR}\d{{4}})\d\d(?!\d)")
"""A day and the order of its edition, 1935080201: the name of an issue in American batches."""

_FURTHER = {"fevrier": 2, "maerz": 3, "aout": 8, "sept": 9, "listopada": 11, "decembre": 12}
"""Names of months without their accents, and the Polish one of two months that are called so."""

_BEHIND_POINT = {"listopada": 10}
"""The Croatian month of that name: Croatian has a point behind the day, and Polish none."""

_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_ERAS = {
    "明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018,
    "民国": 1911, "民國": 1911, "康德": 1933, "주체": 1911,
    "光武": 1896, "隆熙": 1906, "대정": 1911, "소화": 1925, "檀紀": -2333, "단기": -2333,
}  # fmt: skip
"""Eras of Japan, China, Manchuria and Korea, and the years before their first."""

_DIGITS = str.maketrans("〇一二三四五六七八九", "0123456789")
_ALIKE = str.maketrans("０１２３４５６７８９○零", "0123456789〇〇")
"""Digits of full width, and other signs for zero."""


# A sandbox opens no file: names are read when this module is imported.
_NAMES = tomllib.loads((Path(__file__).parent / "calendar.toml").read_text("utf-8"))
_MONTHS = _FURTHER | {
    name: month for month, names in enumerate(_NAMES["months"], 1) for name in names.split("|")
}
_MONTH = rf"(?P<month>{'|'.join(map(re.escape, sorted(_MONTHS, key=len, reverse=True)))})"
_IN_WORDS = (
    rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|-a|[.ºª])?[ ,]+(?:of |de |d['’])?{_MONTH}\b\.?,?"
    rf"[ ]+(?:de |del )?(?P<year>{_YEAR})(?: r\b\.?)?",
    rf"\b{_MONTH}\b\.?[ ]+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[ ,]+(?P<year>{_YEAR})",
    rf"(?P<year>{_YEAR})[-., ]+(?:m\. )?{_MONTH}\b\.?[- ]+(?P<day>\d{{1,2}})",
    rf"(?P<year>{_YEAR})\. gada (?P<day>\d{{1,2}})\. {_MONTH}\b",
)
_WORDED = tuple(re.compile(rf"(?<!\d){one}(?!\d)", re.IGNORECASE) for one in _IN_WORDS)
_IN_ROMAN = re.compile(
    rf"(?<!\d)(\d{{1,2}})([-/. ]+)({'|'.join(reversed(_ROMAN))})[-/. ]+({_YEAR})(?!\d)"
)
_ONES = "[一二三四五六七八九]"
_COUNT = rf"(?:\d{{1,2}}|{_ONES}?十?{_ONES}|{_ONES}?十|[廿卅]{_ONES}?)"
_ERA = "|".join(_ERAS)
_BESIDE = r"\s*(?:[(（][^()（）]{1,9}[)）]\s*)?"
"""What stands beside a year in brackets: the year in another era."""

_EASTERN = re.compile(
    rf"(?:(?<!\d)({_YEAR}|[一二][〇一二三四五六七八九]{{3}})"
    rf"|(?:中[華华])?({_ERA})\s*(\d{{1,3}}|4\d{{3}}|{_COUNT}|元))"
    rf"{_BESIDE}[年년]{_BESIDE}({_COUNT})\s*[月월]\s*({_COUNT})(?![\d十])\s*[日일]?"
    r"(?:\s*[(（][^()（）第제号號호刊판版]{1,9}[)）]|\s*(?:[月火水木金土日]曜日?|[월화수목금토일]요일|星期.))?"
)
_TIME = re.compile(rf"(?:{_ERA})?[\W\d년年월月]*(?:{_MONTH}[\W\d]*)?", re.IGNORECASE)
_SEPARATORS = " \t\n,;:([-–—，、（"
_AROUND = " ,;:.-–—"
_NUMBER_WORD = (
    r"(?:(?:no|nr|num|n[uú]m(?:ero)?|num[eé]ro|nummer|number|issue|heft|č|vol|volume|band|bd|jg"
    r"|jahrgang|ann[eé]e|año|roč|ročník|aflevering|ed)\b|n\.?[º°])"
)
_NUMBER = rf"\b{_NUMBER_WORD}[.\s]*(?:\d{{1,3}}\.\d{{3}}|\d{{1,6}})\b"
_CJK_NUMBER = r"(?:제\s*\d+\s*호|第\s*[\d〇一二三四五六七八九十百千万萬]+\s*[号號期])"
_EDITION_WORD = (
    r"(?:\b(?:[eé]dition|edizione|edici[oó]n|edi[cç][aã]o|editie|vydání|wydanie)"
    r"|ausgabe|[朝夕]刊|[조석]간)\b"
)
_OF_DAY = (
    rf"(?:[^\W_]+(?:[. ]+|-)){{0,2}}(?:\w*{_EDITION_WORD}|(?:morgen|mittag|abend|nacht)blatt\b)"
    r"(?: (?:du|de la|de|della|del) \w+)?"
)
"""Which edition of the day it is, and nothing more: Zweites Abendblatt, Morning edition."""

_BEHIND_TITLE = re.compile(
    rf"(?:[\s,;:(\[–—-]+{_NUMBER}|\. {_YEAR},\d\d?(?:/\d\d?)?"
    rf"|[\s,;:(\[–—-]*{_CJK_NUMBER}|(?:[,;:(\[–—]|\s-)\s*{_OF_DAY})"
    r"\s*(?=[,;:.)\]=–—-]|$)",
    re.IGNORECASE,
)
_BEFORE_TITLE = re.compile(
    rf"\A\W*(?:{_NUMBER}|{_CJK_NUMBER})\s*(?:[,;:.)\]–—-]+\s*|$)", re.IGNORECASE
)
_WEEKDAYS, _SHORT_WEEKDAYS = (
    "|".join(map(re.escape, "|".join(_NAMES[width]).split("|")))
    for width in ("weekdays", "short_weekdays")
)
_NO_TITLE = "".join(
    rf"(?<!\b{word} )" for word in ("am", "on", "du", "der", "the", "el", "il", "del", "della")
)
"""Behind these a weekday is of the title: Welt am Sonntag."""

_LEADING_TO = re.compile(
    rf"(?:\b{_NUMBER_WORD}[\s.,]*\d{{0,6}}|\b(?:vom|du|of|van)"
    rf"|{_NO_TITLE}\b(?:{_WEEKDAYS}|sonnabend)|(?:(?<=[,;(])\s*|\A(?!sun))(?:{_SHORT_WEEKDAYS}))[\s.,]*$",
    re.IGNORECASE,
)
"""What leads to a day: the word number, a preposition, a weekday."""

_NUMBERING = re.compile(rf"\W*(?:{_NUMBER_WORD}|$)", re.IGNORECASE)
_EDITION = re.compile(_EDITION_WORD, re.IGNORECASE)
_PARTS = re.compile(r"[,;:()\[\]–—]|\s-\s")
_ONE_OF_DAY = re.compile(_OF_DAY, re.IGNORECASE)
_ONE_NUMBER = re.compile(rf"{_NUMBER}|{_CJK_NUMBER}", re.IGNORECASE)


def day_in(text: str) -> date | None:
    """Return the first whole date in a text, None without one.

    What may be of the 3rd of May or the 5th of March is no date.

    >>> day_in("Courier, 1939-05-13"), day_in("01.08.1821"), day_in("3/5/1921")
    (datetime.date(1939, 5, 13), datetime.date(1821, 8, 1), None)
    >>> day_in("05/13/1939") == day_in("13. května 1939") == day_in("昭和十四年五月十三日")
    True
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


def title_in(text: str, days: Collection[date] = ()) -> str:
    """Return the newspaper in a title, without a day, a number, an edition of the day; "" for none.

    A day that is none of an issue's days, where some are given, belongs to the title.

    >>> title_in("The Park Record (Park City, UT), 1935-08-02, Main Edition")
    'The Park Record (Park City, UT)'
    >>> title_in("1910-11-16 (Numéro 1)"), title_in("Ouest Eclair no. 7077 17.12.1918")
    ('', 'Ouest Eclair')
    >>> title_in("The Washington times (Washington [D.C.]), Saturday, May 2, 1903")
    'The Washington times (Washington [D.C.])'
    >>> title_in("Neue Zürcher Zeitung, Nummer 64, Zweites Abendblatt, 5. März 1910")
    'Neue Zürcher Zeitung'
    """
    first = next(_days(text), None)
    if first is None or (days and first[2] not in days):
        return _without_number(text)
    before = text[: first[0]].rstrip(_SEPARATORS)
    while (shorter := _LEADING_TO.sub("", before).rstrip(_SEPARATORS)) != before:
        before = shorter
    after = text[first[1] :]
    is_none = _NUMBERING.match(after) or _EDITION.search(after)
    return _without_number(before) or ("" if is_none else _without_number(after.strip(_AROUND)))


def _without_number(text: str) -> str:
    rest = text.strip()
    while rest and (shorter := _BEFORE_TITLE.sub("", rest, count=1)) != rest:
        rest = shorter
    behind = _BEHIND_TITLE.search(rest)
    return rest[: behind.start()].strip() if behind else rest


def edition_in(text: str) -> str:
    """Return which edition of the day a label says, or else its volume and number; "" for neither.

    >>> edition_in("Neue Zürcher Zeitung, Nummer 64, Zweites Abendblatt, 5. März 1910")
    'Zweites Abendblatt'
    >>> edition_in("Der Bote, 1910-03-04, Nr. 12"), edition_in("The Times, 1910-03-04")
    ('Nr. 12', '')
    """
    first = next(_days(text), None)
    before, behind = (text, "") if first is None else (text[: first[0]], text[first[1] :])
    if named := next(filter(_EDITION.search, _PARTS.split(behind)), ""):
        return named.strip(_AROUND + "_")
    parts = [part.strip() for part in _PARTS.split(before)[1:] + _PARTS.split(behind)]
    numbers = (
        " ".join(match[0].split())
        for one in (before, behind)
        for match in _ONE_NUMBER.finditer(one)
    )
    of_day = next((part for part in parts if _ONE_OF_DAY.fullmatch(part)), "")
    return of_day or ", ".join(numbers)


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


def _days(text: str) -> Iterator[tuple[int, int, date]]:
    """Yield the days in a text with their beginnings and ends, in their order."""
    text = text.translate(_ALIKE)
    matches = [
        (one, int(one[1]), int(one[3] or one[6]), int(one[4] or one[7]))
        for one in _BEGINNING.finditer(text)
    ]
    for match in _ENDING.finditer(text):
        day, month, year = int(match[1]), int(match[3]), int(match[4])
        if month > 12:
            day, month = month, day
        if match[2] != "/" or day > 12 or day == month:
            matches.append((match, year, month, day))
    for match in (one for pattern in _WORDED for one in pattern.finditer(text)):
        name, is_pointed = match["month"].lower(), text.startswith(".", match.end("day"))
        month = (is_pointed and _BEHIND_POINT.get(name)) or _MONTHS[name]
        matches.append((match, int(match["year"]), month, int(match["day"])))
    matches += [
        (one, int(one[4]), _ROMAN.index(one[3]) + 1, int(one[1]))
        for one in _IN_ROMAN.finditer(text)
    ]
    for match in _EASTERN.finditer(text):
        year = _counted(match[1]) if match[1] else _ERAS[match[2]] + _counted(match[3])
        matches.append((match, year, _counted(match[4]), _counted(match[5])))
    for match, year, month, day in sorted(matches, key=lambda one: one[0].start()):
        try:
            yield match.start(), match.end(), date(year, month, day)
        except ValueError:
            continue


def _counted(text: str) -> int:
    """Return a number in digits, in Chinese digits, or in Chinese words below a hundred.

    >>> [_counted(text) for text in ("14", "一九三九", "十四", "二十", "廿五", "元")]
    [14, 1939, 14, 20, 25, 1]
    """
    plain = text.replace("元", "一").replace("廿", "二十").replace("卅", "三十").translate(_DIGITS)
    tens, ten, ones = plain.rpartition("十")
    return int(tens or 1) * 10 + int(ones or 0) if ten else int(plain)
