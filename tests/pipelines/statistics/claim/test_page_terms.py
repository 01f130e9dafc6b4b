"""Rules say what stands on single pages."""

from datetime import date

import pytest

from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.claim.context import ClaimContext
from presslens.pipelines.statistics.claim.evaluate import judge
from presslens.pipelines.statistics.claim.parser import InvalidRule, parse
from presslens.pipelines.statistics.claim.quantity import TruthValue
from presslens.pipelines.statistics.claim.tree import metrics_of, pages_of, written
from presslens.pipelines.statistics.measure import Zone
from presslens.pipelines.statistics.metrics import EditionMetrics, Estimate, Metric

KIM = Metric("figure:Kim Jong Un")
PAGES = {
    1: {Metric("photos"): Estimate(14.0), Metric("photo_area_share"): Estimate(0.6)},
    2: {KIM: Estimate(0.5, (0.25, 0.75), 4), Metric("photos"): Estimate(4.0)},
    3: None,
}
DAY = date(2025, 12, 16)
TRUE, FALSE, OPEN = TruthValue.TRUE, TruthValue.FALSE, TruthValue.UNDECIDED


def judged(rule, pages=PAGES):
    front = Metric("leader", Zone.FRONT)
    edition = EditionMetrics(
        1, "Rodong Sinmun", DAY, 6, 6, Focus.LEADER, {front: Estimate(0.5, (0.4, 0.6), 14)}
    )
    return judge(
        parse(rule), ClaimContext("Rodong Sinmun", DAY, DAY, [edition], on_pages={1: pages})
    )


@pytest.mark.parametrize(
    ("rule", "truth"),
    [
        ("front.photos = 14 and front.photo_area_share > 0.5", TRUE),
        ("page(1).photos = 14", TRUE),
        ("page(1).photos > page(2).photos", TRUE),
        ("page(2).photos = 5", FALSE),
        ('page(2).figure("Kim Jong Un")', TRUE),
        ('page(2).share(figure "Kim Jong Un") > 50 %', OPEN),
        ('any(page(2).figure("Kim Jong Un"))', TRUE),
        ("page(1).share(leader) > 30 %", TRUE),
        ("front.share(leader) > 30 %", TRUE),
    ],
)
def test_a_page(rule, truth):
    assert judged(rule).truth is truth


def test_pages_that_were_not_seen_and_pages_that_are_missing_are_not_known():
    lost = judged("page(3).photos > 0")
    assert lost.truth is OPEN
    assert "page 3 could not be looked at" in lost.reasons[0]
    missing = judged("page(11).photos = 16")
    assert missing.truth is OPEN
    assert "page 11 is not at hand" in missing.reasons[0]
    assert judged("page(11).share(children) <= 1").truth is TRUE


@pytest.mark.parametrize(
    ("rule", "canonical"),
    [
        ("page( 1 ).photos=14", "front.photos = 14"),
        ("page(1).share(leader, area) > 0", "front.share(leader, area) > 0"),
        ('front.figure("Kim Jong Un")', 'front.share(figure "Kim Jong Un") > 0'),
        ('page(2).figure("Kim")', 'page(2).share(figure "Kim") > 0'),
        ("page(11).photos = 16", "page(11).photos = 16"),
        ("not page(3).share(label \"balloons\") > 0", 'not page(3).share(label "balloons") > 0'),
    ],
)  # fmt: skip
def test_a_page_is_written_in_one_way(rule, canonical):
    tree = parse(rule)
    assert written(tree) == canonical
    assert parse(canonical) == tree


def test_metrics_of_pages_are_told_from_those_of_editions():
    rule = parse('page(2).figure("Kim Jong Un") and page(2).photos > 3 and front.share(leader) > 0')
    assert pages_of(rule) == {2: {KIM, Metric("photos")}}
    assert metrics_of(rule) == {Metric("leader", Zone.FRONT)}


@pytest.mark.parametrize(
    ("rule", "column", "problem"),
    [
        ("page.photos = 1", 5, "expected '(', not '.'"),
        ("page(x).photos = 1", 6, "expected the number of a page"),
        ("page(1.5).photos = 1", 6, "expected the number of a page"),
        ("page(0).photos = 1", 6, "pages have the numbers 1 to 999"),
        ("page(2).pages = 1", 9, "pages is of whole editions; a page has share, figure, photos"),
        ("page(2).children > 1", 9, "expected one of share, figure, photos"),
        ("page(2).figure(Kim)", 16, "expected a name in quotes"),
        ("front.text_pages = 1", 7, "text_pages is of whole editions"),
        ('front.figure("Kim") > 1', 21, "expected 'and' or 'or'"),
    ],
)
def test_an_error_says_where(rule, column, problem):
    with pytest.raises(InvalidRule) as raised:
        parse(rule)
    assert raised.value.column == column
    assert raised.value.problem.startswith(problem)
