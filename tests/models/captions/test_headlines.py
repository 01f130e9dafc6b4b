from __future__ import annotations

import numpy as np
import pytest

from presslens.models.captions.headlines import find_headlines, photo_groups
from presslens.models.geometry import Box

HEADLINE = "준공식 성대히 진행"


def found(sheet):
    return find_headlines(sheet.printed, sheet.photos)


def grid(sheet, top: int = 200) -> None:
    for x in (40, 344, 648):
        for y in (top, top + 204):
            sheet.photo(x, y, x + 300, y + 200)


def same(box: Box, other: Box) -> bool:
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


def test_a_headline_with_a_report_between_is_another_one_s(sheet):
    grid(sheet, 300)
    sheet.write(250, 140, HEADLINE, size=44)
    sheet.column(40, 210, 4, width=900)
    assert found(sheet) == []


def test_a_headline_too_far_above_is_another_one_s(sheet):
    grid(sheet, 400)
    sheet.write(250, 200, HEADLINE, size=44)
    assert found(sheet) == []


def test_groups_are_photos_that_lie_close_together():
    photos = [Box(0, 0, 10, 10), Box(50, 0, 60, 10), Box(12, 0, 20, 10), Box(0, 13, 10, 20)]
    assert sorted(photo_groups(photos, 4)) == [(0, 2, 3), (1,)]
    assert photo_groups([], 4) == []
