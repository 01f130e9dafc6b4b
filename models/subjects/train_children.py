"""Training of the child estimator, from photos whose label says whether children are there.

In a photo without children all persons are adults. In one with children, a detector that was
trained on Open Images says who is one; persons of whom it has no clear opinion are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import skops.io
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from models.subjects.examples import SETS, Example, Looker

FOLDS = 5

PENALTY = 0.0005
"""C of the regression, by cross-validation."""

_LIKELY = 0.35
"""Detections from this score on are persons to learn from, 0–1."""


def train(data: Path, out: Path, *, looker: Looker) -> dict[str, float | int]:
    """Fit the classifier, write it, and return figures cross-validated by event.

    Args:
        data: The folder of labelled photos.
        out: The skops file to write.
        looker: Sees the photos.
    """
    examples = looker.look(data)
    skops.io.dump(fit(examples), out)
    return figures(examples, out_of_fold(examples))


def fit(examples: Sequence[Example]) -> Pipeline:
    """Return the classifier over ``children.described``, fitted on the clear cases."""
    X = np.concatenate([e.described for e in examples])
    y = np.concatenate([e.opinions for e in examples])
    clear = (y >= 0) & np.concatenate([_likely(e) for e in examples])
    model = make_pipeline(StandardScaler(), LogisticRegression(C=PENALTY, max_iter=2000))
    return model.fit(X[clear], y[clear])


def out_of_fold(examples: Sequence[Example]) -> list[NDArray[np.float64]]:
    """Return the child probabilities of each example's judged persons without its event."""
    found = [np.empty(0) for _ in examples]
    groups = [e.photo.group for e in examples]
    for known, kept in GroupKFold(FOLDS).split(groups, groups=groups):
        model = fit([examples[i] for i in known])
        for i in kept:
            if len(examples[i].judged):
                found[i] = model.predict_proba(examples[i].described)[:, 1]
    return found


def figures(
    examples: Sequence[Example], child: Sequence[NDArray[np.float64]]
) -> dict[str, float | int]:
    """Return how well persons are told apart, and photos by their most childlike person."""
    y = np.concatenate([e.opinions for e in examples])
    p = np.concatenate(list(child))
    clear = (y >= 0) & np.concatenate([_likely(e) for e in examples])
    found: dict[str, float | int] = {
        "persons": int(clear.sum()),
        "children": int(y[clear].sum()),
        "auc_persons": float(roc_auc_score(y[clear], p[clear])),
    }
    for name in ("", *SETS):
        found |= _by_photo(examples, child, name)
    return found


def _by_photo(
    examples: Sequence[Example], child: Sequence[NDArray[np.float64]], name: str
) -> dict[str, float | int]:
    """Return n, AUC and false alarms at 0.5 of the undegraded photos of one set, or of all."""
    those = [
        (e.photo.label("children"), float(p[_likely(e)].max(initial=0.0)))
        for e, p in zip(examples, child, strict=True)
        if not e.printed and name in ("", e.photo.dataset)
    ]
    truth = np.array([label for label, _ in those if label is not None], bool)
    best = np.array([p for label, p in those if label is not None])
    if not len(truth):
        return {}
    name = name or "all"
    found: dict[str, float | int] = {f"n_{name}": len(truth), f"positive_{name}": int(truth.sum())}
    if 0 < truth.sum() < len(truth):
        found[f"auc_{name}"] = float(roc_auc_score(truth, best))
    if not truth.all():
        found[f"false_alarms_{name}"] = float((best[~truth] >= 0.5).mean())
    return found


def _likely(example: Example) -> NDArray[np.bool_]:
    scores = np.array([d.score for d in example.observation.detections])
    return scores[example.judged] >= _LIKELY if len(example.judged) else np.empty(0, bool)
