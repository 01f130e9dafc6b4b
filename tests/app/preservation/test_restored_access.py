"""A restored or published archive opens nothing that was not opened anew."""

import zipfile
from dataclasses import dataclass

import pytest
from fastapi.testclient import TestClient

from presslens.app.db.queries import EditionScope
from presslens.app.installation import init_installation, open_installation
from presslens.app.main import create_app
from presslens.app.platform import clock
from presslens.app.platform.errors import NotPermitted
from presslens.app.platform.permissions import AccountRole, Permission
from presslens.app.platform.settings import Settings
from presslens.app.preservation.backup import back_up
from presslens.app.preservation.restore import restore_backup
from presslens.app.services.accounts.accounts import (
    Access,
    AccountChange,
    account_named,
    add_account,
    change_account,
    check_doors,
    find_access,
    list_accounts,
)
from presslens.app.services.accounts.audit import list_audit
from presslens.app.services.accounts.identity import SHELL
from presslens.app.services.accounts.invitations import invite
from presslens.app.services.accounts.keys import add_key, identify_key, list_keys, revoke_key
from presslens.app.services.accounts.logins import identify_login, sign_in
from presslens.app.services.accounts.share_links import add_link, find_link, list_links
from presslens.app.services.exports.snapshot.restore import restore
from presslens.app.services.exports.snapshot.write import export_snapshot

from ..conftest import RECIPE
from .test_backup import empty, stored_rows

__all__ = ["empty"]

WORD = "correct horse battery"


@dataclass
class Opened:
    """What opens an installation: secrets as their holders have them."""

    key: str
    link: str
    login: str


def open_up(home):
    now = clock.now()
    for name, role in (("Ada Lee", AccountRole.ADMIN), ("Ben", AccountRole.EDITOR),
                       ("Cy", AccountRole.READER)):  # fmt: skip
        add_account(home, name, role=role, password=WORD, by=SHELL, now=now)
    change_account(
        home, account_named(home, "Cy").id, AccountChange(enabled=False), by=SHELL, now=now
    )
    scopes = [Permission.READ]
    key = add_key(home, "my R", scopes=scopes, days=9, account="Ben", by=SHELL, now=now)
    gone = add_key(home, "revoked", scopes=scopes, days=9, by=SHELL, now=now)
    revoke_key(home, gone.id, by=SHELL, now=now)
    link = add_link(home, "/gallery", days=9, by=SHELL, now=now)
    add_link(home, "/gallery?zone=front", days=9, by=SHELL, now=now, password=WORD)
    invite(home, "Cho", role=AccountRole.REVIEWER, by=SHELL, now=now)
    login = sign_in(home, "Ada Lee", WORD, now=now, address=None)
    return Opened(key.token, link.path.removeprefix("/s/"), login.token)


ALL = Access(keys=2, links=2, invitations=1, logins=1, accounts=("Ada Lee", "Ben"))


def opens(home, opened):
    """Return which of some secrets open an installation."""
    now = clock.now()
    return {
        "key": identify_key(home, opened.key, now=now) is not None,
        "link": find_link(home, opened.link, now=now) is not None,
        "login": identify_login(home, opened.login, now=now) is not None,
        "password": sign_in(home, "Ada Lee", WORD, now=now, address=None) is not None,
    }


def stored_secrets(home):
    """Return what an installation stores of its secrets."""
    with home.database.engine.connect() as connection:
        return {
            value
            for column, table in (
                ("password_hash", "account"), ("secret_sha256", "api_key"),
                ("token_sha256", "login"), ("secret_sha256", "share_link"),
                ("password_hash", "share_link"), ("secret_sha256", "invitation"),
            )
            for (value,) in connection.exec_driver_sql(f"SELECT {column} FROM {table}")
            if value
        }  # fmt: skip


