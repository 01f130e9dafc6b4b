"""The roles of figures in newspapers that are merged, and parted again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from presslens.app.db.figures import FigureRoleRow, FigureRow
from presslens.app.services.figures.figures import update_implied


def roles_in(session: Session, publication_id: int) -> list[list[Any]]:
    """Return the figures with a role in a newspaper, each with its role."""
    row = FigureRoleRow
    query = select(row.figure_id, row.role).filter_by(publication_id=publication_id)
    return [[id_, str(role)] for id_, role in session.execute(query.order_by(row.figure_id))]


def take_roles(session: Session, into_id: int, roles: Sequence[Sequence[Any]]) -> list[int]:
    """Give figures the roles that they had in a newspaper that is merged; return whom."""
    there = {id_ for id_, _ in roles_in(session, into_id)}
    taken = [id_ for id_, _ in roles if id_ not in there]
    session.add_all(
        FigureRoleRow(figure_id=id_, publication_id=into_id, role=role)
        for id_, role in roles
        if id_ in taken
    )
    update_implied(session)
    return taken


def part_roles(session: Session, into_id: int, other_id: int, change: Mapping[str, Any]) -> None:
    """Give figures back the roles that they had in two newspapers before these were merged."""
    taken = FigureRoleRow.figure_id.in_(change.get("roles_taken", ()))
    session.execute(delete(FigureRoleRow).where(taken, FigureRoleRow.publication_id == into_id))
    enrolled = set(session.scalars(select(FigureRow.id)))
    session.add_all(
        FigureRoleRow(figure_id=id_, publication_id=other_id, role=role)
        for id_, role in change.get("roles", ())
        if id_ in enrolled
    )
    update_implied(session)
