"""How an exported table is declared: once, with what each of its columns means.

Files of every format, the data dictionary and the reader of snapshots are all made from these
declarations, so that none of them can say something else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Select, String, Text, cast, func, select, type_coerce

from app.db.tables import EditionRow, OutcomeRow, PageRow, PhotoRow, PublicationRow
from models.recipe import Recipe

MOST = 2**31 - 1
"""Largest id and largest count that both databases hold."""


class Kind(StrEnum):
    """What a column holds, whatever the format of the file."""

    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TEXT = "text"
    DATE = "date"
    MOMENT = "moment"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes:
        name: As it stands in every file.
        kind: What it holds.
        meaning: What a value says, for its reader.
        unit: What numbers are counted in.
        low: Lowest number; None if there is no bound.
        high: Highest number; None if there is no bound.
        values: All texts that can stand there; () if any can.
        nullable: It may be missing.
        free: Text that people wrote or that was read off a page: it may look like a formula.
        digest: Text of 64 hexadecimal digits.
    """

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    values: tuple[str, ...] = ()
    nullable: bool = False
    free: bool = False
    digest: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """Of which editions the rows are wanted; None means any.

    Attributes:
        publication: Name of the newspaper.
        first_date: Earliest day of the edition.
        last_date: Latest day of the edition.
        edition: Id of the edition.
    """

    publication: str | None = None
    first_date: date | None = None
    last_date: date | None = None
    edition: int | None = None

    @property
    def whole(self) -> bool:
        """Whether all editions are wanted."""
        return self == Scope()

    def editions(self) -> list[ColumnElement[bool]]:
        """Return what must hold for an ``EditionRow`` joined with its ``PublicationRow``."""
        found: list[ColumnElement[bool]] = []
        if self.publication is not None:
            found.append(PublicationRow.name == self.publication)
        if self.edition is not None:
            found.append(EditionRow.id == self.edition)
        return [*found, *self.days(EditionRow.edition_date.expression)]

    def days(self, day: ColumnElement[date]) -> list[ColumnElement[bool]]:
        """Return what must hold for a day."""
        found: list[ColumnElement[bool]] = []
        if self.first_date is not None:
            found.append(day >= self.first_date)
        if self.last_date is not None:
            found.append(day <= self.last_date)
        return found

    def photos(self, photo_id: ColumnElement[int]) -> list[ColumnElement[bool]]:
        """Return what must hold for the id of a photo."""
        if self.whole:
            return []
        printed = (
            select(PhotoRow.id)
            .join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
            .join(PageRow, PageRow.scan_id == OutcomeRow.scan_id)
            .join(EditionRow, EditionRow.id == PageRow.edition_id)
            .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
            .where(*self.editions())
        )
        return [photo_id.in_(printed)]


Rows: TypeAlias = "Select[*tuple[Any, ...]]"
Query = Callable[[Scope, Recipe], Rows]


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One table.

    Attributes:
        name: As its files are called.
        meaning: What a row stands for.
        key: The columns that no two rows have alike.
        columns: In the order in which they stand in files.
        query: Gives the rows in the order of a key, but for the column ``recipe``, which is the
            last one and the same in all rows.
    """

    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    query: Query

    @property
    def named(self) -> bool:
        """Whether its rows depend on the recipe, and name it."""
        return self.columns[-1] is RECIPE

    @property
    def queried(self) -> tuple[Column, ...]:
        """The columns that the query gives."""
        return self.columns[:-1] if self.named else self.columns


def integer(name: str, meaning: str, low: float | None = 0, **more: Any) -> Column:
    """Return a column of whole numbers, from 0 on if nothing else is said."""
    return Column(name, Kind.INTEGER, meaning, low=low, **more)


def number(name: str, meaning: str, low: float | None = 0, **more: Any) -> Column:
    """Return a column of numbers, from 0 on if nothing else is said."""
    return Column(name, Kind.NUMBER, meaning, low=low, **more)


def share(name: str, meaning: str, **more: Any) -> Column:
    """Return a column of numbers from 0 to 1."""
    bounds: dict[str, Any] = {"unit": "0-1", "low": 0, "high": 1}
    return Column(name, Kind.NUMBER, meaning, **(bounds | more))


def pixels(name: str, meaning: str, **more: Any) -> Column:
    """Return a column of positions on a page."""
    return Column(name, Kind.NUMBER, meaning, unit="pixels of the page", **more)


def boolean(name: str, meaning: str, **more: Any) -> Column:
    """Return a column of true and false."""
    return Column(name, Kind.BOOLEAN, meaning, **more)


def word(name: str, meaning: str, **more: Any) -> Column:
    """Return a column of text."""
    return Column(name, Kind.TEXT, meaning, **more)


def digest(name: str, meaning: str, **more: Any) -> Column:
    """Return a column of hashes."""
    return Column(name, Kind.TEXT, f"{meaning}, 64 hex digits", digest=True, **more)


def one_of(name: str, kind: type[StrEnum], meaning: str, **more: Any) -> Column:
    """Return a column that holds the values of an enumeration."""
    return Column(name, Kind.TEXT, meaning, values=tuple(v.value for v in kind), **more)


def box(what: str, prefix: str = "", **more: Any) -> tuple[Column, ...]:
    """Return the four columns of a box."""
    sides = {"x0": "left", "y0": "upper", "x1": "right", "y1": "lower"}
    return tuple(
        pixels(f"{prefix}{name}", f"{side} edge of {what}", **more) for name, side in sides.items()
    )


def plain(column: Any) -> ColumnElement[str]:
    """Return an enumeration's column as the text that it is."""
    return type_coerce(column, String)


def raw(column: Any) -> ColumnElement[str]:
    """Return a JSON column as its text; NULL where it holds nothing."""
    return func.nullif(cast(column, Text), "null")


def under(recipe_id: Any, recipe: Recipe) -> ColumnElement[bool]:
    """Return the condition for rows of a recipe, hidden from SQLite's planner.

    It would take an index that begins with the recipe, which nearly all rows share, and then sort
    a million rows; the key has them in order.
    """
    return func.coalesce(recipe_id, "") == recipe.id


RECIPE = digest("recipe", "the recipe that the row was made by, in recipes")
PHOTO = integer("photo_id", "the photo: joins with photos", low=1)
