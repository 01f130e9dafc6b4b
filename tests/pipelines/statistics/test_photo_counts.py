import numpy as np
import pytest

from presslens.models.photos.finder_errors import (
    CELLS,
    CONDITIONS,
    FinderErrors,
    load_finder_errors,
)
from presslens.pipelines.statistics.photo_counts import (
    FoundPages,
    Newspaper,
    finder_moments,
    page_counts,
    photo_areas,
    photo_counts,
)

SURE, UNSURE = 5, 0
"""Cells of a middle-sized photo with a high score, and of a small one with a low score."""


def page(number, *, condition=0, **cells):
    counts = [0] * CELLS
    for cell, n in cells.items():
        counts[int(cell[1:])] = n
    return (number, condition, *counts)


def certain(*, dispersion=0.0, missed=0.1, false=0.25):
    """Errors that are known exactly: every newspaper's factor is 1."""
    return FinderErrors(
        missed_odds=np.full((5, 3), missed),
        false_odds=np.full((5, CELLS), false),
        factors=np.array([0.5, 1.0, 2.0]),
        missed_weights=np.array([0.0, 1.0, 0.0]),
        false_weights=np.array([0.0, 1.0, 0.0]),
        missed_dispersion=np.full(len(CONDITIONS), dispersion),
        false_dispersion=np.full(len(CONDITIONS), dispersion),
        areas=np.array([[0.005, 0.03, 0.2], [3e-5, 1e-3, 0.05]]),
        edges=0.05,
        page_counts={"photo_pages": (100, 99, 900, 3)},
    )


def counted(pages, errors=None, **options):
    newspaper = Newspaper.unknown(errors or load_finder_errors())
    options.setdefault("confidence", 0.95)
    moments = finder_moments(FoundPages.of(pages), len(pages), newspaper)
    return photo_counts(moments, **options)


def test_the_expected_number_takes_false_photos_off_and_adds_missed_ones():
    count = counted([[page(1, c5=40)]], certain())
    missed = 0.1 * (40 + 3 * 0.5)
    assert count.expected[0] == pytest.approx(40 - 40 * 0.2 + missed, abs=0.01)
    assert count.low[0] < count.expected[0] < count.high[0]


def test_intervals_are_whole_numbers_that_can_be():
    count = counted([[page(1)], [page(1, c0=1)], [page(1, c5=3), page(2, c8=1)]])
    for low, high in zip(count.low, count.high, strict=True):
        assert low == int(low) >= 0
        assert high == int(high) >= low
    assert count.low[0] == 0


def test_sure_photos_have_narrower_intervals_than_unsure_ones():
    count = counted([[page(1, c5=10)], [page(1, c0=10)]])
    widths = count.high - count.low
    assert widths[0] < widths[1]
    assert count.low[0] >= 8


def test_the_finders_errors_are_common_to_editions_and_do_not_average_out():
    edition = [page(number, c5=13) for number in range(1, 9)]
    one, many = counted([edition]), counted([edition * 20])
    relative = [(c.high[0] - c.low[0]) / c.expected[0] for c in (one, many)]
    assert relative[1] > relative[0] / 2  # independent errors would make it a fifth


def test_images_that_are_photos_and_counted_pages_have_no_interval():
    count = counted([[page(1, condition=-1, c8=1)]], counted=np.array([1.0]))
    assert (count.low[0], count.high[0]) == (1, 1)
    assert count.expected[0] == pytest.approx(1)


def test_the_interval_holds_the_number_of_simulated_newspapers():
    errors, rng = certain(dispersion=0.4, missed=0.05, false=0.1), np.random.default_rng(3)
    pages = [[page(number, c5=9) for number in range(1, 9)] for _ in range(400)]
    count = counted(pages, errors)
    unsure = 9 * (0.1 / 1.1) * (1 - 0.1 / 1.1)
    shape = 1 / 0.4
    false_mean = 9 * 0.1 / 1.1 + unsure * (rng.gamma(shape, 1 / shape, (400, 8)) - 1)
    false = rng.binomial(9, np.clip(false_mean / 9, 0, 1)).sum(1)
    missed = rng.poisson(0.05 * 10.5 * rng.gamma(shape, 1 / shape, (400, 8))).sum(1)
    printed = 72 - false + missed
    inside = ((count.low <= printed) & (printed <= count.high)).mean()
    assert 0.93 <= inside <= 0.995


def test_counted_pages_that_chance_chose_tell_of_the_others():
    drawn = FoundPages.of([[page(n, c5=10) for n in range(40)]])
    nothing = np.zeros(40, np.int64)
    prior = Newspaper.unknown(load_finder_errors())
    faultless = prior.updated(drawn, nothing, nothing)
    poor = prior.updated(drawn, nothing, np.full(40, 3))
    others, n = FoundPages.of([[page(n, c5=10) for n in range(100)]]), 1
    wide, narrow, many = (
        photo_counts(finder_moments(others, n, newspaper), confidence=0.95)
        for newspaper in (prior, faultless, poor)
    )
    assert narrow.high[0] - narrow.low[0] < wide.high[0] - wide.low[0]
    assert many.low[0] > 1100


def test_printed_areas_stay_between_none_and_the_whole_page():
    pages = FoundPages.of([[page(1, c8=1)], [page(1, c5=4)]])
    newspaper = Newspaper.unknown(load_finder_errors())
    moments = finder_moments(pages, 2, newspaper)
    area = photo_areas(moments, area=np.array([0.98, 0.2]), most=np.ones(2), confidence=0.95)
    assert (area.low >= 0).all()
    assert (area.high <= 1).all()
    assert (area.low < area.expected).all()


def test_pages_of_a_kind_are_taken_for_it_mostly_rightly():
    newspaper = Newspaper.unknown(certain())
    taken, others = np.array([0.0, 4.0]), np.array([8.0, 0.0])
    pages = page_counts("photo_pages", taken, others, newspaper, confidence=0.95)
    assert (pages.low[0], pages.high[0]) == (0, 1)
    assert pages.high[1] == 4
