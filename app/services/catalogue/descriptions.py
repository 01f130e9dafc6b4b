"""What libraries say of editions and pages, as it is served."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from presslens.app.db.descriptions import EditionDescriptionRow, PageTextRow
from presslens.app.db.tables import PageRow
from presslens.app.installation import Installation
from presslens.pipelines.archives.page_text import PageMismatch, PageText


def edition_description(home: Installation, edition_id: int) -> dict[str, Any] | None:
    """Return the description that an edition was imported with; None where it had none."""
    with home.database.read() as session:
        row = session.get(EditionDescriptionRow, edition_id)
        if row is None:
            return None
        return {
            "kind": row.kind,
            "document": row.document,
            "sha256": row.sha256,
            "title": row.title,
            "rights": row.rights,
        }


def page_description(
    home: Installation, page_id: int, size: tuple[int, int] | None
) -> dict[str, Any] | None:
    """Return what a library says of a page beside its text; None where it says nothing.

    Args:
        home: The installation.
        page_id: The page.
        size: Its (width, height) in pixels; None: it was not analysed, and no place is known.
    """
    scan = select(PageRow.scan_id).filter_by(id=page_id).scalar_subquery()
    with home.database.read() as session:
        content = session.scalar(select(PageTextRow.content).where(PageTextRow.scan_id == scan))
    if content is None:
        return None
    text = PageText.unpacked(content)
    lines = sum(len(block.lines) for block in text.blocks)
    document: dict[str, Any] = {"source": text.source.value, "lines": lines, "print_space": None}
    try:
        space = text.in_pixels(*size).print_space if size else None
    except PageMismatch as error:
        return {**document, "problem": str(error)}
    return {**document, "print_space": space and space.to_list()}
