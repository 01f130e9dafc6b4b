"""``presslens links``: links that open one edition or one query of photos to whoever has them."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from presslens.app.cli.command import Printed, command
from presslens.app.cli.tables import ReadableTable
from presslens.app.installation import Installation
from presslens.app.platform import clock
from presslens.app.services.accounts.identity import SHELL
from presslens.app.services.accounts.share_links import (
    LONGEST_DAYS,
    ShareLink,
    add_link,
    list_links,
    revoke_link,
)

cli = typer.Typer(no_args_is_help=True)


@command(cli, "add")
def add(
    home: Installation,
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
) -> Printed:
    """Make a link; its address is shown once."""
    password = sys.stdin.readline().rstrip("\n") if from_stdin else None
    made = add_link(
        home, target, days=days, note=note, password=password, by=SHELL, now=clock.now()
    )
    yield made
    yield f"The link, shown this once: {made.path}"
    yield f"It opens {target} on this server until {made.expires_at:%Y-%m-%d}."


@command(cli, "list")
def show(home: Installation) -> Printed:
    """List the links, without their secrets."""
    links = list_links(home, by=SHELL)
    yield {"links": [link.to_json() for link in links]}
    if not links:
        yield "there is no link: presslens links add /editions/ID"
        return
    heads = ("id", "opens", "note", "made by", "until", "last opened", "revoked")
    yield ReadableTable.of(*heads, whole=("id",), rows=map(_row, links))


def _row(link: ShareLink) -> tuple[str, ...]:
    opened = f"{link.opened_at:%Y-%m-%d %H:%M}" if link.opened_at else "never"
    revoked = "yes" if link.revoked_at else ""
    until = f"{link.expires_at:%Y-%m-%d}"
    return link.id, link.target, link.note, link.made_by, until, opened, revoked


@command(cli, "revoke")
def revoke(
    home: Installation,
    link: Annotated[str, typer.Argument(help="The id, which `presslens links list` shows.")],
) -> Printed:
    """Revoke a link: from now on it opens nothing."""
    state = revoke_link(home, link, by=SHELL, now=clock.now())
    yield state
    yield f"revoked: {state.target}"
