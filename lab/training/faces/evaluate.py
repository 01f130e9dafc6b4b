"""Evaluation of the matching of figures: recall by size of face, false reports, error rates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from presslens.lab.training import showing
from presslens.lab.training.datasets import STATE_MEDIA
from presslens.lab.training.faces.gate import aged_faces
from presslens.lab.training.faces.gate import measures as gate_measures
from presslens.lab.training.faces.impostors import DRAWS, countries, impostor_measures
from presslens.lab.training.faces.specimens import CONTEXT, OTHER, FaceReader, Specimen
from presslens.lab.training.faces.train import (
    FOLDS,
    MEASURED,
    TAUGHT,
    OutOfFoldMatching,
    folds,
    leader_judged,
    statesmen_judged,
)
from presslens.lab.training.showing import AS_IS
from presslens.lab.training.subjects.examples import SubjectObserver
from presslens.models.accuracy import Measure, calibration_error, wilson
from presslens.models.faces.matcher import doubts
from presslens.models.recipe import Recipe

SIZES = {
    "L": "over 50 px",
    "M": "20-50 px",
    "S": "10-20 px",
    "T": "under 10 px",
    CONTEXT: "told by a reader from its place alone",
}
SHOWN = ("halftone 85 lpi",)
"""Single degradations in which the leader is looked for, too."""

_METHOD = (
    f"cross-validated in {FOLDS} folds by day or event, whitening too; leader enrolled from "
    f"{MEASURED} large faces of other folds, {DRAWS} draws"
)


def evaluate(
    data: Path, recipe: Recipe, *, reader: FaceReader, observer: SubjectObserver
) -> list[Measure]:
    """Return the metrics of the gate, detection, embedding and matching under a recipe's rules.

    Args:
        data: The folder of labelled photos.
        recipe: Gives the thresholds.
        reader: Reads the faces of the photos.
        observer: Observes the photos that the gate is judged by.
    """
    rules = recipe.interpret
    shown = (*TAUGHT, *SHOWN)
    made = folds(reader.read(data, shown=shown))
    judged = leader_judged(made, context=rules.context, draws=DRAWS)
    portraits = statesmen_judged(made, context=rules.context, draws=DRAWS)
    as_it_is = [j for j in judged if j.specimen.shown == AS_IS]
    return [
        *leader_measures(as_it_is, thresholds=(rules.sighting, rules.sure)),
        *printed_measures(judged, threshold=rules.sighting),
        *impostor_measures(judged, portraits, countries(data), threshold=rules.sighting),
        *gate_measures(
            aged_faces(observer.observe(data, shown=(*showing.TAUGHT, *SHOWN))),
            child=recipe.observe.faces.child,
        ),
    ]


def leader_measures(
    judged: Sequence[OutOfFoldMatching], *, thresholds: Sequence[float]
) -> list[Measure]:
    """Return the metrics of the leader's recognition in state media and in photos without him.

    Args:
        judged: The predictions of ``train.cross_validated``.
        thresholds: The lowest probability of a sighting, and of a sure one.
    """
    rows: list[Measure] = []
    for threshold in thresholds:
        at = f"probability {threshold:g}"
        rows += [
            *_recalls(judged, threshold, at),
            _false_reports(judged, threshold, at),
            _wrong_faces(judged, threshold, at),
            _accepted(judged, threshold, at),
        ]
    return [
        *rows,
        _alone(judged, thresholds[0]),
        _calibration(judged),
        *doubt_measures(judged, thresholds[0]),
    ]


def printed_measures(judged: Sequence[OutOfFoldMatching], *, threshold: float) -> Iterator[Measure]:
    """Yield recalls and false reports in prints; references are photos as they are.

    Args:
        judged: The predictions of ``train.cross_validated``.
        threshold: The lowest probability of a sighting.
    """
    for shown in SHOWN:
        group = [j for j in judged if j.specimen.shown == shown]
        at = f"probability {threshold:g}, {shown}"
        if group:
            yield from _recalls(group, threshold, at)
            yield _false_reports(group, threshold, at)


def doubt_measures(judged: Sequence[OutOfFoldMatching], threshold: float) -> Iterator[Measure]:
    """Yield the leader's prevalence in photos without a sighting, beside the mean of their doubts.

    Sets without him and state media are measured apart: for the former every doubt is too much, for
    the latter doubts miss him where his face was not detected.

    Args:
        judged: The predictions of ``train.cross_validated``.
        threshold: The lowest probability of a sighting.
    """
    unseen = [j for j in judged if j.probability.max(initial=0.0) < threshold]
    own = np.array([j.specimen.domain for j in unseen], bool)
    truth = np.array([j.specimen.leader for j in unseen], bool)
    doubt = np.array([_doubt(j) for j in unseen])
    at = f"without a sighting, probability {threshold:g}"
    for photos, data, some in (
        ("photos of state media", ", ".join(STATE_MEDIA), own),
        ("photos of other sets", "sets without the leader", ~own),
    ):
        if some.any():
            n = round(some.sum() / DRAWS)
            there, expected = float(truth[some].mean()), float(doubt[some].mean())
            yield _share(f"{photos} {at}: share that show the leader", data, there, n)
            yield Measure("faces", f"{photos} {at}: mean doubt", data, n, expected, None, _METHOD)
    n = round(len(unseen) / DRAWS)
    error = calibration_error(truth, doubt)
    yield Measure("faces", "calibration error of the doubts", "all sets", n, error, None, _METHOD)


def _doubt(judged: OutOfFoldMatching) -> float:
    """Return the doubt of a photo without a sighting, as ``Matcher`` computes it."""
    return doubts(judged.probability[None], ()).get(0, 0.0)


def _recalls(judged: Sequence[OutOfFoldMatching], threshold: float, at: str) -> Iterator[Measure]:
    """Yield the recall by size of face: his face must be the likeliest and above the threshold."""
    data = ", ".join(STATE_MEDIA)
    for size, words in SIZES.items():
        in_photos = [j for j in judged if not j.specimen.person]
        with_size = [j for j in in_photos if size in (*j.specimen.sizes, *j.specimen.missed)]
        recognised = [j for j in with_size if _best(j, threshold) == size]
        by_context = sum(not j.by_face[int(np.argmax(j.probability))] for j in recognised)
        by = f", {by_context / len(recognised):.0%} of them by context" if by_context else ""
        yield _share(
            f"leader found, face {words}, {at}{by}",
            data,
            len(recognised) / max(len(with_size), 1),
            len({j.specimen.photo for j in with_size}),
        )


def _false_reports(judged: Sequence[OutOfFoldMatching], threshold: float, at: str) -> Measure:
    without = [j for j in judged if not j.specimen.leader]
    photos = {j.specimen.photo for j in without}
    false = sum(_best(j, threshold) is not None for j in without)
    what = f"photos without the leader where he is reported, {at}"
    return _share(what, "all sets", false / max(len(without), 1), len(photos))


def _wrong_faces(judged: Sequence[OutOfFoldMatching], threshold: float, at: str) -> Measure:
    own = [j for j in judged if j.specimen.leader]
    wrong = sum(_best(j, threshold) == OTHER for j in own)
    what = f"photos of the leader where another is taken for him, {at}"
    data = ", ".join(STATE_MEDIA)
    return _share(what, data, wrong / max(len(own), 1), len({j.specimen.photo for j in own}))


def _accepted(judged: Sequence[OutOfFoldMatching], threshold: float, at: str) -> Measure:
    """Return the false accept rate of single faces, in 1,000."""
    others = _of_faces(judged, lambda specimen, i: specimen.sizes[i] == OTHER)
    what = f"false accepts of 1,000 faces of others, {at}"
    rate = _share(what, "all sets", float((others >= threshold).mean()), len(others) // DRAWS)
    low, high = rate.interval or (0.0, 0.0)
    return replace(rate, value=1000 * rate.value, interval=(1000 * low, 1000 * high))


def _alone(judged: Sequence[OutOfFoldMatching], threshold: float) -> Measure:
    """Return the recall of small faces by likeness alone, without the context."""
    small = [j for j in judged if "S" in (*j.specimen.sizes, *j.specimen.missed)]
    recognised = sum(
        _best(j, threshold) == "S" and bool(j.by_face[int(np.argmax(j.probability))]) for j in small
    )
    what = f"leader found, face {SIZES['S']}, by likeness alone"
    data = ", ".join(STATE_MEDIA)
    return _share(
        what, data, recognised / max(len(small), 1), len({j.specimen.photo for j in small})
    )


def _calibration(judged: Sequence[OutOfFoldMatching]) -> Measure:
    p = np.array([j.probability[i] for j in judged for i in j.specimen.embedded])
    truth = [j.specimen.sizes[i] != OTHER for j in judged for i in j.specimen.embedded]
    error = calibration_error(np.array(truth), p)
    what = "calibration error of the probability"
    return Measure("faces", what, "all sets", len(p) // DRAWS, error, None, _METHOD)


def _best(judged: OutOfFoldMatching, threshold: float) -> str | None:
    """Return the labelled size of the reported face; None where no face is likely enough."""
    if len(judged.probability) == 0 or judged.probability.max() < threshold:
        return None
    return judged.specimen.sizes[int(np.argmax(judged.probability))]


def _of_faces(
    judged: Sequence[OutOfFoldMatching], selects: Callable[[Specimen, int], bool]
) -> NDArray[np.float64]:
    return np.array(
        [j.probability[i] for j in judged for i in j.specimen.embedded if selects(j.specimen, i)]
    )


def _share(what: str, data: str, value: float, n: int, method: str = _METHOD) -> Measure:
    """Return a share with Wilson's interval on the n of photos or faces."""
    return Measure("faces", what, data, n, value, wilson(value, n), method)
