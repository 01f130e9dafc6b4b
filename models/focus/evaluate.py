"""Measures how well the focus is told, on photos whose day or site was not trained on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from scipy.stats import binomtest
from sklearn.metrics import roc_auc_score

from models.datasets import STATE_MEDIA
from models.faces.matcher import Matcher
from models.focus.examples import Readers, read_examples
from models.focus.scorer import CLASSES
from models.focus.train import FOLDS, Judged, cross_validated
from models.measure import Measure
from models.observer import Observer
from models.recipe import Recipe
from models.vocabulary import Verdict

_METHOD = f"cross-validated in {FOLDS} folds by day or site; leader enrolled from other days"


def evaluate(
    data: Path, recipe: Recipe, *, observer: Observer, readers: Readers, matcher: Matcher
) -> list[Measure]:
    """Look at the labelled photos under a recipe's rules, and measure by cross-validation.

    Args:
        data: The folder of labelled photos.
        recipe: Which faces are embedded, and what is counted.
        observer: Sees persons, faces and image features.
        readers: Read the subjects.
        matcher: Recognises the leader.
    """
    rules = recipe.interpret
    examples = read_examples(data, observer, readers, matcher, rules)
    return measures(cross_validated(examples), margin=rules.focus_margin)


def measures(judged: Sequence[Judged], *, margin: float) -> list[Measure]:
    """Return the figures for the domain, and the facility's for all sets.

    Args:
        judged: From ``train.cross_validated``.
        margin: Smaller leads are unsure, 0–1.
    """
    domain = [j for j in judged if j.example.dataset in STATE_MEDIA]
    everything = ", ".join(sorted({j.example.dataset for j in judged}))
    return [
        *_decisions(domain, ", ".join(STATE_MEDIA), margin),
        *_decisions(judged, everything, margin),
        *_ranking(domain, ", ".join(STATE_MEDIA), Verdict.LEADER),
        *_ranking(judged, everything, Verdict.FACILITY),
    ]


def _decisions(judged: Sequence[Judged], data: str, margin: float) -> list[Measure]:
    sure = [j for j in judged if j.lead >= margin]
    rows = [_share("unsure", data, len(judged) - len(sure), len(judged))]
    rows.append(_share("right where sure", data, sum(j.right for j in sure), len(sure)))
    for verdict in CLASSES:
        those = [j for j in sure if j.example.verdict is verdict]
        if those:
            right = sum(j.right for j in those)
            rows.append(_share(f"right where sure and labelled {verdict}", data, right, len(those)))
    return rows


def _ranking(judged: Sequence[Judged], data: str, verdict: Verdict) -> list[Measure]:
    truth = [j.example.verdict is verdict for j in judged]
    if len(set(truth)) < 2:
        return []
    scores = [j.scores[CLASSES.index(verdict)] for j in judged]
    value = float(roc_auc_score(truth, scores))
    what = f"AUC of the {verdict}'s score, {sum(truth)} positive"
    return [Measure("focus", what, data, len(judged), value, None, _METHOD)]


def _share(what: str, data: str, count: int, n: int) -> Measure:
    """Return a share with Wilson's interval."""
    if n == 0:
        return Measure("focus", what, data, 0, float("nan"), None, _METHOD)
    low, high = binomtest(count, n).proportion_ci(method="wilson")
    return Measure("focus", what, data, n, count / n, (float(low), float(high)), _METHOD)
