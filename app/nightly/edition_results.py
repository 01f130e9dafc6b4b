"""The results of the editions of which pages were analysed in a night."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from sqlalchemy import ColumnElement, func, select

from presslens.app.db.queries import EditionScope
from presslens.app.db.superseded import superseded_editions
from presslens.app.db.tables import EditionRow, OutcomeRow, PageRow, PhotoRow, PublicationRow
from presslens.app.installation import Installation
from presslens.app.services.statistics.unusual import unusual_editions
from presslens.pipelines.result import Served
from presslens.pipelines.statistics.unusual import Unusual


@dataclass(frozen=True, slots=True)
class EditionResult(Served):
    """An edition of which pages were analysed in a night."""

    SERVED: ClassVar[str] = "edition=edition_id publication date=day pages photos unusual=flags"

    edition_id: int
    publication: str  # the newspaper
    day: date
    pages: int  # number of pages that were analysed in the night
    photos: int  # number of photos that were found on them
    flags: Sequence[Unusual] = ()  # what is unusual in the whole edition, as far as it was compared


def edition_results(home: Installation, which: ColumnElement[bool]) -> list[EditionResult]:
    """Return the editions of which pages were analysed, by newspaper and day.

    Args:
        which: The condition that an outcome is of the night.
    """
    query = (
        select(
            EditionRow.id,
            PublicationRow.name,
            EditionRow.edition_date,
            func.count(PageRow.id.distinct()),
            func.count(PhotoRow.id),
        )
        .select_from(OutcomeRow)
        .join(PageRow, PageRow.scan_id == OutcomeRow.scan_id)
        .join(EditionRow, EditionRow.id == PageRow.edition_id)
        .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
        .outerjoin(PhotoRow, PhotoRow.outcome_id == OutcomeRow.id)
        .where(
            OutcomeRow.observation_id == home.recipe.observation_id,
            which,
            EditionRow.id.not_in(superseded_editions(home.recipe)),
        )
        .group_by(EditionRow.id, PublicationRow.name, EditionRow.edition_date)
        .order_by(PublicationRow.name, EditionRow.edition_date, EditionRow.id)
    )
    with home.database.read() as session:
        rows = session.execute(query).all()
    if not rows:
        return []
    days = [row.edition_date for row in rows]
    unusual = unusual_editions(home, EditionScope(first=min(days), last=max(days)))
    results = []
    for row in rows:
        flagged = unusual.of(row.id)
        results.append(EditionResult(*row, flags=flagged.flags if flagged else ()))
    return results
