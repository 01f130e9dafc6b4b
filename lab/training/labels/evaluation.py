"""Evaluation of the built-in labels by cross-validation, and agreement of two readers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import cohen_kappa_score

from presslens.lab.training.datasets import STATE_MEDIA
from presslens.lab.training.labels.built_in import METHOD, OutOfFoldLabel
from presslens.lab.training.labels.scenes import Scene, answers
from presslens.models.accuracy import Measure
from presslens.models.labels.training import label_metrics
from presslens.models.labels.vocabulary import BUILT_IN, LabelMetrics

STATION = "labels"

READERS = "two readings by the codebook's definitions; unsure is an answer of its own"


def evaluate(judged: Sequence[OutOfFoldLabel]) -> list[Measure]:
    """Return AP, F1 and calibration error of each label with enough examples.

    Photos of all sets as they are, as printed, and of the domain's sets alone are measured apart.
    """
    rows = []
    for label in judged:
        if label.probability is None:
            continue
        domain = ", ".join(STATE_MEDIA)
        rows += _measures(label.label, "all sets", *label.of(printed=False))
        rows += _measures(label.label, "all sets, as printed", *label.of(printed=True))
        rows += _measures(label.label, domain, *label.of(printed=False, state_media=True))
    return rows


def _measures(
    label: str, data: str, truth: NDArray[np.bool_], probability: NDArray[np.float64]
) -> list[Measure]:
    metrics = label_metrics(truth, probability, METHOD)
    if metrics is None:
        return []
    name = f"{data}: {metrics.n} photos, {metrics.positive} show it"
    return [
        Measure(STATION, f"{label}: {what}", name, metrics.n, value, None, METHOD)
        for what, value in _values(metrics).items()
    ]


def _values(metrics: LabelMetrics) -> dict[str, float]:
    return {"AP": metrics.ap, "F1": metrics.f1, "calibration error": metrics.calibration_error}


def compare_readers(first: dict[str, Scene], second: dict[str, Scene]) -> list[Measure]:
    """Return Cohen's kappa of two readings of each label; nothing where one answer is alone."""
    rows = []
    for label in BUILT_IN:
        pairs = answers(first, second, label)
        if len({answer for pair in pairs for answer in pair}) < 2:
            continue
        a, b = ([pair[i] for pair in pairs] for i in range(2))
        opposed = sum({*pair} == {"yes", "no"} for pair in pairs)
        data = f"{a.count('yes')} and {b.count('yes')} photos show it; {opposed} contradictions"
        kappa = float(cohen_kappa_score(a, b))
        rows.append(
            Measure(STATION, f"{label}: readers' kappa", data, len(pairs), kappa, None, READERS)
        )
    return rows
