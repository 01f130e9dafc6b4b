"""Rows of the database out of the records of a snapshot, under the ids that they had."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Container, Iterator, Mapping
from typing import Any, TypeAlias

import numpy as np

from presslens.app.db.columns import Status, Table
from presslens.app.db.edits import RESTORED
from presslens.app.db.exported import Exported, NamedByKey
from presslens.app.db.exported_rows import StoredCells, declared, stored_cells, stored_table
from presslens.app.db.folios import FolioRow
from presslens.app.db.tables import (
    HeadlinePhotoRow,
    HeadlineRow,
    InterpretationRow,
    OutcomeRow,
    PageRow,
    PhotoRow,
)
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.text import LONGEST_TEXT
from presslens.app.services.exports.batches import TableSpec
from presslens.app.services.exports.snapshot.read import Record
from presslens.app.services.exports.tables.selection import OF_RECIPE
from presslens.models.labels.classifier import LabelClassifier
from presslens.models.recipe import Recipe
from presslens.models.vocabulary import Vector
from presslens.pipelines.statistics.page import FRONT_PAGE

BuiltRows: TypeAlias = Iterator[tuple[type[Table], Record]]
"""Rows to insert, each with its table."""

Key: TypeAlias = tuple[Any, ...]

ANALYSED = (Status.DONE, Status.EMPTY)

DEEPEST = 8
"""Sentences within sentences, at most."""

_PLACEHOLDER = re.compile(r"%\((\w+)\)s", re.ASCII)
_PARAMETER = re.compile(r"(?!template$|cls$)[a-z]\w*", re.ASCII)


class RowBuilder:
    """Turns records into rows, table by table in the order of the registry.

    A row follows from the declarations of its table. Records whose table has no ids in exports get
    new ones: publications, scans, headlines. A page whose scan another page prints too has no
    outcome of its own, so that the photos that both pages list are stored once.

    Args:
        recipe: The recipe of the installation, and of the snapshot.
        mastheads: The hashes of the mastheads whose pictures there are.
    """

    def __init__(self, recipe: Recipe, mastheads: Container[str] = ()) -> None:
        self._recipe, self._mastheads = recipe, mastheads
        self._recipe_id = recipe.id  # a hash of all of it, made anew whenever it is asked for
        self._ids: defaultdict[str, dict[Key, int]] = defaultdict(dict)
        self._outcomes: dict[int, int | None] = {}
        self._with_outcome: set[int] = set()
        self._builders: Mapping[str, Callable[[Record], BuiltRows]] = {
            "recipes": self._recipes,
            "pages": self._pages,
            "headlines": self._headlines,
            "headline_photos": self._headline_photos,
            "photos": self._photos,
            "removed_photos": self._removed_photos,
        }
        self._changes: Mapping[str, Callable[[Record, Record], Record]] = {
            "publications": self._with_masthead,
            "own_labels": lambda record, _: {"coefficients": _coefficients(record)},
            "editions": lambda record, _: {"unpacked_at": record["received_at"]},
            "edits": lambda record, _: _edit_columns(record, self._named_targets()),
        }

    def build(self, spec: TableSpec, record: Record) -> BuiltRows:
        """Return the rows of a record of an exported table, with the tables that they go into.

        Raises:
            InvalidRequest: The record names one that is missing, or holds invalid values.
        """
        if builder := self._builders.get(spec.name):
            return builder(record)
        return self._with_changes(spec, record)

    def _with_changes(self, spec: TableSpec, record: Record) -> BuiltRows:
        for table, row in self._rows(spec.row, record):
            if table is spec.row and (change := self._changes.get(spec.name)):
                row |= change(record, row)
            yield table, row

    def _rows(self, table: type[Table], record: Record, **own: Any) -> BuiltRows:
        """Yield the row that a record holds of a table, behind those that it adds for its sake.

        Args:
            own: Columns that the record does not hold.
        """
        row: Record = {}
        for cells in stored_cells(table):
            if not cells.is_key:
                row[cells.attribute] = self._checked(cells, cells.value(record))
                continue
            key, ids = cells.key(record), self._ids[_target(cells).__tablename__]
            if cells.export.adds and None not in key and key not in ids:
                yield from self._added(cells, key)
            row[cells.attribute] = None if key[0] is None else self._id(_target(cells), key)
        columns = stored_table(table).columns
        if OF_RECIPE in columns and OF_RECIPE not in row:
            row[OF_RECIPE] = self._recipe_id
        row |= own
        if "id" in columns:
            ids = self._ids[table.__tablename__]
            key = (row["id"],) if "id" in row else _key_of(table, record)
            row.setdefault("id", len(ids) + 1)
            ids.setdefault(key, row["id"])
        yield table, row

    def _added(self, cells: StoredCells, key: Key) -> BuiltRows:
        """Yield the row that a key names, which has nothing else."""
        target = _target(cells)
        names = [column.name for one in stored_cells(target) for column in one.columns]
        record = dict.fromkeys(names)
        return self._rows(target, record | dict(zip(_key_names(target), key, strict=True)))

    def _checked(self, cells: StoredCells, value: Any) -> Any:
        """Return a value that names no row, or one that was restored before."""
        if cells.refers is not None and value is not None:
            self._id(cells.refers, (value,))
        return value

    def _id(self, table: type[Table], key: Key) -> int:
        """Return the id of a row by what names it."""
        ids = self._ids[table.__tablename__]
        if key not in ids:
            named = " ".join(map(str, key))
            raise InvalidRequest(f"{_noun(table)} {named} is named but missing: {_origin(table)}")
        return ids[key]

    def _recipes(self, record: Record) -> BuiltRows:
        """Check the recipe; it gives no row, for the installation has it already."""
        if record["recipe_id"] != self._recipe.id:
            raise InvalidRequest("recipes.csv holds another recipe than the manifest names")
        if record["rules"] != json.loads(self._recipe.canonical()):
            raise InvalidRequest("recipes.csv holds other rules than the recipe's")
        yield from ()

    def _with_masthead(self, record: Record, _: Record) -> Record:
        masthead = record["masthead_sha256"]
        return {"masthead_sha256": masthead if masthead in self._mastheads else None}

    def _named_targets(self) -> dict[str, dict[Key, int]]:
        claims = {(key,): id_ for (key, _), id_ in self._ids["claim"].items()}
        return {"claim": claims} | {kind: self._ids[kind] for kind in ("publication", "label")}

    def _pages(self, record: Record) -> BuiltRows:
        page, scan = record["page_id"], (record["scan_sha256"], record["scan_frame"])
        if record["outcome"] is None or (scan[0] is None) != (scan[1] is None):
            raise InvalidRequest(f"page {page}: it was not analysed, or its scan is missing")
        *added, (table, row) = self._rows(PageRow, record)
        yield from added
        own = {"status": record["outcome"], "reason": record["reason"], "detail": record["detail"]}
        self._outcomes[page] = None
        if (number := row["scan_id"]) is not None:
            if number not in self._with_outcome:
                self._with_outcome.add(number)
                self._outcomes[page] = number
                yield from self._outcome(record, number, own)
            own = dict.fromkeys(own)
        yield table, row | own | {"is_front": record["number"] == FRONT_PAGE}

    def _outcome(self, record: Record, number: int, own: Record) -> BuiltRows:
        """Yield the outcome of a scan, which has its number, and what the page says of itself."""
        sized = record["width"] is not None and record["height"] is not None
        if sized != (record["outcome"] in ANALYSED) or record["seen_at"] is None:
            raise InvalidRequest(f"page {record['page_id']}: its size does not go with its outcome")
        observation = {"scan_id": number, "observation_id": self._recipe.observation_id}
        yield from self._rows(OutcomeRow, record, id=number, **observation, **own)
        if record["folio_read"]:
            yield from self._rows(FolioRow, record, outcome_id=number)

    def _outcome_of(self, record: Record) -> int | None:
        """Return the outcome of the page of a record; None if another page has it."""
        if record["page_id"] not in self._outcomes:
            raise InvalidRequest(f"page {record['page_id']} is named but missing")
        return self._outcomes[record["page_id"]]

    def _headlines(self, record: Record) -> BuiltRows:
        if (outcome := self._outcome_of(record)) is not None:
            yield from self._rows(HeadlineRow, record, outcome_id=outcome)

    def _headline_photos(self, record: Record) -> BuiltRows:
        if self._outcome_of(record) is not None:
            headline = self._id(HeadlineRow, (record["page_id"], record["position"]))
            yield from self._rows(HeadlinePhotoRow, record, headline_id=headline)

    def _photos(self, record: Record) -> BuiltRows:
        if (outcome := self._outcome_of(record)) is None:
            return
        own = {"outcome_id": outcome, "removed_from_id": None}
        yield from self._rows(PhotoRow, record, **own, earlier_id=_earlier(record))
        if record["focus"] is not None:  # else a person has drawn it, and nobody has looked at it
            yield from self._rows(InterpretationRow, record, photo_id=record["photo_id"])

    def _removed_photos(self, record: Record) -> BuiltRows:
        if (outcome := self._outcome_of(record)) is not None:
            own = {"outcome_id": None, "removed_from_id": outcome, "earlier_id": _earlier(record)}
            yield from self._rows(PhotoRow, record | {"by_hand": False}, **own)
            del self._ids[PhotoRow.__tablename__][record["photo_id"],]  # no row may refer to it


def _earlier(record: Record) -> int | None:
    """Return the first photo of a photo's frame, if it is another one."""
    frame: int = record["frame_id"]
    return frame if frame < record["photo_id"] else None


