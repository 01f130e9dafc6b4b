from dataclasses import replace
from datetime import date

import pytest

from presslens.models.vocabulary import Folio
from presslens.pipelines.statistics.folio_checks import UploadedPage, mismatches, read_together

DAY = date(2024, 7, 27)
NAMES = {"Rodong Sinmun": ["Rodong Sinmun", "로동신문"], "Minju Choson": ["민주조선"]}
PAGE = UploadedPage(3, DAY, NAMES["Rodong Sinmun"], {"Minju Choson": NAMES["Minju Choson"]})
FOLIO = Folio("3 2024년 7월 27일 로동신문", DAY, 0.9, 3, 0.9, "로동신문", 0.9)
OTHER = replace(FOLIO, text="3 2024년 7월 27일 민주 조선", name="민주 조선")


def test_a_page_that_is_what_it_was_uploaded_as_is_not_doubted():
    assert mismatches(FOLIO, PAGE) == ()


@pytest.mark.parametrize("folio", [None, Folio(), Folio(""), Folio("새 공장")])
def test_what_is_not_read_is_not_doubted(folio):
    assert mismatches(folio, PAGE) == ()


@pytest.mark.parametrize(
    ("folio", "message"),
    [
        (
            replace(FOLIO, day=date(2024, 7, 26)),
            "the page reads 2024-07-26, this edition is of 2024-07-27",
        ),
        (replace(FOLIO, number=5), "the page reads number 5, it is page 3 of this edition"),
        (OTHER, "the page reads Minju Choson, this edition is of Rodong Sinmun"),
    ],
)
def test_what_is_surely_another_is_said(folio, message):
    assert mismatches(folio, PAGE) == (message,)


@pytest.mark.parametrize(
    "folio",
    [
        replace(FOLIO, day=date(2024, 7, 26), day_confidence=0.79),
        replace(FOLIO, number=5, number_confidence=0.7),
        replace(OTHER, name_confidence=0.5),
        replace(OTHER, text="민주 조선 | 로몽신문"),  # its own name, misread, is there too
        replace(FOLIO, text="평론", name="평론"),
    ],
)
def test_what_is_not_sure_is_not_said(folio):
    assert mismatches(folio, PAGE) == ()


def test_several_pages_that_read_one_day_are_surer_of_it_than_one():
    another = replace(FOLIO, day=date(2024, 7, 26), day_confidence=0.79)
    unread, poor = Folio(), replace(another, day_confidence=0.6)
    read = read_together([another, FOLIO, None, another, unread, poor])
    assert [f and f.day_confidence for f in read] == pytest.approx(
        [1 - 0.21**2, 0.9, None, 1 - 0.21**2, None, 0.6]
    )
    said = "the page reads 2024-07-26, this edition is of 2024-07-27"
    assert [mismatches(f, PAGE) for f in read] == [(said,), (), (), (said,), (), ()]
    assert mismatches(read_together([another, FOLIO])[0], PAGE) == ()


def test_without_a_day_and_a_newspaper_there_is_nothing_to_compare():
    assert mismatches(replace(OTHER, day=date(1999, 1, 1)), UploadedPage(3)) == ()
