"""A photo gets the shape and colours that a card asks for."""

import numpy as np
import pytest
from onnx import helper

from presslens.models.encoders.encoder import OnnxImageEncoder, pixels
from presslens.models.recipe import EncoderInput

from ...encoder_networks import LAYOUT, MEANS, SIZE, number, write_network


def rules(**more):
    plain = {"mean": (0, 0, 0), "std": (1, 1, 1)}
    return EncoderInput(**{"width": SIZE, "height": SIZE, **plain, **more})


@pytest.fixture
def photo():
    """A photo twice as wide as high: red on the left, green in the middle, blue on the right."""
    picture = np.zeros((50, 100, 3), np.uint8)
    for channel, part in enumerate((slice(0, 25), slice(25, 75), slice(75, 100))):
        picture[:, part, channel] = 255
    return picture


def test_a_photo_is_stretched_cut_or_padded(photo):
    red, green, blue = pixels(photo, rules())[0]
    assert (red[0, 0], green[0, 16], blue[0, 31]) == (1, 1, 1)
    red, green, blue = pixels(photo, rules(fit="crop"))[0]
    assert green.min() > 0.9
    assert max(red.max(), blue.max()) < 0.1
    padded = pixels(photo, rules(fit="pad", mean=(0.5, 0.5, 0.5)))[0]
    assert (padded[:, :8] == 0).all()  # the mean colour
    assert padded[0, 16, 0] == pytest.approx(0.5)
    wide = pixels(photo, rules(height=16))
    assert wide.shape == (1, 3, 16, SIZE)


def test_colours_are_scaled_and_may_be_turned_round(photo):
    plain, turned = (pixels(photo, rules(channels=order))[0] for order in ("rgb", "bgr"))
    assert (plain[0] == turned[2]).all()
    scaled = pixels(photo, rules(mean=(0.5, 0, 0), std=(0.25, 1, 1)))[0]
    assert scaled[0, 0, 0] == pytest.approx(2)


def test_patches_are_averaged_or_the_first_is_taken(tmp_path, photo):
    nodes = [
        MEANS,
        helper.make_node("Reshape", ["cells", "shape"], ["rows"]),
        helper.make_node("Transpose", ["rows"], ["answer"], perm=[0, 2, 1]),
    ]
    shape = number("shape", [1, 3, 16])
    shape.CopyFrom(helper.make_tensor("shape", 7, [3], [1, 3, 16]))
    file = write_network(tmp_path / "patches.onnx", nodes, numbers=[shape])
    mean, first = (
        OnnxImageEncoder(file, rules(tokens=tokens), "e").vector(photo)
        for tokens in ("mean", "first")
    )
    assert mean == pytest.approx([0.25, 0.5, 0.25], abs=0.02)
    assert first == pytest.approx([1, 0, 0], abs=0.02)


def test_a_photo_without_finite_numbers_has_no_encoding(tmp_path, photo):
    nodes = [*LAYOUT[:1], helper.make_node("Flatten", ["cells"], ["flat"]),
             helper.make_node("Log", ["flat"], ["answer"])]  # fmt: skip
    encoder = OnnxImageEncoder(write_network(tmp_path / "log.onnx", nodes), rules(), "e")
    assert encoder.encode(np.zeros((9, 9, 3), np.uint8)).vector.size == 0
    assert encoder.encode(np.full((9, 9, 3), 255, np.uint8)).vector.shape == (48,)
