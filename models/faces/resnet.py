"""Converts dlib's face ResNet from its ``.dat`` file into an ONNX graph.

onnxruntime needs less than a tenth of the time that dlib needs for it, and answers the same to
six digits. The file holds the layers from the pixels to the last one, each as
its name and its numbers: 29 convolutions, each followed by an affine layer (a scale and a shift of
every channel, here folded into the convolution), and one matrix without a bias. What stands
between them is written down here as dlib's ``dnn_face_recognition_ex.cpp`` has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

from presslens.models.faces.alignment import CHIP

LENGTH = 128
"""Numbers in an embedding."""

INPUT, OUTPUT = "pixels", "embeddings"

MEAN = (122.782, 117.001, 104.298)
"""Red, green and blue that dlib's input layer subtracts, 0–255."""

SPREAD = 256.0
"""The divisor of dlib's input layer."""

_STAGES = (
    (32, (False, False, False)),
    (64, (True, False, False, False)),
    (128, (True, False, False)),
    (256, (True, False, False)),
    (256, (True,)),
)
"""Channels, and for each block whether it halves the picture."""

_OPSET, _IR = 17, 9
_VERSION = 2
"""Of dlib's tensors: the numbers follow as little-endian floats of four bytes."""


def network_input(chips: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return what the network takes of aligned faces, shape (faces, CHIP, CHIP, 3), RGB."""
    planes = np.array(chips.transpose(0, 3, 1, 2), np.float32, order="C")
    planes -= np.array(MEAN, np.float32)[:, None, None]
    planes /= np.float32(SPREAD)
    return planes


def resnet(dat: bytes) -> bytes:
    """Return the network as an ONNX file: ``pixels`` (n, 3, CHIP, CHIP) in, ``embeddings`` out.

    Args:
        dat: The content of ``dlib_face_recognition_resnet_model_v1.dat``.

    Raises:
        ValueError: It is another network.
    """
    graph = _OnnxGraph(_layers(dat))
    maps = graph.node("Relu", graph.convolution(INPUT, 3, 32, kernel=7, stride=2))
    maps = graph.node("MaxPool", maps, kernel_shape=[3, 3], strides=[2, 2])
    side, channels = _after(_after(CHIP, 7), 3), 32
    for wider, halvings in _STAGES:
        for halves in halvings:
            maps = graph.block(maps, channels, wider, side=side if halves else None)
            side, channels = side // 2 if halves else side, wider
    means = graph.node("Flatten", graph.node("GlobalAveragePool", maps))
    matrix = graph.constant(graph.take("fc_2", channels * LENGTH).reshape(channels, LENGTH))
    graph.nodes.append(helper.make_node("MatMul", [means, matrix], [OUTPUT]))
    graph.end()
    return graph.to_bytes()


@dataclass(slots=True)
class _OnnxGraph:
    """Grows from the pixels on, and takes the numbers from the file as it needs them."""

    layers: Iterator[tuple[str, NDArray[np.float32]]]
    nodes: list[NodeProto] = field(default_factory=list)
    constants: list[TensorProto] = field(default_factory=list)

    def take(self, name: str, length: int) -> NDArray[np.float32]:
        """Return the numbers of the next layer, which must be this one."""
        layer, numbers = next(self.layers, ("the end", np.empty(0, np.float32)))
        if (layer, len(numbers)) != (name, length):
            raise ValueError(f"{name} of {length} numbers was due, not {layer} of {len(numbers)}")
        return numbers

    def end(self) -> None:
        """Raise ValueError if the file has more layers than the network."""
        if next(self.layers, None) is not None:
            raise ValueError("more layers than dlib's face network has")

    def constant(self, value: NDArray[np.generic]) -> str:
        name = f"constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, operator: str, *inputs: str, **attributes: object) -> str:
        name = f"{operator}{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def convolution(self, maps: str, channels: int, wider: int, *, kernel: int, stride: int) -> str:
        """Add a convolution with its affine layer; dlib pads only those that keep the size."""
        numbers = self.take("con_4", wider * (channels * kernel**2 + 1))
        gain, shift = self.take("affine_", 2 * wider).reshape(2, wider)
        filters = numbers[:-wider].reshape(wider, channels, kernel, kernel)
        weight = self.constant(filters * gain[:, None, None, None])
        bias = self.constant(numbers[-wider:] * gain + shift)
        pads = [kernel // 2 if stride == 1 else 0] * 4
        return self.node("Conv", maps, weight, bias, strides=[stride, stride], pads=pads)

    def block(self, maps: str, channels: int, wider: int, *, side: int | None) -> str:
        """Add two convolutions and what goes past them; maps of ``side`` cells are halved."""
        stride = 1 if side is None else 2
        inner = self.convolution(maps, channels, wider, kernel=3, stride=stride)
        inner = self.node("Relu", inner)
        inner = self.convolution(inner, wider, wider, kernel=3, stride=1)
        if side is not None:
            # dlib adds maps of unlike shapes as if zeros stood where one has nothing.
            maps = self.node("AveragePool", maps, kernel_shape=[2, 2], strides=[2, 2])
            inner = self._padded(inner, cells=side // 2 - _after(side, 3))
            maps = self._padded(maps, channels=wider - channels)
        return self.node("Relu", self.node("Add", inner, maps))

    def _padded(self, maps: str, *, channels: int = 0, cells: int = 0) -> str:
        if not channels and not cells:
            return maps
        ends = np.array([0, 0, 0, 0, 0, channels, cells, cells])
        return self.node("Pad", maps, self.constant(ends))

    def to_bytes(self) -> bytes:
        pixels = ["faces", 3, CHIP, CHIP]
        graph = helper.make_graph(
            self.nodes,
            "dlib's face ResNet",
            [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, pixels)],
            [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["faces", LENGTH])],
            self.constants,
        )
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR
        )
        return bytes(model.SerializeToString())


def _after(side: int, kernel: int) -> int:
    """Return how many cells an unpadded step of two leaves."""
    return (side - kernel) // 2 + 1


def _layers(dat: bytes) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Yield the layers that have numbers, from the pixels to the last one."""
    # How many integers stand between a layer's name and its tensor.
    between = {"con_4": 0, "affine_": 0, "fc_2": 2}
    tags = {bytes([1, len(name)]) + name.encode(): name for name in between}
    tag = re.compile(b"|".join(map(re.escape, tags)))
    at = 0
    while (match := tag.search(dat, at)) is not None:
        name, at = tags[match.group()], match.end()
        for _ in range(between[name]):
            _, at = _integer(dat, at)
        numbers, at = _tensor(dat, at)
        yield name, numbers


def _tensor(dat: bytes, at: int) -> tuple[NDArray[np.float32], int]:
    version, at = _integer(dat, at)
    if version != _VERSION:
        raise ValueError(f"a tensor of version {version}, not {_VERSION}")
    length = 1
    for _ in range(4):
        side, at = _integer(dat, at)
        length *= side
    return np.frombuffer(dat, "<f4", length, at), at + 4 * length


def _integer(dat: bytes, at: int) -> tuple[int, int]:
    """Read an integer as dlib packs it: how many bytes, with the sign on top, then the bytes."""
    count = dat[at] & 0x0F
    value = int.from_bytes(dat[at + 1 : at + 1 + count], "little")
    return (-value if dat[at] & 0x80 else value), at + 1 + count
