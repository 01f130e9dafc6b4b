"""Columns that tables share, and the naming convention of constraints."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import JSON, BigInteger, Enum, Integer, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from presslens.app.db.types import Embedding, PlainText
from presslens.models.geometry import Box
from presslens.models.vocabulary import DepthRow, Facing, ShotSize, TextSource, Vector

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
NAME = PlainText(255)
SHA = String(64)
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

    x0: Mapped[float]
    y0: Mapped[float]
    x1: Mapped[float]
    y1: Mapped[float]

    @property
    def box(self) -> Box:
        """The box, in page pixels."""
        return Box(self.x0, self.y0, self.x1, self.y1)


class ReadColumns:
    """A table whose rows have a printed text that was read.

    ``text`` is NULL as long as it is not read, "" if nothing could be made out; ``source`` is who
    has read it, NULL where that is not known, ``confidence`` how sure that reader is, 0-1.
    """

    text: Mapped[str | None] = mapped_column(Text)
    source: Mapped[TextSource | None] = mapped_column(choice(TextSource, "source", checked=False))
    confidence: Mapped[float | None]


class AppearanceColumns:
    """A table whose rows hold an ``Appearance``: where and how a figure is shown.

    All is NULL for a sighting without an appearance. ``body_x0`` and so on are page pixels.
    """

    body_x0: Mapped[float | None]
    body_y0: Mapped[float | None]
    body_x1: Mapped[float | None]
    body_y1: Mapped[float | None]
    body_found: Mapped[bool | None]
    area_share: Mapped[float | None]
    face_share: Mapped[float | None]
    centrality: Mapped[float | None]
    size_rank: Mapped[int | None]
    people_beside: Mapped[int | None]
    row: Mapped[DepthRow | None] = mapped_column(choice(DepthRow, "row"))
    shot_size: Mapped[ShotSize | None] = mapped_column(choice(ShotSize, "shot_size"))
    facing: Mapped[Facing | None] = mapped_column(choice(Facing, "facing"))


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
