"""Training of the focus scorer: a classifier of facility scenes, then one of verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from models.focus.classifier import FocusClassifier
from models.focus.features import NAMES
from models.focus.scorer import CLASSES, FocusScorer
from models.training.datasets import STATE_MEDIA
from models.training.focus.examples import COMPOSITES, FocusExample
from models.vocabulary import Focus

FOLDS = 5

COMPOSED = 0.5
"""Weight of a composite, and of a printed copy, beside a photo."""

_SCENE = NAMES.index("facility_scene")


@dataclass(frozen=True, slots=True, eq=False)
class OutOfFoldFocus:
    """A labelled photo with the out-of-fold scores of ``CLASSES``."""

    example: FocusExample
    scores: NDArray[np.float64]

    @property
    def photo(self) -> bool:
        """Whether it is a photo as it is: no printed copy and no composite."""
        return not self.example.printed and self.example.dataset != COMPOSITES

    @property
    def verdict(self) -> Focus:
        """The class with the best score."""
        return CLASSES[int(np.argmax(self.scores))]

    @property
    def right(self) -> bool:
        """Whether the class with the best score is the label."""
        return self.verdict is self.example.verdict

    @property
    def lead(self) -> float:
        """By how much the best score leads the second, 0–1."""
        second, best = np.sort(self.scores)[-2:]
        return float(best - second)


def train(examples: Sequence[FocusExample], out: Path) -> dict[str, float | int]:
    """Fit the scorer on all examples, write it, and return cross-validated metrics.

    Args:
        examples: From ``ExampleReader.read``.
        out: The skops file to write.
    """
    fit(examples).save(out)
    return metrics(cross_validated(examples))


def fit(examples: Sequence[FocusExample]) -> FocusScorer:
    """Return a scorer that is fitted on some examples."""
    photos = [e for e in examples if e.dataset != COMPOSITES]
    X = np.array([e.scenery for e in photos])
    y = np.array([e.verdict is Focus.FACILITY for e in photos])
    groups = [e.groups[0] for e in photos]
    scene = _scene_model().fit(X, y)
    # The verdict must learn how far the scene can be trusted on photos that it hasn't seen.
    folds = GroupKFold(FOLDS)
    unseen = cross_val_predict(
        _scene_model(), X, y, groups=groups, cv=folds, method="predict_proba"
    )
    unseen_scene = dict(zip(map(id, photos), unseen[:, 1], strict=True))
    rows = [
        _row(e, unseen_scene[id(e)] if id(e) in unseen_scene else _scene(scene, e))
        for e in examples
    ]
    weights = [COMPOSED if e.printed or e.dataset == COMPOSITES else 1.0 for e in examples]
    verdict = FocusClassifier()
    verdict.fit(np.array(rows), np.array([str(e.verdict) for e in examples]), weights)
    return FocusScorer(scene, verdict)


def cross_validated(examples: Sequence[FocusExample]) -> list[OutOfFoldFocus]:
    """Return every example with scores of a scorer that was fitted without its groups.

    A composite is scored in the fold of the facility's group, and never trains a scorer of one of
    its two groups.
    """
    photos = [e for e in examples if e.dataset != COMPOSITES]
    groups = [e.groups[0] for e in photos]
    judged: list[OutOfFoldFocus] = []
    for _, left_out in GroupKFold(FOLDS).split(photos, groups=groups):
        out = {groups[i] for i in left_out}
        scorer = fit([e for e in examples if not out.intersection(e.groups)])
        for example in (e for e in examples if e.groups[0] in out):
            row = _row(example, _scene(scorer.scene, example))
            judged.append(
                OutOfFoldFocus(example, scorer.probabilities(row[None], enrolled=True)[0])
            )
    return judged


def metrics(judged: Sequence[OutOfFoldFocus]) -> dict[str, float | int]:
    """Return accuracy and the mean of the classes' F1, with n, on several parts."""
    values: dict[str, float | int] = {}
    for name, those in (
        ("photos", [j for j in judged if j.photo]),
        ("printed", [j for j in judged if j.example.printed]),
        ("state_media", [j for j in judged if j.photo and j.example.dataset in STATE_MEDIA]),
        ("composites", [j for j in judged if j.example.dataset == COMPOSITES]),
    ):
        values[f"n_{name}"] = len(those)
        if those:
            values[f"accuracy_{name}"] = float(np.mean([j.right for j in those]))
            values[f"macro_f1_{name}"] = macro_f1(those)
    return values


def macro_f1(judged: Sequence[OutOfFoldFocus]) -> float:
    """Return the mean F1 of the classes that occur as label or answer."""
    truth = [str(j.example.verdict) for j in judged]
    return float(f1_score(truth, [str(j.verdict) for j in judged], average="macro"))


def _row(example: FocusExample, scene: float) -> NDArray[np.float64]:
    row = example.features.copy()
    row[_SCENE] = scene
    return row


def _scene(model: Pipeline, example: FocusExample) -> float:
    return float(model.predict_proba(example.scenery[None])[0, 1])


def _scene_model() -> Pipeline:
    return make_pipeline(StandardScaler(), LogisticRegression(C=0.003, max_iter=2000))
