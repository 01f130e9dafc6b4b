"""``presslens editions`` and ``presslens publications``: what there is, with its ids and days."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from app import clock
from app.cli.console import emit_json, say, warn
from app.cli.options import FirstOption, JsonOption, LastOption, PublicationOption
from app.cli.progress import progress
from app.cli.tables import ReadableTable, print_table
from app.db.queries import EditionScope
from app.installation import open_installation
from app.services.catalogue.editions import EditionState, iterate_editions
from app.services.catalogue.progress import EditionStatus
from app.services.catalogue.publications import list_publications
from app.services.catalogue.refused_pages import settle_pages
from app.services.catalogue.scope import check_publication
from app.settings import Settings
from pipelines.counted import counted

cli = typer.Typer()

NONE_YET = "there are no editions{of}: `presslens import` adds one, `presslens nightly` many"


@cli.callback(invoke_without_command=True)
def editions(
    context: typer.Context,
    publication: PublicationOption = None,
    first: FirstOption = None,
    last: LastOption = None,
    as_json: JsonOption = False,
) -> None:
    """List editions with their ids, days, pages and photos, the latest first."""
    if context.invoked_subcommand is not None:
        return
    with open_installation(Settings()) as home, progress("reading editions"):
        check_publication(home, publication)
        states = list(iterate_editions(home, EditionScope(publication, first, last)))
        recipe = home.recipe.id
    if as_json:
        emit_json({"recipe": recipe, "editions": [state.to_json() for state in states]})
        return
    if not states:
        say(NONE_YET.format(of=" that fit" if publication or first or last else " yet"))
        return
    print_table(_table(states))
    say(_summary(states))
    for hint in dict.fromkeys(filter(None, (state.pages_hint for state in states))):
        warn(hint)


def _table(states: list[EditionState]) -> ReadableTable:
    papers = {state.publication for state in states}
    named = ("publication",) if len(papers) > 1 else ()
    table = ReadableTable(title=None if named else escape(next(iter(papers))))
    for heading in ("id", "date", *named):
        table.column(heading, whole=True)
    for heading in ("pages", "photos"):
        table.column(heading, right=True)
    table.column("status")
    for state in states:
        table.add_row(
            str(state.id),
            state.edition_date.isoformat(),
            *((escape(state.publication),) if named else ()),
            _pages(state),
            _photos(state),
            _status(state),
        )
    return table


def _pages(state: EditionState) -> str:
    if not state.progress.unpacked:
        return "not known"
    pages, expected = state.progress.pages, state.pages_expected
    return f"{pages} of {expected}" if expected and expected != pages else str(pages)


def _photos(state: EditionState) -> str:
    """Return the number of found photos; of an edition that waits, nobody knows it."""
    waits = state.progress.status is EditionStatus.QUEUED
    return "not known" if waits else f"{state.progress.photos:,}"


def _status(state: EditionState) -> str:
    found = state.progress
    words = [found.status.value]
    if found.status is EditionStatus.ANALYSING:
        words.append(f"{found.pages_finished} of {counted(found.pages, 'page')} done")
    words += [
        f"{counted(found.outcomes[name], 'page')} {name}"
        for name in ("rejected", "failed")
        if found.outcomes.get(name)
    ]
    words += ["superseded by a later upload"] if state.superseded else []
    return ", ".join(words)


def _summary(states: list[EditionState]) -> str:
    old = sum(state.superseded for state in states)
    counts = [state for state in states if not state.superseded]
    photos = sum(state.progress.photos for state in counts)
    pages = sum(state.progress.pages for state in counts)
    words: list[str] = [counted(len(counts), "edition"), counted(pages, "page")]
    words.append(counted(photos, "photo"))
    words += [f"{counted(old, 'superseded upload')} not counted"] if old else []
    return ", ".join(words)


@cli.command("settle")
def settle(
    edition: Annotated[int, typer.Argument(min=1, help="Id of the edition.")],
    page: Annotated[
        list[int] | None, typer.Option(min=1, help="Number of a page; several times.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Accept that refused pages can't be read: nightly runs no longer name them."""
    with open_installation(Settings()) as home:
        settled = settle_pages(home, edition, frozenset(page or ()), now=clock.now())
    if as_json:
        emit_json({"settled": [one.to_json() for one in settled]})
        return
    for one in settled:
        say(f"settled: {one.sentence()}")


def publications(
    publication: PublicationOption = None,
    first: FirstOption = None,
    last: LastOption = None,
    as_json: JsonOption = False,
) -> None:
    """List newspapers, and how many editions there are of each, from when to when."""
    with open_installation(Settings()) as home, progress("counting editions"):
        check_publication(home, publication)
        papers = list_publications(home, EditionScope(publication, first, last))
    if as_json:
        emit_json({"publications": [paper.to_json() for paper in papers]})
        return
    if not papers:
        say(NONE_YET.format(of=" of these days"))
        return
    table = ReadableTable.of("publication", whole=("publication",))
    for heading in ("editions", "pages"):
        table.column(heading, right=True)
    for heading in ("first", "last"):
        table.column(heading, whole=True)
    table.column("usually")
    for paper in papers:
        table.add_row(
            escape(paper.publication),
            f"{paper.editions:,}",
            f"{paper.pages:,}",
            paper.first.isoformat() if paper.first else "–",
            paper.last.isoformat() if paper.last else "–",
            "not known" if paper.usual_pages is None else counted(paper.usual_pages, "page"),
        )
    print_table(table)
