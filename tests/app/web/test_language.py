"""Texts, numbers and days in the reader's language."""

import gettext

import pytest
from markupsafe import Markup

from presslens.app.platform.language import LANGUAGES, Language, choose_language, language
from presslens.models.message import Message, join_messages


def test_the_address_wins_over_the_choice_and_the_choice_over_the_browser():
    english = {"presslens_lang": "en"}
    for asked, cookies, accepted, code in (
        (None, {}, "", "en"), (None, {}, "ko-KR,ko;q=0.9,en;q=0.8", "ko"),
        (None, {}, "fr,de;q=0.5", "en"), (None, {}, "en;q=0.1, ko;q=0.9", "ko"),
        (None, {}, "ko;q=0, en", "en"), (None, english, "ko", "en"), ("ko", english, "en", "ko"),
        (None, {"presslens_lang": "../../etc"}, "", "en"),
    ):  # fmt: skip
        assert choose_language(asked, cookies, accepted) == code


@pytest.mark.parametrize("code", LANGUAGES)
def test_shares_are_written_to_what_they_can_tell(code):
    spoken = language(code)
    assert [spoken.percent(x) for x in (0.0, 0.0046, 0.25, 1.0, None)] == [
        "0%", "0.5%", "25%", "100%", "–",
    ]  # fmt: skip
    assert spoken.interval([0.08, 0.17]) == f"8{spoken.dash}17%"
    assert spoken.interval(None) == ""
    assert spoken.number(12345.678) == "12,345.7"
    assert spoken.number(3) == "3"


def test_days_are_written_as_each_language_writes_them():
    assert language("en").day("2025-12-16") == "16 December 2025"
    assert language("ko").day("2025-12-16") == "2025년 12월 16일"
    days = "2025-12-01", "2025-12-16"
    assert language("en").days(*days) == "1 December 2025 – 16 December 2025"
    assert language("ko").days(*days, "medium") == "2025. 12. 1.~2025. 12. 16."
    assert language("ko").days(days[0], days[0]) == "2025년 12월 1일"
    assert language("en").day("2025-12-01", "month") == "December 2025"
    assert language("en").day("2025-12-16", "weekday") == "Tuesday"


def test_plurals_are_those_of_the_language():
    spoken = language("en")
    counted = [spoken.plural("%(n)s photo", "%(n)s photos", n) for n in (0, 1, 1200)]
    assert counted == ["0 photos", "1 photo", "1,200 photos"]


def test_a_sentence_is_said_in_another_language_as_far_as_it_is_known(monkeypatch):
    catalogue = gettext.NullTranslations()
    known = {"%(n)s pages": "%(n)s쪽", "as before": "전과 같음"}
    monkeypatch.setattr(catalogue, "gettext", lambda text: known.get(text, text))
    spoken = Language("ko", catalogue)
    joined = join_messages([Message("%(n)s pages", n=8), Message("as before"), "unknown"])
    assert spoken.say(joined) == "8쪽; 전과 같음; unknown"
    assert spoken.say("") == ""


def test_a_korean_text_has_its_percent_sign_beside_the_number_and_stays_markup() -> None:
    said = language("ko").finished(Markup("<b>5 %</b>"))
    assert said == Markup("<b>5%</b>")
    assert isinstance(said, Markup)
