"""Chooses the reference editions of a baseline; lists missing days and excluded editions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from statistics import median

from presslens.pipelines.statistics.metrics import EditionMetrics

MOST_REFERENCES = 60
"""Largest number of earlier editions that say what is usual: two months of a daily."""

FEWEST_REFERENCES = 10
"""Smallest number of earlier editions that say what is usual."""

FEWEST_FOR_RHYTHM = 7
"""Smallest number of editions from which the weekdays of a newspaper are inferred."""

REGULAR = 0.5
"""Smallest share of the editions of the busiest weekday that a weekday of the newspaper has."""


class MatchCriterion(StrEnum):
    """A property in which a previous edition must equal the edition of a baseline."""

    PAGES = "pages"
    WEEKDAY = "weekday"


@dataclass(frozen=True, slots=True)
class Excluded:
    """An excluded edition, and the reason: "partial", "superseded", "waiting" or "incomplete"."""

    id: int
    date: date
    reason: str


@dataclass(frozen=True, slots=True)
class ReferenceEditions:
    """The previous editions that an edition is compared with."""

    used: tuple[EditionMetrics, ...]  # the editions of the baseline, newest first
    # All previous editions, one a day, newest first; indices count "editions ago".
    earlier: tuple[EditionMetrics, ...]
    # Editions between the first of the baseline and the edition that are not used.
    excluded: tuple[Excluded, ...]
    missing: tuple[date, ...]  # days between them whose expected edition is missing
    # Weekdays on which the newspaper appears, Monday is 1 and Sunday 7, as somebody said or as its
    # editions tell; empty if they are too few, and then no day counts as missing.
    rhythm: tuple[int, ...]


def choose_reference_editions(
    edition: EditionMetrics,
    editions: Iterable[EditionMetrics],
    *,
    n: int,
    match: frozenset[MatchCriterion] = frozenset(),
    left_out: Sequence[Excluded] = (),
    weekdays: Sequence[int] = (),
) -> ReferenceEditions:
    """Choose the last n complete editions of the newspaper before an edition.

    Args:
        edition: The edition that is compared with them.
        editions: Others, in any order; those of other newspapers and later ones are skipped.
        n: Largest number of reference editions.
        match: The properties in which they must equal the edition.
        left_out: Editions of the archive without metrics.
        weekdays: Weekdays on which somebody said that it appears; empty: inferred.
    """
    before = [
        one
        for one in editions
        if one.publication == edition.publication and one.date < edition.date
    ]
    before.sort(key=lambda one: (one.date, one.id), reverse=True)
    earlier, superseded = _one_an_issue(before)
    alike = [one for one in earlier if _is_like(one, edition, match)]
    used = [one for one in alike if one.pages_seen == one.pages][:n]
    start = used[-1].date if used else edition.date
    partial = [one for one in alike if one.pages_seen != one.pages]
    excluded = [
        *(Excluded(one.id, one.date, "partial") for one in partial),
        *(Excluded(one.id, one.date, "superseded") for one in superseded),
        *left_out,
    ]
    within = [one for one in excluded if start <= one.date < edition.date]
    dates = {one.date for one in earlier} | {one.date for one in left_out}
    days = {day for day in dates if start <= day < edition.date}
    rhythm = tuple(weekdays) or appears_on(days)
    return ReferenceEditions(
        used=tuple(used),
        earlier=tuple(earlier),
        excluded=tuple(sorted(within, key=lambda one: (one.date, one.id), reverse=True)),
        missing=missing_days(days, start, edition.date, rhythm),
        rhythm=rhythm,
    )


def same_day_editions(
    edition: EditionMetrics, editions: Iterable[EditionMetrics]
) -> tuple[EditionMetrics, ...]:
    """Return the complete editions of a newspaper on the same day of earlier years, newest first.

    Of several of one issue of a day the last one counts.
    """
    before = [
        one
        for one in editions
        if one.publication == edition.publication
        and one.date.year < edition.date.year
        and (one.date.month, one.date.day) == (edition.date.month, edition.date.day)
        and one.pages_seen == one.pages
    ]
    before.sort(key=lambda one: (one.date, one.id), reverse=True)
    return tuple(_one_an_issue(before)[0])


def appears_on(days: Iterable[date]) -> tuple[int, ...]:
    """Return the weekdays on which a newspaper appears, inferred from the days of its editions.

    It appears on those that have at least half as many editions as its busiest weekday. The
    reference is the busiest weekday and not the calendar, so that an archive with gaps of whole
    months still shows its rhythm.

    Returns:
        Monday is 1 and Sunday 7; none with fewer than seven editions.
    """
    counts = Counter(day.isoweekday() for day in set(days))
    if counts.total() < FEWEST_FOR_RHYTHM:
        return ()
    least = REGULAR * max(counts.values())
    return tuple(sorted(weekday for weekday, count in counts.items() if count >= least))


def usual_pages(newest_first: Sequence[int]) -> float | None:
    """Return how many pages an edition usually has: the median; None for too few editions.

    Args:
        newest_first: Pages of a newspaper's editions, the newest first.
    """
    pages = newest_first[:MOST_REFERENCES]
    if len(pages) < FEWEST_REFERENCES:
        return None
    middle = median(pages)
    return int(middle) if middle == int(middle) else middle


def missing_days(
    days: Iterable[date], first: date, end: date, rhythm: Sequence[int]
) -> tuple[date, ...]:
    """Return the days, newest first, whose expected edition is missing.

    Args:
        days: Days of the present editions.
        first: The first day of the search.
        end: The first day after those.
        rhythm: From ``appears_on``.
    """
    present = set(days)
    span = (end - timedelta(i) for i in range(1, (end - first).days + 1))
    return tuple(day for day in span if day.isoweekday() in rhythm and day not in present)


def _one_an_issue(
    newest_first: Sequence[EditionMetrics],
) -> tuple[list[EditionMetrics], list[EditionMetrics]]:
    by_issue: dict[tuple[date, int], EditionMetrics] = {}
    others = []
    for one in newest_first:
        if (one.date, one.issue) in by_issue:
            others.append(one)
        else:
            by_issue[one.date, one.issue] = one
    return list(by_issue.values()), others


def _is_like(
    one: EditionMetrics, edition: EditionMetrics, match: frozenset[MatchCriterion]
) -> bool:
    if MatchCriterion.PAGES in match and one.pages != edition.pages:
        return False
    return MatchCriterion.WEEKDAY not in match or one.date.weekday() == edition.date.weekday()
