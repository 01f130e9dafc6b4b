"""The words of sentences about editions: a table a language, compiled once."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

KINDS = (
    "shift", "bound", "against", "over", "instead", "relation", "focus", "page", "about", "weak",
    "refused", "amount", "fillers",
)  # fmt: skip
"""The tables of phrases; of two that match equally much, that of the first table counts."""


FIGURES = r"(?:\d{1,3}(?:,\d{3}){1,3}(?![\d,])|\d{1,12}(?!\d))(?:\.\d{1,9})?(?!\d)"
"""A number that a rule can say: commas part thousands alone."""

_UNCLEAR = r"(?!\d*[1-9]\d*\.\d{3}(?!\d))(?<!\s-)"
"""What a number of a sentence is not: 1.000, which may be 1 or 1,000, or below 0."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A regular expression, and what it stands for."""

    pattern: re.Pattern[str]
    kind: str
    value: Any


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of a language."""

    phrases: tuple[Phrase, ...]
    months: tuple[re.Pattern[str], ...]  # January first
    ordinals: tuple[re.Pattern[str], ...]  # first, second, …; the last one is "last"
    thirds: tuple[re.Pattern[str], ...]  # of a month: early, middle, late
    blank: str  # what a blank stands for, as a regular expression
    ends: str  # what follows a phrase, as a regular expression
    particles: re.Pattern[str]
    bounds_follow: bool  # "12월 17일 이후", where English says "after 17 December"
    units: Mapping[str, str]  # what a counter counts: a metric

    def named(self, names: Sequence[tuple[str, str, Any]]) -> Sequence[Phrase]:
        """Return phrases of names: text, kind and value of each; letter case is ignored."""
        return [
            Phrase(_compiled(_spaced(escaped, self.blank) + self.ends), kind, value)
            for text, kind, value in names
            if (escaped := re.escape(text.strip()).replace(r"\ ", " "))
        ]

    def parts_of(self, names: Sequence[tuple[str, str, Any]]) -> Iterator[tuple[str, str, Any]]:
        """Yield the words that one name alone has, and that mean nothing else, as its names."""
        parts = [(part, *one[1:]) for one in names for part in name_parts(one[0])]
        counted = Counter(part for part, *_ in parts)
        for one in parts:
            known = any(phrase.pattern.fullmatch(one[0]) for phrase in self.phrases)
            if counted[one[0]] == 1 and not known:
                yield one


def name_parts(name: str) -> list[str]:
    """Return the words of a name that has several, in lower case."""
    parts = name.lower().split()
    return parts if len(parts) > 1 else []


def place_of(patterns: Sequence[re.Pattern[str]], text: str) -> int | None:
    """Return which of some patterns a text is, from 0; None: none of them."""
    return next((i for i, one in enumerate(patterns) if one.fullmatch(text.strip())), None)


@cache
def vocabulary(code: str) -> Vocabulary:
    """Return the words of a language, ``en`` or ``ko``."""
    table = tomllib.loads(Path(__file__).with_name(f"{code}.toml").read_text("utf-8"))
    blank, ends = table["blank"], table["ends"]

    def patterns(name: str) -> tuple[re.Pattern[str], ...]:
        return tuple(_compiled(_spaced(text, blank)) for text in table[name])

    return Vocabulary(
        tuple(_phrases(table, blank, ends)),
        patterns("months"),
        patterns("ordinals"),
        patterns("thirds"),
        blank,
        ends,
        _compiled(table["particles"]) if table["particles"] else re.compile(r"(?!)"),
        table["bounds_follow"],
        table["units"],
    )


def _phrases(table: dict[str, Any], blank: str, ends: str) -> Iterator[Phrase]:
    sign, count = table["percent"]["sign"], table["percent"]["count"]
    numbers = {**table["numbers"], **table["parts"]}
    groups = {
        "{month}": "|".join(table["months"]),
        "{ordinal}": "|".join(table["ordinals"]),
        "{third}": "|".join(table["thirds"]),
        "{number}": rf"\d|(?:{'|'.join(numbers)})\b",
        "{part}": "|".join(table["parts"]),
        "{year}": table["year"],
    }

    def compiled(text: str) -> re.Pattern[str]:
        for name, words in groups.items():
            text = text.replace(name, f"(?:{words})")
        return _compiled(f"(?:{_spaced(text, blank)}){ends}")

    for text in table["when"]:
        yield Phrase(compiled(text), "when", None)
    for text, day in table["fixed_days"].items():
        named = f"(?:{text})"
        dated = f"{{year}}{named}" if table["bounds_follow"] else f"{named}{{year}}"
        yield Phrase(compiled(dated), "when", day)
    for kind in KINDS:
        for value, texts in table[kind].items():
            for text in texts:
                yield Phrase(compiled(text), kind, value)
    figures = rf"{_UNCLEAR}(?P<figures>{FIGURES})(?:(?P<percent>{sign})|{count})"
    yield Phrase(compiled(figures), "number", None)
    for text, value in table["numbers"].items():
        yield Phrase(compiled(f"(?:{text})(?:(?P<percent>{sign})|{count})"), "number", value)
    for text, value in table["parts"].items():
        yield Phrase(compiled(text), "part", value)


def _spaced(text: str, blank: str) -> str:
    """Return a pattern in which a blank is any space, or what else stands for it."""
    return text.replace(" ?", r"\s*").replace(" ", blank)


def _compiled(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)
