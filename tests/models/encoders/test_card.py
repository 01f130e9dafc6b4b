"""A file that is no encoder is refused in one line, and nothing else is read for it."""

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from presslens.models.encoders.card import EncoderCard, examine
from presslens.models.errors import InvalidEncoder

from ...encoder_networks import CARD, LAYOUT, MEANS, SIZE, number, write_network


def card(tmp_path, more=""):
    file = tmp_path / "card.toml"
    file.write_text(CARD + more)
    return EncoderCard.load(file)


def node(kind, inputs, output="answer", **attributes):
    return helper.make_node(kind, inputs, [output], **attributes)


def scaled(by):
    return [MEANS, helper.make_node("Flatten", ["cells"], ["flat"]), node("Mul", ["flat", by])]


HIDDEN = helper.make_graph(
    [node("Constant", [], "inner", value=number("inner", [1.0], elsewhere="../secret"))],
    "branch",
    [],
    [helper.make_tensor_value_info("inner", TensorProto.FLOAT, None)],
)
BRANCH = [
    node("Constant", [], "yes", value=helper.make_tensor("yes", TensorProto.BOOL, [], [1])),
    helper.make_node("If", ["yes"], ["answer"], then_branch=HIDDEN, else_branch=HIDDEN),
]  # fmt: skip


@pytest.mark.parametrize(
    ("how", "more", "says"),
    [
        ({"shape": ("photos", 3, 224, 224)}, "", r"takes \(photos, 3, 224, 224\).*card says"),
        ({"shape": (1, SIZE, SIZE, 3)}, "", "takes"),
        ({"shape": (8, 3, SIZE, SIZE)}, "", "takes"),
        ({"nodes": [node("Flatten", ["pixels"])], "kind": TensorProto.DOUBLE}, "",
         r"of tensor\(double\)"),
        ({"nodes": [node("AveragePool", ["pixels"], kernel_shape=[8, 8])]}, "", "pooled is"),
        ({}, 'tokens = "mean"', r"not \(1, patches, n\)"),
        ({}, 'output = "pooler_output"', "no output 'pooler_output'; it has: answer"),
        ({}, 'input = "images"', "no input 'images'; it has: pixels"),
        ({"nodes": [*LAYOUT, node("Abs", ["cells"], "b")], "outputs": ("answer", "b")}, "",
         "answer, b; name one"),
        ({"nodes": scaled("n"), "numbers": [number("n", [np.nan])]}, "", "NaN or infinity"),
        ({"nodes": scaled("n"), "numbers": [number("n", [0.0])]}, "", "same answer for every"),
        ({"nodes": scaled("n"), "numbers": [number("n", [1.0], elsewhere="/etc/passwd")]}, "",
         "in other files"),
        ({"nodes": BRANCH}, "", "in other files"),
        ({"nodes": [node("Steal", ["pixels"], domain="com.example")], "domains": ["com.example"]},
         "", "another maker, com.example.Steal"),
        ({"nodes": [node("NoSuchThing", ["pixels"])]}, "", "can't be opened"),
        ({"nodes": [node("Reshape", ["pixels", "n"])],
          "numbers": [numpy_helper.from_array(np.array([1, 7]), "n")]}, "",
         r"^network\.onnx: the network fails"),
        ({}, f'sha256 = "{"0" * 64}"', "not the sha256"),
    ],
)  # fmt: skip
def test_what_is_no_encoder_is_refused_in_one_line(tmp_path, how, more, says):
    network = write_network(tmp_path / "network.onnx", **how)
    with pytest.raises(InvalidEncoder, match=says) as refusal:
        examine(network, card(tmp_path, more))
    assert "\n" not in str(refusal.value)


def test_a_network_of_any_number_of_photos_and_size_is_taken(tmp_path):
    network = write_network(tmp_path / "network.onnx", shape=("n", 3, "height", "width"))
    assert examine(network, card(tmp_path)) == 48


def test_other_files_are_no_networks(tmp_path, monkeypatch):
    file = tmp_path / "network.onnx"
    for content in (b"", b"no network", b"\x08\x07"):
        file.write_bytes(content)
        with pytest.raises(InvalidEncoder, match="is no ONNX file"):
            examine(file, card(tmp_path))
    with pytest.raises(InvalidEncoder, match="can't be read"):
        examine(tmp_path / "none.onnx", card(tmp_path))
    monkeypatch.setattr("presslens.models.encoders.card.MOST_BYTES", 1)
    with pytest.raises(InvalidEncoder, match="2 GB at most"):
        examine(file, card(tmp_path))


def test_a_card_says_what_is_wrong_with_it(tmp_path):
    for more, says in (
        ("height = 7", "height"),
        ("std = [0, 1, 1]", r"std\.0"),
        ("mean = [nan, 0, 0]", r"mean\.0: Input should be a finite number"),
        (r'licence = "MIT \u007f"', r"card\.toml: licence: .*one line, without control"),
        (r'source = "a\nb"', r"card\.toml: source: .*one line, without control"),
        ('name = "../a"', "name"),
        ("size = 3", "size"),
        ("width", "can't be read"),
    ):
        file = tmp_path / "card.toml"
        key = more.partition(" =")[0]
        lines = [line for line in CARD.splitlines() if not line.startswith(f"{key} =")]
        file.write_text("\n".join([*lines, more]))
        with pytest.raises(InvalidEncoder, match=says):
            EncoderCard.load(file)
    file.write_text(CARD.replace('licence = "CC0-1.0"\n', ""))
    with pytest.raises(InvalidEncoder, match="licence"):
        EncoderCard.load(file)
