"""A loss of power leaves files whole or absent, and none absent that was said to be stored."""

import hashlib
import io

import numpy as np
import pytest

from presslens.app.storage.folder import FolderStorage
from presslens.lab.soak.disk import Disk
from presslens.pipelines.failpoints import Failpoint, WhenStruck, arm
from presslens.pipelines.view import is_intact, write_view

from .alone import alone

SYNCS = [
    Failpoint.STORE_SYNC, Failpoint.STORE_SYNC_FOLDER, Failpoint.STORE_SYNC_PARENT,
    Failpoint.STORE_SYNC_REMOVAL, Failpoint.STORE_REMOVE_VIEWS, Failpoint.VIEW_SYNC,
    Failpoint.VIEW_SYNC_FOLDER, Failpoint.VIEW_SYNC_PARENT,
]  # fmt: skip
SHA256 = hashlib.sha256(b"scan").hexdigest()
SCAN, VIEW = f"scans/{SHA256[:2]}/{SHA256[2:]}", f"views/{SHA256[:2]}/{SHA256[2:]}-0-{'0' * 16}.jpg"


class Watch:
    """Looks at all states that the disk may be in, at each failpoint and after each call."""

    def __init__(self, disk, folder):
        self.disk, self.folder = disk, folder
        self.states, self.wrong = 0, set()

    def look(self, *, there=(), gone=()):
        for state in self.disk.states():
            self.states += 1
            self.wrong |= {f"{path} is lost" for path in there if path not in state}
            self.wrong |= {f"{path} is back" for path in gone if path in state}
            self.wrong |= {
                f"{path} is not whole" for path in state if not self.is_whole(path, state)
            }

    def is_whole(self, path, state):
        if path.startswith("scans/"):
            return hashlib.sha256(state[path]).hexdigest() == path.removeprefix("scans/").replace(
                "/", ""
            )
        if path.startswith("views/"):
            (self.folder / "view").write_bytes(state[path])
            return is_intact(self.folder / "view")
        return True


def store_and_remove(folder, without=None):
    """Put, view and remove a scan; return how many states there were, and what was wrong."""
    store, inside = FolderStorage(folder / "store"), set()
    store.create()
    disk = Disk(store.root, deaf=lambda: without in inside)
    watch = Watch(disk, folder)

    def come(point, when):
        (inside.add if when is WhenStruck.BEFORE else inside.discard)(point)
        watch.look()

    arm(come)
    try:
        with disk.watched():
            for _ in range(2):
                store.put(io.BytesIO(b"scan"), most=10)
                watch.look(there=[SCAN])
            view = store.view(SHA256, 0, "0" * 64)
            write_view(np.zeros((8, 8, 3), np.uint8), view, incoming=store.incoming)
            watch.look(there=[SCAN, VIEW])
            store.remove(SHA256, unless_put_after=store.scan(SHA256).stat().st_mtime)
            store.remove_views(SHA256)
            watch.look(gone=[SCAN, VIEW])
    finally:
        arm(None)
    return watch


def test_files_of_the_store_withstand_a_loss_of_power_at_any_moment(tmp_path):
    watch = store_and_remove(tmp_path)
    assert watch.states > 100
    assert watch.wrong == set()


@pytest.mark.parametrize("point", SYNCS)
def test_no_sync_of_the_store_can_be_spared(tmp_path, point):
    assert store_and_remove(tmp_path, without=point).wrong


@pytest.mark.timeout(900)
def test_a_night_that_loses_power_comes_to_the_same(tmp_path, subtests):
    for place, one in alone("power", "small_nights(folder)", tmp_path).items():
        with subtests.test(msg=place):
            assert one["ended"] == [-9]
            assert one["equal"], one["why"]
