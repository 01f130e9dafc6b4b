"""``presslens deposit`` and ``presslens verify``: a data set for a repository, and its check."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from presslens.app.citations.citation import CitedAuthor, doi_of
from presslens.app.cli.command import Printed, command
from presslens.app.cli.console import Aside, Careful, FailureLine
from presslens.app.cli.export import Authors, Licence, Scoped
from presslens.app.cli.progress import progress
from presslens.app.cli.tables import ReadableTable
from presslens.app.cli.usage import DAY, read_day
from presslens.app.deposit.description import Funder, checked_licence
from presslens.app.deposit.differences import ChangedCell
from presslens.app.deposit.numbers import OnTable
from presslens.app.deposit.verify import PresentNumbers, Verification, verify_deposit
from presslens.app.deposit.write import DepositRequest, write_deposit
from presslens.app.installation import open_installation
from presslens.app.platform import clock
from presslens.app.platform.settings import Settings
from presslens.app.services.catalogue.scope import check_scope
from presslens.pipelines.counted import counted

MOST_SHOWN = 20
"""Printed differences; JSON has more."""


@command()
def deposit(
    folder: Annotated[Path, typer.Argument(help="A new folder for the deposit.")],
    query: Scoped,
    title: Annotated[str, typer.Option(help="Its title; without: newspapers and days.")] = "",
    authors: Authors = None,
    description: Annotated[str, typer.Option(help="What it is, in a few sentences.")] = "",
    licence: Licence = "",
    doi: Annotated[str, typer.Option(help="The DOI that the repository has reserved.")] = "",
    version: Annotated[str, typer.Option("--version", help="Its version, 1.0 say.")] = "",
    keyword: Annotated[list[str] | None, typer.Option(help="Repeatable.")] = None,
    funder: Annotated[list[str] | None, typer.Option(help="'Name; award', repeatable.")] = None,
    publisher: Annotated[str, typer.Option(help="Who publishes it: the repository.")] = "",
    day: Annotated[
        date | None,
        typer.Option(
            "--date", parser=read_day, metavar=DAY, help="Day of publication; without: today."
        ),
    ] = None,
    scans: Annotated[
        str, typer.Option(metavar="RIGHTS", help="With the scans, under this line of rights.")
    ] = "",
    named: Annotated[
        bool, typer.Option("--name-coders", help="Names and remarks of coders, no pseudonyms.")
    ] = False,
    code: Annotated[
        str, typer.Option("--code", help="Address of the source of the program, if it has one.")
    ] = "",
) -> Printed:
    """Write a snapshot as a data set for Zenodo, Dataverse, Hugging Face or OSF."""
    request = DepositRequest(
        scope=query.scope,
        day=day or clock.now().date(),
        title=title,
        authors=tuple(CitedAuthor.parse(one) for one in authors or ()),
        doi=doi_of(doi),
        version=version,
        licence=checked_licence(licence),
        description=description,
        keywords=tuple(keyword or ()),
        funders=tuple(Funder.parse(one) for one in funder or ()),
        publisher=publisher,
        scans=scans,
        named=named,
        code_address=code,
    )
    with open_installation(Settings()) as home, _steps("depositing") as report:
        check_scope(home, request.scope)
        done = write_deposit(home, request, folder, report)
    yield done
    yield f"{done.title}\n{counted(done.numbers, 'row')} of published numbers"
    yield Aside(f"written to {folder}: {counted(done.files, 'file')}, {done.bytes:,} bytes")
    for one in done.missing:
        yield Careful(f"nobody has said {one}")


@command()
def verify(
    place: Annotated[Path, typer.Argument(metavar="DEPOSIT", help="Its folder, or a ZIP file.")],
    present: Annotated[
        bool,
        typer.Option(
            "--present/--no-present", help="Say too which hold under the program's own recipe."
        ),
    ] = True,
    seconds: Annotated[float, typer.Option(min=1, help="How long it may take.")] = 3600.0,
) -> Printed:
    """Compute every published number of a deposit again, and say which holds."""
    settings = Settings()
    with (
        tempfile.TemporaryDirectory(prefix="presslens-verify-") as scratch,
        _steps("verifying", "the deposit was not changed") as report,
    ):
        result = verify_deposit(
            place, Path(scratch), present=settings.load_recipe if present else None,
            seconds=seconds, progress=report,
        )  # fmt: skip
    yield result
    yield from _report(result)
    if not result.is_whole:
        raise typer.Exit(1)


def _report(result: Verification) -> Printed:
    yield f"{result.title}\nrecipe {result.recipe[:12]}, made by Presslens {result.made_by}"
    files = result.files
    for words, names in (
        ("changed", files.changed), ("missing", files.missing), ("not listed", files.unlisted),
        ("no file of a deposit", files.foreign),
    ):  # fmt: skip
        for name in names:
            yield FailureLine(f"{words}: {name}")
    tables = (*result.numbers, *result.rows, *result.documents)
    rows = [(one.table, f"{one.values:,}", f"{one.holds:,}", f"{one.differ:,}")
            for one in tables if one in result.numbers or one.differ]  # fmt: skip
    yield ReadableTable.of(
        "table", "values", "hold", "differ", whole=("table",),
        right=("values", "hold", "differ"), rows=rows,
    )  # fmt: skip
    for one in result.differences[:MOST_SHOWN]:
        yield FailureLine(_in_words(one))
    if len(result.differences) > MOST_SHOWN:
        yield Careful(f"and {len(result.differences) - MOST_SHOWN} more: --json lists them")
    unread = counted(sum(result.not_checkable.values()), "row")
    yield Aside(f"{unread} of {', '.join(result.not_checkable)}: not checkable without scans")
    if result.present is not None:
        yield from _present_report(result.present)
    for step in result.not_reached:
        yield FailureLine(f"not reached in time: {step}")
    yield (
        f"{files.checked:,} files and the list of their hashes, {result.checked:,} published"
        " values: "
        + (
            "all hold"
            if result.is_whole
            else f"{result.hold:,} hold, and what does not is named above"
        )
    )
    yield Aside(
        "whoever made the deposit says by whom it is, of what, and under which licence; held"
        f" against nothing is what is said in {', '.join(result.not_held)}"
    )


def _present_report(present: PresentNumbers) -> Printed:
    recipe = f"under the present recipe, {present.recipe[:12]}"
    if present.same:
        yield f"{recipe}: the same recipe, so the same holds"
        return
    values = sum(one.values for one in present.tables)
    differ = sum(one.differ for one in present.tables)
    yield (
        f"{recipe}: {values - differ:,} values hold, {differ:,} no longer,"
        f" {present.not_checkable:,} not checkable without scans"
    )
    yield Aside(f"it differs in {', '.join(present.differs_in)}")
    differences = [one for table in present.tables for one in table.differences]
    for one in differences[:MOST_SHOWN]:
        yield f"no longer: {_in_words(one)}"


def _in_words(one: ChangedCell) -> str:
    where = f"{one.table}, {one.row}" + (f", {one.column}" if one.column else "")
    return f"{where}: published {one.published or 'nothing'}, computed {one.computed or 'nothing'}"


@contextmanager
def _steps(label: str, remains: str = "no deposit is written") -> Iterator[OnTable]:
    """Show which step is at work, and how far it has come."""
    with progress(label, remains=remains) as work:

        def report(step: str, done: int, of: int) -> None:
            work.take_step(f"{label}: {step}", done, of)

        yield report
