import tomllib
from dataclasses import dataclass, field

import cv2
import numpy as np
import pytest

from presslens.models.geometry import Box
from presslens.models.loading import load_finder
from presslens.models.photos.finder import SegmentingFinder, distinct, reading_order
from presslens.models.photos.straightening import Straightening
from presslens.models.recipe import DEFAULT, PhotoRules, Recipe
from presslens.models.vocabulary import Frame

RULES = PhotoRules(**tomllib.loads(DEFAULT.read_text())["observe"]["photos"])

WHOLE = Box(100, 100, 500, 400)


def boxes(*frames):
    return [frame.box for frame in frames]


@pytest.mark.parametrize(
    ("other", "score", "kept"),
    [
        pytest.param(Box(104, 98, 505, 396), 0.5, [WHOLE], id="seen twice"),
        pytest.param(Box(500, 100, 900, 400), 0.5, [WHOLE, None], id="side by side"),
        pytest.param(Box(490, 100, 900, 400), 0.5, [WHOLE, None], id="a sliver in common"),
        pytest.param(Box(350, 250, 700, 500), 0.5, [WHOLE], id="across its corner"),
        pytest.param(Box(110, 290, 210, 390), 0.7, [WHOLE, None], id="an inset"),
        pytest.param(Box(110, 290, 210, 390), 0.6, [WHOLE], id="an inset that is hardly sure"),
        pytest.param(Box(100, 100, 300, 400), 0.5, [WHOLE], id="a half of it"),
        pytest.param(Box(0, 0, 1000, 1000), 0.7, [WHOLE, None], id="an inset of the other"),
        pytest.param(Box(90, 90, 620, 410), 0.5, [WHOLE], id="a group that it fills"),
        pytest.param(Box(100, 100, 300, 400), 0.95, [None], id="a surer half of it"),
    ],
)
def test_frames_that_can_not_stand_side_by_side(other, score, kept):
    found = distinct([Frame(WHOLE, 0.9), Frame(other, score)])
    assert boxes(*found) == [other if box is None else box for box in kept]


def test_the_group_goes_when_its_photos_are_surer():
    cells = [Frame(Box(100 + 200 * i, 100, 290 + 200 * i, 300), 0.8) for i in range(3)]
    group = Frame(Box(95, 95, 695, 305), 0.6)
    assert boxes(*distinct([group, *cells])) == boxes(*cells)


def test_reading_order_goes_row_by_row():
    at = [Box(300, 0, 400, 90), Box(0, 10, 200, 100), Box(0, 120, 100, 180), Box(250, 60, 290, 95)]
    found = reading_order([Frame(box, 1.0) for box in at])
    assert boxes(*found) == [at[1], at[3], at[0], at[2]]


@pytest.fixture
def find(told):
    """Give a function that refines the boxes that a segmenter is told to see on a page."""

    def refine(page, seen):
        finder = SegmentingFinder(told([Frame(b, 0.9) for b in seen]), RULES)
        found = finder.find(page)
        return boxes(*found.frames), found.skew

    return refine


@pytest.mark.parametrize("gutter", [1, 2, 4, 9, 14])
def test_boxes_seen_loosely_come_out_exact(find, draw_grid, gutter):
    page, truth = draw_grid(gutter=gutter)
    rng = np.random.default_rng(gutter)
    loose = [Box(*(np.array(b.to_list()) + rng.uniform(-4, 4, 4))) for b in truth]
    found, skew = find(page, loose)
    assert skew == 0
    assert len(found) == len(truth)
    for box, true in zip(found, truth, strict=True):
        assert np.abs(np.array(box.to_list()) - true.to_list()).max() <= 2


