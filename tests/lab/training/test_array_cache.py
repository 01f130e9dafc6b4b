import numpy as np
import pytest

from presslens.lab.training.array_cache import ArrayCache


def test_arrays_are_computed_once_for_each_key(tmp_path):
    cache, calls = ArrayCache(tmp_path / "cache"), []

    def compute():
        calls.append(1)
        return {"a": np.arange(3), "b": np.float16([len(calls)])}

    first, second = (cache.arrays("key", compute) for _ in range(2))
    assert first["a"].tolist() == second["a"].tolist() == [0, 1, 2]
    assert first["b"].dtype == np.float16
    assert len(calls) == 1
    assert cache.arrays("other", compute)["b"] == [2]
    assert (tmp_path / "cache").stat().st_mode & 0o077 == 0


def test_what_fails_leaves_no_file(tmp_path):
    def fail():
        raise RuntimeError("interrupted")

    with pytest.raises(RuntimeError, match="interrupted"):
        ArrayCache(tmp_path).arrays("key", fail)
    assert list(tmp_path.iterdir()) == []
