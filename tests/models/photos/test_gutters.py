from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from models.geometry import Box
from models.photos.gutters import PageEvidence
from models.photos.paper import ink_mask
from models.vocabulary import Image

DrawGrid = Callable[..., tuple[Image, list[Box]]]
Texture = Callable[..., Image]

LEAST = 27


def evidence_of(page: Image) -> PageEvidence:
    return PageEvidence.of(page, ink_mask(page), least=LEAST)


def around(boxes: list[Box], margin: float = 0) -> Box:
    return Box(
        min(b.x0 for b in boxes),
        min(b.y0 for b in boxes),
        max(b.x1 for b in boxes),
        max(b.y1 for b in boxes),
    ).padded(margin)


def assert_same(found: list[Box], expected: list[Box], within: float = 2) -> None:
    def corners(boxes: list[Box]) -> np.ndarray:
        rows = [(b.y0, b.x0, b.y1, b.x1) for b in boxes]
        return np.array(sorted(rows, key=lambda r: (round(r[0] / 20), r[1])))

    assert len(found) == len(expected)
    assert np.abs(corners(found) - corners(expected)).max() <= within


@pytest.mark.parametrize(
    ("colour", "gutter"),
    [
        *[(None, gutter) for gutter in (1, 2, 4, 8, 30)],
        *[((255, 255, 255), gutter) for gutter in (1, 2, 4, 8, 30)],
        *[((5, 5, 5), gutter) for gutter in (1, 2, 4, 8)],  # wider black is picture content
    ],
)
def test_a_grid_is_cut_into_its_frames(
    draw_grid: DrawGrid, colour: tuple[int, int, int] | None, gutter: int
) -> None:
    page, boxes = draw_grid(gutter=gutter, colour=colour)
    assert_same(evidence_of(page).split(around(boxes, 12)), boxes)


@pytest.mark.parametrize(("columns", "rows"), [(1, 1), (2, 1), (1, 4), (3, 5)])
def test_any_number_of_rows_and_columns(draw_grid: DrawGrid, columns: int, rows: int) -> None:
    page, boxes = draw_grid(columns=columns, rows=rows, gutter=3)
    assert_same(evidence_of(page).split(around(boxes)), boxes)


def test_rows_with_different_columns(paper: Callable[..., Image], texture: Texture) -> None:
    page = paper()
    boxes = [
        Box(100, 100, 500, 300),
        Box(504, 100, 700, 300),
        Box(100, 304, 250, 500),
        Box(254, 304, 700, 500),
    ]
    for seed, box in enumerate(boxes):
        x0, y0, x1, y1 = box.pixels()
        page[y0:y1, x0:x1] = texture(y1 - y0, x1 - x0, seed=seed)
    assert_same(evidence_of(page).split(around(boxes)), boxes)


def test_photos_that_touch_are_parted_where_the_tone_jumps(
    paper: Callable[..., Image], texture: Texture
) -> None:
    page = paper()
    page[100:300, 100:300] = texture(200, 200, seed=1, low=20, high=80)
    page[100:300, 300:500] = texture(200, 200, seed=2, low=120, high=180)
    found = evidence_of(page).split(Box(100, 100, 500, 300))
    assert_same(found, [Box(100, 100, 300, 300), Box(300, 100, 500, 300)])


@pytest.mark.parametrize("seed", range(5))
def test_one_photo_stays_whole(paper: Callable[..., Image], texture: Texture, seed: int) -> None:
    page = paper()
    page[100:500, 100:700] = texture(400, 600, seed=seed)
    assert_same(evidence_of(page).split(Box(90, 90, 710, 510)), [Box(100, 100, 700, 500)])


def test_a_horizon_and_a_pole_do_not_part_a_photo(
    paper: Callable[..., Image], texture: Texture
) -> None:
    page = paper()
    photo = texture(400, 600, seed=3, low=100, high=190)
    photo[250:] = texture(150, 600, seed=4, low=20, high=90)
    photo[60:300, 290:296] = 15  # ends inside the picture
    photo[240:262, 100:400] = texture(22, 300, seed=5, low=20, high=90)  # not straight all along
    page[100:500, 100:700] = photo
    found = evidence_of(page).split(Box(100, 100, 700, 500))
    assert_same(found, [Box(100, 100, 700, 500)])


def test_bare_paper_has_no_parts(paper: Callable[..., Image]) -> None:
    assert evidence_of(paper()).split(Box(100, 100, 500, 500)) == []


def test_parts_that_are_too_small_are_dropped(
    paper: Callable[..., Image], texture: Texture
) -> None:
    page = paper()
    page[100:300, 100:300] = texture(200, 200)
    page[310:330, 100:300] = texture(20, 200)
    assert_same(evidence_of(page).split(Box(100, 100, 300, 340)), [Box(100, 100, 300, 300)])


def test_a_region_beyond_the_page_is_cut_to_it(draw_grid: DrawGrid) -> None:
    page, boxes = draw_grid()
    found = evidence_of(page).split(Box(-500, -500, 5000, 5000))
    assert_same(found, boxes)


@pytest.mark.parametrize(
    "region", [Box(0, 0, 0, 0), Box(400, 400, 300, 300), Box(5000, 5000, 6000, 6000)]
)
def test_a_region_of_nothing_has_no_parts(draw_grid: DrawGrid, region: Box) -> None:
    page, _ = draw_grid()
    assert evidence_of(page).split(region) == []


def test_trimming_takes_paper_off_and_nothing_else(
    paper: Callable[..., Image], texture: Texture
) -> None:
    page = paper()
    page[100:300, 150:400] = texture(200, 250)
    assert evidence_of(page).trimmed(Box(40, 40, 600, 700)) == Box(150, 100, 400, 300)
