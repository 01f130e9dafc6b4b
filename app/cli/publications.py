"""``presslens publications``: newspapers, their names, and merging those that are one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer
from rich.markup import escape

from presslens.app.api import links
from presslens.app.cli.console import emit_json, say, tell, warn
from presslens.app.cli.editions import NONE_YET
from presslens.app.cli.options import (
    CoderOption,
    FirstOption,
    JsonOption,
    LastOption,
    PublicationOption,
)
from presslens.app.cli.progress import progress
from presslens.app.cli.tables import ReadableTable, print_table
from presslens.app.db.queries import EditionScope
from presslens.app.installation import Installation, open_installation
from presslens.app.platform import clock
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.settings import Settings
from presslens.app.services.catalogue.editions import EditionState
from presslens.app.services.catalogue.publications import (
    PublicationState,
    find_newspaper,
    list_publications,
    newspaper_named,
)
from presslens.app.services.catalogue.scope import check_publication
from presslens.app.services.corrections.newspaper_merge import (
    MergedDay,
    SameDay,
    merge_newspapers,
    plan_merge,
)
from presslens.app.services.corrections.newspapers import TARGET, NewspaperChanges, change_newspaper
from presslens.app.services.corrections.undo import undo_edit
from presslens.app.services.edits.listing import find_edit
from presslens.pipelines.counted import counted

cli = typer.Typer()
alias = typer.Typer(no_args_is_help=True)
cli.add_typer(alias, name="alias", help="Give a newspaper other names, in any script.")

Paper = Annotated[str, typer.Argument(help="The newspaper, by its name or an alias.")]
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@cli.callback(invoke_without_command=True)
def publications(
    context: typer.Context,
    publication: PublicationOption = None,
    first: FirstOption = None,
    last: LastOption = None,
    as_json: JsonOption = False,
) -> None:
    """List newspapers, and how many editions there are of each, from when to when."""
    if context.invoked_subcommand is not None:
        return
    with open_installation(Settings()) as home, progress("counting editions"):
        check_publication(home, publication)
        papers = list_publications(home, EditionScope(publication, first, last))
    if as_json:
        emit_json({"publications": [links.newspaper_document(paper) for paper in papers]})
        return
    if not papers:
        say(NONE_YET.format(of=" of these days"))
        return
    print_table(_table(papers))
    for hint in _hints(papers):
        warn(hint)


def _table(papers: list[PublicationState]) -> ReadableTable:
    table = ReadableTable.of("publication", whole=("publication",))
    for heading in ("editions", "pages"):
        table.column(heading, right=True)
    for heading in ("first", "last"):
        table.column(heading, whole=True)
    for heading in ("published on", "days missing", "usually", "also called"):
        table.column(heading)
    for paper in papers:
        table.add_row(
            escape(paper.publication),
            f"{paper.editions:,}",
            f"{paper.pages:,}",
            paper.first.isoformat() if paper.first else "–",
            paper.last.isoformat() if paper.last else "–",
            _days(paper),
            "not known" if paper.missing is None else f"{paper.missing:,}",
            "not known" if paper.usual_pages is None else counted(paper.usual_pages, "page"),
            escape(", ".join(paper.aliases) or "–"),
        )
    return table


def _days(paper: PublicationState) -> str:
    if not paper.rhythm:
        return "not known"
    days = "all days" if len(paper.rhythm) == 7 else " ".join(WEEKDAYS[i - 1] for i in paper.rhythm)
    return days if paper.weekdays else f"{days} (inferred)"


def _hints(papers: list[PublicationState]) -> list[str]:
    """Return which newspapers look like one, and how to merge them."""
    names = {paper.id: paper.publication for paper in papers}
    pairs = {
        tuple(sorted((paper.id, other)))
        for paper in papers
        for other in paper.similar
        if other in names
    }
    return [
        f"{names[a]!r} and {names[b]!r} look like the same newspaper:"
        f' `presslens publications merge "{names[b]}" "{names[a]}"` merges the first named into'
        " the second"
        for a, b in sorted(pairs)
    ]


@cli.command("rename")
def rename(
    newspaper: Paper,
    name: Annotated[str, typer.Argument(help="The new name; the old one becomes an alias.")],
    coder: CoderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Rename a newspaper."""
    _change(newspaper, lambda _: {"name": name}, coder, as_json=as_json)


