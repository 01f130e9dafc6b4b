"""Differences of two periods by regression, where scans shift: Presslens beside two other ways.

``python -m presslens.lab.evaluation.bench.regressions`` prints simulated newspapers whose second
half was scanned otherwise, so that the machine's log odds are off by half a logit there, with and
without a real difference. Each is regressed on its half: by ``pipelines.statistics.regression``, by
the labels of the drawn photos alone, and by taking the machine's probabilities for labels. Counted
is how often 95 % intervals hold the truth, and how often a difference of practice is found at 5 %.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import scipy  # which imports scipy.special when it is first used

from presslens.models.recipe import Calibration
from presslens.pipelines.statistics.estimator import ShareEstimator
from presslens.pipelines.statistics.measure import Inference
from presslens.pipelines.statistics.moments import Model
from presslens.pipelines.statistics.photo_table import Numbers, PhotoTable
from presslens.pipelines.statistics.regression import Coefficient, regress
from presslens.pipelines.statistics.worlds import SimulatedNewspaper, World, joined

EDITIONS = 30
"""Editions of each half."""

SHIFT = 0.5
"""How far the second half's scans move the machine's log odds."""

DRAWN = 300

COMMON = World(editions=EDITIONS, prevalence=0.2)
RARE = World(editions=EDITIONS, prevalence=0.1)

PAIRS = {"no difference": (COMMON, COMMON), "10 to 20 %": (RARE, COMMON)}
"""The two halves of each newspaper, before scans shift."""

NAMES = ("intercept", "second half")


@dataclass(frozen=True, slots=True, eq=False)
class Halves:
    """A newspaper of two halves: what is known of it, the columns, and what is true."""

    table: PhotoTable
    X: Numbers
    newspaper: SimulatedNewspaper


Fit = Callable[[Halves, Model, Inference], Coefficient | None]


def print_halves(seed: int, first: World, second: World, drawn: int = DRAWN) -> Halves:
    """Return a newspaper whose second half has other scans, with a sample."""
    rng = np.random.default_rng(seed)
    shifted = replace(second, shift=SHIFT)
    newspaper = joined([first.newspaper(rng), shifted.newspaper(rng)])
    table = newspaper.drawn(newspaper.table(), drawn, rng)
    half = (table.edition >= first.editions).astype(float)
    return Halves(table, np.stack([np.ones(len(table)), half], axis=1), newspaper)


def presslens(halves: Halves, model: Model, inference: Inference) -> Coefficient | None:
    """Return the difference by Presslens, whose predictions the sample recalibrates."""
    table = halves.table
    estimator = ShareEstimator(table, np.zeros(len(table), np.int64), ("all",), Calibration())
    return _second(halves, table, estimator.recalibrated, model, inference)


def by_machine_only(halves: Halves, model: Model, inference: Inference) -> Coefficient | None:
    """Return the difference of practice with probabilities taken for labels, as is often done."""
    if inference is Inference.THESE:
        return None  # it would claim to know all labels
    table = replace(halves.table, label=halves.table.probability)
    return _second(halves, table, table.probability, model, inference)


def drawn_alone(halves: Halves, model: Model, inference: Inference) -> Coefficient | None:
    """Return the difference by the drawn labels, with no help of the machine."""
    table = halves.table
    share = float(
        np.average(table.label[table.sampled], weights=1 / table.inclusion[table.sampled])
    )
    return _second(halves, table, np.full(len(table), share), model, inference)


WAYS: dict[str, Fit] = {
    "Presslens": presslens,
    "machine taken for labels": by_machine_only,
    "drawn labels alone": drawn_alone,
}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=400, help="newspapers of each kind")
    parser.add_argument("--drawn", type=int, default=DRAWN, help="photos drawn in each newspaper")
    arguments = parser.parse_args()
    sys.stdout.write(table_of(arguments.count, arguments.drawn))


def table_of(count: int, drawn: int = DRAWN) -> str:
    """Return, as a table in Markdown, how each way does on so many newspapers of each kind."""
    lines = [
        "| newspaper | model | about | way | held | width | found at 5 % | answered |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for pair, (first, second) in PAIRS.items():
        printed = [print_halves(seed, first, second, drawn) for seed in range(count)]
        for model in Model:
            for inference in Inference:
                truths = [_truth(halves, first, second, model, inference) for halves in printed]
                for way, fit in WAYS.items():
                    fits = [fit(halves, model, inference) for halves in printed]
                    if any(fits):
                        numbers = _counted(fits, truths, inference)
                        lines.append(f"| {pair} | {model} | {inference} | {way} | {numbers} |")
    return "\n".join(lines) + "\n"


def _counted(fits: list[Coefficient | None], truths: list[float], inference: Inference) -> str:
    fitted = [(fit, truth) for fit, truth in zip(fits, truths, strict=True) if fit is not None]
    covered = np.mean([fit.low <= truth <= fit.high for fit, truth in fitted])
    width = np.mean([fit.high - fit.low for fit, _ in fitted])
    rejected = np.mean([fit.p_value < 0.05 for fit, _ in fitted])
    detected = f"{rejected:.1%}" if inference is Inference.PRACTICE else "–"
    return f"{covered:.1%} | {width:.3f} | {detected} | {len(fitted)}"


def _truth(
    halves: Halves, first: World, second: World, model: Model, inference: Inference
) -> float:
    if inference is Inference.PRACTICE:
        shares = np.array([first.practice, second.practice])
        odds = scipy.special.logit(shares)
        return float(np.diff(odds if model is Model.LOGIT else shares)[0])
    truth = halves.newspaper.truth
    label = truth.astype(float)
    census = replace(halves.table, label=label)
    fit = _second(halves, census, label, model, Inference.THESE)
    if fit is None:
        raise ValueError("a half has no photo that shows the subject")
    return fit.value


def _second(
    halves: Halves, table: PhotoTable, prediction: Numbers, model: Model, inference: Inference
) -> Coefficient | None:
    fit = regress(table, prediction, halves.X, NAMES, model=model, inference=inference)
    return fit.coefficients[1] if fit.coefficients else None


if __name__ == "__main__":
    main()
