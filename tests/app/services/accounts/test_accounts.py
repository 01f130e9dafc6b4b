"""Accounts: names, roles and passwords, and always somebody who can manage them."""

from datetime import timedelta

import pytest

from presslens.app.platform.errors import Conflict, InvalidRequest, NotFound
from presslens.app.platform.permissions import EVERYTHING, AccountRole, Permission
from presslens.app.services.accounts.accounts import (
    AccountChange,
    account_named,
    add_account,
    change_account,
    has_admin,
    list_accounts,
)
from presslens.app.services.accounts.audit import list_audit
from presslens.app.services.accounts.identity import LOOPBACK, NOBODY, SHELL, Identity, Via
from presslens.app.services.accounts.logins import begin_login, identify_login, sign_in
from presslens.app.services.accounts.passwords import (
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
    with pytest.raises(Conflict, match=r"^there is an account named Ada$"):
        add(home, " Ada ")
    assert account_named(home, "Ada") == list_accounts(home)[0]
    with pytest.raises(NotFound, match=r"^there is no account named ada$"):
        account_named(home, "ada")


def test_names_that_look_alike_are_one(home):
    add(home, "Ada  Lee")
    for name in ("ada lee", "ADA LEE", "Ａda Lee"):
        with pytest.raises(Conflict, match=r"^there is an account named Ada  Lee$"):
            add(home, name)
        assert sign_in(home, f" {name}", "x" * SHORTEST, now=NOW, address=None)
    assert sign_in(home, "AdaLee", "x" * SHORTEST, now=NOW, address=None) is None


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 256])
def test_names_that_cant_be(home, name):
    words = r"^the name of an account is one line of up to 255 printable characters$"
    with pytest.raises(InvalidRequest, match=words):
        add(home, name)


def test_somebody_can_always_manage_accounts(home):
    ada = add(home)
    ben = add(home, "Ben", AccountRole.EDITOR)
    for change in (AccountChange(role=AccountRole.EDITOR), AccountChange(enabled=False)):
        with pytest.raises(Conflict, match=r"^this is the only account that can manage accounts$"):
            change_account(home, ada.id, change, by=SHELL, now=NOW)
    promoted = change_account(
        home, ben.id, AccountChange(role=AccountRole.ADMIN), by=SHELL, now=NOW
    )
    assert promoted.role is AccountRole.ADMIN
    assert change_account(home, ada.id, AccountChange(enabled=False), by=SHELL, now=NOW).disabled_at
    back = change_account(home, ada.id, AccountChange(enabled=True), by=SHELL, now=NOW)
    assert back.disabled_at is None
    with pytest.raises(NotFound, match=r"^there is no such account$"):
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
        with pytest.raises(InvalidRequest, match=r"^a password has 12 to 200 characters$"):
            hash_password("x" * length)


def test_a_password_is_stored_as_an_argon2_hash():
    stored = hash_password("correct horse")
    assert stored.startswith("$argon2id$")
    assert stored != hash_password("correct horse")
    assert not verify_password("correct horsf", stored)
    assert not verify_password("correct horse", None)
    assert not verify_password("x" * (LONGEST + 1), hash_password("x" * LONGEST))
    assert len(new_password()) == 22
    assert len({new_password() for _ in range(100)}) == 100


def test_an_account_is_served_without_its_password(home):
    ada = add_account(
        home, "Ada", role=AccountRole.ADMIN, password=None, by=SHELL, now=NOW, subject="0017"
    )
    served = {
        "id": ada.id, "name": "Ada", "role": "admin", "has_password": False,
        "created_at": NOW.isoformat(), "signed_in_at": None, "disabled_at": None,
    }  # fmt: skip
    assert ada.to_json() == served
    assert has_admin(home)
    add(home, "Aaron", AccountRole.READER, None)
    assert [account.name for account in list_accounts(home)] == ["Aaron", "Ada"]
    add(home, "Ben")
    later = NOW + timedelta(days=1)
    begin_login(home, ada.id, now=later, address=None)
    change_account(home, ada.id, AccountChange(enabled=False), by=SHELL, now=later)
    times = {"signed_in_at": later.isoformat(), "disabled_at": later.isoformat()}
    assert account_named(home, "Ada").to_json() == {**served, **times}
    assert account_named(home, "Ben").to_json()["has_password"] is True


@pytest.mark.sqlite_alone
def test_changes_of_an_account_are_logged_once_and_end_its_logins_alone(home):
    add_account(home, "Eve", role=AccountRole.ADMIN, password=None, by=SHELL, now=NOW, subject="e")
    ada, ben = (add(home, name, AccountRole.EDITOR, None) for name in ("Ada", "Ben"))
    later = NOW + timedelta(hours=1)
    kept = begin_login(home, ben.id, now=NOW, address=None).token
    by = Identity("Eve", Via.LOGIN, EVERYTHING)
    for change, ends in [
        (AccountChange(role=AccountRole.EDITOR), False),
        (AccountChange(role=AccountRole.READER), False),
        (AccountChange(enabled=True), False),
        (AccountChange(password="x" * SHORTEST), True),
        (AccountChange(enabled=False), True),
        (AccountChange(enabled=False), True),
        (AccountChange(enabled=True), True),
    ]:
        token = begin_login(home, ada.id, now=NOW, address=None).token
        change_account(home, ada.id, change, by=by, now=later)
        assert (identify_login(home, token, now=later) is None) is ends, change
    assert identify_login(home, kept, now=later) is not None
    log = [
        (entry.actor, entry.action, entry.target, entry.at, entry.detail)
        for entry in list_audit(home, limit=50).items
        if entry.action != "sign in"
    ]
    reader = {"role": "reader", "enabled": True}
    assert log == [
        ("Eve", "change account", "Ada", later, reader),
        ("Eve", "disable account", "Ada", later, {**reader, "enabled": False}),
        ("Eve", "set password", "Ada", later, reader),
        ("Eve", "change account", "Ada", later, reader),
        ("command line", "add account", "Ben", NOW, {"role": "editor"}),
        ("command line", "add account", "Ada", NOW, {"role": "editor"}),
        ("command line", "add account", "Eve", NOW, {"role": "admin"}),
    ]


def test_what_is_known_of_who_asks():
    assert (NOBODY.name, NOBODY.via, NOBODY.permissions) == (None, Via.NOBODY, frozenset())
    assert LOOPBACK.permissions == frozenset(Permission)
    some = Identity("Ada", Via.KEY, frozenset({Permission.IMPORT, Permission.READ}))
    assert [some.may(one) for one in (Permission.READ, Permission.EXPORT)] == [True, False]
    assert (some.label, NOBODY.label, some.role) == ("Ada", "nobody", None)
    for role in AccountRole:
        assert Identity("Ada", Via.LOGIN, role.permissions).role is role
