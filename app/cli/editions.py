"""``presslens editions``: what there is, with its ids and days, and changing it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.markup import escape

from presslens.app.cli.command import Printed, command
from presslens.app.cli.console import Careful
from presslens.app.cli.options import (
    CoderOption,
    DayOption,
    ModeOption,
    PagesExpectedOption,
    PublicationOption,
)
from presslens.app.cli.tables import ReadableTable
from presslens.app.db.queries import EditionScope
from presslens.app.installation import Installation, open_installation
from presslens.app.platform import clock
from presslens.app.platform.settings import Settings
from presslens.app.services.analysis.removal_jobs import empty_trash
from presslens.app.services.catalogue.descriptions import library_editions
from presslens.app.services.catalogue.edition_query import EditionQuery
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


@command(cli, doing="reading editions")
def editions(home: Installation, query: EditionQuery) -> Printed:
    """List editions with their ids, days, pages and photos, the latest first."""
    check_publication(home, query.publication)
    states = library_editions(home, iterate_editions(home, query.scope))
    recipe = home.recipe.id
    yield {"recipe": recipe, "editions": [state.to_json() for state in states]}
    if not states:
        yield NONE_YET.format(of=" yet" if query.scope.whole else " that fit")
        return
    yield _table(states)
    yield _summary(states)
    for hint in dict.fromkeys(filter(None, (state.pages_hint for state in states))):
        yield Careful(hint)


def _table(states: Sequence[EditionState]) -> ReadableTable:
    papers = {state.publication for state in states}
    named = ("publication",) if len(papers) > 1 else ()
    table = ReadableTable(title=None if named else escape(next(iter(papers))))
    for heading in ("id", "date", *named):
        table.column(heading, whole=True)
    for heading in ("pages", "photos"):
        table.column(heading, right=True)
    table.column("status")
    for state in states:
        paper = (state.publication,) if named else ()
        counts = _pages(state), _photos(state)
        table.add(state.id, state.edition_date, *paper, *counts, _status(state))
    return table


def _pages(state: EditionState) -> str:
    if not state.pages:
        return "not known"
    pages, expected = state.pages, state.pages_expected
    return f"{pages} of {expected}" if expected and expected != pages else str(pages)


def _photos(state: EditionState) -> str:
    """Return the number of found photos; until a page is read, nobody knows it."""
    return "not known" if state.photos is None else f"{state.photos:,}"


def _status(state: EditionState) -> str:
    words = [state.status.value]
    if state.status is EditionStatus.ANALYSING:
        words.append(f"{state.pages_finished} of {counted(state.pages, 'page')} done")
    words += [
        f"{counted(state.outcomes[name], 'page')} {name}"
        for name in ("rejected", "failed")
        if state.outcomes.get(name)
    ]
    words += ["superseded by a later upload"] if state.superseded else []
    return ", ".join(words)


def _summary(states: Sequence[EditionState]) -> str:
    old = sum(state.superseded for state in states)
    counts = [state for state in states if not state.superseded]
    photos = sum(state.photos or 0 for state in counts)
    pages = sum(state.pages for state in counts)
    words: list[str] = [counted(len(counts), "edition"), counted(pages, "page")]
    words.append(counted(photos, "photo"))
    words += [f"{counted(old, 'superseded upload')} not counted"] if old else []
    return ", ".join(words)


@command(cli, "settle")
def settle(
    home: Installation,
    edition: EditionArgument,
    page: Annotated[
        list[int] | None, typer.Option(min=1, help="Number of a page; several times.")
    ] = None,
) -> Printed:
    """Accept that refused pages can't be read: nightly runs no longer name them."""
    accepted = settle_pages(home, edition, frozenset(page or ()), now=clock.now())
    yield {"settled": [one.to_json() for one in accepted]}
    for one in accepted:
        yield f"settled: {one.sentence()}"


@command(cli, "retry")
def retry(
    home: Installation,
    edition: EditionArgument,
    page: Annotated[
        list[int] | None, typer.Option(min=1, help="Number of a page, repeatable; all if none.")
    ] = None,
) -> Printed:
    """Have pages that could not be analysed looked at again, by the next worker."""
    numbers = retry_pages(home, edition, frozenset(page or ()))
    state = find_edition(home, edition)
    yield {**state.to_json(), "retried": numbers}
    yield f"{counted(len(numbers), 'page')} of edition {edition} will be looked at again"


