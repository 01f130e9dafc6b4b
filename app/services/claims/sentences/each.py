"""A sentence that asks of several days or things, as one sentence for each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

from presslens.app.services.claims.sentences.days import NamedDays, find_days
from presslens.app.services.claims.sentences.periods import BETWEEN, IN_A_ROW, SentencePart
from presslens.app.services.claims.sentences.reading import SentenceReading
from presslens.app.services.claims.sentences.vocabulary import Vocabulary

MOST = 12
"""Sentences that one is parted into at most."""

_DAY = re.compile(r"(?<!\d)\d{1,2}(?=\D|$)")

_STEM = re.compile(r"(?<!\w)(?:[a-z]{4}|[가-힣]{2})", re.IGNORECASE)

Stretch = tuple[int, int, Sequence[str]]
"""Where a sentence names several things one after the other, and a text for each."""


def sentences_of_each(
    reading: SentenceReading, at_hand: Sequence[date], day_words: Callable[[date], str]
) -> list[str]:
    """Return one sentence for each of the days and things that a sentence names side by side.

    None where it names one alone; those that are returned need not be understood.

    Args:
        at_hand: The days of the editions at hand, in order; at least one.
        day_words: Writes a day as a sentence names it.
    """
    sentences = [reading.text]
    stretches = [*_days(reading, at_hand, day_words), *_things(reading)]
    for start, end, texts in sorted(stretches, reverse=True):
        sentences = [one[:start] + text + one[end:] for text in texts for one in sentences]
    return sentences[:MOST] if len(sentences) > 1 else []


def sentences_since(
    reading: SentenceReading,
    events: Iterable[tuple[date, str]],
    day_words: Callable[[date], str],
    words: Vocabulary,
) -> list[str]:
    """Return a sentence with its day for each event that a sentence seems to name after "since".

    Args:
        events: Their days and titles.
        day_words: Writes a day as a sentence names it.
        words: Those of its language.
    """
    bounds = [one for one in reading.parts if one.kind == "unknown" and one.value in IN_A_ROW]
    if len(bounds) != 1:
        return []
    text, bound = reading.text, bounds[0]
    before, after = text[: bound.start], text[bound.end :]
    named = _stems(before if words.bounds_follow else after)
    days = dict.fromkeys(
        day for day, title in events if len(named & _stems(title)) >= min(2, len(named) or 2)
    )
    if words.bounds_follow:
        return [f"{day_words(day)}{text[bound.start :]}" for day in days][:MOST]
    return [f"{text[: bound.end]} {day_words(day)}?" for day in days][:MOST]


def _stems(text: str) -> set[str]:
    """Return the beginnings of the words that say something."""
    return {one.lower() for one in _STEM.findall(text)}


def _side_by_side(parts: Sequence[SentencePart], kind: str) -> list[SentencePart]:
    """Return the parts of a kind that nothing but fillers and "or" stands between."""
    places = [i for i, one in enumerate(parts) if one.kind == kind]
    between = [parts[i] for at, to in pairwise(places) for i in range(at + 1, to)]
    near = all(
        one.kind in BETWEEN or (one.kind, one.value) == ("refused", "two") for one in between
    )
    return [parts[i] for i in places] if near else []


def _days(
    reading: SentenceReading, at_hand: Sequence[date], day_words: Callable[[date], str]
) -> Iterator[Stretch]:
    named = _side_by_side(reading.parts, "when")
    days: list[date] = []
    like: NamedDays | None = None
    for part in named:
        if not isinstance(part.value, NamedDays):
            return
        numbers = _numbers(reading.text[part.start : part.end]) if part.value.apart else [None]
        for number in numbers:
            one = part.value if number is None else _day_of(part.value, number)
            span = find_days(one, at_hand, like)
            if span is None or span[0] != span[1]:
                return
            days.append(span[0])
            like = one if one.month else like
    if len(days) > 1:
        yield named[0].start, named[-1].end, [day_words(one) for one in dict.fromkeys(days)]


def _numbers(text: str) -> list[int]:
    return [int(one[0]) for one in _DAY.finditer(text)]


def _day_of(named: NamedDays, number: int) -> NamedDays:
    return replace(named, first=number, last=number, apart=False, ranged=False)


def _things(reading: SentenceReading) -> Iterator[Stretch]:
    named = _side_by_side(reading.parts, "about")
    texts = {one.value: reading.text[one.start : one.end] for one in named}
    if len(texts) > 1:
        yield named[0].start, named[-1].end, [*texts.values()]
