import pytest

from presslens.models.photos.finder_errors import load_finder_errors
from presslens.pipelines.statistics.count_estimates import (
    EXACT,
    EditionDetections,
    PageCheck,
    count_estimates,
    newspaper_of,
)

PAGE = (0, 0, 0, 0, 0, 13, 0, 0, 0)


def edition(checks=None, pages=8):
    found = [(number, 0, *PAGE) for number in range(1, pages + 1)]
    return EditionDetections(
        pages, 13 * pages, 0.5 * pages, {"photos": 2, "mixed": pages - 2}, found, checks or {}
    )


def estimates(*editions):
    newspaper = newspaper_of(editions, load_finder_errors())
    groups = range(len(editions))
    return count_estimates(editions, groups, len(groups), newspaper, confidence=0.95)


def test_every_count_has_an_interval_around_it():
    made = estimates(edition())
    for name, counts in made.items():
        low, high = counts[0].interval
        assert 0 <= low <= counts[0].value <= high, name
    assert made["photos"][0].value == 104
    low, high = made["photos"][0].interval
    assert made["photos_per_page"][0].interval == pytest.approx((low / 8, high / 8))
    assert made["photo_area_share"][0].interval[1] <= 1


def test_pages_that_people_counted_are_exact():
    checks = {n: PageCheck(whole=True, drawn=False, extra=1) for n in range(1, 9)}
    counted = estimates(edition(checks))["photos"][0]
    assert (counted.value, counted.interval, counted.method) == (112, None, EXACT)


def test_a_page_that_was_picked_settles_itself_alone():
    picked = {1: PageCheck(whole=True, drawn=False, false=(5,) * 6)}
    counts = estimates(edition(picked), edition())["photos"]
    assert counts[0].value == 98
    assert counts[1].interval == estimates(edition())["photos"][0].interval


def test_pages_that_chance_chose_move_the_interval_of_the_others():
    drawn = {n: PageCheck(whole=True, drawn=True, extra=4) for n in range(1, 7)}
    counts = estimates(edition(drawn), edition())["photos"]
    assert counts[1].interval[1] > estimates(edition())["photos"][0].interval[1]


def test_an_edition_without_a_page_seen_has_no_number():
    made = estimates(EditionDetections(0, 0, 0.0, {}, []))
    assert made["photos_per_page"][0].value is None
