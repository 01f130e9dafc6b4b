"""Training of the built-in labels; a label with too low a precision is not shipped."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import skops.io
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from presslens.lab.training.datasets import STATE_MEDIA
from presslens.lab.training.labels.scenes import SceneExample
from presslens.lab.training.showing import AS_IS, PRINTED
from presslens.models.labels.training import FOLDS, grouped, label_metrics, learn
from presslens.models.labels.vocabulary import BUILT_IN, BuiltInLabel, write_built_in

METHOD = f"cross-validated in {FOLDS} folds by day, event or site; F1 at 0.5"

LEAST = 8
"""Photos that must show a label, and so many that must not, for it to be learnt."""

LEAST_AP = 0.5
"""Average precision, 0–1, that a label needs on photos as they are, and as printed."""


@dataclass(frozen=True, slots=True, eq=False)
class OutOfFoldLabel:
    """The out-of-fold predictions of one label: by classifiers that never saw a photo's event.

    Attributes:
        label: The label.
        examples: The photos, n of them.
        truth: The reader's answers, shape (n,).
        probability: Shape (n,), 0–1; None where the label can't be learnt.
        model: Fitted on all of them; None likewise.
    """

    label: str
    examples: tuple[SceneExample, ...]
    truth: NDArray[np.bool_]
    probability: NDArray[np.float64] | None
    model: Pipeline | None

    def of(
        self, *, printed: bool, state_media: bool = False
    ) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Return truth and probability of photos as they are or printed, all or the domain's."""
        shown = PRINTED if printed else AS_IS
        chosen = [
            e.shown == shown and (e.photo.dataset in STATE_MEDIA or not state_media)
            for e in self.examples
        ]
        probability = np.zeros(len(self.truth)) if self.probability is None else self.probability
        return self.truth[chosen], probability[chosen]

    def verdict(self) -> BuiltInLabel:
        """Return the label's metrics, and the reason if it is not shipped."""
        truth, probability = self.of(printed=False)
        n, positive = len(truth), int(truth.sum())
        if self.probability is None:
            few = f"{positive} of {n} photos show it: {LEAST} must, in several groups"
            return BuiltInLabel(self.label, n, positive, None, few)
        metrics = label_metrics(truth, probability, METHOD)
        in_print = label_metrics(*self.of(printed=True), METHOD)
        worst = min(part.ap if part else 0.0 for part in (metrics, in_print))
        weak = (
            f"its average precision is {worst:.2f} as they are or as printed: {LEAST_AP} is needed"
        )
        return BuiltInLabel(self.label, n, positive, metrics, weak if worst < LEAST_AP else None)


def judge(examples: Sequence[SceneExample]) -> list[OutOfFoldLabel]:
    """Return the out-of-fold predictions of every label."""
    return [_judge(label, examples) for label in BUILT_IN]


def train(examples: Sequence[SceneExample], out: Path, measured: Path) -> dict[str, float | int]:
    """Fit the labels on all photos, write those that are good enough, and return their metrics.

    Args:
        examples: The labelled photos.
        out: The skops file to write.
        measured: The JSON file of the metrics, and of which labels are shipped.
    """
    metrics: dict[str, float | int] = {}
    heads: dict[str, Pipeline] = {}
    verdicts = []
    for judged in judge(examples):
        verdict = judged.verdict()
        verdicts.append(verdict)
        if verdict.refusal is None and judged.model is not None:
            heads[judged.label] = judged.model
        metrics |= _numbers(verdict)
    skops.io.dump(heads, out, compression=zipfile.ZIP_DEFLATED, compresslevel=9)
    write_built_in(verdicts, measured)
    return metrics


def _numbers(label: BuiltInLabel) -> dict[str, float | int]:
    numbers: dict[str, float | int] = {"n": label.n, "positive": label.positive}
    if label.figures is not None:
        numbers |= {"ap": label.figures.ap, "f1": label.figures.f1}
        numbers["calibration_error"] = label.figures.calibration_error
    numbers["shipped"] = int(label.refusal is None)
    return {f"{key}_{label.name}": value for key, value in numbers.items()}


def _judge(label: str, examples: Sequence[SceneExample]) -> OutOfFoldLabel:
    labelled = [e for e in examples if e.labels[label] is not None]
    y = np.array([bool(e.labels[label]) for e in labelled])
    clean = y[[not e.printed for e in labelled]]
    if min(clean.sum(), (~clean).sum()) < LEAST:
        return OutOfFoldLabel(label, tuple(labelled), y, None, None)
    fold = grouped(y, [e.photo.group for e in labelled])
    if any(len(set(y[fold != part])) < 2 for part in range(FOLDS)):
        return OutOfFoldLabel(label, tuple(labelled), y, None, None)
    X = np.array([e.features for e in labelled], np.float64)
    learnt = learn(X, y, fold)
    return OutOfFoldLabel(label, tuple(labelled), y, learnt.probability, learnt.model)
