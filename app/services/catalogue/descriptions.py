"""What libraries say of editions and pages, as it is served."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from sqlalchemy import select

from presslens.app.db.descriptions import (
    EditionDescriptionRow,
    EditionIdentifierRow,
    PageTextRow,
)
from presslens.app.db.tables import PageRow
from presslens.app.installation import Installation
from presslens.pipelines.archives.identifiers import Identifier, IdentifierScheme
from presslens.pipelines.archives.page_text import PageMismatch, PageText
from presslens.pipelines.result import OMITTED, Served


@dataclass(frozen=True, slots=True)
class LibraryIdentifier(Served):
    """An identifier of a newspaper or an edition."""

    scheme: IdentifierScheme  # who gives it
    value: str  # in the form of its scheme
    address: str  # where it resolves; "" where nothing resolves it

    @classmethod
    def of(cls, scheme: IdentifierScheme, value: str) -> LibraryIdentifier:
        """Return an identifier with its address."""
        return cls(scheme, value, Identifier(scheme, value).address)


@dataclass(frozen=True, slots=True)
class EditionDescription(Served):
    """What a library says of an edition, in its own words; "" where it says nothing."""

    kind: str  # format of the description
    document: str  # name of its file
    sha256: str | None  # hash of that file; None: the texts of the pages are all there is
    title: str  # the newspaper, as the library has it
    rights: str  # rights, and whom to name
    rights_address: str  # address of the licence or statement of rights
    holder: str  # the institution that keeps the edition
    edition_label: str  # which edition of the day
    source: str  # address of the library's own manifest or description
    homepage: str  # address of the library's own page about it
    languages: Sequence[str]  # BCP 47 codes
    newspaper_identifiers: Sequence[LibraryIdentifier]  # those of the newspaper
    identifiers: Sequence[LibraryIdentifier]  # those of the edition


@dataclass(frozen=True, slots=True)
class PageDescription(Served):
    """What a library says of a page beside its text."""

    source: str  # the format
    lines: int  # number of lines of text
    # The print space: x0, y0, x1, y1 in pixels; None: it is not known.
    print_space: Sequence[float] | None = None
    problem: Annotated[str | None, OMITTED] = None  # why its places can't be used


def edition_description(home: Installation, edition_id: int) -> EditionDescription | None:
    """Return the description that an edition was imported with; None where it had none."""
    with home.database.read() as session:
        row = session.get(EditionDescriptionRow, edition_id)
        if row is None:
            return None
        named: dict[bool, list[LibraryIdentifier]] = {True: [], False: []}
        query = select(EditionIdentifierRow).filter_by(edition_id=edition_id)
        for one in session.scalars(query):
            named[one.of_newspaper].append(LibraryIdentifier.of(one.scheme, one.value))
        return EditionDescription.from_attributes(
            row,
            languages=row.languages or (),
            newspaper_identifiers=_in_order(named[True]),
            identifiers=_in_order(named[False]),
        )


def _in_order(identifiers: list[LibraryIdentifier]) -> list[LibraryIdentifier]:
    schemes = list(IdentifierScheme)
    return sorted(identifiers, key=lambda one: (schemes.index(one.scheme), one.value))


def page_description(
    home: Installation, page_id: int, size: tuple[int, int] | None
) -> PageDescription | None:
    """Return what a library says of a page beside its text; None where it says nothing.

    Args:
        size: Its (width, height) in pixels; None: it was not analysed, and no place is known.
    """
    scan = select(PageRow.scan_id).filter_by(id=page_id).scalar_subquery()
    with home.database.read() as session:
        content = session.scalar(select(PageTextRow.content).where(PageTextRow.scan_id == scan))
    if content is None:
        return None
    text = PageText.unpacked(content)
    lines = sum(len(block.lines) for block in text.blocks)
    try:
        space = text.in_pixels(*size).print_space if size else None
    except PageMismatch as error:
        return PageDescription(text.source.value, lines, problem=str(error))
    return PageDescription(text.source.value, lines, space.to_list() if space else None)
