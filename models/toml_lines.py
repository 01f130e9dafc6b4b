"""Writes the values of TOML tables, which the standard library only reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

DELETE = "\x7f"
"""The one control character that JSON writes as it is, and TOML doesn't take so."""


def toml_lines(values: Mapping[str, Any]) -> list[str]:
    """Return a line for each value of a table: JSON writes texts, numbers and lists as TOML does.

    >>> toml_lines({"licence": "MIT", "size": [1, 2.5]})
    ['licence = "MIT"', 'size = [1, 2.5]']
    """
    return [
        f"{name} = {json.dumps(value, ensure_ascii=False)}".replace(DELETE, "\\u007f")
        for name, value in values.items()
    ]
