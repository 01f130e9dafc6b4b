from __future__ import annotations

import tomllib
from collections.abc import Callable

import numpy as np
import pytest

from models.geometry import Box
from models.learned import grid_finder
from models.photos.finder import GridFinder, reading_order
from models.recipe import DEFAULT, PhotoRules, Recipe
from models.registry import Registry
from models.vocabulary import Frame, Image

DrawGrid = Callable[..., tuple[Image, list[Box]]]
Paper = Callable[..., Image]
Texture = Callable[..., Image]
Find = Callable[..., list[Frame]]

RULES = PhotoRules(**tomllib.loads(DEFAULT.read_text())["observe"]["photos"])


@pytest.fixture
def find(told_layout: Callable[..., object]) -> Find:
    """Give a function that finds photos with a layout model that sees the given boxes."""

    def run(page: Image, *pictures: Box) -> list[Frame]:
        finder = GridFinder(told_layout(pictures), RULES)  # type: ignore[arg-type]
        return finder.find(page)

    return run


def assert_frames(found: list[Frame], expected: list[Box], within: float = 2) -> None:
    """Check number, order and place."""
    assert len(found) == len(expected)
    for frame, box in zip(found, expected, strict=True):
        off = np.subtract(frame.box.to_list(), box.to_list())
        assert np.abs(off).max() <= within, (frame.box, box)


@pytest.mark.parametrize("gutter", [1, 2, 4, 8])
@pytest.mark.parametrize("seen", [True, False], ids=["layout sees one", "layout sees none"])
def test_a_grid_comes_out_as_its_frames(
    find: Find, draw_grid: DrawGrid, gutter: int, seen: bool
) -> None:
    page, boxes = draw_grid(gutter=gutter)
    whole = Box(boxes[0].x0 - 5, boxes[0].y0 - 5, boxes[-1].x1 + 5, boxes[-1].y1 + 5)
    assert_frames(find(page, *([whole] if seen else [])), boxes)


@pytest.mark.parametrize("width", [1, 3, 6])
def test_black_rules_part_photos(find: Find, draw_grid: DrawGrid, width: int) -> None:
    page, boxes = draw_grid(gutter=width, colour=(5, 5, 5))
    assert_frames(find(page), boxes)


def test_a_dense_page_of_small_photos(find: Find, draw_grid: DrawGrid) -> None:
    page, boxes = draw_grid(columns=5, rows=7, gutter=4, cell=(130, 140), corner=(100, 100))
    assert_frames(find(page, Box(95, 95, 775, 1110)), boxes)


def test_text_is_no_photo(
    find: Find, paper: Paper, write_text: Callable[..., None], texture: Texture
) -> None:
    page = paper()
    write_text(page, Box(60, 60, 420, 1140))
    write_text(page, Box(480, 500, 840, 1140), 22)
    page[60:400, 480:840] = texture(340, 360)
    assert_frames(find(page), [Box(480, 60, 840, 400)])


def test_an_empty_page_has_no_photos(find: Find, paper: Paper) -> None:
    assert find(paper()) == []


def test_a_photo_that_fills_the_page(find: Find, texture: Texture) -> None:
    page = texture(1200, 900, seed=2)
    assert_frames(find(page, Box(0, 0, 900, 1200)), [Box(0, 0, 900, 1200)])
    assert_frames(find(page), [Box(0, 0, 900, 1200)])


@pytest.mark.parametrize("seen", [True, False], ids=["layout sees it", "layout sees none"])
def test_a_night_sky_with_bright_sparks_stays_one_photo(
    find: Find, paper: Paper, seen: bool
) -> None:
    rng = np.random.default_rng(4)
    photo = rng.normal(14, 4, (500, 700, 3)).clip(0, 40)
    for _ in range(9):
        centre = rng.uniform((60, 60), (640, 300))
        for angle in rng.uniform(0, 2 * np.pi, 60):
            for r in np.arange(4, rng.uniform(30, 90), 1.5):
                x, y = (centre + r * np.array([np.cos(angle), np.sin(angle)])).astype(int)
                if 0 <= x < 698 and 0 <= y < 498:
                    photo[y : y + 2, x : x + 2] = (255, 250, 235)
    page = paper()
    page[200:700, 100:800] = photo.astype(np.uint8)
    box = Box(100, 200, 800, 700)
    assert_frames(find(page, *([box] if seen else [])), [box])


