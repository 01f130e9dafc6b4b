"""The simulated newspapers on which intervals are checked, and what is asked about them.

Beside a share of these editions stands Wilson's interval of as many photos, drawn blind and with
the finite population correction; beside practice stands a hand count of all photos.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache, partial

import numpy as np
import scipy  # which imports scipy.special when it is first used
from numpy.typing import NDArray

from models.recipe import Calibration, Recipe
from pipelines.statistics.estimator import ShareEstimator
from pipelines.statistics.measure import Estimand, Inference
from pipelines.statistics.photo_table import Mask, PhotoTable
from pipelines.statistics.simulation import Answer, Case
from pipelines.statistics.worlds import Newspaper, World, joined

CONFIDENCE = 0.95

MEASURE = "children"
"""The measure as which the simulated subject is estimated: of the recipe's calibrations."""

Generator = np.random.Generator
Look = Callable[[Newspaper, Generator], PhotoTable]
"""Returns what is known of a newspaper: the machine's probabilities, a sample, picks."""

WILSON, HAND = "Wilson, as many blind photos", "a hand count of all photos"


@dataclass(frozen=True, slots=True)
class Prints:
    """A newspaper as it is printed, and as it is looked at.

    Attributes:
        name: What it is called in the table.
        world: What its editions and its detector are like.
        look: What is known of it.
        reference: Prevalence where its detector was calibrated; None: that of the world.
        like_sources: Whether its prevalence and the errors of its scores are by chance, as large
            as the recipe says that they are on sources which no detector has seen.
    """

    name: str
    world: World
    look: Look
    reference: float | None = None
    like_sources: bool = False

    def world_of(self, rng: Generator) -> World:
        """Return the world of one newspaper."""
        if not self.like_sources:
            return self.world
        by = _calibration(self.world.reference)
        odds = scipy.special.logit(self.world.reference) + rng.normal(0, by.prevalence)
        return replace(
            self.world,
            prevalence=float(scipy.special.expit(odds)),
            shift=float(rng.normal(0, np.hypot(by.source, by.period))),
            edition_shift=by.edition,
            slope=float(np.exp(rng.normal(0, by.slope))),
        )

    def cases(self, inferences: tuple[Inference, ...] = tuple(Inference)) -> list[Case]:
        """Return the questions about its share."""
        return [
            Case(
                self.name,
                "these editions" if inference is Inference.THESE else "practice",
                partial(_share, self, inference),
                HAND if inference is Inference.PRACTICE else WILSON,
            )
            for inference in inferences
        ]


def alone(newspaper: Newspaper, _: Generator) -> PhotoTable:
    """Return what the machine alone knows."""
    return newspaper.table()


def drawn(newspaper: Newspaper, rng: Generator, *, photos: int, blind: bool = False) -> PhotoTable:
    """Return the photos with a sample, by strata of the machine's probability or blind."""
    return newspaper.drawn(newspaper.table(), photos, rng, blind=blind)


def drawn_then_picked(newspaper: Newspaper, rng: Generator) -> PhotoTable:
    """Return a sample of 300, and 30 photos that were picked because the machine is wrong."""
    table = drawn(newspaper, rng, photos=300)
    off = np.abs(newspaper.truth - table.probability)
    off[table.answered] = -1
    return _picked(table, newspaper, np.argsort(-off)[:30])


def under_an_older_recipe(newspaper: Newspaper, rng: Generator) -> PhotoTable:
    """Return a sample of 300 that was drawn by the scores of a worse recipe."""
    table = newspaper.table()
    noise = rng.normal(0, 1.5, len(table))
    older = replace(table, probability=scipy.special.expit(table.logits + noise - 0.5))
    return replace(newspaper.drawn(older, 300, rng), probability=table.probability)


def before_editions_came(newspaper: Newspaper, rng: Generator) -> PhotoTable:
    """Return a sample of 300 from the editions but for the last sixth, which came later."""
    within = newspaper.edition < newspaper.editions * 5 // 6
    return newspaper.drawn(newspaper.table(), 300, rng, within=within)


def some_without_answer(newspaper: Newspaper, rng: Generator) -> PhotoTable:
    """Return a sample of 300 of which 10 % have no answer, the hard photos rather than others."""
    table = drawn(newspaper, rng, photos=300)
    hard = 1 - np.abs(2 * table.probability - 1)
    chance = np.minimum(1, 0.1 * hard / hard[table.drawn].mean())
    lost = table.drawn & (rng.random(len(table)) < chance)
    return replace(table, label=np.where(lost, np.nan, table.label))


def three_picks(newspaper: Newspaper, _: Generator) -> PhotoTable:
    """Return the photos with three picked corrections: missed by the machine, by its score."""
    table = newspaper.table()
    missed = np.where(newspaper.truth, 1 - table.probability, -1.0)
    return _picked(table, newspaper, np.argsort(-missed)[:3])


