"""Shares of groups of photos estimated by Presslens and by other libraries, side by side.

``python -m presslens.lab.evaluation.bench.groups --count 300`` prints, of months, front pages and a
new scanner in simulated newspapers (``pipelines.statistics.worlds``), how often each 95 % interval
holds the share of the group's photos, and how wide it is. Other libraries know no groups: each is
given the photos of the group. A library that is not installed is left out.

``--answers`` prints the width with answers beside that of the machine alone, in newspapers whose
scores err as the recipe expects of the measure: of the two halves, and of their difference.
"""

from __future__ import annotations

import argparse
import csv
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields, replace
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from presslens.lab.evaluation.bench.contenders import Interval, glide_stratified, hajek, ppi_python
from presslens.lab.evaluation.bench.newspapers import DrawnNewspaper
from presslens.models.recipe import Calibration, Recipe
from presslens.pipelines.statistics.estimator import ShareEstimator
from presslens.pipelines.statistics.measure import strata
from presslens.pipelines.statistics.photo_table import PhotoTable
from presslens.pipelines.statistics.share_estimate import GroupEstimate, ShareDifference
from presslens.pipelines.statistics.worlds import SimulatedNewspaper, World

Parts = Callable[[SimulatedNewspaper], NDArray[np.int64]]

ALONE = (
    ("drawn labels, weighted mean", "numpy", hajek),
    ("ppi-python, PPI++", "ppi_py", ppi_python),
    ("glide, stratified PPI++", "glide", glide_stratified),
)
"""What is given the photos of one group: name, module, estimate."""


@dataclass(frozen=True, slots=True)
class GroupWorld:
    """A world, the groups that are asked about, and the draw."""

    name: str
    world: World
    parts: Parts  # group of each photo
    drawn: int  # photos that are drawn, of each group where ``each``
    each: bool = False


@dataclass(frozen=True, slots=True)
class MeasuredGroups:
    """How one way to estimate groups did in one world."""

    world: str
    library: str
    groups: int  # groups that it gave an interval of
    held: float  # share of these intervals that hold the group's share
    width: float  # their mean width


WORLDS = (
    *(
        GroupWorld(name, world, SimulatedNewspaper.by_month, 25, each=True)
        for name, world in (
            ("months, scans differ by 0.4", World(months=12, month_shift=0.4)),
            ("months, scans differ by 0.8", World(months=12, month_shift=0.8)),
            ("months, a season", World(months=12, season=1.0)),
        )
    ),
    GroupWorld("front and inside", World(front=1.0), SimulatedNewspaper.by_zone, 100),
    *(
        GroupWorld(
            f"a new scanner, {shift:+}, {drawn} drawn",
            World(new_scanner=shift),
            SimulatedNewspaper.by_scanner,
            drawn,
        )
        for shift in (1.5, -1.5)
        for drawn in (100, 200)
    ),
)


@dataclass(frozen=True, slots=True)
class AnsweredHalves:
    """How much narrower answers made the intervals of halves, or of their difference."""

    world: str
    drawn: int  # photos that are drawn from both halves
    of: str  # shares, or their difference
    intervals: int  # of those that the machine alone states, too
    held_alone: float  # share of the machine's intervals that hold the truth
    held: float  # the same with answers
    width_alone: float  # their mean width
    width: float  # the same with answers
    ratio: float  # mean of the width with answers by that of the machine alone
    wider: float  # share of the intervals that answers make wider


HALVES = World(editions=40, photos=20.0, special=0.1, months=2)

ANSWERED = (
    *(
        (name, measure, replace(HALVES, auc=auc), True)
        for name, measure, auc in (
            ("people", "people", 0.95),
            ("buildings", "buildings", 0.92),
            ("facility", "focus_facility", 0.92),
            ("fireworks", "fireworks", 0.97),
            ("people, nearly sure", "people", 0.995),
        )
    ),
    ("people, too sure", "people", replace(HALVES, auc=0.98, slope=2.0), False),
)
"""Name, measure, world, and whether its scores err as the recipe expects, by chance."""

DRAWN = (20, 40, 100)

PREVALENCE = 0.8
"""Standard deviation of the prevalence's log odds over newspapers."""


