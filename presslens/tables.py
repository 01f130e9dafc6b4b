"""Tables of results and listings: their rows and columns, for pandas, polars and notebooks.

Nothing here imports pandas or polars until it is called for.
"""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from itertools import islice
from types import UnionType
from typing import TYPE_CHECKING, Any, ClassVar, Union, get_args, get_origin

from pydantic import BaseModel

from presslens.errors import MissingLibrary

if TYPE_CHECKING:
    import pandas
    import polars

JsonObject = dict[str, Any]

MOST_ROWS = 20
"""Rows of a table that a notebook shows."""

MOST_COLUMNS = 12
"""Columns of a table that a notebook shows, unless its class says which."""

DAY = re.compile(r"\d{4}-\d\d-\d\d")


class Tabular:
    """Rows that pandas and polars take as a table."""

    COLUMNS: ClassVar[tuple[str, ...]] = ()
    """The columns that a notebook shows; none: the first ones."""

    def rows(self) -> Iterator[JsonObject]:
        """Yield the rows of the table."""
        raise NotImplementedError

    def columns(self) -> list[str]:
        """Return the columns that the table has without a row."""
        raise NotImplementedError

    def to_pandas(self) -> pandas.DataFrame:
        """Return the table for pandas."""
        rows = list(self.rows())
        columns = None if rows else self.columns()
        frame: pandas.DataFrame = _library("pandas").DataFrame(rows, columns=columns)
        for name in frame.columns:
            if frame[name].map(lambda value: isinstance(value, dt.date)).any():
                frame[name] = frame[name].astype("datetime64[s]")
        return frame

    def to_polars(self) -> polars.DataFrame:
        """Return the table for polars."""
        rows = list(self.rows())
        frame: polars.DataFrame = _library("polars").DataFrame(
            rows,
            schema=None if rows else self.columns(),
            infer_schema_length=None,
            strict=False,
        )
        return frame

    def _table(self) -> str:
        return html_table(self.rows(), self.COLUMNS)


def html_table(table: Iterable[JsonObject], columns: Sequence[str] = ()) -> str:
    """Return the first rows of a table as HTML.

    Args:
        table: Its rows.
        columns: The columns; none: the first ones.
    """
    rows = list(islice(table, MOST_ROWS + 1))
    present = list(dict.fromkeys(name for row in rows for name in row))
    names = columns or present[:MOST_COLUMNS]
    heads = "".join(f"<th>{html.escape(name)}</th>" for name in names)
    body = "".join(
        f"<tr>{''.join(f'<td>{_cell(row.get(name))}</td>' for name in names)}</tr>"
        for row in rows[:MOST_ROWS]
    )
    more = "<p>…</p>" if len(rows) > MOST_ROWS or len(names) < len(present) else ""
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>{more}"


def fields_table(document: JsonObject) -> str:
    """Return the values of a document as HTML, a row for each that there is; objects come last."""
    simple_first = sorted(document.items(), key=lambda item: isinstance(item[1], dict | list))
    return html_table(
        {"field": name, "value": value}
        for name, value in flat_row(dict(simple_first)).items()
        if value is not None
    )


@cache
def blank_document(model: type[BaseModel]) -> JsonObject:
    """Return a document of a model without values, whose keys are the columns of its table.

    A dictionary is empty: its keys are data.
    """
    return {
        field.alias or name: _blank(field.annotation) for name, field in model.model_fields.items()
    }


def _blank(annotation: Any) -> JsonObject | None:
    kinds = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else [annotation]
    for kind in kinds:
        if get_origin(kind) is dict:
            return {}
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return blank_document(kind)
    return None


def completed(document: Mapping[str, Any], blank: Mapping[str, Any]) -> JsonObject:
    """Return a document in which each object that is missing is that of a blank one."""
    whole = dict(document)
    for name, inner in blank.items():
        if isinstance(inner, dict) and name in whole:
            whole[name] = inner if whole[name] is None else completed(whole[name], inner)
    return whole


def flat_row(part: Mapping[str, Any]) -> JsonObject:
    """Return a part as a row, as the API's CSV has it."""
    row: JsonObject = import_module("presslens.pipelines.result").flat(part)
    return {
        name: dt.date.fromisoformat(value)
        if isinstance(value, str) and DAY.fullmatch(value)
        else value
        for name, value in row.items()
    }


def _cell(value: Any) -> str:
    return "" if value is None else html.escape(str(value))


def _library(name: str) -> Any:
    """Return a library that tables are made with.

    Raises:
        MissingLibrary: It is not installed.
    """
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise MissingLibrary(
            f"{name} is not installed here: `pip install {name}`, or `presslens[frames]`"
        ) from error
