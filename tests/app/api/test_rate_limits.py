"""Passwords are counted before they are checked; one address can't shut out another."""

import threading

import pytest
from starlette.requests import Request

from presslens.app.api.access import address_of
from presslens.app.api.rate_limits import AT_A_TIME, FAILURES_A_MINUTE, TRIES_OF_ALL, RateLimits
from presslens.app.platform.errors import TooManyRequests
from presslens.app.platform.permissions import Permission
from presslens.app.services.accounts.identity import LOOPBACK, NOBODY


def refused(call, times):
    """Return how many of so many calls at once are refused."""
    refusals = []

    def one():
        try:
            call()
        except TooManyRequests as error:
            refusals.append(error)

    threads = [threading.Thread(target=one) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(refusals)


def test_many_tries_at_once_are_many():
    limits = RateLimits(0)
    assert refused(lambda: limits.count_try("192.0.2.1", "name Ada"), 60) == 60 - FAILURES_A_MINUTE
    limits.count_try("192.0.2.2", "name Ada")


def test_all_addresses_together_try_one_name_so_often():
    limits = RateLimits(0)
    for i in range(TRIES_OF_ALL):
        limits.count_try(f"192.0.2.{i}", "name Ada")
    with pytest.raises(TooManyRequests):
        limits.count_try("198.51.100.1", "name Ada")
    limits.count_try("198.51.100.2", "name Ben")


def test_one_person_has_so_many_uploads_and_exports_at_a_time():
    limits = RateLimits(0)
    running = [limits.admit(NOBODY, "192.0.2.1", Permission.EXPORT) for _ in range(AT_A_TIME)]
    for one in running:
        one.__enter__()
    with pytest.raises(TooManyRequests), limits.admit(NOBODY, "192.0.2.1", Permission.IMPORT):
        pass
    with limits.admit(NOBODY, "192.0.2.1", Permission.READ):
        pass
    running[0].__exit__(None, None, None)
    with limits.admit(NOBODY, "192.0.2.1", Permission.EXPORT):
        pass


def test_requests_of_a_minute():
    limits = RateLimits(3)

    def ask(who):
        with limits.admit(who, "192.0.2.1", Permission.READ):
            pass

    assert refused(lambda: ask(NOBODY), 5) == 2
    assert refused(lambda: ask(LOOPBACK), 5) == 0


@pytest.mark.parametrize(
    ("client", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::1", "::1"),
        ("testclient", "testclient"),
    ],
)
def test_a_network_of_ipv6_counts_as_one_address(client, counted):
    assert address_of(Request({"type": "http", "client": (client, 1)})) == counted
