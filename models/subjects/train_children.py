"""Trains who looks under about 13, from photos whose label says whether children are there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import skops.io
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from models.datasets import open_photo, read_dataset
from models.instruments import PersonDetector
from models.newsprint import printed
from models.subjects.child_teacher import OpenImagesTeacher
from models.subjects.children import described, judged
from models.subjects.features import EfficientNetFeatures

SETS = (
    "rodong_sinmun_photos",
    "dprk_web_photos",
    "coco256",
    "coco_mini",
    "children_school",
    "people_events_web",
    "crowd_points",
)
"""Sets with a column ``children``."""

PERSON_SCORE = 0.35
FOLDS = 5


@dataclass(frozen=True, slots=True, eq=False)
class _Persons:
    """The judged persons of one photo: rows (n, 1283), and who is a child (None: not clear)."""

    photo: str
    group: str
    present: bool
    rows: NDArray[np.float32]
    child: tuple[bool | None, ...]


def train(
    data: Path, out: Path, *, persons: PersonDetector, features: EfficientNetFeatures
) -> dict[str, float | int]:
    """Fit the classifier, write it, and return figures cross-validated by event.

    In a photo without children all persons are adults. In one with children, a detector that was
    trained on Open Images says which; persons of whom it has no clear opinion are left out.

    Args:
        data: The folder of labelled photos.
        out: The skops file to write.
        persons: Finds the persons.
        features: Sees them.
    """
    seen = list(_read(data, persons, features))
    X = np.concatenate([p.rows for p in seen])
    told = [c for p in seen for c in p.child]
    photo = np.repeat(np.arange(len(seen)), [len(p.rows) for p in seen])
    groups = np.array([seen[i].group for i in photo])
    clear = np.array([c is not None for c in told])
    y = np.array([bool(c) for c in told])
    unseen = np.zeros(len(y))
    for known, kept in GroupKFold(FOLDS).split(X, groups=groups):
        known = known[clear[known]]
        unseen[kept] = classifier().fit(X[known], y[known]).predict_proba(X[kept])[:, 1]
    skops.io.dump(classifier().fit(X[clear], y[clear]), out)
    return {
        "n_persons": int(clear.sum()),
        "n_children": int(y[clear].sum()),
        "auc_persons": float(roc_auc_score(y[clear], unseen[clear])),
        **_by_photo(seen, photo, unseen),
    }


def classifier() -> Pipeline:
    """Return the classifier, not fitted."""
    return make_pipeline(StandardScaler(), LogisticRegression(C=0.001, max_iter=2000))


def _read(
    data: Path, persons: PersonDetector, features: EfficientNetFeatures
) -> Iterator[_Persons]:
    teacher = OpenImagesTeacher(data)
    rng = np.random.default_rng(0)
    for name in SETS:
        for labelled in read_dataset(data, name):
            present = labelled.label("children")
            if present is None:
                continue
            photo = open_photo(labelled.path)
            found = [d.box for d in persons.detect([photo])[0] if d.score >= PERSON_SCORE]
            chosen = judged(found)
            if not chosen:
                continue
            opinions = (
                teacher.opinions(photo, [found[i] for i in chosen])
                if present
                else [False] * len(chosen)
            )
            for shown in (photo, printed(photo, rng)):
                rows = described(shown, found, chosen, features)
                yield _Persons(labelled.key, labelled.group, present, rows, tuple(opinions))


def _by_photo(
    seen: list[_Persons], photo: NDArray[np.int_], unseen: NDArray[np.float64]
) -> dict[str, float | int]:
    """Return how well the most childlike person tells whether a photo has children, by set."""
    found: dict[str, float | int] = {}
    best = np.array([unseen[photo == i].max() for i in range(len(seen))])
    present = np.array([p.present for p in seen])
    for name in SETS:
        those = np.array([p.photo.startswith(f"{name}/") for p in seen])
        found[f"n_{name}"] = int(those.sum())
        if 0 < present[those].sum() < those.sum():
            found[f"auc_{name}"] = float(roc_auc_score(present[those], best[those]))
    return found
