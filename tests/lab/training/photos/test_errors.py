import numpy as np
import pytest
from PIL import Image as Pillow

from presslens.lab.training.photos.errors import FALSE, MISSED, PIXELS, RIGHT, contact_sheet
from presslens.lab.training.photos.evaluate import evaluate_pages
from presslens.lab.training.photos.pages import LabelledPage
from presslens.models.geometry import Box
from presslens.models.vocabulary import Frame

HERE, THERE, NOWHERE = Box(20, 20, 120, 120), Box(150, 20, 220, 120), Box(20, 200, 120, 280)


def found(tmp_path, boxes, count=1):
    path = tmp_path / "page_01.png"
    Pillow.fromarray(np.full((350, 240, 3), 250, np.uint8)).save(path)
    page = LabelledPage("a set", path, (HERE, THERE), ())
    return evaluate_pages([page] * count, lambda _page: [Frame(box, 0.9) for box in boxes])


def shows(sheet, colour):
    return bool((sheet == np.array(colour, np.uint8)).all(axis=2).any())


@pytest.mark.parametrize(
    ("boxes", "colours"),
    [
        ([HERE], {RIGHT, MISSED}),
        ([HERE, THERE, NOWHERE], {RIGHT, FALSE}),
        ([NOWHERE], {FALSE, MISSED}),
        ([], {MISSED}),
    ],
)
def test_a_page_with_an_error_shows_what_is_right_and_wrong(tmp_path, boxes, colours):
    sheet = contact_sheet(found(tmp_path, boxes))
    assert sheet is not None
    assert {colour for colour in (RIGHT, FALSE, MISSED) if shows(sheet, colour)} == colours


def test_only_pages_with_errors_are_shown(tmp_path):
    right = found(tmp_path, [HERE, THERE])
    wrong = found(tmp_path, [HERE])
    assert contact_sheet(right) is None
    one, both = contact_sheet(wrong), contact_sheet([*right, *wrong])
    assert one is not None
    assert both is not None
    assert np.array_equal(one, both)


@pytest.mark.parametrize("count", [2, 7, 150])
def test_a_sheet_has_a_tile_for_each_page_and_no_end_of_pixels(tmp_path, count):
    sheet = contact_sheet(found(tmp_path, [HERE], count))
    assert sheet.shape[0] * sheet.shape[1] <= PIXELS
    assert sheet.dtype == np.uint8
