"""Training of the subject readers: one logistic regression a subject.

Image features are many and weak, the numbers about persons few and strong, so the latter weigh
more. Each photo is shown as it is and as printed; child probabilities come from estimators that
never saw the photo's event, as they will in use.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from models.datasets import STATE_MEDIA
from models.subjects.examples import Example, Looker
from models.subjects.features import LENGTH
from models.subjects.labels import truth
from models.subjects.readers import NUMBERS, SubjectReaders, describe
from models.subjects.train_children import out_of_fold
from models.vocabulary import PhotoObservation, Subject

FOLDS = 5


@dataclass(frozen=True, slots=True)
class Design:
    """How one subject is read.

    Attributes:
        penalty: C of the regression.
        features: Weight of the image features, 0 leaves them out.
        numbers: Which of ``readers.NUMBERS`` are used.
    """

    penalty: float
    features: float
    numbers: tuple[str, ...]


_PERSONS = ("best_person", "best_face", "people", "possible_people", "faces", "person_height")
_CHILDREN = ("best_child", "any_child", "children", "child_share")

DESIGNS = {
    Subject.PEOPLE: Design(1.0, 0.05, ("best_person", "best_face", "people", "possible_people")),
    Subject.CROWD: Design(1.0, 0.06, _PERSONS),
    Subject.CHILDREN: Design(1.0, 0.05, _PERSONS + _CHILDREN),
    Subject.FIREWORKS: Design(1.0, 0.12, ()),
    Subject.BUILDINGS: Design(1.0, 0.08, ("people", "person_height")),
}
"""Chosen by cross-validated log loss."""


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Photos with a label for a subject, and what readers say that never saw their event.

    Attributes:
        subject: Which.
        examples: The photos, n of them.
        truth: Their labels, shape (n,).
        probability: Shape (n,), 0–1.
    """

    subject: Subject
    examples: tuple[Example, ...]
    truth: NDArray[np.bool_]
    probability: NDArray[np.float64]

    def of(self, *, printed: bool, state_media: bool = False) -> Judged:
        """Return the photos as they are or as printed, of all sets or of the domain's."""
        chosen = [
            i
            for i, e in enumerate(self.examples)
            if e.printed is printed and (e.photo.dataset in STATE_MEDIA or not state_media)
        ]
        return self.chosen(chosen)

    def chosen(self, indices: Sequence[int]) -> Judged:
        """Return some of the photos."""
        examples = tuple(self.examples[i] for i in indices)
        rows = list(indices)
        return Judged(self.subject, examples, self.truth[rows], self.probability[rows])


def train(data: Path, out: Path, *, looker: Looker, person_score: float) -> dict[str, float | int]:
    """Fit the readers on all photos, write them, and return cross-validated figures.

    Args:
        data: The folder of labelled photos.
        out: The skops file to write.
        looker: Sees the photos.
        person_score: Lowest score of a person that is counted, 0–1.
    """
    examples = looker.look(data)
    rows = described(examples, person_score=person_score)
    SubjectReaders({s: _fit(s, *_labelled(s, examples, rows)) for s in Subject}).save(out)
    found: dict[str, float | int] = {}
    for judged in cross_validated(examples, rows):
        for name, part in {
            judged.subject.value: judged.of(printed=False),
            f"{judged.subject}_printed": judged.of(printed=True),
            f"{judged.subject}_state_media": judged.of(printed=False, state_media=True),
        }.items():
            found |= {f"{key}_{name}": value for key, value in figures(part).items()}
    return found


def figures(judged: Judged) -> dict[str, float | int]:
    """Return n, how many show the subject, and AP, AUC and F1 at 0.5 where they are defined."""
    positive = int(judged.truth.sum())
    found: dict[str, float | int] = {"n": len(judged.truth), "positive": positive}
    if 0 < positive < len(judged.truth):
        found["ap"] = float(average_precision_score(judged.truth, judged.probability))
        found["auc"] = float(roc_auc_score(judged.truth, judged.probability))
        found["f1"] = float(f1_score(judged.truth, judged.probability >= 0.5))
    return found


def seen(examples: Sequence[Example]) -> list[PhotoObservation]:
    """Return the observations, child probabilities by estimators that never saw the event."""
    child = out_of_fold(examples)
    return [e.observed(p) for e, p in zip(examples, child, strict=True)]


def described(examples: Sequence[Example], *, person_score: float) -> NDArray[np.float64]:
    """Return ``readers.describe`` for each example."""
    return np.array([describe(o, person_score=person_score) for o in seen(examples)])


def cross_validated(examples: Sequence[Example], rows: NDArray[np.float64]) -> list[Judged]:
    """Judge every labelled photo by readers that never saw its event."""
    return [_judge(subject, examples, rows) for subject in Subject]


def _judge(subject: Subject, examples: Sequence[Example], rows: NDArray[np.float64]) -> Judged:
    X, y, known = _labelled(subject, examples, rows)
    groups = [e.photo.group for e in known]
    probability = np.zeros(len(y))
    for learnt, kept in GroupKFold(FOLDS).split(X, groups=groups):
        model = _fit(subject, X[learnt], y[learnt], [known[i] for i in learnt])
        probability[kept] = model.predict_proba(X[kept])[:, 1]
    return Judged(subject, tuple(known), y, probability)


def _labelled(
    subject: Subject, examples: Sequence[Example], rows: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_], list[Example]]:
    labels = [truth(e.photo, subject) for e in examples]
    chosen = [i for i, label in enumerate(labels) if label is not None]
    y = np.array([bool(labels[i]) for i in chosen])
    return rows[chosen], y, [examples[i] for i in chosen]


def _fit(
    subject: Subject,
    X: NDArray[np.float64],
    y: NDArray[np.bool_],
    examples: Sequence[Example],
) -> Pipeline:
    weight = np.array([_DOMAIN if e.photo.dataset in STATE_MEDIA else 1.0 for e in examples])
    return _classifier(DESIGNS[subject]).fit(X, y, logisticregression__sample_weight=weight)


_DOMAIN = 3.0
"""What a state-media photo weighs in training: there are few, and they are what is read."""


def _classifier(design: Design) -> Pipeline:
    columns = [LENGTH + NUMBERS.index(name) for name in design.numbers]
    blocks = [
        ("features", StandardScaler(), slice(0, LENGTH)),
        ("numbers", StandardScaler(), columns),
    ]
    return make_pipeline(
        ColumnTransformer(
            blocks, transformer_weights={"features": design.features, "numbers": 1.0}
        ),
        LogisticRegression(C=design.penalty, max_iter=3000),
    )
