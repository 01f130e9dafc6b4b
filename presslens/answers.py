"""The classes of results: sentences and charts of the answers of the API.

Nothing here imports Altair or what measures until it is called for.
"""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self, get_args, get_origin

from pydantic import BaseModel, ConfigDict, PrivateAttr

from presslens.tables import (
    JsonObject,
    Tabular,
    blank_document,
    completed,
    fields_table,
    flat_row,
    html_table,
)

if TYPE_CHECKING:
    import altair


MOST_NUMBERS = 5
"""Groups whose numbers a sentence has."""


class Record(BaseModel):
    """A part of a result. Keys that a newer server adds are left out."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, protected_namespaces=())

    def to_dict(self) -> JsonObject:
        """Return the part as a document of JSON, as the API has it."""
        return self.model_dump(mode="json", by_alias=True)

    def _repr_html_(self) -> str:
        """Show the part in a notebook, a row for each of its values."""
        return fields_table(self.to_dict())


class ChartSource(Protocol):
    """The connection that a result requests its chart over."""

    def get(self, address: str) -> Any:
        """Return the response of an address."""
        ...


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

    def to_dict(self) -> JsonObject:
        """Return the document of JSON, as the API and the command line have it."""
        return self._document

    def rows(self) -> Iterator[JsonObject]:
        """Yield the rows of the table: flat, days as days; a refusal is a row without values."""
        fields, blank = type(self).model_fields, self._blank_part()
        context = {name: self._document[fields[name].alias or name] for name in self.CONTEXT}
        refused = self._document.get("refused")
        for part in self._parts() or ([{**blank, "refused": refused}] if refused else []):
            yield {**flat_row(completed(part, blank)), **context}

    def columns(self) -> list[str]:
        """Return the columns that the table has without a row."""
        return list({**flat_row(self._blank_part()), **dict.fromkeys(self.CONTEXT)})

    @property
    def sentence(self) -> str:
        """The result in a line."""
        named = [
            str(self._document[key]) for key in ("publication", "date") if key in self._document
        ]
        return ", ".join(named) or type(self).__name__

    def _parts(self) -> Sequence[JsonObject]:
        return parts_of(self._document[self.PARTS] if self.PARTS else [self._document])

    @classmethod
    def _blank_part(cls) -> JsonObject:
        """Return a part without values."""
        if not cls.PARTS:
            return blank_document(cls)
        annotation = cls.model_fields[cls.PARTS].annotation
        name = {"name": None} if get_origin(annotation) is dict else {}
        return {**name, **blank_document(get_args(annotation)[-1])}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ApiResult) and self._document == other._document

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.sentence}>"

    def __str__(self) -> str:
        return repr(self)

    def _repr_html_(self) -> str:
        """Show the result in a notebook."""
        table = self._table() if self.PARTS or self.COLUMNS else fields_table(self._document)
        return f"<p>{html.escape(self.sentence)}</p>{table}"

    def _table(self) -> str:
        rows = (
            {name: value for name, value in row.items() if name not in self.CONTEXT}
            for row in self.rows()
        )
        return html_table(rows, self.COLUMNS)


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

    @property
    def _is_drawn(self) -> bool:
        """Whether its chart shows a value."""
        return True

    def _chart_as(self, ending: str) -> str:
        path, _, query = str(self._document["permalink"]).partition("?")
        if self._connection is None:
            raise ValueError("a result without a connection has no chart")
        return str(self._connection.get(f"{path}.{ending}?{query}").text)

    def _repr_html_(self) -> str:
        """Show the result in a notebook: the chart as a picture, which can run no script.

        A result without a value to draw is a table.
        """
        if not self._is_drawn:
            return super()._repr_html_()
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
        numbers = [
            (group["value"], f"{group['group']} {_number(whole, group)}") for group in groups
        ]
        return f"{whole['metric']} by {whole['by']}: {number_list(numbers, 'groups')}; of {of}"

    @property
    def _is_drawn(self) -> bool:
        return any(group["value"] is not None for group in self._document["groups"])


class ComparisonResult(ChartedResult):
    """Metrics of two groups of editions, compared."""

    PARTS: ClassVar[str] = "metrics"
    CONTEXT: ClassVar[tuple[str, ...]] = ("estimand", "inference", "correction", "recipe")

    @property
    def sentence(self) -> str:
        """How many metrics differ, and which; or why nothing is compared."""
        document = self._document
        empty = [f"group {side} has no editions" for side in "ab" if not document[side]["editions"]]
        if empty:
            return f"nothing is compared: {' and '.join(empty)}"
        if not document["compared"]:
            reasons = dict.fromkeys(one["refused"] or one["method"] for one in document["metrics"])
            return f"nothing is compared: {'; '.join(reasons)}"
        names = [one["metric"] for one in document["metrics"] if one["differs"]]
        named = f": {', '.join(names)}" if names else ""
        return f"{document['differ']} of {document['compared']} metrics differ{named}"

    @property
    def _is_drawn(self) -> bool:
        return any(one["difference"] is not None for one in self._document["metrics"])


class ChangesResult(ChartedResult):
    """Days on which a metric changed."""

    PARTS: ClassVar[str] = "changes"
    CONTEXT: ClassVar[tuple[str, ...]] = ("metric", "by", "estimand", "method", "recipe")

    @property
    def sentence(self) -> str:
        """The days, or the reason for none."""
        days = [change["date"] for change in self._document["changes"]]
        none = self._document["refused"] or "no change is shown"
        return f"{self._document['metric']}: {', '.join(days) or none}"

    @property
    def _is_drawn(self) -> bool:
        return any(period["value"] is not None for period in self._document["periods"])


class TrendResult(ApiResult):
    """A trend."""

    PARTS: ClassVar[str] = "coefficients"
    CONTEXT: ClassVar[tuple[str, ...]] = ("metric", "publication", "method", "refused", "recipe")

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


class NamesResult(ApiResult):
    """The names of metrics; a row of its table is a metric."""

    PARTS: ClassVar[str] = "plain"

    @property
    def sentence(self) -> str:
        """How many metrics there are, and the measures."""
        shares = [*self._document["shares"], *self._document["named"]]
        return f"{len(self._document['plain'])} plain metrics; shares of: {', '.join(shares)}"

    def _parts(self) -> Sequence[JsonObject]:
        shares = [*self._document["shares"], *self._document["named"]]
        meanings = {**self._document["plain"], **dict.fromkeys(shares, "share of photos")}
        return [{"metric": name, "meaning": meaning} for name, meaning in meanings.items()]

    @classmethod
    def _blank_part(cls) -> JsonObject:
        return {"metric": None, "meaning": None}


class PhotoResult(ApiResult):
    """A photo."""

    @property
    def sentence(self) -> str:
        """Where the photo is printed, and the probability of each subject."""
        whole = self._document
        pages = [f"page {page['number']} of edition {page['edition']}" for page in whole["pages"]]
        subjects = [
            f"{name} {subject['probability']:.0%}"
            for name, subject in (whole.get("subjects") or {}).items()
        ]
        return f"photo {whole['id']}: {', '.join([*pages, *subjects])}"


def parts_of(parts: Any) -> list[JsonObject]:
    """Return parts in a list; the parts of an object get its keys as names."""
    if isinstance(parts, dict):
        return [{"name": name, **part} for name, part in parts.items()]
    return list(parts)


def number_list(numbers: Sequence[tuple[float | None, str]], noun: str) -> str:
    """Return a few numbers in a line; of many, their count, the lowest and the highest.

    Args:
        numbers: Each number, None where it is not known, and its words.
        noun: What they are of.
    """
    if len(numbers) <= MOST_NUMBERS:
        return ", ".join(words for _, words in numbers)
    known = [(number, words) for number, words in numbers if number is not None]
    ends = f", from {min(known)[1]} to {max(known)[1]}" if known else ", none of them known"
    return f"{len(numbers)} {noun}{ends}"


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
