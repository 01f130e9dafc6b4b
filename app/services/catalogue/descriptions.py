"""What libraries say of editions and pages, as it is served."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated

from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.descriptions import (
    EditionDescriptionRow,
    EditionIdentifierRow,
    PageCanvasRow,
    PageTextRow,
)
from presslens.app.db.tables import PageRow
from presslens.app.installation import Installation
from presslens.app.services.catalogue.editions import EditionState
from presslens.app.services.catalogue.identifiers import LibraryIdentifier, served_identifiers
from presslens.pipelines.archives.identifiers import Identifier
from presslens.pipelines.archives.page_text import PageMismatch, PageText
from presslens.pipelines.result import OMITTED, Served


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
    edition_label: str  # which edition of the day; else its volume and number
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


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryEdition(EditionState):
    """An edition with what its library says of it; None where it says nothing."""

    description: EditionDescription | None


def library_editions(home: Installation, states: Iterable[EditionState]) -> list[LibraryEdition]:
    """Return editions with what their libraries say of them, in their order."""
    listed = list(states)
    with home.database.read() as session:
        descriptions = _descriptions(session, [state.id for state in listed])
    return [
        LibraryEdition.from_attributes(state, description=descriptions.get(state.id))
        for state in listed
    ]


def edition_description(home: Installation, edition_id: int) -> EditionDescription | None:
    """Return the description that an edition was imported with; None where it had none."""
    with home.database.read() as session:
        return _descriptions(session, [edition_id]).get(edition_id)


def _descriptions(session: Session, edition_ids: Sequence[int]) -> dict[int, EditionDescription]:
    """Return the descriptions of editions that have one, by edition."""
    query = (
        select(EditionDescriptionRow, EditionIdentifierRow)
        .outerjoin(
            EditionIdentifierRow,
            EditionIdentifierRow.edition_id == EditionDescriptionRow.edition_id,
        )
        .where(EditionDescriptionRow.edition_id.in_(edition_ids))
    )
    rows: dict[int, EditionDescriptionRow] = {}
    identifiers: dict[tuple[int, bool], list[Identifier]] = defaultdict(list)
    for row, named in session.execute(query):
        rows[row.edition_id] = row
        if named is not None:
            identifier = Identifier(named.scheme, named.value)
            identifiers[row.edition_id, named.of_newspaper].append(identifier)
    return {
        id_: EditionDescription.from_attributes(
            row,
            languages=row.languages or (),
            newspaper_identifiers=served_identifiers(identifiers[id_, True]),
            identifiers=served_identifiers(identifiers[id_, False], row.homepage),
        )
        for id_, row in rows.items()
    }


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


def library_canvases(session: Session, page_ids: Collection[int]) -> dict[int, PageCanvasRow]:
    """Return the libraries' canvases of pages that have one, by the ids of the pages."""
    query = (
        select(PageRow.id, PageCanvasRow)
        .join(PageCanvasRow, PageCanvasRow.scan_id == PageRow.scan_id)
        .where(PageRow.id.in_(page_ids))
    )
    return dict(session.execute(query).all())
