"""Specimens of the log of edits."""

from __future__ import annotations

from datetime import datetime

from presslens.app.db.edits import Action, EditRow
from presslens.lab.bench.generator import RowCollector
from presslens.models.message import Message, dump_message


def add_review_edit(
    rows: RowCollector, number: int, photo: int, coder: str, *, at: datetime
) -> None:
    """Log the review of a photo; that of coder A is undone.

    Args:
        rows: Takes the row.
        coder: Who made it.
        at: When it was made, and undone.
    """
    undone = coder == "A"
    rows.add(
        EditRow,
        id=number,
        created_at=at,
        coder=coder,
        action=Action.REVIEW,
        target="photo",
        target_id=photo,
        text=dump_message(Message("said of %(name)s: 100 %%", name="=Kim")),
        change={},
        codebook="1",
        undone_at=at if undone else None,
        undone_by="=C" if undone else None,
    )
