"""Finds the frame of a sample in a plain table: which photos the sample could have drawn."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from presslens.pipelines.counted import counted
from presslens.pipelines.statistics.photo_table import Mask, Numbers, PhotoTable

FRAME_WIDE = 1.2
"""If the photos with an inclusion probability would stand for more than so many times all photos,
the whole frame carries one, and not only the photos that were drawn."""

MOST_WIDE = 2.0
"""Drawn photos that stand for more than so many times all photos are of a larger table."""

EXPECTED = 4.0
"""Draws that editions at an end of the table would have if they were in the frame: with none of
them the editions came later (or before), as the chance of that is below 2 %."""


@dataclass(frozen=True, slots=True, eq=False)
class Framed:
    """A table with its frame."""

    # The photos; ``framed`` tells those of the frame, and undrawn ones have no inclusion
    # probability.
    table: PhotoTable
    outside: int  # number of photos outside of the frame


def frame_of(table: PhotoTable) -> Framed:
    """Find the frame of a table's sample.

    Args:
        table: Photos with the inclusion probabilities as given.

    Raises:
        ValueError: The draws stand for far fewer photos than there are, and nothing tells which
            photos the sample could not draw.
    """
    given = ~np.isnan(table.inclusion)
    if not given.any():
        return Framed(table, 0)
    stands_for = float((1 / table.inclusion[given]).sum())
    if (given & ~table.answered).any() and (
        stands_for > FRAME_WIDE * len(table) or _as_many_as_expected(table, given)
    ):
        drawn = np.where(table.answered, table.inclusion, np.nan)
        return Framed(replace(table, inclusion=drawn, framed=given), int((~given).sum()))
    # Picks may have been closed to the sample or not: they settle themselves either way.
    framed = _between_draws(table, given)
    if stands_for > MOST_WIDE * len(table):
        raise ValueError(
            f"the drawn photos stand for {counted(round(stands_for), 'photo')}, and the table has"
            f" {len(table):,}: it lacks photos that the sample could have drawn, or an"
            " inclusion_probability is too small"
        )
    lacking = int(framed.sum()) - stands_for
    noise = float(np.sqrt(((1 - table.inclusion) / table.inclusion**2)[given].sum()))
    if lacking > 3 * noise + 0.02 * len(table) + int((framed & table.picked).sum()):
        raise ValueError(
            f"the drawn photos stand for {counted(round(stands_for), 'photo')}, and there are"
            f" {framed.sum():,}: give the inclusion_probability of every photo that the sample"
            " could have drawn"
        )
    return Framed(replace(table, framed=framed), int((~framed).sum()))


def _as_many_as_expected(table: PhotoTable, given: Mask) -> bool:
    """Return whether as many photos are labelled as the probabilities of all these add up to."""
    chance = table.inclusion[given]
    noise = float(np.sqrt((chance * (1 - chance)).sum()))
    labelled = int((given & table.answered).sum())
    return abs(labelled - float(chance.sum())) <= 1 + 4 * noise and bool((chance < 1).any())


def _between_draws(table: PhotoTable, given: Mask) -> Mask:
    """Return the photos but for those of newspapers and of times that no draw was made from."""
    e = len(table.editions)
    papers = [cells[0] if cells else "" for cells in table.periods]
    sizes = np.bincount(table.edition, minlength=e).astype(float)
    drawn = np.bincount(table.edition[given], minlength=e)
    inside = np.ones(e, bool)
    for paper in dict.fromkeys(papers):
        own = np.flatnonzero([one == paper for one in papers])
        inside[own] = _times_with_draws(sizes[own], drawn[own], _rate(sizes, drawn))
    return np.asarray(inside[table.edition])


def _rate(sizes: Numbers, drawn: NDArray[np.int64]) -> float:
    """Return the draws a photo between the first and the last edition with any."""
    with_draws = np.flatnonzero(drawn)
    between = slice(int(with_draws[0]), int(with_draws[-1]) + 1)
    return float(drawn.sum() / sizes[between].sum())


def _times_with_draws(sizes: Numbers, drawn: NDArray[np.int64], rate: float) -> Mask:
    inside = np.ones(len(sizes), bool)
    if not drawn.any():
        inside[:] = _expected(sizes, rate) < EXPECTED
        return inside
    for order in (np.arange(len(sizes)), np.arange(len(sizes))[::-1]):
        empty = order[: int(np.argmax(drawn[order] > 0))]
        if _expected(sizes[empty], rate) >= EXPECTED:
            inside[empty] = False
    return inside


def _expected(sizes: Numbers, rate: float) -> float:
    return float(sizes.sum() * rate)
