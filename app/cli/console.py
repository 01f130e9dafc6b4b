"""The output of commands: results go to stdout, everything else to stderr."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

out = Console()
err = Console(stderr=True)


def fail(message: str) -> None:
    """Print an error; brackets in names that users have given are no markup."""
    err.print(f"[red]presslens:[/red] {escape(message)}", highlight=False)


def emit_json(value: Any) -> None:
    """Print a result as JSON, for other programs."""
    out.file.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


@contextmanager
def progress(label: str) -> Iterator[Progress]:
    """Show a progress bar on stderr, if that is a terminal."""
    bar = Progress(
        TextColumn(label),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
        console=err,
        disable=not err.is_terminal,
    )
    with bar:
        yield bar
