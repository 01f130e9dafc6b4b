"""Commands that work on an installation: init, upgrade, import, serve, worker, dump."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from presslens.app.cli.command import Printed, command
from presslens.app.cli.console import Aside, Verbatim
from presslens.app.cli.described import (
    check_fetched,
    import_described,
    only_described,
    printed_import,
)
from presslens.app.cli.export import tables_on_terminal
from presslens.app.cli.import_tree import import_tree_of
from presslens.app.cli.notices import nothing_in, warn_of_folders, warn_of_misspelling
from presslens.app.cli.options import (
    CoderOption,
    DayOption,
    EngineOption,
    ModeOption,
    PageNumbersOption,
    PagesExpectedOption,
    settings_on,
)
from presslens.app.cli.progress import progress
from presslens.app.installation import (
    Installation,
    init_installation,
    open_installation,
    upgrade_installation,
)
from presslens.app.platform import clock
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.settings import Settings
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.app.services.exports.snapshot.restore import restore
from presslens.app.services.ingest.described import IssueInput
from presslens.app.services.ingest.upload import (
    Incoming,
    Uploader,
    check_any_scan,
    head_of,
    ingest,
    read_page_numbers,
)
from presslens.pipelines.scans.scan import expand


@command()
def init() -> Printed:
    """Create an installation in PRESSLENS_DATA_DIR: its folder, tables and seeds."""
    settings = Settings()
    is_new = init_installation(settings)
    yield {"folder": str(settings.data_dir), "created": is_new}
    state = "is an installation now" if is_new else "is an installation already"
    yield f"the folder {settings.data_dir} {state}"


@command()
def upgrade() -> Printed:
    """Migrate the tables of an older version to this one, and load its seeds."""
    settings = Settings()
    is_older = upgrade_installation(settings)
    yield {"folder": str(settings.data_dir), "migrated": is_older}
    state = "is migrated to this version" if is_older else "is of this version already"
    yield f"the installation in the folder {settings.data_dir} {state}"


@command()
def import_edition(
    scans: Annotated[
        list[Path] | None, typer.Argument(exists=True, help="Files, or a folder of them.")
    ] = None,
    publication: Annotated[str | None, typer.Option(help="The newspaper.")] = None,
    date: DayOption = None,
    pages_expected: PagesExpectedOption = None,
    page_numbers: PageNumbersOption = None,
    mode: ModeOption = None,
    edition: Annotated[
        int | None, typer.Option(min=1, help="Id of the edition that --mode means.")
    ] = None,
    coder: CoderOption = None,
    snapshot: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A snapshot, without scans.")
    ] = None,
    described: Annotated[
        bool,
        typer.Option(
            "--described/--plain", help="Read a folder's METS, ALTO, PAGE-XML or IIIF manifest."
        ),
    ] = True,
    tree: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="A folder of many editions.")
    ] = None,
    pattern: Annotated[
        list[str] | None,
        typer.Option(
            help="How --tree names them: {publication}/{year}/{month}-{day}/ for instance."
        ),
    ] = None,
    backfill: Annotated[
        bool, typer.Option("--backfill", help="Look at its pages when no others wait.")
    ] = False,
) -> Printed:
    """Store the scans of an edition; the worker or the next nightly run analyses them.

    Where the newspaper has an edition of the day already, say with --mode what they are. A folder
    that a library describes says itself which newspaper and day it is of, and which its pages are.

    With --tree: store every edition below a folder, one by one; see docs/howto/archives.md.

    With --snapshot: take in the measurements of a snapshot that `presslens export snapshot` made.
    """
    if snapshot is not None:
        if scans or publication or date:
            raise typer.BadParameter("a snapshot says itself what it is: give it alone")
        return _import_snapshot(snapshot)
    if tree is not None:
        if scans or date:
            raise typer.BadParameter("a tree says itself which editions are in it: give it alone")
        return import_tree_of(tree, pattern or (), publication, mode)
    uploader = partial(Uploader, coder)
    if described and scans and not (page_numbers or pages_expected):
        folder = only_described(scans)
        if folder is not None:
            given = IssueInput(publication, date, "--date")
            return import_described(folder, given, mode, edition, uploader, backfill=backfill)
    if not scans or publication is None or date is None:
        check_fetched(scans or ())
        raise typer.BadParameter("give scans with --publication and --date, or a --snapshot")
    paths = expand(scans)
    if not paths:
        raise InvalidRequest(nothing_in(scans))
    with open_installation(Settings()) as home, ExitStack() as stack:
        check_any_scan((path.name, head_of(path)) for path in paths)
        warn_of_misspelling(home, publication)
        warn_of_folders(scans)
        with progress("storing", kept="the edition is not imported") as work:
            files = (
                Incoming(path.name, stack.enter_context(path.open("rb")))
                for path in work.track(paths)
            )
            done = ingest(
                home,
                files,
                publication=publication,
                edition_date=date,
                now=clock.now(),
                pages_expected=pages_expected,
                page_numbers=None if page_numbers is None else read_page_numbers(page_numbers),
                mode=mode,
                edition=edition,
                uploader=uploader(home.recipe.codebook),
                backfill=backfill,
            )
        return printed_import(home, done)


def _import_snapshot(path: Path) -> Printed:
    with open_installation(Settings()) as home, tables_on_terminal("nothing is imported") as report:
        done = restore(home, path, progress=report)
    yield done
    for name, count in done.added.items():
        yield f"{name:18} {count:>12,} added, {done.passed_over[name]:,} passed over"
    yield done.citation


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on.")] = None,
    with_worker: Annotated[
        bool, typer.Option("--worker/--no-worker", help="Start a worker beside the server.")
    ] = True,
) -> None:
    """Serve the API, with a worker beside it."""
    from presslens.app.server import serve as serve_forever

    chosen = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    serve_forever(Settings(**chosen), with_worker)  # type: ignore[arg-type]


def worker(engine: EngineOption = None) -> None:
    """Analyse waiting pages until SIGINT or SIGTERM."""
    from presslens.app.worker import run_worker

    run_worker(settings_on(engine))


@command(doing="reading", plain=True)
def dump(
    home: Installation,
    save_to: Annotated[Path | None, typer.Option("--out", help="Write to this file.")] = None,
) -> Printed:
    """Write all content in canonical form: equal for equal content, without ids or times."""
    content = canonical_dump(home)
    if save_to is None:
        yield Verbatim(content)
    else:
        save_to.write_text(content, encoding="utf-8")
        yield Aside(f"written to {save_to}")