def test_a_restored_archive_opens_to_nobody_until_it_is_opened_anew(full_on, empty, tmp_path):
    opened = open_up(full_on)
    accounts, log = list_accounts(full_on), list_audit(full_on, limit=50).items
    secrets = stored_secrets(full_on)
    assert len(secrets) == 3 + 2 + 1 + 2 + 1 + 1
    back_up(full_on, tmp_path / "b.tar", now=clock.now())
    with empty("elsewhere", full_on.database.engine.dialect.name) as settings:
        restored = restore_backup(settings, tmp_path / "b.tar")
        assert (restored.with_access, restored.left_out) == (False, ALL)
        settings = settings.model_copy(update={"host": "0.0.0.0"})
        with open_installation(settings) as home:
            assert list_audit(home, limit=50).items == log
            told = [(one.name, one.role, one.disabled_at) for one in list_accounts(home)]
            assert told == [(one.name, one.role, one.disabled_at) for one in accounts]
            assert stored_secrets(home) == set()
            assert (list_keys(home), list_links(home, by=SHELL)) == ([], [])
            assert not any(opens(home, opened).values())
            with pytest.raises(NotPermitted, match="presslens users password NAME"):
                check_doors(home)
            for name in ("Ben", "Ada Lee"):  # an editor first: there is no administrator yet
                change = AccountChange(password=f"{WORD} {name}")
                account = account_named(home, name).id
                change_account(home, account, change, by=SHELL, now=clock.now())
            check_doors(home)
            now = clock.now()
            assert sign_in(home, "Ada Lee", f"{WORD} Ada Lee", now=now, address=None)
            assert not any(opens(home, opened).values())
        asked(settings, opened, {"key": 401, "link": 404, "login": 401})
    assert opens(full_on, opened)["key"], "the backup changed its installation"


def asked(settings, opened, expected):
    """Check what a server answers to each secret."""
    headers = {
        "key": {"Authorization": f"Bearer {opened.key}"},
        "login": {"Cookie": f"__Host-presslens={opened.login}"},
    }
    with TestClient(
        create_app(settings), base_url="https://localhost", follow_redirects=False
    ) as client:
        got = {
            name: client.get("/api/v1/editions", headers=sent).status_code
            for name, sent in headers.items()
        }
        got["link"] = client.get(f"/s/{opened.link}").status_code
    assert got == expected


def test_access_travels_where_it_is_asked_for(full_on, empty, tmp_path):
    opened = open_up(full_on)
    rows = stored_rows(full_on, tmp_path)
    back_up(full_on, tmp_path / "b.tar", now=clock.now())
    with empty("elsewhere", full_on.database.engine.dialect.name) as settings:
        restored = restore_backup(settings, tmp_path / "b.tar", with_access=True)
        assert (restored.with_access, restored.left_out) == (True, Access(logins=1))
        with open_installation(settings) as home:
            assert stored_rows(home, tmp_path) == rows | {"login": []}
            found = {"key": True, "link": True, "login": False, "password": True}
            assert opens(home, opened) == found


def test_no_hash_is_left_in_a_restored_file(full, empty, tmp_path):
    open_up(full)
    secrets = stored_secrets(full)
    back_up(full, tmp_path / "b.tar", now=clock.now())
    with empty("elsewhere", "sqlite") as settings:
        restore_backup(settings, tmp_path / "b.tar")
        content = (settings.data_dir / "presslens.db").read_bytes()
    assert b"Ada Lee" in content
    assert [one for one in secrets if one.encode() in content] == []


def test_a_backup_is_no_door_to_what_it_is_of(full, tmp_path):
    """The folder of a backup is an installation, and has all that opened the one that it is of."""
    open_up(full)
    folder = tmp_path / "b"
    back_up(full, folder, now=clock.now(), is_folder=True)
    settings = Settings(data_dir=folder, recipe=RECIPE, min_free_bytes=0)
    with open_installation(settings) as home:
        check_doors(home)  # whoever sits at this machine may look at it
        with home.database.read() as session:
            assert find_access(session) == ALL
    with (
        open_installation(settings.model_copy(update={"host": "0.0.0.0"})) as home,
        pytest.raises(NotPermitted, match=r"is a backup, .*presslens restore"),
    ):
        check_doors(home)


def test_what_is_published_opens_nothing(full, tmp_path):
    opened = open_up(full)
    secrets = {*stored_secrets(full), opened.key, opened.link, opened.login, WORD}
    (tmp_path / "snapshot").mkdir()
    snapshot = export_snapshot(full, EditionScope(), tmp_path / "snapshot").path
    with zipfile.ZipFile(snapshot) as members:
        content = b"".join(members.read(name) for name in members.namelist())
    assert [one for one in secrets if one.encode() in content] == []
    settings = Settings(data_dir=tmp_path / "other", recipe=RECIPE, min_free_bytes=0)
    init_installation(settings)
    with open_installation(settings) as other:
        restore(other, snapshot)
        assert not any(opens(other, opened).values())
        assert (list_accounts(other), list_keys(other)) == ([], [])
