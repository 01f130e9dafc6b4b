"""``presslens fetch-iiif``: fetches the scans of IIIF manifests, slowly, into folders."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated

import typer

from presslens.app.cli.command import Printed, command
from presslens.app.cli.console import Careful, FailureLine
from presslens.app.cli.progress import progress
from presslens.app.harvest.iiif import Fetched, Harvest
from presslens.app.harvest.polite_client import Manners, PoliteClient
from presslens.app.platform.settings import Settings
from presslens.pipelines.counted import counted


@command()
def fetch_iiif(
    source: Annotated[
        str, typer.Argument(help="Address of a manifest or collection, or a file that holds one.")
    ],
    save_to: Annotated[
        Path, typer.Option("--out", file_okay=False, help="The folder that gets one an edition.")
    ],
    width: Annotated[
        int | None,
        typer.Option(min=200, max=20_000, help="Width of the scans, px; without: the largest."),
    ] = None,
    pause: Annotated[
        float, typer.Option(min=0, max=600, help="Seconds from one request to the next.")
    ] = 1.0,
    max_gb: Annotated[
        float, typer.Option(min=0.001, max=100_000, help="Fetch so many GB at most.")
    ] = 50.0,
    contact: Annotated[
        str | None, typer.Option(help="Whom the library may write to: an e-mail address.")
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(help="Another host that redirects may lead to, or one of your network."),
    ] = None,
    accept_missing: Annotated[
        bool,
        typer.Option(
            "--accept-missing", help="An edition is complete without the pages that can't be had."
        ),
    ] = False,
    text: Annotated[
        bool, typer.Option("--text/--no-text", help="Fetch the texts of pages that are linked to.")
    ] = True,
) -> Printed:
    """Fetch the scans and texts of a IIIF manifest or collection into a folder an edition.

    What is there already is not fetched again, so a call that was stopped goes on. Then `presslens
    import FOLDER/EDITION` or `presslens nightly --inbox FOLDER` takes the editions in.
    """
    manners = Manners(_agent(contact), pause, int(max_gb * 10**9), tuple(allow_host or ()))
    remains = "what was fetched stays; the same call goes on"
    with PoliteClient(manners) as client, progress("fetching", remains=remains) as work:
        harvest = Harvest(
            client,
            save_to,
            width=width,
            file_bytes=Settings().file_bytes,
            accept_missing=accept_missing,
            texts=text,
            progress=lambda folder, done, pages: work.update(done, pages, folder),
        )
        done = harvest.run(source)
    yield {**done.to_json(), "bytes": client.fetched_bytes}
    yield from _fetched(done, client.fetched_bytes)
    if not done.is_whole:
        raise typer.Exit(1)


def _agent(contact: str | None) -> str:
    try:
        name = f"Presslens/{version('presslens')}"
    except PackageNotFoundError:
        name = "Presslens"
    printable = "".join(c for c in contact or "" if " " <= c <= "~")
    return f"{name} ({printable})" if printable else name


def _fetched(done: Fetched, size: int) -> Printed:
    for issue in done.issues:
        yield (
            f"{issue.folder}: {issue.fetched + issue.already} of {counted(issue.pages, 'page')},"
            f" {issue.fetched} fetched now"
        )
        if issue.texts:
            yield f"  {counted(issue.texts, 'page')} with text"
        for canvas, reason in issue.textless.items():
            yield Careful(f"{canvas}: no text: {reason.removeprefix(f'{canvas}: ')}")
        for canvas, reason in issue.failed.items():
            yield Careful(f"{canvas}: {reason.removeprefix(f'{canvas}: ')}")
        if issue.failed and not issue.accepted:
            yield Careful(
                "it is taken in once all are there; --accept-missing has it taken in without them"
            )
    yield f"{counted(len(done.issues), 'edition')}, {size / 1e6:.1f} MB"
    for address, reason in done.failed.items():
        yield FailureLine(f"{address}: {reason.removeprefix(f'{address}: ')}")
    if done.stopped:
        yield FailureLine(f"{done.stopped}; the same call with a larger --max-gb goes on")
