"""Refuses look-ups and connections beyond this machine, in every Python process of the suite.

``tests/conftest.py`` puts this folder on ``PYTHONPATH``, so that child processes load the guard
when they start; a process that reaches out fails where it does so.
"""

from __future__ import annotations

import ipaddress
import os
import sys
from typing import Any

NAMES = {"", "localhost", "ip6-localhost", os.uname().nodename}

LOOKUPS = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
REACHES = {"socket.connect", "socket.sendto", "socket.sendmsg"}


class ReachedOut(RuntimeError):
    """A process of the suite asked for a name or an address beyond this machine."""


def _is_local(host: Any) -> bool:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if not isinstance(name, str) or name in NAMES:
        return True  # None is this machine; numbers are addresses of its kernel
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified or _is_own(address)


def _is_own(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Tell whether an address is one of this machine's: programs can be bound to those alone."""
    import socket  # here, where it is needed: each process of the suite loads this file

    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((str(address), 0))
        except OSError:
            return False
    return True


def guard(event: str, args: tuple[Any, ...]) -> None:
    """Refuse what leaves this machine; an audit hook (PEP 578), which can't be taken away."""
    if event in LOOKUPS:
        host = args[0]
    elif event in REACHES and isinstance(args[1], tuple):  # a path is a socket of this machine
        host = args[1][0]
    elif event == "socket.getnameinfo":
        host = args[0][0]
    else:
        return
    if not _is_local(host):
        raise ReachedOut(f"{event} of {host!r}: the suite works without a network")


sys.addaudithook(guard)
