"""``presslens captions``: reads captions, headlines and folios that were not read before."""

from __future__ import annotations

from dataclasses import asdict

import typer

from presslens.app.cli.command import Printed, command
from presslens.app.cli.console import fail
from presslens.app.cli.progress import WorkDone, progress
from presslens.app.installation import open_installation
from presslens.app.platform.settings import Settings
from presslens.app.services.analysis.captions import read_captions, unread_pages
from presslens.pipelines.counted import counted

TEXTS = ("caption, headline or page head", "captions, headlines and page heads")


@command()
def captions() -> Printed:
    """Read captions, headlines, and the days at the head of pages, that are not read yet."""
    # It brings all models along: imported only where it is needed.
    from presslens.models.loading import load_captions, load_folios

    with open_installation(Settings()) as home:
        waiting = unread_pages(home)
        reader, folios = load_captions(home.recipe), load_folios(home.recipe)
        why_not = reader.why_not or folios.why_not
        if waiting and why_not is not None:
            yield {"pages": len(waiting), "why_not": why_not}
            fail(why_not)
            raise typer.Exit(1)
        with progress("reading", remains=_remains) as work:
            work.update(0, len(waiting))
            done = read_captions(
                home,
                reader,
                folios,
                waiting,
                progress=lambda number, name: work.update(number, name=name),
            )
    yield {"pages": len(waiting), **asdict(done)}
    if waiting:
        read = counted(done.read, *TEXTS)
        yield f"{read} read on {counted(len(waiting), 'page')}"
    else:
        yield "no caption waits to be read"
    for name, reason in done.lost.items():
        fail(f"{name}: {reason}")
    if done.unread:
        unread = counted(done.unread, *TEXTS)
        fail(f"{unread} could not be read")
        raise typer.Exit(1)


def _remains(work: WorkDone) -> str:
    return f"the captions of {work.count} pages are read and stay so; the next call goes on"
