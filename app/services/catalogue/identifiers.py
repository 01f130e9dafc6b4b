"""Identifiers of newspapers and editions, as they are served."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.publications import PublicationIdentifierRow
from presslens.pipelines.archives.identifiers import Identifier, IdentifierScheme
from presslens.pipelines.result import Served


@dataclass(frozen=True, slots=True)
class LibraryIdentifier(Served):
    """A number under which libraries keep a newspaper or an edition."""

    scheme: IdentifierScheme  # who gives it
    value: str  # in the form of its scheme
    address: str  # where it resolves; "" where nothing resolves it

    def __str__(self) -> str:
        """Return the identifier as a person gives it."""
        return str(Identifier(self.scheme, self.value))


def served_identifiers(
    identifiers: Iterable[Identifier], homepage: str = ""
) -> list[LibraryIdentifier]:
    """Return identifiers as they are served, in the order of their schemes.

    Args:
        homepage: The library's own page, by which an ARK may resolve.
    """
    schemes = list(IdentifierScheme)
    ordered = sorted(identifiers, key=lambda one: (schemes.index(one.scheme), one.value))
    return [LibraryIdentifier(one.scheme, one.value, _address(one, homepage)) for one in ordered]


def _address(one: Identifier, homepage: str) -> str:
    """Return where an identifier resolves: an ARK where its library itself resolves it."""
    resolver, _, value = homepage.partition("/ark:")
    at_library = one.scheme is IdentifierScheme.ARK and f"ark:{value}" == one.value
    return homepage if at_library and resolver.count("/") == 2 else one.address


def newspaper_identifiers(session: Session) -> Mapping[int, list[LibraryIdentifier]]:
    """Return the identifiers of the newspapers that have some, by their ids."""
    by_paper: dict[int, list[Identifier]] = {}
    for row in session.scalars(select(PublicationIdentifierRow)):
        by_paper.setdefault(row.publication_id, []).append(row.identifier)
    return {id_: served_identifiers(own) for id_, own in by_paper.items()}
