"""``presslens edits``: what people have changed, and undoing it."""

from __future__ import annotations

from itertools import islice
from typing import Annotated

import typer

from presslens.app.cli.command import Printed, command
from presslens.app.cli.options import CoderOption
from presslens.app.cli.tables import ReadableTable
from presslens.app.db.edits import Action
from presslens.app.installation import Installation, open_installation
from presslens.app.platform import clock
from presslens.app.platform.settings import Settings
from presslens.app.services.corrections.undo import undo_edits
from presslens.app.services.edits.listing import EditFilter, EditState, iterate_edits
from presslens.app.services.reviews.sample_reviews import answer_edits, imported_edits

cli = typer.Typer()

LATEST = 50
"""How many edits are listed, unless another number is asked for."""


@command(cli)
def edits(
    home: Installation,
    by: Annotated[str | None, typer.Option(help="Who made them.")] = None,
    action: Annotated[Action | None, typer.Option(help="What they did.")] = None,
    edition: Annotated[int | None, typer.Option(min=1, help="Id of their edition.")] = None,
    most: Annotated[int, typer.Option(min=1, help="How many, the latest first.")] = LATEST,
) -> Printed:
    """List what people have changed, the latest first."""
    criteria = EditFilter(coder=by, action=action, edition=edition)
    states = list(islice(iterate_edits(home, criteria), most))
    yield {"edits": [edit.to_json() for edit in states]}
    if not states:
        yield "nobody has changed anything"
        return
    heads = ("id", "when", "who", "what", "undone")
    yield ReadableTable.of(*heads, whole=("id",), rows=map(_row, states))


def _row(edit: EditState) -> tuple[object, ...]:
    undone = "" if edit.undone_at is None else f"by {edit.undone_by or ''}"
    return edit.id, f"{edit.created_at:%Y-%m-%d %H:%M}", edit.coder, edit.text, undone


@command(cli, "undo")
def undo(
    edits: Annotated[
        list[int] | None, typer.Argument(min=1, help="Ids of edits: all are undone, or none.")
    ] = None,
    sample: Annotated[
        str | None, typer.Option(help="Take back one coder's answers to this sample.")
    ] = None,
    by: Annotated[str | None, typer.Option(help="Whose answers to the sample.")] = None,
    coder: CoderOption = None,
) -> Printed:
    """Undo edits; they stay in the log, as undone."""
    if (sample is None) != (by is None) or bool(edits) == bool(sample):
        raise typer.BadParameter("give ids of edits, or --sample and --by")
    ids, imported = edits or [], []
    with open_installation(Settings()) as home:
        if sample is not None and by is not None:
            named = int(sample) if sample.isdecimal() else sample
            ids = list(answer_edits(home, named, by))
            imported = [f"{one}" for one in imported_edits(home, named, by)]
        done = undo_edits(home, ids, coder=coder, now=clock.now())
    yield done[0].to_json() if len(edits or ()) == 1 else [one.to_json() for one in done]
    for state in done:
        yield f"undone: {state.text}"
    if imported:
        yield f"imported answers stay: undo their import by its id, {', '.join(imported)}"
