"""A client that asks a library's server slowly, waits when it is told to, and trusts nothing."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from types import TracebackType
from typing import Self
from urllib.parse import urljoin, urlsplit

import httpx2

from app import clock
from models.errors import PresslensError

MOST_TRIES = 5
"""So often an address is asked that fails for a time."""

MOST_REDIRECTS = 5

LONGEST_WAIT = 600.0
"""A server that wants more seconds of patience is left alone; the next call goes on."""

_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
_MOVED = frozenset({301, 302, 303, 307, 308})


class FetchFailed(PresslensError):
    """An address gives nothing that can be used; the message says why."""


class BudgetSpent(FetchFailed):
    """As many bytes came as are wanted at most: nothing more is asked for."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How a server is asked.

    Attributes:
        agent: The name of the program, and whom to write to.
        pause: Seconds from one request to the next.
        most_bytes: Bytes that are fetched in all.
        hosts: Hosts that a redirect may lead to, beside the one that was asked, and that may be
            asked though they are in the network of this machine.
        timeout: Seconds without an answer after which a request has failed.
        longest: Seconds after which an answer that has not ended has failed.
    """

    agent: str
    pause: float = 1.0
    most_bytes: int = 50 * 2**30
    hosts: Collection[str] = ()
    timeout: float = 60.0
    longest: float = 1800.0


@dataclass(slots=True)
class PoliteClient:
    """Asks one request after the other; to be used in a ``with`` statement.

    Attributes:
        manners: How it asks.
        wait: Sleeps for so many seconds.
        fetched_bytes: Bytes that came so far.
        named: Hosts that a person named: they may be in the network of this machine, too.
    """

    manners: Manners
    wait: Callable[[float], object] = time.sleep
    fetched_bytes: int = 0
    named: set[str] = field(default_factory=set)
    _next_at: float = 0.0
    _client: httpx2.Client = field(init=False)

    def __post_init__(self) -> None:
        headers = {"user-agent": self.manners.agent, "accept-encoding": "identity"}
        self._client = httpx2.Client(headers=headers, timeout=self.manners.timeout)

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
        except ValueError as error:
            raise FetchFailed(f"{address[:200]} is no address: {error}") from None

    def read(self, address: str, most: int, into: Callable[[bytes], object]) -> None:
        """Read what an address gives; a try that is cut off is made again from the start.

        Args:
            address: Where.
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
                    seconds = _told_wait(response) or 2.0**attempt
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
            self._check_outside(address)
            self._keep_pace()
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
            if urlsplit(address).scheme == "https" and urlsplit(target).scheme == "http":
                raise FetchFailed(f"{address} leads from https to http")
            address = target
        raise FetchFailed(f"{address}: more than {MOST_REDIRECTS} redirects")

    def _check_outside(self, address: str) -> None:
        """Check that an address is not in the network of this machine, unless a person named it.

        Raises:
            FetchFailed: It is: who wrote a manifest does not say what is asked in there.
        """
        host = _host(address)
        if host not in {*self.named, *self.manners.hosts} and _is_inside(address):
            raise FetchFailed(
                f"{address} is in the network of this machine: --allow-host {host} asks there"
            )

    def _keep_pace(self) -> None:
        left = self._next_at - time.monotonic()
        if left > 0:
            self.wait(left)
        self._next_at = time.monotonic() + self.manners.pause


def _host(address: str) -> str:
    """Return the host of an address, with its port if it is not the usual one.

    Raises:
        FetchFailed: It is no address of the web.
    """
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise FetchFailed(f"{address[:200]} is no http or https address")
    return parts.netloc.rpartition("@")[2].lower()


def _is_inside(address: str) -> bool:
    """Return whether a host has an IP address that is not one of the whole internet."""
    try:
        infos = socket.getaddrinfo(urlsplit(address).hostname, None)
    except OSError:  # asking it will fail, and say why
        return False
    return not all(ip_address(str(one[4][0]).partition("%")[0]).is_global for one in infos)


def _told_wait(response: httpx2.Response) -> float | None:
    """Return the seconds that a server wants to be left alone; None if it doesn't say so."""
    told = response.headers.get("retry-after", "")
    if told.isdecimal():
        return float(told)
    try:
        until = parsedate_to_datetime(told)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (until - _now()).total_seconds())


def _now() -> datetime:
    return clock.now()
