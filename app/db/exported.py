"""What exports say of stored columns: declared where the columns are.

A table with an ``__export__`` is exported, and of its columns those that ``exported``,
``exported_text`` and ``exported_key`` declare. Files of every format, the data package, the data
dictionary and snapshots are made from these declarations, so that none of them can say something
else; ``app.services.exports.tables`` adds the columns that are computed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from pydantic import ConfigDict, TypeAdapter
from sqlalchemy import ForeignKey
from sqlalchemy.orm import MappedColumn, mapped_column

from presslens.pipelines.result import Served, digits

EXPORT = "export"
"""Names the declaration in the ``info`` of a column."""

PIXELS: dict[str, Any] = {"unit": "pixels of the page", "low": None}
SHARE: dict[str, Any] = {"unit": "0-1", "low": 0, "high": 1}
"""What exports say of a share or a probability."""

OPEN_SHARE = SHARE | {"low": None, "high": None}
"""What exports say of a share that may lie outside of its page."""

EDITION = "the edition: joins with editions"
PHOTO = "the photo: joins with photos"
MEASURE = "what is shown: a subject, a focus, figure:NAME or label:NAME"
"""Meanings of columns of several tables."""

FIXED: dict[str, Any] = {"free_text": False}
"""What exports say of a text that is none of people's or scans': it begins like no formula."""

_STRICT = ConfigDict(strict=True, allow_inf_nan=False)


Bound = Annotated[float | None, digits(None)]
"""The end of a range, a whole number."""


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
class Column(Served):
    """One column of a table."""

    SERVED: ClassVar[str] = """
        column=name type unit lowest=low highest=high values=choices missing=nullable
        meaning=description
    """

    name: str  # as it stands in every file
    type: ColumnType  # type of its values; arrays and objects are JSON
    description: str  # what a value says, for its reader
    unit: str = ""  # unit of numbers
    low: Bound = None  # lowest number; None if there is no bound
    high: Bound = None  # highest number; None if there is no bound
    values: tuple[str, ...] = ()  # all texts that can stand there; () if any can
    nullable: bool = False  # values may be missing
    # Text that people wrote or that was read off a page: it may begin like a formula.
    free_text: bool = False
    digest: bool = False  # text of 64 hexadecimal digits
    # Table and column that hold each of its values; None if no table has to.
    joins: tuple[str, str] | None = None
    # The type that its JSON has in Python; None if it can be any.
    shape: TypeAdapter[Any] | None = field(default=None, compare=False, repr=False)

    @property
    def choices(self) -> str:
        """All texts that can stand there, as one text; "" if any can."""
        return "; ".join(self.values)

    @property
    def is_json(self) -> bool:
        """Whether values are JSON documents."""
        return self.type in (ColumnType.ARRAY, ColumnType.OBJECT)


@dataclass(frozen=True, slots=True)
class TableShape:
    """The name and the columns of a table, wherever its rows come from."""

    name: str  # name of its files
    description: str  # what a row stands for
    key: tuple[str, ...]  # the columns that no two rows have alike
    columns: tuple[Column, ...]  # in the order in which they stand in files

    @property
    def names_recipe(self) -> bool:
        """Whether the rows depend on the recipe, and name it."""
        return self.columns[-1] is RECIPE

    @property
    def queried_columns(self) -> tuple[Column, ...]:
        """The columns that the query gives."""
        return self.columns[:-1] if self.names_recipe else self.columns


def integer(name: str, description: str, low: float | None = 0, **more: Any) -> Column:
    """Return a column of whole numbers, by default from 0 on."""
    return Column(name, ColumnType.INTEGER, description, low=low, **more)


def number(name: str, description: str, low: float | None = 0, **more: Any) -> Column:
    """Return a column of numbers, by default from 0 on."""
    return Column(name, ColumnType.NUMBER, description, low=low, **more)


def share(name: str, description: str, **more: Any) -> Column:
    """Return a column of numbers from 0 to 1."""
    return Column(name, ColumnType.NUMBER, description, **(SHARE | more))


def pixels(name: str, description: str, **more: Any) -> Column:
    """Return a column of positions on a page."""
    return Column(name, ColumnType.NUMBER, description, **(PIXELS | more))


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
    values = tuple(choice.value for choice in choices)
    return Column(name, ColumnType.STRING, description, values=values, **more)


def box(what: str) -> tuple[Column, ...]:
    """Return the four columns of a box."""
    return tuple(pixels(name, f"{side} edge of {what}") for name, side in SIDES.items())


SIDES = {"x0": "left", "y0": "upper", "x1": "right", "y1": "lower"}
"""The sides of a box, by the names of its columns."""

RECIPE = digest(
    "recipe", "the recipe that the row was made by, in recipes", joins=("recipes", "recipe_id")
)


FRAME = integer(
    "frame_id",
    "its address, /photos/ID: joins exports of before and after corrections and new recipes",
    low=1,
)


class CellForm(StrEnum):
    """How exported cells hold a stored value."""

    PLAIN = "the value"
    BLANK = "the text, missing if it is empty"
    READ = "whether a printed text was read, and the text"
    KEY = "the key of the row that it refers to"


@dataclass(frozen=True, slots=True)
class ColumnExport:
    """What exports say of a stored column, beyond what its type and its references say."""

    form: CellForm  # how the exported cells hold its values
    # Of the exported column; "": the stored one's, of an ``id`` with that of the table.
    name: str = ""
    # What a value says: of each exported column, or what those of the key say.
    meanings: tuple[str, ...] = ()
    # Other attributes of the exported ``Column``.
    more: Mapping[str, Any] = field(default_factory=dict)
    # The stored table that has a row of this id; "" where a foreign key says so, or none.
    refers: str = ""
    adds: bool = False  # a snapshot need not hold the row that is named: it is added


@dataclass(frozen=True, slots=True)
class Exported:
    """The exported table that has the rows of a stored one."""

    name: str  # name of its files
    meaning: str  # what a row stands for
    key: tuple[str, ...]  # the exported columns that no two rows have alike
    of_recipe: bool = False  # the rows depend on the recipe: a last column names it
    # The columns that refer to what decides whether a row is of an edition; (): those of its
    # primary key that refer to rows, or else the first one that does.
    within: tuple[str, ...] = ()
    first: str = ""  # the stored column that stands first; "": the first one
    order: tuple[str, ...] = ()  # the stored columns that rows are sorted by; (): the key
    box: str = ""  # what its box is drawn around


@dataclass(frozen=True, slots=True)
class PartOf:
    """A stored table whose columns stand in the exported table of another one, row by row."""

    table: str  # name of that exported table
    prefix: str = ""  # begins the names of the exported columns


@dataclass(frozen=True, slots=True)
class NamedByKey:
    """A stored table without an exported one: other tables name its rows by their key."""

    key: tuple[str, ...]


def exported(
    meaning: str,
    *args: Any,
    name: str = "",
    refers: str = "",
    blank: bool = False,
    shape: Any = None,
    says: Mapping[str, Any] | None = None,
    **column: Any,
) -> MappedColumn[Any]:
    """Return a stored column that is exported.

    Args:
        meaning: What a value says, for its reader; in a table with a ``box``, {box} stands for it.
        args: The type and the foreign key of the stored column.
        name: Of the exported column.
        refers: The stored table that has a row of this id, without a foreign key.
        blank: An empty text is exported as a missing value.
        shape: The type that JSON has in Python; what is restored is checked against it.
        says: Other attributes of the exported ``Column``, such as ``SHARE``.
        column: Arguments of ``mapped_column``.
    """
    more = dict(says or {})
    if shape is not None:
        more["shape"] = TypeAdapter(shape, config=_STRICT)
    form = CellForm.BLANK if blank else CellForm.PLAIN
    info = {EXPORT: ColumnExport(form, name, (meaning,), more, refers)}
    return mapped_column(*args, info=info, **column)


def exported_text(read: str, text: str, *args: Any, **column: Any) -> MappedColumn[Any]:
    """Return the column of a printed text, NULL if it was not read, "" if nothing was made out.

    Args:
        read: The meaning of the exported column ``read``.
        text: The meaning of the exported column ``text``.
        args: The type of the stored column.
        column: Arguments of ``mapped_column``.
    """
    info = {EXPORT: ColumnExport(CellForm.READ, meanings=(read, text))}
    return mapped_column(*args, info=info, **column)


def exported_key(
    target: ForeignKey,
    *meanings: str,
    adds: bool = False,
    says: Mapping[str, Any] | None = None,
    **column: Any,
) -> MappedColumn[Any]:
    """Return a reference that is exported as the key of the row that it refers to.

    Args:
        meanings: What the columns of that key say here, where it is not what they say there.
        adds: A snapshot need not hold the row that is named: it is added.
        says: Other attributes of the exported columns.
        column: Arguments of ``mapped_column``.
    """
    export = ColumnExport(CellForm.KEY, meanings=meanings, more=says or {}, adds=adds)
    return mapped_column(target, info={EXPORT: export}, **column)