def _target(cells: StoredCells) -> type[Table]:
    assert cells.refers is not None  # noqa: S101 - a key is that of a row
    return cells.refers


def _key_names(table: type[Table]) -> tuple[str, ...]:
    """Return the exported columns that name the rows of a table."""
    named = declared(table)
    return named.key if isinstance(named, Exported | NamedByKey) else ()


def _key_of(table: type[Table], record: Record) -> Key:
    return tuple(record[name] for name in _key_names(table))


def _noun(table: type[Table]) -> str:
    """Return what a row of a table is called."""
    for cells in stored_cells(table):
        if cells.attribute == "id":
            name = cells.columns[0].name
            return name.removesuffix("_id").replace("_", " ")
    return stored_table(table).name.replace("_", " ")


def _origin(table: type[Table]) -> str:
    named = declared(table)
    return f"it is not in {named.name}.csv" if isinstance(named, Exported) else "nothing has it"


def _edit_columns(record: Record, named: Mapping[str, Mapping[tuple[Any, ...], int]]) -> Record:
    """Return the columns of an edit that its record does not hold as they are stored.

    Args:
        named: By the kinds of rows that get other ids, the id of each by name; an edit about one
            that is missing has the id 0, which no row has.

    Raises:
        InvalidRequest: The record holds invalid values.
    """
    target = record["target_id"]
    if record["target"] in named:
        target = named[record["target"]].get((record["target_name"],), 0)
    elif target is None:
        raise InvalidRequest(f"edit {record['edit_id']}: its target has no id")
    return {"target_id": target, "text": _sentence(record["text"]), "change": {RESTORED: True}}


