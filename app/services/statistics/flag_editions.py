"""Finds what is unusual in the editions of a newspaper, and stores it.

Flags rest on the numbers of all editions of a newspaper, which a new edition or an answer moves a
little. They are made again by a worker that has nothing else to do, or after a pause that is longer
than the making took; until then they are stale.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, or_, select
from sqlalchemy.orm import Session

from presslens.app.db.revision import RevisionRow
from presslens.app.db.statistics import EditionFlagsRow, EditionSummaryRow, NewspaperFlagsRow
from presslens.app.db.tables import EditionRow, PublicationRow
from presslens.app.db.upsert import insert
from presslens.app.installation import Installation
from presslens.app.services.shares.selection import EditionCriteria
from presslens.app.services.shares.share_loading import newspaper_state
from presslens.app.services.statistics.baseline import edition_baseline
from presslens.app.services.statistics.counts import load_counts
from presslens.app.services.statistics.edition_metrics import METRICS, load_editions, select_for
from presslens.app.services.statistics.machine_shares import share_readings
from presslens.models.message import dump_message
from presslens.models.recipe import Recipe
from presslens.pipelines.failpoints import Failpoint, around
from presslens.pipelines.statistics.flags import BaselineRules
from presslens.pipelines.statistics.unusual import Unusual, unusual_in, unusual_numbers

PAUSES = 9
"""Pauses between two makings while other work waits, as a multiple of the time that one takes."""


def uncompared_newspapers(recipe: Recipe, *, now: datetime, busy: bool) -> Select[int]:
    """Return the query of the newspapers whose flags may not be true.

    Args:
        recipe: Today's.
        busy: Other work waits.
    """
    row = NewspaperFlagsRow
    of_recipe = (row.publication_id == PublicationRow.id) & (row.recipe_id == recipe.id)
    revision = select(RevisionRow.number).scalar_subquery()
    stale = or_(row.made_of.is_(None), row.made_of != row.known)
    summarised = (
        select(EditionSummaryRow.edition_id)
        .join(EditionRow, EditionRow.id == EditionSummaryRow.edition_id)
        .where(
            EditionSummaryRow.recipe_id == recipe.id,
            EditionRow.publication_id == PublicationRow.id,
        )
    )
    return (
        select(PublicationRow.id)
        .outerjoin(row, of_recipe)
        .where(
            summarised.exists(),
            or_(
                row.publication_id.is_(None),
                row.revision != revision,
                stale & (row.due_at <= now) if busy else stale,
            ),
        )
    )


def flag_editions(home: Installation, publication_id: int, *, now: datetime, busy: bool) -> None:
    """Find what is unusual in the editions of a newspaper, and store it with what it was made of.

    Where nothing that it is made of has changed, or other work waits and it was made not long ago,
    no more is stored than that somebody looked.

    Args:
        busy: Other work waits.
    """
    recipe = home.recipe
    key = {"publication_id": publication_id, "recipe_id": recipe.id}
    with home.database.read() as session:
        revision = session.scalar(select(RevisionRow.number)) or 0
        name = session.scalars(select(PublicationRow.name).filter_by(id=publication_id)).first()
        if name is None:  # merged into another one meanwhile
            return
        row = session.get(NewspaperFlagsRow, (publication_id, recipe.id))
        state = newspaper_state(session, name, recipe)
    values: dict[str, Any] = {"known": state, "revision": revision}
    flags: Mapping[int, tuple[Unusual, ...]] | None = None
    if (
        row is None
        or row.made_of is None
        or (row.made_of != state and (not busy or row.due_at <= now))
    ):
        start = time.perf_counter()
        flags = _unusual(home, name)
        took = timedelta(seconds=time.perf_counter() - start)
        values |= {"made_of": state, "due_at": now + (1 + PAUSES) * took}
    with around(Failpoint.COMPARE_STORE), home.database.write() as session:
        if session.get(PublicationRow, publication_id, with_for_update={"read": True}) is None:
            return
        if flags is not None:
            changed = _store(session, recipe, publication_id, flags)
            if changed and session.scalar(select(RevisionRow.number)) == revision:
                values["revision"] = revision + 1  # what this very transaction raises it to
        statement = insert(session, NewspaperFlagsRow).values({"due_at": now} | key | values)
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["publication_id", "recipe_id"], set_=values
            )
        )


def _unusual(home: Installation, name: str) -> Mapping[int, tuple[Unusual, ...]]:
    criteria = EditionCriteria(name)
    recipe = home.recipe
    with home.database.read() as session:
        selected = select_for(session, criteria, recipe, METRICS).editions
        counts = load_counts(session, selected, recipe)
    if any(check.whole and check.drawn for one in counts.editions for check in one.seen_checks()):
        # Each baseline learns the finder's errors from the checked pages of its own editions.
        return {one.id: unusual_in(edition_baseline(home, one.id).baseline) for one in selected}
    editions = load_editions(home, criteria, metrics=METRICS).editions
    with home.database.read() as session:
        readings = share_readings(session, recipe, METRICS, [one.id for one in editions])
    return unusual_numbers(editions, readings, BaselineRules())


def _store(
    session: Session,
    recipe: Recipe,
    publication_id: int,
    flags: Mapping[int, tuple[Unusual, ...]],
) -> bool:
    """Store the flags of editions that have others, or are new; return whether there were any."""
    query = (
        select(EditionFlagsRow.edition_id, EditionFlagsRow.flags)
        .join(EditionRow, EditionRow.id == EditionFlagsRow.edition_id)
        .where(EditionFlagsRow.recipe_id == recipe.id, EditionRow.publication_id == publication_id)
    )
    stored = {row.edition_id: row.flags for row in session.connection().execute(query)}
    rows = {id_: [_document(flag) for flag in of_edition] for id_, of_edition in flags.items()}
    gone = [id_ for id_ in stored if id_ not in rows]
    fresh = {id_: documents for id_, documents in rows.items() if stored.get(id_) != documents}
    for id_ in (*gone, *fresh):
        session.execute(delete(EditionFlagsRow).filter_by(edition_id=id_, recipe_id=recipe.id))
    session.add_all(
        EditionFlagsRow(edition_id=id_, recipe_id=recipe.id, flags=documents)
        for id_, documents in fresh.items()
    )
    session.flush()
    return bool(gone or fresh)


def _document(flag: Unusual) -> dict[str, Any]:
    return replace(flag, reason="").to_json() | {"reason": dump_message(flag.reason)}
