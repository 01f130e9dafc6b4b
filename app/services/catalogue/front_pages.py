"""Finds the front pages of editions that there is a picture of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from presslens.app.db.columns import Status
from presslens.app.db.tables import OutcomeRow, PageRow
from presslens.app.installation import Installation


@dataclass(frozen=True, slots=True)
class FrontPage:
    """The first page of an edition; ``size`` in pixels."""

    id: int
    number: int
    size: tuple[int, int]


def front_pages(home: Installation, edition_ids: Sequence[int]) -> dict[int, FrontPage]:
    """Return the first page of each edition, by the edition's id.

    It is the page with the lowest number that was analysed; editions without one are left out.
    """
    query = (
        select(PageRow.edition_id, PageRow.id, PageRow.number, OutcomeRow.width, OutcomeRow.height)
        .join(
            OutcomeRow,
            (OutcomeRow.scan_id == PageRow.scan_id)
            & (OutcomeRow.observation_id == home.recipe.observation_id),
        )
        .where(
            PageRow.edition_id.in_(list(edition_ids)),
            OutcomeRow.status.in_((Status.DONE, Status.EMPTY)),
        )
        .order_by(PageRow.edition_id, PageRow.number.desc())
    )
    with home.database.read() as session:
        # The lowest number comes last, and stays.
        return {
            edition: FrontPage(page, number, (width, height))
            for edition, page, number, width, height in session.execute(query)
            if width and height
        }
