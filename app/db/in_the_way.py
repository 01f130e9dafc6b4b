"""Says that a later edit has to be undone first, and which one."""

from __future__ import annotations

from presslens.app.db.edits import EditRow
from presslens.app.platform.errors import LaterEdit
from presslens.models.message import Message, load_message


def blocked_by(later: EditRow) -> LaterEdit:
    """Return the error of an edit that can't be undone before a later one is."""
    return LaterEdit(
        Message(
            "a later change stands in the way, number %(edit)s of %(coder)s (%(text)s): undo that"
            " first",
            edit=later.id,
            coder=later.coder,
            text=load_message(later.text),
        ),
        {"later_edit": {"id": later.id, "target": later.target, "target_id": later.target_id}},
    )
