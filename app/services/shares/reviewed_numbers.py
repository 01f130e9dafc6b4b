"""Lays what people say of figures and of the focus over the plain numbers of summaries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from presslens.app.db.archive_view import archive_view, by_revision
from presslens.app.db.figures import FigureRow
from presslens.app.db.queries import in_zone, join_editions
from presslens.app.db.reviews import SettledAnswerRow
from presslens.app.db.statistics import EditionSummaryRow
from presslens.app.db.tables import (
    EditionRow,
    InterpretationRow,
    OutcomeRow,
    PageRow,
    PhotoRow,
    SightingRow,
)
from presslens.app.services.figures.gallery import figure_roles
from presslens.app.services.recipes.recipes import Provenance
from presslens.app.services.shares.consensus_photos import OF_FOCUS, photo_consensus
from presslens.models.geometry import Box
from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.consensus import focus_is_settled, focus_of
from presslens.pipelines.statistics.figure_photos import (
    FigureNumbers,
    FigurePhoto,
    SeenFigure,
    figure_numbers,
)
from presslens.pipelines.statistics.measure import FIGURE, Zone

BATCH = 100
"""Editions whose photos are loaded at a time."""


@dataclass(frozen=True, slots=True)
class ReviewedNumbers:
    """The numbers of an edition that people have a say in."""

    figures: FigureNumbers  # those of the figures
    front_lead_focus: Focus | None  # what the front page's largest photo is composed around
    lead_settled: bool  # whether people have settled that


def reviewed_numbers(
    session: Session, versions: Sequence[tuple[int, int]], recipe: Provenance
) -> Mapping[int, ReviewedNumbers]:
    """Return the reviewed numbers of the editions with statements, by edition.

    Args:
        versions: Id of each edition, and version of its summary.
        recipe: The recipe of the summaries.
    """
    view, recipe_id = archive_view(session), recipe.id
    edited = _reviewed_edition_ids(session, recipe)
    current = {id_: (view.answers, version) for id_, version in versions if id_ in edited}
    cached: dict[int, ReviewedNumbers] = {}
    for id_, version in current.items():
        if numbers := view.cache.get(("told numbers", recipe_id, id_), version):
            cached[id_] = numbers
    missing = [id_ for id_ in current if id_ not in cached]
    for start in range(0, len(missing), BATCH):
        loaded = _numbers(session, missing[start : start + BATCH], recipe)
        for id_, numbers in loaded.items():
            view.cache.put(("told numbers", recipe_id, id_), current[id_], numbers)
        cached |= loaded
    return cached


@by_revision
def _reviewed_edition_ids(session: Session, recipe: Provenance) -> frozenset[int]:
    """Return the editions with a photo whose figures or, on the front page, focus are settled."""
    query = join_editions(select(PageRow.edition_id).select_from(PhotoRow)).join(
        SettledAnswerRow, SettledAnswerRow.photo_id == PhotoRow.id
    )
    measure = SettledAnswerRow.measure
    figures = measure == "leader", measure.startswith(FIGURE, autoescape=True)
    lead = measure.startswith(OF_FOCUS, autoescape=True) & in_zone(Zone.FRONT) & in_zone(Zone.LEAD)
    observed = OutcomeRow.observation_id == recipe.observation_id
    return frozenset(session.scalars(query.where(observed, or_(*figures, lead)).distinct()))


def _numbers(
    session: Session, edition_ids: Sequence[int], recipe: Provenance
) -> dict[int, ReviewedNumbers]:
    """Return the numbers of editions over the photos of their summaries."""
    summary = EditionSummaryRow
    columns = summary.edition_id, summary.photo_ids, summary.front_lead_photo_id
    rows = session.execute(
        select(*columns, EditionRow.publication_id)
        .join(EditionRow, EditionRow.id == summary.edition_id)
        .where(summary.recipe_id == recipe.id, summary.edition_id.in_(edition_ids))
    ).all()
    photos = _photos(session, {id_ for _, ids, _, _ in rows for id_ in ids}, recipe)
    leads = [lead for _, _, lead, _ in rows if lead is not None]
    query = select(InterpretationRow.photo_id, InterpretationRow.verdict).where(
        InterpretationRow.recipe_id == recipe.id, InterpretationRow.photo_id.in_(leads)
    )
    verdicts = {row.photo_id: row.verdict for row in session.execute(query)}
    return {
        edition_id: ReviewedNumbers(
            figure_numbers(
                [photos[id_] for id_ in ids if id_ in photos], figure_roles(session, paper)
            ),
            *_focus(photos.get(lead or 0), verdicts.get(lead or 0)),
        )
        for edition_id, ids, lead, paper in rows
    }


def _focus(photo: FigurePhoto | None, verdict: Focus | None) -> tuple[Focus | None, bool]:
    """Return what a photo is composed around, and whether people have settled that."""
    if photo is None:
        return None, False
    return focus_of(photo.consensus, verdict), focus_is_settled(photo.consensus, verdict)


def _photos(
    session: Session, photo_ids: Collection[int], recipe: Provenance
) -> dict[int, FigurePhoto]:
    """Return photos with the figures that the machine and people say are in them."""
    connection = session.connection()
    answers, places = photo_consensus(session, recipe.observation_id, tuple(sorted(photo_ids)))
    seen: dict[int, list[SeenFigure]] = defaultdict(list)
    row = SightingRow
    sightings = (
        select(row.photo_id, FigureRow.name, row.probability, row.answer, row.area_share,
            row.centrality)
        .join(FigureRow, FigureRow.id == row.figure_id)
        .where(row.recipe_id == recipe.id, row.photo_id.in_(photo_ids))
        .order_by(row.probability.desc(), FigureRow.name)
    )  # fmt: skip
    for photo_id, name, probability, answer, area, centrality in connection.execute(sightings):
        seen[photo_id].append(SeenFigure(name, probability, answer, area, centrality))
    boxes = select(PhotoRow.id, PhotoRow.x0, PhotoRow.y0, PhotoRow.x1, PhotoRow.y1).where(
        PhotoRow.id.in_(photo_ids)
    )
    return {
        photo_id: FigurePhoto(
            Box(*corners), seen[photo_id], answers.get(photo_id, {}), places.get(photo_id, {})
        )
        for photo_id, *corners in connection.execute(boxes)
    }
