"""A bucket: objects of an S3-compatible store. This module alone opens connections to it.

Its keys are the paths that the same files have in a folder store, so that ``aws s3 sync`` moves a
folder into a bucket and back. Keys and secrets are those of the standard AWS environment.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from presslens.models.errors import PresslensError
from presslens.pipelines.disk import NO_SPACE

if TYPE_CHECKING:
    from s3fs import S3FileSystem

CONNECT_SECONDS = 5
"""How long a connection to the store may take."""
READ_SECONDS = 60
"""How long the store may be silent while it answers."""
VERSIONS = 1000
"""The store names so many versions of an object at a time; no service names more."""
ATTEMPTS = 3
"""A request is made so often before the store is said to be away."""


class StoreMissing(PresslensError):
    """The store of the scans is not there, can't be written to, or is another one."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What a bucket says of an object: its size in bytes, and when it was put, by its clock."""

    size: int
    put_at: datetime


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket, or a part of one; small, and may be sent to other processes and machines."""

    url: str  # ``s3://bucket/prefix``
    # Address of the store, as ``https://host:port``; empty: that of the environment.
    endpoint: str = ""

    def get(self, key: str, target: Path) -> None:
        """Copy an object into a file.

        Raises:
            FileNotFoundError: There is no such object.
            StoreMissing: The store can't be reached, or does not let us.
        """
        with self._explain():
            self._files.get_file(self._path(key), str(target))

    def put(self, key: str, source: Path) -> None:
        """Make a file an object, which replaces one of this key: whole, or not at all.

        Raises:
            StoreMissing: The store can't be reached, or does not let us.
        """
        with self._explain():
            self._files.put_file(str(source), self._path(key))

    def write(self, key: str, content: bytes) -> None:
        """Make bytes an object; see ``put``."""
        with self._explain():
            self._files.pipe_file(self._path(key), content)

    def find(self, key: str) -> StoredObject | None:
        """Return what the store says of an object; None if there is none.

        Raises:
            StoreMissing: The store can't be reached, or does not let us.
        """
        with suppress(FileNotFoundError), self._explain():
            entry = self._files.info(self._path(key), refresh=True)
            return StoredObject(entry["size"], entry["LastModified"])
        return None

    def copy(self, key: str, target: str) -> None:
        """Store an object under another key, too, without fetching it.

        Raises:
            FileNotFoundError: There is no such object.
            StoreMissing: The store can't be reached, or does not let us.
        """
        with self._explain():
            self._files.cp_file(self._path(key), self._path(target))

    def delete(self, key: str) -> None:
        """Delete an object; it is no error if there is none.

        Raises:
            StoreMissing: The store can't be reached, or does not let us.
        """
        with suppress(FileNotFoundError), self._explain():
            self._files.rm_file(self._path(key))

    def erase(self, key: str) -> None:
        """Delete an object with the versions that a bucket keeps; it is no error if there is none.

        A service that does not implement versions keeps none.

        Raises:
            StoreMissing: The store can't be reached, or does not let us.
        """
        name, _, path = self._path(key).partition("/")
        which: dict[str, Any] = {"Bucket": name, "Prefix": path, "MaxKeys": VERSIONS}
        while True:
            with self._explain():
                try:
                    page = self._files.call_s3("list_object_versions", **which)
                except OSError as error:
                    if error.errno != errno.ENOSYS:  # of NotImplemented, as s3fs has it
                        raise
                    with suppress(FileNotFoundError):
                        self._files.rm_file(self._path(key))
                    return
                entries = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
                versions = [entry["VersionId"] for entry in entries if entry["Key"] == path]
                for version in versions:
                    self._files.call_s3("delete_object", Bucket=name, Key=path, VersionId=version)
            # A key comes before the longer ones that begin with it: without its versions on the
            # first page there are none.
            if not (versions and page.get("IsTruncated")):
                return

    def keys(self, prefix: str) -> Iterator[str]:
        """Yield the keys that begin with this, sorted.

        Raises:
            StoreMissing: The store can't be reached, or does not let us.
        """
        name, _, start = self._path("").partition("/")
        pages: dict[str, str] = {}
        while True:
            with self._explain():
                page = self._files.call_s3(
                    "list_objects_v2", Bucket=name, Prefix=start + prefix, **pages
                )
            yield from (entry["Key"].removeprefix(start) for entry in page.get("Contents", ()))
            if not page.get("IsTruncated"):
                return
            pages = {"ContinuationToken": page["NextContinuationToken"]}

    @property
    def _files(self) -> S3FileSystem:
        return _open_files(self.endpoint)

    def _path(self, key: str) -> str:
        return f"{self.url.removeprefix('s3://').rstrip('/')}/{key}"

    @contextmanager
    def _explain(self) -> Iterator[None]:
        """Raise StoreMissing for every error but of missing objects and full disks of our own."""
        try:
            yield
        except FileNotFoundError as error:
            if not _is_of_object(error):
                raise StoreMissing(f"there is no bucket {self.url}") from error
            raise
        except (
            Exception
        ) as error:  # of s3fs, botocore, aiohttp: whatever fails, the next try may not
            if isinstance(error, OSError) and error.errno in NO_SPACE:
                raise
            raise StoreMissing(f"the store {self.url} can't be used: {error}") from error


def _is_of_object(error: FileNotFoundError) -> bool:
    """Return whether an object is missing, rather than its bucket."""
    code = getattr(error.__cause__, "response", {}).get("Error", {}).get("Code")
    return bool(code != "NoSuchBucket")


@lru_cache(maxsize=8)
def _open_files(endpoint: str) -> S3FileSystem:
    """Return the files of a store, opened once by each process."""
    try:
        from s3fs import S3FileSystem
    except ModuleNotFoundError as error:
        raise StoreMissing("install what opens buckets: pip install 'presslens[s3]'") from error

    files = S3FileSystem(
        endpoint_url=endpoint or None,
        use_listings_cache=False,
        skip_instance_cache=True,
        config_kwargs={
            "connect_timeout": CONNECT_SECONDS,
            "read_timeout": READ_SECONDS,
            "retries": {"max_attempts": 0},
        },
    )
    files.retries = ATTEMPTS
    return files
