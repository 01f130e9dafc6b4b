"""``presslens captions``: reads captions and headlines that were not read before."""

from __future__ import annotations

from dataclasses import asdict

import typer
from rich.markup import escape

from app.cli.console import emit_json, fail, out, progress
from app.cli.options import JsonOption
from app.installation import open_installation
from app.services.analysis.captions import CaptionsRead, read_captions, unread_pages
from app.settings import Settings


def captions(
    as_json: JsonOption = False,
) -> None:
    """Read the captions and headlines of the archive that are not read yet."""
    # It brings all models along: imported only where it is needed.
    from models.loading import load_captions

    with open_installation(Settings()) as home:
        waiting = unread_pages(home)
        reader = load_captions(home.recipe)
        if waiting and reader.why_not is not None:
            if as_json:
                emit_json({"pages": len(waiting), "why_not": reader.why_not})
            fail(reader.why_not)
            raise typer.Exit(1)
        with progress("reading") as bar:
            task = bar.add_task("", total=len(waiting))
            done = read_captions(
                home,
                reader,
                waiting,
                progress=lambda number, name: bar.update(
                    task, completed=number, description=escape(name)
                ),
            )
    _print(done, pages=len(waiting), as_json=as_json)


def _print(done: CaptionsRead, *, pages: int, as_json: bool) -> None:
    if as_json:
        emit_json({"pages": pages, **asdict(done)})
    elif pages == 0:
        out.print("no caption waits to be read")
    else:
        out.print(f"{done.read} captions and headlines read on {pages} pages")
    for name, reason in done.lost.items():
        fail(f"{name}: {reason}")
    if done.unread:
        fail(f"{done.unread} captions and headlines could not be read")
        raise typer.Exit(1)
