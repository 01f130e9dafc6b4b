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
from presslens.app.cli.usage import check_usage

SELDOM = (50_000, 20, 50)
"""When to look for garbage: a tenth of a server's start goes into looking through modules again and
again."""


def _lazy(place: str, help: str) -> LazyCommand:
    """Return a command by its place in this package, "module:function"."""
    module, _, attribute = place.partition(":")
    return LazyCommand(f"{__name__}.{module}", attribute, help)


COMMANDS = {
    "analyze": _lazy("analyze:analyze", "Analyse the scans of one edition, without a database."),
    "init": _lazy(
        "service:init",
        "Create an installation in PRESSLENS_DATA_DIR: its folder, tables and seeds.",
    ),
    "upgrade": _lazy(
        "service:upgrade", "Migrate the tables of an older version to this one, and load its seeds."
    ),
    "import": _lazy(
        "service:import_edition",
        "Store the scans of an edition; the worker or the next nightly run analyses them.",
    ),
    "fetch-iiif": _lazy(
        "fetch_iiif:fetch_iiif",
        "Fetch the scans and texts of a IIIF manifest or collection into a folder an edition.",
    ),
    "serve": _lazy("service:serve", "Serve the API, with a worker beside it."),
    "worker": _lazy("service:worker", "Analyse waiting pages until SIGINT or SIGTERM."),
    "nightly": _lazy(
        "nightly:nightly",
        "Import new edition folders, analyse all pages without an outcome, and print a summary.",
    ),
    "status": _lazy(
        "status:status",
        "Show who works, what waits and for how long, and what is wrong; 1 if anything is.",
    ),
    "editions": _lazy("editions:cli", "List editions with their ids, days, pages and photos."),
    "photos": _lazy("photos:cli", "Look up photos: other prints of one, and what looks like it."),
    "publications": _lazy(
        "publications:cli",
        "List newspapers and what there is of each; rename, merge and describe them.",
    ),
    "baseline": _lazy(
        "baseline:baseline",
        "Hold an edition against the previous ones of its newspaper, and say what is unusual.",
    ),
    "report": _lazy(
        "report:report",
        "Write the pages of editions as files that open in a browser without a server.",
    ),
    "publish": _lazy(
        "publish:publish",
        "Publish editions, photos, timelines and claims as files that any web space serves.",
    ),
    "captions": _lazy(
        "captions:captions",
        "Read captions, headlines, and the days at the head of pages, that are not read yet.",
    ),
    "backup": _lazy(
        "backup:backup",
        "Back up the installation into a file, or bring a folder up to date, while others work.",
    ),
    "restore": _lazy(
        "backup:restore",
        "Restore a backup into an empty installation: whole and checked, or not at all.",
    ),
    "check": _lazy(
        "backup:check",
        "Check all files and rows, and name what is missing, altered or stray; 1 if anything is.",
    ),
    "drill": _lazy(
        "drill:drill", "Try the promises of reliability on a copy of the archive, on this machine."
    ),
    "dump": _lazy(
        "service:dump",
        "Write all content in canonical form: equal for equal content, without ids or times.",
    ),
    "demo": _lazy(
        "demo:cli",
        "Analyse two sample editions, or take in a month of them; all composed, none real.",
    ),
    "privacy": _lazy("privacy:cli", "Show, encrypt and erase what is stored of people."),
    "edits": _lazy("edits:cli", "List what people have changed, and undo it."),
    "users": _lazy("users:cli", "Manage the accounts of those who sign in."),
    "keys": _lazy("keys:cli", "Make and revoke the keys that programs use."),
    "links": _lazy("links:cli", "Share one edition or one query of photos by a link."),
    "figures": _lazy("figures:cli", "Enrol the public figures to be recognised."),
    "labels": _lazy("labels:cli", "Teach labels of your own from examples."),
    "stats": _lazy("stats:cli", "Show metrics over many editions."),
    "estimate": _lazy(
        "estimate:estimate",
        "Estimate the share of photos that show something, from a plain table of photos.",
    ),
    "reviews": _lazy("reviews:cli", "Code photos, and measure the agreement of coders."),
    "samples": _lazy("samples:cli", "Draw photos by chance, and code them, for numbers that hold."),
    "claims": _lazy("claims:cli", "Test what is claimed of editions."),
    "export": _lazy("export:cli", "Write files for other tools, and to cite."),
    "deposit": _lazy(
        "deposit:deposit",
        "Write a snapshot as a data set for Zenodo, Dataverse, Hugging Face or OSF.",
    ),
    "verify": _lazy(
        "deposit:verify", "Compute every published number of a deposit again, and say which holds."
    ),
    "bench": _lazy(
        "bench:bench", "Measure what a page costs on this machine, and plan how long archives take."
    ),
    "benchmark": _lazy(
        "benchmark:cli",
        "Make printed pages and photos with exact truth, and score any system on them.",
    ),
    "models": _lazy("models:cli", "Fetch, list, train and measure the models."),
    "recipes": _lazy("recipes:cli", "Show and compare recipes, which numbers depend on."),
}
"""The commands, in the order of the help; their modules are imported when they are invoked."""


def _print_version(value: bool) -> None:
    if value:
        from importlib.metadata import version

        typer.echo(f"presslens {version('presslens')}")
        raise typer.Exit


cli = typer.Typer(
    cls=lazy_group(COMMANDS, check_usage),
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
        case ValidationError():  # of a question that options ask
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"]))
            return 2, f"{where}: {first['msg'].removeprefix('Value error, ')}"
        case OSError(filename=str(name), strerror=why):
            return 1, f"{name}: {why}"
    return None
