import cv2
import numpy as np
import pytest

from presslens.models.captions.lines import typography_of
from presslens.models.captions.strips import find_strips
from presslens.models.geometry import Box
from presslens.models.photos.paper import ink_mask
from presslens.models.vocabulary import CaptionPlace

CAPTION = "마감작업이 한창인 현장"
BELOW, ABOVE, BESIDE = CaptionPlace.BELOW, CaptionPlace.ABOVE, CaptionPlace.BESIDE


def found(sheet):
    return find_strips(sheet.printed, sheet.photos)


def same(box, other):
    return np.allclose(box.to_list(), other.to_list(), atol=2)


@pytest.mark.parametrize("lines", [1, 2, 3, 6])
def test_some_lines_under_a_photo_are_its_caption(sheet, lines):
    sheet.photo(40, 100, 440, 400)
    text = sheet.column(42, 406, lines, width=390, size=14)
    (strip,) = found(sheet)
    assert strip.place is BELOW
    assert same(strip.box, text)


@pytest.mark.parametrize("size", [12, 16, 20])
@pytest.mark.parametrize("x", [40, 120, 280])
def test_a_short_line_may_stand_anywhere_under_its_photo(sheet, x, size):
    sheet.photo(40, 100, 440, 400)
    text = sheet.write(x, 407, "공장의 전경", size=size)
    (strip,) = found(sheet)
    assert same(strip.box, text)


@pytest.mark.parametrize("gap", [22, 40], ids=["near", "far"])
def test_a_caption_ends_where_the_report_begins(sheet, gap):
    sheet.photo(40, 100, 440, 400)
    text = sheet.write(42, 405, CAPTION, size=13)
    sheet.column(40, int(text.y1) + gap, 12, width=400, size=17)
    (strip,) = found(sheet)
    assert same(strip.box, text)


NO_CAPTIONS = {
    "a report": (40, 440, [(40, 408, 12, 400)]),
    "columns side by side": (40, 640, [(40, 408, 3, 285), (350, 408, 3, 285)]),
    "wider than the photo": (240, 540, [(40, 408, 2, 800)]),
    "too far below": (40, 440, [(42, 430, 1, 250)]),
    "bare paper": (40, 440, []),
    "a report at the side": (40, 440, [(456, 90, 12, 300)]),
    "a longer one": (40, 440, [(456, 90, 18, 300)]),
}


@pytest.mark.parametrize(("left", "right", "columns"), NO_CAPTIONS.values(), ids=NO_CAPTIONS)
def test_what_is_no_caption(sheet, left, right, columns):
    sheet.photo(left, 100, right, 400)
    for x, y, lines, width in columns:
        sheet.column(x, y, lines, width=width)
    assert found(sheet) == [None]


def test_a_headline_under_a_photo_is_no_caption(sheet):
    sheet.photo(40, 100, 440, 400)
    sheet.write(42, 410, "준공식 성대히", size=40)
    assert found(sheet) == [None]


def test_text_that_runs_on_in_larger_type_is_a_report(sheet):
    sheet.photo(40, 100, 440, 400)
    end = 404.0
    for size in (14, 14, 19, 14, 14, 14, 14):
        end = sheet.column(42, round(end) + 3, 1, width=390, size=size).y1
    assert found(sheet) == [None]


def test_a_credit_in_smaller_type_close_under_a_caption_ends_it(sheet):
    sheet.photo(40, 100, 440, 400)
    caption = sheet.column(42, 406, 1, width=390, size=24)
    sheet.column(42, round(caption.y1) + 4, 1, width=150, size=17)
    (strip,) = found(sheet)
    assert strip.place is BELOW
    assert same(strip.box, caption)


def test_photos_in_a_row_have_a_caption_each(sheet):
    for x in (40, 344, 648):
        sheet.photo(x, 100, x + 300, 330)
    texts = [sheet.column(x + 2, 336, 1, width=290, size=14) for x in (40, 344, 648)]
    strips = found(sheet)
    assert all(s is not None and same(s.box, t) for s, t in zip(strips, texts, strict=True))


@pytest.mark.parametrize(
    ("y", "owner", "place"),
    [(405, 0, BELOW), (410, 0, BELOW), (421, 1, ABOVE)],
    ids=["nearer to the upper", "in the middle", "nearer to the lower"],
)
def test_between_two_photos_a_caption_is_the_nearer_one_s_else_the_upper_one_s(
    sheet, y, owner, place
):
    sheet.photo(40, 100, 440, 400)
    sheet.photo(40, 440, 440, 700)
    text = sheet.write(60, y, CAPTION, size=14)
    strips = found(sheet)
    assert [strip is not None for strip in strips] == [owner == 0, owner == 1]
    assert strips[owner].place is place
    assert same(strips[owner].box, text)


def test_stacked_photos_have_each_their_own(sheet):
    texts = []
    for y in (100, 350, 600):
        sheet.photo(40, y, 440, y + 220)
        texts.append(sheet.write(44, y + 224, CAPTION, size=14))
    strips = found(sheet)
    assert all(s is not None and same(s.box, t) for s, t in zip(strips, texts, strict=True))


@pytest.mark.parametrize("x", [448, 60], ids=["right", "left"])
def test_a_few_lines_alone_at_the_side_of_a_photo_are_its_caption(sheet, x):
    left = 40 if x > 400 else 250
    sheet.photo(left, 100, left + 400, 400)
    width = 160 if x > 400 else 184
    text = sheet.column(x, 300, 4, width=width, size=14)
    (strip,) = found(sheet)
    assert strip.place is BESIDE
    assert same(strip.box, text)


def test_a_strip_never_overlaps_a_photo_and_is_given_once(sheet):
    rng = np.random.default_rng(3)
    for i in range(6):
        x, y = 40 + 300 * (i % 3), 60 + 300 * (i // 3)
        sheet.photo(x, y, x + 290, y + 260)
        sheet.column(x + 2, y + int(rng.integers(262, 276)), 1, width=280, size=13)
    strips = [strip.box for strip in found(sheet) if strip is not None]
    assert len(strips) >= 4
    for i, box in enumerate(strips):
        assert all(box.intersection(photo) == 0 for photo in sheet.photos)
        assert all(box.intersection(other) == 0 for other in strips[:i])


@pytest.mark.parametrize("degrees", [-0.6, 0.6])
def test_a_page_that_is_askew_keeps_its_captions(sheet, degrees):
    box = sheet.photo(200, 300, 600, 600)
    sheet.column(204, 606, 2, width=390, size=14)
    turn = cv2.getRotationMatrix2D((500, 700), degrees, 1.0)
    page = cv2.warpAffine(sheet.page, turn, (1000, 1400), borderValue=(246, 242, 230))
    corners = np.array([[box.x0, box.y0, 1], [box.x1, box.y1, 1]]) @ turn.T
    moved = Box(*corners.ravel())
    printed = typography_of(ink_mask(page), [moved])
    assert printed is not None
    (strip,) = find_strips(printed, [moved])
    assert strip.place is BELOW
    assert 25 < strip.box.height < 55


def test_without_photos_there_is_nothing(sheet):
    assert find_strips(sheet.printed, []) == []
