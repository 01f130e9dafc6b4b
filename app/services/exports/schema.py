"""Declarations of exported tables: each column once, with its type, range, unit and description.

Files of every format, the data package, the data dictionary and the reader of snapshots are all
made from these declarations, so that none of them can say something else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, String, Text, cast, func, type_coerce

from presslens.app.db.queries import EditionScope, RowQuery
from presslens.models.recipe import Recipe

MOST = 2**31 - 1
"""Largest id and largest count that both databases hold."""


class ColumnType(StrEnum):
    """The type of a column, in the words of Table Schema, https://specs.frictionlessdata.io ."""

    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    STRING = "string"
    DATE = "date"
    DATETIME = "datetime"
    ARRAY = "array"
    OBJECT = "object"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes:
        name: As it stands in every file.
        type: Type of its values; arrays and objects are JSON.
        description: What a value says, for its reader.
        unit: Unit of numbers.
        low: Lowest number; None if there is no bound.
        high: Highest number; None if there is no bound.
        values: All texts that can stand there; () if any can.
        nullable: Values may be missing.
        free_text: Text that people wrote or that was read off a page: it may begin like a formula.
        digest: Text of 64 hexadecimal digits.
        joins: Table and column that hold each of its values; None if no table has to.
    """

    name: str
    type: ColumnType
    description: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    values: tuple[str, ...] = ()
    nullable: bool = False
    free_text: bool = False
    digest: bool = False
    joins: tuple[str, str] | None = None

    @property
    def is_json(self) -> bool:
        """Whether values are JSON documents."""
        return self.type in (ColumnType.ARRAY, ColumnType.OBJECT)


Query = Callable[[EditionScope, Recipe], RowQuery]


@dataclass(frozen=True, slots=True)
class TableShape:
    """The name and the columns of a table, wherever its rows come from.

    Attributes:
        name: Name of its files.
        description: What a row stands for.
        key: The columns that no two rows have alike.
        columns: In the order in which they stand in files.
    """

    name: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def names_recipe(self) -> bool:
        """Whether the rows depend on the recipe, and name it."""
        return self.columns[-1] is RECIPE

    @property
    def queried_columns(self) -> tuple[Column, ...]:
        """The columns that the query gives."""
        return self.columns[:-1] if self.names_recipe else self.columns


@dataclass(frozen=True, slots=True)
class TableSpec(TableShape):
    """One table, and the query of its rows.

    Attributes:
        query: Gives the rows in the order of a key, but for the column ``recipe``, which is the
            last one and the same in all rows.
    """

    query: Query


def integer(name: str, description: str, low: float | None = 0, **more: Any) -> Column:
    """Return a column of whole numbers, by default from 0 on."""
    return Column(name, ColumnType.INTEGER, description, low=low, **more)


def number(name: str, description: str, low: float | None = 0, **more: Any) -> Column:
    """Return a column of numbers, by default from 0 on."""
    return Column(name, ColumnType.NUMBER, description, low=low, **more)


def share(name: str, description: str, **more: Any) -> Column:
    """Return a column of numbers from 0 to 1."""
    bounds: dict[str, Any] = {"unit": "0-1", "low": 0, "high": 1}
    return Column(name, ColumnType.NUMBER, description, **(bounds | more))


def pixels(name: str, description: str, **more: Any) -> Column:
    """Return a column of positions on a page."""
    return Column(name, ColumnType.NUMBER, description, unit="pixels of the page", **more)


def boolean(name: str, description: str, **more: Any) -> Column:
    """Return a column of true and false."""
    return Column(name, ColumnType.BOOLEAN, description, **more)


def string(name: str, description: str, **more: Any) -> Column:
    """Return a column of text."""
    return Column(name, ColumnType.STRING, description, **more)


def digest(name: str, description: str, **more: Any) -> Column:
    """Return a column of hashes."""
    return Column(name, ColumnType.STRING, f"{description}, 64 hex digits", digest=True, **more)


def one_of(name: str, choices: type[StrEnum], description: str, **more: Any) -> Column:
    """Return a column that holds the values of an enumeration."""
    return Column(
        name, ColumnType.STRING, description, values=tuple(v.value for v in choices), **more
    )


def box(what: str, prefix: str = "", **more: Any) -> tuple[Column, ...]:
    """Return the four columns of a box."""
    sides = {"x0": "left", "y0": "upper", "x1": "right", "y1": "lower"}
    return tuple(
        pixels(f"{prefix}{name}", f"{side} edge of {what}", **more) for name, side in sides.items()
    )


def as_text(column: Any) -> ColumnElement[str]:
    """Return an enumeration's column as the text that it is."""
    return type_coerce(column, String)


def json_text(column: Any) -> ColumnElement[str]:
    """Return a JSON column as its text; NULL where it holds nothing."""
    return func.nullif(cast(column, Text), "null")


def of_recipe(recipe_id: Any, recipe: Recipe) -> ColumnElement[bool]:
    """Return the condition for rows of a recipe, hidden from SQLite's planner.

    It would take an index that begins with the recipe, which nearly all rows share, and then sort
    a million rows; the key has them in order.
    """
    return func.coalesce(recipe_id, "") == recipe.id


RECIPE = digest(
    "recipe", "the recipe that the row was made by, in recipes", joins=("recipes", "recipe_id")
)
FRAME = integer(
    "frame_id",
    "its address, /photos/ID: joins exports of before and after corrections and new recipes",
    low=1,
)
PHOTO = integer("photo_id", "the photo: joins with photos", low=1, joins=("photos", "photo_id"))
