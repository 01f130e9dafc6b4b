"""Documents of IIIF out of the archive: manifests, collections and annotations of pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, select

from presslens.app.db.queries import EditionScope
from presslens.app.db.superseded import superseded_editions
from presslens.app.db.tables import EditionRow, PublicationRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest, NotFound
from presslens.app.services.catalogue.descriptions import edition_description
from presslens.app.services.catalogue.pages import AnalysedPage, edition_pages
from presslens.app.services.exports.export import ExportedFile, json_bytes
from presslens.app.services.exports.iiif import IiifLinks, IiifObject, Publisher
from presslens.app.services.exports.iiif_manifest import (
    Issue,
    PartialCollection,
    collection,
    manifest,
)
from presslens.app.services.shares.decisions import photo_decisions
from presslens.models.recipe import Recipe

MOST_LISTED = 400
"""Editions of one collection of a newspaper; more are parted by years."""

MOST_ISSUES = 10_000
"""Editions of a collection that can't be parted; viewers load it in one piece."""


def publisher_of(
    home: Installation, links: IiifLinks, edition_id: int, pages: Sequence[AnalysedPage]
) -> tuple[Publisher, Issue]:
    """Return who publishes pages of an edition, and the edition."""
    meanings = [photo.meaning for page in pages for photo in page.photos]
    with home.database.read() as session:
        (issue,) = _issues(session.connection(), EditionScope(edition=edition_id), home.recipe)
        decided = photo_decisions(session, issue.publication, home.recipe, meanings)
    return Publisher(links, home.recipe.id, decided), issue


def edition_manifest(home: Installation, edition_id: int, links: IiifLinks) -> IiifObject:
    """Return the IIIF manifest of an edition.

    Raises:
        NotFound: There is no such edition, or no page of it was analysed yet.
    """
    pages = edition_pages(home, edition_id)
    if not any(page.size for page in pages):
        raise NotFound("no page of this edition was analysed yet")
    publisher, issue = publisher_of(home, links, edition_id, pages)
    return manifest(publisher, issue, pages, edition_description(home, edition_id))


def edition_collection(home: Installation, scope: EditionScope, links: IiifLinks) -> IiifObject:
    """Return the IIIF collection of editions, without those that are superseded.

    That of all editions is one of newspapers, and that of many of a newspaper one of years.

    Raises:
        NotFound: There is none.
        InvalidRequest: There are too many for one document.
    """
    issues = issues_in(home, scope)
    if not issues:
        raise NotFound("there are no such editions")
    parts = list(collection_parts(scope, issues))
    if not parts and len(issues) > MOST_ISSUES:
        raise InvalidRequest(f"these are more than {MOST_ISSUES} editions: give from and to")
    return collection(links, scope, parts, issues)


def collection_parts(scope: EditionScope, issues: Sequence[Issue]) -> Iterator[PartialCollection]:
    """Yield the collections that a collection of editions consists of; none if it lists them."""
    if scope.whole or (scope.publication is None and len(issues) > MOST_LISTED):
        for name in dict.fromkeys(sorted(issue.publication for issue in issues)):
            yield PartialCollection(name, replace(scope, publication=name))
        return
    years = sorted({issue.day.year for issue in issues})
    if len(issues) > MOST_LISTED and len(years) > 1:
        for year in years:
            first, last = date(year, 1, 1), date(year, 12, 31)
            yield PartialCollection(
                f"{scope.publication}, {year}",
                replace(
                    scope,
                    first=max(first, scope.first or first),
                    last=min(last, scope.last or last),
                ),
            )


def _issues(connection: Connection, scope: EditionScope, recipe: Recipe) -> list[Issue]:
    query = (
        select(EditionRow.id, PublicationRow.name, EditionRow.edition_date)
        .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
        .where(*scope.conditions())
        .order_by(EditionRow.edition_date, EditionRow.id)
    )
    if scope.edition is None:
        query = query.where(EditionRow.id.not_in(superseded_editions(recipe)))
    return [Issue(*row) for row in connection.execute(query)]


def issues_in(home: Installation, scope: EditionScope) -> list[Issue]:
    """Return editions, without those that are superseded unless one edition is asked for."""
    with home.database.read() as session:
        return _issues(session.connection(), scope, home.recipe)


def write_document(document: IiifObject, path: Path) -> ExportedFile:
    """Write a JSON document into a file."""
    path.write_bytes(json_bytes(document))
    return ExportedFile(path)
