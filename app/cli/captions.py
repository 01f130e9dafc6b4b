"""``presslens captions``: reads captions, headlines and folios that were not read before."""

from __future__ import annotations

from dataclasses import asdict

import typer

from presslens.app.cli.command import Printed, command
from presslens.app.cli.console import fail, warn
from presslens.app.cli.progress import WorkDone, progress
from presslens.app.installation import open_installation
from presslens.app.platform.settings import Settings
from presslens.app.services.analysis.captions import (
    count_unsaid,
    languages_of_pages,
    read_captions,
    unread_pages,
)
from presslens.pipelines.counted import counted
from presslens.pipelines.scans.sandbox import Sandbox

SAY = "presslens publications set NAME --language CODE"
"""How it is said in which language a newspaper is printed."""

TEXTS = ("caption, headline or page head", "captions, headlines and page heads")


@command()
def captions() -> Printed:
    """Read captions, headlines, and the days at the head of pages, that are not read yet."""
    # It brings all models along: imported only where it is needed.
    from presslens.models.loading import load_captions, load_folios

    with open_installation(Settings()) as home:
        waiting = unread_pages(home)
        unsaid = count_unsaid(home)
        reader, folios = load_captions(home.recipe), load_folios(home.recipe)
        why_not = [
            reason
            for languages in languages_of_pages(home, waiting)
            if (reason := reader.why_not(languages)) is not None
        ]
        with (
            progress("reading", remains=_remains) as work,
            Sandbox(home.settings.limits) as sandbox,
        ):
            work.update(0, len(waiting))
            done = read_captions(
                home,
                reader,
                folios,
                waiting,
                sandbox=sandbox,
                progress=lambda number, name: work.update(number, name=name),
            )
    yield {
        "pages": len(waiting),
        **asdict(done),
        "no_language": unsaid,
        "why_not": "; ".join(why_not) or None,
    }
    if waiting:
        read = counted(done.read, *TEXTS)
        yield f"{read} read on {counted(len(waiting), 'page')}"
    else:
        yield "no caption waits to be read"
    for reason in why_not:
        fail(reason)
    for name, reason in done.lost.items():
        fail(f"{name}: {reason}")
    if unsaid:
        pages = counted(unsaid, "page")
        warn(f"{pages} not read: nobody has said in which language; {SAY}")
    if done.unread:
        unread = counted(done.unread, *TEXTS)
        fail(f"{unread} could not be read")
        raise typer.Exit(1)


def _remains(work: WorkDone) -> str:
    return f"the captions of {work.count} pages are read and stay so; the next call goes on"
