"""Rows of the log of edits out of the records of a snapshot."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from presslens.app.db.edits import RESTORED
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.text import LONGEST_TEXT
from presslens.app.services.exports.snapshot.read import Record

DEEPEST = 8
"""Sentences within sentences, at most."""

_PLACEHOLDER = re.compile(r"%\((\w+)\)s", re.ASCII)
_PARAMETER = re.compile(r"(?!template$|cls$)[a-z]\w*", re.ASCII)


def edit_columns(record: Record, named: Mapping[str, Mapping[tuple[Any, ...], int]]) -> Record:
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
    return {"target_id": target, "text": sentence(record["text"]), "change": {RESTORED: True}}


def sentence(value: Any, depth: int = 0) -> Any:
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
        sentence(one, depth + 1)
    return value


def _is_storable(text: str) -> bool:
    """Return whether both databases and an answer can hold a text: no NUL, no half of a pair."""
    halves = any("\ud800" <= character <= "\udfff" for character in text)
    return len(text) <= LONGEST_TEXT and "\0" not in text and not halves
