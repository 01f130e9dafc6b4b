"""How often intervals hold the truth in simulated newspapers, and how wide the intervals are.

An oracle's width stands beside: that of a normal interval around a regression estimate by the same
draws, made by somebody who knows the true probability of every photo.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from presslens.models.recipe import Calibration
from presslens.pipelines.statistics.estimator import ShareEstimator
from presslens.pipelines.statistics.measure import Estimand, Inference
from presslens.pipelines.statistics.photo_table import Numbers, PhotoTable
from presslens.pipelines.statistics.worlds import SimulatedNewspaper, World, joined

Z = 1.959964
"""Normal quantile of a two-sided interval of 95 %."""

WILSON = 100
"""Photos of the blind sample whose Wilson interval a rare subject is compared with."""


@dataclass(frozen=True, slots=True)
class SimulatedTrial:
    """One newspaper, and what was estimated of it."""

    truth: float  # the true share or difference
    value: float  # the estimate
    interval: tuple[float, float] | None  # the ends of the interval; None where it was refused
    oracle: float | None = None  # width of the oracle's interval; None where there is none


@dataclass(frozen=True, slots=True)
class Scenario:
    """A world, and a question about it."""

    name: str  # what it is
    trial: Callable[[np.random.Generator], SimulatedTrial]  # runs it once by a generator of chance


@dataclass(frozen=True, slots=True)
class ScenarioOutcome:
    """How a scenario came out."""

    name: str  # the scenario's
    trials: int  # how often it was run
    refused: float  # share of the trials in which there was no interval, 0–1
    covered: float | None  # share of the others whose interval held the truth; None without any
    width: float | None  # mean width of the intervals; None without any
    oracle: float | None  # mean width of the oracle's; None where there is none
    bias: float  # mean of the estimate less the truth
    # Share of the intervals that lie on one side of 0: of a difference, how often it is claimed.
    away: float | None


def simulate(
    scenarios: Sequence[Scenario], trials: int, *, progress: Callable[[str], None]
) -> Iterator[ScenarioOutcome]:
    """Yield how each scenario comes out.

    Args:
        trials: How often each is run; the chance of each is seeded by its name.
        progress: Is called with the name of each scenario before it is run.
    """
    for scenario in scenarios:
        progress(scenario.name)
        seed = zlib.crc32(scenario.name.encode())
        done = [scenario.trial(np.random.default_rng((seed, i))) for i in range(trials)]
        yield _coverage(scenario.name, done)


def _coverage(name: str, done: Sequence[SimulatedTrial]) -> ScenarioOutcome:
    stated = [(trial.truth, *trial.interval) for trial in done if trial.interval is not None]
    oracles = [trial.oracle for trial in done if trial.oracle is not None]
    hits = [low - 1e-9 <= truth <= high + 1e-9 for truth, low, high in stated]
    return ScenarioOutcome(
        name=name,
        trials=len(done),
        refused=1 - len(stated) / len(done),
        covered=float(np.mean(hits)) if stated else None,
        width=float(np.mean([high - low for _, low, high in stated])) if stated else None,
        oracle=float(np.mean(oracles)) if oracles else None,
        bias=float(np.mean([trial.value - trial.truth for trial in done])),
        away=float(np.mean([low > 0 or high < 0 for _, low, high in stated])) if stated else None,
    )


def scenarios(calibration: Calibration) -> list[Scenario]:
    """Return the scenarios.

    Args:
        calibration: How far the machine's calibration may be off, of a measure.
    """
    reference = calibration.reference or 0.25
    paper = World(reference=reference)
    here = replace(paper, prevalence=reference * 0.8)
    elsewhere = replace(paper, prevalence=0.06)
    off = replace(elsewhere, shift=1.0, slope=0.7)
    one = replace(paper, editions=1, special=0.0, photos=60.0)
    rare = replace(paper, prevalence=0.02, special_shift=0.4, spread=0.7)
    low = replace(paper, editions=30, prevalence=0.085)
    high, shifted = replace(low, prevalence=0.17), replace(low, shift=0.7)
    months = replace(paper, months=12)
    practice, mean = Inference.PRACTICE, Estimand.MEAN_EDITION_SHARE
    ask = _Question(calibration)
    trials: dict[str, Callable[[np.random.Generator], SimulatedTrial]] = {
        "machine: one edition like the training sets": ask.of(
            replace(one, prevalence=reference, spread=0.6)
        ),
        "machine: one edition, 2 % show it": ask.of(replace(one, prevalence=0.02, spread=0.3)),
        "machine: one edition, scores 1 logit higher": ask.of(replace(one, shift=1.0)),
        "machine: one edition, scores 1 logit lower": ask.of(replace(one, shift=-1.0)),
        "machine: 60 editions, calibrated here, mean edition": ask.of(here, estimand=mean),
        "machine: 60 editions, calibrated here, practice": ask.of(here, inference=practice),
        "machine: 60 editions, calibrated elsewhere": ask.of(elsewhere),
        "machine: 60 editions, scores 1/2 logit higher": ask.of(replace(paper, shift=0.5)),
        "machine: two periods, 10 and 20 %": ask.between(low, high),
        "machine: no difference, one period's scans shift": ask.between(
            low, shifted, inference=practice
        ),
        "100 drawn: these editions": ask.of(paper, drawn=100),
        "300 drawn: these editions": ask.of(paper, drawn=300),
        "300 drawn: these editions, by area": ask.of(paper, drawn=300, area=True),
        "300 drawn: these editions, mean edition": ask.of(paper, drawn=300, estimand=mean),
        "300 drawn: these editions, calibrated elsewhere, shifted": ask.of(off, drawn=300),
        "300 drawn: practice": ask.of(paper, drawn=300, inference=practice),
        "300 drawn: practice, mean edition": ask.of(
            paper, drawn=300, inference=practice, estimand=mean
        ),
        "300 drawn: two periods, 10 and 20 %": ask.between(low, high, drawn=300),
        "300 drawn: no difference, one period's scans shift": ask.between(
            low, shifted, drawn=300, inference=practice
        ),
        "300 drawn, then 20 picks": ask.of(paper, drawn=300, change=_picks),
        "300 drawn by an older recipe": ask.of(paper, drawn=300, change=_other_recipe),
        "300 drawn, 15 editions added later": ask.of(paper, drawn=300, frame=45),
        "300 drawn, 10 % can't tell on hard photos": ask.of(paper, drawn=300, change=_unanswered),
        "three picks in one edition of 109": ask.of(
            replace(one, photos=109.0, prevalence=0.29), change=_three_picks
        ),
        "25 drawn of each of 12 months: a month": ask.part(
            months, SimulatedNewspaper.by_month, 25, each=True
        ),
        "25 drawn of each of 12 months, scans differ": ask.part(
            replace(months, month_shift=0.4), SimulatedNewspaper.by_month, 25, each=True
        ),
        "25 drawn of each of 12 months, scans differ much": ask.part(
            replace(months, month_shift=0.8), SimulatedNewspaper.by_month, 25, each=True
        ),
        "25 drawn of each of 12 months, a season": ask.part(
            replace(months, season=1.0), SimulatedNewspaper.by_month, 25, each=True
        ),
        "100 drawn: the front page, which shows it more": ask.part(
            replace(paper, front=1.0), SimulatedNewspaper.by_zone, 100
        ),
        "100 drawn: the inside pages": ask.part(
            replace(paper, front=1.0), SimulatedNewspaper.by_zone, 100, which=1
        ),
        "200 drawn: a new scanner, scores higher": ask.part(
            replace(paper, new_scanner=1.5), SimulatedNewspaper.by_scanner, 200, which=1
        ),
        "200 drawn: a new scanner, scores lower": ask.part(
            replace(paper, new_scanner=-1.5), SimulatedNewspaper.by_scanner, 200, which=1
        ),
        "rare: 100 drawn (oracle: Wilson, 100 blind)": ask.of(rare, drawn=100, wilson=True),
        "rare: 300 drawn: these editions": ask.of(rare, drawn=300),
        "rare: 300 drawn: practice": ask.of(rare, drawn=300, inference=practice),
    }
    return [Scenario(name, trial) for name, trial in trials.items()]


Change = Callable[[PhotoTable, SimulatedNewspaper, np.random.Generator], PhotoTable]


@dataclass(frozen=True, slots=True)
class _Question:
    calibration: Calibration

    def of(
        self,
        world: World,
        *,
        drawn: int = 0,
        frame: int | None = None,
        change: Change | None = None,
        inference: Inference = Inference.THESE,
        estimand: Estimand = Estimand.SHARE_OF_PHOTOS,
        area: bool = False,
        wilson: bool = False,
    ) -> Callable[[np.random.Generator], SimulatedTrial]:
        """Return a trial that asks for the share of all photos of a newspaper."""

        def trial(rng: np.random.Generator) -> SimulatedTrial:
            paper = world.newspaper(rng)
            weight = paper.area if area else np.ones(len(paper.edition))
            table = self._table(paper, drawn, frame, change, rng)
            estimator = self._estimator(
                replace(table, weight=weight), np.zeros(len(table), np.int64), inference, estimand
            )
            estimate = estimator.estimates()[0]
            by = _by(paper, weight, estimand)
            truth = float(by @ paper.truth) if inference is Inference.THESE else None
            if truth is None:
                truth = _practice(world, estimand)
            oracle = None
            if wilson:
                oracle = _wilson_width(float(paper.truth.mean()))
            elif drawn:
                oracle = _oracle_width(paper, table, by, inference)
            return SimulatedTrial(truth, estimate.value or 0.0, estimate.interval, oracle)

        return trial

    def part(
        self,
        world: World,
        parts: Callable[[SimulatedNewspaper], NDArray[np.int64]],
        drawn: int,
        *,
        each: bool = False,
        which: int | None = None,
    ) -> Callable[[np.random.Generator], SimulatedTrial]:
        """Return a trial that asks for the share of a part of the photos.

        Args:
            parts: Returns the part of each photo, 0 or more.
            drawn: Photos to draw, of each part where ``each``.
            which: The part that is asked for; None: any, by chance.
        """

        def trial(rng: np.random.Generator) -> SimulatedTrial:
            paper = world.newspaper(rng)
            group = parts(paper)
            table = paper.drawn(paper.table(), drawn, rng, parts=group if each else None)
            k = int(rng.integers(group.max() + 1)) if which is None else which
            names = [str(i) for i in range(int(group.max()) + 1)]
            estimate = ShareEstimator(
                table, group, names, self.calibration, asked=group
            ).estimates()[k]
            truth = float(paper.truth[group == k].mean())
            return SimulatedTrial(truth, estimate.value or 0.0, estimate.interval)

        return trial

    def between(
        self,
        first: World,
        second: World,
        *,
        drawn: int = 0,
        inference: Inference = Inference.THESE,
    ) -> Callable[[np.random.Generator], SimulatedTrial]:
        """Return a trial that asks for the second newspaper's share less the first one's."""

        def trial(rng: np.random.Generator) -> SimulatedTrial:
            one, other = first.newspaper(rng), second.newspaper(rng)
            paper = joined([one, other])
            table = self._table(paper, drawn, None, None, rng)
            later = (paper.edition >= one.editions).astype(np.int64)
            estimator = self._estimator(table, later, inference, Estimand.SHARE_OF_PHOTOS)
            less = estimator.difference(1, 0)
            truth = float(other.truth.mean() - one.truth.mean())
            if inference is Inference.PRACTICE:
                truth = second.practice - first.practice
            interval = None if less.low is None or less.high is None else (less.low, less.high)
            return SimulatedTrial(truth, less.value or 0.0, interval)

        return trial

    def _table(
        self,
        paper: SimulatedNewspaper,
        drawn: int,
        frame: int | None,
        change: Change | None,
        rng: np.random.Generator,
    ) -> PhotoTable:
        table = paper.table()
        if drawn:
            within = None if frame is None else paper.edition < frame
            table = paper.drawn(table, drawn, rng, within=within)
        return change(table, paper, rng) if change else table

    def _estimator(
        self,
        table: PhotoTable,
        group: NDArray[np.int64],
        inference: Inference,
        estimand: Estimand,
    ) -> ShareEstimator:
        names = [str(k) for k in range(int(group.max()) + 1)]
        return ShareEstimator(
            table, group, names, self.calibration, inference=inference, estimand=estimand
        )


def _by(paper: SimulatedNewspaper, weight: Numbers, estimand: Estimand) -> Numbers:
    """Return the weight of each photo in the share, which sum to 1."""
    if estimand is Estimand.MEAN_EDITION_SHARE:
        weight = weight / np.bincount(paper.edition, weight)[paper.edition]
    return np.asarray(weight / weight.sum())


def _practice(world: World, estimand: Estimand) -> float:
    if estimand is Estimand.SHARE_OF_PHOTOS:
        return world.practice
    ordinary = replace(world, special=0.0).practice
    special = replace(world, special=0.0, prevalence=world.special_prevalence).practice
    return (1 - world.special) * ordinary + world.special * special


def _oracle_width(
    paper: SimulatedNewspaper, table: PhotoTable, by: Numbers, inference: Inference
) -> float:
    """Return the width of the interval of who knows every photo's probability."""
    p = paper.posterior
    chance = _chance(table)
    variance = float((by**2 * p * (1 - p) * (1 - chance) / chance).sum())
    if inference is Inference.PRACTICE:
        e = paper.editions
        total, size = (np.bincount(paper.edition, w, e) for w in (by * paper.truth, by))
        off = total - total.sum() * size
        variance += float(off @ off) * e / (e - 1)
    return 2 * Z * float(np.sqrt(variance))


