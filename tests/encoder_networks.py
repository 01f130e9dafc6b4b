"""Small networks in ONNX files: image encoders of which no accuracy is claimed, and files that are
none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SIZE = 32
"""The side of the pictures that they take, px."""

CARD = f"""
name = "layout"
licence = "CC0-1.0"
source = "made for a test"
width = {SIZE}
height = {SIZE}
"""

MEANS = helper.make_node("AveragePool", ["pixels"], ["cells"], kernel_shape=[8, 8], strides=[8, 8])
LAYOUT = [MEANS, helper.make_node("Flatten", ["cells"], ["answer"])]
"""The mean colours of sixteen places."""


def write_network(
    path: Path,
    nodes: Sequence[Any] = LAYOUT,
    *,
    shape: Sequence[Any] = ("photos", 3, SIZE, SIZE),
    outputs: Sequence[str] = ("answer",),
    kind: int = TensorProto.FLOAT,
    numbers: Sequence[Any] = (),
    domains: Sequence[str] = (),
) -> Path:
    """Write a network, and return its file."""
    graph = helper.make_graph(
        list(nodes),
        "encoder",
        [helper.make_tensor_value_info("pixels", kind, list(shape))],
        [helper.make_tensor_value_info(name, kind, None) for name in outputs],
        list(numbers),
    )
    opsets = [helper.make_opsetid("", 17), *(helper.make_opsetid(one, 1) for one in domains)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    onnx.save(model, str(path))
    return path


def number(name: str, values: Any, *, elsewhere: str = "") -> Any:
    """Return a tensor, or one that says that its numbers are in another file."""
    tensor = numpy_helper.from_array(np.asarray(values, np.float32), name)
    if elsewhere:
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value=elsewhere)
    return tensor
