"""What opens an installation to others: checked by a server, left out of what is restored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from presslens.app.db.accounts import AccountRow, ApiKeyRow, LoginRow, ShareLinkRow
from presslens.app.db.repeated_requests import RepeatedRequestRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import NotPermitted
from presslens.app.services.accounts.accounts import has_admin
from presslens.app.storage.storage import BACKUP_LIST


@dataclass(frozen=True, slots=True)
class Access:
    """What opens an installation."""

    keys: int = 0  # number of keys of programs
    links: int = 0  # number of share links
    logins: int = 0  # number of browsers that are signed in
    accounts: Sequence[str] = ()  # names of accounts that can sign in


def check_doors(home: Installation) -> None:
    """Check that an installation that asks for logins has somebody who can give them.

    Raises:
        NotPermitted: It has no administrator, or is a backup: whatever opened the installation that
            it is of would open this one.
    """
    if not home.settings.login_required:
        return
    folder = home.settings.data_dir
    if (folder / BACKUP_LIST).exists():
        raise NotPermitted(
            f"{folder} is a backup, with the keys, links and passwords of its installation: restore"
            f" it into a folder of its own (`presslens restore {folder}`)"
        )
    if not has_admin(home):
        raise NotPermitted(
            f"the server on {home.settings.host} would ask everybody to sign in, and nobody can:"
            " run `presslens users add NAME --role admin` first, or give an administrator of a"
            " restored archive another password: `presslens users password NAME`"
        )


def find_access(session: Session) -> Access:
    """Return what opens an installation."""
    keys, links, logins = (
        session.scalar(select(func.count()).select_from(table)) or 0
        for table in (ApiKeyRow, ShareLinkRow, LoginRow)
    )
    can_sign_in = AccountRow.password_hash.is_not(None) | AccountRow.subject.is_not(None)
    names = select(AccountRow.name).where(can_sign_in, AccountRow.disabled_at.is_(None))
    return Access(keys, links, logins, tuple(session.scalars(names.order_by(AccountRow.name))))


def remove_access(session: Session) -> None:
    """Delete keys, links and logins, and the passwords of accounts.

    The accounts stay, with their roles: the logs name them. Answers that are stored for requests
    sent again go too: that to a request for a key has the key.
    """
    end_all_logins(session)
    for table in (ApiKeyRow, ShareLinkRow, RepeatedRequestRow):
        session.execute(delete(table))
    session.execute(update(AccountRow).values(password_hash=None, subject=None))


def end_all_logins(session: Session) -> None:
    """End the logins of all browsers."""
    session.execute(delete(LoginRow))
