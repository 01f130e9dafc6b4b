"""``presslens drill``: what the promises are worth on a user's own archive and machine."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from presslens.app.cli.console import emit_json, tell
from presslens.app.cli.options import JsonOption
from presslens.app.cli.progress import progress
from presslens.app.cli.tables import ReadableTable, print_table
from presslens.app.drill.archive_copy import copy_archive
from presslens.app.drill.promises import PROOFS, try_promises
from presslens.app.platform.settings import Settings
from presslens.pipelines.counted import counted

WORDS = {True: "yes", False: "NO", None: "not measured"}


def drill(
    minutes: Annotated[
        float, typer.Option(min=0.1, help="About how long; analysing takes what it takes.")
    ] = 5.0,
    as_json: JsonOption = False,
) -> None:
    """Try the promises of reliability on a copy of the archive, on this machine.

    The archive stays as it is. The exit code is 1 if a promise is not kept.
    """
    with TemporaryDirectory(prefix="presslens-drill-") as name:
        folder = Path(name)
        with progress("copying the archive"):
            copy = copy_archive(Settings(), folder / "copy")
        tell(
            f"{copy.bytes / 2**20:,.0f} MB copied: all rows, and the files of the newest"
            f" {counted(copy.editions, 'edition')} of {copy.of:,}"
        )
        proofs = []
        with progress("trying the promises") as work:
            for proof in try_promises(copy, folder, 60 * minutes):
                proofs.append(proof)
                work.update(len(proofs), max(PROOFS, len(proofs)))
    proofs.sort(key=lambda proof: int(proof.promise[1:]))
    if as_json:
        emit_json({"editions": copy.editions, "of": copy.of, "proofs": [asdict(p) for p in proofs]})
    else:
        table = ReadableTable()
        for name in ("promise", "what", "figure", "target", "kept"):
            table.add_column(name)
        for proof in proofs:
            kept = WORDS[proof.passed]
            table.add_row(proof.promise, proof.what, proof.value, proof.target, kept)
        print_table(table)
    if any(proof.passed is False for proof in proofs):
        raise typer.Exit(1)
