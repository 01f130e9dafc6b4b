"""Lists editions with their progress."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.queries import BATCH, EditionScope, Key, Listing, every, paginate
from presslens.app.db.superseded import superseded_editions
from presslens.app.db.tables import EditionRow
from presslens.app.installation import Installation
from presslens.app.services.catalogue.progress import EditionProgress, progress_of
from presslens.app.services.catalogue.trash import missing_edition
from presslens.models.recipe import Recipe
from presslens.pipelines.counted import counted

OUTCOMES = ("done", "empty", "rejected", "failed", "queued")
COLUMNS = (
    "id", "publication", "date", "status", "pages", "pages_finished", "pages_expected", "photos",
    *OUTCOMES, "superseded", "issue",
)  # fmt: skip
"""The columns of the list as a table."""


@dataclass(frozen=True, slots=True)
class EditionState:
    """An edition and the progress of its analysis.

    ``pages_expected`` is the number of pages that its uploader says it had, ``pages_usual`` the
    number that its newspaper usually has; None where nobody said. Statistics leave a
    ``superseded`` edition out: a later upload of the same day stands in for it. ``issue`` tells
    the editions of a day apart, from 1.
    """

    id: int
    publication: str
    edition_date: date
    created_at: datetime
    progress: EditionProgress
    pages_expected: int | None = None
    pages_usual: int | None = None
    superseded: bool = False
    issue: int = 1

    def to_json(self) -> dict[str, Any]:
        """Return the edition as it is served."""
        progress = self.progress
        return {
            "id": self.id,
            "publication": self.publication,
            "date": self.edition_date.isoformat(),
            "status": progress.status.value,
            "pages": progress.pages,
            "pages_finished": progress.pages_finished,
            "readable_pages": progress.readable_pages,
            "pages_expected": self.pages_expected,
            "pages_hint": self.pages_hint,
            "outcomes": dict(progress.outcomes),
            "photos": progress.photos,
            "photos_interpreted": progress.interpreted,
            "created_at": self.created_at.isoformat(),
            "superseded": self.superseded,
            "issue": self.issue,
        }

    @property
    def pages_hint(self) -> str | None:
        """A sentence where fewer pages were uploaded than is usual; it proves nothing."""
        uploaded, usual = self.progress.pages, self.pages_usual
        if self.pages_expected is not None or not uploaded or usual is None or uploaded >= usual:
            return None
        return (
            f"{counted(uploaded, 'page')} uploaded, and {self.publication} usually has {usual}:"
            " if some are missing, import the edition again with --pages-expected"
        )

    def row(self) -> dict[str, Any]:
        """Return the edition as a flat row of ``COLUMNS``."""
        outcomes = {name: self.progress.outcomes.get(name, 0) for name in OUTCOMES}
        return {**self.to_json(), **outcomes}


@dataclass(frozen=True, slots=True)
class EditionListing:
    """One page of a list of editions, latest date first.

    Attributes:
        editions: The editions.
        next_cursor: The cursor of the next page of the list; None after the last.
        recipe_id: The recipe of their progress.
    """

    editions: Sequence[EditionState]
    next_cursor: str | None
    recipe_id: str

    def to_json(self) -> dict[str, Any]:
        """Return the list as it is served."""
        return {
            "recipe": self.recipe_id,
            "editions": [edition.to_json() for edition in self.editions],
            "next": self.next_cursor,
        }


def list_editions(
    home: Installation, scope: EditionScope, *, limit: int, start: str | None = None
) -> EditionListing:
    """Return the editions of a scope, latest date first.

    Args:
        home: The installation.
        scope: Selects the editions.
        limit: Largest number of editions.
        start: The cursor of the listing before.

    Raises:
        InvalidRequest: The cursor is not one of this list.
    """
    listing = _states(home, scope, limit=limit, start=start)
    return EditionListing(listing.items, listing.next_cursor, home.recipe.id)


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
    with home.database.read() as session:
        edition = session.get(EditionRow, edition_id)
        if edition is None:
            raise missing_edition(session, edition_id)
        return edition_states(session, [edition], home.recipe)[0]


def edition_states(
    session: Session, editions: Sequence[EditionRow], recipe: Recipe
) -> list[EditionState]:
    """Return editions with their progress, in their order."""
    progress = progress_of(session, editions, recipe)
    ids = superseded_editions(recipe)
    old = frozenset(session.scalars(ids.where(ids.selected_columns[0].in_(progress))))
    return [_state(edition, progress[edition.id], edition.id in old) for edition in editions]


def _state(edition: EditionRow, progress: EditionProgress, superseded: bool) -> EditionState:
    return EditionState(
        edition.id,
        edition.publication.name,
        edition.edition_date,
        edition.created_at,
        progress,
        edition.pages_expected,
        edition.publication.usual_pages,
        superseded,
        edition.issue,
    )
