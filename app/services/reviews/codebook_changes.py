"""Lets samples ask by today's codebook once an entry on what they ask has changed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.edits import Action, Author, EditRow, add_edit
from presslens.app.db.reviews import ReviewRow
from presslens.app.db.samples import SampleItemRow, SampleRow
from presslens.app.installation import Installation
from presslens.app.services.reviews.coding import CodedSample, measures_of
from presslens.app.services.reviews.consensus import update_scans_consensus
from presslens.app.services.samples.questions import questions
from presslens.models.message import Message, join_messages
from presslens.models.subjects.codebook import entry_version
from presslens.pipelines.statistics.explanations import name_metric
from presslens.pipelines.statistics.metrics import Metric


def follow_codebook(session: Session, row: SampleRow, by: Author) -> None:
    """Let the answers to a sample count by today's codebook, where its entries have changed.

    Called when the first answer by a changed entry arrives: until then the answers by the entry of
    the draw count. Those stay stored, and none of them counts for the changed entry.

    Args:
        by: Who answers, with today's codebook.
    """
    asked = (
        measure
        for question in questions(one.measure for one in row.measures)
        for measure in measures_of(question)
    )
    changed = [
        name_metric(Metric(measure))
        for measure in asked
        if entry_version(row.codebook, measure) != entry_version(by.codebook, measure)
    ]
    if not changed:
        return
    text = Message(
        "the sample %(sample)s is asked again by the changed entries of the codebook: %(entries)s",
        sample=row.name,
        entries=join_messages(changed, ", "),
    )
    add_edit(session, by, Action.ASK_AGAIN, ("sample", row.id), text, {"codebook": row.codebook})
    _count_by(session, row, by.codebook)


def asked_again(home: Installation, key: int | str) -> dict[str, int]:
    """Return how many items of a sample are asked about again, by measure.

    Raises:
        NotFound: There is no such sample.
    """
    today = home.recipe.codebook
    with home.database.read() as session:
        sample = CodedSample.named(session, home.recipe, key)
        earlier = select(ReviewRow.id).where(ReviewRow.codebook != today).limit(1)
        return {} if session.scalar(earlier) is None else sample.asked_again


def undo_codebook(
    _home: Installation, session: Session, edit: EditRow, _now: datetime
) -> Collection[int]:
    """Let the answers to a sample count by the codebook of before; no number of an edition changes.

    The next answer at the desk lets them count by today's again.
    """
    row = session.get(SampleRow, edit.target_id)
    if row is not None:
        _count_by(session, row, edit.change["codebook"])
    return ()


def _count_by(session: Session, row: SampleRow, codebook: str) -> None:
    row.codebook = codebook
    session.flush()
    scans = select(SampleItemRow.scan_id).where(SampleItemRow.sample_id == row.id).distinct()
    update_scans_consensus(session, sorted(session.scalars(scans)))
