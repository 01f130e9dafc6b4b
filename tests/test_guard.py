"""The guard of the suite refuses every network but this machine."""

import socket
import subprocess
import sys
from collections.abc import Callable

import pytest

REACH = "import socket; socket.getaddrinfo('presslens.example', 80)"


def test_a_name_elsewhere_is_not_looked_up() -> None:
    with pytest.raises(RuntimeError, match=r"presslens\.example"):
        socket.getaddrinfo("presslens.example", 443)


@pytest.mark.parametrize(
    "reach",
    [
        lambda client, place: client.connect(place),
        lambda client, place: client.connect_ex(place),
        lambda client, place: client.sendto(b"hello", place),
        lambda client, place: client.sendmsg([b"hello"], [], 0, place),
        lambda client, place: socket.gethostbyname(place[0]),
        lambda client, place: socket.gethostbyaddr(place[0]),
        lambda client, place: socket.getnameinfo(place, 0),
    ],
    ids=["connect", "connect_ex", "sendto", "sendmsg", "by name", "by address", "name of address"],
)
@pytest.mark.parametrize(
    ("family", "address"),
    [(socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")],
    ids=["IPv4", "IPv6"],
)
def test_nothing_elsewhere_is_reached(
    reach: Callable[[socket.socket, tuple[str, int]], object],
    family: socket.AddressFamily,
    address: str,
) -> None:
    with (
        socket.socket(family, socket.SOCK_DGRAM) as client,
        pytest.raises(RuntimeError, match=address),
    ):
        reach(client, (address, 80))


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
