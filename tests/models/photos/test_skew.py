from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from models.geometry import Box
from models.photos.skew import skew, turned, upright
from models.vocabulary import Image

Paper = Callable[..., Image]


@pytest.fixture
def text_page(paper: Paper, write_text: Callable[..., None]) -> Image:
    page = paper()
    for x in (60, 340, 620):
        write_text(page, Box(x, 100, x + 240, 1100))
    return page


@pytest.mark.parametrize("angle", [-4.3, -1.0, -0.3, 0.0, 0.4, 2.5, 4.5])
def test_the_turn_of_a_page_of_text_is_measured(text_page: Image, angle: float) -> None:
    assert skew(upright(text_page, -angle)) == pytest.approx(angle, abs=0.11)


def test_a_page_of_photos_alone_shows_its_turn_too(
    draw_grid: Callable[..., tuple[Image, list[Box]]],
) -> None:
    page, _ = draw_grid(columns=3, rows=5)
    assert skew(upright(page, -1.5)) == pytest.approx(1.5, abs=0.11)


@pytest.mark.parametrize("tone", [0, 128, 255])
def test_an_empty_page_is_upright(tone: int) -> None:
    assert skew(np.full((400, 300, 3), tone, np.uint8)) == 0


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (24, 24)])
def test_the_smallest_pages_are_upright(shape: tuple[int, int]) -> None:
    assert skew(np.zeros((*shape, 3), np.uint8)) == 0


def test_turned_undoes_upright() -> None:
    page = np.full((600, 400, 3), 255, np.uint8)
    page[200:300, 100:300] = 0
    scan = upright(page, -3.0)
    rows, columns = np.nonzero(scan[:, :, 0] < 128)
    seen = Box(columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    assert turned(Box(100, 200, 300, 300), 3.0, 400, 600).iou(seen) > 0.97
