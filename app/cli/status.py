"""``presslens status``: how the installation is."""

from __future__ import annotations

from datetime import timedelta

import typer

from presslens.app.cli.command import Printed, command
from presslens.app.cli.console import fail
from presslens.app.cli.progress import progress
from presslens.app.cli.tables import ReadableTable
from presslens.app.installation import open_installation
from presslens.app.platform import clock
from presslens.app.platform.settings import Settings
from presslens.app.services.analysis.status import ServiceStatus, find_status
from presslens.pipelines.counted import counted

WORK = {
    "editions": "editions to unpack",
    "references": "reference photos to read",
    "relearn": "labels to learn again",
    "pages": "pages to analyse",
    "look": "pages with drawn photos to analyse",
    "read": "pages whose captions to read in other languages",
    "carry": "replaced scans to carry reviews over from",
    "interpret": "photos to interpret, by page",
    "summarise": "editions to add up",
    "reprints": "photos to compare with those printed before",
    "compare": "newspapers whose editions are to be compared",
    "trash": "deleted editions to remove",
    "sweep": "files to delete",
}
"""Kinds of work in words, by the names that they have outside of the program."""


@command()
def status() -> Printed:
    """Show who works, what waits and for how long, and what is wrong; 1 if anything is."""
    settings = Settings()
    with open_installation(settings) as home, progress("reading"):
        state = find_status(home, now=clock.now())
    yield state
    yield (
        f"presslens {state.version}, recipe {state.recipe[:12]}, {state.database},"
        f" {state.disk_free_bytes / 2**30:.1f} GB free in {settings.data_dir}"
    )
    yield from _work(state)
    for problem in state.problems:
        fail(f"{problem.message} {problem.remedy}")
    if state.problems:
        raise typer.Exit(1)


def _work(state: ServiceStatus) -> Printed:
    pages = ", ".join(f"{n} {outcome}" for outcome, n in sorted(state.runs.outcomes.items()))
    yield f"pages looked at: {pages or 'none'}"
    if state.refused:
        pages = counted(state.refused, "page")
        yield f"{pages} could not be analysed: /runs and `presslens editions` say which and why"
    yield _workers(state) if state.workers else "no worker runs"
    waiting = [one for one in state.runs.backlog if one.waiting or one.given_up]
    if not waiting:
        yield "nothing waits"
        return
    rows = ((WORK.get(one.kind, one.kind), one.waiting, one.held, one.given_up) for one in waiting)
    yield ReadableTable.of("work", "waiting", "held", "given up", rows=rows)
    if state.oldest_waiting_seconds:
        yield f"the oldest page has waited for {_span(state.oldest_waiting_seconds)}"
    unpacked = all(one.kind != "editions" for one in waiting)  # nobody knows their pages
    if state.runs.seconds_left and unpacked:
        yield f"at the latest pace, pages take {_span(state.runs.seconds_left)} more"


def _workers(state: ServiceStatus) -> ReadableTable:
    table = ReadableTable.of("worker", "version", "runs for", "seen", "holds")
    for worker in state.workers:
        leases = [one for one in state.runs.holders if one.owner == worker.owner]
        table.add(
            worker.name,
            worker.version,
            _span((state.at - worker.started_at).total_seconds()),
            f"{_span((state.at - worker.seen_at).total_seconds())} ago",
            ", ".join(f"{one.leases} {one.kind.value}" for one in leases) or "nothing",
        )
    return table


def _span(seconds: float) -> str:
    """Return a length of time in words, in its largest unit."""
    span = timedelta(seconds=max(0.0, seconds))
    for unit, length in (
        ("day", timedelta(days=1)),
        ("hour", timedelta(hours=1)),
        ("minute", timedelta(minutes=1)),
    ):
        if span >= length:
            return counted(round(span / length), unit)
    return counted(round(span.total_seconds()), "second")
