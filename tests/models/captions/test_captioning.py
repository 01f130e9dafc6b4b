from dataclasses import replace

import numpy as np
import pytest

from presslens.models.captions.captioning import (
    captioned,
    find_headlines,
    find_inside,
    photo_groups,
)
from presslens.models.captions.reader import Unread
from presslens.models.geometry import Box
from presslens.models.scripted import BlockReader
from presslens.models.vocabulary import (
    CaptionPlace,
    Frame,
    NotRead,
    PageObservation,
    PhotoObservation,
)

KOREAN = ["ko"]
UNREAD = Unread("there is no reader here")


def seen_on(sheet):
    photos = tuple(PhotoObservation(Frame(box, 1.0), (), (), None) for box in sheet.photos)
    return PageObservation(sheet.width, sheet.height, photos)


@pytest.fixture
def set_page(sheet):
    """A page with a headline above two photos; the left one has a caption, the other none."""
    sheet.photo(40, 200, 440, 400)
    sheet.photo(450, 200, 850, 400)
    sheet.write(200, 140, "준공식 성대히 진행", size=40)
    sheet.write(44, 406, "공장의 전경", size=15)
    return sheet


def test_photos_get_their_captions_and_the_page_its_headlines(set_page):
    seen = captioned(seen_on(set_page), set_page.page, BlockReader(), KOREAN)
    left, right = seen.photos
    assert left.caption.place is CaptionPlace.BELOW
    assert left.caption.text is not None
    assert right.caption is None
    assert [headline.photos for headline in seen.headlines] == [(0, 1)]


def test_a_drawn_photo_gets_its_own_caption_beside_the_others(set_page):
    both = seen_on(set_page)
    left, right = both.photos
    for drawn, beside, expected in ((left, right, True), (right, left, False)):
        alone = captioned(
            replace(both, photos=(drawn,)),
            set_page.page,
            BlockReader(),
            KOREAN,
            beside=[beside.frame.box],
        )
        assert (alone.photos[0].caption is not None) == expected
        assert [headline.photos for headline in alone.headlines] == [(0,)]


def test_what_is_not_read_is_found_all_the_same_and_nothing_else_changes(set_page):
    read = captioned(seen_on(set_page), set_page.page, BlockReader(), KOREAN)
    unread = captioned(seen_on(set_page), set_page.page, UNREAD, KOREAN)
    assert unread.photos[0].caption is not None
    nothing = {"text": None, "source": None, "not_read": NotRead.NO_READER}
    assert unread.photos[0].caption == replace(read.photos[0].caption, **nothing)
    assert [replace(h, **nothing) for h in read.headlines] == list(unread.headlines)
    assert [p.frame for p in read.photos] == [p.frame for p in unread.photos]


def test_text_on_a_strip_inside_is_a_caption_where_there_is_none_outside(sheet):
    sheet.photo(40, 200, 540, 600)
    sheet.plain(Box(40, 570, 540, 600), (255, 255, 255))
    sheet.write(60, 578, "준공식장에 모인 군중", size=15)
    (photo,) = captioned(seen_on(sheet), sheet.page, UNREAD, KOREAN).photos
    assert photo.caption.place is CaptionPlace.INSIDE


def test_a_page_without_photos_has_no_headlines(sheet):
    sheet.write(200, 140, "준공식 성대히 진행", size=40)
    seen = seen_on(sheet)
    assert captioned(seen, sheet.page, UNREAD, KOREAN) == seen


HEADLINE = "준공식 성대히 진행"


def found(sheet):
    return find_headlines(sheet.printed, sheet.photos)


def grid(sheet, top=200):
    for x in (40, 344, 648):
        for y in (top, top + 204):
            sheet.photo(x, y, x + 300, y + 200)


def same(box, other):
    return np.allclose(box.to_list(), other.to_list(), atol=3)


@pytest.mark.parametrize("size", [28, 44, 70])
def test_large_type_above_a_group_is_its_headline(sheet, size):
    grid(sheet)
    text = sheet.write(250, 180 - size, HEADLINE, size=size)
    ((box, group),) = found(sheet)
    assert same(box, text)
    assert group == (0, 1, 2, 3, 4, 5)


