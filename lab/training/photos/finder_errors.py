"""Learns the photo finder's errors on labelled pages: recall, false photos, and how they vary.

Partial pooling twice: conditions share a prior for each size (and score), whose strength is chosen
by marginal likelihood; newspapers multiply the odds by factors whose spread is integrated over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln
from scipy.stats import norm

from presslens.lab.training.photos.pages import PHOTOGRAPHED, REAL
from presslens.lab.training.photos.score import match
from presslens.models.geometry import Box
from presslens.models.photos.count_distribution import count_pmf
from presslens.models.photos.finder_errors import (
    BAND_NAMES,
    CONDITIONS,
    SIZE_NAMES,
    SIZES,
    UNFOUND,
    Numbers,
    PageCondition,
    detection_cells,
    page_condition,
    size_class,
)
from presslens.models.vocabulary import PageTraits

COUNTED_AS = 0.25
"""A found box counts as the labelled photo that it overlaps by this much, as intersection over
union, one to one. What a loose box shows is still one photo; a merge leaves photos missed, a split
leaves boxes false."""

STRENGTHS = (2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 300.0)
"""Photos that the prior of a condition may count for."""

FACTORS = np.exp(np.linspace(-3, 3, 16))
"""Possible factors of a newspaper on the odds of an error."""

CENTRES = np.linspace(-1, 1, 9)
SPREADS = np.array([0.25, 0.35, 0.5, 0.7, 0.9, 1.2, 1.6])
DISPERSIONS = np.array([0.0, 0.15, 0.3, 0.6, 1.0, 1.5, 2.5])
"""Values of the hyperparameters that are integrated over: mean and standard deviation of the
factors' logarithms, and the dispersion between pages."""


@dataclass(frozen=True, slots=True, eq=False)
class CountedPage:
    """A labelled page beside what was found on it.

    Attributes:
        newspaper: The newspaper or the composed edition's kind and condition: what shares a factor.
        edition: The edition that it belongs to.
        source: What is left out together: a real set, or a composed seed.
        shown_as: The condition in which it was composed; "real" for a page of a newspaper.
        condition: Index in ``CONDITIONS``, from its traits.
        detected: Found photos by cell, shape (9,), without those in ignored regions.
        false: Those of these that are no photos, shape (9,).
        photos: Printed photos by size, shape (3,).
        missed: Those of these that were not found, shape (3,).
        areas: The share of the page of each printed photo, 0-1.
        detected_areas: The share of the page of each found photo, 0-1.
        edges: Area of the photos that were found, as found and as printed, in pages.
    """

    newspaper: str
    edition: str
    source: str
    shown_as: str
    condition: int
    detected: NDArray[np.int64]
    false: NDArray[np.int64]
    photos: NDArray[np.int64]
    missed: NDArray[np.int64]
    areas: tuple[float, ...]
    detected_areas: tuple[float, ...]
    edges: tuple[float, float]

    @classmethod
    def of(
        cls,
        names: tuple[str, str, str, str],
        size: tuple[int, int],
        detected: Sequence[Box],
        scores: Sequence[float],
        labels: tuple[Sequence[Box], Sequence[Box]],
        traits: PageTraits,
    ) -> CountedPage:
        """Return a page as it is counted.

        Args:
            names: Its newspaper, edition, source and condition.
            size: Its width and height in pixels.
            detected: The found photos, in page pixels.
            scores: The finder's score of each, 0-1.
            labels: The labelled photos and the ignored regions.
        """
        photos, ignored = labels
        area = float(size[0] * size[1])
        pairs = match(detected, photos, ignored, iou=COUNTED_AS)
        counted = sorted((*pairs.right, *pairs.wrong))
        shares = [photo.area / area for photo in photos]
        missed = [share for i, share in enumerate(shares) if i not in pairs.hit]
        return cls(
            *names,
            CONDITIONS.index(page_condition(traits)),
            _cells(counted, detected, scores, area),
            _cells(pairs.wrong, detected, scores, area),
            _sizes(shares),
            _sizes(missed),
            tuple(shares),
            tuple(detected[i].area / area for i in counted),
            (sum(detected[i].area for i in pairs.right) / area, sum(shares[i] for i in pairs.hit)),
        )


def _cells(
    chosen: Sequence[int], detected: Sequence[Box], scores: Sequence[float], area: float
) -> NDArray[np.int64]:
    shares = [detected[i].area / area for i in chosen]
    return np.array(detection_cells(shares, [scores[i] for i in chosen]), np.int64)


def _sizes(shares: Sequence[float]) -> NDArray[np.int64]:
    classes = [size_class(share) for share in shares]
    return np.bincount(np.array(classes, np.int64), minlength=len(SIZE_NAMES))


