"""``presslens publications``: newspapers, their names, and merging those that are one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from presslens.app.api import links
from presslens.app.cli.command import Printed, command
from presslens.app.cli.console import Aside, Careful
from presslens.app.cli.editions import NONE_YET
from presslens.app.cli.estimates_in_words import reasons
from presslens.app.cli.options import CoderOption, CountryOption, KindOption, LanguageOption
from presslens.app.cli.tables import ReadableTable
from presslens.app.installation import Installation, open_installation
from presslens.app.platform import clock
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.settings import Settings
from presslens.app.services.catalogue.edition_query import EditionQuery
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
    differing_note,
    merge_newspapers,
    plan_merge,
)
from presslens.app.services.corrections.newspapers import NewspaperChanges, change_newspaper
from presslens.app.services.corrections.undo import undo_edit
from presslens.app.services.edits.listing import find_edit
from presslens.app.services.ingest.newspaper_edits import TARGET
from presslens.app.services.shares.newspaper_validity import NewspaperValidity, newspaper_validity
from presslens.pipelines.counted import counted
from presslens.pipelines.statistics.explanations import name_metric
from presslens.pipelines.statistics.metrics import Metric

cli = typer.Typer()
alias = typer.Typer(no_args_is_help=True)
cli.add_typer(alias, name="alias", help="Give a newspaper other names, in any script.")

Paper = Annotated[str, typer.Argument(help="The newspaper, by its name or an alias.")]
_COLUMNS = (
    "would tell: further answers for photos drawn by chance that decide in most cases; agreement:"
    " of people and machine beyond chance (kappa, 95 %), where 0.4 or more is valid"
)
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@command(cli, doing="counting editions")
def publications(home: Installation, query: EditionQuery) -> Printed:
    """List newspapers, and how many editions there are of each, from when to when."""
    check_publication(home, query.publication)
    papers = list_publications(home, query.scope)
    yield {"publications": [links.served_newspaper(paper) for paper in papers]}
    if not papers:
        yield NONE_YET.format(of=" of these days")
        return
    yield _table(papers)
    for hint in _hints(papers):
        yield Careful(hint)


def _table(papers: list[PublicationState]) -> ReadableTable:
    heads = ("publication", "editions", "pages", "first", "last", "published on", "days missing",
             "usually", "profile", "also called", "identifiers")  # fmt: skip
    rows = (
        (
            paper.publication,
            f"{paper.editions:,}",
            f"{paper.pages:,}",
            paper.first or "–",
            paper.last or "–",
            _days(paper),
            "not known" if paper.missing is None else f"{paper.missing:,}",
            _pages(paper),
            _profile(paper),
            ", ".join(paper.aliases) or "–",
            ", ".join(map(str, paper.identifiers)) or "–",
        )
        for paper in papers
    )
    whole = ("publication", "first", "last")
    return ReadableTable.of(*heads, whole=whole, right=("editions", "pages"), rows=rows)


def _profile(paper: PublicationState) -> str:
    """Return the languages, the country and the kind of a newspaper, as far as they are known."""
    stated = (", ".join(paper.languages), paper.country, paper.kind)
    return " · ".join(filter(None, stated)) or "not known"


def _pages(paper: PublicationState) -> str:
    if paper.pages_usually is None:
        return "not known"
    pages = counted(paper.pages_usually, "page")
    return pages if paper.usual_pages else f"{pages} (inferred)"


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


@command(cli, "show")
def show(home: Installation, newspaper: Paper) -> Printed:
    """Show a newspaper, and which of its numbers are valid, to be checked or not offered."""
    paper = _named(home, newspaper)
    validity = newspaper_validity(home, paper.id)
    yield links.served_newspaper(paper).to_json() | {"validity": validity.measures}
    yield _table([paper])
    yield _validities(validity)


def _validities(validity: NewspaperValidity) -> ReadableTable:
    heads = "measure", "state", "answers", "drawn", "would tell", "agreement"
    rows = (
        (
            str(name_metric(Metric(one.measure))),
            one.state.value if one.offered else "not offered",
            f"{one.answers:,}",
            f"{one.drawn:,}",
            f"{one.wanted:,}" if one.wanted else "–",
            "–" if one.interval is None else "{:.2f} to {:.2f}".format(*one.interval),
        )
        for one in validity.measures
    )
    documents = {
        str(name_metric(Metric(one.measure))): {"reason": one.reason} for one in validity.measures
    }
    lines = reasons(documents, "reason")
    if validity.no_leader is not None:
        lines.append(f"leader and focus: {validity.no_leader}")
    notes = "\n".join([*lines, _COLUMNS])
    right = heads[2:5]
    return ReadableTable.of(*heads, whole=heads[:2], right=right, rows=rows, notes=notes)


@command(cli, "rename")
def rename(
    newspaper: Paper,
    name: Annotated[str, typer.Argument(help="The new name; the old one becomes an alias.")],
    coder: CoderOption = None,
) -> Printed:
    """Rename a newspaper."""
    return _change(newspaper, lambda _: {"name": name}, coder)


@command(alias, "add")
def add_aliases(
    newspaper: Paper,
    names: Annotated[list[str], typer.Argument(help="Its other names.")],
    coder: CoderOption = None,
) -> Printed:
    """Give a newspaper other names: uploads and filters under them are of the newspaper."""
    return _change(newspaper, lambda paper: {"aliases": [*paper.aliases, *names]}, coder)


@command(alias, "remove")
def remove_aliases(
    newspaper: Paper,
    names: Annotated[list[str], typer.Argument(help="Names that are not its own.")],
    coder: CoderOption = None,
) -> Printed:
    """Take other names of a newspaper away."""

    def left(paper: PublicationState) -> dict[str, object]:
        unknown = [name for name in names if name not in paper.aliases]
        if unknown:
            raise InvalidRequest(
                f"{unknown[0]!r} is no alias of {paper.publication}; its aliases are:"
                f" {', '.join(paper.aliases) or 'none'}"
            )
        return {"aliases": [one for one in paper.aliases if one not in names]}

    return _change(newspaper, left, coder)


@command(cli, "set")
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
    language: LanguageOption = None,
    country: CountryOption = None,
    kind: KindOption = None,
    identifier: Annotated[
        list[str] | None,
        typer.Option(
            "--identifier",
            metavar="SCHEME:VALUE",
            help="All its numbers at libraries, lccn:sn85058233 for instance; may be repeated.",
        ),
    ] = None,
    coder: CoderOption = None,
) -> Printed:
    """State a newspaper's profile: languages, country, kind, usual pages, weekdays, identifiers.

    The word none stands for *not known*. A newspaper is recognised by its identifiers.
    """
    given: dict[str, object] = {}
    if language is not None:
        given["languages"] = None if language in (["none"], [""]) else language
    for name, text in (("country", country), ("kind", kind)):
        if text is not None:
            given[name] = None if text in ("none", "") else text
    if usual_pages is not None:
        given["usual_pages"] = usual_pages or None
    if weekdays is not None:
        given["weekdays"] = _read_weekdays(weekdays)
    if identifier is not None:
        given["identifiers"] = [] if identifier in (["none"], [""]) else identifier
    if not given:
        raise typer.BadParameter(
            "give --language, --country, --kind, --usual-pages, --weekdays or --identifier"
        )
    return _change(newspaper, lambda _: given, coder)


def _read_weekdays(text: str) -> list[int] | None:
    if text.strip() in ("", "none"):
        return None
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise typer.BadParameter("weekdays are written 1,2,5: 1 is Monday, 7 Sunday") from None


@command(cli, "merge")
def merge(
    home: Installation,
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
) -> Printed:
    """Merge a newspaper into another one: its names become aliases."""
    target, source = _named(home, into), _named(home, other)
    if preview:
        done = plan_merge(home, target.id, source.id)
    else:
        done = merge_newspapers(
            home, target.id, source.id, same_day=same_day, coder=coder, now=clock.now()
        )
    paper = find_newspaper(home, target.id)
    yield links.ChangedNewspaper.from_attributes(
        links.served_newspaper(paper), edit=done.edit, merged=done.served()
    )
    verb = "would move" if preview else "moved"
    yield f"{counted(len(done.editions), 'edition')} {verb} to {paper.publication}"
    if done.differing:
        yield Careful(str(differing_note(done.differing)))
    for one in done.conflicts:
        ids = (*one.kept, *one.moved)
        extents = "; ".join(_extent(id_, done.states.get(id_)) for id_ in ids)
        yield f"{one.day}: both have an edition (editions {extents})"
        for choice in done.choices:
            yield f"  with --same-day {choice.value} counts {_counts(done.outcome(one, choice))}"
        if not preview:
            yield f"  counts: {_counts(done.outcome(one))}"
    yield from _undoing(done.edit)


@command(cli, "undo")
def undo(
    home: Installation,
    edit: Annotated[int, typer.Argument(min=1, help="Id of the edit.")],
    coder: CoderOption = None,
) -> Printed:
    """Undo a change of a newspaper, or a merge, by the id of the edit."""
    if find_edit(home, edit).target != TARGET:
        raise InvalidRequest(f"edit {edit} is none of a newspaper")
    done = undo_edit(home, edit, coder=coder, now=clock.now())
    yield done
    yield f"undone: {done.text}"


def _extent(edition_id: int, state: EditionState | None) -> str:
    """Return an edition by its id, with what it has where that is known."""
    if state is None:
        return str(edition_id)
    photos = "photos not known" if state.photos is None else counted(state.photos, "photo")
    return f"{edition_id}: {counted(state.pages, 'page')}, {photos}"


def _counts(outcome: MergedDay) -> str:
    """Return what counts of a day, in words."""
    photos = "photos not known" if outcome.photos is None else counted(outcome.photos, "photo")
    ids = ", ".join(map(str, outcome.editions))
    return f"{counted(outcome.pages, 'page')}, {photos} (edition {ids})"


def _change(
    newspaper: str, wish: Callable[[PublicationState], dict[str, object]], coder: str | None
) -> Printed:
    with open_installation(Settings()) as home:
        paper = _named(home, newspaper)
        changes = NewspaperChanges(wish(paper))
        edit = change_newspaper(home, paper.id, changes, coder=coder, now=clock.now())
        paper = find_newspaper(home, paper.id)
    yield links.ChangedNewspaper.from_attributes(links.served_newspaper(paper), edit=edit)
    yield _table([paper])
    yield from _undoing(edit)


def _undoing(edit: int | None) -> Printed:
    if edit is not None:
        yield Aside(f"`presslens publications undo {edit}` undoes it")


def _named(home: Installation, name: str) -> PublicationState:
    check_publication(home, name)
    return newspaper_named(home, name)
