"""Evaluation of the focus on photos whose day or site was not trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from sklearn.metrics import cohen_kappa_score, roc_auc_score

from models.accuracy import Measure, wilson
from models.calibration import calibration_error
from models.focus.scorer import CLASSES
from models.training.datasets import STATE_MEDIA
from models.training.focus.examples import COLUMNS, COMPOSITES, FocusExample, readings
from models.training.focus.train import FOLDS, OutOfFoldFocus, cross_validated, macro_f1
from models.vocabulary import Focus

_METHOD = (
    f"cross-validated in {FOLDS} folds by day or site; the leader by matchers that never saw the "
    "day, enrolled from others"
)
_COMPOSED = (
    "composed photos; the facility's site was not trained on, the leader's photo may have been, "
    "also before other facilities"
)


def evaluate(data: Path, examples: Sequence[FocusExample], *, margin: float) -> list[Measure]:
    """Return cross-validated metrics, and the agreement of the labels themselves.

    Args:
        data: The folder of labelled photos.
        examples: From ``ExampleReader.read``.
        margin: Smaller leads are unsure, 0–1.
    """
    return [*measures(cross_validated(examples), margin=margin), *agreement(readings(data))]


def measures(judged: Sequence[OutOfFoldFocus], *, margin: float) -> list[Measure]:
    """Return the metrics of state media, the sets with a focus column, all sets, and composites.

    Args:
        judged: From ``train.cross_validated``.
        margin: Smaller leads are unsure, 0–1.
    """
    photos = [j for j in judged if j.photo]
    copies = [j for j in judged if j.example.printed]
    composed = [j for j in judged if j.example.dataset == COMPOSITES]
    rows: list[Measure] = []
    for names in (STATE_MEDIA, COLUMNS, tuple(sorted({j.example.dataset for j in photos}))):
        those = [j for j in photos if j.example.dataset in names]
        rows += _decisions(those, ", ".join(names), margin)
    if copies:
        sets = ", ".join(sorted({j.example.dataset for j in copies}))
        rows += _decisions(copies, f"{sets}; as printed", margin)[:4]
    for verdict in (Focus.LEADER, Focus.FACILITY):
        rows += _scores([j for j in photos if j.example.dataset in COLUMNS], verdict)
    if composed:
        rows += [
            _share(
                f"right, {verdict} in a composite",
                COMPOSITES,
                *_right(composed, verdict),
                method=_COMPOSED,
            )
            for verdict in (Focus.LEADER, Focus.FACILITY)
        ]
    return rows


def agreement(readings: Mapping[str, Sequence[tuple[str, str]]]) -> list[Measure]:
    """Return the agreement of readings of the same photos: share of equal labels, and kappa.

    Args:
        readings: From ``examples.readings``.
    """
    rows = []
    for what, pairs in readings.items():
        first, second = zip(*pairs, strict=True)
        kappa = float(cohen_kappa_score(first, second))
        how = "labels given by eye; kappa after Cohen"
        same = sum(a == b for a, b in pairs)
        rows.append(_share(f"equal labels, {what}", "labels.csv", same, len(pairs), method=how))
        rows.append(Measure("focus", f"kappa, {what}", "labels.csv", len(pairs), kappa, None, how))
    return rows


def _right(judged: Sequence[OutOfFoldFocus], verdict: Focus) -> tuple[int, int]:
    those = [j for j in judged if j.example.verdict is verdict]
    return sum(j.right for j in those), len(those)


def _decisions(judged: Sequence[OutOfFoldFocus], data: str, margin: float) -> list[Measure]:
    if not judged:
        return []
    sure = [j for j in judged if j.lead >= margin]
    rows = [
        _share("accuracy of the best score", data, sum(j.right for j in judged), len(judged)),
        Measure(
            "focus", "mean F1 of the three", data, len(judged), macro_f1(judged), None, _METHOD
        ),
        _share("unsure", data, len(judged) - len(sure), len(judged)),
        _share("right where sure", data, sum(j.right for j in sure), len(sure)),
    ]
    for verdict in CLASSES:
        right, count = _right(sure, verdict)
        if count:
            rows.append(_share(f"right where sure and labelled {verdict}", data, right, count))
    return rows


def _scores(judged: Sequence[OutOfFoldFocus], verdict: Focus) -> list[Measure]:
    """Return the AUC and the calibration error of one verdict's score."""
    truth = np.array([j.example.verdict is verdict for j in judged])
    if len(set(truth.tolist())) < 2:
        return []
    scores = np.array([j.scores[CLASSES.index(verdict)] for j in judged])
    data, n = ", ".join(COLUMNS), len(judged)
    what = f"AUC of the {verdict}'s score, {truth.sum()} positive"
    error = calibration_error(truth, scores)
    return [
        Measure("focus", what, data, n, float(roc_auc_score(truth, scores)), None, _METHOD),
        Measure(
            "focus", f"calibration error of the {verdict}'s score", data, n, error, None, _METHOD
        ),
    ]


def _share(what: str, data: str, count: int, n: int, *, method: str = _METHOD) -> Measure:
    """Return a share with Wilson's interval."""
    value = count / n if n else float("nan")
    return Measure("focus", what, data, n, value, wilson(value, n), method)
