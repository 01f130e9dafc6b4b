from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.session import open_session
from models.training.faces.tfjs import convert

SIDE, CHANNELS = 9, 3
RNG = np.random.default_rng(0)

Nodes = Sequence[dict[str, Any]]
Write = Callable[[Nodes, Mapping[str, np.ndarray]], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Give a function that writes a graph as TensorFlow.js does, with its constants in two files.

    A placeholder ``pixels`` of 9 × 9 px and a node for each constant are put before its nodes.
    """

    def save(nodes: Nodes, constants: Mapping[str, np.ndarray]) -> Path:
        shape = [{"size": str(n)} for n in (-1, SIDE, SIDE, CHANNELS)]
        placeholder = {
            "name": "input_1",
            "op": "Placeholder",
            "attr": {"shape": {"shape": {"dim": shape}}},
        }
        known = [placeholder, *({"name": name, "op": "Const"} for name in constants)]
        groups = []
        names = list(constants)
        for i, part in enumerate((names[::2], names[1::2])):
            file = tmp_path / f"group{i}.bin"
            file.write_bytes(b"".join(constants[name].tobytes() for name in part))
            weights = [_weight(name, constants[name]) for name in part]
            groups.append({"paths": [file.name], "weights": weights})
        document = {"modelTopology": {"node": [*known, *nodes]}, "weightsManifest": groups}
        path = tmp_path / "graph.json"
        path.write_text(json.dumps(document))
        return path

    return save


def _weight(name: str, value: np.ndarray) -> dict[str, Any]:
    described = {"name": name, "shape": list(value.shape), "dtype": value.dtype.name}
    if value.dtype == np.float16:
        described["dtype"] = "float32"
        described["quantization"] = {"dtype": "float16", "original_dtype": "float32"}
    return described


def _node(name: str, kind: str, *sources: str, **attributes: Any) -> dict[str, Any]:
    return {"name": name, "op": kind, "input": list(sources), "attr": attributes}


def _convolution(
    kind: str, stride: int, padding: str, *, dilations: Sequence[int] = (1, 1, 1, 1)
) -> dict[str, Any]:
    return _node(
        "conv",
        kind,
        "input_1",
        "kernel",
        strides={"list": {"i": ["1", str(stride), str(stride), "1"]}},
        dilations={"list": {"i": [str(value) for value in dilations]}},
        padding={"s": base64.b64encode(padding.encode()).decode()},
    )


def _ask(path: Path, output: str, pixels: np.ndarray) -> np.ndarray:
    """Return what the converted graph says of pixels, channels last as TensorFlow has them."""
    network = convert(path, output=output).SerializeToString()
    planes = np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))
    answer = open_session(network, threads=1).run(None, {"pixels": planes})[0]
    return answer.transpose(0, 2, 3, 1) if answer.ndim == 4 else answer


def _padded(pixels: np.ndarray, kernel: int, stride: int, padding: str) -> np.ndarray:
    """Pad as TensorFlow's SAME does: as many places as strides, the odd pixel right and below."""
    if padding == "VALID":
        return pixels
    side = pixels.shape[1]
    room = max(0, (-(-side // stride) - 1) * stride + kernel - side)
    ends = (room // 2, room - room // 2)
    return np.pad(pixels, ((0, 0), ends, ends, (0, 0)))


def _convolved(
    pixels: np.ndarray, kernel: np.ndarray, stride: int, padding: str, *, alone: bool
) -> np.ndarray:
    size = kernel.shape[0]
    wide = _padded(pixels, size, stride, padding)
    places = range(0, wide.shape[1] - size + 1, stride)
    rows = []
    for y in places:
        patches = [wide[:, y : y + size, x : x + size] for x in places]
        if alone:
            sums = [np.einsum("nhwc,hwcm->ncm", p, kernel) for p in patches]
            rows.append([s.reshape(len(pixels), -1) for s in sums])
        else:
            rows.append([np.einsum("nhwc,hwco->no", p, kernel) for p in patches])
    return np.array(rows).transpose(2, 0, 1, 3)


PIXELS = RNG.normal(size=(2, SIDE, SIDE, CHANNELS)).astype(np.float32)


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("size", [1, 2, 3, 4])
@pytest.mark.parametrize(
    ("kind", "outputs"), [("Conv2D", 5), ("DepthwiseConv2dNative", 1), ("DepthwiseConv2dNative", 2)]
)
def test_convolutions(
    write: Write, kind: str, outputs: int, size: int, stride: int, padding: str
) -> None:
    kernel = RNG.normal(size=(size, size, CHANNELS, outputs)).astype(np.float32)
    path = write([_convolution(kind, stride, padding)], {"kernel": kernel})

    answer = _ask(path, "conv", PIXELS)

    expected = _convolved(PIXELS, kernel, stride, padding, alone=kind != "Conv2D")
    np.testing.assert_allclose(answer, expected, atol=1e-5)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("Add", lambda x, c: x + c),
        ("AddV2", lambda x, c: x + c),
        ("Sub", lambda x, c: x - c),
        ("Mul", lambda x, c: x * c),
        ("Minimum", np.minimum),
        ("Maximum", np.maximum),
    ],
)
@pytest.mark.parametrize(
    "constant",
    [np.float32([0.5, -1, 2]), np.float32(0.25), np.float32([[[[1, 0, -1]]]])],
    ids=["a value for each channel", "one value", "all axes"],
)
def test_arithmetic_with_constants_along_the_channels(
    write: Write, kind: str, expected: Callable[..., np.ndarray], constant: np.ndarray
) -> None:
    path = write([_node("sum", kind, "input_1", "c")], {"c": constant})
    np.testing.assert_allclose(_ask(path, "sum", PIXELS), expected(PIXELS, constant), atol=1e-6)


def test_a_constant_may_come_first(write: Write) -> None:
    path = write([_node("rest", "Sub", "c", "input_1")], {"c": np.float32([1, 2, 3])})
    np.testing.assert_allclose(_ask(path, "rest", PIXELS), np.float32([1, 2, 3]) - PIXELS)


def test_relu_clip_and_mean(write: Write) -> None:
    nodes = [
        _node("relu", "Relu", "input_1"),
        _node("low", "Minimum", "relu:0", "six"),
        _node("mean", "Mean", "low", "axes"),
    ]
    path = write(nodes, {"six": np.float32(0.6), "axes": np.int32([1, 2])})

    assert _ask(path, "relu", PIXELS).min() == 0
    clipped = np.clip(PIXELS, 0, 0.6)
    np.testing.assert_allclose(_ask(path, "low", PIXELS), clipped)
    np.testing.assert_allclose(_ask(path, "mean", PIXELS), clipped.mean((1, 2)), atol=1e-6)


def test_a_small_network_in_half_precision(write: Write) -> None:
    """A block of a MobileNet whose nodes are listed in any order; one constant serves twice."""
    kernel = RNG.normal(size=(3, 3, CHANNELS, 4)).astype(np.float16)
    bias = RNG.normal(size=4).astype(np.float16)
    nodes = [
        _node("head", "Softmax", "mean"),
        _node("mean", "Mean", "twice", "axes"),
        _node("twice", "AddV2", "relu", "bias"),
        _node("relu", "Relu", "biased"),
        _node("biased", "AddV2", "conv", "bias"),
        _convolution("Conv2D", 2, "SAME"),
    ]
    path = write(nodes, {"kernel": kernel, "bias": bias, "axes": np.int32([1, 2])})

    answer = _ask(path, "mean", PIXELS)

    rows = _convolved(PIXELS, kernel.astype(np.float32), 2, "SAME", alone=False)
    expected = (np.maximum(rows + bias, 0) + bias).mean((1, 2))
    np.testing.assert_allclose(answer, expected, atol=1e-3)
    stored = {c.name: c.data_type for c in convert(path, output="mean").graph.initializer}
    assert stored == {"kernel": 10, "bias": 10}, "weights stay in half precision"


def test_what_is_after_the_output_is_left_out(write: Write) -> None:
    nodes = [_node("relu", "Relu", "input_1"), _node("head", "Softmax", "relu")]
    path = write(nodes, {})

    assert [node.op_type for node in convert(path, output="relu").graph.node] == ["Relu"]
    with pytest.raises(ValueError, match="head: the operation Softmax is not known"):
        convert(path, output="head")


@pytest.mark.parametrize(
    ("node", "reason"),
    [
        (_convolution("Conv2D", 1, "EXPLICIT"), "conv: its padding or dilation"),
        (_convolution("Conv2D", 1, "SAME", dilations=[1, 2, 2, 1]), "conv: its padding or dil"),
        (_node("mean", "Mean", "input_1", "axes"), "mean: only means over all places"),
        (_node("mean", "Mean", "input_1", "both", keep_dims={"b": True}), "mean: only means"),
    ],
)
def test_other_kinds_of_an_operation_are_refused(
    write: Write, node: dict[str, Any], reason: str
) -> None:
    axes = {"axes": np.int32([3]), "both": np.int32([1, 2])}
    path = write([node], {"kernel": np.zeros((1, 1, CHANNELS, 1), np.float32), **axes})
    with pytest.raises(ValueError, match=reason):
        convert(path, output=node["name"])
