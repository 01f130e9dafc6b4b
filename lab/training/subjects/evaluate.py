"""Evaluation of subjects and children out of fold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from presslens.lab.training.datasets import STATE_MEDIA
from presslens.lab.training.grouped_interval import grouped
from presslens.lab.training.printing import DEGRADATIONS
from presslens.lab.training.showing import AS_IS, PRINTED
from presslens.lab.training.subjects import children as train_children
from presslens.lab.training.subjects.examples import SubjectObserver
from presslens.lab.training.subjects.left_out import collection_of
from presslens.lab.training.subjects.readers import (
    FOLDS,
    OutOfFoldReading,
    cross_validated,
    described,
    judge,
    metrics,
    seen,
)
from presslens.models.accuracy import Measure, calibration_error
from presslens.models.vocabulary import Subject

METHOD = f"cross-validated in {FOLDS} folds by day, event or site; F1 at 0.5"

LEFT_OUT = "its collection left out of readers, maps and what tells children; F1 at 0.5"

SHOWN = (AS_IS, PRINTED, *DEGRADATIONS)
"""The ways in which photos are shown, a row each; readers are fitted on the first two alone."""

SETS = {
    "state media": STATE_MEDIA,
    "COCO": ("coco256", "coco_mini"),
    "scenes": ("intel_scenes",),
    "school": ("children_school",),
    "services and feasts": ("people_events_web",),
    "ceremonies": ("ceremonies_web",),
    "visits": ("dprk_travel_photos",),
}
"""Sets that get a row of their own, where a subject is labelled in them."""

SHARES = (0.25, 0.5, 0.75, 1.0)
"""Shares of the events in a learning curve."""

DARK = ("night_illumination", "lantern_festival_night", "stage_lights", "dusk_city")
"""Kinds of pictures in the set ``fireworks`` that are dark but show no fireworks."""

COUNTED = "cross-validated by day, event or site"

_NAMES = {"ap": "AP", "auc": "AUC", "f1": "F1"}

MISSED, FALSE_ALARM = "missed", "false alarms"
"""The share of the photos that show a subject and are not read so; of those that don't and are."""

DECIDED = f"cross-validated in {FOLDS} folds by day, event or site; decided from 0.5"

DECISION = 0.5
"""Probability from which a photo is read as showing a subject, as for F1."""


def judge_all(
    data: Path, observer: SubjectObserver, *, person_score: float, shown: Sequence[str] = SHOWN
) -> list[OutOfFoldReading]:
    """Return the out-of-fold readings of all photos, shown in each way.

    Args:
        data: The folder of labelled photos.
        observer: Observes the photos.
        person_score: Lowest score of a person that is counted, 0–1.
        shown: The ways, which must include those that readers are fitted on.
    """
    examples = observer.observe(data, shown=shown)
    return cross_validated(examples, described(seen(examples), person_score=person_score))


def evaluate(judged: Sequence[OutOfFoldReading]) -> list[Measure]:
    """Return the metrics of each subject."""
    return [measure for each in judged for measure in _subject(each)]


def evaluate_left_out(judged: Sequence[OutOfFoldReading]) -> list[Measure]:
    """Return the metrics of each subject on sources that no reader saw, all and by collection.

    Args:
        judged: From ``left_out``.
    """
    return [
        measure
        for each in judged
        for shown in (AS_IS, PRINTED)
        for name, part in _by_collection(each.of(shown=shown))
        if 0 < part.truth.sum() < len(part.truth)
        for measure in _measures(part, f"{name}, {shown}", method=LEFT_OUT)
    ]


def _by_collection(judged: OutOfFoldReading) -> Iterator[tuple[str, OutOfFoldReading]]:
    """Yield all readings, then those of each collection."""
    yield "left-out sources", judged
    names = [collection_of(example.photo) for example in judged.examples]
    for name in dict.fromkeys(names):
        yield f"left out: {name}", judged.chosen([i for i, n in enumerate(names) if n == name])


def _subject(judged: OutOfFoldReading) -> Iterator[Measure]:
    for shown in SHOWN:
        yield from _measures(judged.of(shown=shown), f"all sets, {shown}")
    for name, sets in SETS.items():
        part = judged.of(sets=sets)
        if 0 < part.truth.sum() < len(part.truth):
            yield from _measures(part, name)
    if judged.subject is Subject.FIREWORKS:
        yield from _measures(among_dark(judged.of()), "against dark pictures alone")


