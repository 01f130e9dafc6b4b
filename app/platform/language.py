"""The languages of the pages: how each says texts, numbers, shares and days."""

from __future__ import annotations

import gettext
import io
import re
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from babel import Locale, dates, numbers
from babel.core import negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from presslens.app.platform.particles import with_particles
from presslens.models.languages import country_name, language_name
from presslens.models.message import Message
from presslens.pipelines.written_numbers import share_digits, to_digits

LANGUAGES = {"en": "English", "ko": "한국어"}
"""The languages by their code, in their own words; the first one is that of the sources."""

_DAYS = re.compile(r"\d{4}-\d\d-\d\d(/\d{4}-\d\d-\d\d)?")
"""A day, or the first and the last of some, as messages hold them."""

SCRIPTS = {"en": re.compile(r"[\0-\u024f\u1e00-\u206f]*"), "ko": re.compile(r".*[가-힣].*")}
"""What names look like that readers of a language read, by its code."""

NEWSPAPER_NAMES: ContextVar[Callable[[], Mapping[str, Sequence[str]]]] = ContextVar(
    "newspaper_names", default=dict
)
"""Reads the names of each newspaper of the archive that pages are made of, by its name."""

CATALOGUES = Path(__file__).parents[1] / "web" / "locales"

_SPACED_PERCENT = re.compile(r"(?<=\d) %")

WORDED = 2**14
"""Numbers, and days, whose words are cached."""


