"""Readings of subjects by readers that never saw a photo of the same collection.

Photos of one web site or newspaper are alike in ways that a split by event doesn't show, so that a
reader is surer on them than on those of a newspaper that nobody trained for. Here the children's
estimator, the maps and the readers are fitted again on all labelled collections but one. The
networks below them are not: ``docs/reference/accuracy.md`` says which collections these saw.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from presslens.lab.training.datasets import STATE_MEDIA, LabelledPhoto
from presslens.lab.training.faces import gate as train_gate
from presslens.lab.training.printing import DEGRADATIONS
from presslens.lab.training.showing import TAUGHT
from presslens.lab.training.subjects import children as train_children
from presslens.lab.training.subjects import maps as train_maps
from presslens.lab.training.subjects.examples import SubjectExample, SubjectObserver
from presslens.lab.training.subjects.labels import truth
from presslens.lab.training.subjects.readers import (
    FOLDS,
    OutOfFoldReading,
    described,
    fit_reader,
    seen,
)
from presslens.models.subjects.children import ObjectChildEstimator
from presslens.models.subjects.maps import LinearMapper
from presslens.models.vocabulary import PhotoObservation, Subject

COLLECTIONS: Mapping[str, tuple[str, ...]] = {
    "state media": STATE_MEDIA,
    "school": ("children_school",),
    "services": ("people_events_web",),
    "plants": ("facility_web",),
    "ceremonies": ("ceremonies_web",),
    "travel": ("dprk_travel_photos",),
    "COCO": ("coco256", "coco_mini"),
    "heads": ("crowd_points",),
    "scenes": ("intel_scenes",),
    "fireworks": ("fireworks",),
    "fireworks 2": ("fireworks2",),
    "fireworks 3": ("fireworks3",),
    "press": ("press_photos",),
}
"""The sets of each collection, which is left out as a whole."""

SMALLEST = 15
"""Photos from which a part of a collection is a source of its own."""

_ORIGIN = {
    "people_events_web": "source",
    "ceremonies_web": "source",
    "facility_web": "repo",
    "fireworks": "repo",
    "fireworks2": "repo",
    "press_photos": "source",
}
"""The column that tells the web sites of a set apart; other sets come from one place."""

_COLLECTION = {name: collection for collection, sets in COLLECTIONS.items() for name in sets}


NEAR = (*STATE_MEDIA, "dprk_travel_photos")
"""The sets of the domain: shown in each single degradation, too, which no reader learns from."""


def observe_collections(data: Path, observer: SubjectObserver) -> list[SubjectExample]:
    """Return the photos of all collections as they are and as printed, and degraded ``NEAR`` ones.

    Args:
        data: The folder of labelled photos.
        observer: Observes the photos.
    """
    return observer.observe(data) + observer.observe(data, sets=NEAR, shown=tuple(DEGRADATIONS))


def collection_of(photo: LabelledPhoto) -> str:
    """Return the collection of a photo: one of ``COLLECTIONS``, or its set that only teaches."""
    return _COLLECTION.get(photo.dataset, photo.dataset)


def sources(photos: Sequence[LabelledPhoto]) -> list[str]:
    """Return the source of each photo: its collection, or its web site where that has enough.

    Web sites with fewer than ``SMALLEST`` photos are one source of the collection together.
    """
    origins = [(collection_of(p), _site(p)) for p in photos]
    number = Counter(dict.fromkeys((p.key, o) for p, o in zip(photos, origins, strict=True)))
    count = Counter(origin for _, origin in number)
    return [
        collection
        if site is None
        else f"{collection}: {site if count[collection, site] >= SMALLEST else 'others'}"
        for collection, site in origins
    ]


def _site(photo: LabelledPhoto) -> str | None:
    column = _ORIGIN.get(photo.dataset)
    return photo.labels[column].rsplit("/", 1)[-1] if column else None


def left_out(
    examples: Sequence[SubjectExample],
    *,
    person_score: float,
    progress: Callable[[str], None] = lambda _collection: None,
) -> list[OutOfFoldReading]:
    """Return the readings of every subject by readers that never saw the photo's collection.

    Photos whose subject is shown in fewer than ``FOLDS`` events of other collections have no
    reading: nobody would train a reader on so little.

    Args:
        examples: Photos of all collections, shown as they are and as printed, and in other ways
            that no reader learns from.
        person_score: Lowest score of a person that is counted, 0–1.
        progress: Receives the name of each collection before its readers are fitted.
    """
    trained = [e for e in examples if _teaches(e)]
    probability = {subject: np.full(len(examples), np.nan) for subject in Subject}
    for collection in COLLECTIONS:
        scored = [i for i, e in enumerate(examples) if collection_of(e.photo) == collection]
        if not scored:
            continue
        progress(collection)
        others = [trained[i] for i in taught_without(collection, trained)]
        some = [examples[i] for i in scored]
        theirs = described(seen(others), person_score=person_score)
        rows = described(_observed(others, some), person_score=person_score)
        for subject in Subject:
            probability[subject][scored] = _reading(subject, others, theirs, rows)
    return [_judged(subject, examples, probability[subject]) for subject in Subject]


def taught_without(collection: str, trained: Sequence[SubjectExample]) -> list[int]:
    """Return the indices of the photos that teach the readers which leave a collection out."""
    return [i for i, e in enumerate(trained) if collection_of(e.photo) != collection]


def reference(judged: OutOfFoldReading, collection: str) -> float:
    """Return the prevalence among the photos that taught the readers of a left-out collection.

    Args:
        judged: The readings of all collections.
        collection: One of ``COLLECTIONS``.

    Returns:
        The share of them that show the subject, 0–1; NaN without any.
    """
    rows = [
        i
        for i, e in enumerate(judged.examples)
        if _teaches(e) and collection_of(e.photo) != collection
    ]
    return float(judged.truth[rows].mean()) if rows else float("nan")


def _teaches(example: SubjectExample) -> bool:
    return example.shown in TAUGHT


def _observed(
    others: Sequence[SubjectExample], scored: Sequence[SubjectExample]
) -> list[PhotoObservation]:
    """Return observations with children, faces and maps by estimators fitted on others alone."""
    children = ObjectChildEstimator(train_children.fit(others))
    gate = train_gate.fit([f for e in others for f in train_gate.faces_of(e, children)])
    mapper = LinearMapper(train_maps.fit(others))
    return [
        e.observed(
            children.persons(e.objects, [person.box for person in e.persons]),
            train_gate.judged(e, children, gate),
            mapper.map(e.places.astype(np.float32)),
        )
        for e in scored
    ]


def _reading(
    subject: Subject,
    others: Sequence[SubjectExample],
    theirs: NDArray[np.float64],
    rows: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the probabilities of some rows by a reader fitted on others with a label, or NaN."""
    labels = [truth(e.photo, subject) for e in others]
    fitted = [i for i, label in enumerate(labels) if label is not None]
    y = np.array([bool(labels[i]) for i in fitted])
    for shown in (True, False):
        groups = {others[i].photo.group for i in fitted if labels[i] is shown}
        if len(groups) < FOLDS:
            return np.full(len(rows), np.nan)
    model = fit_reader(subject, theirs[fitted], y, [others[i] for i in fitted])
    return np.asarray(model.predict_proba(rows)[:, 1])


def _judged(
    subject: Subject, examples: Sequence[SubjectExample], probability: NDArray[np.float64]
) -> OutOfFoldReading:
    labels = [truth(e.photo, subject) for e in examples]
    rows = [i for i, label in enumerate(labels) if label is not None and probability[i] >= 0]
    shown = np.array([bool(labels[i]) for i in rows])
    return OutOfFoldReading(subject, tuple(examples[i] for i in rows), shown, probability[rows])
