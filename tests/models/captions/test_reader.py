import numpy as np
import pytest

from presslens.models.captions.reader import (
    NOBODY_SAID,
    TesseractReader,
    Unread,
    caption_reader,
    why_no_data,
)
from presslens.models.captions.strips import find_strips
from presslens.models.geometry import Box
from presslens.models.recipe import CaptionRules
from presslens.models.vocabulary import NotRead, TextSource, Transcript

RULES = CaptionRules(letter_height=36, timeout_s=20, sure=0.65, space=0.3)
READER = caption_reader(RULES)
KOREAN = ["ko"]


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
    READER.why_not(KOREAN) is not None,
    reason="the program tesseract with its Korean data is not installed",
)


def read_text(page, box, languages=KOREAN):
    return READER.read(page, box, languages).text


@needs_tesseract
@pytest.mark.parametrize("size", [13, 15, 20, 44])
@pytest.mark.parametrize(
    "text", ["마감작업이 한창인 현장", "새로 꾸린 생산현장에서", "현지를 돌아보고있는 일군들"]
)
def test_a_line_is_read_with_few_errors(bare, text, size):
    box = bare.write(100, 200, text, size=size)
    read = READER.read(bare.page, box, KOREAN)
    assert character_errors(read.text, text) <= 1
    assert read.source is TextSource.TESSERACT
    assert RULES.sure <= read.confidence <= 1
    assert read.not_read is None


@needs_tesseract
def test_the_words_of_a_korean_line_stay_whole(bare):
    line = "새로 꾸린 생산현장에서"
    boxes = [bare.write(100, 200 + 60 * i, line, size=15 + 3 * i) for i in range(8)]
    read = [(read_text(bare.page, box) or "").split() for box in boxes]
    whole = sum(word in words for words in read for word in line.split())
    assert whole >= 0.8 * 3 * len(boxes)


@needs_tesseract
def test_light_letters_on_a_dark_strip_are_read(bare):
    bare.plain(Box(80, 180, 600, 240), (20, 20, 30))
    box = bare.write(100, 200, "준공식장에 모인 군중", fill=(250, 250, 250), size=18)
    assert character_errors(read_text(bare.page, box) or "", "준공식장에 모인 군중") <= 1


@needs_tesseract
def test_the_caption_of_a_photo_is_found_and_read(sheet):
    sheet.photo(40, 100, 440, 400)
    lines = ["새로 일떠선 기계공장의 전경을", "돌아보고있는 기술자들과 로동자들"]
    for i, line in enumerate(lines):
        sheet.write(44, 406 + 22 * i, line, size=15)
    (strip,) = find_strips(sheet.printed, sheet.photos)
    printed = "".join(lines)
    read = read_text(sheet.page, strip.box)
    assert read is not None
    assert character_errors(read, printed) <= 0.1 * len(printed)


@needs_tesseract
def test_bare_paper_is_read_and_empty(bare):
    assert read_text(bare.page, Box(100, 100, 300, 140)) == ""


@needs_tesseract
@pytest.mark.parametrize(
    "box",
    [
        Box(10, 10, 10, 10), Box(2000, 2000, 2100, 2050), Box(-50, -50, -10, -10),
        Box(50, 50, 40, 45), Box(10, 10, 11, 11), Box(0, 500, 1000, 501),
        Box(-10, 100, 40, 130),
    ],
)  # fmt: skip
def test_odd_boxes_raise_nothing(sheet, box):
    assert read_text(sheet.page, box) in (None, "") or box.x0 < 0  # cut letters


@needs_tesseract
def test_what_takes_too_long_is_not_read(bare):
    box = bare.write(100, 200, "공장의 전경")
    hasty = TesseractReader(RULES.model_copy(update={"timeout_s": 0.001}), READER.packs)
    assert hasty.read(bare.page, box, KOREAN) == Transcript(not_read=NotRead.FAILED)


ENGLISH = "The leader visits a new factory near the capital"
KOREAN_TEXT = "새로 일떠선 기계공장의 전경을 돌아보고있는 기술자들"


@needs_tesseract
@pytest.mark.parametrize("text", [ENGLISH, KOREAN_TEXT])
def test_what_nobody_has_said_the_language_of_is_not_read(bare, text):
    read = READER.read(bare.page, bare.write(100, 200, text), [])
    assert read == Transcript(not_read=NotRead.NO_LANGUAGE)


@needs_tesseract
@pytest.mark.skipif(READER.why_not(["en"]) is not None, reason="Tesseract reads no English here")
def test_a_text_is_read_in_its_own_language_and_no_other(bare):
    english, korean = bare.write(100, 200, ENGLISH, size=18), bare.write(100, 300, KOREAN_TEXT)
    page = bare.page
    assert read_text(page, english, ["en"]) == ENGLISH
    assert character_errors(read_text(page, korean, ["en", "ko"]), KOREAN_TEXT) <= 2
    assert READER.read(page, korean, ["en"]) == Transcript(not_read=NotRead.UNSURE)
    assert READER.read(page, english, ["ko"]) == Transcript(not_read=NotRead.UNSURE)


def test_a_language_without_data_is_not_read_and_how_to_get_it_is_said(bare):
    reader = TesseractReader(RULES, frozenset({"kor"}))
    read = reader.read(bare.page, Box(0, 0, 100, 100), ["fa"])
    assert read == Transcript(not_read=NotRead.NO_READER)
    assert reader.why_not(["ko"]) is None
    missing = reader.why_not(["fa", "ko", "zh-TW"])
    assert missing.endswith("apt install tesseract-ocr-fas tesseract-ocr-chi-tra")
    assert reader.why_not([]) == NOBODY_SAID
    assert why_no_data(["tlh"], []) == "Tesseract does not read tlh"


def test_without_the_package_the_reader_says_so(monkeypatch, bare):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    reader = caption_reader(RULES)
    assert isinstance(reader, Unread)
    assert "pytesseract is not installed" in reader.why_not(KOREAN)
    assert "presslens[captions]" in reader.why_not(KOREAN)
    assert reader.why_not([]) == NOBODY_SAID
    nothing = reader.read(bare.page, Box(0, 0, 100, 100), KOREAN)
    assert nothing == Transcript(not_read=NotRead.NO_READER)


def test_without_the_program_the_reader_says_so(monkeypatch, tmp_path):
    pytest.importorskip("pytesseract")
    monkeypatch.setenv("PATH", str(tmp_path))
    reader = caption_reader(RULES)
    assert isinstance(reader, Unread)
    assert "apt install tesseract-ocr" in reader.why_not(KOREAN)


@needs_tesseract
def test_a_program_that_is_taken_away_later_is_no_error(monkeypatch, tmp_path, bare):
    box = bare.write(100, 200, "공장의 전경")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert READER.read(bare.page, box, KOREAN) == Transcript(not_read=NotRead.FAILED)


@needs_tesseract
def test_a_reader_travels_to_another_process():
    import pickle

    assert pickle.loads(pickle.dumps(READER)) == READER
    assert np.isfinite(READER.rules.letter_height)
