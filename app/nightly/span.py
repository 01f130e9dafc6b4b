"""Which outcomes are of a night, whichever worker stored them, and how many there are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select

from presslens.app.db.columns import Status
from presslens.app.db.tables import EditionRow, OutcomeRow, PageRow
from presslens.app.installation import Installation
from presslens.app.services.ingest.retry import REFUSED


@dataclass(frozen=True, slots=True)
class NightSpan:
    """The outcomes that were stored since a night began."""

    since: datetime  # when it began; where earlier nights did not end, when the first of them began
    after: int  # the greatest id of the outcomes before; 0: there were none
    after_page: int  # the greatest id of the pages before; 0: there were none

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
        unended: When the first of the nights before began that did not end; None: all did.
    """
    latest, latest_page = select(func.max(OutcomeRow.id)), select(func.max(PageRow.id))
    if unended is not None:
        latest = latest.where(OutcomeRow.seen_at < unended)
        latest_page = latest_page.join(EditionRow).where(EditionRow.unpacked_at < unended)
    with home.database.read() as session:
        after, after_page = session.scalar(latest) or 0, session.scalar(latest_page) or 0
    return NightSpan(now if unended is None else min(now, unended), after, after_page)


def count_outcomes(home: Installation, span: NightSpan, *, quick: bool = False) -> dict[str, int]:
    """Return how many pages have each outcome, those that could not be unpacked among them.

    Args:
        span: Which outcomes count.
        quick: Ask by ids alone, for whoever asks again and again.
    """
    query = (
        select(OutcomeRow.status, func.count())
        .filter_by(observation_id=home.recipe.observation_id)
        .where(span.follows() if quick else span.holds())
        .group_by(OutcomeRow.status)
    )
    counts: Counter[str] = Counter()
    with home.database.read() as session:
        for status, pages in session.execute(query):
            counts[status.value] += pages
        for refused, _, pages in session.execute(_not_unpacked(span)):
            if refused is not None:
                counts[refused.value] += pages
    return dict(sorted(counts.items()))


def count_causes(home: Installation, span: NightSpan) -> dict[str, int]:
    """Return how many pages could not be analysed, by cause, most frequent first.

    The cause is the category of a failure, or the reason of a rejection.
    """
    cause = func.coalesce(OutcomeRow.category, OutcomeRow.reason)
    query = (
        select(cause, func.count())
        .filter_by(observation_id=home.recipe.observation_id)
        .where(span.holds(), OutcomeRow.reason.is_not(None))
        .group_by(cause)
    )
    counts: Counter[str] = Counter()
    with home.database.read() as session:
        for one, pages in session.execute(query):
            counts[str(one)] += pages
        for _, reason, pages in session.execute(_not_unpacked(span)):
            counts[str(reason)] += pages
    return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))


def _not_unpacked(span: NightSpan) -> Select[Status | None, str | None, int]:
    """Return the query of the pages whose files could not be unpacked, by outcome and reason."""
    return (
        select(PageRow.status, PageRow.reason, func.count())
        .where(PageRow.id > span.after_page, PageRow.scan_id.is_(None))
        .where(PageRow.status.in_(REFUSED))
        .group_by(PageRow.status, PageRow.reason)
    )
