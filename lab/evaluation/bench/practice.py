"""Whether intervals for practice hold where neighbouring editions are alike.

``python -m presslens.lab.evaluation.bench.practice`` prints a table of simulated newspapers, an
edition a day, whose log odds of showing the subject (standard deviation 0.5), or whose numbers, go
in waves: an autoregression of order 1. All photos are labelled, so that nothing but the practice is
unknown. Asked are a share of photos, a mean of a plain metric, the trend of a share from the first
day to the last, and the difference in differences of two newspapers, none of which changes. A cell
has how many intervals held the truth, and their mean width as a multiple of an oracle's, who knows
the waves and all variances. Columns are correlations of neighbouring editions.
"""

from __future__ import annotations

import argparse
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import scipy  # which imports scipy.special when it is first used

from presslens.lab.evaluation.bench.usual import waves
from presslens.models.recipe import Calibration
from presslens.pipelines.statistics.estimator import ShareEstimator
from presslens.pipelines.statistics.measure import Inference
from presslens.pipelines.statistics.photo_table import Numbers, PhotoTable
from presslens.pipelines.statistics.plain_means import mean_of
from presslens.pipelines.statistics.regression import regress

CORRELATIONS = (0.0, 0.5, 0.7, 0.9)

SIZES = (24, 60, 120, 365)
"""Editions of a newspaper."""

PREVALENCE, SPREAD, PHOTOS = 0.15, 0.5, 36
"""Of the median edition; of log odds; photos of an edition."""

Z = 1.959964
"""Normal quantile of a two-sided interval of 95 %."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was answered of a newspaper: the ends of the interval, the truth, the oracle's width."""

    interval: tuple[float, float] | None  # None where it was refused
    truth: float
    oracle: float


Question = Callable[[np.random.Generator, int, float], Asked]


def share(rng: np.random.Generator, editions: int, correlation: float) -> Asked:
    """Ask for the share of photos that show the subject."""
    table = printed(rng, [editions], correlation)
    everything = np.zeros(len(table), np.int64)
    (found,) = ShareEstimator(
        table, everything, ("all",), Calibration(), inference=Inference.PRACTICE
    ).estimates()
    size = np.bincount(table.edition).astype(float)
    variance = _variance(size / size.sum(), correlation, size)
    return Asked(found.interval, _moments(correlation)[0], 2 * Z * variance**0.5)


def mean(rng: np.random.Generator, editions: int, correlation: float) -> Asked:
    """Ask for the mean of a metric."""
    found = mean_of(
        30 + 4 * waves(rng, editions, correlation), inference=Inference.PRACTICE, confidence=0.95
    )
    part = np.full(editions, 1 / editions)
    variance = float(part @ _alike(editions, correlation) @ part)
    return Asked(found.interval, 30.0, 2 * Z * 4 * variance**0.5)


def difference(rng: np.random.Generator, editions: int, correlation: float) -> Asked:
    """Ask for the difference in differences of two newspapers of so many editions each."""
    table = printed(rng, [editions, editions], correlation)
    other, later = table.edition >= editions, table.edition % editions >= editions // 2
    X = np.stack([np.ones(len(table)), other, later, other & later], axis=1).astype(float)
    names = ("intercept", "other", "later", "both")
    found = regress(table, table.probability, X, names, inference=Inference.PRACTICE)
    size = np.bincount(table.edition).astype(float)
    variance = 0.0
    for paper in (size[:editions], size[editions:]):
        half = np.arange(editions) >= editions // 2
        part = np.where(half, paper / paper[half].sum(), -paper / paper[~half].sum())
        variance += _variance(part, correlation, paper)
    last = found.coefficients[3] if found.coefficients else None
    return Asked(None if last is None else (last.low, last.high), 0.0, 2 * Z * variance**0.5)


def trend(rng: np.random.Generator, editions: int, correlation: float) -> Asked:
    """Ask for the trend of the share."""
    table = printed(rng, [editions], correlation)
    days = np.linspace(0.0, 1.0, editions)
    X = np.stack([np.ones(len(table)), days[table.edition]], axis=1)
    names = ("intercept", "trend")
    found = regress(table, table.probability, X, names, inference=Inference.PRACTICE)
    size = np.bincount(table.edition).astype(float)
    loads = np.linalg.inv(X.T @ X)[1] @ np.stack([np.ones(editions), days]) * size
    last = found.coefficients[1] if found.coefficients else None
    variance = _variance(loads, correlation, size)
    return Asked(None if last is None else (last.low, last.high), 0.0, 2 * Z * variance**0.5)


