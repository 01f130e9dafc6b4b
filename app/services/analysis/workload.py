"""What is left to do, counted."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from app.db.tables import EditionRow, OutcomeRow
from app.installation import Installation
from app.services.analysis.lease import waiting
from app.services.figures.references import unembedded


@dataclass(frozen=True, slots=True)
class Workload:
    """Numbers of editions to unpack, pages to look at, references to embed, pages by outcome."""

    editions: int
    pages: int
    references: int
    outcomes: dict[str, int]


def workload(home: Installation) -> Workload:
    """Count what is left to do, and what came of what was done."""
    observation_id = home.recipe.observation_id
    with home.database.read() as session:
        outcomes = session.execute(
            select(OutcomeRow.status, func.count())
            .filter_by(observation_id=observation_id)
            .group_by(OutcomeRow.status)
        )
        return Workload(
            editions=session.scalar(
                select(func.count()).select_from(EditionRow).where(EditionRow.unpacked_at.is_(None))
            )
            or 0,
            pages=session.scalar(
                select(func.count()).select_from(waiting(observation_id).subquery())
            )
            or 0,
            references=len(unembedded(session, observation_id)),
            outcomes={status.value: count for status, count in outcomes},
        )
