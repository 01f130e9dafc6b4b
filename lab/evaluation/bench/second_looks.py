"""What it does to shares that rare answers are coded twice, where coders err.

``python -m presslens.lab.evaluation.bench.second_looks`` prints a table of simulated newspapers of
30 editions, of which 300 photos are drawn by strata and coded by people who are right in a share of
the photos that show the subject (sensitivity) and of those that don't (specificity). A second
coder is asked by chance (one photo in ten), or about rare answers, too; disagreements are decided
or not; or, with ``--known``, some photos are known before they are coded, and nobody asks twice. A
cell has the bias of the share in percent of the truth, how many intervals held it, and
their mean width; the last column has the codings that the third rule takes.
"""

from __future__ import annotations

import argparse
import sys
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from presslens.models.recipe import Recipe
from presslens.pipelines.statistics.coders import CodedPhoto, label_accuracy, rare_answers
from presslens.pipelines.statistics.estimator import ShareEstimator
from presslens.pipelines.statistics.measure import strata
from presslens.pipelines.statistics.misclassification import CoderAccuracy
from presslens.pipelines.statistics.photo_table import Mask, PhotoTable
from presslens.pipelines.statistics.worlds import World

DRAWN, CHANCE = 300, 0.1
"""Photos drawn, and the share of them that chance gives to a second coder."""


@dataclass(frozen=True, slots=True)
class CodingRule:
    """How photos are coded."""

    name: str
    corrected: bool = True  # whether errors are taken out
    chance: float = CHANCE  # share of the photos that chance gives to a second coder
    rare: bool = True  # whether rare answers go to a second coder, too
    decided: float = 1.0  # share of the disagreements that an adjudicator has decided
    known: int = 0  # photos that an adjudicator has settled before


RULES = (
    CodingRule("one coder, taken as right", corrected=False, chance=0.0, rare=False),
    CodingRule("a tenth twice", rare=False),
    CodingRule("a tenth and rare answers twice"),
    CodingRule("the same, a half decided", decided=0.5),
)

KNOWN = (
    RULES[0],
    *(CodingRule(f"{n} known", chance=0.0, rare=False, known=n) for n in (5, 20, 50, 200)),
)

CODERS = ((0.9, 0.98), (0.8, 0.99))
"""Sensitivity and specificity."""

CODERS_OF_KNOWN = ((1.0, 1.0), (0.98, 0.98), (0.95, 0.95), (0.9, 0.9), (0.9, 0.98))
"""The same, where photos are known."""

PREVALENCES, OF_KNOWN = (0.01, 0.03, 0.1), (0.03, 0.15, 0.4)


def coded(
    table: PhotoTable, truth: Mask, rule: CodingRule, coder: tuple[float, float],
    rng: np.random.Generator,
) -> tuple[PhotoTable, list[CodedPhoto]]:  # fmt: skip
    """Return a table with the labels of coders, and their answers for each drawn photo.

    Args:
        table: Photos of which some were drawn; labels are replaced.
        truth: What each shows, shape (n,).
        rule: How they are coded.
        coder: Sensitivity and specificity.
    """
    rows = np.flatnonzero(table.sampled)
    shown, size = truth[rows], len(rows)
    says = rng.random((2, size)) < np.where(shown, coder[0], 1 - coder[1])
    h = strata(table.probability[rows]).tolist()
    again = rng.random(size) < rule.chance
    if rule.rare:
        again |= np.array(rare_answers(list(zip(h, says[0].tolist(), strict=True))))
    apart = again & (says[0] != says[1])
    ruled = apart & (rng.random(size) < rule.decided)
    ruled[rng.permutation(size)[: rule.known]] = True
    photos = [
        CodedPhoto(
            yes=int(one) + int(other and twice),
            no=int(not one) + int(twice and not other),
            truth=bool(true) if decided else None,
            first=bool(one),
            stratum=stratum,
            weight=float(weight),
        )
        for one, other, twice, true, decided, stratum, weight in zip(
            *says, again, shown, ruled, h, 1 / table.inclusion[rows], strict=True
        )
    ]
    label = table.label.copy()
    label[rows] = [one.label for one in photos]
    return replace(table, label=label), photos


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="newspapers of each kind")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--known", action="store_true", help="known photos, in place of others")
    arguments = parser.parse_args()
    known = arguments.known
    rules = KNOWN if known else RULES
    heads = " | ".join(one.name for one in rules)
    sys.stdout.write(f"| newspaper | {heads} | codings |\n|---|{'---|' * (len(rules) + 1)}\n")
    for coder in CODERS_OF_KNOWN if known else CODERS:
        for prevalence in OF_KNOWN if known else PREVALENCES:
            sys.stdout.write(row(prevalence, coder, arguments.count, arguments.seed, rules))
            sys.stdout.flush()


def row(
    prevalence: float,
    coder: tuple[float, float],
    count: int,
    seed: int,
    rules: Sequence[CodingRule] = RULES,
) -> str:
    """Return what so many newspapers of a kind come to, as a row of the table."""
    components = Recipe.load().aggregate.calibration_of("children")
    world = World(editions=30, prevalence=prevalence, reference=components.reference or 0.25)
    name = f"{prevalence:.0%}, coders {coder[0]:g} / {coder[1]:g}"
    found: dict[str, list[tuple[float, float, float, float]]] = {one.name: [] for one in rules}
    codings = 0.0
    for i in range(count):
        rng = np.random.default_rng((seed, zlib.crc32(name.encode()), i))
        paper = world.newspaper(rng)
        drawn = paper.drawn(paper.table(), DRAWN, rng)
        for rule in rules:
            table, photos = coded(drawn, paper.truth, rule, coder, rng)
            accuracy = label_accuracy(photos) if rule.corrected else CoderAccuracy.without_error()
            everything = np.zeros(len(table), np.int64)
            (one,) = ShareEstimator(
                table, everything, ("all",), components, coders=accuracy
            ).estimates()
            truth = float(paper.truth.mean())
            low, high = one.interval or (0.0, 1.0)
            found[rule.name].append((one.value or 0.0, low, high, truth))
            codings += sum(photo.yes + photo.no for photo in photos) * (rule is rules[2]) / count
    return f"| {name} | {' | '.join(map(_counted, found.values()))} | {codings:.0f} |\n"


def _counted(found: list[tuple[float, float, float, float]]) -> str:
    """Return bias, coverage and width."""
    value, low, high, truth = np.array(found).T
    held = np.mean((low <= truth) & (truth <= high))
    bias = (value - truth).mean() / truth.mean()
    return f"{bias:+.0%}, {held:.1%}, {np.mean(high - low):.3f}"


if __name__ == "__main__":
    main()
