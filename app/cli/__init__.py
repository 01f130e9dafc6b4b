"""The command line. Exit codes: 0 all went well, 1 some input failed, 2 wrong usage."""

from __future__ import annotations

import gc
import os
import signal
import sys
from types import FrameType
from typing import Annotated

import typer

from presslens.app.cli.lazy import LazyCommand, lazy_group

SELDOM = (50_000, 20, 50)
"""When to look for garbage: a tenth of a server's start goes into looking through modules again and
again."""

COMMANDS = {
    "analyze": LazyCommand(
        "presslens.app.cli.analyze",
        "analyze",
        "Analyse the scans of one edition, without a database.",
    ),
    "init": LazyCommand(
        "presslens.app.cli.service",
        "init",
        "Create an installation in PRESSLENS_DATA_DIR: its folder, tables and seeds.",
    ),
    "upgrade": LazyCommand(
        "presslens.app.cli.service",
        "upgrade",
        "Migrate the tables of an older version to this one, and load its seeds.",
    ),
    "import": LazyCommand(
        "presslens.app.cli.service",
        "import_edition",
        "Store the scans of an edition; the worker or the next nightly run analyses them.",
    ),
    "fetch-iiif": LazyCommand(
        "presslens.app.cli.fetch_iiif",
        "fetch_iiif",
        "Fetch the scans of a IIIF manifest or collection into a folder an edition.",
    ),
    "serve": LazyCommand(
        "presslens.app.cli.service", "serve", "Serve the API, with a worker beside it."
    ),
    "worker": LazyCommand(
        "presslens.app.cli.service", "worker", "Analyse waiting pages until SIGINT or SIGTERM."
    ),
    "nightly": LazyCommand(
        "presslens.app.cli.nightly",
        "nightly",
        "Import new edition folders, analyse all pages without an outcome, and print a summary.",
    ),
    "status": LazyCommand(
        "presslens.app.cli.status",
        "status",
        "Show who works, what waits and for how long, and what is wrong; 1 if anything is.",
    ),
    "editions": LazyCommand(
        "presslens.app.cli.editions", "cli", "List editions with their ids, days, pages and photos."
    ),
    "photos": LazyCommand(
        "presslens.app.cli.photos",
        "cli",
        "Look up photos: other prints of one, and what looks like it.",
    ),
    "publications": LazyCommand(
        "presslens.app.cli.publications",
        "cli",
        "List newspapers and what there is of each; rename, merge and describe them.",
    ),
    "baseline": LazyCommand(
        "presslens.app.cli.baseline",
        "baseline",
        "Hold an edition against the previous ones of its newspaper, and say what is unusual.",
    ),
    "report": LazyCommand(
        "presslens.app.cli.report",
        "report",
        "Write the pages of editions as files that open in a browser without a server.",
    ),
    "captions": LazyCommand(
        "presslens.app.cli.captions",
        "captions",
        "Read captions, headlines, and the days at the head of pages, that are not read yet.",
    ),
    "backup": LazyCommand(
        "presslens.app.cli.backup",
        "backup",
        "Back up the installation into a file, or bring a folder up to date, while others work.",
    ),
    "restore": LazyCommand(
        "presslens.app.cli.backup",
        "restore",
        "Restore a backup into an empty installation: whole and checked, or not at all.",
    ),
    "check": LazyCommand(
        "presslens.app.cli.backup",
        "check",
        "Check all files and rows, and name what is missing, altered or stray; 1 if anything is.",
    ),
    "drill": LazyCommand(
        "presslens.app.cli.drill",
        "drill",
        "Try the promises of reliability on a copy of the archive, on this machine.",
    ),
    "dump": LazyCommand(
        "presslens.app.cli.service",
        "dump",
        "Write all content in canonical form: equal for equal content, without ids or times.",
    ),
    "demo": LazyCommand(
        "presslens.app.cli.demo",
        "cli",
        "Analyse two sample editions, or take in a month of them; all composed, none real.",
    ),
    "privacy": LazyCommand(
        "presslens.app.cli.privacy", "cli", "Show, encrypt and erase what is stored of people."
    ),
    "edits": LazyCommand(
        "presslens.app.cli.edits", "cli", "List what people have changed, and undo it."
    ),
    "users": LazyCommand(
        "presslens.app.cli.users", "cli", "Manage the accounts of those who sign in."
    ),
    "keys": LazyCommand(
        "presslens.app.cli.keys", "cli", "Make and revoke the keys that programs use."
    ),
    "links": LazyCommand(
        "presslens.app.cli.links", "cli", "Share one edition or one query of photos by a link."
    ),
    "figures": LazyCommand(
        "presslens.app.cli.figures", "cli", "Enrol the public figures to be recognised."
    ),
    "labels": LazyCommand(
        "presslens.app.cli.labels", "cli", "Teach labels of your own from examples."
    ),
    "stats": LazyCommand("presslens.app.cli.stats", "cli", "Show metrics over many editions."),
    "estimate": LazyCommand(
        "presslens.app.cli.estimate",
        "estimate",
        "Estimate the share of photos that show something, from a plain table of photos.",
    ),
    "reviews": LazyCommand(
        "presslens.app.cli.reviews", "cli", "Code photos, and measure the agreement of coders."
    ),
    "samples": LazyCommand(
        "presslens.app.cli.samples",
        "cli",
        "Draw photos by chance, and code them, for numbers that hold.",
    ),
    "claims": LazyCommand("presslens.app.cli.claims", "cli", "Test what is claimed of editions."),
    "export": LazyCommand(
        "presslens.app.cli.export", "cli", "Write files for other tools, and to cite."
    ),
    "bench": LazyCommand(
        "presslens.app.cli.bench",
        "bench",
        "Measure what a page costs on this machine, and plan how long archives take.",
    ),
    "benchmark": LazyCommand(
        "presslens.app.cli.benchmark",
        "cli",
        "Make printed pages and photos with exact truth, and score any system on them.",
    ),
    "models": LazyCommand(
        "presslens.app.cli.models", "cli", "Fetch, list, train and measure the models."
    ),
    "recipes": LazyCommand(
        "presslens.app.cli.recipes", "cli", "Show and compare recipes, which numbers depend on."
    ),
}
"""The commands, in the order of the help; their modules are imported when they are invoked."""