def main() -> None:
    """Print the table as CSV."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300, help="newspapers of each world")
    parser.add_argument("--answers", action="store_true", help="beside the machine alone")
    options = parser.parse_args()
    of, measure = (
        (AnsweredHalves, measure_answers) if options.answers else (MeasuredGroups, measure_groups)
    )
    writer = csv.DictWriter(sys.stdout, [one.name for one in fields(of)], lineterminator="\n")
    writer.writeheader()
    for row in measure(options.count):
        numbers = {k: f"{v:.3f}" if isinstance(v, float) else v for k, v in asdict(row).items()}
        writer.writerow(numbers)


def measure_groups(count: int) -> Iterator[MeasuredGroups]:
    """Yield how each library that is installed does in each world.

    Args:
        count: Newspapers of each world.
    """
    for one in WORLDS:
        found: dict[str, list[tuple[float, Interval]]] = {}
        for seed in range(count):
            for name, truth, interval in _of_newspaper(one, seed):
                found.setdefault(name, []).append((truth, interval))
        for name, pairs in found.items():
            held = [low <= truth <= high for truth, (_, low, high) in pairs]
            widths = [high - low for _, (_, low, high) in pairs]
            yield MeasuredGroups(
                one.name, name, len(pairs), float(np.mean(held)), float(np.mean(widths))
            )


def measure_answers(count: int) -> Iterator[AnsweredHalves]:
    """Yield how much narrower answers make intervals in each world.

    Args:
        count: Newspapers of each world.
    """
    aggregate = Recipe.load().aggregate
    for name, measure, world, errs in ANSWERED:
        components = aggregate.calibration_of(measure)
        for drawn in DRAWN:
            found: dict[str, list[tuple[float, ...]]] = {"shares": [], "difference": []}
            for seed in range(count):
                rng = np.random.default_rng((2026, seed))
                paper = _err(world, components, rng if errs else None).newspaper(rng)
                for of, row in _with_and_without(paper, components, drawn, rng):
                    found[of].append(row)
            for of, rows in found.items():
                means = np.mean(rows, axis=0).tolist()
                yield AnsweredHalves(name, drawn, of, len(rows), *means)


def _err(world: World, components: Calibration, rng: np.random.Generator | None) -> World:
    """Return a world whose scores err as a recipe expects, or, without chance, do not."""
    reference = components.reference or world.reference
    if rng is None:
        return replace(world, reference=reference, prevalence=reference)
    shift, slope, odds = rng.standard_normal(3)
    return replace(
        world,
        reference=reference,
        prevalence=float(expit(logit(reference) + PREVALENCE * odds)),
        shift=components.source * shift,
        slope=float(np.exp(components.slope * slope)),
        month_shift=components.period,
        edition_shift=components.edition,
    )


def _with_and_without(
    paper: SimulatedNewspaper, components: Calibration, drawn: int, rng: np.random.Generator
) -> Iterator[tuple[str, tuple[float, ...]]]:
    """Yield the fields of ``AnsweredHalves`` for each interval that the machine alone states."""
    half, alone = paper.by_month(), paper.table()
    estimators = [
        ShareEstimator(table, half, ("first", "second"), components, asked=half)
        for table in (alone, paper.drawn(alone, drawn, rng))
    ]
    shares = [float(paper.truth[half == k].mean()) for k in (0, 1)]
    asked: list[tuple[str, float, list[GroupEstimate] | list[ShareDifference]]] = [
        *(("shares", shares[k], [one.estimate(k) for one in estimators]) for k in (0, 1)),
        ("difference", shares[0] - shares[1], [one.difference(0, 1) for one in estimators]),
    ]
    for of, truth, made in asked:
        ends = [(one.low, one.high) for one in made if one.low is not None and one.high is not None]
        if len(ends) == len(made):
            held = [float(low <= truth <= high) for low, high in ends]
            before, after = (high - low for low, high in ends)
            yield of, (*held, before, after, after / before, float(after > before + 1e-9))


def _of_newspaper(one: GroupWorld, seed: int) -> Iterator[tuple[str, float, Interval]]:
    """Yield the name of a library, a group's true share, and what the library says of it."""
    rng = np.random.default_rng((2026, seed))
    paper = one.world.newspaper(rng)
    group = one.parts(paper)
    table = paper.drawn(paper.table(), one.drawn, rng, parts=group if one.each else None)
    names = [str(k) for k in range(int(group.max()) + 1)]
    estimator = ShareEstimator(table, group, names, Calibration(), asked=group)
    for k, estimate in enumerate(estimator.estimates()):
        truth = float(paper.truth[group == k].mean())
        if estimate.value is not None and estimate.low is not None and estimate.high is not None:
            yield "Presslens", truth, (estimate.value, estimate.low, estimate.high)
        alone = _alone(paper, table, group == k)
        for name, module, ask in ALONE:
            if alone is None or not find_spec(module):
                continue
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of other people's libraries
                value, low, high = ask(alone)
            if np.isfinite([value, low, high]).all():
                yield name, truth, (value, low, high)


def _alone(
    paper: SimulatedNewspaper, table: PhotoTable, mask: NDArray[np.bool_]
) -> DrawnNewspaper | None:
    """Return the photos of one group; None where a stratum has fewer than two draws of its own.

    Strata without draws join the one below.
    """
    stratum = strata(table.probability)
    drawn = table.drawn
    few = [h for h in np.unique(stratum[mask]) if (drawn & mask & (stratum == h)).sum() < 2]
    if few:
        stratum = np.zeros(len(table), np.int64)
        if (drawn & mask).sum() < 2:
            return None
    size = int(stratum.max()) + 1
    count = np.maximum(np.bincount(stratum[mask], minlength=size), 1)
    chance = np.bincount(stratum[mask], drawn[mask], size) / count
    # Drawn photos keep the chances of the draw, where strata are joined.
    inclusion = np.where(drawn, table.inclusion, chance[stratum])
    return DrawnNewspaper(
        table.edition[mask],
        paper.truth[mask].astype(float),
        table.probability[mask],
        drawn[mask],
        inclusion[mask],
        np.asarray(stratum[mask], np.int64),
    )


if __name__ == "__main__":
    main()
