"""When a newspaper changed, shown from rows."""

from datetime import date, timedelta

import numpy as np
import pytest

from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.shares.selection import EditionCriteria
from presslens.app.services.statistics.changes import metric_changes
from presslens.app.services.statistics.comparison import compare_groups
from presslens.app.services.statistics.queries import CompareQuery
from presslens.pipelines.statistics.measure import Estimand
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.timeline import PeriodUnit

from ...first_states import made_once

CHILDREN, PAGES, PHOTOS = Metric("children"), Metric("pages"), Metric("photos")


@pytest.fixture
@made_once
def archive(add_summary):
    """Add four editions a month over two years; from 2025 on with more children and pages.

    In March 2024 there is none, in April there are two.
    """
    rng = np.random.default_rng(2)
    for month in range(24):
        if month == 2:
            continue
        for i in range(2 if month == 3 else 4):
            day = date(2024 + month // 12, month % 12 + 1, 3 + 7 * i)
            later = month >= 12
            share = {"children": rng.uniform(0.04, 0.06) + 0.05 * later}
            add_summary(day, photos=30 + 30 * (i == 0), pages=8 if later else 6, shares=share)


@pytest.mark.parametrize("estimand", Estimand)
def test_a_change_is_found_by_month(home, archive, estimand):
    found = metric_changes(home, CHILDREN, EditionCriteria("Rodong"), estimand=estimand)
    (change,) = found.shown
    assert change.date == date(2025, 1, 1)
    assert change.periods == (10, 12)
    low, high = change.difference.interval
    assert low < 0.0505 < high
    assert found.timeline.excluded == ((date(2024, 3, 1), 0), (date(2024, 4, 1), 2))


def test_a_change_is_found_by_edition(home, archive):
    (change,) = metric_changes(home, PAGES, EditionCriteria("Rodong"), by=PeriodUnit.EDITION).shown
    assert (change.date, *change.levels) == (date(2025, 1, 3), 6.0, 8.0)


def test_where_nothing_changed_nothing_is_found(home, archive):
    found = metric_changes(home, PHOTOS, EditionCriteria("Rodong")).to_json()
    assert found["changes"] == []
    assert len(found["periods"]) == 22
    assert found["excluded_count"] == 2
    assert found["recipe"] == home.recipe.id


def test_editions_must_be_of_one_newspaper_and_enough(home, add_summary):
    add_summary(date(2025, 1, 1))
    add_summary(date(2025, 1, 2), publication="Minju Choson")
    with pytest.raises(InvalidRequest, match="name one as publication, Minju Choson / Rodong"):
        metric_changes(home, CHILDREN, EditionCriteria())
    found = metric_changes(home, CHILDREN, EditionCriteria("Rodong"))
    assert found.changes.method.startswith("not searched")
    assert metric_changes(home, CHILDREN, EditionCriteria("Nobody")).to_json()["periods"] == []


def test_days_are_counted_from_the_first_to_the_last(home, archive):
    wanted = EditionCriteria("Rodong", date(2024, 5, 1), date(2024, 5, 1) + timedelta(60))
    assert len(metric_changes(home, CHILDREN, wanted).timeline.periods) == 2


@pytest.fixture
@made_once
def small_step(add_summary):
    """Add 40 editions of few photos, of which the later half shows somewhat more children."""
    rng = np.random.default_rng(7)
    for i in range(40):
        share = 0.2 + 0.03 * (i >= 20) + rng.uniform(-0.01, 0.01)
        add_summary(date(2025, 1, 1) + timedelta(i), photos=12, shares={"children": share})


@pytest.mark.parametrize("state", ["archive", "small_step"])
def test_a_comparison_of_the_same_editions_says_the_same(home, request, state):
    request.getfixturevalue(state)
    by = PeriodUnit.MONTH if state == "archive" else PeriodUnit.EDITION
    found = metric_changes(home, CHILDREN, EditionCriteria("Rodong"), by=by)
    (change,) = found.candidates
    assert change.differs is (state == "archive") is bool(found.shown)
    served = change.to_json()
    asked = CompareQuery.model_validate({**served["compare"], "metric": ["children"]})
    compared = compare_groups(
        home, asked.metrics, asked.a, asked.b, estimand=asked.estimand, inference=asked.inference,
        searched=asked.searched, recipe=asked.recipe,
    ).to_json()  # fmt: skip
    (row,) = compared["metrics"]
    assert compared["interval_level"] == served["interval_level"]
    assert (row["b"]["value"], row["a"]["value"]) == (served["before"], served["after"])
    for name in ("difference", "interval", "unadjusted", "p", "p_corrected", "differs", "help"):
        assert row[name] == served[name], name
    low, high = row["interval"]
    assert row["differs"] is (low > 0 or high < 0)
    assert (row["a"]["editions"], row["b"]["editions"]) == change.editions[::-1]
    alone = asked.model_copy(update={"searched": 1})
    found = compare_groups(home, alone.metrics, alone.a, alone.b, inference=alone.inference)
    assert found.to_json()["metrics"][0]["interval"] == served["unadjusted"]


def test_what_is_not_told_says_what_would_tell_it(home, small_step):
    found = metric_changes(
        home, CHILDREN, EditionCriteria("Rodong"), by=PeriodUnit.EDITION
    ).to_json()
    assert found["changes"] == []
    (one,) = found["undecided"]
    assert one["help"]["words"]
