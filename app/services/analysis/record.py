"""Writes down what came of looking at a page: rows and outcome together, or nothing."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, update

from app.db.columns import Status
from app.db.rows import headline_row, photo_rows
from app.db.tables import HeadlineRow, LeaseRow, OutcomeRow, PhotoRow
from app.db.upsert import insert
from app.installation import Installation
from app.services.analysis.lease import Work
from app.services.reviews.consensus import update_observation_consensus

if TYPE_CHECKING:
    from pipelines.engine import PageResult

MOST_FAILURES = 3
"""A page that fails so often is not tried again."""


def record(home: Installation, work: Work, result: PageResult, *, now: datetime) -> Status | None:
    """Record a result. Whoever comes second with the same page changes nothing.

    Returns:
        The outcome; None for a page that failed and may be tried again.
    """
    observation_id = home.recipe.observation_id
    with home.database.write() as session:
        claim = (LeaseRow.scan_id == work.scan_id) & (LeaseRow.observation_id == observation_id)
        if result.failure is not None:
            past = now - timedelta(seconds=1)
            failures = session.scalar(
                update(LeaseRow)
                .where(claim)
                .values(failures=LeaseRow.failures + 1, until_at=past)
                .returning(LeaseRow.failures)
                .execution_options(synchronize_session=False)
            )
            if failures is not None and failures < MOST_FAILURES:
                return None
        values = _outcome(result)
        row = (
            insert(session, OutcomeRow)
            .values(
                scan_id=work.scan_id,
                observation_id=observation_id,
                seen_at=now,
                **values,
            )
            .on_conflict_do_nothing()
            .returning(OutcomeRow.id)
        )
        outcome_id = session.scalar(row)
        if outcome_id is not None and result.observation is not None:
            session.add_all(_photos(outcome_id, result))
            session.add_all(_headlines(outcome_id, result))
            session.flush()
            update_observation_consensus(session, work.scan_id, observation_id)
        session.execute(delete(LeaseRow).where(claim))
    return Status(values["status"])


def _photos(outcome_id: int, result: PageResult) -> list[PhotoRow]:
    rows = photo_rows(result.observation) if result.observation else []
    for row in rows:
        row.outcome_id = outcome_id
    return rows


def _headlines(outcome_id: int, result: PageResult) -> list[HeadlineRow]:
    headlines = result.observation.headlines if result.observation else ()
    return [headline_row(headline, i, outcome_id) for i, headline in enumerate(headlines)]


def _outcome(result: PageResult) -> dict[str, Any]:
    if result.observation is not None:
        return {
            "status": Status.DONE if result.observation.photos else Status.EMPTY,
            "width": result.observation.width,
            "height": result.observation.height,
            **(asdict(result.observation.traits) if result.observation.traits else {}),
        }
    if result.rejection is not None:
        return {
            "status": Status.REJECTED,
            "reason": result.rejection.reason.value,
            "detail": result.rejection.detail,
        }
    return {"status": Status.FAILED, "reason": "failed", "detail": result.failure}
