"""Lists newspapers: their names, what there is of each, and which may be the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Annotated, Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from presslens.app.db.archive_view import by_request
from presslens.app.db.publications import (
    NewspaperKind,
    PublicationAliasRow,
    find_publication,
    stated_newspaper,
)
from presslens.app.db.queries import ANY_EDITION, EditionScope
from presslens.app.db.superseded import superseded_editions
from presslens.app.db.tables import EditionRow, PageRow, PublicationRow
from presslens.app.db.unused_newspaper import is_in_trash_alone
from presslens.app.installation import Installation
from presslens.app.platform.errors import OUTAGES, NotFound
from presslens.app.platform.language import NEWSPAPER_NAMES
from presslens.app.services.catalogue.identifiers import LibraryIdentifier, newspaper_identifiers
from presslens.app.services.catalogue.same_newspaper import likely_same
from presslens.models.recipe import Recipe
from presslens.pipelines.result import HIDDEN, Served, named
from presslens.pipelines.statistics.reference_editions import (
    MOST_REFERENCES,
    appears_on,
    missing_days,
    usual_pages,
)

COLUMNS = (
    "id", "publication", "name", "aliases", "editions", "superseded", "first", "last", "pages",
    "usual_pages", "pages_usually", "weekdays", "appears_on", "missing", "similar", "languages",
    "country", "kind", "identifiers",
)  # fmt: skip
"""The columns of the list as a table."""


@dataclass(frozen=True, slots=True)
class PublicationState(Served):
    """A newspaper and the extent of its editions."""

    id: int
    publication: str  # its name
    name: str
    aliases: Sequence[str]  # its other names, sorted
    editions: int  # number of its editions, without superseded uploads
    superseded: int  # number of uploads that a later one of the same day stands in for
    first: date | None  # day of its first edition; None without editions
    last: date | None  # day of its last edition; None without editions
    pages: int  # number of pages of ``editions`` that were uploaded and unpacked
    usual_pages: int | None  # number of pages that an edition usually has; None where nobody said
    # The same: as somebody said, else inferred from its editions; None where it can't be.
    pages_usually: float | None
    # Days of the week on which it is published, Monday is 1; None where nobody said.
    weekdays: Sequence[int] | None
    # Days of the week on which it appears: those said, else inferred from its editions; empty where
    # they can't be.
    rhythm: Annotated[Sequence[int], named("appears_on")]
    # Days between ``first`` and ``last`` on which it appears and that have no edition; None where
    # it is not known on which it does.
    missing: int | None
    similar: Sequence[int]  # ids of newspapers that look like the same one under another spelling
    languages: Sequence[str]  # BCP 47 codes, the main one first; empty: not known
    country: str | None  # ISO 3166 code; None: not known
    kind: NewspaperKind | None  # who publishes it; None: not known
    identifiers: Sequence[LibraryIdentifier]  # its numbers at libraries, by which it is recognised
    # The sha256 of a picture of its masthead; None without one.
    masthead_sha256: Annotated[str | None, HIDDEN]

    def row(self) -> dict[str, Any]:
        """Return the newspaper as a row of ``COLUMNS``."""
        lists = {
            "aliases": "; ".join(self.aliases),
            "weekdays": _listed(self.weekdays or ()),
            "appears_on": _listed(self.rhythm),
            "similar": _listed(self.similar),
            "languages": " ".join(self.languages),
            "identifiers": " ".join(map(str, self.identifiers)),
        }
        return {**self.to_json(), **lists}


def publication_names(home: Installation) -> list[str]:
    """Return the names of the newspapers that are listed, in order."""
    with home.database.read() as session:
        return _listed_names(session)


@by_request
def _listed_names(session: Session) -> list[str]:
    names = select(PublicationRow.name).where(~is_in_trash_alone()).order_by(PublicationRow.name)
    return list(session.scalars(names))


def list_publications(
    home: Installation, scope: EditionScope = ANY_EDITION, *, every: bool = False
) -> list[PublicationState]:
    """Return the newspapers by name; counts are of the editions of a scope.

    Newspapers without an edition in the scope are listed if it is of all days. Missing days are
    those between the first and the last edition of the scope.

    Args:
        scope: Selects the editions.
        every: Return those, too, of which there is nothing but editions in the trash.
    """
    question = "publications", scope, every
    return home.database.views.in_request(question, lambda: _publications(home, scope, every=every))


def publications_by_latest(home: Installation) -> list[PublicationState]:
    """Return the newspapers that have editions, that with the latest first."""
    dated = [one for one in list_publications(home) if one.last is not None]
    return sorted(dated, key=lambda one: one.last or date.min, reverse=True)


def _publications(
    home: Installation, scope: EditionScope, *, every: bool
) -> list[PublicationState]:
    old = EditionRow.id.in_(superseded_editions(home.recipe))
    counts = (
        select(
            EditionRow.publication_id,
            func.sum(case((old, 0), else_=1)).label("editions"),
            func.sum(case((old, 1), else_=0)).label("superseded"),
            func.min(EditionRow.edition_date).label("first"),
            func.max(EditionRow.edition_date).label("last"),
        )
        .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
        .where(*scope.conditions())
        .group_by(EditionRow.publication_id)
        .subquery()
    )
    pages = (
        select(EditionRow.publication_id, func.count(PageRow.id).label("pages"))
        .join(PageRow, PageRow.edition_id == EditionRow.id)
        .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
        .where(*scope.conditions(), ~old)
        .group_by(EditionRow.publication_id)
        .subquery()
    )
    query = (
        select(
            PublicationRow,
            func.coalesce(counts.c.editions, 0),
            func.coalesce(counts.c.superseded, 0),
            counts.c.first,
            counts.c.last,
            func.coalesce(pages.c.pages, 0),
        )
        .join(counts, counts.c.publication_id == PublicationRow.id, isouter=scope.whole)
        .outerjoin(pages, pages.c.publication_id == PublicationRow.id)
        .order_by(PublicationRow.name)
    )
    with home.database.read() as session:
        names = _names(session)  # those of its own moment, as its rows are
        if not every:
            query = query.where(~is_in_trash_alone())
            for hidden in session.scalars(select(PublicationRow.id).where(is_in_trash_alone())):
                del names[hidden]
        alike = likely_same(names)
        days = _days(session, names)
        inferred = _inferred_pages(session, home.recipe)
        identifiers = newspaper_identifiers(session)
        return [
            PublicationState(
                id=row.id,
                publication=row.name,
                name=row.name,
                aliases=names[row.id][1:],
                editions=editions,
                superseded=superseded,
                first=first,
                last=last,
                pages=seen,
                usual_pages=row.usual_pages,
                pages_usually=row.usual_pages or inferred.get(row.id),
                weekdays=row.weekdays,
                rhythm=(rhythm := row.weekdays or appears_on(days[row.id])),
                missing=_missing(days[row.id], first, last, rhythm),
                similar=alike[row.id],
                languages=row.languages or (),
                country=row.country,
                kind=row.kind,
                identifiers=identifiers.get(row.id, ()),
                masthead_sha256=row.masthead_sha256,
            )
            for row, editions, superseded, first, last, seen in session.execute(query)
        ]


def find_newspaper(home: Installation, publication_id: int) -> PublicationState:
    """Return a newspaper.

    Raises:
        NotFound: There is none with this id.
    """
    for one in list_publications(home, every=True):
        if one.id == publication_id:
            return one
    raise NotFound.saying("there is no such newspaper")


def newspaper_named(home: Installation, name: str) -> PublicationState:
    """Return the newspaper with a name or an alias.

    Raises:
        NotFound: There is none.
    """
    with home.database.read() as session:
        row = find_publication(session, name)
    if row is None:
        raise NotFound.saying("there is no newspaper %(name)r", name=name)
    return find_newspaper(home, row.id)


@by_request
def all_names(session: Session) -> Mapping[int, Sequence[str]]:
    """Return the names of each newspaper by its id: the name, then the aliases, sorted."""
    return _names(session)


def newspaper_names(session: Session) -> Mapping[str, Sequence[str]]:
    """Return the name and the aliases of each newspaper, by its name."""
    return {names[0]: names for names in all_names(session).values()}


def names_for_readers(home: Installation) -> Mapping[str, Sequence[str]]:
    """Return the names of newspapers; none where they can't be read, as in a page that says so."""
    with suppress(*OUTAGES), home.database.read() as session:
        return newspaper_names(session)
    return {}


