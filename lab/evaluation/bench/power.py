"""Whether a study comes out as ``presslens stats power`` foresees it.

``python -m presslens.lab.evaluation.bench.power`` prints a table of simulated newspapers of 60
editions, one a day. Of each the plan is made from the machine's scores alone; then photos are drawn
and answered, and the share of all editions, the difference of their halves and the trend are
estimated as an archive does. A line has the mean of the foreseen widths, of the intervals' widths,
how often these held the truth, and the power: how often an interval told a difference of the size
that the plan foresees for a power of 80 %.
"""

from __future__ import annotations

import argparse
import sys
import zlib
from dataclasses import dataclass, replace

import numpy as np
import scipy  # which imports scipy.optimize when it is first used

from presslens.models.recipe import Calibration
from presslens.pipelines.statistics.estimator import ShareEstimator
from presslens.pipelines.statistics.measure import Inference
from presslens.pipelines.statistics.photo_table import Numbers, PhotoTable
from presslens.pipelines.statistics.power import Study, StudyDesign
from presslens.pipelines.statistics.regression import regress
from presslens.pipelines.statistics.worlds import SimulatedNewspaper, World, joined

EDITIONS = 60

WORLDS = {
    "15 %, AUC 0.92": World(editions=1, special=0.0, prevalence=0.15),
    "30 %, AUC 0.85": World(editions=1, special=0.0, prevalence=0.30, auc=0.85),
}
"""Each edition; detectors are calibrated where a quarter of the photos shows the subject."""

DRAWN = (100, 300)


@dataclass(frozen=True, slots=True)
class StudyOutcome:
    """What was foreseen of a newspaper, and what came of it."""

    foreseen: float  # width of the interval
    width: float
    held: bool
    told: bool  # whether the interval told the difference


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="newspapers of each kind")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    sys.stdout.write(table_of(arguments.count, arguments.seed))


def table_of(count: int, seed: int) -> str:
    """Return what came of plans for so many newspapers of each kind, as a Markdown table."""
    lines = [
        "| newspaper | drawn | study | about | foreseen width | width | held | power |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, world in WORLDS.items():
        for drawn in DRAWN:
            for design in StudyDesign:
                for inference in Inference:
                    kind = f"{name} {drawn} {design} {inference}"
                    rng = np.random.default_rng((seed, zlib.crc32(kind.encode())))
                    found = [outcome(rng, world, design, inference, drawn) for _ in range(count)]
                    foreseen, width, held, told = np.mean(
                        [(one.foreseen, one.width, one.held, one.told) for one in found], axis=0
                    )
                    lines.append(
                        f"| {name} | {drawn} | {design} | {inference} | {foreseen:.3f} |"
                        f" {width:.3f} | {held:.1%} | {told:.1%} |"
                    )
    return "\n".join(lines) + "\n"


def outcome(
    rng: np.random.Generator,
    world: World,
    design: StudyDesign,
    inference: Inference,
    drawn: int,
) -> StudyOutcome:
    """Return what came of one newspaper whose difference is as large as is foreseen to be shown."""
    column = _column(design)
    flat = printed(rng, world, column, 0.0)
    days = np.arange(EDITIONS)
    every = np.zeros(len(flat.edition), np.int64)
    alone = ShareEstimator(flat.table(), every, ("all",), Calibration()).estimate(0).value
    plan = Study.of(
        flat.table(), design, days[flat.edition], inference=inference, share=alone
    ).foresee(drawn)
    change = 0.0 if design is StudyDesign.SHARE else plan.detectable
    newspaper = printed(rng, world, column, change)
    table = newspaper.drawn(newspaper.table(), drawn, rng)
    study = Study.of(table, design, days[newspaper.edition], inference=inference)
    low, high = _interval(table, study)
    truth = _truth(newspaper, study, world, change)
    against = truth - plan.detectable if design is StudyDesign.SHARE else 0.0
    return StudyOutcome(plan.width, high - low, low <= truth <= high, not low <= against <= high)


def printed(
    rng: np.random.Generator, world: World, column: Numbers, change: float
) -> SimulatedNewspaper:
    """Return a newspaper whose practice changes by so much where a column goes from 0 to 1."""
    shares = np.clip(world.practice + change * (column - column.mean()), 0.01, 0.99)
    levels = {share: _prevalence(world, share) for share in np.unique(shares).tolist()}
    papers = [replace(world, prevalence=levels[share]) for share in shares.tolist()]
    return joined([paper.newspaper(rng) for paper in papers])


def _column(design: StudyDesign) -> Numbers:
    part = np.arange(EDITIONS) / (EDITIONS - 1)
    return (part > 0.5).astype(float) if design is StudyDesign.DIFFERENCE else part


def _prevalence(world: World, share: float) -> float:
    """Return the prevalence of the typical edition of a practice."""

    def off(odds: float) -> float:
        prevalence = float(scipy.special.expit(odds))
        return replace(world, prevalence=prevalence).practice - share

    return float(scipy.special.expit(scipy.optimize.brentq(off, -9.0, 9.0)))


def _interval(table: PhotoTable, study: Study) -> tuple[float, float]:
    groups = study.frame.side
    names = ("first", "second") if study.design is StudyDesign.DIFFERENCE else ("all",)
    estimator = ShareEstimator(table, groups, names, Calibration(), inference=study.inference)
    if study.design is StudyDesign.TREND:
        X = np.stack([np.ones(len(table)), study.column], axis=1)
        names = ("intercept", "trend")
        found = regress(table, estimator.recalibrated, X, names, inference=study.inference)
        return found.coefficients[-1].low, found.coefficients[-1].high
    if study.design is StudyDesign.SHARE:
        low, high = estimator.estimates()[0].interval or (0.0, 1.0)
        return low, high
    less = replace(estimator, asked=groups).difference(1, 0)
    return (-1.0, 1.0) if less.low is None or less.high is None else (less.low, less.high)


def _truth(newspaper: SimulatedNewspaper, study: Study, world: World, change: float) -> float:
    if study.inference is Inference.PRACTICE:
        return world.practice if study.design is StudyDesign.SHARE else change
    X = np.ones((len(study.table), 1))
    if study.design is not StudyDesign.SHARE:
        X = np.stack([X[:, 0], study.column], axis=1)
    return float(np.linalg.lstsq(X, newspaper.truth.astype(float), rcond=None)[0][-1])


if __name__ == "__main__":
    main()
