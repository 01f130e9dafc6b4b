import subprocess
import sys

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from presslens.models.session import open_session

AGAIN = """
import resource, sys
from presslens.models.session import keep_memory
keep_memory()
for _ in range(2):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    some = [bytearray(2**24) for _ in range(8)]
    del some
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
"""Takes 128 MB, gives it back, and takes it again: prints how many pages the kernel gave out."""


@pytest.fixture
def doubling():
    graph = helper.make_graph(
        [helper.make_node("Add", ["x", "x"], ["y"])],
        "doubling",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n"])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n"])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    return model.SerializeToString()


def test_a_network_is_opened_from_a_file_and_from_memory(doubling, tmp_path):
    onnx.save(onnx.load_model_from_string(doubling), tmp_path / "doubling.onnx")
    for network in (doubling, tmp_path / "doubling.onnx"):
        session = open_session(network, threads=1)
        assert session.run(None, {"x": np.float32([1, 2])})[0].tolist() == [2, 4]


@pytest.mark.skipif(sys.platform != "linux", reason="glibc alone is told what to keep")
def test_memory_that_was_given_back_is_taken_again_without_the_kernel():
    done = subprocess.run([sys.executable, "-c", AGAIN], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 1000
