"""Training of the focus scorer: classifiers of scenes, then one of verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from presslens.lab.training.datasets import STATE_MEDIA
from presslens.lab.training.focus.examples import COMPOSITES, STAND_INS, FocusExample
from presslens.models.focus.classifier import FocusClassifier
from presslens.models.focus.features import SCENES
from presslens.models.focus.scorer import CLASSES, FocusScorer
from presslens.models.vocabulary import Focus

FOLDS = 5

COPIED, STOOD_IN = 0.5, 0.25
"""Weight of a composite or a printed copy beside a photo, and of a stand-in."""


@dataclass(frozen=True, slots=True, eq=False)
class OutOfFoldFocus:
    """A labelled photo with the out-of-fold scores of ``CLASSES``."""

    example: FocusExample
    scores: NDArray[np.float64]

    @property
    def photo(self) -> bool:
        """Whether it is a photo as it is: no printed copy and not made up."""
        return not self.example.printed and not self.example.made_up

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
    """Fit the scorer on all examples, write it, and return metrics of left-out sources.

    Args:
        examples: From ``ExampleReader.read``.
        out: The skops file to write.
    """
    fit(examples).save(out)
    return metrics(left_out(examples))


def fit(examples: Sequence[FocusExample]) -> FocusScorer:
    """Return a scorer that is fitted on some examples."""
    photos = [e for e in examples if not e.made_up]
    scenes = {name: _fitted_scene(photos, name) for name in SCENES}
    # The verdict must learn how far a scene can be trusted on sources that it hasn't seen. A
    # stand-in shares the objects of its photo; a composite has its own, which trained no scene.
    unseen = dict(zip([id(e.objects) for e in photos], _unseen(photos), strict=True))
    seen = _probabilities(scenes, examples)
    rows = [
        described(e, unseen.get(id(e.objects), own)) for e, own in zip(examples, seen, strict=True)
    ]
    weights = [_weight(e) for e in examples]
    verdict = FocusClassifier()
    verdict.fit(np.array(rows), np.array([str(e.verdict) for e in examples]), weights)
    return FocusScorer(scenes, verdict)


def cross_validated(examples: Sequence[FocusExample]) -> list[OutOfFoldFocus]:
    """Return every example with scores of a scorer that was fitted without its day or site.

    A composite is scored in the fold of the facility's group, and never trains a scorer of one of
    its two groups.
    """
    groups = [e.groups[0] for e in examples]
    judged: list[OutOfFoldFocus] = []
    for _, rows in GroupKFold(FOLDS).split(examples, groups=groups):
        out = {groups[i] for i in rows}
        scorer = fit([e for e in examples if not out.intersection(e.groups)])
        judged += _judged(scorer, [examples[i] for i in rows if examples[i].dataset != STAND_INS])
    return judged


def left_out(examples: Sequence[FocusExample]) -> list[OutOfFoldFocus]:
    """Return every photo and copy with scores of a scorer that never saw its source."""
    judged: list[OutOfFoldFocus] = []
    for source in dict.fromkeys(e.sources[0] for e in examples):
        scorer = fit([e for e in examples if source not in e.sources])
        judged += _judged(scorer, [e for e in examples if e.sources[0] == source and not e.made_up])
    return judged


def metrics(judged: Sequence[OutOfFoldFocus]) -> dict[str, float | int]:
    """Return accuracy and the mean of the classes' F1, with n, on several parts."""
    values: dict[str, float | int] = {}
    for name, group in (
        ("photos", [j for j in judged if j.photo]),
        ("printed", [j for j in judged if j.example.printed]),
        ("state_media", [j for j in judged if j.photo and j.example.dataset in STATE_MEDIA]),
        ("composites", [j for j in judged if j.example.dataset == COMPOSITES]),
    ):
        values[f"n_{name}"] = len(group)
        if group:
            values[f"accuracy_{name}"] = float(np.mean([j.right for j in group]))
            values[f"macro_f1_{name}"] = macro_f1(group)
    return values


def macro_f1(judged: Sequence[OutOfFoldFocus]) -> float:
    """Return the mean F1 of the classes that occur as label or answer."""
    truth = [str(j.example.verdict) for j in judged]
    return float(f1_score(truth, [str(j.verdict) for j in judged], average="macro"))


def described(example: FocusExample, scenes: Iterable[float]) -> NDArray[np.float64]:
    """Return the features of an example with the probabilities of ``SCENES``."""
    row = example.features.copy()
    row[-len(SCENES) :] = list(scenes)
    return row


def _weight(example: FocusExample) -> float:
    if example.dataset == STAND_INS:
        return STOOD_IN
    return COPIED if example.printed or example.made_up else 1.0


def _judged(scorer: FocusScorer, examples: Sequence[FocusExample]) -> list[OutOfFoldFocus]:
    scenes = scorer.scenes(np.array([e.objects for e in examples]))
    rows = np.array([described(e, own) for e, own in zip(examples, scenes, strict=True)])
    scores = scorer.probabilities(rows, enrolled=True)
    return [OutOfFoldFocus(e, own) for e, own in zip(examples, scores, strict=True)]


def _unseen(photos: Sequence[FocusExample]) -> NDArray[np.float64]:
    """Return the probabilities of scenes by classifiers that never saw the photo's source."""
    values = np.zeros((len(photos), len(SCENES)))
    sources = [photo.sources[0] for photo in photos]
    folds = GroupKFold(min(FOLDS, len(set(sources))))
    for fitted, others in folds.split(photos, groups=sources):
        learned = [photos[i] for i in fitted]
        scenes = {name: _fitted_scene(learned, name) for name in SCENES}
        values[others] = _probabilities(scenes, [photos[i] for i in others])
    return values


def _fitted_scene(photos: Sequence[FocusExample], name: str) -> Pipeline:
    column = SCENES.index(name)
    read = [e for e in photos if e.scenes[column] is not None]
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=2000))
    weight = [_weight(e) for e in read]
    return model.fit(
        np.array([e.objects for e in read]),
        np.array([bool(e.scenes[column]) for e in read]),
        logisticregression__sample_weight=weight,
    )


def _probabilities(
    scenes: dict[str, Pipeline], examples: Sequence[FocusExample]
) -> NDArray[np.float64]:
    objects = np.array([e.objects for e in examples])
    return np.column_stack([scenes[name].predict_proba(objects)[:, 1] for name in SCENES])
