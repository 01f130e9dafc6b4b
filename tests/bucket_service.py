"""Services of buckets on this machine, over HTTP, as a client meets any other: moto's, rclone's."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from moto.server import ThreadedMotoServer
from s3fs import S3FileSystem

KEYS = {
    "AWS_ACCESS_KEY_ID": "presslens",
    "AWS_SECRET_ACCESS_KEY": "presslens",
    "AWS_DEFAULT_REGION": "us-east-1",
}


class BucketService:
    """A running service, which can be stopped and started again with all that it has."""

    def __init__(self) -> None:
        self._port = 0
        self.start()

    @property
    def endpoint(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start it, at its old address if it has one."""
        self._server = ThreadedMotoServer("127.0.0.1", self._port, verbose=False)
        self._server.start()
        self._port = self._server.get_host_and_port()[1]

    def stop(self) -> None:
        """Stop it; the address refuses connections then."""
        self._server.stop()

    def make_bucket(self, name: str, *, locked_days: int = 0) -> str:
        """Make an empty bucket, which may keep all versions for some days; return its URL."""
        self._files.call_s3(
            "create_bucket", Bucket=name, ObjectLockEnabledForBucket=locked_days > 0
        )
        if locked_days:
            rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": locked_days}}
            lock = {"ObjectLockEnabled": "Enabled", "Rule": rule}
            self._files.call_s3(
                "put_object_lock_configuration", Bucket=name, ObjectLockConfiguration=lock
            )
        return f"s3://{name}"

    def keep_versions(self, url: str) -> None:
        """Have the bucket of a URL keep what is replaced and deleted."""
        self._files.call_s3(
            "put_bucket_versioning",
            Bucket=url.split("/")[2],
            VersioningConfiguration={"Status": "Enabled"},
        )

    def versions(self, url: str) -> list[str]:
        """Return the keys of all versions in the bucket of a URL."""
        found = self._files.call_s3("list_object_versions", Bucket=url.split("/")[2])
        return [entry["Key"] for entry in found.get("Versions", ())]

    @property
    def _files(self) -> S3FileSystem:
        return S3FileSystem(endpoint_url=self.endpoint, skip_instance_cache=True)


class FolderService(BucketService):
    """Buckets that are the folders of a folder, as ``rclone serve s3`` serves them.

    It keeps no versions and locks nothing.
    """

    def __init__(self, program: str, folder: Path) -> None:
        self._program, self._folder = program, folder
        super().__init__()

    def start(self) -> None:
        """See ``BucketService.start``; it answers when this returns."""
        if not self._port:
            with socket.create_server(("127.0.0.1", 0)) as free:
                self._port = free.getsockname()[1]
        keys = f"{KEYS['AWS_ACCESS_KEY_ID']},{KEYS['AWS_SECRET_ACCESS_KEY']}"
        address = f"127.0.0.1:{self._port}"
        self._process = subprocess.Popen(
            [self._program, "serve", "s3", "--auth-key", keys, "--addr", address,
             "--config", "", "--quiet", str(self._folder)],
        )  # fmt: skip
        while not _answers(self.endpoint):
            assert self._process.poll() is None, "rclone has ended"

    def stop(self) -> None:
        """See ``BucketService.stop``."""
        self._process.terminate()
        self._process.wait()

    def make_bucket(self, name: str, *, locked_days: int = 0) -> str:
        """See ``BucketService.make_bucket``."""
        if locked_days:
            pytest.skip("rclone locks no objects")
        return super().make_bucket(name)

    def keep_versions(self, url: str) -> None:
        """See ``BucketService.keep_versions``."""
        pytest.skip(f"rclone keeps no versions, of {url} neither")


def _answers(endpoint: str) -> bool:
    try:
        urlopen(endpoint, timeout=5).close()
    except URLError as error:
        return hasattr(error, "code")  # refused for want of a signature
    return True


@contextmanager
def keys_in_environment() -> Iterator[None]:
    """Have the keys to all services in the environment; none takes them from another that ends."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in KEYS.items():
            environment.setenv(name, value)
        yield
