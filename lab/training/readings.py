"""The labels that two readers gave to photos of four sets, and what was settled where they differ.

``readings.csv`` beside this module has a row a photo and three columns a label: ``crowd_a`` and
``crowd_b`` are the answers of the two readers, who did not see each other's, ``crowd`` is what
counts. Counts that differ are settled at their mean, the geometric one above ``EXACT``, unless the
photo was looked at once more; ``docs/reference/codebook.md`` states the rules.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

READINGS = Path(__file__).parent / "readings.csv"

ANSWERS = (
    "crowd",
    "children",
    "fireworks",
    "building",
    "lead_person",
    "painted",
)
"""The labels with a few answers: "1", "0" or "?"."""

COUNTS = ("people", "low", "high", "child_count")
"""The labels that are numbers: the count, the range that is sure, and how many are children."""

EXACT = 15
"""Up to so many people a count is meant to be exact."""


@dataclass(frozen=True, slots=True)
class ReaderAgreement:
    """How far two readers agree on one label.

    Attributes:
        label: One of ``ANSWERS``, "people up to 15" or "people above 15".
        photos: How many both readers gave an answer for.
        differ: On how many of them the answers differ.
        kappa: Cohen's kappa, at most 1; None for counts, and where all answers are one.
        difference: Mean difference of two counts by their geometric mean; None for answers.
    """

    label: str
    photos: int
    differ: int
    kappa: float | None = None
    difference: float | None = None


@cache
def reference_labels(path: Path = READINGS) -> Mapping[str, Mapping[str, str]]:
    """Return what was settled of each photo, by its key and label."""
    return {
        row["photo"]: {label: row[label] for label in (*COUNTS, *ANSWERS)} for row in _rows(path)
    }


def agreements(path: Path = READINGS) -> list[ReaderAgreement]:
    """Return how far the readers agree on each label, and on counts of few and of many people."""
    rows = _rows(path)
    return [*(_on_answers(rows, label) for label in ANSWERS), *_on_counts(rows)]


def _on_answers(rows: list[dict[str, str]], label: str) -> ReaderAgreement:
    from sklearn.metrics import cohen_kappa_score  # scikit-learn takes long to load

    first, second = ([row[f"{label}_{reader}"] for row in rows] for reader in "ab")
    differ = sum(a != b for a, b in zip(first, second, strict=True))
    several = len({*first, *second}) > 1
    kappa = float(cohen_kappa_score(first, second)) if several else None
    return ReaderAgreement(label, len(rows), differ, kappa=kappa)


def _on_counts(rows: list[dict[str, str]]) -> list[ReaderAgreement]:
    counts = np.array([[float(row["people_a"]), float(row["people_b"])] for row in rows])
    few = counts.min(axis=1) <= EXACT
    return [
        _numbers(f"people up to {EXACT}", counts[few]),
        _numbers(f"people above {EXACT}", counts[~few]),
    ]


def _numbers(label: str, counts: NDArray[np.float64]) -> ReaderAgreement:
    apart = np.abs(counts[:, 0] - counts[:, 1])
    middle = np.sqrt(np.maximum(counts.prod(axis=1), 1.0))
    difference = float((apart / middle).mean()) if len(counts) else None
    return ReaderAgreement(label, len(counts), int((apart > 0).sum()), difference=difference)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