@alias.command("add")
def add_aliases(
    newspaper: Paper,
    names: Annotated[list[str], typer.Argument(help="Its other names.")],
    coder: CoderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give a newspaper other names: uploads and filters under them are of the newspaper."""
    _change(newspaper, lambda paper: {"aliases": [*paper.aliases, *names]}, coder, as_json=as_json)


@alias.command("remove")
def remove_aliases(
    newspaper: Paper,
    names: Annotated[list[str], typer.Argument(help="Names that are not its own.")],
    coder: CoderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take other names of a newspaper away."""

    def left(paper: PublicationState) -> dict[str, object]:
        unknown = [name for name in names if name not in paper.aliases]
        if unknown:
            raise InvalidRequest(
                f"{unknown[0]!r} is no alias of {paper.publication}; its aliases are:"
                f" {', '.join(paper.aliases) or 'none'}"
            )
        return {"aliases": [one for one in paper.aliases if one not in names]}

    _change(newspaper, left, coder, as_json=as_json)


@cli.command("set")
def set_facts(
    newspaper: Paper,
    usual_pages: Annotated[
        int | None, typer.Option(min=0, help="Pages that an edition usually has; 0: not known.")
    ] = None,
    weekdays: Annotated[
        str | None,
        typer.Option(
            metavar="1,2,5", help="Days on which it is published, 1 is Monday; none: not known."
        ),
    ] = None,
    coder: CoderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say how many pages a newspaper usually has, and on which days it is published."""
    given: dict[str, object] = {}
    if usual_pages is not None:
        given["usual_pages"] = usual_pages or None
    if weekdays is not None:
        given["weekdays"] = _read_weekdays(weekdays)
    if not given:
        raise typer.BadParameter("give --usual-pages or --weekdays")
    _change(newspaper, lambda _: given, coder, as_json=as_json)


def _read_weekdays(text: str) -> list[int] | None:
    if text.strip() in ("", "none"):
        return None
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise typer.BadParameter("weekdays are written 1,2,5: 1 is Monday, 7 Sunday") from None


@cli.command("merge")
def merge(
    other: Annotated[str, typer.Argument(help="The newspaper that goes.")],
    into: Annotated[str, typer.Argument(help="The newspaper that stays, and gets its editions.")],
    same_day: Annotated[
        SameDay,
        typer.Option(
            help="Editions of one day: replace, the latest usable one counts; separate, all do."
        ),
    ] = SameDay.REPLACE,
    preview: Annotated[bool, typer.Option("--preview", help="Only say what would happen.")] = False,
    coder: CoderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Merge a newspaper into another one: its names become aliases."""
    with open_installation(Settings()) as home:
        target, source = _named(home, into), _named(home, other)
        if preview:
            done = plan_merge(home, target.id, source.id)
        else:
            done = merge_newspapers(
                home, target.id, source.id, same_day=same_day, coder=coder, now=clock.now()
            )
        paper = find_newspaper(home, target.id)
    if as_json:
        emit_json({**links.newspaper_document(paper), "edit": done.edit, "merged": done.to_json()})
        return
    verb = "would move" if preview else "moved"
    say(f"{counted(len(done.editions), 'edition')} {verb} to {paper.publication}")
    for one in done.conflicts:
        ids = (*one.kept, *one.moved)
        told = "; ".join(_extent(id_, done.states.get(id_)) for id_ in ids)
        say(f"{one.day}: both have an edition (editions {told})")
        for same_day in done.choices:
            say(f"  with --same-day {same_day.value} counts {_counts(done.outcome(one, same_day))}")
        if not preview:
            say(f"  counts: {_counts(done.outcome(one))}")
    _tell_edit(done.edit)


@cli.command("undo")
def undo(
    edit: Annotated[int, typer.Argument(min=1, help="Id of the edit.")],
    coder: CoderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Undo a change of a newspaper, or a merge, by the id of the edit."""
    with open_installation(Settings()) as home:
        if find_edit(home, edit).target != TARGET:
            raise InvalidRequest(f"edit {edit} is none of a newspaper")
        done = undo_edit(home, edit, coder=coder, now=clock.now())
    if as_json:
        emit_json(done.to_json())
        return
    say(f"undone: {done.text}")


def _extent(edition_id: int, state: EditionState | None) -> str:
    """Return an edition by its id, with what it has where that is known."""
    if state is None:
        return str(edition_id)
    progress = state.progress
    photos = counted(progress.photos, "photo") if progress.pages_finished else "photos not known"
    return f"{edition_id}: {counted(progress.pages, 'page')}, {photos}"


def _counts(outcome: MergedDay) -> str:
    """Return what counts of a day, in words."""
    photos = "photos not known" if outcome.photos is None else counted(outcome.photos, "photo")
    ids = ", ".join(map(str, outcome.editions))
    return f"{counted(outcome.pages, 'page')}, {photos} (edition {ids})"


def _change(
    newspaper: str,
    wish: Callable[[PublicationState], dict[str, object]],
    coder: str | None,
    *,
    as_json: bool,
) -> None:
    with open_installation(Settings()) as home:
        paper = _named(home, newspaper)
        changes = NewspaperChanges(wish(paper))
        edit = change_newspaper(home, paper.id, changes, coder=coder, now=clock.now())
        paper = find_newspaper(home, paper.id)
    if as_json:
        emit_json({**links.newspaper_document(paper), "edit": edit})
        return
    print_table(_table([paper]))
    _tell_edit(edit)


def _tell_edit(edit: int | None) -> None:
    if edit is not None:
        tell(f"`presslens publications undo {edit}` undoes it")


def _named(home: Installation, name: str) -> PublicationState:
    check_publication(home, name)
    return newspaper_named(home, name)
