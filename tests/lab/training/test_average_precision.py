import pytest

from presslens.lab.training.average_precision import THRESHOLDS, DetectedImage, average_precision
from presslens.models.geometry import Box
from presslens.models.vocabulary import Frame

A, B, C = Box(0, 0, 100, 100), Box(200, 0, 300, 100), Box(0, 200, 100, 300)
FALSE = Box(600, 600, 700, 700)


def page(found, labelled, ignored=()):
    return DetectedImage([Frame(box, score) for box, score in found], labelled, ignored)


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        ([page([(A, 0.9), (B, 0.8)], [A, B])], 1.0),
        ([page([], [A, B])], 0.0),
        ([page([(FALSE, 0.9)], [A])], 0.0),
        # a false frame after all true ones costs nothing, one before them halves the precision
        ([page([(A, 0.9), (FALSE, 0.1)], [A])], 1.0),
        ([page([(A, 0.1), (FALSE, 0.9)], [A])], 0.5),
        # half of the photos: recalls 0, 0.01, ... 0.5 are reached, 51 of 101 points
        ([page([(A, 0.9)], [A, B])], 51 / 101),
        # frames of all pages are ranked together
        ([page([(A, 0.9)], [A]), page([(FALSE, 0.8), (B, 0.7)], [B])], (51 + 50 * 2 / 3) / 101),
        # a second frame on one photo is false
        ([page([(A, 0.9), (A, 0.8), (B, 0.7)], [A, B])], (51 + 50 * 2 / 3) / 101),
        ([page([(FALSE, 0.9), (A, 0.5)], [A], [FALSE])], 1.0),
        ([page([(A, 0.9)], [A], [A])], 1.0),
    ],
)
def test_average_precision(pages, expected):
    assert average_precision(pages) == pytest.approx(expected)


def test_a_loose_box_counts_at_low_thresholds_only():
    loose = Box(0, 0, 100, 72)  # IoU 0.72: right at 0.5, 0.55, 0.6, 0.65 and 0.7
    assert average_precision([page([(loose, 0.9)], [A])]) == pytest.approx(0.5)
    assert average_precision([page([(loose, 0.9)], [A])], [0.75]) == 0.0


def test_a_frame_takes_the_photo_that_it_overlaps_most():
    near = Box(30, 0, 130, 100)
    pages = [page([(near, 0.9), (A, 0.8)], [A, near])]
    assert average_precision(pages) == 1.0


def test_without_photos_there_is_no_precision():
    assert average_precision([]) is None
    assert average_precision([page([(A, 0.9)], [])]) is None


def test_thresholds_are_those_of_coco():
    assert THRESHOLDS == (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