QUESTIONS: dict[str, Question] = {
    "share": share,
    "mean": mean,
    "trend": trend,
    "difference in differences": difference,
}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300, help="newspapers of each kind")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--ask", choices=QUESTIONS, action="append", help="default: all")
    arguments = parser.parse_args()
    asked = arguments.ask or list(QUESTIONS)
    sys.stdout.write(table_of(asked, arguments.count, arguments.seed))


def table_of(asked: list[str], count: int, seed: int) -> str:
    """Return coverage and width of so many newspapers of each kind, as a Markdown table."""
    heads = "".join(f" {correlation:g} |" for correlation in CORRELATIONS)
    lines = [f"| asked, editions |{heads}", "|---|" + "---|" * len(CORRELATIONS)]
    for name in asked:
        for editions in SIZES:
            cells = []
            for correlation in CORRELATIONS:
                kind = f"{name} {editions} {correlation}"
                rng = np.random.default_rng((seed, zlib.crc32(kind.encode())))
                cells.append(
                    _counted([QUESTIONS[name](rng, editions, correlation) for _ in range(count)])
                )
            lines.append(f"| {name}, {editions} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _counted(found: list[Asked]) -> str:
    """Return how many intervals held the truth, how wide they were, and how many were refused."""
    told = [(one, one.interval) for one in found if one.interval is not None]
    refused = 1 - len(told) / len(found)
    if not told:
        return "refused"
    held = np.mean([ends[0] <= one.truth <= ends[1] for one, ends in told])
    width = np.mean([(ends[1] - ends[0]) / one.oracle for one, ends in told])
    return f"{held:.1%}/{width:.2f}" + (f"/{refused:.0%} refused" if refused else "")


def printed(rng: np.random.Generator, papers: list[int], correlation: float) -> PhotoTable:
    """Return all photos of newspapers of so many editions each, labelled."""
    level = np.concatenate([waves(rng, editions, correlation) for editions in papers])
    size = np.maximum(1, rng.poisson(PHOTOS, len(level)))
    edition = np.repeat(np.arange(len(level)), size)
    chance = scipy.special.expit(scipy.special.logit(PREVALENCE) + SPREAD * level)[edition]
    label = (rng.random(len(edition)) < chance).astype(float)
    nothing = np.full(len(edition), np.nan)
    return PhotoTable(
        edition=edition.astype(np.int64),
        probability=chance,
        weight=np.ones(len(edition)),
        label=label,
        inclusion=nothing,
        framed=np.zeros(len(edition), bool),
        editions=[f"{i:04}" for i in range(len(level))],
        periods=[(f"newspaper {i}",) for i, editions in enumerate(papers) for _ in range(editions)],
    )


def _alike(editions: int, correlation: float) -> Numbers:
    apart = np.abs(np.subtract.outer(np.arange(editions), np.arange(editions)))
    return np.asarray(correlation**apart)


@cache
def _lags(correlation: float, editions: int) -> Numbers:
    return np.array([_moments(correlation**lag)[1] for lag in range(editions)])


@cache
def _moments(correlation: float) -> tuple[float, float]:
    """Return mean and covariance of the prevalences of two editions whose levels correlate."""
    at, weight = np.polynomial.hermite_e.hermegauss(20)
    weight = weight / weight.sum()
    odds = scipy.special.logit(PREVALENCE)
    first = scipy.special.expit(odds + SPREAD * at)
    second = scipy.special.expit(
        odds + SPREAD * (correlation * at[:, None] + (1 - correlation**2) ** 0.5 * at)
    )
    mean_of_all = float(weight @ first)
    return mean_of_all, float((weight * first) @ second @ weight) - mean_of_all**2


def _variance(part: Numbers, correlation: float, size: Numbers) -> float:
    """Return the variance of a weighted sum of editions' shares."""
    e = len(part)
    lags = _lags(correlation, e)
    covariance = lags[np.abs(np.subtract.outer(np.arange(e), np.arange(e)))]
    center = _moments(1.0)[0]
    own = center * (1 - center) - lags[0]
    return float(part @ covariance @ part + own * (part**2 / size).sum())


if __name__ == "__main__":
    main()
