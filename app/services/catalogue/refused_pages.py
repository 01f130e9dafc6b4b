"""Pages that could not be analysed, until somebody settles them, and scans that are coarse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import ColumnElement, func, select, update

from presslens.app.db.columns import Status
from presslens.app.db.queries import ANY_EDITION, EditionScope
from presslens.app.db.superseded import superseded_editions
from presslens.app.db.tables import EditionRow, OutcomeRow, PageRow, PublicationRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import NotFound
from presslens.app.services.ingest.retry import REFUSED
from presslens.models.message import Message, join_messages
from presslens.pipelines.counted import counted
from presslens.pipelines.result import Served
from presslens.pipelines.statistics.layout import COARSE_DPI


@dataclass(frozen=True, slots=True)
class RefusedPage(Served):
    """A page that could not be analysed."""

    SERVED: ClassVar[str] = """
        page=id edition=edition_id publication date page_number=number source outcome reason
        category phase
    """

    id: int
    edition_id: int
    publication: str  # the newspaper
    date: date  # the day of the edition
    number: int  # its number in the edition
    source: str  # the file that it was to be read from
    outcome: str  # "rejected" for what the file is, or "failed" for what happened while it was read
    reason: str  # why, as a sentence
    # What went wrong with a page that failed, of ``FailureCategory``; else the reason's word.
    category: str | None = None
    phase: str | None = None  # what was being done when it failed; None: not known

    def sentence(self) -> str:
        """Return which page it is, its file, and why it could not be analysed."""
        return (
            f"{self.publication} {self.date}, page {self.number} (edition {self.edition_id},"
            f" {self.source}): {self.outcome}: {self.reason}"
        )


def refused_pages(home: Installation, scope: EditionScope = ANY_EDITION) -> list[RefusedPage]:
    """Return the refused pages that are not settled, by newspaper, day and number.

    A page is settled by a later upload of its day that could be read, or by ``settle_pages``.
    """
    question = "refused pages", scope
    return home.database.views.in_request(question, lambda: list(_refused(home, scope)))


def _refused(home: Installation, scope: EditionScope) -> Iterator[RefusedPage]:
    recipe = home.recipe
    latest_status = func.coalesce(PageRow.status, OutcomeRow.status)
    of_scan = (OutcomeRow.scan_id == PageRow.scan_id) & (
        OutcomeRow.observation_id == recipe.observation_id
    )
    query = (
        select(
            PageRow.id,
            EditionRow.id,
            PublicationRow.name,
            EditionRow.edition_date,
            PageRow.number,
            PageRow.source,
            latest_status,
            func.coalesce(PageRow.reason, OutcomeRow.reason),
            func.coalesce(PageRow.detail, OutcomeRow.detail),
            func.coalesce(OutcomeRow.category, PageRow.reason, OutcomeRow.reason),
            OutcomeRow.phase,
        )
        .select_from(PageRow)
        .join(EditionRow, EditionRow.id == PageRow.edition_id)
        .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
        .outerjoin(OutcomeRow, of_scan)
        .where(
            latest_status.in_(REFUSED),
            PageRow.settled_at.is_(None),
            EditionRow.id.not_in(superseded_editions(recipe)),
            *scope.conditions(),
        )
        .order_by(PublicationRow.name, EditionRow.edition_date, EditionRow.id, PageRow.number)
    )
    with home.database.read() as session:
        rows = session.execute(query).all()
    for page, edition, name, day, number, source, status, reason, detail, *cause in rows:
        why = join_messages(filter(None, (reason, detail)), ": ") or Message("nobody knows why")
        outcome = Status(status).value
        yield RefusedPage(page, edition, name, day, number, source, outcome, why, *cause)


def count_causes(pages: Iterable[RefusedPage]) -> dict[str, int]:
    """Return how many pages have each category, the most frequent first."""
    return dict(Counter(page.category for page in pages if page.category).most_common())


def count_accepted_gaps(home: Installation) -> int:
    """Return the number of pages whose gap somebody has accepted."""
    query = select(func.count()).select_from(PageRow).where(PageRow.settled_at.is_not(None))
    with home.database.read() as session:
        return session.scalar(query) or 0


def coarse_scans(home: Installation, which: ColumnElement[bool]) -> list[Message]:
    """Return a sentence for each edition with pages that are coarse.

    Args:
        which: The condition that an outcome is one of those that are looked at.
    """
    coarse = (OutcomeRow.dpi > 0) & (OutcomeRow.dpi < COARSE_DPI)
    query = (
        select(
            PublicationRow.name,
            EditionRow.edition_date,
            EditionRow.id,
            func.count(),
            func.min(OutcomeRow.dpi),
        )
        .select_from(PageRow)
        .join(EditionRow, EditionRow.id == PageRow.edition_id)
        .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
        .join(OutcomeRow, OutcomeRow.scan_id == PageRow.scan_id)
        .where(
            OutcomeRow.observation_id == home.recipe.observation_id,
            which,
            coarse,
        )
        .group_by(PublicationRow.name, EditionRow.edition_date, EditionRow.id)
        .order_by(PublicationRow.name, EditionRow.edition_date, EditionRow.id)
    )
    with home.database.read() as session:
        return [
            Message(
                "%(newspaper)s %(day)s (edition %(edition)s): %(scans)s, down to about %(dpi)s dpi;"
                " small photos and faces may be missed",
                newspaper=name,
                day=day,
                edition=edition,
                scans=counted(pages, "coarse scan"),
                dpi=dpi,
            )
            for name, day, edition, pages, dpi in session.execute(query)
        ]


def settle_pages(
    home: Installation, edition_id: int, numbers: frozenset[int] = frozenset(), *, now: datetime
) -> list[RefusedPage]:
    """Accept that pages of an edition can't be read, and return them: nobody is told again.

    Args:
        numbers: Numbers of the pages; empty means all refused ones.

    Raises:
        NotFound: The edition has no such page that was refused and is not settled.
    """
    pages = [
        page
        for page in refused_pages(home, EditionScope(edition=edition_id))
        if not numbers or page.number in numbers
    ]
    missing = numbers - {page.number for page in pages}
    if missing or not pages:
        which = f"page {min(missing)}" if missing else "page"
        raise NotFound(f"edition {edition_id} has no {which} that was refused and is not settled")
    with home.database.write() as session:
        session.execute(
            update(PageRow)
            .where(PageRow.id.in_([page.id for page in pages]))
            .values(settled_at=now)
        )
    return pages
