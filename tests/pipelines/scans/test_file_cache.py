"""Copies go when there are too many, the least used first; never one that somebody uses."""

import os
from contextlib import ExitStack

import pytest

from presslens.pipelines.scans.file_cache import FileCache

SIZE = 100


@pytest.fixture
def add(tmp_path):
    """Return a function that adds a copy of 100 bytes."""

    def add(cache, key):
        part = tmp_path / "part"
        part.write_bytes(key.encode().ljust(SIZE))
        return cache.adopt(key, part)

    return add


def held(cache, key, open_files):
    return open_files.enter_context(cache.hold(key)).read_bytes().strip().decode()


def test_what_was_used_least_lately_goes(tmp_path, add):
    cache = FileCache(tmp_path / "cache", 5 * SIZE)
    for i in range(5):
        with add(cache, f"k/{i}") as path:
            os.utime(path, (1e9 + i, 1e9 + i))
    with cache.hold("k/0"):  # used: it is not the oldest any more
        pass
    for key in ("k/5", "k/6"):
        with add(cache, key) as path:
            os.utime(path, (1e9 + 9, 1e9 + 9))
    left = list(cache.copies())
    assert "k/0" in left
    assert {"k/1", "k/2"}.isdisjoint(left)
    assert {"k/5", "k/6"} <= set(left)
    assert len(left) * SIZE <= 5 * SIZE
    with pytest.raises(FileNotFoundError), cache.hold("k/1"):
        pass


def test_what_is_in_use_stays_and_may_be_more_than_there_is_room_for(tmp_path, add):
    one, other = (FileCache(tmp_path / "cache", 2 * SIZE) for _ in range(2))  # as two processes
    with ExitStack() as open_files:
        for i in range(4):
            open_files.enter_context(add(one, f"k/{i}"))
        with add(other, "k/4"):
            assert [held(other, f"k/{i}", open_files) for i in range(5)] == [
                f"k/{i}" for i in range(5)
            ]
    with add(other, "k/5"):
        assert len(list(other.copies())) <= 2


def test_a_copy_that_is_there_stays(tmp_path, add):
    cache = FileCache(tmp_path / "cache", 5 * SIZE)
    with add(cache, "k/0") as first:
        inode = first.stat().st_ino
        with add(cache, "k/0") as second:
            assert second.stat().st_ino == inode
    cache.drop("k/0")
    cache.drop("k/0")
    assert list(cache.copies()) == []
    assert not (tmp_path / "part").exists()