@dataclass(frozen=True, slots=True)
class PageKinds:
    """The plain metrics that count pages by the photos on them.

    Attributes:
        full_page: Least share of the page of a full-page photo, 0-1.
        photo_page: Least share of the page that the photos of a photo page take, 0-1.
    """

    full_page: float
    photo_page: float

    def of(self, areas: Sequence[float]) -> dict[str, bool]:
        """Return which metrics count a page with photos of these shares of it."""
        full = max(areas, default=0.0) >= self.full_page
        return {
            "full_page_photo_pages": full,
            "photo_pages": full or sum(areas) >= self.photo_page,
            "text_pages": not areas,
        }


def learn_finder_errors(pages: Sequence[CountedPage], kinds: PageKinds) -> dict[str, Any]:
    """Return the finder's errors as ``models.photos.finder_errors`` reads them, n beside each.

    Args:
        pages: Labelled pages that the finder was not trained on.
        kinds: What counts as a page with a full-page photo, and as a photo page.
    """
    condition = np.array([page.condition for page in pages])
    detected, false = (np.array([getattr(p, n) for p in pages]) for n in ("detected", "false"))
    photos, missed = (np.array([getattr(p, name) for p in pages]) for name in ("photos", "missed"))
    seen, wrong = _by_condition(condition, detected), _by_condition(condition, false)
    printed, lost = _by_condition(condition, photos), _by_condition(condition, missed)
    false_rate, recall = _pooled(wrong, seen), 1 - _pooled(lost, printed)
    false_odds, missed_odds = false_rate / (1 - false_rate), (1 - recall) / recall
    newspapers = [page.newspaper for page in pages]
    by_size = detected.reshape(-1, len(SIZE_NAMES), len(BAND_NAMES)).sum(2)
    expected = ((by_size + UNFOUND) * missed_odds[condition]).sum(1)[:, None] * FACTORS
    odds = false_odds[condition][:, :, None] * FACTORS
    share = odds / (1 + odds)
    unsure = (detected[:, :, None] * share * (1 - share)).sum(1)
    mean = (detected[:, :, None] * share).sum(1)
    shown_as = np.array([page.shown_as for page in pages])
    errors = {
        "missed": (missed.sum(1), (expected, expected, expected)),
        "false": (false.sum(1), (mean, unsure, unsure)),
    }

    def factors(of: NDArray[np.bool_]) -> dict[str, tuple[Numbers, float]]:
        own = [name for name, within in zip(newspapers, of, strict=True) if within]
        return {
            name: _factors(own, (shown_as == REAL)[of], counts[of], (a[of], b[of], c[of]))
            for name, (counts, (a, b, c)) in errors.items()
        }

    # Now and then a photographed page loses all its photos: its pages vary more than others.
    photographed = shown_as == PHOTOGRAPHED
    flat = factors(~photographed)
    apart = {PageCondition.PHOTOGRAPHED: factors(photographed)} if photographed.any() else {}
    return {
        "pages": len(pages),
        "photos": int(photos.sum()),
        "newspapers": len(set(newspapers)),
        "recall": {
            str(c): {
                s: {
                    "n": int(printed[i, j]),
                    "missed": int(lost[i, j]),
                    "recall": _rounded(recall[i, j]),
                    "missed_odds": _rounded(missed_odds[i, j]),
                }
                for j, s in enumerate(SIZE_NAMES)
            }
            for i, c in enumerate(CONDITIONS)
        },
        "false": {
            str(c): {
                s: {
                    b: {
                        "n": int(seen[i, j * len(BAND_NAMES) + k]),
                        "false": int(wrong[i, j * len(BAND_NAMES) + k]),
                        "odds": _rounded(false_odds[i, j * len(BAND_NAMES) + k]),
                    }
                    for k, b in enumerate(BAND_NAMES)
                }
                for j, s in enumerate(SIZE_NAMES)
            }
            for i, c in enumerate(CONDITIONS)
        },
        "newspaper": {
            "factors": [_rounded(factor) for factor in FACTORS],
            **{name: [_rounded(w) for w in weights] for name, (weights, _) in flat.items()},
        },
        "dispersion": {
            str(c): {
                name: _rounded(dispersion) for name, (_, dispersion) in apart.get(c, flat).items()
            }
            for c in CONDITIONS
        },
        "area": _areas(pages),
        "edges": _edges(pages),
        "page_counts": _page_counts(pages, kinds),
    }


def _areas(pages: Sequence[CountedPage]) -> dict[str, dict[str, float]]:
    """Return mean and mean square of the shares of the page of photos by size."""
    shares = [share for page in pages for share in page.areas]
    limits = pairwise((0.0, *SIZES, 1.0))
    document = {}
    for index, (name, (low, high)) in enumerate(zip(SIZE_NAMES, limits, strict=True)):
        own = [share for share in shares if size_class(share) == index]
        some = own or [(low + high) / 2]  # nothing better is known of a size that was not printed
        square = _rounded(float(np.mean(np.square(some))))
        document[name] = {"n": len(own), "mean": _rounded(float(np.mean(some))), "square": square}
    return document


