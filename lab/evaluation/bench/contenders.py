"""Ways to estimate a share from a machine's probabilities and drawn labels, by library."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import scipy  # which imports scipy.special when it is first used

from presslens.lab.evaluation.bench.newspapers import DrawnNewspaper
from presslens.pipelines.statistics.measure import Inference
from presslens.pipelines.statistics.photo_table import Numbers, PhotoTable

Interval = tuple[float, float, float]
"""Value, low, high."""

CONFIDENCE = 0.95
Z = float(scipy.special.ndtri(0.5 + CONFIDENCE / 2))
FOLDS, SPLITS = 5, 5
"""How often the formulas of design-based supervised learning part editions, as in its R package."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A way to estimate a share.

    Attributes:
        name: Library and method.
        module: What must be installed for it.
        estimate: Returns value, low and high; None where it refuses.
        stratified: The draws that it is made for; None for both.
    """

    name: str
    module: str
    estimate: Callable[[DrawnNewspaper], Interval | None]
    stratified: bool | None = None


def photo_table(newspaper: DrawnNewspaper) -> PhotoTable:
    """Return what is known of a newspaper as Presslens has it."""
    editions = int(newspaper.edition.max()) + 1
    return PhotoTable(
        edition=newspaper.edition,
        probability=newspaper.probability,
        weight=np.ones(len(newspaper.label)),
        label=newspaper.seen,
        inclusion=np.where(newspaper.drawn, newspaper.inclusion, np.nan),
        framed=np.ones(len(newspaper.label), bool),
        editions=[f"{i:04}" for i in range(editions)],
        periods=[("newspaper",)] * editions,
    )


def presslens(newspaper: DrawnNewspaper, inference: Inference) -> Interval | None:
    """Return the share by Presslens."""
    return _presslens(photo_table(newspaper), inference)


def hand_count(newspaper: DrawnNewspaper) -> Interval | None:
    """Return what labels of all photos tell of practice: no sample can tell more."""
    return _presslens(
        replace(photo_table(newspaper), label=newspaper.label), inference=Inference.PRACTICE
    )


def labels_alone(newspaper: DrawnNewspaper) -> Interval:
    """Return the share by labels without a machine: the mean of strata (Cochran 1977, ch. 5)."""
    n = len(newspaper.label)
    value = variance = 0.0
    for h in np.unique(newspaper.stratum):
        members = newspaper.stratum == h
        seen = newspaper.label[members & newspaper.drawn]
        size, m = int(members.sum()), len(seen)
        value += size / n * float(seen.mean())
        variance += (size / n) ** 2 * (1 - m / size) * float(seen.var(ddof=1)) / m
    return _normal(value, variance**0.5)


def hajek(newspaper: DrawnNewspaper) -> Interval:
    """Return the weighted mean of the drawn labels, linearised (Hájek 1971)."""
    pi, y = newspaper.inclusion[newspaper.drawn], newspaper.label[newspaper.drawn]
    value = float((y / pi).sum() / (1 / pi).sum())
    variance = float(((1 - pi) * ((y - value) / pi) ** 2).sum()) / float((1 / pi).sum()) ** 2
    return _normal(value, variance**0.5)


def design_based(newspaper: DrawnNewspaper) -> Interval:
    """Return the share by the formulas of design-based supervised learning, written out.

    As the R package ``dsl`` has them (``model = "lm"``, ``label ~ 1``, editions as clusters,
    ``sl_method = "glm"``): logistic predictions from the other folds of editions, the mean of the
    corrected outcomes, a sandwich of sums over editions, and the median over splits.
    """
    n, pi = len(newspaper.label), newspaper.inclusion
    pi = pi * newspaper.drawn.mean() / pi.mean()
    x = scipy.special.logit(np.clip(newspaper.probability, 1e-6, 1 - 1e-6))
    rng = np.random.default_rng(n)
    editions = int(newspaper.edition.max()) + 1
    values, variances = [], []
    for _ in range(SPLITS):
        fold = rng.permutation(np.arange(editions) % FOLDS)[newspaper.edition]
        g = np.empty(n)
        for i in range(FOLDS):
            learn = (fold != i) & newspaper.drawn
            a, b = _logistic(x[learn], newspaper.label[learn])
            g[fold == i] = scipy.special.expit(a + b * x[fold == i])
        y = np.where(newspaper.drawn, g + (newspaper.label - g) / pi, g)
        values.append(float(y.mean()))
        sums = np.bincount(newspaper.edition, y - y.mean(), editions)
        variances.append(float(sums @ sums) / n**2)
    value = float(np.median(values))
    spread = np.array(variances) + (np.array(values) - value) ** 2
    return _normal(value, float(np.median(spread)) ** 0.5)


def ppi_python(newspaper: DrawnNewspaper) -> Interval:
    """Return the share by ppi-python's PPI++ mean, with weights for unequal chances."""
    from ppi_py import ppi_mean_ci, ppi_mean_pointestimate

    drawn, equal = newspaper.drawn, not newspaper.stratum.any()
    rest = ~drawn if equal else np.ones(len(drawn), bool)
    chosen = 1 / newspaper.inclusion[drawn]
    options = {"w": chosen / chosen.mean()} if not equal else {}
    data = newspaper.label[drawn], newspaper.probability[drawn], newspaper.probability[rest]
    low, high = ppi_mean_ci(*data, alpha=1 - CONFIDENCE, **options)
    value = ppi_mean_pointestimate(*data, **options)
    return float(np.ravel(value)[0]), float(np.ravel(low)[0]), float(np.ravel(high)[0])


