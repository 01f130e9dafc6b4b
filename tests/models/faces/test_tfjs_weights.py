from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from models.registry import Registry
from models.session import open_session
from models.training.faces.tfjs import read_weights


def test_weights_are_read_one_after_the_other(tmp_path: Path) -> None:
    values = {
        "a": np.arange(6, dtype=np.float32).reshape(2, 3),
        "b": np.float16([0.5, 7]),
        "c": np.int32([-4]),
    }
    data = b"".join(value.tobytes() for value in values.values())
    (tmp_path / "1.bin").write_bytes(data[:10])
    (tmp_path / "2.bin").write_bytes(data[10:])
    weights = [
        {"name": "a", "shape": [2, 3], "dtype": "float32"},
        {"name": "b", "shape": [2], "dtype": "float32", "quantization": {"dtype": "float16"}},
        {"name": "c", "shape": [1], "dtype": "int32"},
    ]

    found = read_weights(tmp_path / "x.json", [{"paths": ["1.bin", "2.bin"], "weights": weights}])

    assert list(found) == list(values)
    for name, value in values.items():
        assert found[name].dtype == value.dtype
        np.testing.assert_array_equal(found[name], value)


def test_weights_that_are_steps_between_bounds_are_refused(tmp_path: Path) -> None:
    (tmp_path / "1.bin").write_bytes(b"\0\1")
    steps = {"dtype": "uint8", "scale": 0.1, "min": -1.0}
    weights = [{"name": "kernel", "shape": [2], "dtype": "float32", "quantization": steps}]
    with pytest.raises(ValueError, match="kernel: steps of uint8"):
        read_weights(tmp_path / "x.json", [{"paths": ["1.bin"], "weights": weights}])


@pytest.fixture(scope="module")
def faceres(registry: Registry) -> onnxruntime.InferenceSession:
    return open_session(registry.path("faceres"), threads=2)


@pytest.mark.parametrize("count", [1, 3])
def test_the_network_that_is_shipped_answers(
    faceres: onnxruntime.InferenceSession, count: int
) -> None:
    (pixels,) = faceres.get_inputs()
    assert (pixels.name, pixels.shape[1:]) == ("pixels", [3, 224, 224])
    planes = np.random.default_rng(0).normal(0, 60, (count, 3, 224, 224)).astype(np.float32)

    answer = faceres.run(None, {"pixels": planes})[0]

    assert answer.shape == (count, 1024)
    assert answer.dtype == np.float32
    assert np.isfinite(answer).all()
    assert (answer >= 0).all(), "means of what a rectifier lets through"
