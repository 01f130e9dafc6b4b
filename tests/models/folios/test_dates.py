from datetime import date

import pytest

from presslens.models.folios.calendar import solar_day
from presslens.models.folios.calendar_words import calendar_words, folded_word
from presslens.models.folios.folio import printed_dates, printed_weekdays

WORDS = calendar_words("ko")


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
    ],
)
def test_dates_in_many_forms_are_found(line, day):
    assert [found.day for found in printed_dates(line, WORDS)] == [day]


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("fa", "پنجشنبه ۱۶ فروردین ۱۴۰۳"),
        ("fa", "پنج‌شنبه 16 فروردین 1403 - ۲۴ رمضان ۱۴۴۵ - 4 آوریل 2024"),
        ("fa", "شماره ۲۸۰۵، ۱۴۰۳/۰۱/۱۶ پنجشنبه"),
        ("ar", "الخميس ٢٥ رمضان ١٤٤٥ هـ - ٤ أبريل ٢٠٢٤ م"),
        ("ar", "الخميس 4 نيسان 2024"),
        ("ar", "الخميس 4 أبريل/ نيسان 2024"),
        ("zh", "2024年4月4日 星期四"),
        ("zh-Hant", "2024年4月4日星期四"),
        ("ja", "2024年(令和6年)4月4日(木曜日)"),
        ("ru", "Четверг, 4 апреля 2024 года"),
        ("el", "ΠΕΜΠΤΗ 4 ΑΠΡΙΛΙΟΥ 2024"),
        ("hi", "गुरुवार, ४ अप्रैल २०२४"),
        ("bn", "বৃহস্পতিবার ৪ এপ্রিল ২০২৪"),
        ("ne", "बिहिबार ४ अप्रिल २०२४"),
        ("de", "Donnerstag, 4. April 2024"),
        ("fr", "jeudi 4 avril 2024"),
        ("es", "Jueves 4 de abril de 2024"),
        ("pt", "Quinta-feira, 4 de abril de 2024"),
        ("vi", "Thứ Năm, ngày 4 tháng 4 năm 2024"),
    ],
)
def test_days_of_a_language_and_its_calendars_are_found_with_their_weekday(language, line):
    words = calendar_words(language)
    assert {found.day for found in printed_dates(line, words)} == {date(2024, 4, 4)}
    assert set(printed_weekdays(line, words)) == {3}


@pytest.mark.parametrize(
    ("lunar", "confirmed"),
    [("٢٥ رمضان ١٤٤٥", True), ("٢٤ رمضان ١٤٤٥", True), ("٢ رمضان ١٤٤٥", None)],
)
def test_a_lunar_day_confirms_a_date_and_is_none_by_itself(lunar, confirmed):
    words = calendar_words("ar")
    (found,) = printed_dates(f"{lunar} هـ - ٤ أبريل ٢٠٢٤ م", words)
    assert (found.day, found.confirmed) == (date(2024, 4, 4), confirmed)
    assert printed_dates(f"الخميس {lunar} هـ", words) == []


@pytest.mark.parametrize(
    ("year", "new_year"),
    [(1343, date(1964, 3, 21)), (1358, date(1979, 3, 21)), (1375, date(1996, 3, 20)),
     (1400, date(2021, 3, 21)), (1403, date(2024, 3, 20)), (1404, date(2025, 3, 21))],
)  # fmt: skip
def test_solar_years_begin_in_march(year, new_year):
    assert solar_day(year, 1, 1) == new_year


@pytest.mark.parametrize("day", [(1402, 12, 30), (1403, 7, 31), (1403, 13, 1), (1200, 1, 1)])
def test_days_that_no_solar_year_has_are_none(day):
    with pytest.raises(ValueError, match="no"):
        solar_day(*day)


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
        ("토 요 일", 5), ("10일 (수)", 2), ("Sat, June 16", 5),
    ],
)  # fmt: skip
def test_weekdays_are_found(line, weekday):
    assert set(printed_weekdays(line, WORDS)) == {weekday}


def test_a_language_that_nobody_knows_adds_no_words():
    assert calendar_words("tlh") == calendar_words("ko")
    assert folded_word("Févr.") == "fevr"
