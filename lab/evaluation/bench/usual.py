"""How often an ordinary edition is called unusual, beside the share that its baseline prints.

``python -m presslens.lab.evaluation.bench.usual`` prints a table of simulated newspapers, each with
six independent metrics and 10, 20 or 60 editions in its baseline. The next edition is printed by
the same chance as the others, so that each of its flags is false. A cell has what is
printed, the mean of ``false_flag_share``, and what is true: how often the next edition has a flag
in any metric. Columns are editions of a baseline.
"""

from __future__ import annotations

import argparse
import sys
import zlib
from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import scipy  # which imports scipy.signal when it is first used

from presslens.pipelines.statistics.baseline import Baseline, compare_to_baseline
from presslens.pipelines.statistics.flags import BaselineRules
from presslens.pipelines.statistics.metrics import EditionMetrics, Estimate, Metric
from presslens.pipelines.statistics.photo_table import Numbers

METRICS = tuple(
    Metric(name)
    for name in ("photos", "photo_pages", "text_pages", "pages", "leader_photos", "together_photos")
)

SIZES = (10, 20, 60)
"""Editions of a baseline."""

FIRST = date(2024, 1, 1)

Newspaper = Callable[[np.random.Generator, int], Numbers]
"""Draws a metric of so many editions, one a day."""


def waves(rng: np.random.Generator, n: int, correlation: float) -> Numbers:
    """Return n normal numbers of variance 1, neighbours of which have a correlation."""
    shocks = rng.standard_normal(n)
    shocks[1:] *= np.sqrt(1.0 - correlation**2)
    return np.asarray(scipy.signal.lfilter([1.0], [1.0, -correlation], shocks))


NEWSPAPERS: dict[str, Newspaper] = {
    "independent": lambda rng, n: rng.normal(30, 4, n),
    "skew: special editions, one in seven": lambda rng, n: rng.poisson(
        np.where(rng.random(n) < 1 / 7, 90.0, 30.0)
    ).astype(float),
    "neighbours correlate by 0.5": lambda rng, n: 30 + 4 * waves(rng, n, 0.5),
    "neighbours correlate by 0.8": lambda rng, n: 30 + 4 * waves(rng, n, 0.8),
    "trend of 4 sd in 60 editions": lambda rng, n: (
        30 + 4 * (np.arange(n) / 15 + rng.normal(size=n))
    ),
    "trend, and neighbours correlate by 0.8": lambda rng, n: (
        30 + 4 * (np.arange(n) / 15 + waves(rng, n, 0.8))
    ),
    "counts, 1 on average": lambda rng, n: rng.poisson(1.0, n).astype(float),
    "counts that rise from 2 by 1 in 20": lambda rng, n: rng.poisson(2 + np.arange(n) / 20).astype(
        float
    ),
    "six pages, eight in one of 25": lambda rng, n: np.where(rng.random(n) < 0.04, 8.0, 6.0),
}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100, help="newspapers of each kind")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    sys.stdout.write(table_of(arguments.count, arguments.seed))


def table_of(count: int, seed: int) -> str:
    """Return printed and true shares of so many newspapers of each kind, as a Markdown table."""
    heads = "".join(f" {n} |" for n in SIZES)
    lines = [f"| newspaper |{heads}", "|---|" + "---|" * len(SIZES)]
    for name, newspaper in NEWSPAPERS.items():
        rng = np.random.default_rng((seed, zlib.crc32(name.encode())))
        cells = []
        for n in SIZES:
            found = [next_edition(newspaper, rng, n) for _ in range(count)]
            printed = np.mean([one.false_flag_share or 0.0 for one in found])
            true = np.mean([any(s.flag for s in one.standings) for one in found])
            cells.append(f"{printed:.1%}/{true:.1%}")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def next_edition(newspaper: Newspaper, rng: np.random.Generator, n: int) -> Baseline:
    """Return the baseline of the edition after n others."""
    numbers = np.array([newspaper(rng, n + 1) for _ in METRICS]).clip(0.0)
    editions = [
        EditionMetrics(
            id=i + 1,
            publication="newspaper",
            date=FIRST + timedelta(days=i),
            pages=6,
            pages_seen=6,
            front_lead_focus=None,
            metrics=dict(zip(METRICS, map(Estimate, column), strict=True)),
        )
        for i, column in enumerate(numbers.T.tolist())
    ]
    return compare_to_baseline(editions[-1], editions[:-1], BaselineRules())


if __name__ == "__main__":
    main()
