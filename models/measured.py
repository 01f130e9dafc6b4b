"""The measured accuracy of the weights: tables that ship beside the weights' cards.

``presslens models evaluate`` writes them; ``docs/reference/accuracy.md`` says how to read them.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from presslens.models.accuracy import Measure

CARDS = Path(__file__).with_name("cards")
ACCURACY = CARDS / "accuracy"
RELIABILITY = CARDS / "reliability.json"
COLUMNS = ("what", "data", "n", "value", "low", "high", "method", "recipe")
"""Columns of the table of a station."""


@dataclass(frozen=True, slots=True)
class MeasuredStation:
    """The measures of one station."""

    recipe_id: str  # id of the recipe that was measured, or how it begins
    measures: tuple[Measure, ...]  # what was measured, in the order of the table

    def of(self, what: str, data: str = "") -> Measure | None:
        """Return the first measure with this name on data whose name begins so, if there is one."""
        matching = (m for m in self.measures if m.what == what and m.data.startswith(data))
        return next(matching, None)


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Photos whose probabilities are alike."""

    n: int  # number of photos
    stated: float  # their mean probability, 0–1
    shown: float  # share of them that show the subject, 0–1


@dataclass(frozen=True, slots=True)
class ReliabilityDiagram:
    """How far the probabilities of a subject are what they say, in ten bins at most."""

    subject: str
    shown_as: str  # the way in which the photos were shown, "as printed" for instance
    n: int  # number of photos
    calibration_error: float  # expected calibration error, 0–1
    bins: tuple[ReliabilityBin, ...]  # the bins that have a photo, by probability


def load_stations(folder: Path = ACCURACY) -> dict[str, MeasuredStation]:
    """Return the measured stations by name; none if the folder is not there."""
    stations = {}
    for path in sorted(folder.glob("*.csv")):
        name = path.stem.replace("_", " ")
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        measures = tuple(_measure(name, row) for row in rows)
        stations[name] = MeasuredStation(rows[0]["recipe"], measures)
    return stations


def load_reliability(path: Path = RELIABILITY) -> list[ReliabilityDiagram]:
    """Return the reliability of the subjects' probabilities; none if the file is not there."""
    document = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return [
        ReliabilityDiagram(**{**one, "bins": tuple(ReliabilityBin(**part) for part in one["bins"])})
        for one in document.get("reliability", [])
    ]


def _measure(station: str, row: Mapping[str, str]) -> Measure:
    interval = (float(row["low"]), float(row["high"])) if row["low"] else None
    n, value = int(row["n"]), float(row["value"])
    return Measure(station, row["what"], row["data"], n, value, interval, row["method"])
