from datetime import date

import pytest

from presslens.models.folios.calendar_words import calendar_words
from presslens.models.folios.folio import ReadPiece, folio_of
from presslens.models.geometry import Box
from presslens.models.vocabulary import Folio

WORDS = calendar_words("ko")
DAY = date(2024, 7, 27)


def piece(text, x, y=40, *, sure=0.96, height=24, foot=False):
    words = tuple((word, sure) for word in text.split())
    box = Box(x, y, x + len(text) * height / 2, y + height)
    return ReadPiece(words, box, 1600, foot)


def read(*pieces, sure=0.0):
    return folio_of(pieces, WORDS, sure=sure)


def test_words_that_are_not_made_out_are_left_out_and_a_doubtful_day_is_not():
    day = piece("2024년 7월 27일", 500, sure=0.5)
    folio = read(piece("로동신문", 60), day, piece("쁘나브", 1400, sure=0.3), sure=0.6)
    assert (folio.text, folio.day, folio.day_confidence) == ("로동신문", DAY, 0.45)
    noise = read(piece("브나", 60, height=90, sure=0.2), sure=0.6)
    assert noise == Folio("")


def test_a_page_number_in_digits_that_are_confused_is_not_taken():
    assert read(piece("2024년 7월 27일 토요일", 500), piece("۷", 60)).number is None
    assert read(piece("صفحه ۷", 60)).number is None
    assert read(piece("صفحه 7", 60)).number == 7


def test_pieces_that_run_from_the_right_are_read_in_their_order():
    weekday, day = piece("الخميس", 900), piece("4 أبريل 2024", 500)
    folio = folio_of([day, weekday], calendar_words("ar"))
    assert (folio.text, folio.day) == ("الخميس 4 أبريل 2024", date(2024, 4, 4))


def test_the_head_of_an_inner_page_is_read():
    folio = read(
        piece("주체113(2024)년 7월 27일 토요일", 500), piece("(3)", 60), piece("로동신문", 1400)
    )
    assert (folio.day, folio.number, folio.name) == (DAY, 3, "로동신문")
    assert folio.text == "(3) 주체113(2024)년 7월 27일 토요일 로동신문"
    assert folio.day_confidence > 0.99  # weekday and Juche year agree
    assert folio.number_confidence == pytest.approx(0.864)


def test_on_a_front_page_the_name_is_what_is_largest():
    folio = read(
        piece("로동신문", 60, 30, height=110),
        piece("1945년 11월 1일 창간", 700, 40),
        piece("2024년 7월 27일 토요일", 60, 170),
        piece("루계 제28266호", 500, 170),
        piece("새 공장 준공", 60, 240, height=50),
    )
    assert (folio.day, folio.number, folio.name) == (DAY, None, "로동신문")


@pytest.mark.parametrize(
    ("line", "least", "most"),
    [
        ("2024년 7월 27일 토요일", 0.98, 1.0),
        ("2024년 7월 27일", 0.86, 0.87),
        ("2024년 7월 27일 금요일", 0.0, 0.2),
        ("주체110(2024)년 7월 27일", 0.0, 0.2),
        ("온 나라가 들끓는 건설장의 하루하루 2024년 7월 27일", 0.0, 0.4),
    ],
)
def test_a_date_is_as_sure_as_what_confirms_it(line, least, most):
    folio = read(piece(line, 60))
    assert folio.day == DAY
    assert least <= folio.day_confidence <= most


def test_a_date_in_large_type_is_a_headline_s():
    folio = read(piece("2024년 7월 27일", 60, height=60))
    assert (folio.day_confidence or 1) < 0.5


def test_two_days_that_are_as_sure_leave_a_doubt():
    folio = read(piece("2024년 7월 27일", 60), piece("2024년 7월 20일", 60, 100))
    assert (folio.day_confidence or 1) < 0.5


@pytest.mark.parametrize(
    ("pieces", "number", "sure"),
    [
        ((piece("2025-01-01 견본일보 3면", 60),), 3, True),
        ((piece("Sat, July 27, 2024", 60), piece("Page 3", 1500)), 3, True),
        ((piece("2024년 7월 27일", 60), piece("27", 1500, 30, height=30)), 27, True),
        ((piece("3면", 60),), 3, False),
        ((piece("▶ 4면에서 계속", 60, foot=True),), None, False),
        ((piece("▶ 4 면 에서 계속", 60, foot=True),), None, False),
        ((piece("2024년 7월 27일 총 8면", 60),), None, False),
        ((piece("7", 60), piece("2024년 7월 27일", 500), piece("9", 1500)), None, False),
        ((piece("2024년 7월 27일", 60), piece("999", 1500)), None, False),
    ],
)
def test_page_numbers_stand_beside_the_day(pieces, number, sure):
    folio = read(*pieces)
    assert folio.number == number
    assert ((folio.number_confidence or 0) >= 0.8) is sure


def test_without_a_day_the_largest_type_is_no_sure_name():
    folio = read(piece("로동신문", 60, height=60, sure=1.0), piece("새 온실농장", 60, 200))
    assert folio.name == "로동신문"
    assert (folio.name_confidence or 1) < 0.8


def test_nothing_read_is_a_folio_without_anything():
    assert read() == Folio("")
    assert read(piece("", 60), piece("·", 90)) == Folio("·")
