"""Builds the set of labels that researchers have added, and computes its version."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from presslens.app.db.archive_view import by_answers
from presslens.app.db.tables import LabelRow
from presslens.models.labels.classifier import LabelClassifier, LabelSet, set_version


@by_answers
def _made_labels(session: Session) -> Sequence[tuple[str, str, str | None]]:
    """Return name, version and failure of each label that was added, by name."""
    query = select(LabelRow.name, LabelRow.version, LabelRow.failure).order_by(LabelRow.name)
    return [(name, version, failure) for name, version, failure in session.execute(query)]


def label_set_version(session: Session) -> str:
    """Return a hash of all usable labels, of those that wait to be trained again too.

    It is computed from names and coefficients: equal labels have the same version everywhere.
    """
    return set_version(version for _, version, why in _made_labels(session) if why is None)


def load_label_set(session: Session, observation_id: str) -> LabelSet | None:
    """Return the labels; None while some wait to be trained again under a new recipe."""
    if outdated(session, observation_id):
        return None
    rows = session.scalars(
        select(LabelRow).where(LabelRow.failure.is_(None)).order_by(LabelRow.name)
    )
    return LabelSet(
        tuple(
            LabelClassifier(row.name, row.coefficients, row.intercept)
            for row in rows
            if row.coefficients is not None and row.intercept is not None
        )
    )


def outdated_labels(observation_id: str) -> Select[int]:
    """Return the query of the ids of labels that were learnt from other instruments' features."""
    return select(LabelRow.id).where(LabelRow.observation_id != observation_id)


def outdated(session: Session, observation_id: str) -> list[LabelRow]:
    """Return the labels that were trained on features of another observation."""
    query = select(LabelRow).where(LabelRow.id.in_(outdated_labels(observation_id)))
    return list(session.scalars(query.order_by(LabelRow.name)))


def made_names(session: Session) -> list[str]:
    """Return the names of all labels that were added, of those too that are not learnt yet."""
    return [name for name, _, _ in _made_labels(session)]


def own_names(session: Session) -> list[str]:
    """Return the names of the usable labels."""
    return [name for name, _, why in _made_labels(session) if why is None]