def language_of(text: str) -> str:
    """Return the code of the language that a text is written in, by its script."""
    written = (code for code, script in SCRIPTS.items() if script.fullmatch(text))
    return next(written, next(iter(LANGUAGES)))


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its catalogue, and its way to write numbers and days."""

    code: str
    catalogue: gettext.NullTranslations

    @property
    def locale(self) -> Locale:
        """The locale of Babel."""
        return _locale(self.code)

    @property
    def dash(self) -> str:
        """What stands between the ends of a range."""
        return "~" if self.code == "ko" else "–"

    @property
    def between(self) -> str:
        """What stands between the ends of a period."""
        return self.dash if self.code == "ko" else f" {self.dash} "

    def text(self, message: str, **values: Any) -> str:
        """Return a message in this language, with ``%(name)s`` replaced by values."""
        translated = self.catalogue.gettext(message)
        return self.finished(translated % values if values else translated)

    def say(self, message: str) -> str:
        """Return a sentence of the program in this language, as far as the catalogue has it."""
        if not isinstance(message, Message):
            return self.newspaper(self.catalogue.gettext(message)) if message else message
        if not message.values:
            return self.catalogue.gettext(message)
        values = {
            name: self._say_value(name, value) if isinstance(value, str) else value
            for name, value in message.values.items()
        }
        return self.finished(self.catalogue.gettext(message.template) % values)

    def _say_value(self, name: str, value: str) -> str:
        if name == "country":
            return country_name(value, language=self.code)
        if _DAYS.fullmatch(value):
            first, _, last = value.partition("/")
            return self.days(first, last or first)
        if name == "languages":
            return ", ".join(language_name(one, language=self.code) for one in value.split(", "))
        return self.say(value)

    def newspaper(self, name: str) -> str:
        """Return the name of a newspaper in the script of this language, where it has one there."""
        script = SCRIPTS[self.code]
        if script.fullmatch(name):
            return name
        return next(filter(script.fullmatch, NEWSPAPER_NAMES.get()().get(name, ())), name)

    def newspapers(self) -> dict[str, str]:
        """Return the names of newspapers that readers of this language read in another script."""
        names = {name: self.newspaper(name) for name in NEWSPAPER_NAMES.get()()}
        return {name: shown for name, shown in names.items() if name != shown}

    def plural(self, one: str, many: str, n: int, **values: Any) -> str:
        """Return one of two messages in this language; ``%(n)s`` is the localised number."""
        text = self.catalogue.ngettext(one, many, n) % {"n": self.number(n), **values}
        return self.finished(text)

    @property
    def has_particles(self) -> bool:
        """Whether words follow what is filled in, as particles of Korean do."""
        return self.code == "ko"

    def finished(self, text: str) -> str:
        """Return a text, of the same type, whose words and percent signs follow its values."""
        if not self.has_particles:
            return text
        return type(text)(_SPACED_PERCENT.sub("%", with_particles(text)))

    def number(self, value: float | None, digits: int = 1) -> str:
        """Return a number with at most some decimal digits; a dash for None."""
        if value is None:
            return "–"
        form = "#,##0" + ("." + "#" * digits if digits else "")
        return _number(to_digits(value, digits), form, self.code)

    def percent(self, value: float | None) -> str:
        """Return a share, 0–1, in percent; a dash for None."""
        if value is None:
            return "–"
        return _number(share_digits(value), "#,##0.#%", self.code)

    def interval(
        self, bounds: tuple[float, float] | list[float] | None, *, share: bool = True
    ) -> str:
        """Return an interval, "24–41%" for instance; "" for None."""
        if bounds is None:
            return ""
        low, high = (self.percent(b) if share else self.number(b, 2) for b in bounds)
        return f"{low.removesuffix('%') if share else low}{self.dash}{high}"

    def day(self, value: date | datetime | str | None, form: str = "long") -> str:
        """Return a day: "16 December 2025"; ``form`` is one of Babel's, or a pattern of its own.

        Args:
            value: A day, or its ISO form; None gives a dash.
            form: short, medium, long, full, ``month`` ("December 2025"), ``weekday`` or a pattern.
        """
        if value is None:
            return "–"
        day = date.fromisoformat(value[:10]) if isinstance(value, str) else value
        return _day(day, form, self._dates)

    def days(self, first: date | str | None, last: date | str | None, form: str = "long") -> str:
        """Return a period by its first and last day, which may be one; see ``day``."""
        return self.between.join(dict.fromkeys((self.day(first, form), self.day(last, form))))

    def time(self, value: datetime | str | None) -> str:
        """Return a moment to the minute, in UTC; a dash for None."""
        if value is None:
            return "–"
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        both = str(dates.get_datetime_format("medium", locale=self._dates))
        day = dates.format_date(moment, format="medium", locale=self._dates)
        return both.replace("'", "").format(
            dates.format_time(moment, format="HH:mm", locale=self._dates), day
        )

    @property
    def _dates(self) -> Locale:
        # "16 December 2025", not "December 16, 2025": the days of newspapers, not of one country.
        return _locale("en", "GB") if self.code == "en" else self.locale


# A page writes hundreds of numbers and days, others write the same ones: Babel takes 0.1 ms each.
_locale = cache(Locale)


@lru_cache(WORDED)
def _number(value: Decimal, pattern: str, code: str) -> str:
    return numbers.format_decimal(value, format=pattern, locale=_locale(code))


@lru_cache(WORDED)
def _day(day: date, form: str, locale: Locale) -> str:
    if form == "month":
        return dates.format_skeleton("yMMMM", day, locale=locale)
    return dates.format_date(day, format="EEEE" if form == "weekday" else form, locale=locale)


@cache
def language(code: str) -> Language:
    """Return the language of a code of ``LANGUAGES``; its catalogue is compiled in memory."""
    source = CATALOGUES / code / "LC_MESSAGES" / "presslens.po"
    if not source.is_file():
        return Language(code, gettext.NullTranslations())
    with source.open("rb") as file:
        catalogue = read_po(file, locale=code)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Language(code, gettext.GNUTranslations(compiled))


def choose_language(chosen: str | None, cookies: Mapping[str, str], accepted: str) -> str:
    """Return the code of the language to answer in.

    Args:
        chosen: The language that the address names.
        cookies: The cookies of the request; ``presslens_lang`` is the reader's choice.
        accepted: The Accept-Language header.
    """
    for code in (chosen, cookies.get("presslens_lang")):
        if code in LANGUAGES:
            return str(code)
    return negotiate_locale(_preferred(accepted), list(LANGUAGES), sep="-") or "en"


def _preferred(accepted: str) -> list[str]:
    """Return the languages of an Accept-Language header, the most wanted first, by RFC 9110."""
    accepted_codes = []
    for part in accepted.split(","):
        name, _, quality = part.partition(";")
        match = re.fullmatch(r"\s*q=([01](?:\.\d{0,3})?)\s*", quality)
        accepted_codes.append((float(match[1]) if match else 1.0, name.strip()))
    accepted_codes.sort(key=lambda one: -one[0])
    return [name for quality, name in accepted_codes if quality > 0]
