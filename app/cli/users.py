"""``presslens users``: the accounts of those who sign in."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from presslens.app.cli.command import Printed, command
from presslens.app.cli.tables import ReadableTable
from presslens.app.installation import Installation, open_installation
from presslens.app.platform import clock
from presslens.app.platform.permissions import AccountRole
from presslens.app.platform.settings import Settings
from presslens.app.services.accounts.accounts import (
    Account,
    AccountChange,
    account_named,
    add_account,
    change_account,
    list_accounts,
)
from presslens.app.services.accounts.identity import SHELL
from presslens.app.services.accounts.invitations import (
    Invitation,
    invite,
    list_invitations,
    revoke_invitation,
)
from presslens.app.services.accounts.passwords import new_password

cli = typer.Typer(no_args_is_help=True)

NameArgument = Annotated[str, typer.Argument(help="What they sign in with.")]
PasswordOption = Annotated[
    bool,
    typer.Option(
        "--password-stdin", help="Read the password from stdin; without, one is made and shown."
    ),
]


@command(cli, "add")
def add(
    home: Installation,
    name: NameArgument,
    role: Annotated[AccountRole, typer.Option(help="What they may do.")] = AccountRole.READER,
    from_stdin: PasswordOption = False,
) -> Printed:
    """Add an account."""
    password = _read_password() if from_stdin else new_password()
    account = add_account(home, name, role=role, password=password, by=SHELL, now=clock.now())
    shown = None if from_stdin else password
    yield {**account.to_json(), **({"password": shown} if shown else {})}
    yield f"{account.name} can sign in, as {account.role.value}"
    if shown:
        yield f"Password, shown this once: {shown}"


@command(cli, "invite")
def invite_coder(
    home: Installation,
    name: NameArgument,
    role: Annotated[AccountRole, typer.Option(help="What they may do.")] = AccountRole.REVIEWER,
) -> Printed:
    """Invite a coder by a link that works once, for a week; it is shown once."""
    made = invite(home, name, role=role, by=SHELL, now=clock.now())
    yield made
    yield f"The invitation of {made.name}, shown this once: {made.path}"
    yield f"It works once on this server, until {made.expires_at:%Y-%m-%d}."


@command(cli, "invitations")
def show_invitations(home: Installation) -> Printed:
    """List the invitations, without their secrets."""
    invitations = list_invitations(home)
    yield {"invitations": [one.to_json() for one in invitations]}
    if not invitations:
        yield "nobody is invited: presslens users invite NAME"
        return
    heads = ("id", "name", "role", "made by", "until", "state")
    yield ReadableTable.of(*heads, whole=("id",), rows=map(_invitation_row, invitations))


def _invitation_row(one: Invitation) -> tuple[str, ...]:
    state = "used" if one.accepted_at else "revoked" if one.revoked_at else ""
    return one.id, one.name, one.role.value, one.made_by, f"{one.expires_at:%Y-%m-%d}", state


@command(cli, "uninvite")
def uninvite(
    home: Installation,
    invitation: Annotated[
        str, typer.Argument(help="The id, which `presslens users invitations` shows.")
    ],
) -> Printed:
    """Revoke an invitation: from now on it opens nothing."""
    state = revoke_invitation(home, invitation, by=SHELL, now=clock.now())
    yield state
    yield f"revoked: the invitation of {state.name}"


@command(cli, "list")
def show(home: Installation) -> Printed:
    """List the accounts."""
    accounts = list_accounts(home)
    yield {"accounts": [account.to_json() for account in accounts]}
    if not accounts:
        yield "there is no account yet: presslens users add NAME --role admin"
        return
    yield ReadableTable.of("name", "role", "last signed in", "state", rows=map(_row, accounts))


def _row(account: Account) -> tuple[str, ...]:
    seen = account.signed_in_at
    state = "disabled" if account.disabled_at else "" if account.has_password else "no password"
    return account.name, account.role.value, f"{seen:%Y-%m-%d %H:%M}" if seen else "never", state


@command(cli, "role")
def set_role(
    name: NameArgument,
    role: Annotated[
        AccountRole | None, typer.Argument(help="What they may do from now on.")
    ] = None,
    named: Annotated[AccountRole | None, typer.Option("--role", help="The same.")] = None,
) -> Printed:
    """Change what an account may do."""
    chosen = role or named
    if chosen is None or (role and named):
        raise typer.BadParameter("give one role: presslens users role NAME ROLE")
    return _change(name, AccountChange(role=chosen), f"{name} is {chosen.value} now")


@command(cli, "password")
def set_password(name: NameArgument, from_stdin: PasswordOption = False) -> Printed:
    """Give an account another password; it ends its logins."""
    password = _read_password() if from_stdin else new_password()
    done = f"{name} has a new password" + ("" if from_stdin else f", shown this once: {password}")
    shown = None if from_stdin else password
    return _change(name, AccountChange(password=password), done, shown=shown)


@command(cli, "disable")
def disable(name: NameArgument) -> Printed:
    """End an account's logins and keys at once; its name stays in the logs."""
    return _change(name, AccountChange(enabled=False), f"{name} can't sign in any more")


@command(cli, "enable")
def enable(name: NameArgument) -> Printed:
    """Let a disabled account sign in again."""
    return _change(name, AccountChange(enabled=True), f"{name} can sign in again")


def _change(name: str, change: AccountChange, done: str, *, shown: str | None = None) -> Printed:
    with open_installation(Settings()) as home:
        account_id = account_named(home, name).id
        account = change_account(home, account_id, change, by=SHELL, now=clock.now())
    yield {**account.to_json(), **({"password": shown} if shown else {})}
    yield done


def _read_password() -> str:
    return sys.stdin.readline().rstrip("\n")
