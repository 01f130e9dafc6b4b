"""Denies figures in photos that are settled to show no people, or no leader."""

from __future__ import annotations

from sqlalchemy import delete, insert, literal, select
from sqlalchemy.orm import Session, aliased

from presslens.app.db.figures import FigureRow
from presslens.app.db.reviews import ReviewAnswerRow, ReviewRow, SettledAnswerRow
from presslens.app.db.tables import OutcomeRow, PhotoRow
from presslens.models.faces.gallery import Role
from presslens.pipelines.statistics.consensus import denied_by
from presslens.pipelines.statistics.measure import FIGURE


def update_denials(session: Session, figure: FigureRow) -> None:
    """Settle where a figure is not, by what people have said of others, after its role is given.

    ``pipelines.statistics.consensus`` says what follows from what. What people have said of the
    figure itself stands, on the whole page.

    Args:
        session: An open transaction that writes.
        figure: The figure with its role.
    """
    session.flush()
    row, own = SettledAnswerRow, aliased(SettledAnswerRow)
    measure = f"{FIGURE}{figure.name}"
    said = (
        select(PhotoRow.id)
        .join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
        .join(ReviewRow, ReviewRow.scan_id == OutcomeRow.scan_id)
        .join(ReviewAnswerRow, ReviewAnswerRow.review_id == ReviewRow.id)
        .where(ReviewAnswerRow.measure == measure, ReviewRow.withdrawn_at.is_(None))
    )
    session.execute(
        delete(row).where(row.measure == measure, ~row.shows, row.photo_id.not_in(said)),
        execution_options={"synchronize_session": False},
    )
    settled = select(own.photo_id).where(own.measure == measure)
    denied = select(row.photo_id, literal(measure), row.shows, row.codebook)
    columns = ["photo_id", "measure", "shows", "codebook"]
    for other in denied_by(Role(figure.role)):
        those = denied.where(row.measure == other, ~row.shows, row.photo_id.not_in(settled))
        session.execute(insert(row).from_select(columns, those))
