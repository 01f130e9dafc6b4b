"""Names of months and weekdays, as newspapers of many languages print them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from babel import Locale
from babel.core import UnknownLocaleError

from presslens.models.folios.calendar import LUNAR_MONTHS, SOLAR_MONTHS, Calendar

ALWAYS = ("ko", "en")
"""Languages whose words are known whatever a newspaper is printed in."""

REGIONS = {"ar": ("ar-LB", "ar-DZ"), "de": ("de-AT",)}
"""Variants of languages that have other names of months."""

SOLAR, LUNAR = ("fa", "ps", "prs"), ("ar", "fa", "ur", "ps", "prs")
"""Languages whose newspapers print days of the Hijri calendars."""

SHORTEST = 3
"""Letters of the shortest name: shorter ones stand for anything."""

_SPELLINGS = str.maketrans("يىكةς", "ییکهσ")
"""Letters that Arabic and Persian write in two ways; Greek small letters have two for one sigma."""

_PARTS = re.compile(r"[\s,.;:()\[\]|/-]+")

_UNSPACED = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class CalendarWords:
    """Names of months and weekdays, folded."""

    months: Mapping[str, tuple[Calendar, int]]  # the calendar and month, 1–12, of each name
    weekdays: Mapping[str, int]  # the weekday of each name, Monday is 0; longer names first
    solar: bool  # days in numbers may be of the solar Hijri calendar

    def weekdays_in(self, line: str) -> Iterator[int]:
        """Yield the weekdays that a line names."""
        left = f" {' '.join(map(folded_word, _PARTS.split(line)))} "
        for name, weekday in self.weekdays.items():
            # Chinese and Japanese words stand without spaces.
            named = name if _UNSPACED.match(name) else f" {name} "
            if named in left:
                left = left.replace(named, "  ")
                yield weekday


def folded_word(word: str) -> str:
    """Return a word without letter case, accents, joiners and the full stop of an abbreviation."""
    letters = unicodedata.normalize("NFD", word.casefold().rstrip("."))
    plain = (letter for letter in letters if unicodedata.category(letter) not in ("Mn", "Cf"))
    # Vowel signs of Bengali are no accents.
    folded = unicodedata.normalize("NFC", "".join(plain))
    return folded.replace("ـ", "").translate(_SPELLINGS)


def folded_name(name: str) -> str:
    """Return a name of one word or more, each folded."""
    return " ".join(map(folded_word, filter(None, _PARTS.split(name))))


@cache
def calendar_words(language: str) -> CalendarWords:
    """Return the names of months and weekdays in a language (BCP 47), in Korean and in English."""
    months: dict[str, int] = {}
    weekdays: dict[str, int] = {}
    for locale in _locales(language):
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                _add(months, locale.months[context][width])
                _add(weekdays, locale.days[context][width])
    own = language.partition("-")[0]
    named = {name: (Calendar.GREGORIAN, number) for name, number in months.items()}
    for calendar, spellings, speakers in (
        (Calendar.SOLAR_HIJRI, SOLAR_MONTHS, SOLAR), (Calendar.LUNAR_HIJRI, LUNAR_MONTHS, LUNAR)
    ):  # fmt: skip
        if own in speakers:
            named |= {
                folded_name(name): (calendar, number)
                for names in spellings
                for number, name in enumerate(names, start=1)
            }
    longest = sorted(weekdays, key=len, reverse=True)
    return CalendarWords(named, {name: weekdays[name] for name in longest}, solar=own in SOLAR)


def _locales(language: str) -> Iterator[Locale]:
    for code in dict.fromkeys([language, *ALWAYS, *REGIONS.get(language, ())]):
        try:
            yield Locale.parse(code, sep="-")
        except (UnknownLocaleError, ValueError):
            continue


def _add(words: dict[str, int], names: Mapping[int, str]) -> None:
    for number, name in names.items():
        word = folded_name(name)
        if len(word) >= SHORTEST:
            words.setdefault(word, number)
