import time
from dataclasses import replace

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper

from presslens.lab.training.stopwatch import Stopwatch
from presslens.models.scripted import scripted_instruments
from presslens.models.session import open_session


class Sleeper:
    """Finds nothing, slowly, and runs a network for a part of it."""

    def __init__(self):
        graph = helper.make_graph(
            [helper.make_node("MatMul", ["x", "x"], ["y"])],
            "square",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", "n"])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", "n"])],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
        self._session = open_session(model.SerializeToString(), threads=1)

    def detect(self, photos):
        time.sleep(0.05)
        self._session.run(None, {"x": np.ones((300, 300), np.float32)})
        return [[] for _ in photos]


@pytest.mark.parametrize("networks", [True, False])
def test_networks_are_measured_inside_their_instrument(networks):
    watch = Stopwatch()
    timed = watch.on(replace(scripted_instruments(), persons=Sleeper()))
    if networks:
        with watch.networks():
            assert timed.persons.detect([]) == []
    else:
        timed.persons.detect([])
    spent = watch.spent["persons"]
    assert spent.whole >= 0.05
    assert (0 < spent.network < spent.whole - 0.04) is networks


def test_instruments_see_the_same(draw_page):
    page = draw_page((20, 30, 180, 150), (220, 30, 380, 150))
    watch, plain = Stopwatch(), scripted_instruments()
    timed = watch.on(plain)
    assert timed.photos.find(page) == plain.photos.find(page)
    assert timed.captions.why_not(["ko"]) == plain.captions.why_not(["ko"])
    assert set(watch.spent) == {"photos", "captions"}


def test_onnxruntime_is_left_as_it_was():
    run = onnxruntime.InferenceSession.run
    with pytest.raises(ZeroDivisionError), Stopwatch().networks():
        raise ZeroDivisionError
    assert onnxruntime.InferenceSession.run is run
