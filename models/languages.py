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

_CATALOGUES = ("en", "fr", "de", "es")
"""The languages in which catalogues name languages."""


def read_language(text: str) -> str | None:
    """Return the BCP 47 code of a language by a code of ISO 639 or BCP 47, or by a name.

    Names are read in English, French, German and Spanish.

    >>> [read_language(text) for text in ("per", "FA_ir", "zh-hant", "Persian", "und", "?")]
    ['fa', 'fa-IR', 'zh-Hant', 'fa', None, None]
    """
    text = text.strip()
    return _canonical(text) or _codes_by_name().get(text.casefold())


def read_country(text: str) -> str | None:
    """Return the ISO 3166 code of a country by its code or English name; None without one.

    >>> read_country("kp"), read_country("Iran"), read_country("Utopia")
    ('KP', 'IR', None)
    """
    names = Locale("en").territories
    code = text.strip().upper()
    if len(code) == 2 and code.isalpha():
        return code if code in names else None
    name = text.strip().casefold()
    return next((c for c, n in names.items() if len(c) == 2 and n.casefold() == name), None)


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
        language: The language in which the name is.
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


def _canonical(text: str) -> str | None:
    """Return the canonical form of a code; None for what is none of a known language."""
    try:
        language, territory, script, *_ = parse_locale(text.replace("_", "-"), sep="-")
    except ValueError:
        return None
    alias = get_global("language_aliases").get(language)
    if alias is not None:
        language, own_territory, own_script, *_ = parse_locale(alias)
        territory, script = territory or own_territory, script or own_script
    english = Locale("en")
    known = (
        language not in _NO_LANGUAGE
        and language in english.languages
        and (script is None or script in english.scripts)
        and (territory is None or territory in english.territories)
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
