import pytest

from presslens.lab.bench.stats import AGAIN, OTHER, QUERIES, bench_stats


@pytest.fixture(scope="module")
def answered():
    """Time two rounds on thirty editions, with the real servers."""
    return bench_stats(30, 2, progress=lambda *_: None)


def test_each_query_is_answered_thrice_and_beside_datasette(answered):
    names = [one.what for one in answered]
    asked = [name for what in QUERIES for name in (what, f"{what}{OTHER}", f"{what}{AGAIN}")]
    assert names[: len(asked)] == asked
    assert [name.split(",")[0] for name in names[len(asked) : -1]] == ["Datasette"] * 2


def test_all_tables_are_exported_once(answered):
    assert answered[-1].what == "all tables as Parquet"
    assert answered[-1].n == 1


def test_times_are_in_order(answered):
    assert all(0 < one.median <= one.p95 for one in answered)
