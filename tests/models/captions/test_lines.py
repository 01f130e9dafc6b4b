import numpy as np
import pytest

from presslens.models.captions.lines import lines_in, pieces_in, typography_of
from presslens.models.geometry import Box

WHOLE = Box(0, 0, 1000, 1400)


@pytest.mark.parametrize("size", [12, 16, 24])
def test_the_usual_line_is_known_by_its_height(bare, size):
    bare.column(40, 100, 12, size=size)
    bare.write(40, 20, "새 공장 준공", size=3 * size)
    assert bare.printed.letter == pytest.approx(size * 0.95, abs=0.15 * size)


def test_lines_come_from_top_to_bottom_with_their_ink(bare):
    boxes = [
        bare.write(60, 100 + 26 * i, text)
        for i, text in enumerate(("공장의 전경", "봄", "거리에서."))
    ]
    lines = lines_in(bare.printed, WHOLE)
    assert [line.box.pixels() for line in lines] == [
        pytest.approx(box.pixels(), abs=2) for box in boxes
    ]
    assert all(line.height == pytest.approx(15, abs=2) for line in lines)


def test_a_line_that_is_askew_is_one_line_as_high_as_its_letters(bare):
    for i in range(20):
        bare.write(40 + 40 * i, 100 + i, "공장")
        bare.write(40 + 40 * i, 124 + i, "거리")
    lines = lines_in(bare.printed, Box(0, 80, 1000, 130))
    assert lines[0].height < 20


def test_what_is_outside_the_band_is_cut_off(bare):
    bare.write(60, 100, "마감작업이 한창인 현장에서 일군들")
    (line,) = lines_in(bare.printed, Box(100, 90, 160, 130))
    assert line.box.x0 >= 100
    assert line.box.x1 <= 160
    assert lines_in(bare.printed, Box(100, 300, 160, 330)) == []
    assert pieces_in(bare.printed, Box(2000, 0, 2100, 50)) == []


@pytest.mark.parametrize(
    "box",
    [
        Box(40, 300, 640, 302),
        Box(500, 300, 502, 900),
        Box(40, 300, 640, 312),
        Box(40, 300, 540, 700),
    ],
    ids=["rule", "column rule", "bar", "panel"],
)
def test_rules_bars_and_panels_are_no_type(sheet, box):
    sheet.plain(box, (20, 20, 20))
    assert pieces_in(sheet.printed, box.padded(4)) == []


def test_photos_are_no_type(sheet):
    photo = sheet.photo(40, 40, 540, 440)
    assert pieces_in(sheet.printed, photo) == []


def test_a_bare_page_has_no_type():
    assert typography_of(np.zeros((300, 200), np.bool_), []) is None
