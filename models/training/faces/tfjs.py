"""A network that TensorFlow.js can read becomes an ONNX file: ``faceres.onnx`` was made by this.

    python -m models.training.faces.tfjs package/models/faceres.json models/weights/faceres.onnx

The graph is turned from rows of pixels with their channels inside (NHWC) to planes (NCHW). Only
the operations of a MobileNet are known. Weights stay in the half precision that they came in.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

_OPSET, _IR = 17, 9

_SAME = {b"SAME": "SAME_UPPER", b"VALID": "VALID"}
_PLAIN = {"Relu": "Relu", "Add": "Add", "AddV2": "Add", "Mul": "Mul", "Sub": "Sub"}
_PLAIN |= {"Minimum": "Min", "Maximum": "Max"}

Arrays = Mapping[str, NDArray[Any]]


def read_weights(path: Path, manifest: list[dict[str, Any]]) -> dict[str, NDArray[Any]]:
    """Return the constants of a graph by name, floats as they are stored.

    Args:
        path: The JSON file beside which the binary files lie.
        manifest: Its ``weightsManifest``.

    Raises:
        ValueError: A constant is stored as steps between two bounds.
    """
    found: dict[str, NDArray[Any]] = {}
    for group in manifest:
        data = b"".join((path.parent / name).read_bytes() for name in group["paths"])
        start = 0
        for weight in group["weights"]:
            kind = np.dtype(weight.get("quantization", weight)["dtype"])
            if "scale" in weight.get("quantization", ()):
                raise ValueError(f"{weight['name']}: steps of {kind} are not known")
            count = int(np.prod(weight["shape"]))
            values = np.frombuffer(data, kind, count, start)
            found[weight["name"]] = values.reshape(weight["shape"])
            start += count * kind.itemsize
    return found


def convert(path: Path, *, output: str) -> onnx.ModelProto:
    """Return the part of a graph that leads to one node.

    Args:
        path: The JSON file.
        output: The node that answers, named as in the graph; what is after it is left out.

    Raises:
        ValueError: The graph needs an operation, or a kind of one, that is not known here.
    """
    document = json.loads(path.read_text())
    weights = read_weights(path, document["weightsManifest"])
    nodes = {node["name"]: node for node in document["modelTopology"]["node"]}
    graph = _Graph(weights)
    for name in _order(nodes, output):
        graph.add(nodes[name])
    size = graph.size
    answer = helper.make_tensor_value_info(output, TensorProto.FLOAT, None)
    made = helper.make_graph(
        graph.nodes,
        path.stem,
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["batch", 3, size, size])],
        [answer],
        graph.constants,
    )
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR)


def _order(nodes: Mapping[str, Any], output: str) -> list[str]:
    """Return the nodes that one node needs, each after what it takes in, itself the last."""
    seen: dict[str, None] = {}

    def visit(name: str) -> None:
        for source in nodes[name].get("input", ()):
            if source.split(":")[0] not in seen:
                visit(source.split(":")[0])
        seen[name] = None

    visit(output)
    return list(seen)


class _Graph:
    """Collects ONNX nodes and constants."""

    def __init__(self, weights: Arrays) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []
        self.size = 0
        self._weights = weights
        self._renamed: dict[str, str] = {}

    def add(self, node: Mapping[str, Any]) -> None:
        kind = node["op"]
        known: dict[str, Callable[[Mapping[str, Any]], None]] = {
            "Const": lambda _node: None,
            "Placeholder": self._placeholder,
            "Conv2D": self._convolution,
            "DepthwiseConv2dNative": self._convolution,
            "Mean": self._mean,
        }
        if kind in known:
            known[kind](node)
        elif kind in _PLAIN:
            self._append(_PLAIN[kind], [self._value(i) for i in node["input"]], node["name"])
        else:
            raise ValueError(f"{node['name']}: the operation {kind} is not known")

    def _placeholder(self, node: Mapping[str, Any]) -> None:
        self._renamed[node["name"]] = "pixels"
        self.size = int(node["attr"]["shape"]["shape"]["dim"][1]["size"])

    def _convolution(self, node: Mapping[str, Any]) -> None:
        source, kernel = node["input"]
        weight = self._weights[kernel]
        height, width, inputs, outputs = weight.shape
        alone = node["op"] != "Conv2D"
        order = (2, 3, 0, 1) if alone else (3, 2, 0, 1)
        shape = (inputs * outputs, 1, height, width) if alone else (outputs, inputs, height, width)
        strides, dilations = _integers(node, "strides"), _integers(node, "dilations")
        padding = base64.b64decode(node["attr"]["padding"]["s"])
        if padding not in _SAME or any(value != 1 for value in dilations):
            raise ValueError(f"{node['name']}: its padding or dilation is not known")
        self._append(
            "Conv",
            [self._value(source), self._constant(kernel, weight.transpose(order).reshape(shape))],
            node["name"],
            strides=strides[1:3],
            group=inputs if alone else 1,
            kernel_shape=[height, width],
            auto_pad=_SAME[padding],
        )

    def _mean(self, node: Mapping[str, Any]) -> None:
        source, axes = node["input"]
        kept = node["attr"].get("keep_dims", {}).get("b", False)
        if kept or sorted(self._weights[axes].tolist()) != [1, 2]:
            raise ValueError(f"{node['name']}: only means over all places are known")
        self._append("ReduceMean", [self._value(source)], node["name"], axes=[2, 3], keepdims=0)

    def _value(self, name: str) -> str:
        """Return what a node is called here; a constant lies along the channels."""
        name = name.split(":")[0]
        if name not in self._weights:
            return self._renamed.get(name, name)
        value = self._weights[name]
        return self._constant(name, value.reshape(() if value.size == 1 else (-1, 1, 1)))

    def _constant(self, name: str, value: NDArray[Any]) -> str:
        if all(constant.name != name for constant in self.constants):
            self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
            self._append("Cast", [name], f"{name}/float", to=TensorProto.FLOAT)
        return f"{name}/float"

    def _append(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> None:
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))


def _integers(node: Mapping[str, Any], attribute: str) -> list[int]:
    return [int(value) for value in node["attr"].get(attribute, {"list": {}})["list"].get("i", ())]


if __name__ == "__main__":
    onnx.save(convert(Path(sys.argv[1]), output="global_pooling/Mean"), sys.argv[2])
