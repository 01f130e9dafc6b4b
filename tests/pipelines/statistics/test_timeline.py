from datetime import date

import pytest

from presslens.pipelines.statistics.measure import Estimand
from presslens.pipelines.statistics.timeline import Part, PeriodUnit, timeline

PARTS = [
    Part(date(2025, 1, 2), 1, 10), Part(date(2025, 1, 9), 45, 90),
    Part(date(2025, 3, 1), 2, 10), Part(date(2025, 3, 2), 0, 0),
    Part(date(2024, 12, 30), 5, 10), Part(date(2024, 12, 31), 5, 10),
]  # fmt: skip


@pytest.mark.parametrize(
    ("estimand", "january"), [(Estimand.SHARE_OF_PHOTOS, 0.46), (Estimand.MEAN_EDITION_SHARE, 0.3)]
)
def test_months_pool_photos_or_average_editions(estimand, january):
    found = timeline(PARTS, by=PeriodUnit.MONTH, estimand=estimand, fewest=2)
    assert [(p.first, p.editions) for p in found.periods] == [
        (date(2024, 12, 1), 2), (date(2025, 1, 1), 2),
    ]  # fmt: skip
    assert [p.value for p in found.periods] == pytest.approx([0.5, january])


def test_months_with_too_few_editions_or_none_are_listed():
    found = timeline(PARTS, by=PeriodUnit.MONTH, estimand=Estimand.SHARE_OF_PHOTOS, fewest=2)
    assert found.excluded == ((date(2025, 2, 1), 0), (date(2025, 3, 1), 1))


def test_editions_without_the_metric_are_listed():
    found = timeline(PARTS, by=PeriodUnit.EDITION, estimand=Estimand.SHARE_OF_PHOTOS)
    assert [p.value for p in found.periods] == pytest.approx([0.5, 0.5, 0.1, 0.5, 0.2])
    assert found.excluded == ((date(2025, 3, 2), 0),)


def test_of_nothing_there_is_no_time():
    found = timeline(
        [Part(date(2025, 3, 2), 0, 0)], by=PeriodUnit.MONTH, estimand=Estimand.SHARE_OF_PHOTOS
    )
    assert (found.periods, found.excluded) == ((), ())
