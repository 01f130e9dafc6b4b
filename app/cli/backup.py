"""``presslens backup``: a copy of the installation, which is one itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.backup import back_up
from app.cli.console import emit_json, out
from app.cli.options import JsonOption
from app.installation import open_installation
from app.settings import Settings


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
    files = f"{done.copied:,} {'file' if done.copied == 1 else 'files'}"
    out.print(
        f"{files} and the database copied to {folder}, {done.bytes / 2**20:,.0f} MB;"
        f" {done.kept:,} were there already, {done.deleted:,} deleted",
        soft_wrap=True,
        highlight=False,
    )
    out.print(
        f"Use it: PRESSLENS_DATA_DIR={folder} presslens serve", soft_wrap=True, highlight=False
    )
