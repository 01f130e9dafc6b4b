"""The number of printed photos, out of the photos found and the learned errors of the finder.

Of the found photos some are false, and some photos were missed:
``printed = found - false + missed``. Both are counts with more variance than chance alone has: each
newspaper multiplies the learned odds by a factor of its own, common to all its pages and editions,
and pages differ beyond that. So the totals of editions and of periods use one posterior of the
factors, which does not average out. Pages whose photos a person counted are exact; if such pages
were drawn by chance, they also tell the newspaper's factors (Bayes' rule).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy  # which imports scipy.fft when it is first used
from numpy.typing import NDArray
from scipy.special import betaln, gammaincinv, ndtri

from presslens.models.photos.count_distribution import count_pmf
from presslens.models.photos.finder_errors import CELLS, FinderErrors, Numbers
from presslens.pipelines.statistics.cells import sums_by_group

NEGLIGIBLE = 1e-6
"""Factors of less probability than this are left out."""

LIKELY = 1e-3
"""Factors of less probability do not say how far a distribution reaches."""

LONG = 500
"""Distributions of more counts than this are convolved by Fourier transforms."""

FoundPage = Sequence[int]
"""A page as it is stored: its number, its condition (an index in ``CONDITIONS``; -1: the image is
itself a photo), and its found photos by cell."""


@dataclass(frozen=True, slots=True, eq=False)
class FoundPages:
    """What was found on pages."""

    # Index of the edition, page or period that each page belongs to, shape (n,).
    group: NDArray[np.int64]
    condition: NDArray[np.int64]  # index in ``CONDITIONS`` of each page, shape (n,)
    cells: Numbers  # found photos of each page by cell, shape (n, 9)

    @classmethod
    def of(cls, groups: Iterable[Iterable[FoundPage]]) -> FoundPages:
        """Return the pages of groups; images that are themselves a photo have no finder's errors.

        Args:
            groups: The pages of each group, as they are stored.
        """
        rows = [(i, *page[1:]) for i, pages in enumerate(groups) for page in pages if page[1] >= 0]
        table = np.array(rows, np.int64).reshape(-1, 2 + CELLS)
        return cls(table[:, 0], table[:, 1], table[:, 2:].astype(np.float64))

    def together(self) -> FoundPages:
        """Return the pages as one group."""
        return replace(self, group=np.zeros_like(self.group))


@dataclass(frozen=True, slots=True, eq=False)
class Newspaper:
    """The posterior of a newspaper's factors on the finder's errors."""

    errors: FinderErrors  # what was learned on other newspapers
    factors: Numbers  # possible factors, shape (k,)
    missed: Numbers  # probability of each on the missed photos, shape (k,)
    false: Numbers  # probability of each on the false photos, shape (k,)

    @classmethod
    def unknown(cls, errors: FinderErrors) -> Newspaper:
        """Return the factors of a newspaper of which no page was counted."""
        likely = np.maximum(errors.missed_weights, errors.false_weights) >= NEGLIGIBLE
        missed, false = errors.missed_weights[likely], errors.false_weights[likely]
        return cls(errors, errors.factors[likely], missed / missed.sum(), false / false.sum())

    def updated(
        self, pages: FoundPages, false: NDArray[np.int64], missed: NDArray[np.int64]
    ) -> Newspaper:
        """Return the factors after pages that were drawn by chance have been counted.

        Args:
            pages: What was found on them.
            false: The found photos of each page that are none, shape (n,).
            missed: The photos of each page that were not found, shape (n,).
        """
        one_each = replace(pages, group=np.arange(len(pages.group)))
        moments = finder_moments(one_each, len(false), self)
        return replace(
            self,
            false=_updated(self.false, moments.false, moments.false_variance, false),
            missed=_updated(self.missed, moments.missed, moments.missed_variance, missed),
        )


@dataclass(frozen=True, slots=True, eq=False)
class CountPosterior:
    """The posterior of the number of printed photos of groups of pages."""

    expected: Numbers  # its mean, shape (g,)
    low: Numbers  # its lower bound, a whole number of 0 or more, shape (g,)
    high: Numbers  # its upper bound, shape (g,)


def photo_counts(
    moments: FinderMoments, *, confidence: float, counted: Numbers | None = None
) -> CountPosterior:
    """Return the number of photos printed on the pages of each group.

    Args:
        moments: Of the pages that nobody has counted.
        confidence: Level of the intervals, 0.95 for instance.
        counted: Photos of each group that are certain: those of pages that a person has counted
            and of images that are themselves photos; shape (g,); None: none.
    """
    detected, newspaper = moments.detected, moments.newspaper
    certain = np.zeros(len(detected)) if counted is None else counted
    false = _mixture(moments.false, moments.false_variance, newspaper.false, detected)
    missed = _mixture(moments.missed, moments.missed_variance, newspaper.missed, None)
    change = _difference(missed, false)
    cumulative = change.cumsum(1)
    offset = false.shape[1] - 1
    tail = (1 - confidence) / 2
    values = np.arange(change.shape[1]) - offset
    low = values[(cumulative > tail + 1e-9).argmax(1)]
    high = values[(cumulative >= 1 - tail - 1e-9).argmax(1)]
    return CountPosterior(
        certain + detected + change @ values, certain + detected + low, certain + detected + high
    )


def photo_areas(
    moments: FinderMoments, *, area: Numbers, most: Numbers, confidence: float
) -> CountPosterior:
    """Return the printed area of the photos of each group, in pages.

    The false and the missed area have gamma distributions; their intervals are combined by the
    method of variance estimates recovery (Zou & Donner 2008, doi:10.1002/sim.3095).

    Args:
        moments: Of the pages that nobody has counted.
        area: Area of each group's photos, the found ones and those of counted pages, shape (g,).
        most: Number of pages of each group, shape (g,).
    """
    newspaper = moments.newspaper
    tails = np.array([(1 - confidence) / 2, (1 + confidence) / 2])
    false, f_low, f_high = _gamma_interval(
        moments.false_area, moments.false_area_variance, newspaper.false, tails
    )
    missed, m_low, m_high = _gamma_interval(
        moments.missed_area, moments.missed_area_variance, newspaper.missed, tails
    )
    expected = area - false + missed
    edges = ndtri(tails[1]) * newspaper.errors.edges * area / np.sqrt(np.maximum(most, 1))
    low = expected - np.sqrt((missed - m_low) ** 2 + (f_high - false) ** 2 + edges**2)
    high = expected + np.sqrt((m_high - missed) ** 2 + (false - f_low) ** 2 + edges**2)
    return CountPosterior(
        *(np.clip(bound, 0.0, most) for bound in (expected, np.minimum(low, area), high))
    )


def page_counts(
    metric: str, taken: Numbers, others: Numbers, newspaper: Newspaper, *, confidence: float
) -> CountPosterior:
    """Return the number of pages of a kind, full-page photo pages for instance.

    Of the pages taken for such pages some are not, of the others some are: beta-binomial, with
    Jeffreys' prior on what the labelled pages show.

    Args:
        metric: The plain metric, one of ``FinderErrors.page_counts``.
        taken: Pages of each group that are taken for such pages, shape (g,).
        others: The other pages of each group that were seen, shape (g,).
        newspaper: Gives the learned errors.
    """
    t, right, o, missed = newspaper.errors.page_counts[metric]
    shape = right + 0.5, t - right + 0.5
    added = missed + 0.5, o - missed + 0.5
    tails = (1 - confidence) / 2, (1 + confidence) / 2
    expected = taken * shape[0] / sum(shape) + others * added[0] / sum(added)
    (below, above), (below_two, above_two) = (
        _reaches(counts, prior, tails) for counts, prior in ((taken, shape), (others, added))
    )
    low, high = expected - np.hypot(below, below_two), expected + np.hypot(above, above_two)
    most = taken + others
    return CountPosterior(
        expected, np.clip(np.floor(low), 0, most), np.clip(np.ceil(high), 0, most)
    )


@dataclass(frozen=True, slots=True, eq=False)
class FinderMoments:
    """Means and variances of false and missed photos of groups by factor, shape (g, k) each.

    ``detected`` is the number of found photos of each group, shape (g,).
    """

    newspaper: Newspaper
    detected: Numbers
    false: Numbers
    false_variance: Numbers
    missed: Numbers
    missed_variance: Numbers
    false_area: Numbers
    false_area_variance: Numbers
    missed_area: Numbers
    missed_area_variance: Numbers


def finder_moments(pages: FoundPages, groups: int, newspaper: Newspaper) -> FinderMoments:
    """Return the moments of the finder's errors on groups of pages.

    Args:
        groups: Number of groups, g.
        newspaper: The factors of their newspaper.
    """
    errors, factors = newspaper.errors, newspaper.factors
    mean, square = errors.areas
    by_cell = np.repeat(errors.areas, CELLS // errors.areas.shape[1], axis=1)
    wrong = errors.false(factors)
    # A page's own factor moves the odds: the derivative of the probability is p (1 - p).
    weights = wrong, wrong * (1 - wrong), *(wrong * cell[:, None] for cell in by_cell)
    false, unsure, false_area, false_square = (_by_condition(pages, one) for one in weights)
    false_spread = errors.false_dispersion[pages.condition][:, None]
    missed_spread = errors.missed_dispersion[pages.condition][:, None]
    sizes = errors.missed(pages.condition, pages.cells)
    missed = sizes.sum(1)[:, None] * factors
    missed_area = (sizes @ mean)[:, None] * factors
    sums = (
        false,
        unsure + false_spread * unsure**2,
        missed,
        missed + missed_spread * missed**2,
        false_area,
        false_square + false_spread * false_area**2,
        missed_area,
        (sizes @ square)[:, None] * factors + missed_spread * missed_area**2,
    )
    detected = np.bincount(pages.group, pages.cells.sum(1), groups).astype(np.float64)
    return FinderMoments(
        newspaper, detected, *(sums_by_group(pages.group, values, groups) for values in sums)
    )


def _by_condition(pages: FoundPages, weights: Numbers) -> Numbers:
    """Return the sums over the found photos of pages, shape (n, k).

    Args:
        pages: What was found on them.
        weights: What a found photo adds, by condition and cell, shape (7, 9, k).
    """
    sums = np.empty((len(pages.cells), weights.shape[2]))
    for condition in np.unique(pages.condition):
        alike = pages.condition == condition
        sums[alike] = pages.cells[alike] @ weights[condition]
    return sums


def _reaches(
    counts: Numbers, prior: tuple[float, float], tails: tuple[float, float]
) -> tuple[Numbers, Numbers]:
    """Return how far beta-binomial numbers reach below and above their means, shape (g,) each."""
    distinct, place = np.unique(counts, return_inverse=True)  # editions are much alike
    reaches = np.array([_reach(int(count), prior, tails) for count in distinct]).reshape(-1, 2)
    return reaches[place, 0], reaches[place, 1]


def _reach(
    count: int, prior: tuple[float, float], tails: tuple[float, float]
) -> tuple[float, float]:
    yes = np.arange(count + 1)
    log = betaln(yes + prior[0], count - yes + prior[1]) - betaln(count - yes + 1, yes + 1)
    chances = np.exp(log - np.log(count + 1) - betaln(*prior))
    low, high = np.minimum(np.searchsorted(np.cumsum(chances), tails), count).tolist()
    mean = count * prior[0] / sum(prior)
    return mean - low, high - mean


def _mixture(mean: Numbers, variance: Numbers, weights: Numbers, most: Numbers | None) -> Numbers:
    """Return the distribution of counts over all factors, shape (g, x + 1); none above ``most``."""
    reach = mean + 6 * np.sqrt(variance) + 8
    likely = weights > LIKELY
    longest = int(np.ceil(reach[:, likely].max(initial=8)))
    if most is not None:
        longest = min(longest, int(most.max(initial=0)))
    pmf = count_pmf(mean, variance, max(1, longest))
    if most is not None:
        pmf = np.where(np.arange(pmf.shape[2]) <= most[:, None, None], pmf, 0)
        pmf /= pmf.sum(2, keepdims=True)
    return np.asarray(np.einsum("gkx,k->gx", pmf, weights))


def _difference(missed: Numbers, false: Numbers) -> Numbers:
    """Return the distribution of missed minus false, from minus the most false photos on."""
    most = false.shape[1] - 1
    length = most + missed.shape[1]
    if most > LONG:
        size = scipy.fft.next_fast_len(length, real=True)
        waves = scipy.fft.rfft(missed, size) * scipy.fft.rfft(false[:, ::-1], size)
        return np.asarray(np.maximum(scipy.fft.irfft(waves, size)[:, :length], 0))
    result = np.zeros((len(missed), length))
    for count in range(most + 1):
        shifted = slice(most - count, most - count + missed.shape[1])
        result[:, shifted] += false[:, count, None] * missed
    return result


def _updated(
    weights: Numbers, mean: Numbers, variance: Numbers, seen: NDArray[np.int64]
) -> Numbers:
    pmf = count_pmf(mean, variance, max(1, int(seen.max(initial=0)) + 20))
    likelihood = np.take_along_axis(pmf, seen[:, None, None], axis=2)[:, :, 0]
    logs = np.log(np.maximum(weights, 1e-300)) + np.log(np.maximum(likelihood, 1e-300)).sum(0)
    posterior = np.exp(logs - logs.max())
    return np.asarray(posterior / posterior.sum())


def _gamma_interval(
    mean: Numbers, variance: Numbers, weights: Numbers, tails: Numbers
) -> tuple[Numbers, Numbers, Numbers]:
    """Return the mean and the interval of a gamma distribution with the moments of a mixture."""
    centre = mean @ weights
    spread = np.maximum(variance @ weights + (mean**2) @ weights - centre**2, 1e-18)
    shape = np.maximum(centre, 1e-9) ** 2 / spread
    low, high = (gammaincinv(shape, tail) * (spread / np.maximum(centre, 1e-9)) for tail in tails)
    return centre, np.nan_to_num(low), np.nan_to_num(high)
