import numpy as np
import pytest

from presslens.models.photos.finder_errors import (
    CELLS,
    CONDITIONS,
    PageCondition,
    detection_cells,
    load_finder_errors,
    page_condition,
)
from presslens.models.vocabulary import PageTraits


def traits(**changes):
    usual = {
        "skew": 0.0, "dpi": 150, "colour": False, "halftone": False, "bitonal": False,
        "photographed": False, "brightness": 0.8, "ink_share": 0.3, "text_share": 0.2,
        "column_width": None,
    }  # fmt: skip
    return PageTraits(**(usual | changes))


@pytest.mark.parametrize(
    ("changes", "condition"),
    [
        ({"colour": True}, PageCondition.COLOUR),
        ({}, PageCondition.GREY),
        ({"halftone": None}, PageCondition.GREY),
        ({"halftone": True}, PageCondition.SCREENED),
        ({"halftone": True, "dpi": 60}, PageCondition.COARSE),
        ({"skew": -1.2, "colour": True}, PageCondition.TILTED),
        ({"bitonal": True, "halftone": True, "skew": 2.0}, PageCondition.BITONAL),
        ({"bitonal": None, "photographed": None}, PageCondition.GREY),
        ({"photographed": True, "bitonal": True, "skew": 9.0}, PageCondition.PHOTOGRAPHED),
    ],
)
def test_a_page_tells_its_condition(changes, condition):
    assert page_condition(traits(**changes)) is condition


def test_photos_are_counted_by_size_and_score():
    cells = detection_cells([0.005, 0.02, 0.3, 0.3], [0.3, 0.5, 0.9, 0.95])
    assert cells == [1, 0, 0, 0, 1, 0, 0, 0, 2]


def test_the_learned_errors_are_those_of_a_finder_that_is_mostly_right():
    errors = load_finder_errors()
    assert errors.false_odds.shape == (len(CONDITIONS), CELLS)
    assert errors.missed_weights.sum() == pytest.approx(1, abs=1e-3)
    assert errors.false_weights.sum() == pytest.approx(1, abs=1e-3)
    surest = errors.false_odds[:, [5]]
    assert (surest < 0.05).all()
    assert (errors.false_odds[:, 0] > surest[:, 0]).all()
    found = np.zeros((1, CELLS))
    found[0, 5] = 20
    assert 0 < errors.missed(np.array([0]), found).sum() < 2
