"""Logins: a new token each time, which ends by time, by idleness, by sign-out."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from presslens.app.db.accounts import LoginRow
from presslens.app.platform.permissions import AccountRole
from presslens.app.services.accounts.accounts import AccountChange, add_account, change_account
from presslens.app.services.accounts.audit import list_audit
from presslens.app.services.accounts.identity import SHELL, Identity, Via
from presslens.app.services.accounts.logins import (
    IDLE,
    LASTS,
    USE_IS_NOTED_EVERY,
    begin_login,
    end_other_logins,
    has_password,
    identify_login,
    list_logins,
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
    [("Ada", "wrong horse battery"), ("Ada", ""), ("nobody", PASSWORD), ("Adah", PASSWORD)],
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


def test_browsers_are_listed_and_ended_by_their_account(home):
    ada, ben = (
        add_account(home, name, role=AccountRole.READER, password=None, by=SHELL, now=NOW)
        for name in ("Ada", "Ben")
    )
    later = NOW + USE_IS_NOTED_EVERY + timedelta(seconds=1)
    begun = [begin_login(home, who.id, now=NOW, address=None) for who in (ada, ada, ben)]
    first, second, other = (login.token for login in begun)
    assert begun[0].account.signed_in_at == NOW
    who = identify_login(home, first, now=later)
    shown = list_logins(home, ada.id)
    assert [(one.created_at, one.seen_at) for one in shown] == [(NOW, later), (NOW, NOW)]
    permissions = AccountRole.READER.permissions
    assert who == Identity("Ada", Via.LOGIN, permissions, ada.id, token=shown[0].id)
    assert identify_login(home, second, now=NOW + USE_IS_NOTED_EVERY) is not None
    assert list_logins(home, ada.id)[1].seen_at == NOW
    end_other_logins(home, ada.id, keep=second)
    known = [identify_login(home, token, now=later) is not None for token in (first, second, other)]
    assert known == [False, True, True]
    sign_out(home, second, now=later)
    assert identify_login(home, other, now=later) is not None
    begin_login(home, ben.id, now=later, address=None, replacing=other)
    assert len(list_logins(home, ben.id)) == 1
    log = [(e.actor, e.via, e.action, e.target, e.at) for e in list_audit(home, limit=2).items]
    assert log == [
        ("Ben", "login", "sign in", "Ben", later), ("Ada", "login", "sign out", "Ada", later),
    ]  # fmt: skip


def test_a_login_ends_at_its_time_even_if_it_is_used(home):
    ada = add_account(home, "Ada", role=AccountRole.READER, password=None, by=SHELL, now=NOW)
    token, idle = (begin_login(home, ada.id, now=NOW, address=None).token for _ in range(2))
    second = timedelta(seconds=1)
    assert identify_login(home, token, now=NOW + IDLE - second) is not None
    begin_login(home, ada.id, now=NOW + IDLE, address=None)
    assert identify_login(home, idle, now=NOW) is None  # for it is gone for good
    assert len(list_logins(home, ada.id)) == 2


@pytest.mark.sqlite_alone
def test_a_password_is_that_of_one_usable_account(home, ada):
    ben = add_account(home, "Ben", role=AccountRole.READER, password=None, by=SHELL, now=NOW)
    assert has_password(home, ada.id, PASSWORD)
    assert not has_password(home, ada.id, PASSWORD + "x")
    assert not has_password(home, ben.id, PASSWORD)
    begun = enter(home, now=NOW + timedelta(hours=1))
    assert begun.account.name == "Ada"
    entry = list_audit(home, limit=1).items[0]
    assert (entry.action, entry.at) == ("sign in", NOW + timedelta(hours=1))
    assert (entry.actor, entry.target, entry.address) == ("Ada", "Ada", "192.0.2.1")
    add_account(home, "Eve", role=AccountRole.ADMIN, password=None, by=SHELL, now=NOW, subject="e")
    change_account(home, ada.id, AccountChange(enabled=False), by=SHELL, now=NOW)
    assert enter(home) is None
    assert list_audit(home, limit=1).items[0].actor == "nobody"
