"""Summarises complete editions: their counts, areas and shares become rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, delete, exists, false, insert, or_, select
from sqlalchemy.orm import Session

from presslens.app.db import upsert
from presslens.app.db.queries import current_interpretation, in_zone, interpretation, printed_photos
from presslens.app.db.statistics import (
    EditionMeasureRow,
    EditionShareRow,
    EditionSummaryRow,
    mark_outdated,
    new_version,
)
from presslens.app.db.tables import EditionRow, InterpretationRow, OutcomeRow, PageRow, PhotoRow
from presslens.app.installation import Installation
from presslens.app.services.catalogue.page_checks import two_edition_scans
from presslens.app.services.catalogue.page_records import edition_records
from presslens.app.services.figures.gallery import (
    enrolment,
    newspaper_of_scan,
    version_by_newspaper,
)
from presslens.app.services.figures.looked_for import looked_for, summary_gallery, today_gallery
from presslens.app.services.labels.label_set import label_set_version
from presslens.models.recipe import Recipe
from presslens.pipelines.failpoints import Failpoint, around
from presslens.pipelines.statistics.edition_photos import EditionPhotos
from presslens.pipelines.statistics.measure import FIGURE, Zone
from presslens.pipelines.statistics.page import CountedPhoto, counted_photos
from presslens.pipelines.statistics.summary import Summary, summarise

MOST_TRIES = 5
"""An edition that changes so often while it is summarised is left outdated: it comes again."""


def summarise_edition(home: Installation, edition_id: int) -> None:
    """Summarise an edition, and store the summary in the place of the one before.

    What people change meanwhile is not lost: the edition is then summarised again.
    """
    for _ in range(MOST_TRIES):
        if _summarise(home, edition_id):
            return
    with home.database.write() as session:
        mark_outdated(session, [edition_id], home.recipe.id)


def _summarise(home: Installation, edition_id: int) -> bool:
    """Summarise an edition; False, and nothing is stored, if its photos changed meanwhile."""
    recipe = home.recipe
    with home.database.read() as session:
        basis = _basis(session, edition_id, recipe)
        versions = _versions(session, recipe)
        figures = looked_for(session, recipe, edition_id).figures
        gallery = summary_gallery(session, recipe, edition_id)
        records = edition_records(session, edition_id, recipe, consensus=False)
        photo_ids = [i for record in records if record.seen for i in record.photo_ids]
        lead = _front_lead(session, edition_id, recipe)
        is_today = gallery == today_gallery(session, recipe, edition_id)
        doubts = {} if is_today else _doubts(session, edition_id, recipe)
    photos = [
        _with_doubts(photo, doubts.get(photo_id, {}))
        for photo, photo_id in zip(
            counted_photos(records, recipe.aggregate, figures=figures), photo_ids, strict=True
        )
    ]
    summary = summarise(records, photos, figures=figures)
    arrays = EditionPhotos.of(photos)
    key = {"recipe_id": recipe.id, "edition_id": edition_id}
    measures = [{**key, **measure} for measure in arrays.stored_measures()]
    shares = [
        {**key, "measure": measure, "zone": zone, **asdict(sums)}
        for measure in arrays.probabilities
        for zone in Zone
        if (sums := arrays.sums(measure, zone)).n
    ]
    with around(Failpoint.SUMMARISE_STORE), home.database.write() as session:
        if _versions(session, recipe) != versions:
            return True  # figures changed meanwhile: the edition is still stale, and comes again
        # One at a time: whoever summarises it later has read what was changed earlier.
        there = select(EditionRow.id).filter_by(id=edition_id)
        if session.scalar(there.with_for_update(key_share=True)) is None:
            return True  # it was deleted meanwhile
        if _basis(session, edition_id, recipe) != basis:
            return False
        values = {
            **_columns(summary, (gallery, versions[1])),
            "front_lead_photo_id": lead,
            "photo_ids": photo_ids,
            "version": new_version(),
            "outdated": False,
            **arrays.stored(),
        }
        session.execute(
            upsert.insert(session, EditionSummaryRow)
            .values(edition_id=edition_id, recipe_id=recipe.id, **values)
            .on_conflict_do_update(index_elements=["edition_id", "recipe_id"], set_=values)
        )
        for table, rows in ((EditionMeasureRow, measures), (EditionShareRow, shares)):
            session.execute(delete(table).filter_by(**key))
            if rows:
                session.execute(insert(table), rows)
    return True


def _doubts(session: Session, edition_id: int, recipe: Recipe) -> dict[int, dict[str, float]]:
    """Return the probabilities of figures that a summary holds, by photo and measure.

    A snapshot has those of figures who are not seen in a photo in no other place.
    """
    key = {"recipe_id": recipe.id, "edition_id": edition_id}
    of = select(EditionSummaryRow.photo_ids).filter_by(**key)
    photo_ids = session.scalar(of) or []
    row = EditionMeasureRow
    figures = row.measure.in_(_OF_FIGURES) | row.measure.startswith(FIGURE, autoescape=True)
    query = select(row.measure, row.probabilities).filter_by(**key).where(figures)
    doubts: dict[int, dict[str, float]] = {photo_id: {} for photo_id in photo_ids}
    for measure, probabilities in session.execute(query):
        for photo_id, probability in zip(photo_ids, probabilities, strict=True):
            if probability is not None:
                doubts[photo_id][measure] = probability
    return doubts


_OF_FIGURES = ("leader", "leader_and_facility")


def _with_doubts(photo: CountedPhoto, doubts: Mapping[str, float]) -> CountedPhoto:
    """Return a photo with the probabilities of figures of whom nothing else is known in it."""
    lost = {name: p for name, p in doubts.items() if photo.probabilities.get(name) == 0.0}
    return replace(photo, probabilities={**photo.probabilities, **lost}) if lost else photo


def _basis(session: Session, edition_id: int, recipe: Recipe) -> list[tuple[Any, ...]]:
    """Return what people and workers change of an edition's photos and pages, for comparison."""
    outcome = and_(
        OutcomeRow.scan_id == PageRow.scan_id, OutcomeRow.observation_id == recipe.observation_id
    )
    query = (
        select(
            PageRow.id, PageRow.number, PageRow.scan_id, EditionRow.pages_expected,
            PhotoRow.id, PhotoRow.x0, PhotoRow.y0, PhotoRow.x1, PhotoRow.y1,
            InterpretationRow.photo_id,
        )
        .join(EditionRow, EditionRow.id == PageRow.edition_id)
        .outerjoin(OutcomeRow, outcome)
        .outerjoin(PhotoRow, PhotoRow.outcome_id == OutcomeRow.id)
        .outerjoin(InterpretationRow, interpretation(recipe.id))
        .where(PageRow.edition_id == edition_id)
        .order_by(PageRow.id, PhotoRow.id)
    )  # fmt: skip
    rows = [tuple(row) for row in session.connection().execute(query)]
    apart = two_edition_scans(session, {row[2] for row in rows if row[2] is not None})
    return [*rows, tuple(sorted(apart))]


