from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from models.geometry import Box
from models.registry import Registry
from models.subjects.persons import OnnxPersonDetector
from models.yolo import GREY, fitted, network_input


@pytest.fixture
def fixed_rows(tmp_path: Path) -> Path:
    """A network that finds the same rows in every photo."""
    rows = np.array(
        [[[100, 50, 300, 250, 0.4, 0], [0, 0, 700, 20, 0.9, 0], [5, 5, 5, 9, 0.8, 0],
          [9, 9, 99, 99, 0.04, 0]]],
        np.float32,
    )  # fmt: skip
    graph = helper.make_graph(
        [
            helper.make_node("Constant", [], ["rows"], value=numpy_helper.from_array(rows)),
            helper.make_node("Identity", ["pixels"], ["unused"]),
        ],
        "fixed",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, [1, 3, "h", "w"])],
        [helper.make_tensor_value_info("rows", TensorProto.FLOAT, list(rows.shape))],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, tmp_path / "fixed.onnx")
    return tmp_path / "fixed.onnx"


def test_boxes_are_in_photo_pixels_best_first(fixed_rows: Path) -> None:
    detector = OnnxPersonDetector(fixed_rows, size=640, score=0.05)

    (found,) = detector.detect([np.zeros((240, 320, 3), np.uint8)])

    assert [(d.label, d.box) for d in found] == [
        ("person", Box(0, 0, 320, 10)),
        ("person", Box(50, 25, 150, 125)),
    ]
    assert [d.score for d in found] == pytest.approx([0.9, 0.4])


def test_no_photos_no_answers(fixed_rows: Path) -> None:
    assert OnnxPersonDetector(fixed_rows, size=640, score=0.05).detect([]) == []


@pytest.mark.parametrize(
    ("shape", "size", "padded", "scale"),
    [
        ((480, 640), 640, (480, 640), 1.0),
        ((300, 200), 640, (640, 448), 640 / 300),
        ((2000, 3000), 320, (224, 320), 320 / 3000),
        ((1, 900), 640, (32, 640), 640 / 900),
    ],
)
def test_a_photo_is_fitted_to_multiples_of_the_stride(
    shape: tuple[int, int], size: int, padded: tuple[int, int], scale: float
) -> None:
    pixels, found = fitted(np.zeros((*shape, 3), np.uint8), size)

    assert pixels.shape == (*padded, 3)
    assert found == pytest.approx(scale)
    if padded[0] > round(shape[0] * scale):
        assert (pixels[-1] == GREY).all()


def test_the_network_takes_planes_from_0_to_1() -> None:
    pixels = np.zeros((32, 64, 3), np.uint8)
    pixels[..., 2] = 255

    blob = network_input(pixels)

    assert blob.shape == (1, 3, 32, 64)
    assert blob.dtype == np.float32
    assert [float(blob[0, i].mean()) for i in range(3)] == [0.0, 0.0, 1.0]


@pytest.mark.parametrize(("name", "people"), [("bus.jpg", 4), ("zidane.jpg", 2)])
def test_persons_are_found_in_real_photos(registry: Registry, name: str, people: int) -> None:
    from PIL import Image
    from ultralytics.utils import ASSETS

    detector = OnnxPersonDetector(registry.path("persons"), size=640, score=0.35, threads=2)
    photo = np.asarray(Image.open(ASSETS / name).convert("RGB"))

    (found,) = detector.detect([photo])

    assert len(found) == people
    assert all(d.box == d.box.clipped(photo.shape[1], photo.shape[0]) for d in found)


def test_nobody_is_found_in_a_blank_photo(registry: Registry) -> None:
    detector = OnnxPersonDetector(registry.path("persons"), size=640, score=0.35, threads=2)

    assert detector.detect([np.full((200, 300, 3), 128, np.uint8)]) == [[]]