def learning_curve(data: Path, observer: SubjectObserver, *, person_score: float) -> list[Measure]:
    """Return the learning curve of the readers: their precision by the share of events.

    Children and maps come from estimators that learned from all other events, so a curve shows
    what more photos would do for the readers alone.

    Args:
        data: The folder of labelled photos.
        observer: Observes the photos.
        person_score: Lowest score of a person that is counted, 0–1.
    """
    examples = observer.observe(data)
    rows = described(seen(examples), person_score=person_score)
    measures = []
    for subject in Subject:
        for share in SHARES:
            part = judge(subject, examples, rows, share=share).of()
            name = f"{subject}, all sets ({int(part.truth.sum())} show it)"
            precision = float(metrics(part).get("ap", 0.0))
            what = f"AP from {share:.0%} of the events"
            measures.append(
                Measure("learning", what, name, len(part.truth), precision, None, METHOD)
            )
    return measures


def among_dark(judged: OutOfFoldReading) -> OutOfFoldReading:
    """Return the readings of photos that show the subject, and of the others only dark ones."""
    labels = [e.photo.labels for e in judged.examples]
    dark = [row.get("dark") == "1" or row.get("kind") in DARK for row in labels]
    return judged.chosen([i for i in range(len(dark)) if dark[i] or judged.truth[i]])


def _measures(judged: OutOfFoldReading, data: str, *, method: str = METHOD) -> list[Measure]:
    scores = metrics(judged)
    name = f"{judged.subject}, {data} ({scores['positive']} show it)"
    values = {label: float(scores[key]) for key, label in _NAMES.items() if key in scores}
    values["calibration error"] = calibration_error(judged.truth, judged.probability)
    return [
        Measure("subjects", what, name, len(judged.truth), value, None, method)
        for what, value in values.items()
    ]


def evaluate_decisions(judged: Sequence[OutOfFoldReading]) -> list[Measure]:
    """Return how many photos of each subject are missed, and how many others are taken for it.

    Args:
        judged: Readings of photos as they are and as printed.
    """
    return [
        measure
        for each in judged
        for name, part in (
            *((f"all sets, {shown}", each.of(shown=shown)) for shown in (AS_IS, PRINTED)),
            ("state media, as it is", each.of(sets=STATE_MEDIA)),
        )
        for measure in (
            _wrong(MISSED, part, f"{each.subject}, {name}", shows=True),
            _wrong(FALSE_ALARM, part, f"{each.subject}, {name}", shows=False),
        )
        if measure.n
    ]


def _wrong(what: str, judged: OutOfFoldReading, data: str, *, shows: bool) -> Measure:
    """Return the share of wrong readings among the photos that show the subject, or that don't."""
    part = judged.chosen([i for i, truth in enumerate(judged.truth) if bool(truth) is shows])
    wrong = (part.probability >= DECISION) != shows
    interval = grouped(wrong, [example.photo.group for example in part.examples])
    share = float(wrong.mean()) if len(wrong) else 0.0
    return Measure("decisions", what, data, len(wrong), share, interval, DECIDED)


def evaluate_children(data: Path, observer: SubjectObserver) -> list[Measure]:
    """Return the metrics of the child estimator for persons.

    Args:
        data: The folder of labelled photos.
        observer: Observes the photos.
    """
    examples = observer.observe(data)
    models = train_children.out_of_fold(examples, examples)
    measures: list[Measure] = []
    for shown in (AS_IS, PRINTED):
        members = [i for i, e in enumerate(examples) if e.shown == shown]
        some, theirs = [examples[i] for i in members], [models[i] for i in members]
        persons = train_children.persons_judged(some, theirs)
        measures.append(_age("AUC", f"persons of known age, all sets, {shown}", *persons))
    return measures


def _age(
    what: str, data: str, truth: NDArray[np.bool_], probability: NDArray[np.float64]
) -> Measure:
    name = f"{data} ({int(truth.sum())} children)"
    both = 0 < truth.sum() < len(truth)
    value = float(roc_auc_score(truth, probability)) if both else 0.0
    return Measure("children", what, name, len(truth), value, None, COUNTED)
