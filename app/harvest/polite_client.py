"""A client that asks a library's server slowly, obeys Retry-After, and trusts nothing.

A name is looked up once for each connection: its addresses are checked, and one of those is
connected to, so that a name which leads elsewhere a moment later (DNS rebinding) leads nowhere.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin

import httpcore2
import httpx2

from presslens.app.platform import clock
from presslens.models.errors import PresslensError

MOST_TRIES = 5
"""So often an address is asked that fails for a time."""

MOST_REDIRECTS = 5

LONGEST_WAIT = 600.0
"""A server that wants more seconds of patience is left alone; the next call goes on."""

_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
_MOVED = frozenset({301, 302, 303, 307, 308})


_HOST = re.compile(rb"[a-z0-9._:-]+")
_TRANSLATED = tuple(map(IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "::/96")))
"""Networks whose addresses end with one of IPv4: NAT64 (RFC 6052, RFC 8215), and RFC 4291."""


class FetchFailed(PresslensError):
    """An address gives nothing that can be used; the message says why."""


class BudgetSpent(FetchFailed):
    """As many bytes came as are wanted at most: nothing more is asked for."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How a server is asked."""

    agent: str  # the name of the program, and whom to write to
    pause: float = 1.0  # seconds from one request to the next
    most_bytes: int = 50 * 2**30  # bytes that are fetched in all
    # Hosts that a redirect may lead to, beside the one that was asked, and that may be asked though
    # they are in the network of this machine.
    hosts: Collection[str] = ()
    timeout: float = 60.0  # seconds without an answer after which a request has failed
    longest: float = 1800.0  # seconds after which an answer that has not ended has failed


def look_up(host: str) -> list[str]:
    """Return the IP addresses of a host.

    Raises:
        OSError: It has none.
    """
    infos = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in infos))


