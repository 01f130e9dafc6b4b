"""The measured accuracy of the weights, which ships beside their cards for programs to read.

``presslens models evaluate`` writes it together with ``docs/reference/accuracy.md``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from presslens.models.accuracy import Measure

CARDS = Path(__file__).with_name("cards")
ACCURACY = CARDS / "accuracy.json"
RELIABILITY = CARDS / "reliability.json"


@dataclass(frozen=True, slots=True)
class MeasuredStation:
    """The measures of one station.

    Attributes:
        recipe_id: Id of the recipe that was measured, or how it begins.
        measures: What was measured, in the order of the accuracy page.
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


def load_stations(path: Path = ACCURACY) -> dict[str, MeasuredStation]:
    """Return the measured stations by name; none if the file is not there."""
    return {
        name: MeasuredStation(
            part["recipe"], tuple(_measure(name, one) for one in part["measures"])
        )
        for name, part in _read(path).get("stations", {}).items()
    }


def store_stations(measured: Mapping[str, MeasuredStation], path: Path) -> None:
    """Write measured stations, whole or not at all; stations that are not among them stay."""
    known = {**load_stations(path), **measured}
    stations = {
        name: {
            "recipe": station.recipe_id,
            "measures": [_document(measure) for measure in station.measures],
        }
        for name, station in known.items()
    }
    _write({"schema": 1, "stations": stations}, path)


def load_reliability(path: Path = RELIABILITY) -> list[ReliabilityDiagram]:
    """Return the reliability of the subjects' probabilities; none if the file is not there."""
    return [
        ReliabilityDiagram(**{**one, "bins": tuple(ReliabilityBin(**part) for part in one["bins"])})
        for one in _read(path).get("reliability", [])
    ]


def store_reliability(found: Sequence[ReliabilityDiagram], recipe_id: str, path: Path) -> None:
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
        for one in found
    ]
    _write({"schema": 1, "recipe": recipe_id, "reliability": rows}, path)


def _measure(station: str, document: Mapping[str, Any]) -> Measure:
    low_high = document["interval"]
    interval = (low_high[0], low_high[1]) if low_high else None
    return Measure(**{**document, "station": station, "interval": interval})


def _document(measure: Measure) -> dict[str, Any]:
    interval = [round(end, 5) for end in measure.interval] if measure.interval else None
    return {
        "what": measure.what,
        "data": measure.data,
        "n": measure.n,
        "value": round(measure.value, 5),
        "interval": interval,
        "method": measure.method,
    }


def _read(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return document


def _write(document: Mapping[str, Any], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    # A line for each measure: changes can be read in a diff.
    text = text.replace('},{"', '},\n{"').replace(":[{", ":[\n{")
    part.write_text(f"{text}\n", encoding="utf-8")
    part.replace(path)
