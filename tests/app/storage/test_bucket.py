"""Files in a bucket are there whole or not at all, and are checked on the way back."""

import hashlib
import io
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import combinations, product

import pytest

import presslens.app.storage.bucket
import presslens.pipelines.scans.bucket
from presslens.app.platform.errors import BeingRemoved, DiskFull, LimitExceeded, StoreMissing
from presslens.app.storage.bucket import BucketStorage
from presslens.app.storage.storage import scan_key, view_key
from presslens.pipelines.object_store import ObjectDamaged
from presslens.pipelines.scans.bucket import Bucket

SCAN = b"a scan"
SHA256 = hashlib.sha256(SCAN).hexdigest()
KEY = scan_key(SHA256)
AGO = 1e9


@pytest.fixture(params=["service", "folder_service"])
def service(request):
    """Return one service of buckets after the other: moto's, rclone's."""
    return request.getfixturevalue(request.param)


def put(store, content=SCAN, most=100):
    return store.put(io.BytesIO(content), most=most)


def read(store, sha256=SHA256):
    with store.open_scan(sha256) as path:
        return path.read_bytes()


def elsewhere(store, folder):
    """Return the same store on another machine."""
    other = replace(store, root=folder / "elsewhere", _marked_at=[])
    other.check_mark()
    return other


def test_the_same_bytes_are_stored_once_and_read_on_every_machine(store, tmp_path):
    first, again = put(store), put(store)
    assert (first.sha256, first.written, again.written) == (SHA256, True, False)
    assert list(store.scans()) == [SHA256]
    other = elsewhere(store, tmp_path)
    other.check()
    assert read(other) == SCAN
    assert other.has_scan(SHA256)
    assert not other.has_scan("0" * 64)
    with pytest.raises(FileNotFoundError):
        read(other, "0" * 64)
    assert list(other.incoming.iterdir()) == list(store.incoming.iterdir()) == []


def test_what_is_refused_leaves_nothing(store):
    with pytest.raises(LimitExceeded):
        put(store, most=3)
    with pytest.raises(DiskFull):
        put(replace(store, min_free_bytes=2**62))
    assert list(store.scans()) == list(store.incoming.iterdir()) == []


def test_bytes_are_checked_on_the_way_back(store, tmp_path):
    put(store)
    store.bucket.write(KEY, b"b scan")
    other = elsewhere(store, tmp_path)
    with pytest.raises(ObjectDamaged):
        read(other)
    with other.copy(KEY) as altered:  # as it is
        assert altered.read_bytes() == b"b scan"
    assert list(other.objects.cache.copies()) == []
    assert put(other).written  # so that what failed for want of it is tried again
    assert read(other) == SCAN


def test_a_copy_that_is_damaged_is_fetched_again(store, tmp_path):
    put(store)
    other = elsewhere(store, tmp_path)
    other.objects.cache.root.joinpath(KEY).parent.mkdir(parents=True)
    other.objects.cache.root.joinpath(KEY).write_bytes(b"b scan")
    assert read(other) == SCAN
    assert other.objects.cache.root.joinpath(KEY).read_bytes() == SCAN


def test_a_bucket_without_a_mark_is_no_store(store, tmp_path):
    other = replace(store, bucket=Bucket(f"{store.bucket.url}/other", store.bucket.endpoint))
    for one in (other, replace(other, bucket=Bucket("s3://nobody-has-it", other.bucket.endpoint))):
        unseen = replace(one, _marked_at=[])
        with pytest.raises(StoreMissing):
            unseen.check()


def test_a_service_that_is_away_is_an_outage(store, service, tmp_path):
    put(store)
    other = elsewhere(store, tmp_path)
    service.stop()
    try:
        assert read(store) == SCAN  # this machine has a copy
        for use in (
            lambda: read(other),
            lambda: put(store),
            lambda: store.has_scan("0" * 64),
            lambda: list(store.scans()),
            lambda: store.remove(SHA256, unless_put_after=AGO),
            lambda: replace(store, _marked_at=[]).check(),
        ):
            with pytest.raises(StoreMissing):
                use()
    finally:
        service.start()
    assert read(other) == SCAN
    assert list(store.incoming.iterdir()) == []


