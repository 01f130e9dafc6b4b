"""Loads the page records of statistics: boxes, interpretations and adjudicated answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from presslens.app.db.rows import page_traits, photo_interpretation
from presslens.app.db.tables import EditionRow, InterpretationRow, OutcomeRow, PageRow, PhotoRow
from presslens.app.services.catalogue.page_checks import two_edition_scans
from presslens.app.services.shares.consensus_photos import photo_consensus
from presslens.models.geometry import Box
from presslens.models.recipe import Recipe
from presslens.models.vocabulary import Frame, PhotoInterpretation
from presslens.pipelines.statistics.layout import page_type
from presslens.pipelines.statistics.page import PageRecord, with_missing


@dataclass(frozen=True, slots=True, eq=False)
class ReadPhotos:
    """What was read of the photos of some scans, by photo; what people removed, by outcome."""

    # Their interpretations; photos without one are left out.
    meanings: Mapping[int, PhotoInterpretation]
    answers: Mapping[int, Mapping[str, bool]]  # what people have settled, by measure
    places: Mapping[int, Mapping[str, Box]]  # where people say that somebody stands, by measure
    # The photos that the machine has found and people have removed.
    removed: Mapping[int, Sequence[PhotoRow]]
    two_editions: Collection[int]  # the scans that show pages of two editions, as people say


def read_photos(
    session: Session, outcomes: Collection[OutcomeRow], recipe: Recipe, *, consensus: bool = True
) -> ReadPhotos:
    """Read what the machine and people say of the photos of some scans.

    Args:
        outcomes: The outcomes of the scans.
        recipe: The recipe that they are analysed and interpreted under.
        consensus: Whether what people have settled of the photos is read.
    """
    if not outcomes:
        return ReadPhotos({}, {}, {}, {}, ())
    ids = sorted(photo.id for outcome in outcomes for photo in outcome.photos)
    answers, places = (
        photo_consensus(session, recipe.observation_id, tuple(ids)) if consensus else ({}, {})
    )
    removed: dict[int, list[PhotoRow]] = defaultdict(list)
    query = select(PhotoRow).where(
        PhotoRow.removed_from_id.in_([outcome.id for outcome in outcomes]), ~PhotoRow.by_hand
    )
    for row in session.scalars(query):
        removed[row.removed_from_id or 0].append(row)
    return ReadPhotos(
        interpretations_of(session, ids, recipe),
        answers,
        places,
        removed,
        two_edition_scans(session, [outcome.scan_id for outcome in outcomes]),
    )


def interpretations_of(
    session: Session, photo_ids: list[int], recipe: Recipe
) -> dict[int, PhotoInterpretation]:
    """Return the interpretation of each photo, by photo id; photos without one are omitted."""
    rows = session.scalars(
        select(InterpretationRow)
        .where(InterpretationRow.photo_id.in_(photo_ids), InterpretationRow.recipe_id == recipe.id)
        .options(
            selectinload(InterpretationRow.readings),
            selectinload(InterpretationRow.labels),
            selectinload(InterpretationRow.sightings),
        )
    )
    return {row.photo_id: photo_interpretation(row) for row in rows}


def edition_records(
    session: Session, edition_id: int, recipe: Recipe, *, consensus: bool = True
) -> list[PageRecord]:
    """Return the record of each page of an edition, in order, seen, uploaded or not.

    Args:
        recipe: The recipe that the pages are analysed and interpreted under.
        consensus: Whether the records hold what people have settled of the photos.
    """
    query = select(PageRow).filter_by(edition_id=edition_id)
    records = page_records(session, session.scalars(query).all(), recipe, consensus=consensus)
    expected = session.scalar(select(EditionRow.pages_expected).filter_by(id=edition_id))
    return sorted(with_missing(records, expected), key=lambda record: record.number)


def page_records(
    session: Session, pages: Sequence[PageRow], recipe: Recipe, *, consensus: bool = True
) -> list[PageRecord]:
    """Return the records of pages; see ``page_record``."""
    scans = {page.scan_id for page in pages if page.scan_id is not None}
    outcomes = {
        outcome.scan_id: outcome
        for outcome in session.scalars(
            select(OutcomeRow)
            .where(
                OutcomeRow.scan_id.in_(scans), OutcomeRow.observation_id == recipe.observation_id
            )
            .options(selectinload(OutcomeRow.photos))
        )
    }
    seen = read_photos(session, outcomes.values(), recipe, consensus=consensus)
    return [page_record(page, outcomes.get(page.scan_id or 0), seen, recipe) for page in pages]


def page_record(
    page: PageRow, outcome: OutcomeRow | None, seen: ReadPhotos, recipe: Recipe
) -> PageRecord:
    """Return the record of a page; with an uninterpreted found photo it counts as not seen.

    A photo that a person has drawn waits for that without its page: it is counted at once. A page
    that shows two editions, as people say, is not seen either.
    """
    if outcome is None or outcome.width is None or outcome.height is None:
        return PageRecord.not_seen(page.number)
    photos: list[PhotoRow] = outcome.photos
    if outcome.scan_id in seen.two_editions or any(
        photo.id not in seen.meanings for photo in photos if not photo.by_hand
    ):
        return PageRecord.not_seen(page.number)
    size = outcome.width, outcome.height
    boxes: list[Box] = [photo.box for photo in photos]
    traits = page_traits(outcome)
    detected = sorted(
        (one for one in (*photos, *seen.removed.get(outcome.id, ())) if not one.by_hand),
        key=lambda row: row.position,
    )
    return PageRecord.analysed(
        page.number,
        size,
        [(Frame(photo.box, photo.score), seen.meanings.get(photo.id)) for photo in photos],
        page_type(boxes, size, traits, recipe.aggregate),
        [seen.answers.get(photo.id, {}) for photo in photos] if seen.answers else (),
        photo_ids=[photo.id for photo in photos],
        traits=traits,
        by_machine=None if detected == photos else [Frame(row.box, row.score) for row in detected],
        places=[seen.places.get(photo.id, {}) for photo in photos] if seen.places else (),
    )
