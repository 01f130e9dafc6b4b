"""Commands that work on an installation: init, upgrade, import, serve, worker, nightly, dump."""

from __future__ import annotations

import signal
import threading
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from app import clock
from app.cli.console import emit_json, err, fail, out
from app.cli.export import tables_on_terminal
from app.cli.options import JsonOption, PageNumbersOption, PagesExpectedOption
from app.installation import init_installation, open_installation, upgrade_installation
from app.services.exports.canonical_dump import canonical_dump
from app.services.exports.snapshot.restore import restore
from app.services.ingest.upload import Incoming, ingest, read_page_numbers
from app.settings import Settings
from pipelines.scans.scan import expand


def init(as_json: JsonOption = False) -> None:
    """Create an installation in PRESSLENS_DATA_DIR: its folder, tables and seeds."""
    settings = Settings()
    is_new = init_installation(settings)
    if as_json:
        emit_json({"folder": str(settings.data_dir), "created": is_new})
        return
    state = "is an installation now" if is_new else "is an installation already"
    out.print(escape(f"the folder {settings.data_dir} {state}"))


def upgrade(as_json: JsonOption = False) -> None:
    """Migrate the tables of an older version to this one, and load its seeds."""
    settings = Settings()
    is_older = upgrade_installation(settings)
    if as_json:
        emit_json({"folder": str(settings.data_dir), "migrated": is_older})
        return
    state = "is migrated to this version" if is_older else "is of this version already"
    out.print(escape(f"the installation in the folder {settings.data_dir} {state}"))


def import_edition(
    scans: Annotated[
        list[Path] | None, typer.Argument(exists=True, help="Files, or a folder of them.")
    ] = None,
    publication: Annotated[str | None, typer.Option(help="The newspaper.")] = None,
    date: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The edition's day.")
    ] = None,
    pages_expected: PagesExpectedOption = None,
    page_numbers: PageNumbersOption = None,
    snapshot: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A snapshot, without scans.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Store the scans of an edition; the worker or the next nightly run analyses them.

    With --snapshot: take in the measurements of a snapshot that `presslens export snapshot` made.
    """
    if snapshot is not None:
        if scans or publication or date:
            raise typer.BadParameter("a snapshot says itself what it is: give it alone")
        _import_snapshot(snapshot, as_json)
        return
    if not scans or publication is None or date is None:
        raise typer.BadParameter("give scans with --publication and --date, or a --snapshot")
    with open_installation(Settings()) as home, ExitStack() as stack:
        files = (Incoming(p.name, stack.enter_context(p.open("rb"))) for p in expand(scans))
        done = ingest(
            home,
            files,
            publication=publication,
            edition_date=date.date(),
            now=clock.now(),
            pages_expected=pages_expected,
            page_numbers=None if page_numbers is None else read_page_numbers(page_numbers),
        )
    if as_json:
        emit_json({"id": done.edition_id, "created": done.created})
    else:
        out.print(f"edition {done.edition_id} {'imported' if done.created else 'is there already'}")


def _import_snapshot(path: Path, as_json: bool) -> None:
    with open_installation(Settings()) as home, tables_on_terminal() as report:
        done = restore(home, path, progress=report)
    if as_json:
        emit_json(done.to_json())
        return
    for name, count in done.added.items():
        out.print(f"{name:18} {count:>12,} added, {done.passed_over[name]:,} passed over")
    out.print(escape(done.citation))


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on.")] = None,
    with_worker: Annotated[
        bool, typer.Option("--worker/--no-worker", help="Start a worker beside the server.")
    ] = True,
) -> None:
    """Serve the API, with a worker beside it."""
    from app.server import serve as serve_forever

    chosen = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    serve_forever(Settings(**chosen), with_worker)  # type: ignore[arg-type]


def worker() -> None:
    """Analyse waiting pages until SIGINT or SIGTERM."""
    from app.worker import run_worker

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run_worker(Settings(), stop)


def nightly(
    inbox: Annotated[Path, typer.Option(exists=True, file_okay=False, help="Edition folders.")],
    as_json: JsonOption = False,
) -> None:
    """Import new edition folders, analyse all pages without an outcome, and print a summary."""
    from app.nightly import run_nightly

    summary = run_nightly(Settings(), inbox)
    if as_json:
        emit_json(summary.to_json())
    else:
        out.print(escape(summary.text()))
    if summary.failed:
        fail("some input failed; see above")
        raise typer.Exit(1)


def dump(
    save_to: Annotated[Path | None, typer.Option("--out", help="Write to this file.")] = None,
) -> None:
    """Write all content in canonical form: equal for equal content, without ids or times."""
    with open_installation(Settings()) as home:
        content = canonical_dump(home)
    if save_to is None:
        out.file.write(content)
    else:
        save_to.write_text(content, encoding="utf-8")
        err.print(f"written to {save_to}")
