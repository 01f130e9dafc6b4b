"""Keys: shown once, stored as a hash, over in time, with no more than their makers may."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from presslens.app.db.accounts import ApiKeyRow, AuditRow
from presslens.app.platform.errors import InvalidRequest, NotFound
from presslens.app.platform.permissions import EVERYTHING, AccountRole, Permission
from presslens.app.services.accounts.accounts import AccountChange, add_account, change_account
from presslens.app.services.accounts.audit import list_audit
from presslens.app.services.accounts.identity import SHELL, Identity, Via
from presslens.app.services.accounts.keys import (
    LONGEST_DAYS,
    USE_IS_NOTED_EVERY,
    add_key,
    identify_key,
    list_keys,
    revoke_key,
)

from ....app.conftest import NOW

DAY = timedelta(days=1)


@pytest.fixture
def ada(home):
    account = add_account(home, "Ada", role=AccountRole.REVIEWER, password=None, by=SHELL, now=NOW)
    return Identity("Ada", Via.LOGIN, AccountRole.REVIEWER.permissions, account.id)


def new_key(home, by=SHELL, scopes=(Permission.READ,), name="R", **more):
    return add_key(home, name, scopes=scopes, **{"days": 1, "by": by, "now": NOW, **more})


@pytest.mark.both_databases
def test_a_key_stands_for_its_holder_until_it_is_over(home):
    made = new_key(home, scopes=[Permission.READ, Permission.EXPORT])
    assert made.token == f"pl_{made.id}_{made.token[-43:]}"
    who = identify_key(home, made.token, now=NOW)
    assert (who.name, who.via, who.permissions) == (
        "R", Via.KEY, {Permission.READ, Permission.EXPORT},
    )  # fmt: skip
    assert identify_key(home, made.token, now=NOW + DAY - timedelta(seconds=1)) is not None
    assert identify_key(home, made.token, now=NOW + DAY) is None


def test_neither_the_database_nor_the_log_holds_the_secret(home):
    secret = new_key(home).token[-43:]
    with home.database.read() as session:
        rows = [
            vars(row) for table in (ApiKeyRow, AuditRow) for row in session.scalars(select(table))
        ]
        assert len(rows) == 2
        assert secret not in str(rows)


@pytest.mark.parametrize("change", ["pl", "id", "secret", "case", "longer", "empty", "prefix"])
def test_another_key_opens_nothing(home, change):
    token = new_key(home).token
    head, key_id, secret = token.split("_", 2)
    wrong = {
        "pl": f"ps_{key_id}_{secret}",
        "id": f"{head}_{'0' * 12}_{secret}",
        "secret": f"{head}_{key_id}_{'A' if secret[0] != 'A' else 'B'}{secret[1:]}",
        "case": token.swapcase(),
        "longer": token + "A",
        "empty": "",
        "prefix": f"{head}_{key_id}_",
    }[change]
    assert identify_key(home, wrong, now=NOW) is None
    assert identify_key(home, token, now=NOW) is not None


def test_a_revoked_key_opens_nothing_and_is_revoked_once(home):
    made = new_key(home)
    first = revoke_key(home, made.id, by=SHELL, now=NOW)
    assert identify_key(home, made.token, now=NOW) is None
    assert revoke_key(home, made.id, by=SHELL, now=NOW + DAY) == first
    with pytest.raises(NotFound, match=rf"^there is no key with the id {'0' * 12}$"):
        revoke_key(home, "0" * 12, by=SHELL, now=NOW)


def test_accounts_make_and_revoke_keys_of_their_own_alone(home, ada):
    mine = new_key(home, by=ada, account="Ada", scopes=[Permission.REVIEW])
    assert identify_key(home, mine.token, now=NOW).name == "Ada"
    words = r"^these scopes can't be given, as the role of Ada lacks them: admin, import$"
    with pytest.raises(InvalidRequest, match=words):
        new_key(home, by=ada, account="Ada", scopes=[Permission.ADMIN, Permission.IMPORT])
    other = new_key(home)
    nobodys = Identity("R", Via.KEY, AccountRole.EDITOR.permissions)
    for who in (ada, nobodys):
        with pytest.raises(NotFound):
            revoke_key(home, other.id, by=who, now=NOW)
    assert revoke_key(home, mine.id, by=ada, now=NOW).revoked_at == NOW
    assert [key.id for key in list_keys(home, account_id=ada.account_id)] == [mine.id]
    assert len(list_keys(home)) == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"scopes": []}, "a key needs at least one scope"),
        ({"days": 0}, "a key lasts 1 to 366 days"),
        ({"days": LONGEST_DAYS + 1}, "a key lasts 1 to 366 days"),
        ({"account": "nobody"}, "there is no account named nobody"),
        ({"name": ""}, "the name of a key is one line of up to 255 printable characters"),
    ],
)
def test_keys_that_cant_be(home, change, words):
    with pytest.raises((InvalidRequest, NotFound), match=rf"^{words}$"):
        new_key(home, **change)
    assert list_keys(home) == []


def test_keys_last_a_year_at_most(home):
    assert new_key(home, days=LONGEST_DAYS).expires_at == NOW + LONGEST_DAYS * DAY


def test_the_use_of_a_key_is_noted_now_and_then(home):
    made = new_key(home)
    moments = [NOW, NOW + USE_IS_NOTED_EVERY, NOW + 1.01 * USE_IS_NOTED_EVERY]
    noted = []
    for moment in moments:
        identify_key(home, made.token, now=moment)
        noted.append(list_keys(home)[0].used_at)
    assert noted == [NOW, NOW, moments[2]]


def test_all_scopes_can_be_given_by_the_command_line(home):
    made = new_key(home, scopes=EVERYTHING)
    assert made.scopes == tuple(Permission)


def test_a_key_is_served_and_logged_without_its_secret(home, ada):
    made = new_key(home, by=ada, account="Ada", scopes=[Permission.EXPORT, Permission.READ])
    served = {
        "id": made.id, "name": "R", "account": "Ada", "scopes": ["read", "export"],
        "created_at": NOW.isoformat(), "expires_at": (NOW + DAY).isoformat(),
        "used_at": None, "revoked_at": None,
    }  # fmt: skip
    assert made.to_json() == {**served, "token": made.token}
    identify_key(home, made.token, now=NOW)
    revoked = revoke_key(home, made.id, by=SHELL, now=NOW + DAY)
    after = {"used_at": NOW.isoformat(), "revoked_at": (NOW + DAY).isoformat()}
    assert revoked.to_json() == {**served, **after}
    assert list_keys(home) == [revoked]
    log = [(e.actor, e.action, e.target, e.at, e.detail) for e in list_audit(home, limit=2).items]
    assert log == [
        ("command line", "revoke key", "R", NOW + DAY, {"key": made.id}),
        ("Ada", "add key", "R", NOW, {"key": made.id, "scopes": ["read", "export"]}),
    ]


def test_the_latest_key_is_listed_first(home):
    made = [new_key(home, now=NOW + n * DAY).id for n in (0, 2, 1, 1, 1, 1)]
    assert [key.id for key in list_keys(home)] == [made[1], *sorted(made[2:]), made[0]]


def test_a_key_may_no_more_than_its_account(home, ada):
    add_account(home, "Eve", role=AccountRole.ADMIN, password=None, by=SHELL, now=NOW, subject="e")
    token = new_key(home, account="Ada", scopes=[Permission.READ, Permission.REVIEW]).token
    alone = new_key(home, scopes=[Permission.REVIEW])
    assert identify_key(home, alone.token, now=NOW) == Identity(
        "R", Via.KEY, frozenset({Permission.REVIEW}), token=alone.id
    )
    who = identify_key(home, token, now=NOW)
    assert (who.account_id, who.token) == (ada.account_id, token.split("_")[1])
    assert who.permissions == {Permission.READ, Permission.REVIEW}
    change_account(home, ada.account_id, AccountChange(AccountRole.READER), by=SHELL, now=NOW)
    assert identify_key(home, token, now=NOW).permissions == {Permission.READ}
    change_account(home, ada.account_id, AccountChange(enabled=False), by=SHELL, now=NOW)
    assert identify_key(home, token, now=NOW) is None
