"""``presslens migrate``: moves an installation's database to PostgreSQL."""

from __future__ import annotations

from typing import Annotated

import typer

from presslens.app.cli.console import emit_json, say, tell
from presslens.app.cli.options import JsonOption
from presslens.app.cli.progress import progress
from presslens.app.platform.settings import Settings
from presslens.app.preservation.database_move import move_database
from presslens.pipelines.counted import counted

KEPT = "what is moved stays, and nobody can open it; the same command goes on there"


def migrate(
    target: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="URL",
            envvar="PRESSLENS_MIGRATE_TO",
            help="The empty database: postgresql://user@host/name.",
        ),
    ],
    as_json: JsonOption = False,
) -> None:
    """Move the database from SQLite to PostgreSQL; each row is copied, and compared.

    Stop the server, the workers and the nights before. The SQLite file and the scans stay as they
    are; a mark beside the file keeps everybody from opening it again by mistake. A move that is
    interrupted goes on where it was, by the same command.
    """
    with progress("moving rows", kept=KEPT) as work:
        moved = move_database(Settings(), target, progress=work.update)
    if as_json:
        emit_json(moved.to_json())
        return
    say(
        f"{counted(moved.rows, 'row')} of {counted(len(moved.tables), 'table')} are the same on"
        f" both sides now"
    )
    tell(
        f"set PRESSLENS_DATABASE_URL to {moved.database_url}, with its password, where servers,"
        " workers and nights read it (/etc/presslens/presslens.env), and start them; the SQLite"
        " file is as it was, but not opened any more"
    )