def _print_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"presslens {version('presslens')}")
        raise typer.Exit


cli = typer.Typer(
    cls=lazy_group(COMMANDS),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Measures how a newspaper uses photographs.",
)


@cli.callback()
def options(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Take the options that stand before a command."""


@cli.command(
    hidden=True, context_settings={"ignore_unknown_options": True, "allow_extra_args": True}
)
def migrate() -> None:
    """Name the commands that move an installation, which this one did before 0.3."""
    from presslens.app.cli.console import fail

    fail(
        "an installation is moved by `presslens backup FILE` and, with the new database in"
        " PRESSLENS_DATABASE_URL, `presslens restore --with-access FILE`"
    )
    raise typer.Exit(2)


def main() -> None:
    """Run the command that the arguments name."""
    gc.set_threshold(*SELDOM)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    try:
        cli()
    except SystemExit:
        if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            sys.exit(128 + signal.SIGTERM)  # as shells have it
        raise
    except Exception as error:
        explained = _explained(error)
        if explained is None:
            raise
        from presslens.app.cli.console import fail

        code, sentence = explained
        fail(sentence)
        sys.exit(code)


def _stop(number: int, frame: FrameType | None) -> None:
    """Stop a command by SIGTERM as Ctrl-C does; a second signal ends it at once.

    So does the first while modules are imported, half of a command's start: an exception that is
    raised there may be lost, in a callback of Python's or in ``except:`` of a library, and the
    command would go on. What it has begun is as safe then as after a ``kill -9``.
    """
    signal.signal(number, signal.SIG_DFL)
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            os._exit(128 + number)
        frame = frame.f_back
    raise KeyboardInterrupt


def _explained(error: Exception) -> tuple[int, str] | None:
    """Return the exit code and the sentence of an error; None for one that nobody expects."""
    from pydantic import ValidationError

    from presslens.app.platform.settings import Settings, explain
    from presslens.models.errors import PresslensError

    match error:
        case PresslensError():
            return 1, str(error)
        case ValidationError(title=Settings.__name__):
            return 2, explain(error)
        case OSError(filename=str(name), strerror=why):
            return 1, f"{name}: {why}"
    return None
