"""Writes the measured accuracy as tables beside the cards of the weights."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path

from presslens.models.accuracy import Measure
from presslens.models.measured import COLUMNS, ReliabilityDiagram


def store_measures(measures: Sequence[Measure], recipe_id: str, folder: Path) -> None:
    """Write a table for each station, whole or not at all; tables of other stations stay.

    Args:
        measures: The metrics, those of a station together.
        recipe_id: Id of the recipe that was measured.
        folder: Where the tables go.
    """
    for station, grouped in groupby(measures, key=lambda m: m.station):
        table = io.StringIO()
        rows = csv.writer(table, lineterminator="\n")
        rows.writerow(COLUMNS)
        for m in grouped:
            low, high = (round(end, 5) for end in m.interval) if m.interval else (None, None)
            rows.writerow([m.what, m.data, m.n, round(m.value, 5), low, high, m.method, recipe_id])
        _write(table.getvalue(), folder / f"{station.replace(' ', '_')}.csv")


def store_reliability(diagrams: Sequence[ReliabilityDiagram], recipe_id: str, path: Path) -> None:
    """Write the reliability of the subjects' probabilities, whole or not at all."""
    rows = [
        {
            **asdict(one),
            "calibration_error": round(one.calibration_error, 5),
            "bins": [
                {"n": part.n, "stated": round(part.stated, 5), "shown": round(part.shown, 5)}
                for part in one.bins
            ],
        }
        for one in diagrams
    ]
    document = {"schema": 1, "recipe": recipe_id, "reliability": rows}
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    # A line for each bin: changes can be read in a diff.
    _write(text.replace('},{"', '},\n{"').replace(":[{", ":[\n{") + "\n", path)


def _write(text: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