def test_copies_are_bounded_and_fetched_again(store, tmp_path):
    small = replace(elsewhere(store, tmp_path), cache_bytes=25)
    scans = [f"scan {i:05d}".encode() for i in range(6)]
    names = [put(store, scan).sha256 for scan in scans]
    for _ in range(2):
        assert [read(small, name) for name in names] == scans
        assert sum((small.objects.cache.root / c).stat().st_size
                   for c in small.objects.cache.copies()) <= 25  # fmt: skip


def test_many_readers_of_few_copies_all_get_them(store, tmp_path):
    small = replace(elsewhere(store, tmp_path), cache_bytes=25)
    scans = [f"scan {i:05d}".encode() for i in range(6)]
    names = [put(store, scan).sha256 for scan in scans]
    with ThreadPoolExecutor(8) as threads:
        wanted = [i % 6 for i in range(96)]
        assert list(threads.map(lambda i: read(small, names[i]), wanted)) == [
            scans[i] for i in wanted
        ]


def test_removed_bytes_leave_the_other_machines_with_their_next_sweep(store, tmp_path):
    put(store)
    other = elsewhere(store, tmp_path)
    read(other)
    later = store.bucket.find(KEY).put_at.timestamp() + 1
    assert not store.remove(SHA256, unless_put_after=AGO)  # put since
    assert store.remove(SHA256, unless_put_after=later)
    assert store.remove(SHA256, unless_put_after=later)
    assert not store.has_scan(SHA256)
    assert list(store.objects.cache.copies()) == []
    assert list(other.objects.cache.copies()) == [KEY]
    other.sweep(later)
    assert list(other.objects.cache.copies()) == []
    assert list(store.bucket.keys("")) == [".presslens", f"removed/{SHA256}"]
    put(other)
    assert read(store) == SCAN
    other.sweep(later)
    assert list(other.objects.cache.copies()) == [KEY]


def test_nothing_of_removed_bytes_stays_in_a_bucket_that_keeps_versions(
    store, service, monkeypatch
):
    monkeypatch.setattr(presslens.pipelines.scans.bucket, "VERSIONS", 2)
    service.keep_versions(store.bucket.url)
    for content in (b"damaged", SCAN, b"more", b"than", b"a page of versions"):
        store.bucket.write(KEY, content)
    view = view_key(SHA256, 0, "0" * 64)
    store.bucket.write(view, b"a picture")
    other = put(store, b"another scan").sha256
    assert store.remove(SHA256, unless_put_after=store.bucket.find(KEY).put_at.timestamp())
    store.remove_views(SHA256)
    left = service.versions(store.bucket.url)
    assert not [key for key in left if SHA256[2:] in key and "scans/" in key]
    assert not [key for key in left if "views/" in key]
    assert read(store, other) == b"another scan"


def test_a_bucket_in_which_nothing_can_be_erased_is_refused(service, tmp_path):
    url = service.make_bucket("locked", locked_days=1)
    store = BucketStorage(
        tmp_path, bucket=Bucket(f"{url}/scans", service.endpoint), cache_bytes=2**20
    )
    with pytest.raises(StoreMissing):
        store.create()
    assert not store.marked


class Turns:
    """Lets the requests of two threads, by their names, happen in a given order."""

    def __init__(self, order):
        self._order = list(order)
        self.put = set()
        self._changed = threading.Condition()

    @contextmanager
    def next(self, name):
        with self._changed:
            self._changed.wait_for(lambda: not self._order or self._order[0] == name, timeout=20)
            try:
                yield
            finally:
                if self._order:
                    self._order.pop(0)
                self._changed.notify_all()

    def end(self, name):
        """Let the other one go on: this one has ended."""
        with self._changed:
            self._order = [one for one in self._order if one != name]
            self._changed.notify_all()


