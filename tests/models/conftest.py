"""Networks drawn up by hand, so that a test knows their answers, and faces to build tests from."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from presslens.models.geometry import Box
from presslens.models.vocabulary import Face


@pytest.fixture
def dense(tmp_path):
    """Give a function that writes a network with the same anchors in every photo.

    An anchor is (centre x, centre y, width, height, a score for each class), the first four as
    shares of the network's input.
    """

    def write(anchors):
        columns = np.array(anchors, np.float32).T[None]
        constants = {
            "columns": columns,
            "sides": np.array([3, 2, 3, 2], np.int64),
            "ones": np.ones(columns.shape[1] - 4, np.float32),
            "upright": np.array([1, -1, 1], np.int64),
        }
        graph = helper.make_graph(
            [
                helper.make_node("Shape", ["pixels"], ["shape"]),
                helper.make_node("Gather", ["shape", "sides"], ["whole"]),
                helper.make_node("Cast", ["whole"], ["size"], to=TensorProto.FLOAT),
                helper.make_node("Concat", ["size", "ones"], ["flat"], axis=0),
                helper.make_node("Reshape", ["flat", "upright"], ["scale"]),
                helper.make_node("Mul", ["columns", "scale"], ["rows"]),
            ],
            "fixed",
            [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, [1, 3, "h", "w"])],
            [helper.make_tensor_value_info("rows", TensorProto.FLOAT, list(columns.shape))],
            [numpy_helper.from_array(value, name) for name, value in constants.items()],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
        path = tmp_path / "dense.onnx"
        onnx.save(model, path)
        return path

    return write


@pytest.fixture
def make_face():
    def make(x=0, y=0, side=40, embedding=None):
        box = Box(x, y, x + side, y + side)
        shares = [(0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8)]
        marks = tuple((x + a * side, y + b * side) for a, b in shares)
        return Face(box, 0.9, marks, child=0.0, embedding=embedding)

    return make