def test_a_pale_photo_is_taken_from_the_layout_model(
    find: Find, paper: Paper, texture: Texture
) -> None:
    page = paper()
    photo = texture(300, 400, seed=5)
    rng = np.random.default_rng(5)
    roofs = [*rng.integers(60, 220, 12), 20, *rng.integers(60, 220, 7)]  # one is a tower's
    for i, roof in enumerate(roofs):  # above them a sky as white as paper
        photo[:roof, 20 * i : 20 * i + 20] = page[:roof, 20 * i : 20 * i + 20]
    for x, y in rng.integers((0, 0), (380, 50), (30, 2)):  # with wisps of cloud
        photo[y : y + 6, x : x + 20] = 205
    page[200:500, 100:500] = photo
    (frame,) = find(page, Box(100, 200, 500, 500))
    assert frame.box.iou(Box(100, 200, 500, 500)) > 0.9


def test_where_layout_and_pixels_agree_the_score_is_the_layouts(
    find: Find, paper: Paper, texture: Texture
) -> None:
    page = paper()
    page[200:500, 100:500] = texture(300, 400)
    page[200:500, 550:850] = texture(300, 300)
    agreed, alone = find(page, Box(98, 199, 503, 502))
    assert agreed.score == 0.9
    assert alone.score == 0.5


def test_nothing_smaller_than_the_recipe_says(find: Find, paper: Paper, texture: Texture) -> None:
    page = paper()
    side = round(RULES.min_side * 900)
    page[100 : 100 + side - 4, 100:400] = texture(side - 4, 300)
    page[300 : 300 + side + 4, 100:400] = texture(side + 4, 300)
    assert_frames(find(page), [Box(100, 300, 400, 300 + side + 4)])


def test_boxes_lie_on_the_page_and_none_in_another(find: Find, draw_grid: DrawGrid) -> None:
    page, _ = draw_grid()
    frames = find(page, Box(-40, -40, 950, 1300), Box(90, 90, 500, 600))
    for frame in frames:
        assert frame.box == frame.box.clipped(900, 1200)
        assert 0 <= frame.score <= 1
        assert all(f is frame or frame.box.share_inside(f.box) < 0.5 for f in frames)


@pytest.mark.parametrize(
    "boxes",
    [
        [],
        [Box(0, 0, 9, 9)],
        [Box(0, 0, 10, 10), Box(20, 0, 30, 10), Box(0, 20, 10, 30), Box(20, 20, 30, 30)],
        [Box(0, 3, 10, 13), Box(20, 0, 30, 10), Box(40, 5, 50, 14)],  # a crooked row
        [Box(0, 0, 10, 30), Box(20, 2, 30, 12), Box(0, 40, 10, 50), Box(20, 38, 30, 52)],
    ],
    ids=["none", "one", "two rows", "crooked", "two columns of unlike photos"],
)
def test_reading_order(boxes: list[Box]) -> None:
    frames = [Frame(box, 0.5) for box in boxes]
    assert reading_order(frames[::-1]) == frames
    assert reading_order(frames[::2] + frames[1::2]) == frames


@pytest.mark.weights("layout")
def test_the_real_layout_model_sees_photos_between_text(
    registry: Registry, paper: Paper, texture: Texture, write_text: Callable[..., None]
) -> None:
    page = paper()
    write_text(page, Box(60, 60, 420, 1140))
    page[100:400, 480:840] = texture(300, 360, seed=1)
    page[404:700, 480:840] = texture(296, 360, seed=2)
    found = grid_finder(Recipe.load(), registry).find(page)
    assert_frames(found, [Box(480, 100, 840, 400), Box(480, 404, 840, 700)])
