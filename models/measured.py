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
    """The measures of one station.

    Attributes:
        recipe_id: Id of the recipe that was measured, or how it begins.
        measures: What was measured, in the order of the table.
    """

    recipe_id: str
    measures: tuple[Measure, ...]

    def of(self, what: str, data: str = "") -> Measure | None:
        """Return the first measure with this name on data whose name begins so, if there is one."""
        found = (m for m in self.measures if m.what == what and m.data.startswith(data))
        return next(found, None)


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Photos whose probabilities are alike.

    Attributes:
        n: Number of photos.
        stated: Their mean probability, 0–1.
        shown: Share of them that show the subject, 0–1.
    """

    n: int
    stated: float
    shown: float


@dataclass(frozen=True, slots=True)
class ReliabilityDiagram:
    """How far the probabilities of a subject are what they say, in ten bins at most.

    Attributes:
        subject: The subject.
        shown_as: The way in which the photos were shown, "as printed" for instance.
        n: Number of photos.
        calibration_error: Expected calibration error, 0–1.
        bins: The bins that have a photo, by probability.
    """

    subject: str
    shown_as: str
    n: int
    calibration_error: float
    bins: tuple[ReliabilityBin, ...]


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