def test_a_headline_of_two_lines(sheet):
    grid(sheet, 260)
    text = sheet.write(200, 100, HEADLINE, size=44).union(
        sheet.write(300, 170, "밤하늘을 수놓은 축포", size=44)
    )
    ((box, _),) = found(sheet)
    assert same(box, text)


def test_a_headline_may_be_wider_than_the_photo_under_it(sheet):
    sheet.photo(400, 200, 700, 400)
    text = sheet.write(200, 140, "새 공장 준공을 앞두고 마감공사 한창", size=44)
    assert text.x1 > 700
    ((box, group),) = found(sheet)
    assert same(box, text)
    assert group == (0,)


def test_two_photos_apart_under_one_headline_share_it(sheet):
    sheet.photo(40, 200, 340, 400)
    sheet.photo(640, 200, 940, 400)
    sheet.write(60, 140, "새 공장 준공을 앞두고 마감공사가 한창이다", size=44)
    ((_, group),) = found(sheet)
    assert group == (0, 1)


def test_one_line_of_small_type_may_stand_between(sheet):
    grid(sheet)
    sheet.write(250, 120, HEADLINE, size=44)
    sheet.write(400, 178, "본사기자 찍음", size=14)
    assert len(found(sheet)) == 1


@pytest.mark.parametrize("lines", [2, 3, 8])
def test_a_report_above_a_group_is_no_headline(sheet, lines):
    grid(sheet, 300)
    sheet.column(40, 290 - round(22.4 * lines), lines, width=900)
    assert found(sheet) == []


@pytest.mark.parametrize(("top", "y", "report"), [(300, 140, 4), (400, 200, 0)])
def test_a_headline_above_a_report_or_too_far_above_is_another_one_s(sheet, top, y, report):
    grid(sheet, top)
    sheet.write(250, y, HEADLINE, size=44)
    for _ in range(min(report, 1)):
        sheet.column(40, 210, report, width=900)
    assert found(sheet) == []


def test_groups_are_photos_that_lie_close_together():
    photos = [Box(0, 0, 10, 10), Box(50, 0, 60, 10), Box(12, 0, 20, 10), Box(0, 13, 10, 20)]
    assert sorted(photo_groups(photos, 4)) == [(0, 2, 3), (1,)]
    assert photo_groups([], 4) == []


CAPTION = "준공식장에 모인 군중"
PHOTO = (100, 100, 600, 500)


@pytest.mark.parametrize("edge", ["lower", "upper"])
@pytest.mark.parametrize(
    ("strip", "letters"),
    [
        ((255, 255, 255), (20, 20, 20)),
        ((15, 15, 20), (250, 250, 250)),
        ((160, 20, 20), (255, 255, 255)),
    ],
    ids=["white", "black", "red"],
)
def test_text_on_a_plain_strip_at_an_edge_is_a_caption(bare, edge, strip, letters):
    photo = bare.photo(*PHOTO)
    top = 470 if edge == "lower" else 100
    bare.plain(Box(100, top, 600, top + 30), strip)
    text = bare.write(120, top + 8, CAPTION, fill=letters)
    box = find_inside(bare.page, photo, 15)
    assert np.allclose(box.to_list(), text.to_list(), atol=2)


@pytest.mark.parametrize(
    ("plain", "letters"),
    [(0, None), (0, 478), (30, None), (250, None), (250, 108)],
    ids=["a photo", "letters on the picture", "a bare strip", "a bare sky", "letters in a sky"],
)
def test_what_is_no_caption_inside(bare, plain, letters):
    photo = bare.photo(*PHOTO)
    bare.plain(Box(100, 100, 600, 100 + plain), (200, 215, 235)) if plain else None
    if letters is not None:
        bare.write(120, letters, CAPTION, fill=(20, 20, 20) if plain else (255, 255, 255))
    assert find_inside(bare.page, photo, 15) is None


@pytest.mark.parametrize("box", [Box(0, 0, 5, 5), Box(0, 0, 1000, 12), Box(990, 0, 1100, 900)])
def test_small_and_cut_off_photos_have_none(bare, box):
    assert find_inside(bare.page, box, 15) is None
