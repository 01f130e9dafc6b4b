from datetime import date

import numpy as np

from presslens.lab.evaluation.folios import ALL, FolioTrial, folio_measures
from presslens.lab.evaluation.headed_page import PrintedFolio, headed_page
from presslens.models.vocabulary import Folio

DAY = date(2024, 7, 27)
PRINTED = PrintedFolio(DAY, 3, "로동신문")


def read(day, number, name, sure=0.9):
    text = f"{day} {number} {name}"
    values = [value for each in (day, number, name) for value in (each, each and sure)]
    return Folio(text, *values)


TRIALS = (
    FolioTrial("clean", PRINTED, read(DAY, 3, "로 동 신문")),
    FolioTrial("clean", PRINTED, read(date(2024, 7, 21), None, "새 공장")),
    FolioTrial("bitonal", PRINTED, read(DAY, 3, "로동신문", sure=0.5)),
    FolioTrial("bitonal", PrintedFolio(None, None, None), read(DAY, 7, None)),
)


def test_what_is_read_right_wrong_and_not_is_counted_by_condition():
    rows = folio_measures(TRIALS, "by hand", total=True)
    found = {(m.data, m.what): (m.n, m.value) for m in rows}
    assert found["clean: day", "read right"] == (2, 0.5)
    assert found["clean: day", "read wrong"] == (2, 0.5)
    assert found["clean: day", "not read"] == (2, 0.0)
    assert found["clean: page number", "not read"] == (2, 0.5)
    assert found["clean: newspaper", "read right"] == (2, 0.5)
    assert found["clean: newspaper", "not read"] == (2, 0.5)
    assert found[f"{ALL}: day", "read right"] == (3, 2 / 3)


def test_doubts_without_a_reason_and_those_with_one_are_counted():
    rows = folio_measures(TRIALS, "by hand", total=False)
    found = {(m.data, m.what): (m.n, m.value) for m in rows}
    assert found["clean: pages", "doubted without a reason"] == (2, 0.5)
    # A page that prints nothing, on which a day is read, is wronged whatever its uploader says.
    assert found["bitonal: pages", "doubted without a reason"] == (2, 0.5)
    assert found["clean: day", "another one noticed"] == (2, 0.5)
    assert found["clean: newspaper", "another one noticed"] == (2, 0.5)
    assert found["bitonal: day", "another one noticed"] == (1, 0.0)


def test_a_seed_prints_the_same_page_in_each_condition():
    clean, grey = (headed_page(3, condition) for condition in ("clean", "grey"))
    assert clean.printed == grey.printed
    assert clean.pixels.shape == grey.pixels.shape == (2300, 1600, 3)
    assert np.array_equal(clean.pixels, headed_page(3, "clean").pixels)
    assert clean.printed != headed_page(4, "clean").printed
