"""Limits of requests, of work at a time and of guesses: by person, or by address without one."""

import time
from contextlib import ExitStack

import pytest

from app.api.rate_limits import AT_A_TIME, FAILURES_A_MINUTE, RateLimits
from app.errors import TooManyRequests
from app.permissions import EVERYTHING, Permission
from app.services.accounts.identity import LOOPBACK, NOBODY, Identity, Via

MINUTE = 60 * 20_000_000
"""When a minute begins."""
ADA = Identity("Ada", Via.LOGIN, EVERYTHING)
BEN = Identity("Ben", Via.KEY, EVERYTHING)


@pytest.fixture
def at(monkeypatch):
    """Return the function that sets the clock, in seconds of the minute; it stands still."""

    def put(second):
        monkeypatch.setattr(time, "time", lambda: MINUTE + second)

    put(0)
    return put


def ask(limits, who=ADA, address="192.0.2.1", permission=Permission.READ):
    with limits.admit(who, address, permission):
        return True


def seconds_of(refused):
    return refused.value.seconds, str(refused.value)


def test_a_person_asks_so_often_a_minute(at):
    limits = RateLimits(3)
    assert all(ask(limits) for _ in range(3))
    at(20)
    with pytest.raises(TooManyRequests) as refused:
        ask(limits, address="192.0.2.2")
    assert seconds_of(refused) == (40, "too many requests: try again in 40 seconds")
    assert ask(limits, BEN)
    assert all(ask(limits, NOBODY) for _ in range(3))
    with pytest.raises(TooManyRequests):
        ask(limits, NOBODY)
    assert ask(limits, NOBODY, "192.0.2.2")
    assert all(ask(limits, LOOPBACK) for _ in range(9))
    at(120)
    assert ask(limits)


def test_without_a_limit_everybody_asks_as_they_like(at):
    limits = RateLimits(0)
    assert all(ask(limits) for _ in range(999))
    assert all(ask(RateLimits(1), who) for who in (ADA, BEN))


@pytest.mark.parametrize("permission", [Permission.EXPORT, Permission.IMPORT])
def test_a_person_has_so_much_running(at, permission):
    limits = RateLimits(0)
    with ExitStack() as running:
        for _ in range(AT_A_TIME):
            running.enter_context(limits.admit(ADA, "", permission))
        with pytest.raises(TooManyRequests) as refused:
            ask(limits, permission=permission)
        assert seconds_of(refused)[0] == 5
        assert ask(limits)
        assert ask(limits, BEN, permission=permission)
        assert ask(limits, LOOPBACK, permission=permission)
    with pytest.raises(OSError, match="lost"), limits.admit(ADA, "", permission):
        raise OSError("lost")
    with ExitStack() as running:
        for _ in range(AT_A_TIME):
            running.enter_context(limits.admit(ADA, "", permission))


def test_guesses_are_counted_by_address_and_by_name(at):
    limits = RateLimits(1)
    for guess in range(FAILURES_A_MINUTE):
        limits.check_failures("192.0.2.1", "Ada")
        limits.count_failure(f"192.0.2.{guess}", "Ada")
    assert ask(limits, NOBODY, "Ada")
    limits.check_failures(*(f"192.0.2.{guess}" for guess in range(FAILURES_A_MINUTE)))
    at(59.8)
    for keys in (("Ada",), ("192.0.2.1", "Ada")):
        with pytest.raises(TooManyRequests) as refused:
            limits.check_failures(*keys)
        assert seconds_of(refused)[0] == 1
    at(30.4)
    with pytest.raises(TooManyRequests) as refused:
        limits.check_failures("Ada")
    assert seconds_of(refused)[0] == 30
