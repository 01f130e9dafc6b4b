"""Trains the subject readers: one logistic regression a subject, cross-validated by event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, f1_score
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from models.observer import Observer
from models.subjects.examples import SubjectExample, subject_examples
from models.subjects.readers import SubjectReaders, row
from models.vocabulary import Subject

FOLDS = 5

PENALTY = {
    Subject.PEOPLE: 1.0,
    Subject.CROWD: 0.003,
    Subject.CHILDREN: 0.003,
    Subject.FIREWORKS: 0.003,
    Subject.BUILDINGS: 0.003,
}
"""C of each regression: few numbers need little restraint, 1280 need much."""


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Photos with a label for a subject, and their probabilities by readers that never saw them.

    Attributes:
        subject: Which.
        examples: The photos.
        truth: Their labels, shape (n,).
        probability: By readers fitted without the photo's group, shape (n,).
    """

    subject: Subject
    examples: Sequence[SubjectExample]
    truth: NDArray[np.bool_]
    probability: NDArray[np.float64]


def train(
    data: Path, out: Path, *, observer: Observer, person_score: float
) -> dict[str, float | int]:
    """Fit the readers on all photos, write them, and return cross-validated figures.

    Args:
        data: The folder of labelled photos.
        out: The skops file to write.
        observer: Sees the photos.
        person_score: Lowest score of a person that is counted, 0–1.
    """
    examples = list(subject_examples(data, observer, person_score=person_score))
    SubjectReaders({s: _fit(s, _labelled(examples, s)) for s in Subject}).save(out)
    found: dict[str, float | int] = {}
    for judged in cross_validated(examples):
        name = judged.subject.value
        found[f"n_{name}"] = len(judged.truth)
        found[f"positive_{name}"] = int(judged.truth.sum())
        found[f"ap_{name}"] = float(average_precision_score(judged.truth, judged.probability))
        found[f"f1_{name}"] = float(f1_score(judged.truth, judged.probability >= 0.5))
    return found


def cross_validated(examples: Sequence[SubjectExample]) -> list[Judged]:
    """Judge every labelled photo by readers that never saw its group."""
    return [_judge(subject, _labelled(examples, subject)) for subject in Subject]


def _labelled(examples: Sequence[SubjectExample], subject: Subject) -> list[SubjectExample]:
    return [e for e in examples if subject in e.labels]


def _judge(subject: Subject, examples: Sequence[SubjectExample]) -> Judged:
    probability = np.zeros(len(examples))
    groups = [e.photo.group for e in examples]
    for known, kept in GroupKFold(FOLDS).split(groups, groups=groups):
        model = _fit(subject, [examples[i] for i in known])
        X = np.array([row(subject, examples[i].seen.features, examples[i].evidence) for i in kept])
        probability[kept] = model.predict_proba(X)[:, 1]
    truth = np.array([e.labels[subject] for e in examples])
    return Judged(subject, examples, truth, probability)


def _fit(subject: Subject, examples: Sequence[SubjectExample]) -> Pipeline:
    """Fit on the photos as they are and as bad prints show them."""
    X = np.array(
        [
            row(subject, features, e.evidence)
            for e in examples
            for features in (e.seen.features, e.degraded)
        ]
    )
    y = np.repeat([e.labels[subject] for e in examples], 2)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=PENALTY[subject], max_iter=3000))
    return model.fit(X, y)
