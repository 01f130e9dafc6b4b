"""Plain metrics: what each declares must be true of its values."""

from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest

from presslens.models.faces.gallery import Role
from presslens.models.geometry import Box
from presslens.pipelines.statistics.availability import LookedFor
from presslens.pipelines.statistics.claim.context import ClaimContext
from presslens.pipelines.statistics.claim.lookup import read_metric
from presslens.pipelines.statistics.composition import compose
from presslens.pipelines.statistics.layout import page_type
from presslens.pipelines.statistics.metrics import EditionMetrics, Estimate, Metric
from presslens.pipelines.statistics.page import PageRecord
from presslens.pipelines.statistics.plain import PLAIN, Unseen, plain_metrics

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "statistics.md").read_text(
    encoding="utf-8"
)
DAY = date(2025, 12, 16)
SIZE = (100, 100)
FIGURES = {"first": Role.LEADER, "second": Role.OTHER}
MEANS = {"photos_per_page", "photo_area_share", "leader_area", "leader_centrality"}
"""The metrics that are means: unseen pages may lower them."""


@pytest.fixture
def make_pages(make_photo, rules):
    """Return a function that makes a page of each kind: text, small photos, half a page, full."""

    def page(number, *photos):
        kind = page_type([frame.box for frame, _ in photos], SIZE, None, rules)
        return PageRecord.analysed(number, SIZE, photos, kind)

    def make():
        together = {"first": 0.9, "second": 0.9}
        small = make_photo(Box(0, 0, 10, 10), sightings=together)
        half = make_photo(Box(0, 0, 100, 55), sightings=together)
        full = make_photo(Box(0, 0, 100, 90), sightings={"first": 0.9})
        return [page(1), page(2, small, small), page(3, half), page(4, full)]

    return make


def values(pages, rules):
    return plain_metrics(compose(pages, rules, looked_for=LookedFor(FIGURES)).summary)


def edition(pages, rules):
    seen = sum(page.seen for page in pages)
    metrics = {Metric(name): Estimate(value) for name, value in values(pages, rules).items()}
    return EditionMetrics(1, "Rodong Sinmun", DAY, len(pages), seen, None, metrics)


@pytest.mark.parametrize("unseen", [[1], [2], [3], [4], [1, 4], [2, 3, 4]])
@pytest.mark.parametrize("name", PLAIN)
def test_bounds_with_unseen_pages_hold_the_value_of_all_pages(make_pages, rules, name, unseen):
    pages = make_pages()
    lost = [PageRecord.not_seen(page.number) if page.number in unseen else page for page in pages]
    whole = values(pages, rules)[name]
    made = edition(lost, rules)
    bounds = read_metric(Metric(name), made, ClaimContext("Rodong Sinmun", DAY, DAY, [made]))
    assert whole is None or bounds.low <= whole <= bounds.high
    assert bool(bounds.reasons) is (PLAIN[name].unseen is not Unseen.NONE)


def test_unseen_pages_lower_means_only_and_means_have_no_total():
    lowered = {
        name
        for name, metric in PLAIN.items()
        if metric.unseen.bounds(0.5, 0.5, seen=1, unseen=1)[0] < 0.5
    }
    assert lowered == MEANS
    assert not any(PLAIN[name].summed for name in MEANS)


@pytest.mark.parametrize("metric", PLAIN.values(), ids=list(PLAIN))
def test_metrics_in_percent_are_shares_and_have_no_total(make_pages, rules, metric):
    value = values(make_pages(), rules)[metric.name]
    if metric.in_percent:
        assert value is None or 0 <= value <= 1
        assert not metric.summed
    if metric.unseen is Unseen.PART:
        assert metric.in_percent
    if metric.unseen in (Unseen.OPEN_COUNT, Unseen.PAGE_COUNT):
        assert isinstance(value, int)


@pytest.mark.parametrize("name", PLAIN)
def test_each_plain_metric_is_in_the_page_on_statistics(name):
    assert f"`{name}`" in PAGE


def test_no_property_of_a_plain_metric_can_be_forgotten():
    metric = PLAIN["photos"]
    for field in fields(metric):
        declared = {f.name: getattr(metric, f.name) for f in fields(metric) if f is not field}
        with pytest.raises(TypeError, match=field.name):
            type(metric)(**declared)
