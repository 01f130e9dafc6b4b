"""The days that are asked about in a sentence, and those that they are compared with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from presslens.app.services.claims.sentences.days import (
    DAY,
    END,
    HALF,
    WEEK,
    NamedDays,
    find_days,
    month_before,
    year_before,
)
from presslens.app.services.claims.sentences.question import Problem
from presslens.app.services.claims.sentences.vocabulary import Vocabulary
from presslens.models.message import Message

Span = tuple[date, date]
"""The first and the last of some days."""

OTHER = ("other", "other_until")
"""Bounds of days that others are compared with; the second one ends days that begin before it."""

IN_A_ROW = ("after", "since", "between", "until", "before")
"""Bounds that days in a row begin or end with."""

AROUND, WEEK_FROM = "around", "week_from"
"""Shifts of days to those on both sides of them, or to a week; another is a number of days."""

NEAR = 3 * DAY
"""How far days reach that lie around others."""

NO_SUCH_DAY = Message("there is no such day")
ONE_DAY = Message("ask of one day at a time, or of days in a row")

BETWEEN = ("", "fillers", "amount")
"""Kinds of parts that keep none apart."""


@dataclass(frozen=True, slots=True)
class SentencePart:
    """A piece of the sentence, and what it says; ``kind`` is "" of what stands between."""

    start: int
    end: int
    kind: str
    value: Any = None
    unit: str | None = None  # of a number: the metric that its counter counts


@dataclass(frozen=True, slots=True)
class NamedArchive:
    """What a sentence may name: newspapers, the days of one, figures and labels."""

    publication: str  # the newspaper that is meant where none is named
    days: Sequence[date]  # of its editions, in order
    # Other words: text, kind ("about", "publication") and value of each.
    names: Sequence[tuple[str, str, str]] = ()


class SentenceDays:
    """The parts of a sentence, of which those that name days are put together."""

    def __init__(
        self, text: str, parts: tuple[SentencePart, ...], archive: NamedArchive, words: Vocabulary
    ) -> None:
        self.text = text
        self.parts = list(parts)
        self.archive = archive
        self.words = words
        self.problems: list[Problem] = []
        self.notes: list[Message] = []

    def of(self, *kinds: str) -> list[Any]:
        """Return the values of the parts of some kinds, each once, in their order."""
        return list(dict.fromkeys(part.value for part in self.parts if part.kind in kinds))

    def days(self) -> tuple[Span | None, Span | None]:
        """Return the days that are asked about, and those that they are compared with."""
        at_hand = self.archive.days
        if not at_hand:
            self.problems.append(("from", Message("no edition is at hand")))
            return None, None
        spans = self._spans(at_hand)
        if spans is None:
            return None, None
        self.notes = list(dict.fromkeys(self.notes))
        if not spans:
            latest = at_hand[-1], at_hand[-1]
            if {"any", "each"} & set(self.of("over")) or "day" in self.of("refused"):
                every = at_hand[0], at_hand[-1]
                every_day = Message(
                    "no day is named: all days at hand, %(iso_days)s", iso_days=_iso(every)
                )
                self.notes.append(every_day)
                return every, None
            day = _iso(latest)
            note = Message("no day is named: the latest edition, of %(iso_days)s", iso_days=day)
            if "unknown" in {part.kind for part in self.parts}:
                note = Message(
                    "no day is understood: the latest edition, of %(iso_days)s", iso_days=day
                )
            self.notes.append(note)
            return latest, None
        asked, other = self._parted(spans)
        if not asked:
            self.problems.append(("from", Message("name the days that are asked about, too")))
            return None, self._joined(other)
        days, others = self._joined(asked), self._joined(other) if other else None
        begins_open = len(asked) == 1 and asked[0][0] in ("before", "until")
        if days and others and begins_open and days[0] <= others[1] < days[1]:
            self.notes.append(Message("the days asked about begin after those compared with"))
            days = others[1] + DAY, days[1]
        return days, others

    def _spans(self, at_hand: Sequence[date]) -> list[tuple[str | None, Span]] | None:
        """Return the days that are named, with the words that bound them; None: one is wrong."""
        spans: list[tuple[str | None, Span]] = []
        like: NamedDays | None = None
        bounded = list(self._bounded())
        # What is the month before hangs on the days that it is compared with.
        bounded.sort(key=lambda one: self._is_before(*one))
        for at, part, shift in bounded:
            bound = None if at is None else self.parts[at].value
            named: NamedDays | None = part.value
            if named is None:
                self.problems.append(("from", NO_SUCH_DAY))
                return None
            stated = named = named.dated(at_hand[-1].year)
            if named.apart and bound != "between":
                self.problems.append(("from", ONE_DAY))
                return None
            is_bound = named.middle and bound in IN_A_ROW
            if is_bound:
                named = replace(named, first=HALF, last=HALF)
            named = _of_month(named, like)
            before = bool(spans) and named is stated and self._is_before(at, part, shift)
            span = _before(spans[0], named) if before else find_days(named, at_hand, like)
            if span is None:
                self.problems.append(("from", NO_SUCH_DAY))
                return None
            if shift is not None:
                span = _shifted(span, self.parts[shift].value)
            if named.month is not None and named.year is None:
                self.notes.append(
                    Message("no year is named: %(year)s, the nearest", year=str(span[0].year))
                )
            if is_bound or named.is_whole_month or named.is_loose or shift is not None or before:
                ends = [part] if shift is None else sorted((part, self.parts[shift]), key=_start)
                words, read_as = self.text[ends[0].start : ends[-1].end], _iso(span)
                note = Message("“%(words)s” is read as %(iso_days)s", words=words, iso_days=read_as)
                self.notes.append(note)
            elif named.latest and named.back > 1:
                note = Message(
                    "“%(words)s” is read as %(iso_days)s, the last week at hand",
                    words=self.text[part.start : part.end],
                    iso_days=_iso(span),
                )
                self.notes.append(note)
            like = named if named.month else like
            spans.append((None if named.ranged and bound not in OTHER else bound, span))
        return spans

    def _is_before(self, at: int | None, part: SentencePart, shift: int | None) -> bool:
        """Return whether days are those before the ones compared with: "than last month"."""
        named = part.value
        if at is None or shift is not None or named is None or self.parts[at].value not in OTHER:
            return False
        if named.is_whole_month:
            return not named.latest
        return bool(named.latest and named.back > 1) or (
            named.years_ago == 1 and named.month is None
        )

    def _parted(
        self, spans: list[tuple[str | None, Span]]
    ) -> tuple[list[tuple[str | None, Span]], list[tuple[str | None, Span]]]:
        """Return the days that are asked about, and those that a word compares them with."""
        relations = self.of("relation")
        at = next((i for i, (bound, _) in enumerate(spans) if bound in OTHER), None)
        if at is None and len(spans) == 2 and spans[0][0] == "between" and "differs" in relations:
            return [(None, spans[1][1])], [(None, spans[0][1])]
        if at is None:
            apart = len(spans) == 2 and spans[0][0] is None and "differs" in relations
            apart = apart and spans[1][0] in (None, "since") and not self.of("number", "part")
            return (spans[:1], [(None, spans[1][1])]) if apart else (spans, [])
        start = at - (spans[at][0] == "other_until")
        end = at + 1 if self.words.bounds_follow or at == 0 else len(spans)
        other = [(None if bound in OTHER else bound, days) for bound, days in spans[start:end]]
        return spans[:start] + spans[end:], other

    def _bounded(self) -> Iterator[tuple[int | None, SentencePart, int | None]]:
        """Yield the parts that name days, each with the places of its bound and of its shift.

        A shift that stands alone, as in "than in the week before", is one of the days before it.
        """
        step = 1 if self.words.bounds_follow else -1
        named, shifts = None, set()
        for i, part in enumerate(self.parts):
            if part.kind == "when":
                shift = self._next_to(i, step, "shift", ("",))
                shifts.add(shift)
                named = part
                yield self._bound_of(i if shift is None else shift), part, shift
            elif part.kind == "shift" and named and i not in shifts and self._stands_alone(i):
                yield self._bound_of(i), replace(named, start=part.start, end=part.end), i

    def _stands_alone(self, place: int) -> bool:
        """Return whether a shift may be one of days that are named elsewhere."""
        step = -1 if self.words.bounds_follow else 1
        beside = self._next_to(place, step, "when", ("",))
        return beside is None and self.parts[place].value not in (AROUND, WEEK_FROM)

    def _bound_of(self, place: int) -> int | None:
        """Return the place of the word that bounds the days at a place; None: none does."""
        at = self._next_to(place, 1 if self.words.bounds_follow else -1, "bound", BETWEEN)
        if at is None:
            return None
        between = self.parts[min(at, place) + 1 : max(at, place)]
        near = all(one.kind == "" for one in between)
        return at if near or self.parts[at].value != "versus" else None

    def _next_to(self, place: int, step: int, kind: str, between: Sequence[str]) -> int | None:
        """Return the place of the next part in a direction if it is of a kind; else None."""
        at = place + step
        while 0 <= at < len(self.parts) and self.parts[at].kind in between:
            at += step
        return at if 0 <= at < len(self.parts) and self.parts[at].kind == kind else None

    def _joined(self, spans: Sequence[tuple[str | None, Span]]) -> Span | None:
        start, end = self.archive.days[0], self.archive.days[-1]
        (bound, (first, last)), *others = spans
        if not others:
            match bound:
                case "after":
                    return last + DAY, max(end, last + DAY)
                case "since" | "versus":
                    return first, max(end, last)
                case "before":
                    return min(start, first - DAY), first - DAY
                case "until":
                    return min(start, first), last
            return first, last
        to, (_, until) = others[0]
        if len(others) > 1 or not _are_in_a_row(*spans) or "versus" in (bound, to):
            self.problems.append(("from", Message("name days in a row, or two periods")))
            return None
        return (last + DAY if bound == "after" else first), (
            others[0][1][0] - DAY if to == "before" else until
        )


def _of_month(named: NamedDays, like: NamedDays | None) -> NamedDays:
    """Return the last week of a month where one is named: "in its first week … in the last"."""
    weeks = named.latest and like and like.last - like.first == WEEK - 1
    return replace(like, first=0, last=END) if like and weeks else named


def _before(asked: tuple[str | None, Span], named: NamedDays) -> Span:
    """Return the month or the week before some days, or the same days of the year before."""
    bound, (first, last) = asked
    if named.years_ago is None:
        return month_before(first) if named.is_whole_month else (first - WEEK * DAY, first - DAY)
    if bound is not None:
        return date(first.year - 1, 1, 1), date(first.year, 1, 1) - DAY
    ends = (last + DAY).day == 1  # of a month, which may be longer
    until = year_before(last + DAY) - DAY if ends else year_before(last)
    return year_before(first), until


def _start(part: SentencePart) -> int:
    return part.start


def _shifted(span: Span, shift: str) -> Span:
    """Return the days before, after or around some days."""
    first, last = span
    if shift == AROUND:
        return first - NEAR, last + NEAR
    if shift == WEEK_FROM:
        return first, first + (WEEK - 1) * DAY
    days = int(shift) * DAY
    return (first + days, first - DAY) if int(shift) < 0 else (last + DAY, last + days)


def _iso(span: Span) -> str:
    """Return days as ISO 8601 writes them: the first and the last, or the only one."""
    return "/".join(dict.fromkeys(map(str, span)))


def _are_in_a_row(one: tuple[str | None, Span], other: tuple[str | None, Span]) -> bool:
    """Return whether two named days are the first and the last of a period."""
    (bound, (first, last)), (to, (_, until)) = one, other
    begins = bound in IN_A_ROW or to in ("between", "until", "before")
    return until >= first and (until == last + DAY or begins)
