"""How often the photo finder misses photos and finds false ones: posteriors, as they were learned.

A page comes without a label of its condition, so its condition is inferred from its traits. In each
condition, recall by size and the probability that a found photo is false by size and score are
posteriors; a *factor* common to all pages of a newspaper, and a dispersion between pages, say how
far a newspaper that nobody measured may lie from them. ``presslens models finder-errors`` learns
them and writes ``finder_errors.json``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from presslens.models.vocabulary import PageTraits

Numbers: TypeAlias = NDArray[np.float64]

FILE = Path(__file__).with_name("finder_errors.json")

SIZES = (0.01, 0.05)
"""Least share of the page of a medium and of a large photo, 0-1; smaller ones are small."""

SIZE_NAMES = ("small", "medium", "large")

SCORES = (0.45, 0.7)
"""Least score of a found photo of the middle and of the high band, 0-1."""

BAND_NAMES = ("low", "middle", "high")

COARSE, TILTED = 75, 0.5
"""Resolution below which a page is coarse, dots per inch; skew from which it is tilted, degrees."""

UNFOUND = 0.5
"""Photos of each size that a page is taken to have beyond those found, before any is missed: the
shape of Jeffreys' prior of a Poisson mean."""

CELLS = len(SIZE_NAMES) * len(BAND_NAMES)


class PageCondition(StrEnum):
    """The condition of a page, as its traits tell it."""

    COLOUR = "colour"
    GREY = "grey"
    SCREENED = "screened"
    COARSE = "coarse"
    TILTED = "tilted"
    BITONAL = "bitonal"
    PHOTOGRAPHED = "photographed"


CONDITIONS = tuple(PageCondition)


def page_condition(traits: PageTraits) -> PageCondition:
    """Return the condition of a page: the first that holds, in this order."""
    if traits.photographed:
        return PageCondition.PHOTOGRAPHED
    if traits.bitonal:
        return PageCondition.BITONAL
    if abs(traits.skew) >= TILTED:
        return PageCondition.TILTED
    if traits.dpi < COARSE:
        return PageCondition.COARSE
    if traits.colour:
        return PageCondition.COLOUR
    return PageCondition.SCREENED if traits.halftone else PageCondition.GREY


def size_class(area_share: float) -> int:
    """Return the index in ``SIZE_NAMES`` of a photo's share of its page, 0-1."""
    return int(np.searchsorted(SIZES, area_share, side="right"))


def detection_cells(area_shares: Sequence[float], scores: Sequence[float]) -> list[int]:
    """Return the number of found photos of a page in each cell: size by score, ``CELLS`` of them.

    Args:
        area_shares: The share of the page of each found photo, 0-1.
        scores: The finder's score of each, 0-1.
    """
    cells = [0] * CELLS
    for area, score in zip(area_shares, scores, strict=True):
        band = int(np.searchsorted(SCORES, score, side="right"))
        cells[size_class(area) * len(BAND_NAMES) + band] += 1
    return cells


@dataclass(frozen=True, slots=True, eq=False)
class FinderErrors:
    """The learned errors of the photo finder."""

    missed_odds: Numbers  # photos missed for each one found, by condition and size, shape (7, 3)
    false_odds: Numbers  # odds that a found photo is false, by condition and cell, shape (7, 9)
    factors: Numbers  # possible factors of a newspaper on either odds, ascending, shape (k,)
    missed_weights: Numbers  # probability of each factor on the missed photos, shape (k,)
    false_weights: Numbers  # probability of each factor on the false photos, shape (k,)
    # Squared coefficient of variation of missed photos between the pages of a newspaper, beyond
    # chance, by condition, shape (7,).
    missed_dispersion: Numbers
    false_dispersion: Numbers  # the same of false photos
    areas: Numbers  # mean share of the page of a photo by size, and its mean square, shape (2, 3)
    edges: float  # standard deviation of the found area of a page's photos, relative to the printed
    # For each plain metric that counts pages: labelled pages that were taken for such pages, how
    # many of these are, other pages, and how many of these are.
    page_counts: Mapping[str, tuple[int, int, int, int]]

    def missed(self, condition: NDArray[np.int64], cells: Numbers) -> Numbers:
        """Return the photos of each size that pages are expected to have beyond those found.

        Args:
            condition: Index in ``CONDITIONS`` of each page, shape (n,).
            cells: Found photos of each page by cell, shape (n, 9).

        Returns:
            At a factor of 1, shape (n, 3).
        """
        detected = cells.reshape(-1, len(SIZE_NAMES), len(BAND_NAMES)).sum(2)
        return np.asarray((detected + UNFOUND) * self.missed_odds[condition])

    def false(self, factors: Numbers) -> Numbers:
        """Return the probability that a found photo is false, by condition and cell.

        Args:
            factors: The newspaper's factors on the odds, shape (k,).

        Returns:
            Shape (7, 9, k).
        """
        odds = self.false_odds[:, :, None] * factors
        return np.asarray(odds / (1 + odds))


@cache
def load_finder_errors(file: Path = FILE) -> FinderErrors:
    """Return the errors that a file holds, as ``presslens models finder-errors`` writes it."""
    return finder_errors(json.loads(file.read_text(encoding="utf-8")))


def finder_errors(learned: Mapping[str, Any]) -> FinderErrors:
    """Return the errors of a document of ``models.training.photos.finder_errors``."""
    missed = [
        [learned["recall"][c][s]["missed_odds"] for s in SIZE_NAMES] for c in map(str, CONDITIONS)
    ]
    false = [
        [learned["false"][c][s][b]["odds"] for s in SIZE_NAMES for b in BAND_NAMES]
        for c in map(str, CONDITIONS)
    ]
    newspaper, spread = learned["newspaper"], learned["dispersion"]
    dispersion = np.array([(spread[c]["missed"], spread[c]["false"]) for c in map(str, CONDITIONS)])
    return FinderErrors(
        missed_odds=np.array(missed),
        false_odds=np.array(false),
        factors=np.array(newspaper["factors"]),
        missed_weights=np.array(newspaper["missed"]),
        false_weights=np.array(newspaper["false"]),
        missed_dispersion=dispersion[:, 0],
        false_dispersion=dispersion[:, 1],
        areas=np.array([[learned["area"][s][k] for s in SIZE_NAMES] for k in ("mean", "square")]),
        edges=learned["edges"]["spread"],
        page_counts={
            name: (n["taken"], n["right"], n["others"], n["missed"])
            for name, n in learned["page_counts"].items()
        },
    )