@command(cli, "delete")
def delete(home: Installation, edition: EditionArgument, coder: CoderOption = None) -> Printed:
    """Put an edition into the trash: no number, list or export has it until it is restored."""
    edit = delete_edition(home, edition, coder=coder, now=clock.now())
    trashed = find_trashed(home, edition)
    yield {**trashed.to_json(), "edit": edit}
    yield f"edition {edition} is in the trash; `presslens editions restore {edition}` restores it"
    if trashed.emptied_at is not None:
        yield f"it goes for good on {trashed.emptied_at.date()}"


@command(cli, "restore")
def restore(home: Installation, edition: EditionArgument, coder: CoderOption = None) -> Printed:
    """Take an edition out of the trash, with the ids that it had."""
    edit = restore_edition(home, edition, coder=coder, now=clock.now())
    state = find_edition(home, edition)
    yield {**state.to_json(), "edit": edit}
    yield f"edition {edition} of {state.publication}, {state.edition_date}, is restored"
    if state.superseded:
        yield Careful("another upload of its day counts in its place")


@command(cli, "trash")
def trash(home: Installation) -> Printed:
    """List the editions in the trash, the latest deleted first."""
    trashed = list(iterate_trash(home, EditionScope()))
    yield {"editions": [one.to_json() for one in trashed]}
    if not trashed:
        yield "the trash is empty"
        return
    heads = ("id", "publication", "date", "pages", "deleted", "by", "goes")
    rows = (
        (
            one.id, one.publication, one.edition_date, one.pages,
            f"{one.deleted_at:%Y-%m-%d %H:%M}", one.deleted_by,
            "never by itself" if one.emptied_at is None else one.emptied_at.date(),
        )
        for one in trashed
    )  # fmt: skip
    yield ReadableTable.of(*heads, whole=heads[:3], right=("pages",), rows=rows)


@command(cli, "empty-trash")
def empty(
    home: Installation,
    everything: Annotated[
        bool, typer.Option("--all", help="What is not due yet too: it can't be restored.")
    ] = False,
) -> Printed:
    """Delete for good what is in the trash and due, with its scans, photos and reviews."""
    emptied = empty_trash(home, now=clock.now(), everything=everything)
    yield emptied
    yield f"{counted(emptied.editions, 'edition')} and {counted(emptied.scans, 'scan')} are gone"
    if emptied.kept:
        yield f"{counted(emptied.kept, 'scan')} stay: samples or references need them"


@command(cli, "change")
def change(
    home: Installation,
    edition: EditionArgument,
    date: DayOption = None,
    publication: PublicationOption = None,
    pages_expected: PagesExpectedOption = None,
    mode: ModeOption = None,
    coder: CoderOption = None,
) -> Printed:
    """Change the day, the newspaper or the expected pages of an edition."""
    expected = None if pages_expected is None else (pages_expected,)
    changes = EditionChange(date, publication, expected, mode)
    edit = change_edition(home, edition, changes, coder=coder, now=clock.now())
    state = find_edition(home, edition)
    yield {**state.to_json(), "edit": edit}
    done = "is as it was" if edit is None else "is changed"
    yield f"edition {edition} {done}: {state.publication}, {state.edition_date}"


@command(cli, "move-page")
def move_page(
    page: Annotated[int, typer.Argument(min=1, help="Id of the page.")],
    number: Annotated[
        int | None, typer.Option(min=1, max=MOST_PAGES, help="Its number from now on.")
    ] = None,
    to: Annotated[int | None, typer.Option(min=1, help="Id of another edition.")] = None,
    coder: CoderOption = None,
) -> Printed:
    """Give a page another number, or move it to another edition."""
    if number is None and to is None:
        raise typer.BadParameter("give a --number, or an edition with --to")
    with open_installation(Settings()) as home:
        edit = change_page(home, page, number=number, edition_id=to, coder=coder, now=clock.now())
        moved = find_page(home, page)
    yield {"id": page, "edition": moved.edition_id, "number": moved.number, "edit": edit}
    yield f"page {page} is page {moved.number} of edition {moved.edition_id}"
