"""Trains the focus scorer: first what a facility looks like, then what a photo is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from models.datasets import STATE_MEDIA
from models.faces.gallery import LEADER
from models.faces.matcher import Matcher
from models.focus.examples import FocusExample, Readers, read_examples
from models.focus.features import describe
from models.focus.scorer import CLASSES, FocusScorer
from models.observer import Observer
from models.vocabulary import Verdict

FOLDS = 5


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """An example with a verdict, and the scores of ``CLASSES`` by a scorer that never saw it."""

    example: FocusExample
    scores: NDArray[np.float64]

    @property
    def right(self) -> bool:
        """Whether the class with the best score is the label."""
        return CLASSES[int(np.argmax(self.scores))] is self.example.verdict

    @property
    def lead(self) -> float:
        """By how much the best score leads the second, 0–1."""
        second, best = np.sort(self.scores)[-2:]
        return float(best - second)


def train(
    data: Path, out: Path, *, observer: Observer, readers: Readers, matcher: Matcher
) -> dict[str, float | int]:
    """Fit the scorer on all labelled photos, write it, and return cross-validated figures.

    Args:
        data: The folder of labelled photos.
        out: The skops file to write.
        observer: Sees persons, faces and image features.
        readers: Read the subjects.
        matcher: Recognises the leader.
    """
    examples = read_examples(data, observer, readers, matcher, observer.recipe.interpret)
    fit(examples).save(out)
    return figures(cross_validated(examples))


def fit(examples: Sequence[FocusExample]) -> FocusScorer:
    """Return a scorer that is fitted on some examples."""
    labelled = [e for e in examples if e.scene is not None]
    X = np.array([e.photo.features for e in labelled])
    y = np.array([e.scene for e in labelled])
    groups = [e.group for e in labelled]
    scene = _scene_model().fit(X, y)
    # The verdict must learn how far the scene can be trusted on photos that it hasn't seen.
    unseen = cross_val_predict(
        _scene_model(), X, y, groups=groups, cv=GroupKFold(FOLDS), method="predict_proba"
    )[:, 1]
    known = dict(zip(map(id, labelled), unseen, strict=True))
    told = [e for e in examples if e.verdict is not None]
    rows = [_row(e, known[id(e)] if id(e) in known else _scene(scene, e)) for e in told]
    verdict = _verdict_model().fit(np.array(rows), np.array([str(e.verdict) for e in told]))
    return FocusScorer(scene, verdict)


def cross_validated(examples: Sequence[FocusExample]) -> list[Judged]:
    """Return every example that has a verdict, scored without its group."""
    groups = [e.group for e in examples]
    judged: list[Judged] = []
    for known, kept in GroupKFold(FOLDS).split(groups, groups=groups):
        scorer = fit([examples[i] for i in known])
        for example in (examples[i] for i in kept):
            if example.verdict is not None:
                row = _row(example, _scene(scorer.scene, example))
                judged.append(Judged(example, scorer.probabilities(row[None], enrolled=True)[0]))
    return judged


def figures(judged: Sequence[Judged]) -> dict[str, float | int]:
    """Return accuracy, and for leader and facility the ranking and calibration, with n."""
    domain = [j for j in judged if j.example.dataset in STATE_MEDIA]
    found: dict[str, float | int] = {
        "n": len(judged),
        "accuracy": float(np.mean([j.right for j in judged])),
        "n_state_media": len(domain),
        "accuracy_state_media": float(np.mean([j.right for j in domain])),
    }
    for verdict, those in ((Verdict.LEADER, domain), (Verdict.FACILITY, judged)):
        truth = np.array([j.example.verdict is verdict for j in those])
        p = np.array([j.scores[CLASSES.index(verdict)] for j in those])
        found[f"n_{verdict}"] = int(truth.sum())
        found[f"auc_{verdict}"] = float(roc_auc_score(truth, p))
        found[f"brier_{verdict}"] = float(brier_score_loss(truth, p))
    return found


def _row(example: FocusExample, scene: float) -> NDArray[np.float64]:
    return describe(
        example.photo, example.subjects, example.sightings, leaders={LEADER}, scene=scene
    )


def _scene(model: Pipeline, example: FocusExample) -> float:
    return float(model.predict_proba(example.photo.features[None])[0, 1])


def _scene_model() -> Pipeline:
    return make_pipeline(StandardScaler(), LogisticRegression(C=0.003, max_iter=2000))


def _verdict_model() -> Pipeline:
    return make_pipeline(StandardScaler(), LogisticRegression(C=0.3, max_iter=2000))
