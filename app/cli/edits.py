"""``presslens edits``: what people have changed, and undoing it."""

from __future__ import annotations

from itertools import islice
from typing import Annotated

import typer
from rich.markup import escape

from presslens.app.cli.console import emit_json, say
from presslens.app.cli.options import CoderOption, JsonOption
from presslens.app.cli.tables import ReadableTable, print_table
from presslens.app.db.edits import Action
from presslens.app.installation import open_installation
from presslens.app.platform import clock
from presslens.app.platform.settings import Settings
from presslens.app.services.corrections.undo import undo_edits
from presslens.app.services.edits.listing import EditFilter, EditState, iterate_edits
from presslens.app.services.reviews.given_answers import answer_edits

cli = typer.Typer()

LATEST = 50
"""How many edits are listed, unless another number is asked for."""


@cli.callback(invoke_without_command=True)
def edits(
    context: typer.Context,
    by: Annotated[str | None, typer.Option(help="Who made them.")] = None,
    action: Annotated[Action | None, typer.Option(help="What they did.")] = None,
    edition: Annotated[int | None, typer.Option(min=1, help="Id of their edition.")] = None,
    most: Annotated[int, typer.Option(min=1, help="How many, the latest first.")] = LATEST,
    as_json: JsonOption = False,
) -> None:
    """List what people have changed, the latest first."""
    if context.invoked_subcommand is not None:
        return
    criteria = EditFilter(coder=by, action=action, edition=edition)
    with open_installation(Settings()) as home:
        found = list(islice(iterate_edits(home, criteria), most))
    if as_json:
        emit_json({"edits": [edit.to_json() for edit in found]})
        return
    if not found:
        say("nobody has changed anything")
        return
    table = ReadableTable()
    table.column("id", whole=True)
    for heading in ("when", "who", "what", "undone"):
        table.column(heading)
    for edit in found:
        table.add_row(
            str(edit.id),
            f"{edit.created_at:%Y-%m-%d %H:%M}",
            escape(edit.coder),
            escape(str(edit.text)),
            _undone(edit),
        )
    print_table(table)


def _undone(edit: EditState) -> str:
    return "" if edit.undone_at is None else f"by {escape(edit.undone_by or '')}"


@cli.command("undo")
def undo(
    edits: Annotated[
        list[int] | None, typer.Argument(min=1, help="Ids of edits: all are undone, or none.")
    ] = None,
    sample: Annotated[
        str | None, typer.Option(help="Take back one coder's answers to this sample.")
    ] = None,
    by: Annotated[str | None, typer.Option(help="Whose answers to the sample.")] = None,
    coder: CoderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Undo edits; they stay in the log, as undone."""
    if (sample is None) != (by is None) or bool(edits) == bool(sample):
        raise typer.BadParameter("give ids of edits, or --sample and --by")
    with open_installation(Settings()) as home:
        ids = edits or []
        if sample is not None and by is not None:
            ids = list(answer_edits(home, int(sample) if sample.isdecimal() else sample, by))
        done = undo_edits(home, ids, coder=coder, now=clock.now())
    if as_json:
        emit_json(done[0].to_json() if len(edits or ()) == 1 else [one.to_json() for one in done])
        return
    for state in done:
        say(f"undone: {state.text}")
