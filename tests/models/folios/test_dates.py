from datetime import date

import pytest

from presslens.models.folios.calendar_words import calendar_words, folded_word
from presslens.models.folios.folio import printed_dates, printed_weekdays

WORDS = calendar_words("kor+ell+rus+ben+deu")


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("주체113(2024)년 7월 27일 토요일", date(2024, 7, 27)),
        ("주 체 113 (2024) 년 7 월 27 일 토 요 일", date(2024, 7, 27)),
        ("로동신문 2024년 7월 27일 3면", date(2024, 7, 27)),
        ("주체87년 9월 9일", date(1998, 9, 9)),
        ("2024年 7月 27日", date(2024, 7, 27)),
        ("2025-01-31   견본일보   3면", date(2025, 1, 31)),
        ("2024. 7. 9. 화", date(2024, 7, 9)),
        ("2024 7 9 화", date(2024, 7, 9)),
        ("27.07.2024", date(2024, 7, 27)),
        ("27/07/2024", date(2024, 7, 27)),
        ("Saturday 27 July 2024", date(2024, 7, 27)),
        ("THURSDAY, FEBRUARY 1, 2018", date(2018, 2, 1)),
        ("Sat, June 16, Juche 107(2018)", date(2018, 6, 16)),
        ("on the 27th of July 2024", date(2024, 7, 27)),
        ("ΣΑΒΒΑΤΟ 6 ΔΕΚΕΜΒΡΙΟΥ 2025", date(2025, 12, 6)),
        ("суббота, 27 июля 2024 г.", date(2024, 7, 27)),
        ("কলকাতা শুক্রবার ১৫ নভেম্বর ২০১৯", date(2019, 11, 15)),
        ("Samstag, 27. Juli 2024", date(2024, 7, 27)),
    ],
)
def test_dates_of_many_languages_are_found(line, day):
    assert [found.day for found in printed_dates(line, WORDS)] == [day]


@pytest.mark.parametrize(
    "line",
    [
        "", "7월 27일", "2024년 13월 27일", "2023년 2월 29일", "제28266호 2024", "07/06/2024",
        "12024-07-27", "1024년 7월 27일", "1945년 11월 1일 창간", "음력 2024년 6월 22일",
        "founded 1 November 1945", "27 Juice 2024", "3 4 2024",
    ],
)  # fmt: skip
def test_what_is_no_date_of_the_newspaper_is_left_out(line):
    assert printed_dates(line, WORDS) == []


def test_a_juche_year_confirms_a_date_or_does_not():
    line = "주체113(2024)년 7월 27일, 주체113(2021)년 7월 27일, 2024년 7월 28일"
    assert [found.confirmed for found in printed_dates(line, WORDS)] == [True, False, None]


@pytest.mark.parametrize(
    ("line", "weekday"),
    [
        ("7월 27일 토요일", 5),
        ("토 요 일", 5), ("10일 (수)", 2), ("Sat, June 16", 5), ("ΤΡΙΤΗ 30", 1),
        ("শুক্রবার", 4),
    ],
)  # fmt: skip
def test_weekdays_are_found(line, weekday):
    assert set(printed_weekdays(line, WORDS)) == {weekday}


def test_a_language_that_nobody_knows_adds_no_words():
    assert calendar_words("xyz_nowhere") == calendar_words("kor")
    assert folded_word("Févr.") == "fevr"
