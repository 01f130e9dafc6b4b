from datetime import date

import cv2
import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from presslens.lab.training.photos.composer.letters import fonts
from presslens.models.captions.reader import why_not_tesseract
from presslens.models.folios.reader import TesseractFolios, UnreadFolios, folio_pieces, folio_reader
from presslens.models.geometry import Box
from presslens.models.recipe import FolioRules
from presslens.models.vocabulary import Folio

RULES = FolioRules()
needs_tesseract = pytest.mark.skipif(
    why_not_tesseract("kor") is not None, reason="Tesseract with its Korean data is not installed"
)


def headed(*lines, size=(1600, 2300)):
    """Return a page with lines of type: x, y, their size in pixels, and the text."""
    sheet = Pillow.new("RGB", size, (247, 246, 241))
    for x, y, height, text in lines:
        font = ImageFont.truetype(str(fonts()["korean"][0]), height)
        ImageDraw.Draw(sheet).text((x, y), text, font=font, fill=(30, 30, 30))
    return np.asarray(sheet)


HEAD = (
    (60, 40, 26, "3"),
    (560, 40, 26, "주체113(2024)년 7월 27일 토요일"),
    (1400, 40, 26, "로동신문"),
)


def boxes(page, *photos, skew=0.0):
    return [piece.box for piece in folio_pieces(page, photos, skew=skew, rules=RULES)]


def test_pieces_of_a_line_are_parted_where_the_paper_is_bare():
    number, day, name = sorted(boxes(headed(*HEAD)), key=lambda box: box.x0)
    assert number.width < 30
    assert (day.x0, day.width) == (pytest.approx(560, abs=4), pytest.approx(390, abs=40))
    assert name.x0 == pytest.approx(1400, abs=4)


def test_what_lies_in_photos_and_below_the_head_is_left_out():
    page = headed(*HEAD, (60, 600, 26, "학교에서 공장까지"))
    assert len(boxes(page, Box(1300, 0, 1600, 200))) == 2


def test_two_lines_that_touch_are_two_pieces():
    page = headed((60, 40, 26, "THE TIMES OF INDIA gy"), (60, 64, 26, "THURSDAY 1 FEBRUARY"))
    assert len(boxes(page)) == 2


def test_a_page_that_is_askew_is_read_upright():
    line = ((200, 120, 26, "주체113(2024)년 7월 27일 토요일" * 2),)
    turn = cv2.getRotationMatrix2D((800, 1150), -1.5, 1.0)  # clockwise
    askew = np.asarray(cv2.warpAffine(headed(*line), turn, (1600, 2300)), np.uint8)
    (straight,) = boxes(headed(*line))
    heights = [box.height for box in boxes(askew, skew=1.5) if box.width > 100]
    assert max(heights) <= 1.5 * straight.height


def test_bare_and_tiny_pages_have_no_pieces():
    assert boxes(headed()) == []
    assert boxes(np.full((30, 30, 3), 255, np.uint8)) == []


@needs_tesseract
def test_a_day_below_many_other_lines_is_read():
    above = [(60 + 200 * i, 20, 24, "새 공장") for i in range(7)]
    day = (60, 120, 26, "주체113(2024)년 7월 27일 토요일")
    assert TesseractFolios(RULES).read(headed(*above, day), [], skew=0.0).day == date(2024, 7, 27)


@needs_tesseract
def test_the_head_of_a_page_is_read():
    reader = folio_reader(RULES)
    assert isinstance(reader, TesseractFolios)
    folio = reader.read(headed(*HEAD), [], skew=0.0)
    assert (folio.day, folio.number, folio.name) == (date(2024, 7, 27), 3, "로동신문")
    assert reader.read(headed(), [], skew=0.0) == Folio("")
    hasty = TesseractFolios(RULES.model_copy(update={"timeout_s": 0.001}))
    assert hasty.read(headed(*HEAD), [], skew=0.0) == Folio()


def test_without_tesseract_the_reader_says_so(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    reader = folio_reader(RULES)
    assert isinstance(reader, UnreadFolios)
    assert "pytesseract is not installed" in reader.why_not
    assert reader.read(headed(*HEAD), [], skew=0.0) == Folio()
