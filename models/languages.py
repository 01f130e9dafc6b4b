"""Languages by their BCP 47 codes: reading what catalogues write, and scripts and directions.

The names and aliases are those of the Unicode Common Locale Data Repository,
https://cldr.unicode.org , which Babel holds.
"""

from __future__ import annotations

from functools import cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global, parse_locale

_NO_LANGUAGE = frozenset({"und", "mul", "zxx", "mis"})
"""Codes of ISO 639 for a language that is not said, several, none, and one without a code."""

LETTERS = 3
"""Letters of a code of ISO 639-3."""

_CATALOGUES = ("en", "fr", "de", "es")
"""The languages in which catalogues name languages."""

_NO_COUNTRY = frozenset(
    {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}
)
"""Regions that have a name and are no country of ISO 3166; Kosovo, which is none either, is one."""

_NO_SCRIPT = frozenset({"Zinh", "Zmth", "Zsye", "Zsym", "Zxxx", "Zyyy", "Zzzz"})
"""Codes of ISO 15924 for what is no script, several, or not known."""


def read_language(text: str) -> str | None:
    """Return the BCP 47 code of a language by a code of ISO 639 or BCP 47, or by a name.

    Names are read in English, French, German and Spanish.

    >>> [read_language(text) for text in ("per", "FA_ir", "zh-hant", "Persian", "und", "?")]
    ['fa', 'fa-IR', 'zh-Hant', 'fa', None, None]
    """
    text = text.strip()
    return _canonical(text) or _codes_by_name().get(text.casefold())


def three_letters(code: str) -> str:
    """Return the code of ISO 639-3 of a language by its BCP 47 code; "" if several fit.

    >>> [three_letters(code) for code in ("ko", "zh-Hant", "de", "grc", "cs")]
    ['kor', 'zho', 'deu', 'grc', '']
    """
    language = code.partition("-")[0]
    found = [one for one, short in get_global("language_aliases").items() if short == language]
    fitting = [one for one in found if one.startswith(language)] or found or [language]
    (single, *others) = [one for one in fitting if len(one) == LETTERS] or [""]
    return "" if others else single


def read_country(text: str) -> str | None:
    """Return the ISO 3166 code of a country by its code or English name; None without one.

    >>> read_country("kp"), read_country("Iran"), read_country("UK"), read_country("Utopia")
    ('KP', 'IR', 'GB', None)
    """
    names = {c: n for c, n in Locale("en").territories.items() if len(c) == 2}
    code = _region(text.strip().upper())
    if code in names:
        return None if code in _NO_COUNTRY else code
    name = text.strip().casefold()
    named = (c for c, n in names.items() if n.casefold() == name and c not in _NO_COUNTRY)
    return next(named, None)


def script_of(code: str) -> str:
    """Return the ISO 15924 code of the script that a language is usually written in; "" if unknown.

    >>> script_of("ko"), script_of("zh-TW"), script_of("sr-Latn")
    ('Kore', 'Hant', 'Latn')
    """
    language, territory, script, *_ = parse_locale(code, sep="-")
    if script:
        return script
    likely = get_global("likely_subtags")
    full = likely.get(f"{language}_{territory}") or likely.get(language)
    return (parse_locale(full)[2] or "") if full else ""


_RIGHT_TO_LEFT = frozenset(
    {"Adlm", "Arab", "Hebr", "Mand", "Mend", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa"}
)
"""Scripts of living languages that run from right to left, by
https://www.unicode.org/reports/tr24 .
"""


def is_right_to_left(code: str) -> bool:
    """Return whether a language is written from right to left.

    >>> is_right_to_left("fa"), is_right_to_left("ko"), is_right_to_left("uz-AF")
    (True, False, True)
    """
    return script_of(code) in _RIGHT_TO_LEFT


def language_name(code: str, *, language: str = "en") -> str:
    """Return the name of a language; its code where it has none.

    Args:
        code: Of the named language, BCP 47.
    """
    try:
        name = Locale.parse(code, sep="-").get_display_name(language)
    except (UnknownLocaleError, ValueError):
        name = Locale.parse(language, sep="-").languages.get(code)
    return name or code


def country_name(code: str, *, language: str = "en") -> str:
    """Return the name of a country by its ISO 3166 code; the code where it has none."""
    name: str = Locale.parse(language, sep="-").territories.get(code, code)
    return name


def _region(code: str) -> str:
    """Return the code of a region that stands for another code, UK and USA for instance."""
    alias = get_global("territory_aliases").get(code, ())
    return alias[0] if len(alias) == 1 else code


def _canonical(text: str) -> str | None:
    """Return the canonical form of a code; None for what is none of a known language."""
    if "@" in text:  # sr@latin is not Serbian as it is written without more
        return None
    try:
        language, territory, script, *_ = parse_locale(text.replace("_", "-"), sep="-")
    except ValueError:
        return None
    alias = get_global("language_aliases").get(language)
    if alias is not None:
        language, own_territory, own_script, *_ = parse_locale(alias)
        territory, script = territory or own_territory, script or own_script
    english = Locale("en")
    territory = territory and _region(territory)
    known = (
        language not in _NO_LANGUAGE
        and language in english.languages
        and (script is None or script in english.scripts.keys() - _NO_SCRIPT)
        and (territory is None or territory in english.territories.keys() - _NO_COUNTRY)
    )
    return "-".join(filter(None, (language, script, territory))) if known else None


@cache
def _codes_by_name() -> dict[str, str]:
    names: dict[str, str] = {}
    for catalogue in _CATALOGUES:
        for code, name in Locale(catalogue).languages.items():
            if (canonical := _canonical(code)) is not None:
                names.setdefault(name.casefold(), canonical)
    return names
