"""Derivatives are whole or absent, the least used go first, and go with their scan."""

import os

import pytest

from presslens.app.platform.derivatives import Derivatives

SCAN, OTHER = "ab" * 32, "cd" * 32


@pytest.fixture
def derivatives(tmp_path):
    return Derivatives(tmp_path, most_bytes=1000)


def put(derivatives, name, size=100, sha256=SCAN):
    return derivatives.put(sha256, name, lambda path: path.write_bytes(b"x" * size))


def test_what_was_written_is_found(derivatives):
    assert derivatives.find(SCAN, "a.jpg") is None
    path = put(derivatives, "a.jpg")
    assert derivatives.find(SCAN, "a.jpg") == path
    assert path.read_bytes() == b"x" * 100


def test_what_fails_leaves_nothing(derivatives):
    def fail(path):
        path.write_bytes(b"half")
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        derivatives.put(SCAN, "a.jpg", fail)
    assert [path for path in derivatives.root.rglob("*") if path.is_file()] == []


def test_the_least_used_make_room(derivatives):
    paths = [put(derivatives, f"{i}.jpg") for i in range(10)]
    for i, path in enumerate(paths):
        os.utime(path, (1000 + i, 1000 + i))
    assert derivatives.find(SCAN, "0.jpg") == paths[0]  # used now
    last = put(derivatives, "10.jpg", sha256=OTHER)
    left = {path.name for path in [*paths, last] if path.exists()}
    assert left == {"0.jpg", "10.jpg", *(f"{i}.jpg" for i in range(4, 10))}


def test_files_of_earlier_processes_count(derivatives, tmp_path):
    for i in range(9):
        path = put(derivatives, f"{i}.jpg")
        os.utime(path, (1000 + i, 1000 + i))
    again = Derivatives(tmp_path, most_bytes=1000)
    assert put(again, "new.jpg", size=200).exists()
    assert not (path.parent / "0.jpg").exists()


def test_what_is_larger_than_everything_is_kept_until_the_next(tmp_path):
    derivatives = Derivatives(tmp_path, most_bytes=0)
    path = put(derivatives, "a.jpg")
    assert path.exists()
    put(derivatives, "b.jpg")
    assert not path.exists()


def test_a_scan_takes_its_derivatives_with_it(derivatives):
    path, other = put(derivatives, "a.jpg"), put(derivatives, "a.jpg", sha256=OTHER)
    derivatives.remove(SCAN)
    assert not path.parent.exists()
    assert other.exists()
    derivatives.remove(SCAN)
