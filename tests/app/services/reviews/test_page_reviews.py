"""People say which found photos are none, and which were missed: counts follow."""

import pytest
from sqlalchemy import select

from presslens.app.db.tables import PageRow
from presslens.app.platform.errors import Conflict, InvalidRequest, NotFound
from presslens.app.services.catalogue.page_checks import page_checks
from presslens.app.services.catalogue.pages import find_page
from presslens.app.services.corrections.page_reviews import (
    MarkInput,
    NewPageReview,
    review_page,
    withdraw_page_review,
)
from presslens.app.services.reviews.page_reviews import page_reviews
from presslens.app.services.shares.selection import EditionCriteria
from presslens.app.services.statistics.by_group import GroupBy, statistic
from presslens.app.services.statistics.edition_composition import (
    edition_composition,
    page_composition,
)
from presslens.app.services.statistics.edition_metrics import load_editions
from presslens.app.services.statistics.period import period_composition
from presslens.models.geometry import Box
from presslens.pipelines.statistics.metrics import Metric

MISSED = Box(0.7, 0.7, 0.95, 0.9)


@pytest.fixture
def pages(home, edition):
    """Ids of the pages that were analysed, by the number of their found photos."""
    with home.database.read() as session:
        ids = session.scalars(select(PageRow.id).where(PageRow.scan_id.is_not(None))).all()
    return {found: id_ for id_ in ids if (found := page_reviews(home, id_).found) is not None}


@pytest.fixture
def say(home, now):
    def review(page, *marks, coder="A", **given):
        return review_page(home, NewPageReview(page, coder, marks, **given), now=now)

    return review


def photo_of(home, page):
    return find_page(home, page).to_json()["photos"][0]["id"]


def check_all(pages, say):
    for page in pages.values():
        say(page, checked=True)


def test_a_missed_photo_and_a_false_one_change_the_count_of_a_page(home, pages, say):
    say(pages[2], MarkInput(0, photo_of(home, pages[2])))
    say(pages[2], MarkInput(1, box=MISSED), MarkInput(1, box=Box(0.0, 0.0, 0.1, 0.05)))
    reviews = page_reviews(home, pages[2])
    assert (reviews.check.false, reviews.check.extra, reviews.check.whole) != ((), 0, True)
    assert reviews.to_json()["photos"] is None
    document = page_composition(home, find_page(home, pages[2])).to_json()
    assert document["photos"] == 3
    assert document["photos_interval"][1] >= 3
    say(pages[2], checked=True)
    document = page_composition(home, find_page(home, pages[2])).to_json()
    assert (document["photos"], document["photos_interval"]) == (3, None)
    assert page_reviews(home, pages[2]).to_json()["photos"] == 3


def test_an_edition_is_a_census_once_every_page_was_looked_through(home, edition, pages, say):
    first, *others = pages.values()
    say(first, checked=True)
    assert edition_composition(home, edition).to_json()["photos_interval"] is not None
    for page in others:
        say(page, checked=True)
    document = edition_composition(home, edition).to_json()
    assert document["photos_interval"] is None
    assert "people" in document["counts_method"]


@pytest.mark.both_databases
def test_statistics_count_as_compositions_do(home, edition, pages, say):
    def values():
        metric, criteria = Metric("photos"), EditionCriteria()
        group = statistic(home, metric, criteria, by=GroupBy.EDITION).groups[0].estimate
        of_edition = load_editions(home, criteria, metrics=[metric]).editions[0].metrics[metric]
        period = period_composition(home, criteria).to_json()["metrics"]["photos"]
        composition = edition_composition(home, edition).to_json()
        assert (group.value, group.interval) == (of_edition.value, of_edition.interval)
        assert (period["total"], period["value"]) == (group.value, group.value)
        assert period["total_interval"] == composition["photos_interval"]
        assert composition["photos"] == group.value
        return group.value, group.interval

    found, (low, high) = values()
    assert 0 <= low <= found <= high
    check_all(pages, say)
    say(pages[2], MarkInput(3, photo_of(home, pages[2])))
    assert values() == (found + 2, None)


def test_withdrawn_reviews_count_no_more(home, edition, pages, say, now):
    review = say(pages[2], MarkInput(1, box=MISSED), checked=True)
    with pytest.raises(Conflict):
        withdraw_page_review(home, review, coder="B", now=now)
    withdraw_page_review(home, review, coder="A", now=now)
    with home.database.read() as session:
        assert page_checks(session, home.recipe.observation_id, [edition]) == {}
    assert page_reviews(home, pages[2]).reviews[0].withdrawn_at == now


def test_coders_who_disagree_leave_a_page_open(home, pages, say):
    say(pages[2], MarkInput(1, box=MISSED), checked=True)
    say(pages[2], coder="B", checked=True)
    document = page_reviews(home, pages[2]).to_json()
    assert (document["checked"], document["photos"]) == (False, None)
    assert document["disputed"] == [[0.7, 0.7, 0.95, 0.9]]
    say(pages[2], MarkInput(1, box=MISSED), coder="C", adjudicates=True)
    assert page_reviews(home, pages[2]).to_json()["photos"] == 3


@pytest.mark.parametrize(
    ("marks", "message"),
    [
        ((), "marks something"),
        ((MarkInput(1),), "a found photo or a box"),
        ((MarkInput(1, box=Box(0.5, 0.5, 1.2, 0.9)),), "shares of the page"),
        ((MarkInput(0, box=MISSED),), "contains a photo or more"),
        ((MarkInput(101, box=MISSED),), "0 to 100"),
    ],
)
def test_marks_that_say_nothing_are_refused(pages, say, marks, message):
    with pytest.raises(InvalidRequest, match=message):
        say(pages[2], *marks)


def test_a_photo_of_another_page_is_no_mark(home, pages, say):
    with pytest.raises(NotFound, match="on this page"):
        say(pages[2], MarkInput(0, photo_of(home, pages[1])))
    with pytest.raises(NotFound, match="no such page"):
        page_reviews(home, 999)
