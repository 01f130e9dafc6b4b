"""Removes figures and references, deletes embeddings, and files no longer needed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, Text, cast, delete, func, select, tuple_, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from presslens.app.db.columns import FaceColumns
from presslens.app.db.edits import Author
from presslens.app.db.figures import DiscardedFileRow, FigureRow, ReferenceFaceRow, ReferenceRow
from presslens.app.db.model_answers import ModelAnswerRow
from presslens.app.db.publications import TrashedEditionRow
from presslens.app.db.reviews import ReviewAnswerRow, ReviewRow, SettledAnswerRow
from presslens.app.db.samples import (
    SampledPhotoRow,
    SampleEditionRow,
    SampleItemRow,
    SampleMeasureRow,
    SampleRow,
)
from presslens.app.db.statistics import (
    EditionMeasureRow,
    EditionShareRow,
    EditionSummaryRow,
    new_version,
)
from presslens.app.db.tables import (
    FaceRow,
    InterpretationRow,
    LabelExampleRow,
    OutcomeRow,
    PhotoRow,
    ScanRow,
    SightingRow,
    UploadFileRow,
)
from presslens.app.db.upsert import insert_new
from presslens.app.installation import Installation
from presslens.app.platform.errors import NotFound
from presslens.app.services.figures.figure_edits import log_removal
from presslens.app.services.figures.figures import locked_figure, update_implied
from presslens.app.services.figures.references import SAME_FACE
from presslens.pipelines.failpoints import Failpoint, around
from presslens.pipelines.result import Served
from presslens.pipelines.statistics.measure import FIGURE

GRACE = timedelta(hours=1)
"""A discarded file stays so long: an upload of the same bytes may be under way, rows come last."""

BATCH = 5000
"""Number of photos whose doubts are rewritten by one statement."""

_NEEDED_BY = (UploadFileRow.sha256, ScanRow.sha256, ReferenceRow.sha256, LabelExampleRow.sha256)


@dataclass(frozen=True, slots=True)
class PurgeCounts(Served):
    """Numbers of faces in photos and of references' faces whose embeddings were deleted."""

    faces: int
    references: int


def purge_embeddings(home: Installation) -> PurgeCounts:
    """Delete the embeddings of all faces, under every recipe: all, or none.

    The photos are interpreted again, and show no figures. No page is analysed again by itself.
    """
    with home.database.write(erasing=True) as session:
        return PurgeCounts(_delete(session, FaceRow), _delete(session, ReferenceFaceRow))


def _delete(session: Session, table: type[FaceColumns]) -> int:
    embedded = table.embedding.is_not(None)
    count = session.scalar(select(func.count()).select_from(table).where(embedded)) or 0
    session.execute(update(table).where(embedded).values(embedding=None))
    return count


def forget_children(
    session: Session, outcome: OutcomeRow, photos: Sequence[PhotoRow], limit: float
) -> None:
    """Delete stored embeddings of faces that photos observed just now show to be children's.

    The last observation decides, under whichever recipe the others of the scan were made.

    Args:
        session: A transaction that erases, and has locked the scan.
        outcome: The one that the photos belong to.
        photos: Stored with their faces; the scan's other photos lose embeddings.
        limit: Faces whose ``child`` is as high are children's.
    """
    children = [
        face.box.in_shares(outcome.size)
        for photo in photos
        for face in photo.faces
        if face.child >= limit
    ]
    if not children:
        return
    page = func.coalesce(PhotoRow.outcome_id, PhotoRow.removed_from_id)
    embedded = (
        select(FaceRow, OutcomeRow)
        .join(PhotoRow, PhotoRow.id == FaceRow.photo_id)
        .join(OutcomeRow, OutcomeRow.id == page)
        .where(OutcomeRow.scan_id == outcome.scan_id, FaceRow.embedding.is_not(None))
        .where(PhotoRow.id.not_in([photo.id for photo in photos]))
    )
    for face, seen in session.execute(embedded).all():
        place = face.box.in_shares(seen.size)
        if any(place.iou(child) >= SAME_FACE for child in children):
            face.embedding = None


def remove_figure(home: Installation, figure_id: int, *, now: datetime) -> None:
    """Remove a figure with its references, sightings, doubts, summaries and reviews.

    Raises:
        NotFound: There is no such figure.
    """
    with home.database.write(erasing=True) as session:
        erase_figure(session, locked_figure(session, figure_id), now=now)


def erase_figure(session: Session, figure: FigureRow, *, now: datetime) -> None:
    """Remove a figure within a transaction that erases; see ``remove_figure``."""
    session.execute(delete(SightingRow).filter_by(figure_id=figure.id))
    _delete_doubts(session, figure.name)
    _delete_measure(session, f"{FIGURE}{figure.name}")
    discard(session, [reference.sha256 for reference in figure.references], now=now)
    session.delete(figure)
    update_implied(session)


