"""Which outcomes are of a night, whichever worker stored them, and how many there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from app.db.tables import OutcomeRow
from app.installation import Installation


@dataclass(frozen=True, slots=True)
class NightSpan:
    """The outcomes that were stored since a night began.

    Attributes:
        since: When it began; where earlier nights did not end, when the first of them began.
        after: The greatest id of the outcomes before; 0: there were none.
    """

    since: datetime
    after: int

    def holds(self) -> ColumnElement[bool]:
        """Return the condition that an outcome is of the night.

        A clock may be put back, and SQLite gives the ids of deleted rows anew: time and id
        together leave no page out.
        """
        return (OutcomeRow.seen_at >= self.since) | self.follows()

    def follows(self) -> ColumnElement[bool]:
        """Return the condition that an outcome's id is a later one, which an index answers."""
        return OutcomeRow.id > self.after


def night_span(home: Installation, *, now: datetime, unended: datetime | None = None) -> NightSpan:
    """Return the span of a night that begins.

    Args:
        home: The installation.
        now: The time.
        unended: When the first of the nights before began that did not end; None: all did.
    """
    latest = select(func.max(OutcomeRow.id))
    if unended is not None:
        latest = latest.where(OutcomeRow.seen_at < unended)
    with home.database.read() as session:
        after = session.scalar(latest) or 0
    return NightSpan(now if unended is None else min(now, unended), after)


def count_outcomes(home: Installation, which: ColumnElement[bool]) -> dict[str, int]:
    """Return how many pages have each outcome.

    Args:
        home: The installation.
        which: The condition that an outcome is counted.
    """
    query = (
        select(OutcomeRow.status, func.count())
        .filter_by(observation_id=home.recipe.observation_id)
        .where(which)
        .group_by(OutcomeRow.status)
        .order_by(OutcomeRow.status)
    )
    with home.database.read() as session:
        return {status.value: pages for status, pages in session.execute(query)}


def count_causes(home: Installation, which: ColumnElement[bool]) -> dict[str, int]:
    """Return how many pages could not be analysed, by cause, most frequent first.

    The cause is the category of a failure, or the reason of a rejection.
    """
    count = func.count()
    cause = func.coalesce(OutcomeRow.category, OutcomeRow.reason)
    query = (
        select(cause, count)
        .filter_by(observation_id=home.recipe.observation_id)
        .where(which, OutcomeRow.reason.is_not(None))
        .group_by(cause)
        .order_by(count.desc(), cause)
    )
    with home.database.read() as session:
        return {str(one): pages for one, pages in session.execute(query)}
