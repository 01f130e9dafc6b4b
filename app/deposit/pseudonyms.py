"""Pseudonyms of coders: one for each coder, everywhere in a deposit."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.edits import UNNAMED, EditRow
from presslens.app.db.model_answers import is_model
from presslens.app.db.page_reviews import PageReviewRow
from presslens.app.db.reviews import ReviewRow
from presslens.app.db.samples import SampleItemRow, SampleRow
from presslens.app.installation import Installation
from presslens.app.services.exports.batches import Batch, Finish, TableSpec
from presslens.app.services.exports.tables.registry import TABLES, WHOLE_TABLES
from presslens.models.recipe import Recipe

NAME_COLUMNS = ("coder", "second_coder", "undone_by")
"""Columns of names of coders."""

NAME_LIST_COLUMNS = ("coders",)
"""Columns of lists of such names, as JSON."""

LOG_COLUMNS = ("text",)
"""Columns of sentences of the log, whose values may be such names."""

REMARK_COLUMNS = {"reviews": "note", "page_reviews": "note"}
"""Columns of remarks, by table: they may name persons, and are left out."""

MASTHEAD = "masthead_sha256"
"""The column of pictures, which are left out like the scans."""

Replacement = Callable[[Any], Any]


def deposited_tables(home: Installation, *, named: bool, whole: bool) -> tuple[TableSpec, ...]:
    """Return the tables of a deposit.

    Args:
        named: Coders keep their names, and their remarks.
        whole: Those of a snapshot, which is imported again; else those that are published.
    """
    specs = WHOLE_TABLES if whole else TABLES
    pseudonyms = {} if named else _pseudonyms(home)
    changes: dict[str, Replacement] = {MASTHEAD: _nothing}
    if not named:
        changes |= {column: partial(_pseudonym, pseudonyms) for column in NAME_COLUMNS}
        changes |= {
            column: partial(_pseudonyms_in, pseudonyms)
            for column in (*NAME_LIST_COLUMNS, *LOG_COLUMNS)
        }
    return tuple(_changed(spec, changes, named=named) for spec in specs)


def _changed(spec: TableSpec, changes: Mapping[str, Replacement], *, named: bool) -> TableSpec:
    own = dict(changes)
    if not named and spec.name in REMARK_COLUMNS:
        own[REMARK_COLUMNS[spec.name]] = _nothing
    if spec.row is not EditRow:
        own = {name: change for name, change in own.items() if name not in LOG_COLUMNS}
    names = [column.name for column in spec.queried_columns]
    places = {names.index(name): change for name, change in own.items() if name in names}
    if not places:
        return spec
    return replace(spec, finish=partial(_finish, spec.finish, places))


def _finish(
    finish: Callable[[Session, Recipe], Finish] | None,
    places: Mapping[int, Replacement],
    session: Session,
    recipe: Recipe,
) -> Finish:
    before = finish(session, recipe) if finish else lambda batch: batch

    def fill(batch: Batch) -> Batch:
        columns = list(before(batch))
        for place, change in places.items():
            columns[place] = [change(value) for value in columns[place]]
        return columns

    return fill


def _nothing(_value: Any) -> None:
    return None


def _pseudonym(pseudonyms: Mapping[str, str], name: str | None) -> str | None:
    return None if name is None else pseudonyms.get(name, name)


def _pseudonyms_in(pseudonyms: Mapping[str, str], value: Any) -> Any:
    """Return JSON, as text or read, with pseudonyms in place of texts that are names."""
    if isinstance(value, str):
        return json.dumps(_replaced(pseudonyms, json.loads(value)), ensure_ascii=False)
    return _replaced(pseudonyms, value)


def _replaced(pseudonyms: Mapping[str, str], value: Any) -> Any:
    match value:
        case str():
            return pseudonyms.get(value, value)
        case list():
            return [_replaced(pseudonyms, one) for one in value]
        case dict():
            return {name: _replaced(pseudonyms, one) for name, one in value.items()}
    return value


def _pseudonyms(home: Installation) -> dict[str, str]:
    """Return the pseudonym of each coder: a number in the order in which they first appear."""
    with home.database.read() as session:
        names = dict.fromkeys(name for name in _coders(session) if name)
    people = [name for name in names if name != UNNAMED and not is_model(name)]
    return {name: f"coder {number}" for number, name in enumerate(people, 1)}


def _coders(session: Session) -> Iterator[str | None]:
    for column in (
        ReviewRow.coder, PageReviewRow.coder, EditRow.coder, EditRow.undone_by,
        SampleItemRow.coder, SampleItemRow.second_coder,
    ):  # fmt: skip
        key = column.class_.__table__.primary_key.columns
        yield from session.scalars(select(column).order_by(*key))
    for coders in session.scalars(select(SampleRow.coders).order_by(SampleRow.id)):
        yield from coders
