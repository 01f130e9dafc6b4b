from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from presslens.models.geometry import Box
from presslens.models.yolo import (
    GREY,
    SQUARES,
    DenseYolo,
    _widened,
    fitted,
    network_input,
    suppressed,
)


def test_every_anchor_has_its_box_in_pixels_and_all_its_scores(dense):
    network = DenseYolo(dense([(0.5, 0.5, 0.5, 0.25, 0.9, 0.1), (0.0, 1.0, 0.5, 0.5, 0.2, 0.7)]))
    boxes, scores = network.predict(np.zeros((320, 640, 3), np.uint8), size=320)
    assert boxes.tolist() == [[160, 120, 480, 200], [0, 240, 160, 320]]
    assert scores == pytest.approx(np.array([[0.9, 0.1], [0.2, 0.7]], np.float32))


@pytest.mark.parametrize("size", [160, 320, 640])
def test_boxes_do_not_depend_on_the_size_that_is_looked_at(dense, size):
    network = DenseYolo(dense([(0.25, 0.5, 0.1, 0.2, 0.9)]))
    ((box,), _) = network.predict(np.zeros((320, 320, 3), np.uint8), size=size)
    assert box == pytest.approx(np.array([64, 128, 96, 192]), abs=1e-3)


@given(
    st.lists(
        st.tuples(*[st.integers(0, 60)] * 2, *[st.integers(1, 40)] * 2, st.integers(0, 1000)),
        unique_by=lambda row: row[4],
        max_size=15,
    )
)
def test_what_is_kept_is_sorted_and_apart_and_near_all_that_is_left_out(rows):
    boxes = np.array([(x, y, x + w, y + h) for x, y, w, h, _ in rows], np.float32).reshape(-1, 4)
    scores = np.array([row[4] / 1000 for row in rows], np.float32)
    kept = suppressed(boxes, scores, score=0.3005, overlap=0.6).tolist()
    shapes = [Box(*map(float, box)) for box in boxes]
    assert all(scores[i] > scores[k] for i, k in pairwise(kept))
    assert all(shapes[i].iou(shapes[k]) < 0.601 for i in kept for k in kept if i != k)
    for i in set(range(len(rows))) - set(kept):
        better = [k for k in kept if scores[k] > scores[i] and shapes[k].iou(shapes[i]) > 0.599]
        assert scores[i] < 0.3005 or better


@pytest.mark.parametrize(
    ("shape", "size", "padded", "scale"),
    [
        ((480, 640), 640, (480, 640), 1.0),
        ((300, 200), 640, (640, 448), 640 / 300),
        ((2000, 3000), 320, (224, 320), 320 / 3000),
        ((1, 900), 640, (32, 640), 640 / 900),
    ],
)
def test_a_photo_is_fitted_to_multiples_of_the_stride(shape, size, padded, scale):
    pixels, found = fitted(np.zeros((*shape, 3), np.uint8), size)
    assert pixels.shape == (*padded, 3)
    assert found == pytest.approx(scale)
    if padded[0] > round(shape[0] * scale):
        assert (pixels[-1] == GREY).all()


def test_the_network_takes_planes_from_0_to_1():
    pixels = np.zeros((32, 64, 3), np.uint8)
    pixels[..., 2] = 255
    blob = network_input(pixels)
    assert blob.shape == (1, 3, 32, 64)
    assert blob.dtype == np.float32
    assert [float(blob[0, i].mean()) for i in range(3)] == [0.0, 0.0, 1.0]


@pytest.mark.parametrize("shape", [(1, 3000), (64, 6400), (3000, 1), (100, 1200), (10, 10)])
@pytest.mark.parametrize("size", [384, 1280])
def test_a_narrow_strip_has_as_many_places_as_the_head_ranks(shape, size):
    pixels, _ = fitted(np.zeros((*shape, 3), np.uint8), size)
    widened = _widened(pixels)
    height, width = widened.shape[:2]
    assert height * width >= SQUARES * 32**2
    assert height % 32 == width % 32 == 0
    assert (widened[: pixels.shape[0], : pixels.shape[1]] == pixels).all()
    assert (widened[pixels.shape[0] :] == GREY).all()
    assert widened is pixels or height * width < 4 * SQUARES * 32**2