def glide_ppi(newspaper: DrawnNewspaper) -> Interval:
    """Return the share by glide's PPI++."""
    from glide.estimators import PPIMeanEstimator

    return _of_glide(PPIMeanEstimator().estimate(newspaper.seen, newspaper.probability))


def glide_stratified(newspaper: DrawnNewspaper) -> Interval:
    """Return the share by glide's stratified PPI++."""
    from glide.estimators import StratifiedPPIMeanEstimator

    return _of_glide(
        StratifiedPPIMeanEstimator().estimate(
            newspaper.seen, newspaper.probability, newspaper.stratum
        )
    )


def glide_active(newspaper: DrawnNewspaper) -> Interval:
    """Return the share by glide's active statistical inference, from the chances of the draw."""
    from glide.estimators import ASIMeanEstimator

    return _of_glide(
        ASIMeanEstimator().estimate(newspaper.seen, newspaper.probability, newspaper.inclusion)
    )


def _logistic(x: Numbers, y: Numbers) -> tuple[float, float]:
    """Return intercept and slope of a logistic regression, by Newton's method."""
    X, b = np.stack([np.ones(len(x)), x], axis=1), np.zeros(2)
    for _ in range(30):
        mean = scipy.special.expit(X @ b)
        hessian = (X * (mean * (1 - mean))[:, None]).T @ X + 1e-8 * np.eye(2)
        step = np.linalg.solve(hessian, X.T @ (y - mean))
        b += step / max(1.0, float(np.abs(step).max()))
    return float(b[0]), float(b[1])


def _presslens(table: PhotoTable, inference: Inference) -> Interval | None:
    # These need more than numpy and scipy, which is all that another Python may have.
    from presslens.models.recipe import Calibration
    from presslens.pipelines.statistics.estimator import ShareEstimator

    (estimate,) = ShareEstimator(
        table,
        np.zeros(len(table), np.int64),
        ("all",),
        Calibration(),
        inference=inference,
        confidence=CONFIDENCE,
    ).estimates()
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return None
    return estimate.value, estimate.low, estimate.high


def _of_glide(result: Any) -> Interval:
    interval = result.confidence_interval
    return float(interval.mean), float(interval.lower_bound), float(interval.upper_bound)


def _normal(value: float, error: float) -> Interval:
    return value, value - Z * error, value + Z * error


CONTENDERS = (
    Contender(
        "Presslens, these editions", "pydantic", partial(presslens, inference=Inference.THESE)
    ),
    Contender("Presslens, practice", "pydantic", partial(presslens, inference=Inference.PRACTICE)),
    Contender("every photo labelled, practice", "pydantic", hand_count),
    Contender("drawn labels alone", "numpy", labels_alone),
    Contender("DSL's formulas", "numpy", design_based),
    Contender("ppi-python, PPI++", "ppi_py", ppi_python),
    Contender("glide, PPI++", "glide", glide_ppi, stratified=False),
    Contender("glide, stratified PPI++", "glide", glide_stratified, stratified=True),
    Contender("glide, ASI", "glide", glide_active, stratified=True),
)
