"""Names of months and weekdays, as newspapers of many languages print them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from babel import Locale
from babel.core import UnknownLocaleError, get_global

ALWAYS = ("ko", "en")
"""Languages whose words are known whatever Tesseract reads."""

SHORTEST = 3
"""Letters of the shortest name: shorter ones stand for anything."""


@dataclass(frozen=True, slots=True)
class CalendarWords:
    """Names of months and weekdays, folded."""

    months: Mapping[str, int]  # the month of each name, 1–12
    weekdays: Mapping[str, int]  # the weekday of each name, Monday is 0


def folded_word(word: str) -> str:
    """Return a word without letter case, accents and the full stop of an abbreviation."""
    letters = unicodedata.normalize("NFD", word.casefold().rstrip("."))
    plain = (letter for letter in letters if unicodedata.category(letter) != "Mn")
    # Greek capitals have one sigma, small letters two; vowel signs of Bengali are no accents.
    return unicodedata.normalize("NFC", "".join(plain)).replace("ς", "σ")


@cache
def calendar_words(language: str) -> CalendarWords:
    """Return the names of months and weekdays in some languages, Korean and English among them.

    Args:
        language: Tesseract's names of them: "kor", "ell+eng".
    """
    months: dict[str, int] = {}
    weekdays: dict[str, int] = {}
    for locale in map(Locale.parse, _locales(language.split("+"))):
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                _add(months, locale.months[context][width])
                _add(weekdays, locale.days[context][width])
    return CalendarWords(months, weekdays)


def _locales(languages: Sequence[str]) -> list[str]:
    aliases = get_global("language_aliases")
    codes = [aliases.get(name, name) for name in languages]
    return [*dict.fromkeys([*ALWAYS, *filter(_has_locale, codes)])]


def _has_locale(name: str) -> bool:
    try:
        return bool(Locale.parse(name))
    except (UnknownLocaleError, ValueError):
        return False


def _add(words: dict[str, int], names: Mapping[int, str]) -> None:
    for number, name in names.items():
        word = folded_word(name)
        if len(word) >= SHORTEST:
            words.setdefault(word, number)
