"""Training of the subject readers: one calibrated logistic regression a subject.

Image features are many and weak, the numbers about persons and maps few and strong, so the latter
weigh more. Each photo is shown as it is and as printed; the answers for children and maps come
from estimators that never saw the photo's event, as in use.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from presslens.lab.training.datasets import PORTRAITS, STATE_MEDIA
from presslens.lab.training.faces import gate as train_gate
from presslens.lab.training.showing import AS_IS, PRINTED, TAUGHT
from presslens.lab.training.subjects import children as train_children
from presslens.lab.training.subjects import counting as train_counting
from presslens.lab.training.subjects import maps as train_maps
from presslens.lab.training.subjects.examples import SubjectExample, SubjectObserver
from presslens.lab.training.subjects.labels import truth
from presslens.models.subjects import counting
from presslens.models.subjects.children import ObjectChildEstimator
from presslens.models.subjects.features import LENGTH
from presslens.models.subjects.maps import named
from presslens.models.subjects.readers import FACES, NUMBERS, OBJECTS, SubjectReaders, describe
from presslens.models.vocabulary import PhotoObservation, Subject

FOLDS = 5


@dataclass(frozen=True, slots=True)
class Design:
    """The design of one subject's reader.

    Attributes:
        penalty: C of the regression.
        features: Weight of the image features, 0 leaves them out.
        objects: Weight of the objects, 0 leaves them out.
        numbers: Which of ``readers.NUMBERS`` are used.
    """

    penalty: float
    features: float
    objects: float
    numbers: tuple[str, ...]


_PERSONS = ("best_person", "best_face", "people", "possible_people", "faces", "person_height")
_CHILDREN = ("best_child", "any_child", "children", "child_share", "child_object")
_BUILT = ("building_object", "building_cover", "people", "person_height")

COUNTED = tuple(name for name in counting.NUMBERS if name != "crowded_share")
"""The numbers that a crowd is read from. The map of crowds helps on state media (AP 0.979 instead
of 0.975), where most of its boxes are, but not on groups elsewhere (AP 0.844 instead of 0.898 over
all)."""

DESIGNS = {
    Subject.PEOPLE: Design(1.0, 0.05, 0.05, _PERSONS),
    Subject.CROWD: Design(1.0, 0.06, 0.0, COUNTED),
    Subject.CHILDREN: Design(1.0, 0.02, 0.1, _PERSONS + _CHILDREN + FACES),
    Subject.FIREWORKS: Design(1.0, 0.0, 0.0, named((Subject.FIREWORKS,))[:2]),
    Subject.BUILDINGS: Design(1.0, 0.05, 0.1, (*_BUILT, *named((Subject.BUILDINGS,)))),
}
"""Chosen by cross-validated log loss."""


@dataclass(frozen=True, slots=True, eq=False)
class OutOfFoldReading:
    """The out-of-fold readings of one subject in many photos.

    Attributes:
        subject: The subject.
        examples: The photos, n of them, each as shown.
        truth: Whether they show the subject, shape (n,).
        probability: The probability that they do, shape (n,), 0–1.
    """

    subject: Subject
    examples: tuple[SubjectExample, ...]
    truth: NDArray[np.bool_]
    probability: NDArray[np.float64]

    def of(self, *, shown: str = AS_IS, sets: Sequence[str] = ()) -> OutOfFoldReading:
        """Return the photos that were shown in one way, of all sets or of some."""
        return self.chosen(
            [
                i
                for i, e in enumerate(self.examples)
                if e.shown == shown and (not sets or e.photo.dataset in sets)
            ]
        )

    def chosen(self, indices: Sequence[int]) -> OutOfFoldReading:
        """Return some of the photos."""
        examples = tuple(self.examples[i] for i in indices)
        rows = list(indices)
        return replace(
            self, examples=examples, truth=self.truth[rows], probability=self.probability[rows]
        )


def train(
    data: Path, out: Path, *, observer: SubjectObserver, person_score: float
) -> dict[str, float | int]:
    """Fit the readers on all photos, write them, and return cross-validated metrics.

    Args:
        data: The folder of labelled photos.
        out: The skops file to write.
        observer: Observes the photos.
        person_score: Lowest score of a person that is counted, 0–1.
    """
    examples = observer.observe(data)
    observations = seen(examples)
    rows = described(observations, person_score=person_score)
    crowd = out_of_event(Subject.CROWD, examples, rows)
    counter = train_counting.fit(train_counting.counted(examples, observations, crowd))
    heads = {s: fit_reader(s, *_labelled(s, examples, rows)) for s in Subject}
    SubjectReaders(heads, counter).save(out)
    values: dict[str, float | int] = {}
    for each in cross_validated(examples, rows):
        for name, part in {
            each.subject.value: each.of(),
            f"{each.subject}_printed": each.of(shown=PRINTED),
            f"{each.subject}_state_media": each.of(sets=STATE_MEDIA),
        }.items():
            values |= {f"{key}_{name}": value for key, value in metrics(part).items()}
    return values


def metrics(judged: OutOfFoldReading) -> dict[str, float | int]:
    """Return n, how many show the subject, and AP, AUC and F1 at 0.5 where they are defined."""
    positive = int(judged.truth.sum())
    values: dict[str, float | int] = {"n": len(judged.truth), "positive": positive}
    if 0 < positive < len(judged.truth):
        values["ap"] = float(average_precision_score(judged.truth, judged.probability))
        values["auc"] = float(roc_auc_score(judged.truth, judged.probability))
        values["f1"] = float(f1_score(judged.truth, judged.probability >= 0.5))
    return values


def seen(examples: Sequence[SubjectExample]) -> list[PhotoObservation]:
    """Return the observations, with children, faces and maps estimated out of fold.

    The estimators are fitted on photos shown in the ways that teach.
    """
    labelled = [e for e in examples if e.shown in TAUGHT]
    models = train_children.out_of_fold(labelled, examples)
    children = [ObjectChildEstimator(model) for model in models]
    gates = train_gate.out_of_fold(examples, children)
    maps = train_maps.out_of_fold(labelled, examples)
    return [
        e.observed(
            estimator.persons(e.objects, [person.box for person in e.persons]),
            train_gate.judged(e, estimator, gate),
            odds,
        )
        for e, estimator, gate, odds in zip(examples, children, gates, maps, strict=True)
    ]


def described(
    observations: Sequence[PhotoObservation], *, person_score: float
) -> NDArray[np.float64]:
    """Return ``readers.describe`` for each photo."""
    return np.array([describe(o, person_score=person_score) for o in observations])


def cross_validated(
    examples: Sequence[SubjectExample], rows: NDArray[np.float64]
) -> list[OutOfFoldReading]:
    """Return the out-of-fold readings of every subject."""
    return [judge(subject, examples, rows) for subject in Subject]


def judge(
    subject: Subject,
    examples: Sequence[SubjectExample],
    rows: NDArray[np.float64],
    *,
    share: float = 1.0,
) -> OutOfFoldReading:
    """Return the out-of-fold readings of one subject; see ``out_of_event``."""
    probability = out_of_event(subject, examples, rows, share=share)
    labels = [truth(e.photo, subject) for e in examples]
    # Portraits teach; among what is measured they would flatter.
    labelled_rows = [
        i
        for i, label in enumerate(labels)
        if label is not None and examples[i].photo.dataset != PORTRAITS
    ]
    shown = np.array([bool(labels[i]) for i in labelled_rows])
    return OutOfFoldReading(
        subject, tuple(examples[i] for i in labelled_rows), shown, probability[labelled_rows]
    )


def out_of_event(
    subject: Subject,
    examples: Sequence[SubjectExample],
    rows: NDArray[np.float64],
    *,
    share: float = 1.0,
) -> NDArray[np.float64]:
    """Return the out-of-fold probability of each photo, with or without a label, shape (n,).

    Args:
        subject: The subject to read.
        examples: The photos, n of them.
        rows: Their numbers, from ``described``.
        share: Share of the other events to fit on, drawn at random, 0–1.
    """
    used = drawn({e.photo.group for e in examples}, share)
    labels = [truth(e.photo, subject) for e in examples]
    labelled = np.array([label is not None for label in labels])
    labelled &= np.array([e.shown in TAUGHT for e in examples])
    labelled &= np.array([e.photo.group in used for e in examples])
    y = np.array([bool(label) for label in labels])
    probability = np.zeros(len(y))
    for fitted, left_out in _folds(y, examples):
        fitted = fitted[labelled[fitted]]
        model = fit_reader(subject, rows[fitted], y[fitted], [examples[i] for i in fitted])
        probability[left_out] = model.predict_proba(rows[left_out])[:, 1]
    return probability


def drawn(events: Collection[str], share: float) -> set[str]:
    """Return a random share, 0–1, of some events; a larger share includes a smaller one."""
    rng = np.random.default_rng(0)
    return {event for event in sorted(events) if rng.random() < share}


def _folds(
    y: NDArray[np.bool_], examples: Sequence[SubjectExample]
) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Return folds of (fitted, left out) rows, stratified by label and grouped by event."""
    groups = [e.photo.group for e in examples]
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    return list(folds.split(y, y, groups=groups))


