"""The guard of the suite refuses every network but this machine."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

REACH = "import socket; socket.getaddrinfo('presslens.example', 80)"


def test_a_name_elsewhere_is_not_looked_up() -> None:
    with pytest.raises(RuntimeError, match=r"presslens\.example"):
        socket.getaddrinfo("presslens.example", 443)


def test_nothing_connects_elsewhere() -> None:
    with socket.socket() as client, pytest.raises(RuntimeError, match=r"192\.0\.2\.1"):
        client.connect(("192.0.2.1", 80))


def test_this_machine_is_reached() -> None:
    with socket.socket() as server, socket.socket() as client:
        server.bind(("127.0.0.1", 0))
        server.listen()
        client.connect(server.getsockname())


def test_child_processes_are_guarded_too() -> None:
    child = subprocess.run(
        [sys.executable, "-c", REACH], capture_output=True, text=True, check=False
    )
    assert child.returncode == 1
    assert "presslens.example" in child.stderr
