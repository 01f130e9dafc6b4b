"""Lists editions with their progress."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.queries import BATCH, EditionScope, Key, Listing, every, paginate
from presslens.app.db.superseded import superseded_ids
from presslens.app.db.tables import EditionRow
from presslens.app.installation import Installation
from presslens.app.services.catalogue.progress import EditionProgress, EditionStatus, progress_of
from presslens.app.services.catalogue.trash import missing_edition
from presslens.models.recipe import Recipe
from presslens.pipelines.counted import counted
from presslens.pipelines.result import Moment, Served, named

OUTCOMES = ("done", "empty", "rejected", "failed", "queued")
COLUMNS = (
    "id", "publication", "date", "status", "pages", "pages_finished", "pages_expected", "photos",
    *OUTCOMES, "superseded", "issue",
)  # fmt: skip
"""The columns of the list as a table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionState(Served):
    """An edition and the progress of its analysis."""

    id: int
    publication: str  # its newspaper
    edition_date: Annotated[date, named("date")]  # its day
    status: EditionStatus  # the progress in one word
    pages: int  # number of pages, 0 until the upload is unpacked
    pages_finished: int  # number of pages that have an outcome
    readable_pages: int  # number of pages that were looked at, with photos or without
    # Number of pages that its uploader says it had; None where nobody said.
    pages_expected: int | None
    # A sentence where fewer pages were uploaded than is usual; it proves nothing.
    pages_hint: str | None
    outcomes: Mapping[str, int]  # number of pages by outcome, and of those that are queued
    # Number of photos: found ones, as people have corrected them; None until a page is read.
    photos: int | None
    # Number of those that are interpreted with today's recipe, figures and labels, or drawn by
    # hand.
    interpreted: Annotated[int, named("photos_interpreted")]
    created_at: Moment  # when it was uploaded
    superseded: bool  # a later upload of the same day stands in for it: statistics leave it out
    issue: int  # what tells the editions of a day apart, from 1

    def row(self) -> dict[str, Any]:
        """Return the edition as a flat row of ``COLUMNS``."""
        outcomes = {name: self.outcomes.get(name, 0) for name in OUTCOMES}
        return {**self.to_json(), **outcomes}


@dataclass(frozen=True, slots=True)
class EditionListing(Served):
    """One page of a list of editions, latest date first."""

    recipe: str  # the recipe of their progress
    editions: Sequence[EditionState]
    next: str | None  # the cursor of the next page of the list; None after the last


def list_editions(
    home: Installation, scope: EditionScope, *, limit: int, start: str | None = None
) -> EditionListing:
    """Return the editions of a scope, latest date first.

    Args:
        scope: Selects the editions.
        start: The cursor of the listing before.

    Raises:
        InvalidRequest: The cursor is not one of this list.
    """
    listing = _states(home, scope, limit=limit, start=start)
    return EditionListing(home.recipe.id, listing.items, listing.next_cursor)


def iterate_editions(home: Installation, scope: EditionScope) -> Iterator[EditionState]:
    """Yield all editions of a scope, latest date first."""
    return every(lambda start: _states(home, scope, limit=BATCH, start=start))


def _states(
    home: Installation, scope: EditionScope, *, limit: int, start: str | None
) -> Listing[EditionState]:
    query = select(EditionRow).join(EditionRow.publication).where(*scope.conditions())
    keys = [Key(EditionRow.edition_date, date), Key(EditionRow.id, int)]
    with home.database.read() as session:
        page = paginate(session, query, keys, limit=limit, start=start, descending=True)
        rows = [row.EditionRow for row in page.items]
        return Listing(edition_states(session, rows, home.recipe), page.next_cursor)


def find_edition(home: Installation, edition_id: int) -> EditionState:
    """Return an edition.

    Raises:
        NotFound: There is none with this id.
        Gone: It is in the trash.
    """

    def read() -> EditionState:
        with home.database.read() as session:
            edition = session.get(EditionRow, edition_id)
            if edition is None:
                raise missing_edition(session, edition_id)
            return edition_states(session, [edition], home.recipe)[0]

    return home.database.views.in_request(("edition", edition_id), read)


def edition_states(
    session: Session, editions: Sequence[EditionRow], recipe: Recipe
) -> list[EditionState]:
    """Return editions with their progress, in their order."""
    progress = progress_of(session, editions, recipe)
    old = superseded_ids(session, recipe)
    return [_state(edition, progress[edition.id], edition.id in old) for edition in editions]


def _state(edition: EditionRow, progress: EditionProgress, superseded: bool) -> EditionState:
    return EditionState.from_attributes(
        progress,
        photos=progress.photos if progress.readable_pages else None,
        id=edition.id,
        publication=edition.publication.name,
        edition_date=edition.edition_date,
        pages_expected=edition.pages_expected,
        pages_hint=_pages_hint(edition, progress.pages),
        created_at=edition.created_at,
        superseded=superseded,
        issue=edition.issue,
    )


def _pages_hint(edition: EditionRow, uploaded: int) -> str | None:
    usual = edition.publication.usual_pages
    if edition.pages_expected is not None or not uploaded or usual is None or uploaded >= usual:
        return None
    return (
        f"{counted(uploaded, 'page')} uploaded, and {edition.publication.name} usually has {usual}:"
        " if some are missing, import the edition again with --pages-expected"
    )
