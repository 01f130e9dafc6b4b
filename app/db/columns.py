"""Columns that tables share, and the naming convention of constraints."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import JSON, BigInteger, Enum, Integer, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from presslens.app.db.exported import PIXELS, SHARE, exported, exported_text
from presslens.app.db.types import Embedding, PlainText
from presslens.models.geometry import Box
from presslens.models.vocabulary import DepthRow, Facing, NotRead, ShotSize, TextSource, Vector

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
NAME = PlainText(255)
SHA = String(64)
BOXES = list[tuple[float, float, float, float]]
REASONS = list[tuple[str, float] | tuple[str, float, float]]
"""Types of the JSON of columns."""

BOX, BEHIND_BOX = 10, 20
"""Where a box stands among the columns of a table, and what stands behind it."""
BYTES = BigInteger().with_variant(Integer(), "sqlite")
"""Sizes of files; an integer of SQLite has 64 bits anyway."""


def choice(kind: type[StrEnum], name: str, *, checked: bool = True) -> Enum:
    """Return a text column's type that holds the values of an enumeration only.

    Args:
        kind: The enumeration.
        name: That of the constraint.
        checked: The database checks values too; a new member then needs a migration.
    """
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=checked,
        length=16,
        values_callable=lambda members: [member.value for member in members],
    )


class Table(DeclarativeBase):
    """The base class of all tables."""

    metadata = MetaData(naming_convention=NAMES)


class BoxColumns:
    """A table whose rows have a box: pixels of the page as decoded, origin top left."""

    x0: Mapped[float] = exported("left edge of {box}", says=PIXELS, sort_order=BOX)
    y0: Mapped[float] = exported("upper edge of {box}", says=PIXELS, sort_order=BOX)
    x1: Mapped[float] = exported("right edge of {box}", says=PIXELS, sort_order=BOX)
    y1: Mapped[float] = exported("lower edge of {box}", says=PIXELS, sort_order=BOX)

    @property
    def box(self) -> Box:
        """The box, in page pixels."""
        return Box(self.x0, self.y0, self.x1, self.y1)


PRINTED_TEXT = "its text was read", "what it says; missing: not read, or nothing made out"
"""What the two exported columns of a printed text say."""


class ReadColumns:
    """A table whose rows have a printed text that was read.

    ``source`` is NULL where that is not known.
    """

    text: Mapped[str | None] = exported_text(*PRINTED_TEXT, Text)
    source: Mapped[TextSource | None] = exported(
        "who has read it: Tesseract, or a library's ALTO, PAGE-XML, hOCR or annotations",
        choice(TextSource, "source", checked=False),
    )
    confidence: Mapped[float | None] = exported("how sure its reader is of it", says=SHARE)
    not_read: Mapped[NotRead | None] = exported(
        "why it was not read", choice(NotRead, "not_read", checked=False)
    )


class AppearanceColumns:
    """A table whose rows hold an ``Appearance``: where and how a figure is shown.

    All is NULL for a sighting without an appearance.
    """

    body_x0: Mapped[float | None] = exported(
        "left edge of what is visible of the figure", says=PIXELS, sort_order=BEHIND_BOX
    )
    body_y0: Mapped[float | None] = exported(
        "upper edge of what is visible of the figure", says=PIXELS, sort_order=BEHIND_BOX
    )
    body_x1: Mapped[float | None] = exported(
        "right edge of what is visible of the figure", says=PIXELS, sort_order=BEHIND_BOX
    )
    body_y1: Mapped[float | None] = exported(
        "lower edge of what is visible of the figure", says=PIXELS, sort_order=BEHIND_BOX
    )
    body_found: Mapped[bool | None] = exported(
        "the body was detected, not put by the face", sort_order=BEHIND_BOX
    )
    area_share: Mapped[float | None] = exported(
        "the body's share of the photo's area", says=SHARE, sort_order=BEHIND_BOX
    )
    face_share: Mapped[float | None] = exported(
        "height of the head over that of the body", says=SHARE, sort_order=BEHIND_BOX
    )
    centrality: Mapped[float | None] = exported(
        "1 in the middle of the photo, 0 at its edge", says=SHARE, sort_order=BEHIND_BOX
    )
    size_rank: Mapped[int | None] = exported(
        "1: nobody in the photo is larger", says={"low": 1}, sort_order=BEHIND_BOX
    )
    people_beside: Mapped[int | None] = exported(
        "how many others the photo shows", sort_order=BEHIND_BOX
    )
    row: Mapped[DepthRow | None] = exported(
        "third of the people that the figure stands in",
        choice(DepthRow, "row"),
        sort_order=BEHIND_BOX,
    )
    shot_size: Mapped[ShotSize | None] = exported(
        "how much of the figure is framed", choice(ShotSize, "shot_size"), sort_order=BEHIND_BOX
    )
    facing: Mapped[Facing | None] = exported(
        "where the figure turns the face", choice(Facing, "facing"), sort_order=BEHIND_BOX
    )


class Status(StrEnum):
    """The outcome of observing a page or a reference photo."""

    DONE = "done"
    EMPTY = "empty"
    REJECTED = "rejected"
    FAILED = "failed"


class JobKind(StrEnum):
    """A kind of work that workers do, in the order of a round."""

    UNPACK = "unpack"
    EMBED = "embed"
    RELEARN = "relearn"
    OBSERVE = "observe"
    LOOK = "look"
    ENCODE = "encode"
    READ = "read"
    CARRY = "carry"
    INTERPRET = "interpret"
    SUMMARISE = "summarise"
    REPRINTS = "reprints"
    COMPARE = "compare"
    EMPTY = "empty trash"
    SWEEP = "sweep"


class FaceColumns(BoxColumns):
    """A table whose rows are faces. Those judged children's have no embedding."""

    score: Mapped[float]
    landmarks: Mapped[list[list[float]]] = mapped_column(JSON)
    child: Mapped[float]
    sharpness: Mapped[float | None]
    embedding: Mapped[Vector | None] = mapped_column(Embedding)