@pytest.mark.parametrize("angle", [-2.2, 0.8, 3.0])
def test_photos_of_a_turned_page_are_boxed_on_the_page_as_it_is(find, draw_grid, angle):
    page, truth = draw_grid(gutter=6)
    height, width = page.shape[:2]
    scan = Straightening.of_skew(-angle, width, height).applied(page)
    straight = Straightening.of_skew(angle, width, height)
    found, skew = find(scan, truth)
    assert skew == pytest.approx(angle, abs=0.11)
    assert len(found) == len(truth)
    for box, true in zip(found, reading_order([Frame(b, 1) for b in truth]), strict=True):
        assert box.iou(straight.around(true.box, width, height)) > 0.95


def test_photos_of_a_page_on_a_desk_are_boxed_where_they_lie(told, draw_grid, write_text):
    page, truth = draw_grid(columns=3, rows=3, gutter=10)
    for top in (40, 590):
        write_text(page, Box(60, top, 850, 110 if top == 40 else 1170), size=11)
    desk = np.full((1500, 1400, 3), (90, 60, 40), np.uint8)
    corners = np.array([[290, 120], [1180, 250], [1150, 1420], [160, 1300]], np.float64)
    straight = Straightening.of_quad(corners)
    on_page = np.diag([900 / straight.size[0], 1200 / straight.size[1], 1.0]) @ straight.matrix
    laid = cv2.warpPerspective(
        page, on_page, desk.shape[1::-1], flags=cv2.WARP_INVERSE_MAP | cv2.INTER_LINEAR,
        dst=desk, borderMode=cv2.BORDER_TRANSPARENT,
    )  # fmt: skip
    light = np.linspace(1.0, 0.85, 1400)[None, :, None]  # falls off to the right
    laid = (laid * light).astype(np.uint8)

    @dataclass
    class OnSheet:
        def find(self, image, *, size=None):
            x, y = image.shape[1] / 900, image.shape[0] / 1200
            seen = [Box(b.x0 * x, b.y0 * y, b.x1 * x, b.y1 * y) for b in truth]
            return [Frame(box, 0.9) for box in seen] if size is None else []

    found = SegmentingFinder(OnSheet(), RULES).find(laid)
    lying = Straightening(on_page, (900, 1200))
    true = reading_order([Frame(lying.around(b, 1400, 1500), 1.0) for b in truth])
    assert len(found.frames) == len(truth)
    assert found.skew == pytest.approx(8, abs=3)
    for frame in found.frames:
        best = max(true, key=lambda t: t.box.iou(frame.box))
        assert best.box.iou(frame.box) > 0.85
        assert frame.corners is not None
        assert frame.box.area > cv2.contourArea(np.array(frame.corners, np.float32))


def test_specks_are_no_photos(find, draw_grid):
    page, truth = draw_grid(columns=1, rows=1)
    least = RULES.min_side * page.shape[1]
    speck = Box(600, 700, 600 + least / 2, 790)
    assert find(page, [*truth, speck])[0] == truth


@pytest.mark.parametrize("tone", [255, 0], ids=["blank", "black"])
def test_the_real_segmenter_finds_nothing_on_an_empty_page(registry, tone):
    page = np.full((1200, 850, 3), tone, np.uint8)
    found = load_finder(Recipe.load(), registry).find(page)
    assert (found.frames, found.skew) == ((), 0.0)


def test_the_real_segmenter_finds_the_photos_of_a_grid_among_text(registry, draw_grid, write_text):
    page, truth = draw_grid(columns=3, rows=3, gutter=6)
    write_text(page, Box(100, 640, 750, 1150))
    found = load_finder(Recipe.load(), registry).find(page)
    assert len(found.frames) == len(truth)
    assert min(f.box.iou(t) for f, t in zip(found.frames, truth, strict=True)) > 0.9


@dataclass
class TwoSizes:
    """Sees a photo well on the small page only, and small frames there too, wrongly."""

    large: Box
    score: float = 0.8
    asked: list[int | None] = field(default_factory=list)

    def find(self, image, *, size=None):
        self.asked.append(size)
        if size is None:
            return []
        return [Frame(self.large, self.score), Frame(Box(700, 1000, 760, 1060), self.score)]