def refresh_editions(home: Installation, edition_ids: Collection[int]) -> None:
    """Summarise editions at once that people have changed; those without a summary wait for it.

    A photo drawn by hand is counted already, before a worker looks at what it shows. The summary
    of an edition with pages to be analysed or interpreted stays outdated, and is made again
    afterwards.
    """
    if not edition_ids:
        return
    with home.database.read() as session:
        summarised = session.scalars(
            select(EditionSummaryRow.edition_id).where(
                EditionSummaryRow.recipe_id == home.recipe.id,
                EditionSummaryRow.edition_id.in_(edition_ids),
            )
        ).all()
    for edition_id in sorted(set(summarised)):
        summarise_edition(home, edition_id)
    with home.database.write() as session:
        complete = _complete(session, home.recipe)
        waiting = select(EditionRow.id).where(EditionRow.id.in_(summarised), ~complete)
        if ids := session.scalars(waiting).all():
            mark_outdated(session, ids, home.recipe.id)


def _versions(session: Session, recipe: Recipe) -> tuple[str, str]:
    return enrolment(session, recipe).whole, label_set_version(session)


def is_summarised(home: Installation, edition_id: int) -> bool:
    """Return whether no worker has to summarise an edition, whose pages are analysed."""
    recipe = home.recipe
    with home.database.read() as session:
        waiting = unsummarised_editions(session, recipe).where(EditionRow.id == edition_id)
        return session.scalar(waiting) is None


def unsummarised_editions(session: Session, recipe: Recipe) -> Select[int]:
    """Return the query of the complete editions whose summary is missing or stale."""
    gallery = version_by_newspaper(session, recipe, EditionRow.publication_id.expression)
    label_set = label_set_version(session)
    summary = and_(
        EditionSummaryRow.edition_id == EditionRow.id, EditionSummaryRow.recipe_id == recipe.id
    )
    stale = or_(
        EditionSummaryRow.edition_id.is_(None),
        EditionSummaryRow.gallery != gallery,
        EditionSummaryRow.label_set != label_set,
        EditionSummaryRow.found_pages.is_(None),
        EditionSummaryRow.outdated,
    )
    return (
        select(EditionRow.id)
        .outerjoin(EditionSummaryRow, summary)
        .where(
            EditionRow.unpacked_at.is_not(None),
            # SQLite would look at the photos of all editions first.
            case((stale, _complete(session, recipe)), else_=false()),
        )
    )


def _complete(session: Session, recipe: Recipe) -> ColumnElement[bool]:
    """Return the condition for editions whose pages are all analysed and interpreted."""
    gallery = version_by_newspaper(
        session, recipe, newspaper_of_scan(OutcomeRow.scan_id.expression)
    )
    label_set = label_set_version(session)
    outcome = and_(
        OutcomeRow.scan_id == PageRow.scan_id, OutcomeRow.observation_id == recipe.observation_id
    )
    current = current_interpretation(recipe.id, gallery=gallery, label_set=label_set)
    waiting = (
        select(PageRow.id)
        .outerjoin(OutcomeRow, outcome)
        .where(
            PageRow.edition_id == EditionRow.id, PageRow.status.is_(None), OutcomeRow.id.is_(None)
        )
    )
    unread = (
        select(PhotoRow.id)
        .join(OutcomeRow, PhotoRow.outcome_id == OutcomeRow.id)
        .join(PageRow, outcome)
        .outerjoin(InterpretationRow, current)
        .where(
            PageRow.edition_id == EditionRow.id,
            InterpretationRow.photo_id.is_(None),
            ~PhotoRow.by_hand,
        )
    )
    return and_(~exists(waiting.correlate(EditionRow)), ~exists(unread.correlate(EditionRow)))


def _front_lead(session: Session, edition_id: int, recipe: Recipe) -> int | None:
    """Return the id of the lead photo of an edition's front page; None without photos."""
    query = printed_photos(recipe, PhotoRow.id).where(
        PageRow.edition_id == edition_id, in_zone(Zone.FRONT), in_zone(Zone.LEAD)
    )
    return session.scalar(query)


def _columns(summary: Summary, versions: tuple[str, str]) -> dict[str, Any]:
    values = {field.name: getattr(summary, field.name) for field in fields(summary)}
    return {
        **values,
        "page_types": dict(summary.page_types),
        "found_pages": [list(page) for page in summary.found_pages],
        "gallery": versions[0],
        "label_set": versions[1],
    }
