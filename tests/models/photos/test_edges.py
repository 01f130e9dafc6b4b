from itertools import product

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from presslens.models.geometry import Box
from presslens.models.photos.edges import edged, parted

TRUE = Box(300, 400, 620, 660)


@pytest.fixture(scope="module")
def photo_page(paper, texture):
    page = paper()
    page[400:660, 300:620] = texture(260, 320)
    return page


def snapped_to(box, page):
    return edged(box, page).box


def off(box, true=TRUE):
    return float(np.abs(np.array(box.to_list()) - true.to_list()).max())


@given(st.lists(st.floats(-12, 12), min_size=4, max_size=4))
def test_each_side_is_found_from_anywhere_in_reach(photo_page, shift):
    loose = Box(*(np.array(TRUE.to_list()) + shift))
    assert off(snapped_to(loose, photo_page)) <= 1


@pytest.mark.parametrize("sigma", [0.6, 1.2, 1.8])
def test_soft_edges_are_found(photo_page, sigma):
    soft = np.asarray(cv2.GaussianBlur(photo_page, (0, 0), sigma))
    assert off(snapped_to(TRUE.padded(7), soft)) <= 2


def test_a_rule_around_a_photo_belongs_to_neither_side(photo_page):
    page = photo_page.copy()
    page[397:663, 297:299] = page[397:663, 621:623] = 20
    page[397:399, 297:623] = page[661:663, 297:623] = 20
    assert off(snapped_to(TRUE.padded(-5), page)) <= 3


def test_touching_photos_part_where_their_tone_changes(photo_page, texture):
    page = photo_page.copy()
    page[400:660, 620:800] = texture(260, 180, seed=3, low=150, high=230)
    assert off(snapped_to(TRUE.padded(6), page)) <= 2


def test_where_nothing_changes_the_box_stays(paper):
    found = edged(TRUE, paper())
    assert found.box == TRUE
    assert found.clarity < 0.1


def test_a_clear_frame_is_clearer_than_a_piece_of_it(photo_page):
    whole = edged(TRUE, photo_page)
    piece = edged(Box(TRUE.x0, TRUE.y0, TRUE.x0 + 170, TRUE.y1), photo_page)
    assert whole.clarity > 0.9
    assert piece.clarity < 0.5


def test_a_photo_to_the_edge_of_the_page_ends_there(texture):
    page = texture(500, 400)
    assert snapped_to(Box(1.5, 2, 398.4, 499), page) == Box(0, 0, 400, 500)


@pytest.mark.parametrize("box", [Box(0, 0, 3, 3), Box(5, 5, 5, 90), Box(-9, -9, 900, 1300)])
def test_boxes_of_any_size_are_taken(photo_page, box):
    found = snapped_to(box, photo_page)
    assert np.isfinite(found.to_list()).all()


@pytest.mark.parametrize(
    ("gutter", "colour"),
    [
        *product((1, 3, 8, 14), (None, (20, 20, 20), (150, 30, 30))),
        *product((30, 55), ((20, 20, 20), (150, 30, 30))),
    ],
)
def test_a_box_around_a_grid_is_parted_at_its_gutters(draw_grid, gutter, colour):
    page, truth = draw_grid(columns=3, rows=2, gutter=gutter, colour=colour)
    whole = Box(truth[0].x0, truth[0].y0, truth[-1].x1, truth[-1].y1)
    parts = sorted(parted(whole, page, least=30), key=lambda b: (b.y0, b.x0))
    assert len(parts) == len(truth)
    assert max(off(part, true) for part, true in zip(parts, truth, strict=True)) <= 1


def test_a_photo_is_not_parted(photo_page):
    assert parted(TRUE, photo_page, least=30) == [TRUE]


def test_a_band_of_one_colour_is_no_gutter(photo_page):
    page = photo_page.copy()
    page[400:660, 400:450] = 240  # a wide pillar, not a strip between two photos
    assert parted(TRUE, page, least=30) == [TRUE]


def test_no_part_is_smaller_than_the_least(draw_grid):
    page, truth = draw_grid(columns=2, rows=1, gutter=4)
    whole = Box(truth[0].x0, truth[0].y0, truth[-1].x1, truth[-1].y1)
    assert parted(whole, page, least=250) == [whole]
