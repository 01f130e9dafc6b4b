"""``presslens keys``: the keys that programs use the API with."""

from __future__ import annotations

from typing import Annotated

import typer

from presslens.app.cli.command import Printed, command
from presslens.app.cli.tables import ReadableTable
from presslens.app.installation import Installation, open_installation
from presslens.app.platform import clock
from presslens.app.platform.permissions import PRESETS, Permission
from presslens.app.platform.settings import Settings
from presslens.app.services.accounts.identity import SHELL
from presslens.app.services.accounts.keys import (
    LONGEST_DAYS,
    ApiKey,
    add_key,
    list_keys,
    revoke_key,
)

cli = typer.Typer(no_args_is_help=True)


@command(cli, "add")
def add(
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    scope: Annotated[
        str | None, typer.Option(help=f"What it may do: {', '.join(Permission)}; by commas.")
    ] = None,
    preset: Annotated[
        str | None, typer.Option(help=f"The scopes of a common use: {', '.join(PRESETS)}.")
    ] = None,
    days: Annotated[
        int, typer.Option(min=1, max=LONGEST_DAYS, help="How many days it can be used.")
    ] = 90,
    user: Annotated[
        str | None, typer.Option(help="The account that it acts for; without, for no person.")
    ] = None,
) -> Printed:
    """Make a key; it is shown once."""
    scopes = _scopes(scope, preset)
    with open_installation(Settings()) as home:
        made = add_key(
            home, name, scopes=scopes, days=days, account=user, by=SHELL, now=clock.now()
        )
    yield made
    yield f"The key, shown this once: {made.token}"
    permissions = ", ".join(made.scopes)
    yield f"It may {permissions}, until {made.expires_at:%Y-%m-%d}. Use it so:"
    yield 'curl -H "Authorization: Bearer pl_…" http://127.0.0.1:8000/api/v1/editions'


@command(cli, "list")
def show(home: Installation) -> Printed:
    """List the keys, without their secrets."""
    keys = list_keys(home)
    yield {"keys": [key.to_json() for key in keys]}
    if not keys:
        yield "there is no key: presslens keys add NAME --scope read,export"
        return
    heads = ("id", "name", "for", "may", "until", "last used", "revoked")
    yield ReadableTable.of(*heads, whole=("id",), rows=map(_row, keys))


def _row(key: ApiKey) -> tuple[str, ...]:
    used = f"{key.used_at:%Y-%m-%d %H:%M}" if key.used_at else "never"
    may, until = ", ".join(key.scopes), f"{key.expires_at:%Y-%m-%d}"
    return key.id, key.name, key.account or "", may, until, used, "yes" if key.revoked_at else ""


@command(cli, "revoke")
def revoke(
    home: Installation,
    key: Annotated[str, typer.Argument(help="The id, which `presslens keys list` shows.")],
) -> Printed:
    """Revoke a key: from now on it opens nothing."""
    state = revoke_key(home, key, by=SHELL, now=clock.now())
    yield state
    yield f"revoked: {state.name}"


def _scopes(scope: str | None, preset: str | None) -> frozenset[Permission]:
    if (scope is None) == (preset is None):
        raise typer.BadParameter("give --scope or --preset")
    if preset is not None:
        if preset not in PRESETS:
            raise typer.BadParameter(f"the presets are {', '.join(PRESETS)}")
        return PRESETS[preset]
    named = [one.strip() for one in (scope or "").split(",") if one.strip()]
    unknown = set(named) - set(Permission)
    if unknown or not named:
        raise typer.BadParameter(f"the scopes are {', '.join(Permission)}")
    return frozenset(map(Permission, named))