@contextmanager
def named_for_readers(home: Installation) -> Iterator[None]:
    """Have newspapers named in the script of the reader in what is written in the block."""
    token = NEWSPAPER_NAMES.set(partial(names_for_readers, home))
    try:
        yield
    finally:
        NEWSPAPER_NAMES.reset(token)


def _names(session: Session) -> dict[int, list[str]]:
    names: dict[int, list[str]] = {}
    query = select(PublicationRow.id, PublicationRow.name, PublicationAliasRow.name).outerjoin(
        PublicationAliasRow, PublicationAliasRow.publication_id == PublicationRow.id
    )
    for id_, name, alias in session.execute(query.order_by(PublicationAliasRow.name)):
        of_newspaper = names.setdefault(id_, [name])
        if alias is not None:
            of_newspaper.append(alias)
    return names


def rhythm_of(session: Session, name: str) -> tuple[tuple[int, ...], bool]:
    """Return the weekdays on which a newspaper appears, and whether somebody has said them.

    Where nobody has, the days of all its editions tell them.

    Returns:
        Monday is 1 and Sunday 7; none where they are not known.
    """
    stated = stated_newspaper(session, name)
    if stated.id is None:
        return (), False
    if stated.weekdays:
        return stated.weekdays, True
    return appears_on(_days(session, [stated.id])[stated.id]), False