def _sentence(value: Any, depth: int = 0) -> Any:
    """Return a sentence of the log: a template, and the values that stand in it.

    Raises:
        InvalidRequest: It is something else, or fills in more than it names.
    """
    fault = InvalidRequest("text is a sentence (template) with its values")
    if isinstance(value, str) and not _is_storable(value):
        raise fault
    if isinstance(value, str | int | float | None) and depth:
        return value
    if not isinstance(value, dict) or value.keys() != {"template", "values"} or depth > DEEPEST:
        raise fault
    template, values = value["template"], value["values"]
    if not isinstance(template, str) or not _is_storable(template):
        raise fault
    if not isinstance(values, dict):
        raise fault
    named = set(_PLACEHOLDER.findall(template))
    rest = _PLACEHOLDER.sub("", template).replace("%%", "")
    names = {name for name in values if _PARAMETER.fullmatch(name)}
    if (values and "%" in rest) or not named <= names or names != values.keys():
        raise fault
    for one in values.values():
        _sentence(one, depth + 1)
    return value


def _is_storable(text: str) -> bool:
    """Return whether both databases and an answer can hold a text: no NUL, no half of a pair."""
    halves = any("\ud800" <= character <= "\udfff" for character in text)
    return len(text) <= LONGEST_TEXT and "\0" not in text and not halves


def _coefficients(record: Record) -> Vector | None:
    """Return the coefficients of a label; None for one that is not used.

    Raises:
        InvalidRequest: They are no numbers, or not those that the version names: readings of
            such a label would never be complete.
    """
    values, name = record["coefficients"], record["label"]
    if record["failure"] is not None and values is None:
        return None
    if not isinstance(values, list) or not all(type(v) in (int, float) for v in values):
        raise InvalidRequest(f"the coefficients of the label {name} are no numbers")
    vector = np.array(values, dtype=np.float32)
    if record["intercept"] is None or (
        LabelClassifier(name, vector, record["intercept"]).version != record["version"]
    ):
        raise InvalidRequest(f"the label {name} is not the one that its version names")
    return vector
