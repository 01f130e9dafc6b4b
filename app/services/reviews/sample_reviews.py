"""Finds the answers that were given to a sample after its draw; undoes a draw without any."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.edits import Action, EditRow
from presslens.app.db.page_reviews import PageReviewRow
from presslens.app.db.reviews import ReviewRow
from presslens.app.db.samples import SampleRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import Conflict, NotFound
from presslens.app.services.reviews.coding import CodedSample, measures_of
from presslens.app.services.reviews.consensus import update_scans_consensus
from presslens.app.services.samples.questions import questions

_AT_ONCE = 500
"""Ids that a query names."""


def answers_of_sample(sample: CodedSample) -> list[ReviewRow] | list[PageReviewRow]:
    """Return the reviews in force that answer what a sample asks of its items since its draw."""
    session, row = sample.session, sample.row
    if not row.measures:
        query = select(PageReviewRow).where(
            PageReviewRow.scan_id.in_([item.scan_id for item in sample.items]),
            PageReviewRow.withdrawn_at.is_(None),
            PageReviewRow.created_at >= row.created_at,
        )
        return list(session.scalars(query.order_by(PageReviewRow.id)))
    sample_questions = questions(sample.measures)
    measures = {measure for question in sample_questions for measure in measures_of(question)}
    given = sample.answers.values()
    ids = sorted({one.review for of_item in given for one in of_item if one.measure in measures})
    since = select(ReviewRow).where(ReviewRow.created_at >= row.created_at)
    return [
        review
        for start in range(0, len(ids), _AT_ONCE)
        for review in session.scalars(since.where(ReviewRow.id.in_(ids[start : start + _AT_ONCE])))
    ]


def answer_edits(home: Installation, sample: int | str, coder: str) -> Sequence[int]:
    """Return the edits that gave one coder's answers to a sample, those in force.

    An imported table or file of annotations is left out: it may be about other photos too.

    Args:
        sample: Id or name of the sample.

    Raises:
        NotFound: There is no such sample, or the coder has no answer in force there, or imported
            ones alone.
    """
    own, imported = _answer_edits(home, sample, coder)
    if not own and imported:
        raise NotFound.saying(
            "the answers of %(coder)s in this sample were imported; undo the import by its id:"
            " %(ids)s",
            coder=coder,
            ids=", ".join(map(str, imported)),
        )
    if not own:
        raise NotFound.saying("%(coder)s has no answers to take back in this sample", coder=coder)
    return own


def imported_edits(home: Installation, sample: int | str, coder: str) -> Sequence[int]:
    """Return the imports in force with answers of a coder to a sample, which stand by themselves.

    Args:
        sample: Id or name of the sample.
    """
    return _answer_edits(home, sample, coder)[1]


def _answer_edits(home: Installation, sample: int | str, coder: str) -> tuple[list[int], list[int]]:
    """Return the edits with a coder's answers to a sample: of the sample itself, and imports."""
    with home.database.read() as session:
        drawn = CodedSample.named(session, home.recipe, sample)
        given = answers_of_sample(drawn)
        ids = {one.edit_id for one in given if one.coder == coder and one.edit_id is not None}
        edits = [session.get_one(EditRow, id_) for id_ in sorted(ids)]
        in_force = [edit for edit in edits if edit.undone_at is None]
        own = [edit.id for edit in in_force if _is_of(edit, drawn.row.id)]
    return own, [edit.id for edit in in_force if edit.id not in own]


def _is_of(edit: EditRow, sample_id: int) -> bool:
    """Return whether an edit is of single answers, or of a batch of a sample."""
    batch = (edit.target, edit.target_id) == ("sample", sample_id)
    return batch or edit.action not in (Action.REVIEW_MANY, Action.ANNOTATE)


def undo_draw(
    home: Installation, session: Session, edit: EditRow, _now: datetime
) -> Collection[int]:
    """Delete the sample that an edit has drawn; no plain number of an edition changes.

    Raises:
        Conflict: Somebody has answered what the sample asks, after the draw.
    """
    row = session.scalars(
        select(SampleRow).filter_by(id=edit.target_id).with_for_update()
    ).one_or_none()
    if row is None:
        return ()
    sample = CodedSample(session, home.recipe, row)
    if answers := answers_of_sample(sample):
        raise Conflict.saying(
            "the sample %(name)s stays: people have answered it (answers: %(n)s), and without"
            " it nobody would know by which chance their photos were drawn. Undo the answers"
            " first",
            name=row.name,
            n=len(answers),
        )
    scans = sorted({item.scan_id for item in sample.items}) if row.measures else []
    session.delete(row)
    session.flush()
    update_scans_consensus(session, scans)
    return ()
