"""Two groups of editions whose rows are known."""

from datetime import date, timedelta

import numpy as np
import pytest

from presslens.app.platform.errors import InvalidRequest, NotFound
from presslens.app.services.shares.selection import EditionCriteria
from presslens.app.services.statistics.comparison import compare_groups
from presslens.pipelines.statistics.corrections import Correction
from presslens.pipelines.statistics.measure import Estimand, Inference
from presslens.pipelines.statistics.metrics import Metric

from ...first_states import made_once

PHOTOS, PAGES, CHILDREN = Metric("photos"), Metric("pages"), Metric("children")
NOVEMBER = EditionCriteria("Rodong", date(2025, 11, 1), date(2025, 11, 30))
DECEMBER = EditionCriteria("Rodong", date(2025, 12, 1), date(2025, 12, 31))


@pytest.fixture
@made_once
def archive(add_summary):
    """Add two months: in December there are more children, and as many photos."""
    rng = np.random.default_rng(1)
    for i in range(60):
        day = date(2025, 11, 1) + timedelta(i)
        share = 0.05 + 0.1 * (day.month == 12) + rng.uniform(-0.02, 0.02)
        add_summary(day, photos=int(rng.integers(20, 40)), shares={"children": share})


def test_differences_are_told_and_corrected(home, archive):
    practice = Inference.PRACTICE
    found = compare_groups(home, [PHOTOS, PAGES, CHILDREN], DECEMBER, NOVEMBER, inference=practice)
    assert [row.differs for row in found.comparison.rows] == [False, False, True]
    assert found.comparison.compared == 3
    children = found.comparison.rows[2].compared.difference
    low, high = children.interval
    assert low < 0.1 < high
    assert 0.08 < children.value < 0.12
    assert found.comparison.rows[1].compared.difference.value == 0


def test_the_answer_says_what_it_is_of(home, archive):
    found = compare_groups(
        home, [CHILDREN, CHILDREN], DECEMBER, NOVEMBER, correction=Correction.BH,
        estimand=Estimand.MEAN_EDITION_SHARE,
    ).to_json()  # fmt: skip
    assert (found["a"]["editions"], found["b"]["editions"]) == (30, 30)
    assert (found["compared"], found["differ"], found["correction"]) == (1, 1, "bh")
    assert found["metrics"][0]["p_corrected"] == found["metrics"][0]["p"] < 1e-6
    assert found["estimand"] == "mean_edition_share"
    assert found["recipe"] == home.recipe.id
    assert found["a"]["coverage"] == 1.0
    tipping = {one["assumption"]: one for one in found["metrics"][0]["tipping"]}
    assert -1.5 < tipping["calibration"]["amount"] < -0.5
    assert "too high" in tipping["calibration"]["words"]
    assert "coders" not in tipping


def test_a_group_without_editions_tells_nothing(home, archive):
    nobody = EditionCriteria("Minju Choson")
    found = compare_groups(home, [CHILDREN, PHOTOS], DECEMBER, nobody)
    assert found.comparison.compared == 0
    assert [row["difference"] for row in found.to_json()["metrics"]] == [None, None]


def test_what_can_not_be_compared_is_said(home, archive):
    with pytest.raises(InvalidRequest, match="contain 30 editions"):
        compare_groups(home, [CHILDREN], DECEMBER, EditionCriteria("Rodong"))
    with pytest.raises(InvalidRequest, match="at most 60"):
        compare_groups(home, [Metric(f"label:{i}") for i in range(61)], DECEMBER, NOVEMBER)
    with pytest.raises(NotFound):
        compare_groups(home, [CHILDREN], DECEMBER, NOVEMBER, recipe="ffffff")
