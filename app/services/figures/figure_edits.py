"""Logs what people change about figures, and undoes it; what is erased is gone for good."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.edits import Action, Author, EditRow, add_edit
from presslens.app.db.figures import FigureRow, ReferenceRow
from presslens.app.db.in_the_way import blocked_by
from presslens.app.db.publications import PublicationRow
from presslens.app.db.reviews import ReviewAnswerRow, ReviewRow
from presslens.app.db.samples import SampleMeasureRow
from presslens.app.platform.errors import Conflict
from presslens.models.faces.gallery import Role
from presslens.models.message import Message, join_messages
from presslens.pipelines.counted import counted
from presslens.pipelines.statistics.measure import FIGURE


def log_enrolment(
    session: Session,
    by: Author,
    figure: FigureRow,
    references: Sequence[ReferenceRow],
    public_role: str | None,
    role: Role,
) -> int:
    """Log that a figure was enrolled, with its references and the public role that was declared.

    Args:
        role: The role that the figure gets in newspapers.

    Returns:
        The id of the edit.
    """
    text = Message("%(name)s is enrolled", name=figure.name)
    if references:
        photos = counted(len(references), "photo")
        text = Message("%(name)s is enrolled with %(photos)s", name=figure.name, photos=photos)
    if public_role is None:
        text = join_messages([text, Message("no public role is declared")])
    elif public_role != role:
        declared = Message("declared public role: %(public_role)s", public_role=public_role)
        text = join_messages([text, declared])
    if figure.roles:
        papers = join_messages((row.publication.name for row in figure.roles), ", ")
        of_papers = Message("%(role)s of %(papers)s", role=Message(str(role)), papers=papers)
        text = join_messages([text, of_papers])
    change = {
        "references": [reference.id for reference in references],
        "public_role": public_role,
    }
    return add_edit(session, by, Action.ENROL, ("figure", figure.id), text, change).id


def log_references(
    session: Session, by: Author, figure: FigureRow, references: Sequence[ReferenceRow]
) -> int | None:
    """Log that references were added to a figure; return the id of the edit, None without any."""
    if not references:
        return None
    names = ", ".join(reference.name for reference in references[:3])
    text = Message(
        "reference photo added to %(figure)s: %(names)s", figure=figure.name, names=names
    )
    if len(references) > 3:
        text = Message(
            "%(n)s reference photos added to %(figure)s: %(names)s, …",
            n=len(references),
            figure=figure.name,
            names=names,
        )
    change = {"references": [reference.id for reference in references]}
    return add_edit(session, by, Action.ADD_REFERENCE, ("figure", figure.id), text, change).id


def log_removal(session: Session, by: Author, figure: FigureRow, reference: ReferenceRow) -> int:
    """Log that a reference is removed, before it is, and return the id of the edit."""
    text = Message("reference photo removed from %(figure)s: %(name)s", figure=figure.name,
                   name=reference.name)  # fmt: skip
    keys = ("id", "sha256", "frame", "x0", "y0", "x1", "y1", "name", "vouched_by")
    change: dict[str, Any] = {key: getattr(reference, key) for key in keys}
    change["created_at"] = reference.created_at.isoformat()
    return add_edit(session, by, Action.REMOVE_REFERENCE, ("figure", figure.id), text, change).id


def log_roles(
    session: Session, by: Author, figure: FigureRow, before: Mapping[int, Role], role: Role
) -> int:
    """Log that a figure gets another role in newspapers, and return the id of the edit.

    Args:
        before: The role that it had in each of them, by the id of the newspaper.
        role: The role that it gets.
    """
    query = select(PublicationRow.id, PublicationRow.name).where(PublicationRow.id.in_(before))
    names = dict(session.execute(query).all())
    text = join_messages(
        Message("%(name)s in %(paper)s: %(before)s becomes %(after)s", name=figure.name,
                paper=names[id_], before=Message(str(old)), after=Message(str(role)))
        for id_, old in before.items()
    )  # fmt: skip
    change = {"roles": {str(id_): str(old) for id_, old in before.items()}}
    return add_edit(session, by, Action.CHANGE_FIGURE, ("figure", figure.id), text, change).id


def check_unreviewed_since(session: Session, figure: FigureRow, edit: EditRow) -> None:
    """Check that nothing was said of a figure since it was enrolled, so that it can be undone.

    Raises:
        Conflict: Something was; the message names it.
    """
    later = session.scalars(
        select(EditRow)
        .where(
            EditRow.target == "figure",
            EditRow.target_id == figure.id,
            EditRow.id > edit.id,
            EditRow.undone_at.is_(None),
        )
        .order_by(EditRow.id)
    ).first()
    if later is not None:
        raise blocked_by(later)
    measure = f"{FIGURE}{figure.name}"
    answer = session.scalars(
        select(ReviewRow.id)
        .join(ReviewAnswerRow, ReviewAnswerRow.review_id == ReviewRow.id)
        .where(ReviewAnswerRow.measure == measure, ReviewRow.withdrawn_at.is_(None))
    ).first()
    sample = session.scalars(select(SampleMeasureRow.sample_id).filter_by(measure=measure)).first()
    if answer is not None or sample is not None:
        raise Conflict.saying(
            "people have answered about %(name)s since: undo that first, or remove the "
            "figure with all that was said of it",
            name=figure.name,
        )


def references_of(session: Session, edit: EditRow) -> Collection[ReferenceRow]:
    """Return the references that an edit added and that are still there."""
    ids = edit.change.get("references", [])
    query = select(ReferenceRow).where(
        ReferenceRow.id.in_(ids),
        ReferenceRow.created_at <= edit.created_at,  # an id may be given again
    )
    return session.scalars(query).all()
