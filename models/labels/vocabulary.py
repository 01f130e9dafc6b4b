"""Names of labels: the built-in ones, and the rule for a researcher's own."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from presslens.models.message import Message
from presslens.models.vocabulary import Subject

BUILT_IN = (
    "indoor",
    "night",
    "plant_interior",
    "machinery",
    "products",
    "flags",
    "military",
    "ceremony",
    "aerial",
    "stage",
)
"""The labels of the codebook, in its order."""

MEASURED = Path(__file__).parent / "built_in.json"
"""The file of the built-in labels' metrics, measured when they were trained."""

NAME = re.compile(r"[a-z0-9_]{1,64}")


@dataclass(frozen=True, slots=True)
class LabelMetrics:
    """Metrics of a label, by classifiers that never saw the photo."""

    n: int  # photos that it was measured on
    positive: int  # how many of them show it
    ap: float  # average precision, 0–1
    f1: float  # f1 at probability 0.5, 0–1
    calibration_error: float  # expected calibration error in ten bins, 0–1
    method: str  # how the photos were split


@dataclass(frozen=True, slots=True)
class BuiltInLabel:
    """A label of the codebook."""

    name: str  # one of ``BUILT_IN``
    n: int  # labelled photos
    positive: int  # how many of them show it
    # Its metrics on photos as they are; None where it can't be measured.
    figures: LabelMetrics | None
    refusal: str | None  # why it is not shipped; None if it is


def built_in_labels(path: Path = MEASURED) -> list[BuiltInLabel]:
    """Return all built-in labels in the order of the codebook, those not shipped too."""
    rows = json.loads(path.read_text(encoding="utf-8"))
    return [
        BuiltInLabel(**row | {"figures": row["figures"] and LabelMetrics(**row["figures"])})
        for row in rows
    ]


def write_built_in(labels: Sequence[BuiltInLabel], path: Path) -> None:
    """Write built-in labels to a JSON file that ``built_in_labels`` reads."""
    rows = [asdict(label) for label in labels]
    path.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def shipped_names() -> tuple[str, ...]:
    """Return the names of the built-in labels that photos get."""
    return tuple(label.name for label in built_in_labels() if label.refusal is None)


def name_fault(name: str) -> str | None:
    """Return why a researcher's label name is invalid; None for a valid name.

    >>> name_fault("ribbon_cutting")
    >>> name_fault("Ribbon cutting")
    "a label's name has lowercase letters, digits and underscores only, at most 64"
    >>> name_fault("crowd")
    'crowd is a subject'
    """
    if not NAME.fullmatch(name):
        return Message(
            "a label's name has lowercase letters, digits and underscores only, at most 64"
        )
    if name in {subject.value for subject in Subject}:
        return Message("%(name)s is a subject", name=name)
    if name in BUILT_IN:
        return Message("%(name)s is a built-in label", name=name)
    return None


def in_order(names: Sequence[str]) -> list[str]:
    """Return label names in display order: built-in ones as in the codebook, then by letter."""
    rank: Mapping[str, int] = {name: i for i, name in enumerate(BUILT_IN)}
    return sorted(names, key=lambda name: (rank.get(name, len(rank)), name))