def _delete_measure(session: Session, measure: str) -> None:
    """Delete the measure of a figure from the summaries and the reviews."""
    editions = select(EditionMeasureRow.edition_id).filter_by(measure=measure)
    summaries = update(EditionSummaryRow).where(EditionSummaryRow.edition_id.in_(editions))
    session.execute(summaries.values(version=new_version()))
    of_measure = EditionMeasureRow, EditionShareRow, SettledAnswerRow, ReviewAnswerRow
    for table in (*of_measure, ModelAnswerRow):
        session.execute(delete(table).filter_by(measure=measure))
    nothing_left = (
        ~select(ReviewAnswerRow).where(ReviewAnswerRow.review_id == ReviewRow.id).exists()
    )
    session.execute(delete(ReviewRow).where(nothing_left))
    _delete_from_samples(session, measure)


def _delete_from_samples(session: Session, measure: str) -> None:
    """Delete a measure from the samples; one that asked for nothing else goes with it."""
    session.execute(delete(SampledPhotoRow).filter_by(measure=measure))
    of_measure = select(SampleMeasureRow.sample_id).filter_by(measure=measure)
    for sample in list(session.scalars(select(SampleRow).where(SampleRow.id.in_(of_measure)))):
        left = [one for one in sample.measures if one.measure != measure]
        if not left:
            items = select(SampleItemRow.id).filter_by(sample_id=sample.id)
            session.execute(delete(SampledPhotoRow).where(SampledPhotoRow.item_id.in_(items)))
            for table in (SampleItemRow, SampleEditionRow):
                session.execute(delete(table).filter_by(sample_id=sample.id))
            session.delete(sample)
            continue
        sample.measures = left
        if measure in sample.name:
            sample.name = f"sample-{sample.id}"
    session.flush()


def _delete_doubts(session: Session, name: str) -> None:
    """Delete a name from the doubts of all interpretations, under every recipe."""
    key = InterpretationRow.photo_id, InterpretationRow.recipe_id
    named = cast(InterpretationRow.doubts, Text).contains(json.dumps(name), autoescape=True)
    start: tuple[int, str] = (0, "")
    while rows := session.execute(
        select(*key, InterpretationRow.doubts)
        .where(named, tuple_(*key) > start)
        .order_by(*key)
        .limit(BATCH)
    ).all():
        changed = [
            {
                "photo_id": photo_id,
                "recipe_id": recipe_id,
                "doubts": [[other, p] for other, p in doubts if other != name],
            }
            for photo_id, recipe_id, doubts in rows
        ]
        session.execute(update(InterpretationRow), changed)
        start = rows[-1][0], rows[-1][1]


def remove_reference(
    home: Installation,
    figure_id: int,
    reference_id: int,
    *,
    coder: str | None = None,
    now: datetime,
) -> int:
    """Remove a reference of a figure with its embedding, and return the id of the edit.

    It can be undone as long as its photo is in the store: for ``GRACE``, or until a worker comes.

    Raises:
        NotFound: There is no such figure, or it has no such reference.
    """
    with home.database.write(erasing=True) as session:
        figure = locked_figure(session, figure_id)
        reference = session.get(ReferenceRow, reference_id)
        if reference is None or reference.figure_id != figure.id:
            raise NotFound.saying(
                "%(figure)s has no reference %(reference_id)s",
                figure=figure.name,
                reference_id=reference_id,
            )
        by = Author(coder, home.recipe.codebook, now)
        edit = log_removal(session, by, figure, reference)
        discard(session, [reference.sha256], now=now)
        session.delete(reference)
        return edit


def discard(session: Session, files: Iterable[str], *, now: datetime) -> None:
    """Mark files, by their sha256, as no longer needed by a reference."""
    for sha256 in files:
        insert_new(session, DiscardedFileRow, sha256=sha256, discarded_at=now)


def due_files(now: datetime) -> Select[DiscardedFileRow]:
    """Return the query of the discarded files whose time of grace is over."""
    return select(DiscardedFileRow).where(DiscardedFileRow.discarded_at <= now - GRACE)


def sweep_discarded(home: Installation, *, now: datetime) -> int:
    """Delete the discarded files that nothing else needs; return their number."""
    due, before = due_files(now), now - GRACE
    with home.database.read() as session:
        if session.scalars(due.limit(1)).first() is None:
            return 0
    gone = 0
    with around(Failpoint.SWEEP_FILES), home.database.write() as session:
        for file in session.scalars(due):
            uses = [*(_uses(column, file.sha256) for column in _NEEDED_BY), _in_trash(file.sha256)]
            if any(session.scalar(use) for use in uses):
                session.delete(file)
            elif home.storage.remove(file.sha256, unless_put_after=before.timestamp()):
                home.storage.remove_views(file.sha256)
                home.derivatives.remove(file.sha256)
                session.delete(file)
                gone += 1
    return gone


def _uses(column: InstrumentedAttribute[str], sha256: str) -> Select[str]:
    return select(column).where(column == sha256).limit(1)


def _in_trash(sha256: str) -> Select[int]:
    """Return the query of an edition in the trash with a file; its rows are in a document."""
    document = cast(TrashedEditionRow.document, Text)
    return select(TrashedEditionRow.id).where(document.contains(sha256)).limit(1)
