"""What rows of a snapshot may hold: other JSON than this would break its readers."""

from __future__ import annotations

from typing import Any

import numpy as np

from app.errors import InvalidRequest
from models.labels.classifier import LabelClassifier
from models.vocabulary import Vector
from pipelines.statistics.sampling import SamplingScope


def reasons(value: Any) -> Any:
    """Return reasons, each a text and one or two numbers.

    Raises:
        InvalidRequest: They are something else.
    """
    if isinstance(value, list) and all(
        isinstance(item, list)
        and 2 <= len(item) <= 3
        and isinstance(item[0], str)
        and all(type(number) in (int, float) for number in item[1:])
        for item in value
    ):
        return value
    raise InvalidRequest("reasons are lists of a text and numbers")


def places(value: Any) -> Any:
    """Return boxes of four numbers.

    Raises:
        InvalidRequest: They are something else.
    """
    if value is None or (
        isinstance(value, list)
        and all(
            isinstance(box, list) and len(box) == 4 and all(type(v) in (int, float) for v in box)
            for box in value
        )
    ):
        return value
    raise InvalidRequest("places are boxes of four numbers")


def page_types(value: Any) -> Any:
    """Return numbers of pages by type.

    Raises:
        InvalidRequest: They are something else.
    """
    if isinstance(value, dict) and all(type(number) is int for number in value.values()):
        return value
    raise InvalidRequest("page_types are numbers by type")


def picked(row: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return some values of a row."""
    return {name: row[name] for name in names}


def drawn_from(row: dict[str, Any], drawn: str) -> dict[str, Any]:
    """Return from which photos something was drawn, if it was.

    Args:
        row: The row.
        drawn: The column that tells whether it was drawn.

    Raises:
        InvalidRequest: Only one of the two is told, or it is no scope as Presslens writes it.
    """
    text = row["drawn_from"]
    try:
        good = bool(row[drawn]) == (text is not None)
        good = good and (text is None or SamplingScope.parse(text).text == text)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        good = False
    if not good:
        raise InvalidRequest(f"drawn_from {text!r} does not go with {drawn}")
    return {"drawn_from": text}


def said(row: dict[str, Any]) -> str | None:
    """Return what was read of a text: "" where nothing could be made out."""
    return (row["text"] or "") if row["read"] else None


def learned(row: dict[str, Any]) -> Vector | None:
    """Return the coefficients of a label; None for one that is not used.

    Raises:
        InvalidRequest: They are no numbers, or not those that the version names: readings of
            such a label would never be complete.
    """
    values, name = row["coefficients"], row["label"]
    if row["failure"] is not None and values is None:
        return None
    if not isinstance(values, list) or not all(type(v) in (int, float) for v in values):
        raise InvalidRequest(f"the coefficients of the label {name} are no numbers")
    vector = np.array(values, dtype=np.float32)
    if row["intercept"] is None or (
        LabelClassifier(name, vector, row["intercept"]).version != row["version"]
    ):
        raise InvalidRequest(f"the label {name} is not the one that its version names")
    return vector
