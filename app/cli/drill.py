"""``presslens drill``: what the promises are worth on a user's own archive and machine."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from presslens.app.cli.command import Printed, command
from presslens.app.cli.console import tell
from presslens.app.cli.progress import progress
from presslens.app.cli.tables import ReadableTable
from presslens.app.drill.archive_copy import copy_archive
from presslens.app.drill.promises import PROOFS, try_promises
from presslens.app.platform.settings import Settings
from presslens.pipelines.counted import counted

WORDS = {True: "yes", False: "NO", None: "not measured"}


@command()
def drill(
    minutes: Annotated[
        float, typer.Option(min=0.1, help="About how long; analysing takes what it takes.")
    ] = 5.0,
) -> Printed:
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
    yield {"editions": copy.editions, "of": copy.of, "proofs": [asdict(p) for p in proofs]}
    rows = ((one.promise, one.what, one.value, one.target, WORDS[one.passed]) for one in proofs)
    yield ReadableTable.of("promise", "what", "figure", "target", "kept", rows=rows)
    if any(proof.passed is False for proof in proofs):
        raise typer.Exit(1)
