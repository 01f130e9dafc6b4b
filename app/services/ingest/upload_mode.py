"""What becomes of files for a day of which a newspaper has an edition already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from presslens.app.db.page_reviews import PageReviewRow
from presslens.app.db.reviews import ReviewRow
from presslens.app.db.superseded import superseded_editions
from presslens.app.db.tables import EditionRow, OutcomeRow, PageRow, PhotoRow
from presslens.app.platform.errors import EditionExists, InvalidRequest
from presslens.models.message import Message
from presslens.models.recipe import Recipe


class UploadMode(StrEnum):
    """What is done with an upload, or a moved edition, where the day has an edition already."""

    ADD = "add"
    REPLACE = "replace"
    SEPARATE = "separate"


TITLES = {
    UploadMode.ADD: Message("Add pages"),
    UploadMode.REPLACE: Message("Replace"),
    UploadMode.SEPARATE: Message("Another edition"),
}
"""The choices in a word or two."""

EFFECTS = {
    UploadMode.ADD: Message("The pages are added to the edition that is there."),
    UploadMode.REPLACE: Message(
        "The new edition counts as soon as enough of it is analysed; the one that is there stays,"
        " marked as superseded."
    ),
    UploadMode.SEPARATE: Message("Both are editions of the day, and both count."),
}
"""What each choice does."""


def editions_of_day(
    session: Session, publication_id: int, day: object, *, but: int | None = None
) -> list[EditionRow]:
    """Return the editions of a newspaper of a day, in the order of their upload."""
    query = (
        select(EditionRow)
        .filter_by(publication_id=publication_id, edition_date=day)
        .order_by(EditionRow.created_at, EditionRow.id)
    )
    return [row for row in session.scalars(query) if row.id != but]


def chosen_edition(
    session: Session, recipe: Recipe, editions: Sequence[EditionRow], edition_id: int | None
) -> EditionRow:
    """Return the edition of a day that a choice acts on: the latest that counts, or a named one.

    Raises:
        InvalidRequest: The named one is none of them.
    """
    if edition_id is not None:
        named = [edition for edition in editions if edition.id == edition_id]
        if not named:
            ids = ", ".join(str(edition.id) for edition in editions)
            raise InvalidRequest.saying(
                "edition %(edition)s is none of that newspaper and day, which has %(editions)s",
                edition=edition_id,
                editions=ids or "none",
            )
        return named[0]
    superseded = superseded_editions(recipe)
    of_day = superseded.selected_columns[0].in_([edition.id for edition in editions])
    old = set(session.scalars(superseded.where(of_day)))
    return [edition for edition in editions if edition.id not in old or len(editions) == 1][-1]


def edition_exists(
    session: Session,
    recipe: Recipe,
    editions: Sequence[EditionRow],
    *,
    modes: Sequence[UploadMode] = tuple(UploadMode),
    incoming: Mapping[str, int | None],
) -> EditionExists:
    """Return the error that asks what is to be done, with the choices and what is there.

    Args:
        recipe: The recipe, which says which of the editions count.
        editions: The editions of the day, one or more.
        modes: The choices that there are.
        incoming: ``pages`` and ``photos`` of what comes; None: not known.
    """
    ids = [edition.id for edition in editions]
    counted = select(PageRow.edition_id, func.count()).where(PageRow.edition_id.in_(ids))
    rows = session.execute(counted.group_by(PageRow.edition_id))
    pages = {edition_id: number for edition_id, number in rows}  # noqa: C416 - rows are no pairs
    target = chosen_edition(session, recipe, editions, None)
    message = Message(
        "%(publication)s has an edition of %(day)s already, number %(edition)s, uploaded at"
        " %(uploaded)s: choose a mode, which is one of %(modes)s",
        publication=target.publication.name,
        day=target.edition_date.isoformat(),
        edition=target.id,
        uploaded=f"{target.created_at:%Y-%m-%d %H:%M}",
        modes=", ".join(mode.value for mode in modes),
    )
    choices = [
        {"mode": mode.value, "title": TITLES[mode], "detail": EFFECTS[mode], "edition": target.id}
        for mode in modes
    ]
    photos, answers = _photos(session, recipe, ids), _review_counts(session, ids)
    there = [
        {
            **_existing_edition(edition, pages),
            "photos": photos.get(edition.id),
            "answers": answers[edition.id],
        }
        for edition in editions
    ]
    extensions = {"editions": there, "edition": target.id, "incoming": dict(incoming)}
    return EditionExists(message, {"choices": choices, **extensions})


def edition_extent(session: Session, recipe: Recipe, edition: EditionRow) -> dict[str, int | None]:
    """Return the pages and photos of an edition; None: not known."""
    pages = len(edition.pages) if edition.unpacked_at else None
    return {"pages": pages, "photos": _photos(session, recipe, [edition.id]).get(edition.id)}


def _photos(session: Session, recipe: Recipe, ids: Sequence[int]) -> dict[int, int]:
    """Return the number of photos of editions with an analysed page."""
    query = (
        select(PageRow.edition_id, func.count(PhotoRow.id))
        .join(OutcomeRow, OutcomeRow.scan_id == PageRow.scan_id)
        .outerjoin(PhotoRow, PhotoRow.outcome_id == OutcomeRow.id)
        .where(PageRow.edition_id.in_(ids), OutcomeRow.observation_id == recipe.observation_id)
        .group_by(PageRow.edition_id)
    )
    return {edition: photos for edition, photos in session.execute(query)}  # noqa: C416 - no pairs


def _review_counts(session: Session, ids: Sequence[int]) -> dict[int, int]:
    """Return the number of reviews in force of the scans of editions."""
    counts = dict.fromkeys(ids, 0)
    for table in (ReviewRow, PageReviewRow):
        query = (
            select(PageRow.edition_id, func.count(table.id.distinct()))
            .join(table, table.scan_id == PageRow.scan_id)
            .where(PageRow.edition_id.in_(ids), table.withdrawn_at.is_(None))
            .group_by(PageRow.edition_id)
        )
        for edition, number in session.execute(query):
            counts[edition] += number
    return counts


def _existing_edition(edition: EditionRow, pages: dict[int, int]) -> dict[str, Any]:
    return {
        "id": edition.id,
        "pages": pages.get(edition.id, 0) if edition.unpacked_at else None,
        "uploaded_at": edition.created_at.isoformat(),
        "issue": edition.issue,
    }
