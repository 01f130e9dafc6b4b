"""An edition is compared with others as they are known, not as it is known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pytest

from pipelines.statistics.baseline import Standing, compare_to_baseline
from pipelines.statistics.explanations import standing_in_words
from pipelines.statistics.flags import BaselineRules
from pipelines.statistics.like_with_like import Basis, ShareReading
from pipelines.statistics.metrics import EditionMetrics, Estimate, Metric

MakeFacts = Callable[..., EditionMetrics]
TODAY = date(2025, 12, 16)
CHILDREN = Metric("children")
PHOTOS = 100


def archive(
    make: MakeFacts, seed: int, *, reviewed: set[int], true: float = 0.1, sampled: bool = False
) -> tuple[Standing, str]:
    """Compare an edition with forty before it; the machine sees a tenth too much everywhere."""
    rng = np.random.default_rng(seed)
    editions, readings = [], {}
    for ago in range(41):
        share = float(rng.binomial(PHOTOS, true)) / PHOTOS
        machine = Estimate(share + 0.1, (share + 0.06, share + 0.15), PHOTOS, "machine")
        census = ago in reviewed
        best = Estimate(share, None, PHOTOS, "census") if census else machine
        one = make(TODAY - timedelta(ago), {"children": best})
        settled = PHOTOS if census else 0
        readings[one.id] = {CHILDREN: ShareReading(machine, settled, PHOTOS, sampled)}
        editions.append(one)
    found = compare_to_baseline(editions[0], editions[1:], BaselineRules(), readings=readings)
    return found.standings[0], standing_in_words(found.standings[0], found)


def test_a_reviewed_edition_is_not_flagged_for_the_machine_s_errors(make_facts: MakeFacts) -> None:
    flags = [archive(make_facts, seed, reviewed={0})[0].flag for seed in range(100)]
    assert sum(flag is not None for flag in flags) <= 6
    standing, words = archive(make_facts, 0, reviewed={0})
    assert standing.basis is Basis.MACHINE
    assert standing.aside is not None
    assert standing.estimate.value == pytest.approx(standing.aside.value + 0.1)  # type: ignore[operator]
    assert "with people's answers; compared is what the machine says" in words


def test_reviewed_is_compared_with_reviewed_where_there_are_enough(make_facts: MakeFacts) -> None:
    standing, _ = archive(make_facts, 3, reviewed=set(range(21)))
    assert standing.basis is Basis.REVIEWED
    assert standing.usual is not None
    assert standing.usual.n == 20
    assert standing.usual.median == pytest.approx(0.1, abs=0.03)
    assert standing.estimate.method == "census"


def test_reviewed_references_do_not_stand_beside_the_machine_s(make_facts: MakeFacts) -> None:
    standing, _ = archive(make_facts, 4, reviewed=set(range(5, 30)))
    assert (standing.basis, standing.aside) == (Basis.MACHINE, None)
    assert standing.usual is not None
    assert standing.usual.lowest > 0.1


def test_one_sample_over_all_compares_what_it_corrects(make_facts: MakeFacts) -> None:
    standing, _ = archive(make_facts, 5, reviewed={0, 1}, sampled=True)
    assert standing.basis is Basis.CORRECTED
