"""What all tables share: how constraints are named, text columns, choices and boxes."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import Enum, MetaData, String
from sqlalchemy.orm import DeclarativeBase, Mapped

from models.geometry import Box

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
NAME = String(255)
SHA = String(64)


def choice(kind: type[StrEnum], name: str) -> Enum:
    """Return a text column's type that holds the values of an enumeration only."""
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=16,
        values_callable=lambda members: [member.value for member in members],
    )


class Table(DeclarativeBase):
    """What all tables share."""

    metadata = MetaData(naming_convention=NAMES)


class Boxed:
    """A table whose rows have a box: pixels of the page as decoded, origin top left."""

    x0: Mapped[float]
    y0: Mapped[float]
    x1: Mapped[float]
    y1: Mapped[float]

    @property
    def box(self) -> Box:
        """The box, in page pixels."""
        return Box(self.x0, self.y0, self.x1, self.y1)
