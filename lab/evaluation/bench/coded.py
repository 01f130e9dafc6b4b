"""Whether coefficients hold where coders err.

``python -m presslens.lab.evaluation.bench.coded`` prints a table of simulated newspapers of 60
editions whose second half shows a subject in 30 % of the photos in place of 15 %, and whose coders
see it in 85 % of the photos that show it, and in 4 % of others. The difference of the halves is
regressed with labels taken as right; with the true rates; and with rates that as many photos of a
known truth tell as a line says. Counted is how often 95 % intervals hold the truth.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import logit

from presslens.lab.evaluation.bench.regressions import Halves
from presslens.models.recipe import Calibration
from presslens.pipelines.statistics.estimator import ShareEstimator
from presslens.pipelines.statistics.measure import Inference
from presslens.pipelines.statistics.misclassification import CoderAccuracy, Rate
from presslens.pipelines.statistics.moments import Model
from presslens.pipelines.statistics.photo_table import Numbers
from presslens.pipelines.statistics.regression import Regression, regress
from presslens.pipelines.statistics.worlds import World, joined

SENSITIVITY, SPECIFICITY = 0.85, 0.96

REFERENCES = (60, 200)
"""Photos of each kind whose truth is known."""

SIDES = World(editions=30, prevalence=0.15), World(editions=30, prevalence=0.30)

DRAWN = 300
NAMES = ("intercept", "second half")


@dataclass(frozen=True, slots=True, eq=False)
class CodedHalves:
    """A newspaper whose drawn photos erring coders have labelled, and what is expected of it."""

    halves: Halves
    expected: Numbers  # of each photo, shape (n,)
    told: dict[str, CoderAccuracy | None]  # what is said of the coders, by the name of a line


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300, help="newspapers")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    sys.stdout.write(table_of(arguments.count, arguments.seed))


def table_of(count: int, seed: int) -> str:
    """Return how often coefficients held in so many newspapers, as a Markdown table."""
    newspapers = [printed(np.random.default_rng((seed, i))) for i in range(count)]
    lines = ["| model | about | coders | held | width |", "|---|---|---|---|---|"]
    for model in Model:
        for inference in Inference:
            truths = [_truth(one.halves, model, inference) for one in newspapers]
            for name in newspapers[0].told:
                found = [_fit(one, name, model, inference) for one in newspapers]
                ends = [one.coefficients[-1] for one in found]
                pairs = zip(ends, truths, strict=True)
                held = np.mean([one.low <= truth <= one.high for one, truth in pairs])
                width = np.mean([one.high - one.low for one in ends])
                lines.append(f"| {model} | {inference} | {name} | {held:.1%} | {width:.3f} |")
    return "\n".join(lines) + "\n"


def printed(rng: np.random.Generator) -> CodedHalves:
    """Return a newspaper with a sample that coders have answered."""
    newspaper = joined([side.newspaper(rng) for side in SIDES])
    right = newspaper.truth
    seen = rng.random(len(right)) < np.where(right, SENSITIVITY, 1 - SPECIFICITY)
    table = replace(newspaper, truth=seen).drawn(newspaper.table(), DRAWN, rng)
    half = (table.edition >= SIDES[0].editions).astype(float)
    told: dict[str, CoderAccuracy | None] = {
        "taken as right": None,
        "rates known": CoderAccuracy.of_rates(Rate(SENSITIVITY), Rate(SPECIFICITY)),
    }
    for photos in REFERENCES:
        rates = (
            Rate(max(0.51, rng.binomial(photos, rate) / photos), photos)
            for rate in (SENSITIVITY, SPECIFICITY)
        )
        told[f"rates of {photos} photos each"] = CoderAccuracy.of_rates(*rates)
    estimator = ShareEstimator(table, np.zeros(len(table), np.int64), ("all",), Calibration())
    halves = Halves(table, np.stack([np.ones(len(table)), half], axis=1), newspaper)
    return CodedHalves(halves, estimator.recalibrated, told)


def _fit(one: CodedHalves, name: str, model: Model, inference: Inference) -> Regression:
    return regress(
        one.halves.table, one.expected, one.halves.X, NAMES,
        model=model, inference=inference, coders=one.told[name],
    )  # fmt: skip


def _truth(halves: Halves, model: Model, inference: Inference) -> float:
    if inference is Inference.PRACTICE:
        shares = np.array([side.practice for side in SIDES])
    else:
        half = halves.X[:, 1] > 0
        shares = np.array([halves.newspaper.truth[half == part].mean() for part in (False, True)])
    return float(np.diff(logit(shares) if model is Model.LOGIT else shares)[0])


if __name__ == "__main__":
    main()
