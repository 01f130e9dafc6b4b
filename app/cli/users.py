"""``presslens users``: the accounts of those who sign in."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.markup import escape

from presslens.app.cli.console import emit_json, say
from presslens.app.cli.options import JsonOption
from presslens.app.cli.tables import ReadableTable, print_table
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
from presslens.app.services.accounts.passwords import new_password

cli = typer.Typer(no_args_is_help=True)

NameArgument = Annotated[str, typer.Argument(help="What they sign in with.")]
PasswordOption = Annotated[
    bool,
    typer.Option(
        "--password-stdin", help="Read the password from stdin; without, one is made and shown."
    ),
]


@cli.command("add")
def add(
    name: NameArgument,
    role: Annotated[AccountRole, typer.Option(help="What they may do.")] = AccountRole.READER,
    from_stdin: PasswordOption = False,
    as_json: JsonOption = False,
) -> None:
    """Add an account."""
    password = _read_password() if from_stdin else new_password()
    with open_installation(Settings()) as home:
        account = add_account(home, name, role=role, password=password, by=SHELL, now=clock.now())
    shown = None if from_stdin else password
    if as_json:
        emit_json({**account.to_json(), **({"password": shown} if shown else {})})
        return
    say(f"{account.name} can sign in, as {account.role.value}")
    if shown:
        say(f"Password, shown this once: {shown}")


@cli.command("list")
def show(as_json: JsonOption = False) -> None:
    """List the accounts."""
    with open_installation(Settings()) as home:
        accounts = list_accounts(home)
    if as_json:
        emit_json({"accounts": [account.to_json() for account in accounts]})
        return
    if not accounts:
        say("there is no account yet: presslens users add NAME --role admin")
        return
    table = ReadableTable()
    for heading in ("name", "role", "last signed in", "state"):
        table.column(heading)
    for one in accounts:
        seen = f"{one.signed_in_at:%Y-%m-%d %H:%M}" if one.signed_in_at else "never"
        state = "disabled" if one.disabled_at else "" if one.has_password else "no password"
        table.add_row(escape(one.name), one.role.value, seen, state)
    print_table(table)


@cli.command("role")
def set_role(
    name: NameArgument,
    role: Annotated[
        AccountRole | None, typer.Argument(help="What they may do from now on.")
    ] = None,
    named: Annotated[AccountRole | None, typer.Option("--role", help="The same.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Change what an account may do."""
    chosen = role or named
    if chosen is None or (role and named):
        raise typer.BadParameter("give one role: presslens users role NAME ROLE")
    _change(name, AccountChange(role=chosen), f"{name} is {chosen.value} now", as_json)


@cli.command("password")
def set_password(
    name: NameArgument, from_stdin: PasswordOption = False, as_json: JsonOption = False
) -> None:
    """Give an account another password; it ends its logins."""
    password = _read_password() if from_stdin else new_password()
    done = f"{name} has a new password" + ("" if from_stdin else f", shown this once: {password}")
    shown = None if from_stdin else password
    _change(name, AccountChange(password=password), done, as_json, shown=shown)


@cli.command("disable")
def disable(name: NameArgument, as_json: JsonOption = False) -> None:
    """End an account's logins and keys at once; its name stays in the logs."""
    _change(name, AccountChange(enabled=False), f"{name} can't sign in any more", as_json)


@cli.command("enable")
def enable(name: NameArgument, as_json: JsonOption = False) -> None:
    """Let a disabled account sign in again."""
    _change(name, AccountChange(enabled=True), f"{name} can sign in again", as_json)


def _change(
    name: str, change: AccountChange, done: str, as_json: bool, *, shown: str | None = None
) -> None:
    with open_installation(Settings()) as home:
        account = _changed(home, name, change)
    if as_json:
        emit_json({**account.to_json(), **({"password": shown} if shown else {})})
        return
    say(done)


def _changed(home: Installation, name: str, change: AccountChange) -> Account:
    account_id = account_named(home, name).id
    return change_account(home, account_id, change, by=SHELL, now=clock.now())


def _read_password() -> str:
    return sys.stdin.readline().rstrip("\n")
