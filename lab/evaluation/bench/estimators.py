"""Shares estimated by Presslens and by other libraries, side by side.

``python -m presslens.lab.evaluation.bench.estimators`` prints simulated newspapers
(``pipelines.statistics.worlds``), draws photos, and counts how often each library's
95 % interval holds the truth of these editions and of practice. A library that is not installed is
left out. One that needs another Python reads the same newspapers from a file:

    python -m presslens.lab.evaluation.bench.estimators --newspapers newspapers.npz
    other-python -m presslens.lab.evaluation.bench.estimators --newspapers newspapers.npz

The first command writes the file, the second finds and reads it.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from presslens.lab.evaluation.bench.contenders import CONTENDERS, Contender
from presslens.lab.evaluation.bench.newspapers import WORLD, DrawnNewspaper, print_newspaper
from presslens.pipelines.statistics.photo_table import Numbers

DESIGNS = tuple((draws, stratified) for draws in (100, 300) for stratified in (False, True))


@dataclass(frozen=True, slots=True)
class MeasuredEstimator:
    """How a contender did.

    Attributes:
        draws: Photos drawn.
        stratified: Whether by strata of probability.
        name: The contender.
        answered: DrawnNewspapers in which it gave an interval.
        these: Share of these intervals that hold the share of these editions.
        practice: Share of them that hold the share of practice.
        width: Their mean width.
        bias: Mean of value less the share of these editions.
    """

    draws: int
    stratified: bool
    name: str
    answered: int
    these: float
    practice: float
    width: float
    bias: float


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=400, help="newspapers of each design")
    parser.add_argument("--newspapers", type=Path, help="a file that holds them")
    options = parser.parse_args()
    newspapers = list(_newspapers(options.count, options.newspapers))
    sys.stdout.write(as_table(measure(newspapers)))


def measure(newspapers: list[tuple[int, bool, DrawnNewspaper]]) -> list[MeasuredEstimator]:
    """Return how each contender that is installed does on newspapers of each design.

    Args:
        newspapers: Draws, whether stratified, and the newspaper.
    """
    practice = WORLD.practice
    rows = []
    for draws, stratified in DESIGNS:
        group = [n for d, s, n in newspapers if (d, s) == (draws, stratified)]
        rows += [
            _measured(draws, stratified, contender, group, practice)
            for contender in CONTENDERS
            if group and contender.stratified in (None, stratified) and find_spec(contender.module)
        ]
    return rows


def as_table(rows: list[MeasuredEstimator]) -> str:
    """Return the rows as a table in Markdown."""
    lines = [
        "| drawn | library | held these editions | held practice | width | bias | intervals |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        how = f"{row.draws} {'by strata' if row.stratified else 'blind'}"
        lines.append(
            f"| {how} | {row.name} | {row.these:.1%} | {row.practice:.1%} | {row.width:.4f} | "
            f"{row.bias:+.4f} | {row.answered} |"
        )
    return "\n".join(lines) + "\n"


def _measured(
    draws: int, stratified: bool, contender: Contender, group: list[DrawnNewspaper], practice: float
) -> MeasuredEstimator:
    these: list[bool] = []
    of_practice: list[bool] = []
    widths: list[float] = []
    biases: list[float] = []
    for newspaper in group:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of other people's libraries
            estimate = contender.estimate(newspaper)
        if estimate is None:
            continue
        value, low, high = estimate
        these.append(low <= newspaper.share <= high)
        of_practice.append(low <= practice <= high)
        widths.append(high - low)
        biases.append(value - newspaper.share)
    return MeasuredEstimator(
        draws,
        stratified,
        contender.name,
        len(these),
        these=_mean(these),
        practice=_mean(of_practice),
        width=_mean(widths),
        bias=_mean(biases),
    )


def _mean(numbers: Sequence[float]) -> float:
    return float(np.mean(numbers)) if numbers else float("nan")


def _newspapers(count: int, file: Path | None) -> Iterator[tuple[int, bool, DrawnNewspaper]]:
    """Yield the newspapers of each design, from the file if it is there, else into it."""
    names = [field.name for field in fields(DrawnNewspaper)]
    if file is not None and file.exists():
        with np.load(file) as stored:
            for draws, stratified in DESIGNS:
                key = f"{draws}-{int(stratified)}"
                bounds = np.cumsum(stored[f"{key}-photos"])[:-1]
                columns = [np.split(stored[f"{key}-{name}"], bounds) for name in names]
                for parts in zip(*columns, strict=True):
                    yield draws, stratified, DrawnNewspaper(*parts)
        return
    written: dict[str, Numbers] = {}
    for draws, stratified in DESIGNS:
        group = [print_newspaper(s, draws, stratified=stratified) for s in range(count)]
        yield from ((draws, stratified, newspaper) for newspaper in group)
        key = f"{draws}-{int(stratified)}"
        written[f"{key}-photos"] = np.array([len(newspaper.label) for newspaper in group])
        for name in names:
            written[f"{key}-{name}"] = np.concatenate([getattr(n, name) for n in group])
    if file is not None:
        np.savez_compressed(file, **written)  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
