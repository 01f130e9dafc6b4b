"""``presslens backup``: a copy of the installation, which is one itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.backup import back_up
from app.cli.console import emit_json, say
from app.cli.options import JsonOption
from app.installation import open_installation
from app.settings import Settings
from pipelines.counted import counted


def backup(
    folder: Annotated[
        Path, typer.Argument(file_okay=False, help="A new folder, or one with an earlier backup.")
    ],
    as_json: JsonOption = False,
) -> None:
    """Copy the installation into a folder while others work, or bring a copy up to date."""
    with open_installation(Settings()) as home:
        done = back_up(home, folder)
    if as_json:
        emit_json(done.to_json())
        return
    say(
        f"{counted(done.copied, 'file')} and the database copied to {folder},"
        f" {done.bytes / 2**20:,.0f} MB; {done.kept:,} were there already, {done.deleted:,} deleted"
    )
    say(f"Use it: PRESSLENS_DATA_DIR={folder} presslens serve")