def test_large_photos_are_looked_for_on_a_smaller_page_too(paper, texture):
    page, large = paper(), Box(80, 100, 820, 900)
    page[100:900, 80:820] = texture(800, 740)
    segmenter = TwoSizes(Box(84, 97, 815, 905))
    found = SegmentingFinder(segmenter, RULES).find(page)
    assert boxes(*found.frames) == [large]
    assert sorted(segmenter.asked, key=str) == [RULES.coarse_size, None]


MIDDLING = Box(100, 100, 400, 350)
"""A box of 7 % of the page."""


def engraving(height, width):
    """Draw shaded lines."""
    tone = np.where(np.arange(width) // 2 % 2, 230, 20).astype(np.uint8)
    return np.broadcast_to(tone[None, :, None], (height, width, 3))


@pytest.mark.parametrize(
    ("score", "smooth", "taken"),
    [
        pytest.param(0.95, True, True, id="a photo in plain view"),
        pytest.param(0.8, True, False, id="one that is not sure"),
        pytest.param(0.95, False, False, id="an engraving"),
    ],
)
def test_a_middling_photo_is_taken_from_the_smaller_page_if_it_is_in_plain_view(
    paper, texture, *, score, smooth, taken
):
    page = paper()
    page[100:350, 100:400] = (texture if smooth else engraving)(250, 300)
    segmenter = TwoSizes(Box(102, 98, 399, 352), score)
    found = SegmentingFinder(segmenter, RULES).find(page)
    assert boxes(*found.frames) == ([MIDDLING] if taken else [])


@dataclass
class Certain:
    """Takes every picture for a photograph with one probability."""

    likely: float

    def probability(self, crop):
        return self.likely


@pytest.mark.parametrize(("likely", "taken"), [(0.7, True), (0.3, False)])
def test_a_photo_printed_coarsely_is_taken_if_the_second_look_is_sure(paper, likely, taken):
    page = paper()
    page[100:350, 100:400] = engraving(250, 300)
    segmenter = TwoSizes(Box(102, 98, 399, 352), 0.95)
    found = SegmentingFinder(segmenter, RULES, Certain(likely)).find(page).frames
    assert [frame.box.iou(MIDDLING) > 0.95 for frame in found] == [True] * taken


def test_a_photo_seen_on_both_pages_is_as_sure_as_on_the_better(paper, texture):
    page = paper()
    page[100:350, 100:400] = texture(250, 300)

    @dataclass
    class Half:
        def find(self, image, *, size=None):
            upper = Frame(Box(100, 100, 400, 222), 0.3)
            return [Frame(MIDDLING, 0.7)] if size else [upper, Frame(MIDDLING, 0.2)]

    assert boxes(*SegmentingFinder(Half(), RULES).find(page).frames) == [MIDDLING]


def test_what_was_found_on_the_larger_page_is_not_found_again_on_the_smaller(draw_grid):
    page, (left, right) = draw_grid(columns=2, rows=1, gutter=0, cell=(200, 200))

    @dataclass
    class Twice:
        def find(self, image, *, size=None):
            both = Box(left.x0, left.y0, right.x1, right.y1)
            return [Frame(both, 0.95)] if size else [Frame(left, 0.9), Frame(right, 0.9)]

    found = SegmentingFinder(Twice(), RULES).find(page)
    assert boxes(*found.frames) == [left, right]


def test_touching_photos_are_not_joined_because_the_smaller_page_shows_them_as_one(draw_grid):
    page, (left, right) = draw_grid(columns=2, rows=1, gutter=0, cell=(200, 200))

    @dataclass
    class Joined:
        def find(self, image, *, size=None):
            both = Box(left.x0, left.y0, right.x1, right.y1)
            seen = [Frame(left, 0.5), Frame(right, 0.5), Frame(both, 0.2)]
            return [Frame(both, 0.95)] if size else seen

    assert boxes(*SegmentingFinder(Joined(), RULES).find(page).frames) == [left, right]
