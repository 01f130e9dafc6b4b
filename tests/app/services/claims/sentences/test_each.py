"""Sentences that ask of several days or things, as one sentence for each."""

import pytest

from presslens.app.platform.language import language
from presslens.app.services.claims.sentences.each import sentences_of_each

from .test_reading import DAYS, read


@pytest.mark.parametrize(
    ("code", "sentence", "each"),
    [
        ("en", "Were there more than 100 photos on 16, 19 and 31 December?",
         [f"Were there more than 100 photos on {day} December 2025?" for day in (16, 19, 31)]),
        ("en", "Did children or fireworks appear on 16 December?",
         ["Did children appear on 16 December?", "Did fireworks appear on 16 December?"]),
        ("en", "Were crowds or children more frequent than usual on 16 or 19 December?",
         [f"Were {what} more frequent than usual on {day} December 2025?"
          for what in ("crowds", "children") for day in (16, 19)]),
        ("ko", "12월 16일과 19일에 사진이 100장이 넘었나?",
         [f"2025년 12월 {day}일에 사진이 100장이 넘었나?" for day in (16, 19)]),
        ("en", "Did fireworks appear on 16 December?", []),
    ],
)  # fmt: skip
def test_each_day_and_thing_has_a_sentence_that_is_read(code, sentence, each):
    found = sentences_of_each(read(sentence), DAYS, language(code).day)
    assert sorted(found) == sorted(each)
    assert all(read(one).question for one in found)