@dataclass(frozen=True, slots=True)
class PacedBucket(Bucket):
    """A bucket whose requests each wait for the turn of their side."""

    side: str = field(kw_only=True)
    turns: Turns = field(kw_only=True)

    def put(self, key, source):
        with self.turns.next(self.side):
            Bucket.put(self, key, source)
            self.turns.put.add(key)

    def write(self, *args):
        with self.turns.next(self.side):
            return Bucket.write(self, *args)

    def find(self, key):
        """See ``Bucket.find``. What was not put in this race was put an hour before."""
        with self.turns.next(self.side):
            found = Bucket.find(self, key)
            if found is None or key in self.turns.put or key.startswith("removing/"):
                return found
            return replace(found, put_at=found.put_at - timedelta(hours=1))

    def delete(self, *args):
        with self.turns.next(self.side):
            return Bucket.delete(self, *args)

    def erase(self, *args):
        with self.turns.next(self.side):
            return Bucket.erase(self, *args)

    def keys(self, *args):
        with self.turns.next(self.side):
            return iter(list(Bucket.keys(self, *args)))


REMOVALS = {
    "remove": lambda store, before: store.remove(SHA256, unless_put_after=before),
    "set aside": lambda store, before: store.set_aside(KEY, unless_put_after=before),
}


def race(store, order, remove):
    """Let a removal and an upload of the same bytes meet; return whether they were removed."""
    turns = Turns(order)

    def side(name):
        bucket = PacedBucket(store.bucket.url, store.bucket.endpoint, side=name, turns=turns)
        return replace(store, bucket=bucket, root=store.root.with_name(name), _marked_at=[])

    sides = {name: side(name) for name in ("removal", "upload")}
    before = store.bucket.find(KEY).put_at.timestamp() - 1800
    uses = {
        "removal": lambda: remove(sides["removal"], before),
        "upload": lambda: put(sides["upload"]),
    }

    def run(name):
        sides[name].incoming.mkdir(parents=True, exist_ok=True)
        try:
            return uses[name]()
        finally:
            turns.end(name)

    with ThreadPoolExecutor(2) as threads:
        removal, upload = threads.map(run, uses)
    assert upload.sha256 == SHA256
    return removal


@pytest.mark.parametrize("every", [4, pytest.param(1, marks=pytest.mark.long)])
def test_whatever_the_order_of_requests_an_upload_survives_a_removal(
    store, tmp_path, subtests, every
):
    other, removed = elsewhere(store, tmp_path), Counter()
    orders = list(combinations(range(8), 4))
    # Of what is set aside in the same way, those in which one of them is not interrupted.
    whole = [places for places in orders if _is_block(places) or _is_block({*range(8)} - {*places})]
    tried = [*product(["remove"], orders[::every]), *product(["set aside"], whole)]
    for name, places in tried:
        order = ["removal" if place in places else "upload" for place in range(8)]
        remove = REMOVALS[name]
        with subtests.test(f"{name} {''.join(one[0] for one in order)}"):
            put(store)
            removed[name, race(store, order, remove)] += 1
            assert read(other) == SCAN
            assert list(store.bucket.keys("remov")) == []
            other.objects.cache.drop(KEY)
    assert set(removed) == set(product(REMOVALS, (True, False)))


def _is_block(places):
    return max(places) - min(places) == len(places) - 1


def test_what_is_set_aside_leaves_no_copy_where_it_is_put_again(store):
    put(store)
    before = store.bucket.find(KEY).put_at.timestamp()
    assert not store.set_aside(KEY, unless_put_after=before - 1)
    assert not list(store.bucket.keys("strays/"))
    assert store.set_aside(KEY, unless_put_after=before)
    assert list(store.bucket.keys("s")) == [f"strays/{KEY}"]
    assert not store.set_aside(KEY, unless_put_after=before)


def test_the_mark_of_a_removal_that_was_killed_refuses_and_then_goes(store, monkeypatch):
    monkeypatch.setattr(presslens.app.storage.bucket, "PATIENCE_SECONDS", 0.0)
    store.bucket.write(f"removing/{SHA256}/killed", b"")
    with pytest.raises(BeingRemoved, match="put them again"):
        put(store)
    monkeypatch.setattr(
        presslens.app.storage.bucket, "REMOVAL", timedelta(0)
    )  # as if it were long ago
    assert put(store).sha256 == SHA256
    tomorrow = store.bucket.find(KEY).put_at.timestamp() + 2 * 24 * 3600
    store.sweep(tomorrow)
    assert list(store.bucket.keys("removing/")) == []
    assert read(store) == SCAN
