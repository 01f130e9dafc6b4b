"""Evaluation of the focus on photos whose source, day or site was not trained on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import krippendorff
import numpy as np
from sklearn.metrics import roc_auc_score

from presslens.lab.training.datasets import STATE_MEDIA
from presslens.lab.training.focus.examples import COMPOSITES, FocusExample, readings
from presslens.lab.training.focus.train import (
    FOLDS,
    OutOfFoldFocus,
    cross_validated,
    left_out,
    macro_f1,
)
from presslens.models.accuracy import Measure, calibration_error, wilson
from presslens.models.focus.scorer import CLASSES
from presslens.models.vocabulary import Focus

_LEADER = (
    "the leader by matchers that never saw the day, enrolled from others; officials who lead a "
    "photo of other sets as though they were recognised"
)
_METHOD = f"cross-validated in {FOLDS} folds by day or site; {_LEADER}"
_LEFT_OUT = (
    "its newspaper, collection or web site left out of the training as a whole (sites of fewer "
    f"than 15 photos with the rest of their collection); {_LEADER}"
)
_COMPOSED = (
    "composed photos; the facility's site was not trained on, the leader's photo may have been, "
    "also before other facilities"
)
_SMALLEST = 10
"""Photos from which a left-out source has a row of its own."""


def evaluate(data: Path, examples: Sequence[FocusExample], *, margin: float) -> list[Measure]:
    """Return metrics of left-out sources and days, and the agreement of the labels themselves.

    Args:
        data: The folder of labelled photos.
        examples: From ``ExampleReader.read``.
        margin: Smaller leads are unsure, 0–1.
    """
    return [
        *measures_by_source(left_out(examples), margin=margin),
        *measures(cross_validated(examples), margin=margin),
        *agreement(readings(data)),
    ]


def measures_by_source(judged: Sequence[OutOfFoldFocus], *, margin: float) -> list[Measure]:
    """Return the metrics of sources that were left out, as they are, as printed, and one by one.

    Args:
        judged: From ``train.left_out``.
        margin: Smaller leads are unsure, 0–1.
    """
    photos = [j for j in judged if j.photo]
    sources = Counter(j.example.sources[0] for j in photos)
    rows: list[Measure] = []
    for shown, group in (
        ("as they are", photos),
        ("as printed", [j for j in judged if not j.photo]),
    ):
        name = f"{len(sources)} left-out sources, {shown}"
        rows += _decisions(group, name, margin, method=_LEFT_OUT)
        rows += _confusion(group, name)
    for verdict in (Focus.LEADER, Focus.FACILITY):
        name = f"{len(sources)} left-out sources"
        rows += _scores(photos, verdict, name, method=_LEFT_OUT)
    for source, count in sources.items():
        if count >= _SMALLEST:
            right = sum(j.right for j in photos if j.example.sources[0] == source)
            rows.append(
                _share(
                    "accuracy of the best score",
                    f"left out: {source}",
                    right,
                    count,
                    method=_LEFT_OUT,
                )
            )
    return rows


def measures(judged: Sequence[OutOfFoldFocus], *, margin: float) -> list[Measure]:
    """Return the metrics of state media and of all sets, as printed too, and of composites.

    Args:
        judged: From ``train.cross_validated``.
        margin: Smaller leads are unsure, 0–1.
    """
    photos = [j for j in judged if j.photo]
    composed = [j for j in judged if j.example.dataset == COMPOSITES]
    rows: list[Measure] = []
    group = [j for j in photos if j.example.dataset in STATE_MEDIA]
    rows += _decisions(group, ", ".join(STATE_MEDIA), margin)
    rows += _decisions(photos, "all sets", margin)[:4]
    copies = [j for j in judged if j.example.printed]
    rows += _decisions(copies, "all sets, as printed", margin)[:4]
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
    """Return the agreement of readings of the same photos: share of equal labels, and alpha.

    Args:
        readings: From ``examples.readings``.
    """
    how = "labels given by eye; alpha after Krippendorff, nominal"
    rows = []
    for what, pairs in readings.items():
        words = sorted({word for pair in pairs for word in pair})
        alpha = krippendorff.alpha(
            value_counts=[[pair.count(word) for word in words] for pair in pairs],
            level_of_measurement="nominal",
        )
        same = sum(a == b for a, b in pairs)
        rows.append(_share(f"equal labels, {what}", "labels.csv", same, len(pairs), method=how))
        rows.append(
            Measure("focus", f"alpha, {what}", "labels.csv", len(pairs), float(alpha), None, how)
        )
    return rows


def _right(judged: Sequence[OutOfFoldFocus], verdict: Focus) -> tuple[int, int]:
    group = [j for j in judged if j.example.verdict is verdict]
    return sum(j.right for j in group), len(group)


def _confusion(judged: Sequence[OutOfFoldFocus], data: str) -> list[Measure]:
    """Return what the photos of each label are taken for."""
    rows = []
    for label in CLASSES:
        group = [j for j in judged if j.example.verdict is label]
        rows += [
            _share(
                f"labelled {label}, best score {verdict}",
                data,
                sum(j.verdict is verdict for j in group),
                len(group),
                method=_LEFT_OUT,
            )
            for verdict in CLASSES
            if group
        ]
    return rows


def _decisions(
    judged: Sequence[OutOfFoldFocus], data: str, margin: float, *, method: str = _METHOD
) -> list[Measure]:
    if not judged:
        return []
    n, sure = len(judged), [j for j in judged if j.lead >= margin]
    right, right_and_sure = (sum(j.right for j in group) for group in (judged, sure))
    rows = [
        _share("accuracy of the best score", data, right, n, method=method),
        Measure("focus", "mean F1 of the three", data, n, macro_f1(judged), None, method),
        _share("unsure", data, n - len(sure), n, method=method),
        _share("right where sure", data, right_and_sure, len(sure), method=method),
    ]
    for verdict in CLASSES:
        hits, count = _right(sure, verdict)
        if count:
            what = f"right where sure and labelled {verdict}"
            rows.append(_share(what, data, hits, count, method=method))
    return rows


def _scores(
    judged: Sequence[OutOfFoldFocus], verdict: Focus, data: str, *, method: str
) -> list[Measure]:
    """Return the AUC and the calibration error of one verdict's score."""
    truth = np.array([j.example.verdict is verdict for j in judged])
    if len(set(truth.tolist())) < 2:
        return []
    scores = np.array([j.scores[CLASSES.index(verdict)] for j in judged])
    n, area = len(judged), float(roc_auc_score(truth, scores))
    what = f"AUC of the {verdict}'s score, {truth.sum()} positive"
    error = calibration_error(truth, scores)
    return [
        Measure("focus", what, data, n, area, None, method),
        Measure(
            "focus", f"calibration error of the {verdict}'s score", data, n, error, None, method
        ),
    ]


def _share(what: str, data: str, count: int, n: int, *, method: str = _METHOD) -> Measure:
    """Return a share with Wilson's interval."""
    value = count / n if n else float("nan")
    return Measure("focus", what, data, n, value, wilson(value, n), method)
