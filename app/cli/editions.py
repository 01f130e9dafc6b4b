"""``presslens editions``: what there is, with its ids and days, and changing it."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from presslens.app.cli.console import emit_json, say, warn
from presslens.app.cli.options import (
    CoderOption,
    DayOption,
    FirstOption,
    JsonOption,
    LastOption,
    ModeOption,
    PagesExpectedOption,
    PublicationOption,
)
from presslens.app.cli.progress import progress
from presslens.app.cli.tables import ReadableTable, print_table
from presslens.app.db.queries import EditionScope
from presslens.app.installation import open_installation
from presslens.app.platform import clock
from presslens.app.platform.settings import Settings
from presslens.app.services.analysis.empty_trash import empty_trash
from presslens.app.services.catalogue.editions import EditionState, find_edition, iterate_editions
from presslens.app.services.catalogue.pages import find_page
from presslens.app.services.catalogue.progress import EditionStatus
from presslens.app.services.catalogue.refused_pages import settle_pages
from presslens.app.services.catalogue.scope import check_publication
from presslens.app.services.catalogue.trash import find_trashed, iterate_trash
from presslens.app.services.corrections.editions import EditionChange, change_edition
from presslens.app.services.corrections.pages import change_page
from presslens.app.services.corrections.trash import delete_edition, restore_edition
from presslens.app.services.ingest.retry import retry_pages
from presslens.pipelines.counted import counted
from presslens.pipelines.scans.page_numbers import MOST_PAGES

cli = typer.Typer()

EditionArgument = Annotated[int, typer.Argument(min=1, help="Id of the edition.")]

NONE_YET = (
    "there are no editions{of}: `presslens import` adds one,"
    " `presslens nightly --inbox FOLDER` many"
)


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
    edition: EditionArgument,
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


@cli.command("retry")
def retry(
    edition: EditionArgument,
    page: Annotated[
        list[int] | None, typer.Option(min=1, help="Number of a page, repeatable; all if none.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Have pages that could not be analysed looked at again, by the next worker."""
    with open_installation(Settings()) as home:
        numbers = retry_pages(home, edition, frozenset(page or ()))
        state = find_edition(home, edition)
    if as_json:
        emit_json({**state.to_json(), "retried": numbers})
        return
    say(f"{counted(len(numbers), 'page')} of edition {edition} will be looked at again")


@cli.command("delete")
def delete(
    edition: EditionArgument, coder: CoderOption = None, as_json: JsonOption = False
) -> None:
    """Put an edition into the trash: no number, list or export has it until it is restored."""
    with open_installation(Settings()) as home:
        edit = delete_edition(home, edition, coder=coder, now=clock.now())
        trashed = find_trashed(home, edition)
    if as_json:
        emit_json({**trashed.to_json(), "edit": edit})
        return
    say(f"edition {edition} is in the trash; `presslens editions restore {edition}` restores it")
    if trashed.emptied_at is not None:
        say(f"it goes for good on {trashed.emptied_at.date()}")


@cli.command("restore")
def restore(
    edition: EditionArgument, coder: CoderOption = None, as_json: JsonOption = False
) -> None:
    """Take an edition out of the trash, with the ids that it had."""
    with open_installation(Settings()) as home:
        edit = restore_edition(home, edition, coder=coder, now=clock.now())
        state = find_edition(home, edition)
    if as_json:
        emit_json({**state.to_json(), "edit": edit})
        return
    say(f"edition {edition} of {state.publication}, {state.edition_date}, is restored")
    if state.superseded:
        warn("another upload of its day counts in its place")


@cli.command("trash")
def trash(as_json: JsonOption = False) -> None:
    """List the editions in the trash, the latest deleted first."""
    with open_installation(Settings()) as home:
        trashed = list(iterate_trash(home, EditionScope()))
    if as_json:
        emit_json({"editions": [one.to_json() for one in trashed]})
        return
    if not trashed:
        say("the trash is empty")
        return
    table = ReadableTable()
    for heading in ("id", "publication", "date"):
        table.column(heading, whole=True)
    table.column("pages", right=True)
    for heading in ("deleted", "by", "goes"):
        table.column(heading)
    for one in trashed:
        table.add_row(
            str(one.id),
            escape(one.publication),
            one.edition_date.isoformat(),
            str(one.pages),
            f"{one.deleted_at:%Y-%m-%d %H:%M}",
            escape(one.deleted_by),
            "never by itself" if one.emptied_at is None else str(one.emptied_at.date()),
        )
    print_table(table)


@cli.command("empty-trash")
def empty(
    everything: Annotated[
        bool, typer.Option("--all", help="What is not due yet too: it can't be restored.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Delete for good what is in the trash and due, with its scans, photos and reviews."""
    with open_installation(Settings()) as home:
        emptied = empty_trash(home, now=clock.now(), everything=everything)
    if as_json:
        emit_json(emptied.to_json())
        return
    say(f"{counted(emptied.editions, 'edition')} and {counted(emptied.scans, 'scan')} are gone")
    if emptied.kept:
        say(f"{counted(emptied.kept, 'scan')} stay: samples or references need them")


@cli.command("change")
def change(
    edition: EditionArgument,
    date: DayOption = None,
    publication: PublicationOption = None,
    pages_expected: PagesExpectedOption = None,
    mode: ModeOption = None,
    coder: CoderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change the day, the newspaper or the expected pages of an edition."""
    expected = None if pages_expected is None else (pages_expected,)
    wished = EditionChange(date, publication, expected, mode)
    with open_installation(Settings()) as home:
        edit = change_edition(home, edition, wished, coder=coder, now=clock.now())
        state = find_edition(home, edition)
    if as_json:
        emit_json({**state.to_json(), "edit": edit})
        return
    done = "is as it was" if edit is None else "is changed"
    say(f"edition {edition} {done}: {state.publication}, {state.edition_date}")


@cli.command("move-page")
def move_page(
    page: Annotated[int, typer.Argument(min=1, help="Id of the page.")],
    number: Annotated[
        int | None, typer.Option(min=1, max=MOST_PAGES, help="Its number from now on.")
    ] = None,
    to: Annotated[int | None, typer.Option(min=1, help="Id of another edition.")] = None,
    coder: CoderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give a page another number, or move it to another edition."""
    if number is None and to is None:
        raise typer.BadParameter("give a --number, or an edition with --to")
    with open_installation(Settings()) as home:
        now = clock.now()
        edit = change_page(home, page, number=number, edition_id=to, coder=coder, now=now)
        found = find_page(home, page)
    if as_json:
        emit_json({"id": page, "edition": found.edition_id, "number": found.number, "edit": edit})
        return
    say(f"page {page} is page {found.number} of edition {found.edition_id}")
