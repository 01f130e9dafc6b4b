"""Files are there whole or not at all, once, and only in our own folder."""

import io
import os

import pytest

from presslens.app.installation import open_installation
from presslens.app.platform.errors import DiskFull, LimitExceeded, StoreMissing
from presslens.app.storage.folder import FolderStorage


@pytest.fixture
def store(tmp_path):
    storage = FolderStorage(tmp_path / "store")
    storage.create()
    return storage


def leftovers(store):
    return list(store.incoming.iterdir())


def test_the_same_bytes_are_kept_once(store):
    blobs = [store.put(io.BytesIO(b"scan"), most=10) for _ in range(2)]
    assert blobs[0] == blobs[1]
    assert list(store.scans()) == [blobs[0].sha256]
    assert store.scan(blobs[0].sha256).read_bytes() == b"scan"
    assert leftovers(store) == []


@pytest.mark.parametrize(("size", "kept"), [(9, True), (10, True), (11, False)])
def test_what_is_too_large_leaves_nothing(store, size, kept):
    if kept:
        assert store.put(io.BytesIO(b"x" * size), most=10).size == size
    else:
        with pytest.raises(LimitExceeded):
            store.put(io.BytesIO(b"x" * size), most=10)
    assert leftovers(store) == []
    assert len(list(store.scans())) == kept


def test_a_broken_stream_leaves_nothing(store):
    class Broken(io.BytesIO):
        def read(self, *_):
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        store.put(Broken(), most=10)
    assert leftovers(store) == []


def test_a_full_disk_takes_nothing(store):
    with pytest.raises(DiskFull):
        FolderStorage(store.root, min_free_bytes=2**62).put(io.BytesIO(b"scan"), most=10)
    assert leftovers(store) == []


def test_only_old_leftovers_are_swept(store):
    for name, age in (("old", 2 * 86400.0), ("new", 60.0)):
        path = store.incoming / name
        path.write_bytes(b"half")
        os.utime(path, (1e9 - age, 1e9 - age))
    store.sweep(1e9)
    assert [path.name for path in leftovers(store)] == ["new"]


def test_an_unmounted_disk_is_not_an_empty_archive(settings, home, put, scans):
    put(scans)
    home.storage.root.rename(home.storage.root.with_name("elsewhere"))
    with pytest.raises(StoreMissing), open_installation(settings):
        pass
    assert not home.storage.marked


def test_bytes_are_removed_unless_they_were_given_again(store):
    sha256 = store.put(io.BytesIO(b"scan"), most=10).sha256
    os.utime(store.scan(sha256), (1e9, 1e9))
    assert not store.remove(sha256, unless_put_after=1e9 - 1)
    store.put(io.BytesIO(b"scan"), most=10)
    assert not store.remove(sha256, unless_put_after=1e9)
    assert store.scan(sha256).read_bytes() == b"scan"
    os.utime(store.scan(sha256), (1e9, 1e9))
    assert store.remove(sha256, unless_put_after=1e9)
    assert list(store.scans()) == leftovers(store) == []
    assert store.remove(sha256, unless_put_after=1e9)
    store.put(io.BytesIO(b"scan"), most=10)
    assert list(store.scans()) == [sha256]


def test_bytes_that_came_while_their_removal_was_interrupted_are_there_again(store):
    sha256 = store.put(io.BytesIO(b"scan"), most=10).sha256
    aside = store.incoming / f"removed-{sha256}"
    store.scan(sha256).replace(aside)  # killed here
    assert not store.remove(sha256, unless_put_after=aside.stat().st_mtime - 1)
    assert store.scan(sha256).read_bytes() == b"scan"
    store.scan(sha256).replace(aside)
    assert store.remove(sha256, unless_put_after=aside.stat().st_mtime)
    assert list(store.scans()) == leftovers(store) == []
