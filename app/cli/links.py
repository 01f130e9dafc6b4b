"""``presslens links``: links that open one edition or one query of photos to whoever has them."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.markup import escape

from presslens.app.cli.console import emit_json, say
from presslens.app.cli.options import JsonOption
from presslens.app.cli.tables import ReadableTable, print_table
from presslens.app.installation import open_installation
from presslens.app.platform import clock
from presslens.app.platform.settings import Settings
from presslens.app.services.accounts.identity import SHELL
from presslens.app.services.accounts.share_links import (
    LONGEST_DAYS,
    add_link,
    list_links,
    revoke_link,
)

cli = typer.Typer(no_args_is_help=True)


@cli.command("add")
def add(
    target: Annotated[
        str, typer.Argument(help="What it opens: /editions/ID, or '/gallery?…' as in a browser.")
    ],
    days: Annotated[
        int, typer.Option(min=1, max=LONGEST_DAYS, help="How many days it can be opened.")
    ] = 30,
    note: Annotated[str, typer.Option(help="For whom it is, say.")] = "",
    from_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read a password of the link from stdin.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make a link; its address is shown once."""
    password = sys.stdin.readline().rstrip("\n") if from_stdin else None
    with open_installation(Settings()) as home:
        made = add_link(
            home, target, days=days, note=note, password=password, by=SHELL, now=clock.now()
        )
    if as_json:
        emit_json(made.to_json())
        return
    say(f"The link, shown this once: {made.path}")
    say(f"It opens {target} on this server until {made.link.expires_at:%Y-%m-%d}.")


@cli.command("list")
def show(as_json: JsonOption = False) -> None:
    """List the links, without their secrets."""
    with open_installation(Settings()) as home:
        links = list_links(home, by=SHELL)
    if as_json:
        emit_json({"links": [link.to_json() for link in links]})
        return
    if not links:
        say("there is no link: presslens links add /editions/ID")
        return
    table = ReadableTable()
    table.column("id", whole=True)
    for heading in ("opens", "note", "made by", "until", "last opened", "revoked"):
        table.column(heading)
    for link in links:
        table.add_row(
            link.id,
            escape(link.target),
            escape(link.note),
            escape(link.made_by),
            f"{link.expires_at:%Y-%m-%d}",
            f"{link.opened_at:%Y-%m-%d %H:%M}" if link.opened_at else "never",
            "yes" if link.revoked_at else "",
        )
    print_table(table)


@cli.command("revoke")
def revoke(
    link: Annotated[str, typer.Argument(help="The id, which `presslens links list` shows.")],
    as_json: JsonOption = False,
) -> None:
    """Revoke a link: from now on it opens nothing."""
    with open_installation(Settings()) as home:
        state = revoke_link(home, link, by=SHELL, now=clock.now())
    if as_json:
        emit_json(state.to_json())
        return
    say(f"revoked: {state.target}")
