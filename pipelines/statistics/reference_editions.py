"""Which previous editions an edition is held against, and which days and editions are left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from pipelines.statistics.metrics import EditionMetrics

FEWEST_FOR_RHYTHM = 7
"""With fewer editions than days of the week nobody knows on which of them a newspaper appears."""

REGULAR = 0.5
"""A newspaper appears on a weekday that has this share of the editions of its busiest one."""


class MatchCriterion(StrEnum):
    """In what a previous edition must be like the one that is held against it."""

    PAGES = "pages"
    WEEKDAY = "weekday"


@dataclass(frozen=True, slots=True)
class Excluded:
    """An edition that is not used, and why: "partial", "superseded", "waiting" or "incomplete"."""

    id: int
    date: date
    reason: str


@dataclass(frozen=True, slots=True)
class ReferenceEditions:
    """What an edition is held against.

    Attributes:
        used: The editions of the baseline, newest first.
        known: All previous editions, one a day, newest first; places in it are "editions ago".
        excluded: Editions between the first of the baseline and the edition that are not used.
        missing: Days between them on which an edition was to be expected and none is there.
        rhythm: Weekdays on which the newspaper appears, Monday is 1 and Sunday 7; empty if there
            are too few editions to tell, and then no day counts as missing.
    """

    used: tuple[EditionMetrics, ...]
    known: tuple[EditionMetrics, ...]
    excluded: tuple[Excluded, ...]
    missing: tuple[date, ...]
    rhythm: tuple[int, ...]


def choose_reference_editions(
    edition: EditionMetrics,
    editions: Iterable[EditionMetrics],
    *,
    n: int,
    match: frozenset[MatchCriterion] = frozenset(),
    left_out: Sequence[Excluded] = (),
) -> ReferenceEditions:
    """Choose the baseline of an edition: the last n complete editions of its newspaper before it.

    Args:
        edition: What is held against them.
        editions: Others, in any order; those of other newspapers and later ones are passed over.
        n: At most so many are used.
        match: In what they must be like the edition.
        left_out: Editions that are known to be there but have no facts.
    """
    before = [
        one
        for one in editions
        if one.publication == edition.publication and one.date < edition.date
    ]
    before.sort(key=lambda one: (one.date, one.id), reverse=True)
    known, superseded = _one_a_day(before)
    alike = [one for one in known if _is_like(one, edition, match)]
    used = [one for one in alike if one.pages_seen == one.pages][:n]
    start = used[-1].date if used else edition.date
    partial = [one for one in alike if one.pages_seen != one.pages]
    excluded = [
        *(Excluded(one.id, one.date, "partial") for one in partial),
        *(Excluded(one.id, one.date, "superseded") for one in superseded),
        *left_out,
    ]
    within = [one for one in excluded if start <= one.date < edition.date]
    there = {one.date for one in known} | {one.date for one in left_out}
    days = {day for day in there if start <= day < edition.date}
    rhythm = appears_on(days)
    return ReferenceEditions(
        used=tuple(used),
        known=tuple(known),
        excluded=tuple(sorted(within, key=lambda one: (one.date, one.id), reverse=True)),
        missing=missing_days(days, start, edition.date, rhythm),
        rhythm=rhythm,
    )


def appears_on(days: Iterable[date]) -> tuple[int, ...]:
    """Return the weekdays on which a newspaper appears, told from the days of its editions.

    It appears on those that have at least half as many editions as its busiest weekday. That is
    held against the busiest weekday and not against the calendar, so that an archive with gaps of
    whole months still tells its rhythm.

    Returns:
        Monday is 1 and Sunday 7; none with fewer than seven editions.
    """
    counts = Counter(day.isoweekday() for day in set(days))
    if counts.total() < FEWEST_FOR_RHYTHM:
        return ()
    least = REGULAR * max(counts.values())
    return tuple(sorted(weekday for weekday, count in counts.items() if count >= least))


def missing_days(
    days: Iterable[date], first: date, end: date, rhythm: Sequence[int]
) -> tuple[date, ...]:
    """Return the days, newest first, on which an edition was to be expected and none is there.

    Args:
        days: Of the editions that are there.
        first: The first day that is looked at.
        end: The first day after those.
        rhythm: From ``appears_on``.
    """
    there = set(days)
    span = (end - timedelta(i) for i in range(1, (end - first).days + 1))
    return tuple(day for day in span if day.isoweekday() in rhythm and day not in there)


def _one_a_day(
    newest_first: Sequence[EditionMetrics],
) -> tuple[list[EditionMetrics], list[EditionMetrics]]:
    kept: dict[date, EditionMetrics] = {}
    others = []
    for one in newest_first:
        if one.date in kept:
            others.append(one)
        else:
            kept[one.date] = one
    return list(kept.values()), others


def _is_like(
    one: EditionMetrics, edition: EditionMetrics, match: frozenset[MatchCriterion]
) -> bool:
    if MatchCriterion.PAGES in match and one.pages != edition.pages:
        return False
    return MatchCriterion.WEEKDAY not in match or one.date.weekday() == edition.date.weekday()