def _chance(table: PhotoTable) -> Numbers:
    """Return the inclusion probability of every photo: that of its stratum, or the frame's mean."""
    at = np.searchsorted((0.1, 0.5, 0.9), table.probability, side="right")
    chance = np.full(len(table), table.sampled.sum() / len(table))
    for h in range(4):
        own = table.inclusion[(at == h) & table.drawn]
        if len(own):
            chance[at == h] = own.mean()
    return chance


def _wilson_width(share: float) -> float:
    n, z = WILSON, Z
    return 2 * z / (1 + z**2 / n) * float(np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)))


def _picks(table: PhotoTable, paper: SimulatedNewspaper, _rng: np.random.Generator) -> PhotoTable:
    label = table.label.copy()
    wrong = ~table.drawn & paper.truth & (table.probability < 0.3) & (paper.edition < 10)
    label[np.flatnonzero(wrong)[:20]] = 1.0
    return replace(table, label=label)


def _three_picks(
    table: PhotoTable, paper: SimulatedNewspaper, _rng: np.random.Generator
) -> PhotoTable:
    label = table.label.copy()
    label[np.flatnonzero(paper.truth & (table.probability < 0.5))[:3]] = 1.0
    return replace(table, label=label)


def _other_recipe(
    table: PhotoTable, paper: SimulatedNewspaper, rng: np.random.Generator
) -> PhotoTable:
    """Return the sample with the probabilities of another detector, as good but apart."""
    again = World(reference=0.25)
    odds = again.separation * (again.separation * paper.truth + rng.standard_normal(len(table)))
    odds = odds - again.separation**2 / 2 - np.log(3.0)
    return replace(table, probability=1 / (1 + np.exp(-odds)))


def _unanswered(
    table: PhotoTable, paper: SimulatedNewspaper, rng: np.random.Generator
) -> PhotoTable:
    hard = table.sampled & (paper.posterior > 0.2) & (paper.posterior < 0.8)
    expected = 0.1 * table.sampled.sum() / max(1, hard.sum())
    lost = hard & (rng.random(len(table)) < expected)
    return replace(table, label=np.where(lost, np.nan, table.label))
