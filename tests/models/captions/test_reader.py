import shutil
import subprocess

import numpy as np
import pytest

from presslens.models.captions.reader import TesseractReader, Unread, caption_reader
from presslens.models.captions.strips import find_strips
from presslens.models.geometry import Box
from presslens.models.recipe import CaptionRules

RULES = CaptionRules(language="kor", letter_height=36, timeout_s=20)


def languages():
    if shutil.which("tesseract") is None:
        return ""
    command = ["tesseract", "--list-langs"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def character_errors(read, printed):
    """Return how many letters must be put in, taken out or changed; spaces don't count."""
    read, printed = ("".join(text.split()) for text in (read, printed))
    row = list(range(len(printed) + 1))
    for i, mine in enumerate(read, start=1):
        diagonal, row[0] = row[0], i
        for j, theirs in enumerate(printed, start=1):
            changed = diagonal + (mine != theirs)
            diagonal, row[j] = row[j], min(changed, row[j] + 1, row[j - 1] + 1)
    return row[-1]


needs_tesseract = pytest.mark.skipif(
    "kor" not in languages().split(),
    reason="the program tesseract with its Korean data is not installed",
)


@pytest.fixture
def reader():
    pytest.importorskip("pytesseract", reason="the package pytesseract is not installed")
    found = caption_reader(RULES)
    assert isinstance(found, TesseractReader)
    assert found.why_not is None
    return found


@needs_tesseract
@pytest.mark.parametrize("size", [13, 15, 20, 44])
@pytest.mark.parametrize(
    "text", ["마감작업이 한창인 현장", "새로 꾸린 생산현장에서", "현지를 돌아보고있는 일군들"]
)
def test_a_line_is_read_with_few_errors(bare, reader, text, size):
    box = bare.write(100, 200, text, size=size)
    read = reader.read(bare.page, box)
    assert read is not None
    assert character_errors(read, text) <= 1


@needs_tesseract
def test_light_letters_on_a_dark_strip_are_read(bare, reader):
    bare.plain(Box(80, 180, 600, 240), (20, 20, 30))
    box = bare.write(100, 200, "준공식장에 모인 군중", fill=(250, 250, 250), size=18)
    assert character_errors(reader.read(bare.page, box) or "", "준공식장에 모인 군중") <= 1


@needs_tesseract
def test_the_caption_of_a_photo_is_found_and_read(sheet, reader):
    sheet.photo(40, 100, 440, 400)
    lines = ["새로 일떠선 기계공장의 전경을", "돌아보고있는 기술자들과 로동자들"]
    for i, line in enumerate(lines):
        sheet.write(44, 406 + 22 * i, line, size=15)
    (strip,) = find_strips(sheet.printed, sheet.photos)
    printed = "".join(lines)
    read = reader.read(sheet.page, strip.box)
    assert read is not None
    assert character_errors(read, printed) <= 0.1 * len(printed)


@needs_tesseract
def test_bare_paper_is_read_and_empty(bare, reader):
    assert reader.read(bare.page, Box(100, 100, 300, 140)) == ""


@needs_tesseract
@pytest.mark.parametrize(
    "box",
    [
        Box(10, 10, 10, 10), Box(2000, 2000, 2100, 2050), Box(-50, -50, -10, -10),
        Box(50, 50, 40, 45), Box(10, 10, 11, 11), Box(0, 500, 1000, 501),
        Box(-10, 100, 40, 130),
    ],
)  # fmt: skip
def test_odd_boxes_raise_nothing(sheet, reader, box):
    assert reader.read(sheet.page, box) in (None, "") or box.x0 < 0  # cut letters


@needs_tesseract
def test_what_takes_too_long_is_not_read(bare):
    pytest.importorskip("pytesseract")
    box = bare.write(100, 200, "공장의 전경")
    hasty = TesseractReader(RULES.model_copy(update={"timeout_s": 0.001}))
    assert hasty.read(bare.page, box) is None


def test_without_the_package_the_reader_says_so(monkeypatch, bare):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    reader = caption_reader(RULES)
    assert isinstance(reader, Unread)
    assert "pytesseract is not installed" in reader.why_not
    assert "presslens[captions]" in reader.why_not
    assert reader.read(bare.page, Box(0, 0, 100, 100)) is None


def test_without_the_program_the_reader_says_so(monkeypatch, tmp_path):
    pytest.importorskip("pytesseract")
    monkeypatch.setenv("PATH", str(tmp_path))
    reader = caption_reader(RULES)
    assert isinstance(reader, Unread)
    assert "apt install tesseract-ocr tesseract-ocr-kor" in reader.why_not


@needs_tesseract
def test_without_the_language_the_reader_says_so():
    pytest.importorskip("pytesseract")
    reader = caption_reader(RULES.model_copy(update={"language": "kor+xyz"}))
    assert isinstance(reader, Unread)
    assert "no data for xyz" in reader.why_not


@needs_tesseract
def test_a_program_that_is_taken_away_later_is_no_error(reader, monkeypatch, tmp_path, bare):
    box = bare.write(100, 200, "공장의 전경")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert reader.read(bare.page, box) is None


@needs_tesseract
def test_a_reader_travels_to_another_process(reader):
    import pickle

    assert pickle.loads(pickle.dumps(reader)) == reader
    assert np.isfinite(reader.rules.letter_height)
