"""Vouches for a public figure's age where a reference was taken for a child's; and undoes it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from presslens.app.db.edits import UNNAMED, Action, EditRow, add_edit
from presslens.app.db.figures import ReferenceRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import Conflict, NotFound
from presslens.app.services.figures.figure_state import figure_state
from presslens.app.services.figures.figures import locked_figure
from presslens.models.message import Message


def vouch_for(
    home: Installation, figure_id: int, reference_id: int, *, coder: str | None, now: datetime
) -> int | None:
    """Say that the face of a reference is the figure's, and an adult's; a worker embeds it then.

    It goes for reference photos of an enrolled figure alone, which somebody chose: faces in the
    archive that look like a child's are never embedded.

    Args:
        coder: Who vouches; None: nobody gave a name.

    Returns:
        The id of the edit; None if somebody has vouched for it already.

    Raises:
        NotFound: There is no such figure, or it has no such reference.
        Conflict: The reference was not refused for the age of its face.
    """
    with home.database.write() as session:
        figure = locked_figure(session, figure_id)
        reference = session.get(ReferenceRow, reference_id)
        if reference is None or reference.figure_id != figure_id:
            raise NotFound(
                Message(
                    "%(figure)s has no reference %(reference_id)s",
                    figure=figure.name,
                    reference_id=reference_id,
                )
            )
        if reference.vouched_by is not None:
            return None
        states = {one.id: one for one in figure_state(figure, home.recipe).references}
        if not states[reference_id].can_vouch:
            raise Conflict(
                Message("only a reference photo that was taken for a child's can be vouched for")
            )
        change = {"reference": reference_id, "observation_id": reference.observation_id}
        text = Message(
            "%(name)s: %(reference)s shows the adult, whatever it looks like",
            name=figure.name,
            reference=reference.name,
        )
        target = "figure", figure_id
        edit = add_edit(
            session, Action.VOUCH, target, text, coder=coder, codebook=home.recipe.codebook,
            now=now, change=change,
        )  # fmt: skip
        reference.vouched_by = coder or UNNAMED
        reference.observation_id = None
        return edit.id


def take_back_vouching(session: Session, edit: EditRow) -> None:
    """Undo vouching: nobody has vouched for the reference, and its face is embedded no more."""
    reference = session.get(ReferenceRow, edit.change["reference"])
    if reference is None:
        return
    reference.vouched_by = None
    if reference.observation_id is None:  # no worker has looked at it since
        reference.observation_id = edit.change["observation_id"]
    for face in reference.faces:
        face.embedding = face.sharpness = None
