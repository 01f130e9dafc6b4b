"""What libraries say of editions, and the texts that they have of pages."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from sqlalchemy import JSON, ForeignKey, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from presslens.app.db.columns import NAME, SHA, Table, choice
from presslens.app.db.exported import EDITION, Exported, exported, exported_key
from presslens.models.vocabulary import TextSource
from presslens.pipelines.archives.identifiers import IdentifierScheme


class EditionDescriptionRow(Table):
    """The description that an edition was imported with, in its own words.

    ``sha256`` is NULL where the texts of the pages are all there is. Texts are "" and languages
    NULL where the library says nothing.
    """

    __export__ = Exported(
        "edition_descriptions",
        "What the library that an edition comes from says of it, in the library's words.",
        ("edition_id",),
    )
    __tablename__ = "edition_description"

    edition_id: Mapped[int] = exported(EDITION, ForeignKey("edition.id"), primary_key=True)
    kind: Mapped[str] = exported("format of the description", NAME, name="format")
    document: Mapped[str] = exported("name of the file of the description", NAME)
    sha256: Mapped[str | None] = exported(
        "hash of that file; missing: the texts of the pages are all there is",
        SHA,
        name="document_sha256",
    )
    title: Mapped[str] = exported("the newspaper, as the library has it", Text, blank=True)
    rights: Mapped[str] = exported("rights, and whom to name", Text, blank=True)
    rights_address: Mapped[str] = exported(
        "address of the licence or statement of rights", Text, blank=True, server_default=""
    )
    holder: Mapped[str] = exported(
        "the institution that keeps the edition", Text, blank=True, server_default=""
    )
    edition_label: Mapped[str] = exported(
        "which edition of the day, such as the morning's; else its volume and number",
        Text,
        blank=True,
        server_default="",
    )
    source: Mapped[str] = exported(
        "address of the library's own manifest or description", Text, blank=True, server_default=""
    )
    homepage: Mapped[str] = exported(
        "address of the library's own page about the edition", Text, blank=True, server_default=""
    )
    languages: Mapped[list[str] | None] = exported(
        "languages that the library says it is written in, BCP 47 codes",
        JSON(none_as_null=True),
        shape=list[Annotated[str, Field(min_length=2, max_length=35)]],
    )


class EditionIdentifierRow(Table):
    """An identifier that the description of an edition gives, to it or to its newspaper."""

    __export__ = Exported(
        "edition_identifiers",
        "An identifier that the library gives to an edition, or to the newspaper that it is of.",
        ("edition_id", "of_newspaper", "scheme", "value"),
    )
    __tablename__ = "edition_identifier"

    edition_id: Mapped[int] = exported(EDITION, ForeignKey("edition.id"), primary_key=True)
    of_newspaper: Mapped[bool] = exported("it is the newspaper's", primary_key=True)
    scheme: Mapped[IdentifierScheme] = exported(
        "who gives the identifier",
        choice(IdentifierScheme, "scheme", checked=False),
        primary_key=True,
    )
    value: Mapped[str] = exported("the identifier", NAME, primary_key=True)


class PageCanvasRow(Table):
    """Where the library has the page of a scan: its IIIF canvas, and the service of its image."""

    __export__ = Exported(
        "page_canvases",
        "Where the library that a scan comes from has its page.",
        ("scan_sha256", "scan_frame"),
    )
    __tablename__ = "page_canvas"

    scan_id: Mapped[int] = exported_key(
        ForeignKey("scan.id", ondelete="CASCADE"), adds=True, primary_key=True
    )
    canvas: Mapped[str] = exported("id of the library's IIIF canvas", Text)
    image_service: Mapped[str] = exported(
        "address of the library's IIIF Image service", Text, blank=True
    )
    width: Mapped[float | None] = exported("width of the canvas, in its units", name="canvas_width")
    height: Mapped[float | None] = exported(
        "height of the canvas, in its units", name="canvas_height"
    )


class PageTextRow(Table):
    """The text that a library has of a scan, compressed; see ``PageText.packed``."""

    __tablename__ = "page_text"

    scan_id: Mapped[int] = mapped_column(
        ForeignKey("scan.id", ondelete="CASCADE"), primary_key=True
    )
    source: Mapped[TextSource] = mapped_column(choice(TextSource, "source", checked=False))
    content: Mapped[bytes] = mapped_column(LargeBinary)
