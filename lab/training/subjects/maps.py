"""Training of the maps of places in a photo that show fireworks, buildings, or a crowd.

Places inside a box that was drawn by hand show them; so do all places of a photo that shows them
and has no boxes (small pictures of a building alone). Places of photos without them don't; those
near a box are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import skops.io
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from presslens.lab.training import split
from presslens.lab.training.datasets import STATE_MEDIA, LabelledPhoto
from presslens.lab.training.subjects.examples import SubjectExample, SubjectObserver
from presslens.lab.training.subjects.labels import drawn_boxes, truth
from presslens.models.geometry import Box
from presslens.models.subjects.maps import MAPPED, LinearMapper, summary
from presslens.models.vocabulary import Maps, Subject

PENALTY = 0.001
"""C of the regressions, by cross-validation."""

_WITHOUT = 25
"""Number of random training places of a photo that doesn't show a subject."""

_WITH = 40
"""Places of a photo that shows it weigh no more than so many."""

_UNBOXED = 0.5
"""What places of a photo without boxes weigh: some of them show something else."""

_DOMAIN = 3.0
"""What a place of a state-media photo weighs."""


class Places(NamedTuple):
    """Training places: features (n, 1280), whether they show the subject (n,), weights (n,)."""

    rows: NDArray[np.float32]
    shown: NDArray[np.bool_]
    weights: NDArray[np.float64]


def train(data: Path, out: Path, *, observer: SubjectObserver) -> dict[str, float | int]:
    """Fit the maps, write them, and return metrics of their peaks, cross-validated by event.

    Args:
        data: The folder of labelled photos.
        out: The skops file to write.
        observer: Observes the photos.
    """
    examples = observer.observe(data)
    skops.io.dump({s.value: model for s, model in fit(examples).items()}, out)
    values: dict[str, float | int] = {}
    maps = out_of_fold(examples, examples)
    for k, subject in enumerate(MAPPED):
        scored = [
            (shown, summary(odds[k])[0])
            for e, odds in zip(examples, maps, strict=True)
            if not e.printed and (shown := truth(e.photo, subject)) is not None
        ]
        labels, peaks = (np.array(column) for column in zip(*scored, strict=True))
        values[f"n_{subject}"], values[f"positive_{subject}"] = len(labels), int(labels.sum())
        values[f"ap_{subject}"] = float(average_precision_score(labels, peaks))
    return values


def fit(examples: Sequence[SubjectExample]) -> Mapping[Subject, Pipeline]:
    """Return a classifier of places for each of ``MAPPED``."""
    return {subject: _fit(examples, subject) for subject in MAPPED}


def out_of_fold(training: Sequence[SubjectExample], scored: Sequence[SubjectExample]) -> list[Maps]:
    """Return the map of each scored example by classifiers that were fitted without its event.

    Args:
        training: Examples to fit on.
        scored: Examples of the same events.
    """
    mappers = split.out_of_fold(
        lambda some: LinearMapper(fit(some)), training, scored, group=lambda e: e.photo.group
    )
    return [m.map(e.places.astype(np.float32)) for m, e in zip(mappers, scored, strict=True)]


def _fit(examples: Sequence[SubjectExample], subject: Subject) -> Pipeline:
    rng = np.random.default_rng(0)
    parts = [
        places_of(example, subject, shown, rng)
        for example in examples
        if (shown := mapped(example.photo, subject)) is not None
    ]
    model = make_pipeline(StandardScaler(), LogisticRegression(C=PENALTY, max_iter=300))
    return model.fit(
        np.concatenate([p.rows for p in parts]),
        np.concatenate([p.shown for p in parts]),
        logisticregression__sample_weight=np.concatenate([p.weights for p in parts]),
    )


def mapped(photo: LabelledPhoto, subject: Subject) -> bool | None:
    """Return whether a photo's training places show a subject; None if it has no training places.

    A dense group of a dozen has crowded places and is no crowd; a crowd without boxes is all over
    the photo or in a corner, nobody knows.
    """
    if subject is not Subject.CROWD:
        return truth(photo, subject)
    if drawn_boxes(photo, subject):
        return True
    return None if truth(photo, subject) else truth(photo, subject)


def places_of(
    example: SubjectExample, subject: Subject, shown: bool, rng: np.random.Generator
) -> Places:
    """Return the training places of a photo.

    Args:
        example: The photo.
        subject: The subject of the map.
        shown: Whether the photo shows it.
        rng: Chooses the places of a photo without the subject.
    """
    rows, columns = example.places.shape[1:]
    features = example.places.reshape(len(example.places), -1).T.astype(np.float32)
    base = _DOMAIN if example.photo.dataset in STATE_MEDIA else 1.0
    boxes = drawn_boxes(example.photo, subject)
    if not shown:
        chosen = rng.choice(len(features), min(_WITHOUT, len(features)), replace=False)
        inside = np.zeros(len(features), bool)
    elif not boxes:
        chosen, inside = np.arange(len(features)), np.ones(len(features), bool)
        base *= _UNBOXED
    else:
        frame = example.observation.frame.box
        inside = _inside(boxes, frame, rows, columns, margin=0.0)
        near = _inside(boxes, frame, rows, columns, margin=1.5)
        chosen = np.flatnonzero(inside | ~near)
    share = min(1.0, _WITH / max(int(inside.sum()), 1)) if shown else 1.0
    weights = np.full(len(chosen), base * share)
    return Places(features[chosen], inside[chosen], weights)


def _inside(
    boxes: Sequence[Box], frame: Box, rows: int, columns: int, *, margin: float
) -> NDArray[np.bool_]:
    """Return whether each place, flat, has its middle in a box widened by a margin in places.

    The place around the middle of a box is always in it, however small the box.
    """
    width, height = frame.width / columns, frame.height / rows
    x = (np.arange(columns) + 0.5) * width
    y = (np.arange(rows) + 0.5) * height
    inside = np.zeros((rows, columns), bool)
    for box in boxes:
        across = (x > box.x0 - margin * width) & (x < box.x1 + margin * width)
        down = (y > box.y0 - margin * height) & (y < box.y1 + margin * height)
        inside |= down[:, None] & across[None]
        row, column = (
            int(np.clip(middle // side, 0, n - 1))
            for middle, side, n in (
                (box.centre[1], height, rows),
                (box.centre[0], width, columns),
            )
        )
        inside[row, column] = True
    return inside.ravel()
