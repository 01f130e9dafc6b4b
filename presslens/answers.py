"""The classes of results: tables, sentences and charts of the answers of the API.

Nothing here imports pandas, polars, Altair or what measures until it is called for.
"""

from __future__ import annotations

import base64
import datetime as dt
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self

from pydantic import BaseModel, ConfigDict, PrivateAttr

from presslens.errors import MissingLibrary

if TYPE_CHECKING:
    import altair
    import pandas
    import polars


JsonObject = dict[str, Any]

MOST_ROWS = 20
"""Rows of a table that a notebook shows."""

MOST_COLUMNS = 12
"""Columns of a table that a notebook shows, unless its class says which."""

MOST_NUMBERS = 5
"""Groups whose numbers a sentence has."""

DAY = re.compile(r"\d{4}-\d\d-\d\d")


class Record(BaseModel):
    """A part of a result. Keys that a newer server adds are left out."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, protected_namespaces=())

    def to_json(self) -> JsonObject:
        """Return the part as a document of JSON, as the API has it."""
        return self.model_dump(mode="json", by_alias=True)


class ChartSource(Protocol):
    """The connection that a result requests its chart over."""

    def get(self, address: str) -> Any:
        """Return the response of an address."""
        ...


class Tabular:
    """Rows that pandas and polars take as a table."""

    COLUMNS: ClassVar[tuple[str, ...]] = ()
    """The columns that a notebook shows; none: the first ones."""

    def rows(self) -> Iterator[JsonObject]:
        """Yield the rows of the table."""
        raise NotImplementedError

    def to_pandas(self) -> pandas.DataFrame:
        """Return the table for pandas."""
        frame: pandas.DataFrame = _library("pandas").DataFrame(list(self.rows()))
        for name in frame.columns:
            if frame[name].map(lambda value: isinstance(value, dt.date)).any():
                frame[name] = frame[name].astype("datetime64[s]")
        return frame

    def to_polars(self) -> polars.DataFrame:
        """Return the table for polars."""
        frame: polars.DataFrame = _library("polars").DataFrame(
            list(self.rows()), infer_schema_length=None, strict=False
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


class ApiResult(Record, Tabular):
    """An answer: values, a table of its parts, and a sentence."""

    PARTS: ClassVar[str] = ""
    """The key of the parts that are the rows of its table; "": it is one row."""

    CONTEXT: ClassVar[tuple[str, ...]] = ()
    """Keys of the whole document that each row repeats."""

    _document: JsonObject = PrivateAttr(default_factory=dict)
    _connection: ChartSource | None = PrivateAttr(default=None)

    @classmethod
    def of(cls, document: JsonObject, connection: ChartSource | None = None) -> Self:
        """Return the result of a document of JSON, which came over a connection."""
        result = cls.model_validate(document)
        result._document, result._connection = document, connection
        return result

    def to_json(self) -> JsonObject:
        """Return the document of JSON, as the API and the command line have it."""
        return self._document

    def rows(self) -> Iterator[JsonObject]:
        """Yield the rows of the table: flat, days as days."""
        context = {name: self._document[name] for name in self.CONTEXT}
        for part in self._parts():
            yield {**flat_row(part), **context}

    @property
    def sentence(self) -> str:
        """The result in a line."""
        named = [
            str(self._document[key]) for key in ("publication", "date") if key in self._document
        ]
        return ", ".join(named) or type(self).__name__

    def _parts(self) -> Sequence[JsonObject]:
        return parts_of(self._document[self.PARTS] if self.PARTS else [self._document])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ApiResult) and self._document == other._document

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.sentence}>"

    def __str__(self) -> str:
        return repr(self)

    def _repr_html_(self) -> str:
        """Show the result in a notebook."""
        return f"<p>{html.escape(self.sentence)}</p>{self._table()}"


class ChartedResult(ApiResult):
    """A result with a chart, which its address gives with another ending."""

    @property
    def chart(self) -> altair.ChartType:
        """The chart, for Altair, by its Vega-Lite specification."""
        document = json.loads(self._chart_as("vl.json"))
        chart: altair.ChartType = import_module("altair").Chart.from_dict(document)
        return chart

    def plot(self) -> altair.ChartType:
        """Return the chart."""
        return self.chart

    def svg(self) -> str:
        """Return the chart as SVG, as pages show it."""
        return self._chart_as("svg")

    def _chart_as(self, ending: str) -> str:
        path, _, query = str(self._document["permalink"]).partition("?")
        if self._connection is None:
            raise ValueError("a result without a connection has no chart")
        return str(self._connection.get(f"{path}.{ending}?{query}").text)

    def _repr_html_(self) -> str:
        """Show the result in a notebook: the chart as a picture, which can run no script."""
        picture = base64.b64encode(self.svg().encode()).decode()
        sentence = html.escape(self.sentence)
        source = f"data:image/svg+xml;base64,{picture}"
        caption = f"<figcaption>{sentence}</figcaption>"
        return f'<figure><img src="{source}" alt="{sentence}">{caption}</figure>'


class StatisticResult(ChartedResult):
    """A metric of editions in groups."""

    PARTS: ClassVar[str] = "groups"
    CONTEXT: ClassVar[tuple[str, ...]] = (
        "metric", "zone", "weight", "estimand", "inference", "recipe",
    )  # fmt: skip

    @property
    def sentence(self) -> str:
        """The number and its interval; of many groups, how many there are."""
        whole, groups = self._document, self._document["groups"]
        of = f"{whole['editions']} editions"
        if len(groups) == 1:
            (group,) = groups
            why = group["refused"] or group["method"]
            return f"{whole['metric']}: {_number(whole, group)}, of {of}; {why}"
        numbers = [f"{group['group']} {_number(whole, group)}" for group in groups]
        return f"{whole['metric']} by {whole['by']}: {number_list(numbers, 'groups')}; of {of}"


class ComparisonResult(ChartedResult):
    """Metrics of two groups of editions, compared."""

    PARTS: ClassVar[str] = "metrics"
    CONTEXT: ClassVar[tuple[str, ...]] = ("estimand", "inference", "correction", "recipe")

    @property
    def sentence(self) -> str:
        """How many metrics differ, and which."""
        document = self._document
        names = [one["metric"] for one in document["metrics"] if one["differs"]]
        named = f": {', '.join(names)}" if names else ""
        return f"{document['differ']} of {document['compared']} metrics differ{named}"


class ChangesResult(ChartedResult):
    """Days on which a metric changed."""

    PARTS: ClassVar[str] = "changes"
    CONTEXT: ClassVar[tuple[str, ...]] = ("metric", "by", "estimand", "method", "recipe")

    @property
    def sentence(self) -> str:
        """The days."""
        days = [change["date"] for change in self._document["changes"]]
        return f"{self._document['metric']}: {', '.join(days) or 'no change is shown'}"


class TrendResult(ApiResult):
    """A trend."""

    PARTS: ClassVar[str] = "coefficients"
    CONTEXT: ClassVar[tuple[str, ...]] = ("metric", "publication", "method", "recipe")

    @property
    def sentence(self) -> str:
        """The method of the trend, or the reason for none."""
        whole = self._document
        why = whole["refused"] or whole["method"]
        return f"trend of {whole['metric']} in {whole['publication']}: {why}"


class BaselineResult(ApiResult):
    """An edition beside what is usual."""

    PARTS: ClassVar[str] = "metrics"
    CONTEXT: ClassVar[tuple[str, ...]] = ("edition", "publication", "date", "recipe")
    COLUMNS: ClassVar[tuple[str, ...]] = (
        "metric", "value", "low", "high", "usual", "flag", "words",
    )  # fmt: skip

    @property
    def sentence(self) -> str:
        """What is unusual."""
        whole = self._document
        flags = "; ".join(flag["reason"] for flag in whole["flags"]) or "nothing is unusual"
        return f"{whole['publication']}, {whole['date']}: {flags}"


class VerdictResult(ApiResult):
    """A verdict on a claim, edition by edition."""

    PARTS: ClassVar[str] = "editions"
    CONTEXT: ClassVar[tuple[str, ...]] = ("rule", "publication", "level", "recipe")

    @property
    def sentence(self) -> str:
        """The verdict and its reasons."""
        whole = self._document
        return f"{whole['rule']}: {whole['verdict']}. {' '.join(whole['reasons'])}"


class CompositionResult(ApiResult):
    """The shares of an edition, by measure."""

    PARTS: ClassVar[str] = "shares"
    COLUMNS: ClassVar[tuple[str, ...]] = (
        "name", "share", "low", "high", "n", "refused", "validity",
    )  # fmt: skip

    @property
    def sentence(self) -> str:
        """The edition and how much of it was seen."""
        whole = self._document
        photos = photo_count(whole["photos"])
        return f"{photos} photos on {whole['pages_seen']} of {whole['pages']} pages"


def parts_of(parts: Any) -> list[JsonObject]:
    """Return parts in a list; the parts of an object get its keys as names."""
    if isinstance(parts, dict):
        return [{"name": name, **part} for name, part in parts.items()]
    return list(parts)


def number_list(numbers: Sequence[str], noun: str) -> str:
    """Return a few numbers in a line; of many, their count."""
    return ", ".join(numbers) if len(numbers) <= MOST_NUMBERS else f"{len(numbers)} {noun}"


def photo_count(value: float | None) -> str:
    """Return a number of photos, as pages write it."""
    written = import_module("presslens.pipelines.written_numbers")
    return str(written.NONE if value is None else written.count_or_mean(value))


def _number(whole: Mapping[str, Any], group: Mapping[str, Any]) -> str:
    """Return a value with its interval, as the command line writes it."""
    written = import_module("presslens.pipelines.written_numbers")
    if whole["estimand"] != "mean":
        words = import_module("presslens.app.cli.estimates_in_words")
        return str(words.in_words(group))
    if group["value"] is None:
        return str(written.NONE)
    ends = map(written.count_or_mean, group["interval"] or ())
    interval = f" ({'–'.join(ends)})" if group["interval"] else ""
    return f"{written.count_or_mean(group['value'])}{interval}"


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
