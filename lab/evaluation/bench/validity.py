"""Whether a newspaper's validity is told rightly, by what people answered of some of its photos.

``python -m presslens.lab.evaluation.bench.validity`` prints a table of simulated newspapers. Of
each some photos are drawn, by the plan of a sample or with equal chances, and answered. A line has
how often the interval of the agreement held that of all photos, its mean width, and how often the
machine was called valid or not valid where the whole newspaper says the other.
"""

from __future__ import annotations

import argparse
import sys
import zlib
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import cohen_kappa_score

from presslens.models.subjects.readers import SHOWN
from presslens.pipelines.statistics.validity import OF_USE, ValidityState, newspaper_validity
from presslens.pipelines.statistics.worlds import SimulatedNewspaper, World

WORLDS = {
    f"{name}, {photos} photos": World(
        editions=photos // 12, photos=12.0, special=0.0, prevalence=prevalence, auc=auc
    )
    for photos in (120, 1000)
    for name, prevalence, auc in (
        ("15 %, AUC 0.95", 0.15, 0.95),
        ("30 %, AUC 0.85", 0.30, 0.85),
        ("30 %, AUC 0.65", 0.30, 0.65),
    )
}
"""Newspapers by how common a measure is and how well the machine tells it."""

DRAWN = (20, 40, 100)


@dataclass(frozen=True, slots=True)
class ValidityTrial:
    """What answers said of the machine in one newspaper."""

    held: bool | None  # whether the interval held the agreement of all photos; None without one
    width: float
    state: ValidityState
    right: ValidityState  # what the answers for all photos say


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=400, help="newspapers of each kind")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    sys.stdout.write(table_of(arguments.count, arguments.seed))


def table_of(count: int, seed: int) -> str:
    """Return what answers said of so many newspapers of each kind, as a Markdown table."""
    lines = ["| newspaper | answers | drawn | held | width | wrong |", "|---|---|---|---|---|---|"]
    for name, world in WORLDS.items():
        for drawn in DRAWN:
            for blind in (False, True):
                how = "with equal chances" if blind else "by plan"
                rng = np.random.default_rng((seed, zlib.crc32(f"{name} {drawn} {how}".encode())))
                trials = [trial(rng, world, drawn, blind=blind) for _ in range(count)]
                held = [one.held for one in trials if one.held is not None]
                width = np.mean([one.width for one in trials if one.held is not None])
                decided = ValidityState.VALID, ValidityState.NOT_VALID
                wrong = [one.state in decided and one.state is not one.right for one in trials]
                lines.append(
                    f"| {name} | {drawn} | {how} | {np.mean(held):.1%} | {width:.2f}"
                    f" | {np.mean(wrong):.1%} |"
                )
    return "\n".join(lines) + "\n"


def trial(
    rng: np.random.Generator, world: World, drawn: int, *, blind: bool = False
) -> ValidityTrial:
    """Return what so many drawn answers said of the machine in a newspaper."""
    newspaper = world.newspaper(rng)
    taken = newspaper.probability >= SHOWN
    table = newspaper.drawn(newspaper.table(), drawn, rng, blind=blind)
    told = newspaper_validity("measure", table, taken, newspaper.posterior)
    agreement = agreement_of_all(newspaper)
    right = ValidityState.VALID if agreement >= OF_USE else ValidityState.NOT_VALID
    if told.interval is None:
        return ValidityTrial(None, 0.0, told.state, right)
    low, high = told.interval
    held = low - 1e-9 <= agreement <= high + 1e-9
    return ValidityTrial(held, high - low, told.state, right)


def agreement_of_all(newspaper: SimulatedNewspaper) -> float:
    """Return Cohen's kappa of what the machine takes each photo to show with the truth."""
    return float(cohen_kappa_score(newspaper.truth, newspaper.probability >= SHOWN))


if __name__ == "__main__":
    main()
