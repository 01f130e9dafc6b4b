"""What libraries say of editions, and the texts that they have of pages."""

from __future__ import annotations

from sqlalchemy import ForeignKey, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from presslens.app.db.columns import NAME, SHA, Table, choice
from presslens.models.vocabulary import TextSource


class EditionDescriptionRow(Table):
    """The description that an edition was imported with.

    ``kind`` is its format, ``document`` the name of its file and ``sha256`` that file's, NULL where
    the texts of the pages are all there is. ``title`` and ``rights`` are its own words.
    """

    __tablename__ = "edition_description"

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(NAME)
    document: Mapped[str] = mapped_column(NAME)
    sha256: Mapped[str | None] = mapped_column(SHA)
    title: Mapped[str] = mapped_column(Text)
    rights: Mapped[str] = mapped_column(Text)


class PageTextRow(Table):
    """The text that a library has of a scan, compressed; see ``PageText.packed``."""

    __tablename__ = "page_text"

    scan_id: Mapped[int] = mapped_column(
        ForeignKey("scan.id", ondelete="CASCADE"), primary_key=True
    )
    source: Mapped[TextSource] = mapped_column(choice(TextSource, "source", checked=False))
    content: Mapped[bytes] = mapped_column(LargeBinary)
