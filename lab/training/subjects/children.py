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
from presslens.lab.training.datasets import STATE_MEDIA
from presslens.lab.training.subjects.examples import SubjectExample, SubjectObserver
from presslens.lab.training.subjects.labels import counted_children, counted_people
from presslens.models.geometry import Box
from presslens.models.subjects.children import described, of_face, of_person
from presslens.models.subjects.persons import PERSON

Judgement: TypeAlias = tuple[NDArray[np.bool_], NDArray[np.float64]]
"""Who is a child, and the probability of it, shapes (n,)."""

SCHOOL = "children_school"

LIKELY = 0.35
"""Persons from this score on are learned from, 0–1."""

FACE = 0.5
"""Faces from this score on are measured, 0–1."""

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
    aged = [(e, age) for e in examples if (age := all_children(e)) is not None]
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


def all_children(example: SubjectExample) -> bool | None:
    """Return whether all persons of a photo are children or none is; None where mixed."""
    shown = example.photo.label("children")
    if not shown:
        return shown
    people, children = counted_people(example.photo), counted_children(example.photo)
    if people is not None and children is not None:
        return True if children.best >= _MOSTLY * people.best else None
    return True if example.photo.dataset == SCHOOL else None


def metrics(
    examples: Sequence[SubjectExample], models: Sequence[Pipeline]
) -> dict[str, float | int]:
    """Return the AUC of persons and faces of known age, with their numbers."""
    values: dict[str, float | int] = {}
    for name, printed in (("", False), ("_printed", True)):
        members = [i for i, e in enumerate(examples) if e.printed is printed]
        some, theirs = [examples[i] for i in members], [models[i] for i in members]
        for what, judged in (("persons", persons_judged), ("faces", faces_judged)):
            truth, probability = judged(some, theirs)
            if 0 < truth.sum() < len(truth):
                values[f"{what}{name}"] = len(truth)
                values[f"children_{what}{name}"] = int(truth.sum())
                values[f"auc_{what}{name}"] = float(roc_auc_score(truth, probability))
    return values


def persons_judged(examples: Sequence[SubjectExample], models: Sequence[Pipeline]) -> Judgement:
    """Return for each person of known age whether it is a child, and the model's probability."""
    return _judged([(e, _rows(e), m) for e, m in zip(examples, models, strict=True)])


def faces_judged(examples: Sequence[SubjectExample], models: Sequence[Pipeline]) -> Judgement:
    """Return the truth and the probability of faces in the school's and state media's photos."""
    sets = (SCHOOL, *STATE_MEDIA)
    pairs = zip(examples, models, strict=True)
    return _judged([(e, _face_rows(e), m) for e, m in pairs if e.photo.dataset in sets])


def _judged(
    seen: Sequence[tuple[SubjectExample, NDArray[np.float64], Pipeline]],
) -> Judgement:
    """Return the truth and the probability of all rows of known age."""
    truth, probability = [np.empty(0, bool)], [np.empty(0)]
    for example, rows, model in seen:
        age = all_children(example)
        if age is not None and len(rows):
            truth.append(np.full(len(rows), age))
            probability.append(model.predict_proba(rows)[:, 1])
    return np.concatenate(truth), np.concatenate(probability)


def _rows(example: SubjectExample) -> NDArray[np.float64]:
    persons = (d for d in example.observation.detections if d.label == PERSON)
    boxes = [person.box for person in persons if person.score >= LIKELY]
    return described(example.objects, boxes, of_person)


def _face_rows(example: SubjectExample) -> NDArray[np.float64]:
    boxes: list[Box] = [f.box for f in example.observation.faces if f.score >= FACE]
    return described(example.objects, boxes, of_face)
