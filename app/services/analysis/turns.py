"""Whose turn it is: the order in which what was uploaded is worked on.

The latest upload comes first, so that an edition waits for what is begun and for nothing else,
however much waits and whoever has said that it can. Editions take turns, so that a long document
does not hold up those before it. What is said to be a backfill comes after all others.
"""

from __future__ import annotations

from sqlalchemy import Select, and_, exists, func, select

from presslens.app.db.columns import JobKind
from presslens.app.db.tables import EditionRow, LeaseRow, OutcomeRow, PageRow, ScanRow

TURN_PAGES = 8
"""So many pages of an edition are looked at before other editions have their turn."""


def latest_editions(leased: Select[int], most: int, *, backfill: bool) -> Select[int]:
    """Return the query of the editions to unpack, the latest first.

    Args:
        leased: The query of those that may not be leased now.
        most: Largest number of them.
        backfill: Those of a backfill, or all others.
    """
    return (
        select(EditionRow.id)
        .where(EditionRow.unpacked_at.is_(None), EditionRow.backfill.is_(backfill))
        .where(EditionRow.id.not_in(leased))
        .order_by(EditionRow.id.desc())
        .limit(most)
    )


def scans_in_turn(
    leased: Select[int], most: int, *, observation_id: str, backfill: bool
) -> Select[int]:
    """Return the query of scans to observe: a scan may come twice, and counts where it is first.

    The latest edition has its first turn; then the one before it has, and the latest its second
    one; then the one before these, and so on. Within its turn a page over which a worker was lost
    comes last, for it may take the next worker along, too.

    No edition before the ``most`` latest ones has a page among the first ``most``: the pages of
    these alone are put in order.

    Args:
        leased: The query of those that may not be leased now.
        most: Largest number of different scans.
        observation_id: What they have no outcome of.
        backfill: Those of editions of a backfill, or of all others.
    """
    free = and_(
        PageRow.scan_id.is_not(None),
        PageRow.scan_id.not_in(leased),
        ~exists().where(
            OutcomeRow.scan_id == PageRow.scan_id, OutcomeRow.observation_id == observation_id
        ),
    )
    latest = (
        select(EditionRow.id)
        .where(EditionRow.backfill.is_(backfill))
        .where(exists().where(PageRow.edition_id == EditionRow.id, free))
        .order_by(EditionRow.id.desc())
        .limit(most)
    )
    number = func.row_number().over(partition_by=PageRow.edition_id, order_by=PageRow.number)
    place = func.dense_rank().over(order_by=PageRow.edition_id.desc())
    page = (
        select(PageRow.id, number.label("number"), place.label("place"))
        .where(PageRow.edition_id.in_(latest))
        .subquery()
    )
    lease = and_(
        LeaseRow.key == PageRow.scan_id,
        LeaseRow.kind == JobKind.OBSERVE,
        LeaseRow.version == observation_id,
    )
    turn = (page.c.number - 1) // TURN_PAGES + page.c.place
    attempts = func.coalesce(LeaseRow.attempts, 0)
    return (
        select(ScanRow.id)
        .join(PageRow, PageRow.scan_id == ScanRow.id)
        .join(page, page.c.id == PageRow.id)
        .outerjoin(LeaseRow, lease)
        .where(free)
        .order_by(turn, page.c.place.desc(), attempts, page.c.number)
    )
