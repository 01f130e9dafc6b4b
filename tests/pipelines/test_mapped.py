"""Arrays lie in a file as they were, and in memory where there is no room for a file."""

from __future__ import annotations

import tempfile
from mmap import mmap

import numpy as np

from presslens import pipelines
from presslens.pipelines.cache import Cache
from presslens.pipelines.mapped import FILE_BYTES, map_arrays, mapped
from presslens.pipelines.statistics.photo_table import PhotoTable, alike

ARRAYS = {
    "ids": np.arange(20_000)[::-1],
    "shows": np.array([True, False]),
    "day": np.array(["1999-12-16", "2024-02-29"], "datetime64[D]"),
    "none": np.zeros(0, np.float32),
    "every second": np.arange(9.0)[::2],
}


def test_a_file_holds_arrays_as_they_were():
    for name, values in mapped(ARRAYS).items():
        np.testing.assert_array_equal(values, ARRAYS[name], strict=True)
        assert isinstance(values.base, mmap)
        assert not values.flags.writeable


def test_few_numbers_stay_in_memory_and_many_share_a_file():
    few = {"ids": ARRAYS["ids"][:10]}
    assert mapped(few)["ids"] is few["ids"]
    files = [mapped(ARRAYS)["ids"].base for _ in range(2)]
    assert files[0] is files[1]
    other = mapped({"large": np.zeros(FILE_BYTES // 8 + 1)})["large"]
    assert other.base is not files[0]
    assert not other.any()


def test_arrays_without_a_file_stay_in_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "no folder"))
    monkeypatch.setattr(pipelines.mapped, "_FILES", pipelines.mapped._Files())
    assert all(values is ARRAYS[name] for name, values in mapped(ARRAYS).items())


def test_a_file_holds_the_large_arrays_of_results_and_results_share_them_as_before():
    n, words = 20_000, np.array(["a"] * 20_000, object)
    probability, nothing = np.linspace(0.01, 0.99, n), alike(np.nan, n)
    none = np.zeros(n, np.int64)
    table = PhotoTable(
        none,
        probability,
        np.ones(n),
        nothing,
        nothing,
        alike(False, n),
        ["1"],
        [("Rodong", "1999")],
    )
    cache = Cache(10**9)
    cache.put("tables", 1, {"all": [(table,), none], "few": none[:3].copy(), "words": words})
    cache.put("probability", 1, probability)
    map_arrays(cache)
    tables = cache.get("tables", 1)
    assert isinstance(table.probability.base, mmap)
    np.testing.assert_array_equal(table.probability, probability, strict=True)
    assert cache.get("probability", 1) is table.probability
    assert tables["all"][1] is table.edition
    assert table.label is nothing
    assert tables["words"] is words
    assert tables["few"].flags.owndata