class CheckedNetwork(httpcore2.NetworkBackend):
    """Connects to addresses that were checked; TLS and the header ``Host`` still have the name.

    Attributes:
        refusal: Why the host that is asked next may not be in the network of this machine; None:
            it may.
    """

    def __init__(
        self,
        look_up: Callable[[str], Collection[str]] = look_up,
        connections: httpcore2.NetworkBackend | None = None,
    ) -> None:
        """Prepare to connect.

        Args:
            look_up: Returns the addresses of a host.
            connections: Connects to an address.
        """
        self.refusal: str | None = None
        self._look_up = look_up
        self._connections = connections or httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect to the first address of a host that answers.

        Raises:
            FetchFailed: One of them is in the network of this machine, and the host may not be.
            ConnectError: The host has no address, or none that answers.
        """
        try:
            addresses = self._look_up(host)
        except OSError as error:
            raise httpcore2.ConnectError(str(error)) from error
        if self.refusal is not None and not all(map(is_public, addresses)):
            raise FetchFailed(self.refusal)
        failure: Exception = httpcore2.ConnectError(f"{host} has no address")
        for address in addresses:
            try:
                return self._connections.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure


class _CheckedTransport(httpx2.HTTPTransport):
    """The usual transport, but for the network; a client that is given one asks no proxy."""

    def __init__(self, network: CheckedNetwork) -> None:
        super().__init__()
        self._pool = httpcore2.ConnectionPool(
            ssl_context=httpx2.create_ssl_context(), network_backend=network
        )


@dataclass(slots=True)
class PoliteClient:
    """Asks one request after the other; to be used in a ``with`` statement."""

    manners: Manners  # how it asks
    wait: Callable[[float], object] = time.sleep  # sleeps for so many seconds
    network: CheckedNetwork = field(default_factory=CheckedNetwork)  # looks names up, and connects
    fetched_bytes: int = 0  # bytes that came so far
    # Hosts that a person named: they may be in the network of this machine, too.
    named: set[str] = field(default_factory=set)
    _next_at: float = 0.0
    _client: httpx2.Client = field(init=False)

    def __post_init__(self) -> None:
        headers = {"user-agent": self.manners.agent, "accept-encoding": "identity"}
        self._client = httpx2.Client(
            headers=headers,
            timeout=self.manners.timeout,
            transport=_CheckedTransport(self.network),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._client.close()

    def trust(self, address: str) -> None:
        """Take an address for one that a person named.

        Raises:
            FetchFailed: It is no address of the web.
        """
        try:
            self.named.add(_host(address))
        except (httpx2.InvalidURL, ValueError) as error:
            raise FetchFailed(f"{address[:200]} is no address: {error}") from None

    def read(self, address: str, most: int, into: Callable[[bytes], object]) -> None:
        """Read what an address gives; a try that is cut off is made again from the start.

        Args:
            most: Most bytes that are read.
            into: Is given the bytes piece by piece, b"" before each try.

        Raises:
            BudgetSpent: ``most_bytes`` came.
            FetchFailed: The address is none of the web, leads to another host or into the network
                of this machine, gives more than ``most`` bytes, or fails for good or too often.
        """
        cause = ""
        for attempt in range(MOST_TRIES):
            try:
                into(b"")
                with self._answer(address) as response:
                    if response.status_code == httpx2.codes.OK:
                        self._copy(response, address, most, into)
                        return
                    cause = f"{address}: the server answers {response.status_code}"
                    if response.status_code not in _BUSY:
                        raise FetchFailed(cause)
                    seconds = _retry_after(response) or 2.0**attempt
            except (httpx2.InvalidURL, ValueError) as error:
                raise FetchFailed(f"{address[:200]} is no address: {error}") from None
            except httpx2.TransportError as error:
                cause = f"{address}: {type(error).__name__}: {error}".rstrip(": ")
                seconds = 2.0**attempt
            if seconds > LONGEST_WAIT:
                raise FetchFailed(f"{cause}, and wants {seconds:.0f} seconds of patience")
            self._next_at = time.monotonic() + max(seconds, self.manners.pause)
        raise FetchFailed(f"{cause}, {MOST_TRIES} times")

    def _copy(
        self, response: httpx2.Response, address: str, most: int, into: Callable[[bytes], object]
    ) -> None:
        size, until = 0, time.monotonic() + self.manners.longest
        for chunk in response.iter_raw():  # as it comes: a whole chunk may never
            if time.monotonic() > until:
                raise FetchFailed(f"{address}: it takes more than {self.manners.longest:g} seconds")
            size += len(chunk)
            self.fetched_bytes += len(chunk)
            if size > most:
                raise FetchFailed(f"{address}: it gives more than {most:,} bytes")
            if self.fetched_bytes > self.manners.most_bytes:
                raise BudgetSpent(f"{self.manners.most_bytes:,} bytes are fetched, which is all")
            into(chunk)

    @contextmanager
    def _answer(self, address: str) -> Iterator[httpx2.Response]:
        """Ask an address, in time and following redirects that stay with its host."""
        allowed = {_host(address), *self.manners.hosts}
        for _ in range(MOST_REDIRECTS + 1):
            self.network.refusal = self._refusal(address)
            self._pace()
            with self._client.stream("GET", address) as response:
                if response.status_code not in _MOVED:
                    yield response
                    return
                target = urljoin(address, response.headers.get("location", ""))
            if _host(target) not in allowed:
                raise FetchFailed(
                    f"{address} leads to another host, {_host(target)}: --allow-host"
                    f" {_host(target)} follows it"
                )
            if httpx2.URL(address).scheme == "https" and httpx2.URL(target).scheme == "http":
                raise FetchFailed(f"{address} leads from https to http")
            address = target
        raise FetchFailed(f"{address}: more than {MOST_REDIRECTS} redirects")

    def _refusal(self, address: str) -> str | None:
        """Return why an address may not be in the network of this machine.

        A host that a person named may be; who wrote a manifest does not say what is asked in there.
        """
        host = _host(address)
        if host in {*self.named, *self.manners.hosts}:
            return None
        return f"{address} is in the network of this machine: --allow-host {host} asks there"

    def _pace(self) -> None:
        left = self._next_at - time.monotonic()
        if left > 0:
            self.wait(left)
        self._next_at = time.monotonic() + self.manners.pause


def is_public(text: str) -> bool:
    """Return whether an IP address is one of the whole internet, of one machine.

    An address of IPv6 that stands for one of IPv4 is what that one is.
    """
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address):
        if any(address in network for network in _TRANSLATED):
            address = IPv4Address(int(address) & 0xFFFFFFFF)
        else:
            address = address.ipv4_mapped or address.sixtofour or address
    is_local = isinstance(address, IPv6Address) and address.is_site_local
    return address.is_global and not (address.is_multicast or is_local)


def _host(address: str) -> str:
    """Return the host of an address, with its port if it is not the usual one.

    Raises:
        FetchFailed: It is no address of the web.
    """
    url = httpx2.URL(address)  # as the client reads it: another reading might see another host
    if url.scheme not in {"http", "https"} or not url.host:
        raise FetchFailed(f"{address[:200]} is no http or https address")
    if not _HOST.fullmatch(url.raw_host):
        raise FetchFailed(f"{address[:200]} is no address: no host has this name")
    return url.netloc.decode("ascii")


def _retry_after(response: httpx2.Response) -> float | None:
    """Return the seconds that a server wants to be left alone; None if it doesn't say so."""
    value = response.headers.get("retry-after", "")
    if value.isdecimal():
        return float(value)
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (until - _now()).total_seconds())


def _now() -> datetime:
    return clock.now()
