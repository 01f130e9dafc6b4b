"""The rows that a specification draws, apart from it while Altair makes it.

Altair copies and checks whatever is in a chart: 2,000 rows would take it seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt


class RowSets:
    """Sets of rows by the names that a specification has for them."""

    def __init__(self) -> None:
        self.by_name: dict[str, Sequence[dict[str, Any]]] = {}

    def chart(self, rows: Sequence[dict[str, Any]]) -> alt.Chart:
        """Return an empty chart of rows."""
        name = f"rows{len(self.by_name)}"
        self.by_name[name] = rows
        return alt.Chart(alt.NamedData(name=name))