def cases() -> list[Case]:
    """Return all cases."""
    one = World(editions=1, photos=60, special=0.0)
    usual, rare = World(), World(prevalence=0.025, special_shift=0.0)
    these = (Inference.THESE,)
    asked: list[Case] = []
    for prints in (
        Prints(
            "one edition, as where the detector was calibrated", replace(one, spread=0.3), alone
        ),
        Prints("one edition, 2 % show the subject", replace(one, prevalence=0.02), alone),
        Prints("one edition, scores one logit off", replace(one, shift=1.0), alone),
        Prints("one edition of 109 photos, three picks", replace(one, photos=109), three_picks),
    ):
        asked += prints.cases(these)
    for prints in (
        Prints("machine alone, newspapers like the labelled sources", usual, alone,
            like_sources=True),
        Prints("machine alone, calibrated on this newspaper", usual, alone, usual.practice),
        Prints("machine alone, calibrated elsewhere", replace(usual, shift=0.7, slope=0.8), alone),
        Prints("machine alone, scans half a logit off", replace(usual, shift=0.5), alone),
        Prints("100 drawn", usual, partial(drawn, photos=100)),
        Prints("300 drawn", usual, partial(drawn, photos=300)),
        Prints("300 drawn, blind", usual, partial(drawn, photos=300, blind=True)),
        Prints("300 drawn, scores of editions shift", replace(usual, edition_shift=0.5),
            partial(drawn, photos=300)),
        Prints("300 drawn, then 30 picks of errors", usual, drawn_then_picked),
        Prints("300 drawn under an older recipe", usual, under_an_older_recipe),
        Prints("300 drawn, editions added later", usual, before_editions_came),
        Prints("300 drawn, 10 % can't tell", usual, some_without_answer),
        Prints("rare (2.5 %), 100 drawn", rare, partial(drawn, photos=100)),
    ):  # fmt: skip
        asked += prints.cases()
    for name, first, second, look in (
        ("two periods, 10 and 20 %, machine alone", 0.1, 0.2, alone),
        ("two periods alike, scans of one shift, machine alone", 0.2, 0.2, alone),
        ("two periods, 10 and 20 %, 300 drawn", 0.1, 0.2, partial(drawn, photos=300)),
        ("two periods alike, scans of one shift, 300 drawn", 0.2, 0.2, partial(drawn, photos=300)),
    ):
        shift = 0.5 if first == second else 0.0
        worlds = (
            World(editions=30, prevalence=first, shift=shift),
            World(editions=30, prevalence=second),
        )
        for inference in Inference:
            about = "these editions" if inference is Inference.THESE else "practice"
            asked.append(
                Case(
                    name,
                    f"difference, {about}",
                    partial(_difference, worlds, look, inference),
                    difference=True,
                )
            )
    return asked


def _share(prints: Prints, inference: Inference, rng: Generator) -> Answer:
    world = prints.world_of(rng)
    newspaper = world.newspaper(rng)
    table = prints.look(newspaper, rng)
    everything = np.zeros(len(table), np.int64)
    reference = prints.reference or world.reference
    found = _estimator(table, everything, ("all",), inference, reference).estimates()[0]
    truth = world.practice if inference is Inference.PRACTICE else newspaper.truth.mean()
    if inference is Inference.PRACTICE:
        census = replace(table, label=newspaper.truth.astype(float))
        count = _estimator(census, everything, ("all",), inference, reference).estimates()[0]
        beside = None if count.low is None or count.high is None else count.high - count.low
    else:
        beside = _wilson(newspaper.truth, int(table.sampled.sum()))
    return Answer(float(truth), found.value, found.low, found.high, beside)


def _difference(
    worlds: tuple[World, World], look: Look, inference: Inference, rng: Generator
) -> Answer:
    newspaper = joined([world.newspaper(rng) for world in worlds])
    table = look(newspaper, rng)
    second = newspaper.edition >= worlds[0].editions
    reference = worlds[0].reference
    estimator = _estimator(
        table, second.astype(np.int64), ("first", "second"), inference, reference
    )
    found = estimator.difference(1, 0)
    truth = (
        worlds[1].practice - worlds[0].practice
        if inference is Inference.PRACTICE
        else newspaper.truth[second].mean() - newspaper.truth[~second].mean()
    )
    return Answer(float(truth), found.value, found.low, found.high)


def _estimator(
    table: PhotoTable,
    group: NDArray[np.int64],
    names: tuple[str, ...],
    inference: Inference,
    reference: float,
) -> ShareEstimator:
    return ShareEstimator(
        table,
        group,
        names,
        _calibration(reference),
        inference=inference,
        estimand=Estimand.SHARE_OF_PHOTOS,
        confidence=CONFIDENCE,
    )


@lru_cache(maxsize=16)
def _calibration(reference: float) -> Calibration:
    """Return the recipe's calibration of a measure, with another reference prevalence."""
    found = Recipe.load().aggregate.calibration_of(MEASURE)
    return found.model_copy(update={"reference": reference})


def _picked(table: PhotoTable, newspaper: Newspaper, rows: NDArray[np.int64]) -> PhotoTable:
    label = table.label.copy()
    label[rows] = newspaper.truth[rows]
    return replace(table, label=label)


def _wilson(truth: Mask, photos: int) -> float | None:
    """Return the mean width of Wilson's interval of blind photos (1927), for the true share."""
    if not photos:
        return None
    z = float(scipy.special.ndtri((1 + CONFIDENCE) / 2))
    p, left = float(truth.mean()), 1 - photos / len(truth)
    n = photos / max(left, 1e-9)
    spread = (p * (1 - p) / n + z**2 / (4 * n**2)) ** 0.5
    return float(2 * z * spread / (1 + z**2 / n))
