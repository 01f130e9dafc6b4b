"""Ray nodes on this machine, each a set of processes of its own, to be killed as machines die."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

import psutil

STORE_BYTES = 80 * 2**20
"""The least memory for objects that Ray starts with is 75 MB."""
START_SECONDS = 60.0
QUICKLY = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_health_check_initial_delay_ms": "1000",
    "RAY_health_check_period_ms": "500",
    "RAY_health_check_timeout_ms": "1000",
    "RAY_health_check_failure_threshold": "3",
    "RAY_gcs_rpc_server_reconnect_timeout_s": "5",
    "RAY_DISABLE_MEMORY_MONITOR": "1",
}
"""A node that is lost is noticed within seconds, and nodes whose head is lost end."""


@dataclass(slots=True)
class RayNode:
    """A node of a cluster; what it is made of ends with it."""

    process: subprocess.Popen[bytes]
    log: Path

    def await_start(self) -> None:
        """Wait until the node runs."""
        until = time.monotonic() + START_SECONDS
        while b"runtime started" not in self.log.read_bytes():
            if time.monotonic() > until or self.process.poll() is not None:
                raise TimeoutError(f"the node did not start: {self.log.read_text()[-2000:]}")
            time.sleep(0.1)

    def freeze(self) -> None:
        """Stop the node for good, as a machine that hangs: nothing of it ends, nothing goes on."""
        self._each(psutil.Process.suspend)

    def kill(self) -> None:
        """End the node as a power cut does: all its processes at once, its master first."""
        self._each(psutil.Process.kill)
        self.process.kill()
        self.process.wait()

    def _each(self, act: Callable[[psutil.Process], None]) -> None:
        with suppress(psutil.NoSuchProcess):
            parts = psutil.Process(self.process.pid).children(recursive=True)
            for part in sorted(parts, key=lambda part: "ray::" in _name(part)):
                with suppress(psutil.NoSuchProcess):
                    act(part)


def _name(process: psutil.Process) -> str:
    try:
        return str(process.name())
    except psutil.NoSuchProcess:
        return ""


@dataclass(slots=True)
class RayNodes:
    """A cluster of nodes on this machine; closed by ``with``.

    Attributes:
        folder: Of Ray's files; a short path, for it has sockets.
        cpus: Processors that each node has to give.
        head_cpus: Those of the head.
        port: Of the head.
        nodes: Those that run; the head is the first.
    """

    folder: Path
    cpus: int = 1
    head_cpus: int = 0
    port: int = 0
    nodes: list[RayNode] = field(default_factory=list)
    _started: int = 0

    def __enter__(self) -> RayNodes:
        self.start_head()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        rmtree(self.folder, ignore_errors=True)

    @classmethod
    def in_short_folder(cls, *, cpus: int = 1, head_cpus: int = 0) -> RayNodes:
        """Return a cluster in a folder of its own, which goes with it."""
        return cls(Path(mkdtemp(prefix="ray-", dir="/tmp")), cpus, head_cpus)

    def close(self) -> None:
        """Kill all nodes."""
        while self.nodes:
            self.nodes.pop().kill()

    @property
    def address(self) -> str:
        """Where the head listens."""
        return f"127.0.0.1:{self.port}"

    def start_head(self) -> None:
        """Start the head, on the same port as the one before it."""
        self.port = self.port or _free_port()
        head = self._start(
            "--head", f"--port={self.port}", f"--num-cpus={self.head_cpus}",
            "--include-dashboard=false",
            "--include-log-monitor=false", f"--temp-dir={self.folder}",
        )  # fmt: skip
        head.await_start()

    def start_node(self) -> RayNode:
        """Start a node that observes pages, without waiting for it."""
        return self._start(f"--address={self.address}", f"--num-cpus={self.cpus}")

    def lose(self, node: RayNode) -> None:
        """Kill a node."""
        self.nodes.remove(node)
        node.kill()

    def _start(self, *options: str) -> RayNode:
        ray = Path(sys.executable).with_name("ray")
        common = ["start", "--block", "--disable-usage-stats", "--node-ip-address=127.0.0.1"]
        common.append(f"--object-store-memory={STORE_BYTES}")
        self._started += 1
        log = self.folder / f"node{self._started}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(  # noqa: S603 - our own command
                [ray, *common, *options], stdout=out, stderr=out, env={**os.environ, **QUICKLY}
            )
        node = RayNode(process, log)
        self.nodes.append(node)
        return node


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
