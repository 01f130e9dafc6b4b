"""``presslens import --tree``: every edition below a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from presslens.app.cli.command import Printed
from presslens.app.cli.console import Careful
from presslens.app.cli.notices import warn_of_no_leader, warn_of_queue
from presslens.app.cli.progress import progress
from presslens.app.installation import open_installation
from presslens.app.platform import clock
from presslens.app.platform.settings import Settings
from presslens.app.services.ingest.inbox_patterns import load_patterns, parse_pattern
from presslens.app.services.ingest.tree import TreeImport, import_tree
from presslens.app.services.ingest.upload_mode import UploadMode
from presslens.pipelines.counted import counted


def import_tree_of(
    tree: Path,
    patterns: Sequence[str],
    publication: str | None,
    mode: UploadMode | None,
) -> Printed:
    """Import the editions of a tree, and yield what came of it; exit with 1 if some did not come.

    Args:
        tree: The folder.
        patterns: How its files and folders are named; without: as the settings' patterns say.
        publication: The newspaper of patterns that don't name it.
        mode: What is done with those whose day has an edition already.

    Raises:
        InvalidRequest: A pattern can't be used.
    """
    with open_installation(Settings()) as home:
        given = tuple(parse_pattern(text, publication) for text in patterns)
        kept = "what is imported stays; the same call goes on"
        with progress("importing", kept=kept) as work:
            done = import_tree(
                home,
                tree,
                now=clock.now(),
                patterns=given or load_patterns(home.settings),
                mode=mode,
                progress=lambda done: work.update(done.imported + done.known, None, done.at),
            )
        yield done
        yield from _imported(done)
        warn_of_no_leader(home)
        warn_of_queue(home)
    if done.skipped:
        raise typer.Exit(1)


def _imported(done: TreeImport) -> Printed:
    yield f"{counted(done.imported, 'edition')} imported, {done.known:,} imported before"
    for name, notes in done.notes.items():
        for note in notes:
            yield Careful(f"{name}: {note}")
    for name, reason in done.reasons.items():
        yield Careful(f"skipped {name}: {reason}")
    if done.skipped > len(done.reasons):
        yield Careful(f"{done.skipped - len(done.reasons):,} more are skipped")
