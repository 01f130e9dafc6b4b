from datetime import date

import cv2
import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from presslens.lab.training.photos.composer.letters import fonts
from presslens.models.folios.reader import TesseractFolios, UnreadFolios, folio_pieces, folio_reader
from presslens.models.geometry import Box
from presslens.models.recipe import FolioRules
from presslens.models.vocabulary import Folio

RULES = FolioRules()
READER = folio_reader(RULES)
needs_tesseract = pytest.mark.skipif(
    READER.why_not(["ko"]) is not None, reason="Tesseract with its Korean data is not installed"
)


NANUM = fonts()["korean"][0]
DEJAVU = next(path for path in fonts()["latin"] if path.name == "DejaVuSans.ttf")


def headed(*lines, size=(1600, 2300), font=NANUM):
    """Return a page with lines of type: x, y, their size in pixels, and the text."""
    sheet = Pillow.new("RGB", size, (247, 246, 241))
    for x, y, height, text in lines:
        type_ = ImageFont.truetype(str(font), height)
        ImageDraw.Draw(sheet).text((x, y), text, font=type_, fill=(30, 30, 30))
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
    assert READER.read(headed(*above, day), [], ["ko"], skew=0.0).day == date(2024, 7, 27)


@needs_tesseract
def test_the_head_of_a_page_is_read():
    folio = READER.read(headed(*HEAD), [], ["ko"], skew=0.0)
    assert (folio.day, folio.number, folio.name) == (date(2024, 7, 27), 3, "로동신문")
    assert READER.read(headed(), [], ["ko"], skew=0.0) == Folio("")
    hasty = TesseractFolios(RULES.model_copy(update={"timeout_s": 0.001}), READER.packs)
    assert hasty.read(headed(*HEAD), [], ["ko"], skew=0.0) == Folio()


@needs_tesseract
@pytest.mark.parametrize("languages", [[], ["tlh"]])
def test_a_head_in_a_language_that_is_not_known_is_not_read(languages):
    assert READER.read(headed(*HEAD), [], languages, skew=0.0) == Folio()


HEADS = (
    ("en", "latin", "THURSDAY, APRIL 4, 2024", "Page 7"),
    ("de", "latin", "Donnerstag, 4. April 2024", "Seite 7"),
    ("fr", "latin", "Jeudi 4 avril 2024", "Page 7"),
    ("es", "latin", "Jueves 4 de abril de 2024", "Página 7"),
    ("vi", "latin", "Thứ Năm, ngày 4 tháng 4 năm 2024", "Trang 7"),
    ("ru", "latin", "Четверг, 4 апреля 2024 года", "стр. 7"),
    ("el", "latin", "Πέμπτη 4 Απριλίου 2024", "Σελίδα 7"),
)


@pytest.mark.parametrize(("language", "script", "day", "number"), HEADS)
def test_heads_of_many_languages_are_read(language, script, day, number):
    if (why_not := READER.why_not([language])) is not None:
        pytest.skip(why_not)
    page = headed((60, 40, 30, day), (1300, 40, 30, number), font=DEJAVU)
    folio = READER.read(page, [], [language], skew=0.0)
    assert (folio.day, folio.number) == (date(2024, 4, 4), 7)


def test_without_tesseract_the_reader_says_so(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    reader = folio_reader(RULES)
    assert isinstance(reader, UnreadFolios)
    assert "pytesseract is not installed" in reader.why_not(["ko"])
    assert reader.read(headed(*HEAD), [], ["ko"], skew=0.0) == Folio()