def _labelled(
    subject: Subject, examples: Sequence[SubjectExample], rows: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_], list[SubjectExample]]:
    labels = [truth(e.photo, subject) for e in examples]
    chosen = [i for i, label in enumerate(labels) if label is not None]
    y = np.array([bool(labels[i]) for i in chosen])
    return rows[chosen], y, [examples[i] for i in chosen]


def fit_reader(
    subject: Subject,
    X: NDArray[np.float64],
    y: NDArray[np.bool_],
    examples: Sequence[SubjectExample],
) -> Pipeline:
    """Return a classifier whose log odds were stretched and moved to fit held-out photos.

    Platt's scaling of a linear model is a linear model: it goes into the weights.

    Args:
        subject: The subject to read.
        X: The numbers of n photos, from ``described``.
        y: Whether each shows the subject, shape (n,).
        examples: The photos.
    """
    odds = np.zeros(len(y))
    for fitted, left_out in _folds(y, examples):
        model = _fit(subject, X[fitted], y[fitted], [examples[i] for i in fitted])
        odds[left_out] = model.decision_function(X[left_out])
    scaling = LogisticRegression(C=10.0).fit(odds[:, None], y)
    model = _fit(subject, X, y, examples)
    last = model[-1]
    last.coef_ = last.coef_ * scaling.coef_[0, 0]
    last.intercept_ = last.intercept_ * scaling.coef_[0, 0] + scaling.intercept_
    return model


def _fit(
    subject: Subject,
    X: NDArray[np.float64],
    y: NDArray[np.bool_],
    examples: Sequence[SubjectExample],
) -> Pipeline:
    weight = np.array([_DOMAIN if e.photo.dataset in STATE_MEDIA else 1.0 for e in examples])
    return _classifier(DESIGNS[subject]).fit(X, y, logisticregression__sample_weight=weight)


_DOMAIN = 3.0
"""What a state-media photo weighs in training: there are few, and they are what is read."""


def _classifier(design: Design) -> Pipeline:
    columns = [OBJECTS.stop + NUMBERS.index(name) for name in design.numbers]
    blocks = [
        ("features", StandardScaler(), slice(0, LENGTH)),
        ("objects", StandardScaler(), OBJECTS),
        ("numbers", StandardScaler(), columns),
    ]
    weights = {"features": design.features, "objects": design.objects, "numbers": 1.0}
    return make_pipeline(
        ColumnTransformer(blocks, transformer_weights=weights),
        LogisticRegression(C=design.penalty, max_iter=3000),
    )
