"""``presslens status``: how the installation is."""

from __future__ import annotations

from datetime import timedelta

import typer

from presslens.app.cli.console import emit_json, fail, say
from presslens.app.cli.options import JsonOption
from presslens.app.cli.progress import progress
from presslens.app.cli.tables import ReadableTable, print_table
from presslens.app.db.columns import JobKind
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
    "carry": "replaced scans to carry reviews over from",
    "interpret": "photos to interpret, by page",
    "summarise": "editions to add up",
    "reprints": "photos to compare with those printed before",
    "compare": "newspapers whose editions are to be compared",
    "trash": "deleted editions to remove",
    "sweep": "files to delete",
}
"""Kinds of work in words, by the names that they have outside of the program."""


def status(as_json: JsonOption = False) -> None:
    """Show who works, what waits and for how long, and what is wrong; 1 if anything is."""
    settings = Settings()
    with open_installation(settings) as home, progress("reading"):
        found = find_status(home, now=clock.now())
    if as_json:
        emit_json(found.to_json())
    else:
        say(
            f"presslens {found.version}, recipe {found.recipe[:12]}, {found.database},"
            f" {found.disk_free_bytes / 2**30:.1f} GB free in {settings.data_dir}"
        )
        _show_work(found)
    for problem in found.readiness.problems:
        fail(f"{problem.message} {problem.remedy}")
    if not found.is_ready:
        raise typer.Exit(1)


def _show_work(found: ServiceStatus) -> None:
    runs = found.runs
    pages = ", ".join(f"{n} {outcome}" for outcome, n in sorted(runs.work.outcomes.items()))
    say(f"pages looked at: {pages or 'none'}")
    if found.refused:
        pages = counted(found.refused, "page")
        say(f"{pages} could not be analysed: /runs and `presslens editions` say which and why")
    if found.workers:
        print_table(_workers(found))
    else:
        say("no worker runs")
    waiting = [row for row in runs.rows() if row["waiting"] or row["given_up"]]
    if not waiting:
        say("nothing waits")
        return
    print_table(_backlog(waiting))
    if found.oldest_waiting is not None:
        say(f"the oldest page has waited for {_span(found.oldest_waiting_seconds)}")
    waits = runs.work.waiting
    if runs.seconds_left and not waits[JobKind.UNPACK]:  # nobody knows the pages of the others
        say(f"at the latest pace, pages take {_span(runs.seconds_left)} more")


def _workers(found: ServiceStatus) -> ReadableTable:
    table = ReadableTable()
    for name in ("worker", "version", "runs for", "seen", "holds"):
        table.add_column(name)
    for worker in found.workers:
        held = [one for one in found.runs.holders if one.owner == worker.owner]
        table.add_row(
            worker.name,
            worker.version,
            _span((found.at - worker.started_at).total_seconds()),
            f"{_span((found.at - worker.seen_at).total_seconds())} ago",
            ", ".join(f"{one.leases} {one.kind.value}" for one in held) or "nothing",
        )
    return table


def _backlog(rows: list[dict[str, object]]) -> ReadableTable:
    table = ReadableTable()
    for name in ("work", "waiting", "held", "given up"):
        table.add_column(name)
    for row in rows:
        kind = str(row["kind"])
        numbers = (str(row[name]) for name in ("waiting", "held", "given_up"))
        table.add_row(WORK.get(kind, kind), *numbers)
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
