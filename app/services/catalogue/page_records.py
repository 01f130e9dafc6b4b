"""Loads the page records of statistics: boxes, interpretations and adjudicated answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from presslens.app.db.rows import page_traits
from presslens.app.db.tables import EditionRow, OutcomeRow, PageRow, PhotoRow
from presslens.app.services.catalogue.page_checks import two_edition_scans
from presslens.app.services.catalogue.pages import interpretations_of
from presslens.app.services.catalogue.settled_photos import settled_answers, told_places
from presslens.models.geometry import Box
from presslens.models.recipe import Recipe
from presslens.models.vocabulary import Frame, PhotoInterpretation
from presslens.pipelines.statistics.layout import page_type
from presslens.pipelines.statistics.page import PageRecord, with_missing


def edition_records(
    session: Session, edition_id: int, recipe: Recipe, *, settled: bool = True
) -> list[PageRecord]:
    """Return the record of each page of an edition, in order, seen, uploaded or not.

    Args:
        session: An open transaction.
        edition_id: The edition.
        recipe: The recipe that the pages are analysed and interpreted under.
        settled: Whether the records hold what people have settled of the photos.
    """
    query = select(PageRow).filter_by(edition_id=edition_id)
    records = page_records(session, session.scalars(query).all(), recipe, settled=settled)
    expected = session.scalar(select(EditionRow.pages_expected).filter_by(id=edition_id))
    return sorted(with_missing(records, expected), key=lambda record: record.number)


def page_records(
    session: Session, pages: Sequence[PageRow], recipe: Recipe, *, settled: bool = True
) -> list[PageRecord]:
    """Return the records of pages; a page with an uninterpreted found photo counts as not seen.

    A photo that a person has drawn waits for that without its page: it is counted at once. A page
    that shows two editions, as people say, is not seen either.
    """
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
    photo_ids = [photo.id for outcome in outcomes.values() for photo in outcome.photos]
    removed = _removed(session, [outcome.id for outcome in outcomes.values()])
    unseen = two_edition_scans(session, outcomes)
    interpretations = interpretations_of(session, photo_ids, recipe)
    answers = settled_answers(session, photo_ids) if settled else {}
    places = told_places(session, recipe.observation_id, answers)
    return [
        _record(
            page, outcome, removed.get(outcome.id, []), interpretations, answers, places, recipe
        )
        if (outcome := outcomes.get(page.scan_id or 0)) and outcome.scan_id not in unseen
        else PageRecord.not_seen(page.number)
        for page in pages
    ]


def _removed(session: Session, outcome_ids: Sequence[int]) -> dict[int, list[PhotoRow]]:
    """Return the photos that the machine has found and people have removed, by outcome."""
    query = select(PhotoRow).where(PhotoRow.removed_from_id.in_(outcome_ids), ~PhotoRow.by_hand)
    removed: dict[int, list[PhotoRow]] = defaultdict(list)
    for row in session.scalars(query):
        removed[row.removed_from_id or 0].append(row)
    return removed


def _record(
    page: PageRow,
    outcome: OutcomeRow,
    removed: Sequence[PhotoRow],
    interpretations: Mapping[int, PhotoInterpretation],
    answers: Mapping[int, Mapping[str, bool]],
    places: Mapping[int, Mapping[str, Box]],
    recipe: Recipe,
) -> PageRecord:
    if outcome.width is None or outcome.height is None:
        return PageRecord.not_seen(page.number)
    photos: list[PhotoRow] = outcome.photos
    if any(photo.id not in interpretations for photo in photos if not photo.by_hand):
        return PageRecord.not_seen(page.number)
    size = outcome.width, outcome.height
    boxes: list[Box] = [photo.box for photo in photos]
    traits = page_traits(outcome)
    found = sorted(
        (photo for photo in (*photos, *removed) if not photo.by_hand), key=lambda row: row.position
    )
    return PageRecord.analysed(
        page.number,
        size,
        [(Frame(photo.box, photo.score), interpretations.get(photo.id)) for photo in photos],
        page_type(boxes, size, traits, recipe.aggregate),
        [answers.get(photo.id, {}) for photo in photos] if answers else (),
        photo_ids=[photo.id for photo in photos],
        traits=traits,
        by_machine=None if found == photos else [Frame(row.box, row.score) for row in found],
        places=[places.get(photo.id, {}) for photo in photos] if places else (),
    )