def usual_pages_of(
    session: Session, recipe: Recipe, name: str, *, before: date
) -> tuple[float | None, bool]:
    """Return how many pages an edition of a newspaper usually has, and whether somebody said it.

    Where nobody has, its editions before a day tell it; None where these are too few.
    """
    row = find_publication(session, name)
    if row is None or row.usual_pages is not None:
        return (None if row is None else row.usual_pages), True
    earlier = EditionRow.publication_id == row.id, EditionRow.edition_date < before
    return _inferred_pages(session, recipe, *earlier).get(row.id), False


def _inferred_pages(
    session: Session, recipe: Recipe, *conditions: ColumnElement[bool]
) -> Mapping[int, float | None]:
    """Return how many pages editions usually have, by newspaper, where these tell it."""
    newest = func.row_number().over(
        partition_by=EditionRow.publication_id,
        order_by=(EditionRow.edition_date.desc(), EditionRow.id.desc()),
    )
    recent = (
        select(EditionRow.id, EditionRow.publication_id, newest.label("place"))
        .where(EditionRow.id.not_in(superseded_editions(recipe)), *conditions)
        .subquery()
    )
    query = (
        select(recent.c.publication_id, func.count(PageRow.id))
        .join(PageRow, PageRow.edition_id == recent.c.id)
        .where(recent.c.place <= MOST_REFERENCES)
        .group_by(recent.c.publication_id, recent.c.place)
        .order_by(recent.c.publication_id, recent.c.place)
    )
    pages: dict[int, list[int]] = defaultdict(list)
    for publication_id, count in session.execute(query):
        pages[publication_id].append(count)
    return {id_: usual_pages(of_paper) for id_, of_paper in pages.items()}


def _days(session: Session, ids: Collection[int]) -> Mapping[int, set[date]]:
    """Return the days of all editions of each newspaper."""
    days: dict[int, set[date]] = defaultdict(set, {id_: set() for id_ in ids})
    query = select(EditionRow.publication_id, EditionRow.edition_date).distinct()
    for id_, day in session.execute(query):
        days[id_].add(day)
    return days


def _missing(
    days: Collection[date], first: date | None, last: date | None, rhythm: Sequence[int]
) -> int | None:
    if first is None or last is None or not rhythm:
        return None
    return len(missing_days(days, first, last + timedelta(days=1), rhythm))


def _listed(numbers: Sequence[int]) -> str:
    return ",".join(map(str, numbers))
