"""Accounts: names, roles and passwords, and always somebody who can manage them."""

import pytest

from app.errors import Conflict, InvalidRequest, NotFound
from app.permissions import AccountRole
from app.services.accounts.accounts import (
    AccountChange,
    account_named,
    add_account,
    change_account,
    has_admin,
    list_accounts,
)
from app.services.accounts.identity import SHELL
from app.services.accounts.passwords import (
    LONGEST,
    SHORTEST,
    hash_password,
    new_password,
    verify_password,
)

from ....app.conftest import NOW


def add(home, name="Ada", role=AccountRole.ADMIN, password="x" * SHORTEST):
    return add_account(home, name, role=role, password=password, by=SHELL, now=NOW)


@pytest.mark.both_databases
def test_names_are_given_once(home):
    add(home)
    with pytest.raises(Conflict, match="there is an account named Ada"):
        add(home, " Ada ")
    assert account_named(home, "Ada") == list_accounts(home)[0]
    with pytest.raises(NotFound):
        account_named(home, "ada")


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 256])
def test_names_that_cant_be(home, name):
    with pytest.raises(InvalidRequest):
        add(home, name)


def test_somebody_can_always_manage_accounts(home):
    ada = add(home)
    ben = add(home, "Ben", AccountRole.EDITOR)
    for change in (AccountChange(role=AccountRole.EDITOR), AccountChange(enabled=False)):
        with pytest.raises(Conflict, match="only account"):
            change_account(home, ada.id, change, by=SHELL, now=NOW)
    promoted = change_account(
        home, ben.id, AccountChange(role=AccountRole.ADMIN), by=SHELL, now=NOW
    )
    assert promoted.role is AccountRole.ADMIN
    assert change_account(home, ada.id, AccountChange(enabled=False), by=SHELL, now=NOW).disabled_at
    back = change_account(home, ada.id, AccountChange(enabled=True), by=SHELL, now=NOW)
    assert back.disabled_at is None
    with pytest.raises(NotFound):
        change_account(home, 99, AccountChange(enabled=True), by=SHELL, now=NOW)


def test_an_administrator_who_cant_sign_in_is_none(home):
    add(home, password=None)
    assert not has_admin(home)


@pytest.mark.parametrize(
    ("length", "allowed"),
    [(SHORTEST - 1, False), (SHORTEST, True), (LONGEST, True), (LONGEST + 1, False)],
)
def test_lengths_of_passwords(length, allowed):
    if allowed:
        assert verify_password("x" * length, hash_password("x" * length))
    else:
        with pytest.raises(InvalidRequest, match="12 to 200 characters"):
            hash_password("x" * length)


def test_a_password_is_stored_as_an_argon2_hash():
    stored = hash_password("correct horse")
    assert stored.startswith("$argon2id$")
    assert stored != hash_password("correct horse")
    assert not verify_password("correct horsf", stored)
    assert not verify_password("correct horse", None)
    assert len({new_password() for _ in range(100)}) == 100
