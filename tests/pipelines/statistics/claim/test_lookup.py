"""Bounds over pages that were not seen hold whatever those pages turn out to show."""

from datetime import date

import numpy as np
import pytest

from presslens.pipelines.statistics.claim.context import ClaimContext
from presslens.pipelines.statistics.claim.lookup import read_metric
from presslens.pipelines.statistics.measure import Weight, Zone
from presslens.pipelines.statistics.metrics import EditionMetrics, Estimate, Metric

DAY = date(2025, 12, 16)


def composed(generator):
    """Return the photos of six pages: for each its area, and whether it shows the subject."""
    pages = []
    for _ in range(6):
        n = int(generator.integers(0, 30))
        areas = generator.dirichlet(np.ones(n + 1))[:n]
        pages.append((areas, generator.random(n) < generator.random()))
    return pages


def share(pages, weight):
    areas, shows = (np.concatenate(column) for column in zip(*pages, strict=True))
    weights = np.ones(len(areas)) if weight is Weight.COUNT else areas
    return min(1.0, float(weights @ shows / weights.sum())) if len(areas) else None


def partial(pages, metric, seen):
    """Return the edition with some of its pages seen, and its context."""
    kept = [page for number, page in enumerate(pages, 1) if number in seen]
    zone = kept
    if metric.zone is Zone.FRONT:
        zone = pages[:1] if 1 in seen else []
    value = share(zone, metric.weight) if zone else None
    area = sum(float(areas.sum()) for areas, _ in kept) / len(kept)
    interval = None if value is None else (value, value)
    metrics = {
        metric: Estimate(value, interval, sum(len(areas) for areas, _ in zone)),
        Metric("photo_area_share"): Estimate(area),
    }
    edition = EditionMetrics(7, "Rodong Sinmun", DAY, 6, len(seen), None, metrics)
    return edition, ClaimContext(
        "Rodong Sinmun", DAY, DAY, [edition], front_seen={7: 1 in seen}, most_photos=30
    )


@pytest.mark.parametrize("weight", Weight)
@pytest.mark.parametrize("zone", [Zone.ALL, Zone.FRONT])
@pytest.mark.parametrize("seen", [{1, 2, 3}, {2, 3, 4, 5}, {1, 3, 4, 5, 6}])
def test_the_share_of_the_whole_edition_is_within_the_bounds(weight, zone, seen):
    generator = np.random.default_rng(20251216)
    metric = Metric("children", zone, weight)
    for _ in range(50):
        pages = composed(generator)
        bounds = read_metric(metric, *partial(pages, metric, seen))
        whole = share(pages if zone is Zone.ALL else pages[:1], weight)
        assert whole is None or bounds.low <= whole <= bounds.high
        assert bounds.empty or 0.0 <= bounds.low <= bounds.high <= 1.0


def test_a_front_page_that_was_seen_is_known_and_one_that_was_not_is_open():
    pages = composed(np.random.default_rng(3))
    front = Metric("children", Zone.FRONT)
    seen = read_metric(front, *partial(pages, front, {1, 2}))
    assert seen.is_exact
    lost = read_metric(front, *partial(pages, front, {2, 3}))
    assert (lost.low, lost.high) == (0, 1)
    assert lost.reasons == ("4 of its 6 pages could not be looked at",)


def test_what_was_seen_stays_seen():
    pages = composed(np.random.default_rng(3))
    metric = Metric("children")
    bounds = read_metric(metric, *partial(pages, metric, {1, 2, 3}))
    assert bounds.low > 0
    assert bounds.high < 1
