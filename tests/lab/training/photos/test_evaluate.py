import numpy as np
import pytest
from PIL import Image as Pillow

from presslens.lab.training.photos.evaluate import evaluate_pages, measures
from presslens.lab.training.photos.pages import LabelledPage
from presslens.models.geometry import Box
from presslens.models.vocabulary import Frame

A, B = Box(0, 0, 100, 100), Box(200, 0, 300, 100)
PANEL, CUTOUT = Box(0, 200, 100, 300), Box(200, 200, 300, 300)


@pytest.fixture
def pages(tmp_path):
    Pillow.fromarray(np.zeros((400, 400, 3), np.uint8)).save(tmp_path / "page.png")
    path = tmp_path / "page.png"
    return [
        LabelledPage("a set", path, (A, B), (CUTOUT,), held_out=True, distractors=(PANEL,)),
        LabelledPage("a set", path, (A,), (), held_out=True),
    ]


def find(page):
    assert page.shape == (400, 400, 3)
    return [Frame(A, 0.9), Frame(CUTOUT, 0.8), Frame(PANEL, 0.7)]


def test_pages_are_compared_with_what_is_found_on_them(pages):
    first, second = evaluate_pages(pages, find)
    assert (first.score.labelled, first.score.detected, first.score.matched) == (2, 2, 1)
    assert first.score.distracted == 1
    assert (second.score.labelled, second.score.detected, second.score.matched) == (1, 3, 1)
    assert second.detections == tuple(find(pages[1].image()))


def test_measures_name_data_n_and_how(pages):
    rows = measures("a set", evaluate_pages(pages, find), method="by hand")
    assert {row.station for row in rows} == {"photos"}
    assert {row.data for row in rows} == {"a set, 2 pages"}
    assert {row.method for row in rows} == {"by hand"}
    assert {row.n for row in rows if row.what != "distractors found"} == {3}
    values = {row.what: row.value for row in rows}
    assert values["recall at IoU 0.5"] == pytest.approx(2 / 3)
    assert values["F1 at IoU 0.5"] == pytest.approx(2 * 2 / (3 + 5))
    assert values["F1 at IoU 0.75"] == values["F1 at IoU 0.5"]
    assert values["false photos"] == 3
    assert values["AP at IoU 0.5-0.95"] == pytest.approx(67 / 101)
    assert [row.n for row in rows if row.what == "distractors found"] == [1]
    interval = next(row.interval for row in rows if row.what == "F1 at IoU 0.5")
    assert interval[0] <= values["F1 at IoU 0.5"] <= interval[1]


def test_without_photos_there_is_no_average_precision(pages):
    bare = LabelledPage("bare", pages[0].path, (), ())
    rows = measures("bare", evaluate_pages([bare], find), method="by hand")
    assert "AP at IoU 0.5-0.95" not in {row.what for row in rows}
    assert {row.value for row in rows if row.what == "false photos"} == {3}
