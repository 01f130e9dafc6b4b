from __future__ import annotations

from dataclasses import replace

import pytest

from presslens.models.captions.captioning import captioned
from presslens.models.captions.reader import Unread
from presslens.models.geometry import Box
from presslens.models.scripted import BlockReader
from presslens.models.vocabulary import CaptionPlace, Frame, PageObservation, PhotoObservation

UNREAD = Unread("there is no reader here")


def seen_on(sheet) -> PageObservation:
    photos = tuple(
        PhotoObservation(Frame(box, 1.0), (), (), None)  # type: ignore[arg-type]
        for box in sheet.photos
    )
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
    seen = captioned(seen_on(set_page), set_page.page, BlockReader())
    left, right = seen.photos
    assert left.caption is not None
    assert left.caption.place is CaptionPlace.BELOW
    assert left.caption.text is not None
    assert right.caption is None
    assert [headline.photos for headline in seen.headlines] == [(0, 1)]


def test_a_drawn_photo_gets_its_own_caption_beside_the_others(set_page):
    both = seen_on(set_page)
    left, right = both.photos
    for drawn, beside, expected in ((left, right, True), (right, left, False)):
        alone = captioned(
            replace(both, photos=(drawn,)), set_page.page, BlockReader(), [beside.frame.box]
        )
        assert (alone.photos[0].caption is not None) == expected
        assert [headline.photos for headline in alone.headlines] == [(0,)]


def test_what_is_not_read_is_found_all_the_same_and_nothing_else_changes(set_page):
    read = captioned(seen_on(set_page), set_page.page, BlockReader())
    unread = captioned(seen_on(set_page), set_page.page, UNREAD)
    assert unread.photos[0].caption is not None
    assert unread.photos[0].caption == replace(read.photos[0].caption, text=None, source=None)
    assert [replace(h, text=None) for h in read.headlines] == list(unread.headlines)
    assert [p.frame for p in read.photos] == [p.frame for p in unread.photos]


def test_text_on_a_strip_inside_is_a_caption_where_there_is_none_outside(sheet):
    sheet.photo(40, 200, 540, 600)
    sheet.plain(Box(40, 570, 540, 600), (255, 255, 255))
    sheet.write(60, 578, "준공식장에 모인 군중", size=15)
    (photo,) = captioned(seen_on(sheet), sheet.page, UNREAD).photos
    assert photo.caption is not None
    assert photo.caption.place is CaptionPlace.INSIDE


def test_a_page_without_photos_has_no_headlines(sheet):
    sheet.write(200, 140, "준공식 성대히 진행", size=40)
    seen = seen_on(sheet)
    assert captioned(seen, sheet.page, UNREAD) == seen
