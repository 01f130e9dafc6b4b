"""Training of the child estimator, on photos with persons of known age.

In a photo without children all persons are adults. Nearly all who are in the school's pictures of
pupils are pupils; elsewhere persons of a photo with children are learned from only where all of
them were counted as children.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
import skops.io
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from presslens.lab.training import split
from presslens.lab.training.datasets import LabelledPhoto
from presslens.lab.training.subjects.examples import SubjectExample, SubjectObserver
from presslens.lab.training.subjects.labels import counted_children, counted_people
from presslens.models.subjects.children import described, of_person
from presslens.models.subjects.persons import PERSON

Judgement: TypeAlias = tuple[NDArray[np.bool_], NDArray[np.float64]]
"""Who is a child, and the probability of it, shapes (n,)."""

SCHOOL = "children_school"

LIKELY = 0.35
"""Persons from this score on are learned from, 0–1."""

_MOSTLY = 0.9
"""Share of a photo's people who are children, from which all are taken for children."""


def train(data: Path, out: Path, *, observer: SubjectObserver) -> dict[str, float | int]:
    """Fit the classifier, write it, and return metrics cross-validated by event.

    Args:
        data: The folder of labelled photos.
        out: The skops file to write.
        observer: Observes the photos.
    """
    examples = observer.observe(data)
    skops.io.dump(fit(examples), out)
    return metrics(examples, out_of_fold(examples, examples))


def fit(examples: Sequence[SubjectExample]) -> Pipeline:
    """Return the classifier over ``children.described``, fitted on all persons of known age."""
    aged = [(e, age) for e in examples if (age := all_children(e.photo)) is not None]
    rows = [_rows(example) for example, _ in aged]
    X = np.concatenate(rows)
    y = np.concatenate([np.full(len(r), age) for r, (_, age) in zip(rows, aged, strict=True)])
    # A photo of a hundred adults teaches no more than ten photos of ten.
    weight = np.concatenate([np.full(len(r), 1 / np.sqrt(max(len(r), 1))) for r in rows])
    model = make_pipeline(StandardScaler(), LogisticRegression(C=1.0))
    return model.fit(X, y, logisticregression__sample_weight=weight)


def out_of_fold(
    training: Sequence[SubjectExample], scored: Sequence[SubjectExample]
) -> list[Pipeline]:
    """Return for each scored example a classifier that was fitted without its event.

    Args:
        training: Examples to fit on.
        scored: Examples of the same events.
    """
    return split.out_of_fold(fit, training, scored, group=lambda example: example.photo.group)


def all_children(photo: LabelledPhoto) -> bool | None:
    """Return whether all persons of a photo are children or none is; None where mixed."""
    shown = photo.label("children")
    if not shown:
        return shown
    people, children = counted_people(photo), counted_children(photo)
    if people is not None and children is not None:
        return True if children.best >= _MOSTLY * people.best else None
    return True if photo.dataset == SCHOOL else None


def metrics(
    examples: Sequence[SubjectExample], models: Sequence[Pipeline]
) -> dict[str, float | int]:
    """Return the AUC of persons of known age, with their numbers."""
    values: dict[str, float | int] = {}
    for name, printed in (("", False), ("_printed", True)):
        members = [i for i, e in enumerate(examples) if e.printed is printed]
        some, theirs = [examples[i] for i in members], [models[i] for i in members]
        truth, probability = persons_judged(some, theirs)
        if 0 < truth.sum() < len(truth):
            values[f"persons{name}"] = len(truth)
            values[f"children_persons{name}"] = int(truth.sum())
            values[f"auc_persons{name}"] = float(roc_auc_score(truth, probability))
    return values


def persons_judged(examples: Sequence[SubjectExample], models: Sequence[Pipeline]) -> Judgement:
    """Return for each person of known age whether it is a child, and the model's probability."""
    truth, probability = [np.empty(0, bool)], [np.empty(0)]
    for example, model in zip(examples, models, strict=True):
        age, rows = all_children(example.photo), _rows(example)
        if age is not None and len(rows):
            truth.append(np.full(len(rows), age))
            probability.append(model.predict_proba(rows)[:, 1])
    return np.concatenate(truth), np.concatenate(probability)


def _rows(example: SubjectExample) -> NDArray[np.float64]:
    persons = (d for d in example.observation.detections if d.label == PERSON)
    boxes = [person.box for person in persons if person.score >= LIKELY]
    return described(example.objects, boxes, of_person)
