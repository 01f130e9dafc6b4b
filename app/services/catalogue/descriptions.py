"""What libraries say of editions and pages, as it is served."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from sqlalchemy import select

from presslens.app.db.descriptions import EditionDescriptionRow, PageTextRow
from presslens.app.db.tables import PageRow
from presslens.app.installation import Installation
from presslens.pipelines.archives.page_text import PageMismatch, PageText
from presslens.pipelines.result import OMITTED, Served


@dataclass(frozen=True, slots=True)
class EditionDescription(Served):
    """What a library says of an edition: the document that says it, the title and the rights."""

    kind: str
    document: str
    sha256: str | None
    title: str
    rights: str


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
        return None if row is None else EditionDescription.from_attributes(row)


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