def _edges(pages: Sequence[CountedPage]) -> dict[str, float]:
    """Return how far the area of the found photos of a page is off, relative to the printed.

    Of real pages where there are some: the boxes of composed ones are easier to find exactly.
    """
    real = [page for page in pages if page.shown_as == REAL]
    areas = [page.edges for page in real or pages]
    ratios = [detected / printed - 1 for detected, printed in areas if printed]
    return {"n": len(ratios), "spread": _rounded(float(np.sqrt(np.mean(np.square(ratios)))))}


def _page_counts(pages: Sequence[CountedPage], kinds: PageKinds) -> dict[str, dict[str, int]]:
    """Return, of pages taken for a kind and of the others, how many are of that kind."""
    pairs = [(kinds.of(page.detected_areas), kinds.of(page.areas)) for page in pages]
    return {
        name: {
            "taken": sum(taken[name] for taken, _ in pairs),
            "right": sum(taken[name] and true[name] for taken, true in pairs),
            "others": sum(not taken[name] for taken, _ in pairs),
            "missed": sum(true[name] and not taken[name] for taken, true in pairs),
        }
        for name in pairs[0][0]
    }


def _rounded(value: float) -> float:
    return float(f"{value:.5g}")


def _by_condition(condition: NDArray[np.int64], counts: NDArray[np.int64]) -> Numbers:
    return np.array([counts[condition == i].sum(0) for i in range(len(CONDITIONS))], float)


def _pooled(events: Numbers, n: Numbers) -> Numbers:
    """Return the posterior mean of rates, shape (c, x); each column is pooled over conditions."""
    means = (events.sum(0) + 0.5) / (n.sum(0) + 1)
    first, second = (np.multiply.outer(STRENGTHS, part) for part in (means, 1 - means))
    first, second = first[:, None], second[:, None]
    evidence = betaln(events + first, n - events + second) - betaln(first, second)
    logs = evidence.sum((1, 2))
    weights = np.exp(logs - logs.max())
    rates = (events + first) / (n + np.array(STRENGTHS)[:, None, None])
    return np.asarray(np.einsum("s,scx->cx", weights / weights.sum(), rates))


def _factors(
    newspapers: Sequence[str],
    real: NDArray[np.bool_],
    counts: NDArray[np.int64],
    moments: tuple[Numbers, Numbers, Numbers],
) -> tuple[Numbers, float]:
    """Return the predictive distribution of a further newspaper's factor, and the dispersion.

    The composed newspapers, however many pages they have, count together as much as the real ones.

    Args:
        newspapers: The newspaper of each page.
        real: Whether each page was really printed, shape (n,).
        counts: Its errors, shape (n,).
        moments: Mean and variance of the errors of each page by factor, and what moves by the
            square root of the dispersion, each of shape (n, k).
    """
    mean, variance, moved = moments
    names, group = np.unique(newspapers, return_inverse=True)
    logs = np.log(FACTORS)
    most = int(counts.max(initial=0)) + 20
    evidence = []
    for dispersion in DISPERSIONS:
        pmf = count_pmf(mean, variance + dispersion * moved**2, most)
        pages = np.log(np.take_along_axis(pmf, counts[:, None, None], axis=2)[:, :, 0] + 1e-300)
        total = np.zeros((len(names), len(logs)))
        np.add.at(total, group, pages)
        evidence.append(total)
    of_real = np.bincount(group, real, len(names)) > 0
    share = of_real.sum() / max(1, (~of_real).sum()) if of_real.any() else 1.0
    weight = np.where(of_real, 1.0, min(1.0, share))
    likelihood = np.array(evidence)  # (dispersions, newspapers, factors)
    prior = norm.pdf(logs, CENTRES[:, None, None], SPREADS[None, :, None])
    prior /= prior.sum(2, keepdims=True)
    top = likelihood.max(2, keepdims=True)
    each = np.einsum("dgk,msk->dmsg", np.exp(likelihood - top), prior)
    posterior = np.log(each + 1e-300) @ weight + (top[:, :, 0] @ weight)[:, None, None]
    posterior += norm.logpdf(CENTRES)[:, None] + norm.logpdf(SPREADS)  # half normal
    posterior -= 0.5 * DISPERSIONS[:, None, None]
    weights = np.exp(posterior - posterior.max())
    weights /= weights.sum()
    predictive = np.einsum("dms,msk->k", weights, prior)
    return predictive / predictive.sum(), float(weights.sum((1, 2)) @ DISPERSIONS)
