"""Logins: a new token each time, which ends by time, by idleness, by sign-out."""

import pytest
from sqlalchemy import func, select

from app.db.accounts import LoginRow
from app.permissions import AccountRole
from app.services.accounts.accounts import AccountChange, add_account, change_account
from app.services.accounts.audit import list_audit
from app.services.accounts.identity import SHELL
from app.services.accounts.logins import (
    IDLE,
    LASTS,
    USE_IS_NOTED_EVERY,
    identify_login,
    sign_in,
    sign_out,
)

from ....app.conftest import NOW

PASSWORD = "correct horse battery"


@pytest.fixture
def ada(home):
    return add_account(home, "Ada", role=AccountRole.ADMIN, password=PASSWORD, by=SHELL, now=NOW)


def enter(home, password=PASSWORD, name="Ada", now=NOW, **more):
    return sign_in(home, name, password, now=now, address="192.0.2.1", **more)


def logins(home):
    with home.database.read() as session:
        return session.scalar(select(func.count()).select_from(LoginRow))


@pytest.mark.both_databases
def test_who_signs_in_is_known_by_a_new_token(home, ada):
    first, second = enter(home), enter(home)
    assert first.token != second.token
    who = identify_login(home, first.token, now=NOW)
    assert (who.name, who.permissions) == ("Ada", AccountRole.ADMIN.permissions)
    third = enter(home, replacing=first.token)
    assert identify_login(home, first.token, now=NOW) is None
    assert identify_login(home, third.token, now=NOW) is not None
    assert logins(home) == 2


@pytest.mark.parametrize(
    ("name", "password"),
    [("Ada", "wrong horse battery"), ("Ada", ""), ("nobody", PASSWORD), ("ada", PASSWORD)],
)
def test_others_are_not_let_in_and_it_is_logged(home, ada, name, password):
    assert enter(home, password, name) is None
    assert logins(home) == 0
    entry = list_audit(home, limit=1).items[0]
    assert (entry.action, entry.target, entry.address) == ("sign in failed", name, "192.0.2.1")
    assert entry.detail == {}


def test_an_account_without_a_password_signs_in_elsewhere(home):
    add_account(home, "Ben", role=AccountRole.READER, password=None, by=SHELL, now=NOW)
    assert enter(home, "", "Ben") is None


def test_a_login_ends(home, ada):
    token = enter(home).token
    assert identify_login(home, token, now=NOW + IDLE) is None
    assert identify_login(home, token, now=NOW + IDLE - USE_IS_NOTED_EVERY) is not None
    now = NOW
    while now < NOW + LASTS:
        assert identify_login(home, token, now=now) is not None
        now += IDLE / 2
    assert identify_login(home, token, now=NOW + LASTS) is None
    enter(home, now=NOW + LASTS)
    assert logins(home) == 1


def test_signing_out_and_a_new_password_end_logins(home, ada):
    one, two = enter(home).token, enter(home).token
    sign_out(home, one, now=NOW)
    sign_out(home, one, now=NOW)
    assert identify_login(home, one, now=NOW) is None
    change = AccountChange(password="another horse battery")
    change_account(home, ada.id, change, by=SHELL, now=NOW)
    assert identify_login(home, two, now=NOW) is None
    assert enter(home) is None
    assert enter(home, "another horse battery") is not None
    actions = [entry.action for entry in list_audit(home, limit=10).items]
    assert actions == [
        "sign in", "sign in failed", "set password", "sign out", "sign in", "sign in",
        "add account",
    ]  # fmt: skip
