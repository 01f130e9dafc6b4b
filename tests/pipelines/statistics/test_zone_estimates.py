"""Estimates of one edition in its zones, by count and by area."""

from dataclasses import replace

import numpy as np
import pytest

from presslens.pipelines.statistics.composition import ZoneEstimates
from presslens.pipelines.statistics.estimator import ShareEstimator
from presslens.pipelines.statistics.measure import BITS, Weight, Zone
from presslens.pipelines.statistics.worlds import World


def _estimates(components, table, areas):
    front = np.where(np.arange(len(table)) % 3 == 0, BITS[Zone.FRONT], BITS[Zone.INSIDE])
    zones = (front | BITS[Zone.ALL]).astype(np.uint8)
    decided = table.probability >= 0.5
    return ZoneEstimates(table, areas, zones, table.edition == 2, decided, components, 0.95)


@pytest.mark.parametrize("drawn", [0, 150])
def test_zones_add_up_to_the_edition(components, drawn):
    rng = np.random.default_rng(0)
    paper = World(editions=8, photos=30.0).newspaper(rng)
    table = paper.drawn(paper.table(), drawn, rng) if drawn else paper.table()
    found = _estimates(components, table, paper.area)
    for weight in Weight:
        every, front, inside = (
            found.estimate(zone, weight) for zone in (Zone.ALL, Zone.FRONT, Zone.INSIDE)
        )
        assert front.n + inside.n == every.n == (table.edition == 2).sum()
        assert front.size + inside.size == pytest.approx(every.size)
        assert front.count[0] + inside.count[0] == pytest.approx(every.count[0], rel=1e-6)
    by_area = found.estimate(Zone.ALL, Weight.AREA)
    assert by_area.size == pytest.approx(paper.area[table.edition == 2].sum())


def test_a_zone_is_estimated_as_by_itself(components):
    rng = np.random.default_rng(1)
    paper = World(editions=8, photos=30.0).newspaper(rng)
    found = _estimates(components, paper.table(), paper.area)
    found.estimate(Zone.ALL)
    group = np.where((paper.edition == 2) & (np.arange(len(paper.edition)) % 3 == 0), 0, -1)
    (alone,) = ShareEstimator(paper.table(), group, ("front",), components).estimates()
    assert found.estimate(Zone.FRONT) == replace(alone, group="front")


def test_a_zone_without_photos_has_no_share(components):
    paper = World(editions=8).newspaper(np.random.default_rng(2))
    lead = _estimates(components, paper.table(), paper.area).estimate(Zone.LEAD)
    assert (lead.value, lead.interval, lead.n) == (None, None, 0)
    assert lead.refused == "there are no photos"
