"""A metric of each of some editions: an estimate with its interval."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.db.statistics import EditionSummary
from app.services.answers import Answer, edition_photos, settled_photos
from app.services.recipes import MadeBy
from app.services.selection import StatEdition
from app.services.series import HIGH, LOW, PHOTOS, share_table
from pipelines.statistics.facts import Estimate, Metric
from pipelines.statistics.interval import detector_method, detector_reading
from pipelines.statistics.measure import Weight
from pipelines.statistics.summary import plain_metrics

PLAIN_COLUMNS: tuple[InstrumentedAttribute[object], ...] = (
    EditionSummary.photos,
    EditionSummary.photo_area,
    EditionSummary.largest_photo,
    EditionSummary.page_types,
    EditionSummary.leader_photos,
    EditionSummary.leader_area,
    EditionSummary.leader_centrality,
    EditionSummary.together_photos,
)
"""What plain metrics are made of, to be asked of ``select_editions``."""

COUNTED = "counted, no interval"


def plain_estimates(name: str, editions: Sequence[StatEdition]) -> list[Estimate]:
    """Return a plain metric of each edition; they were selected with ``PLAIN_COLUMNS``."""
    return [Estimate(plain_metrics(e.row)[name], method=COUNTED) for e in editions]


def share_estimates(
    session: Session, metric: Metric, editions: Sequence[StatEdition], recipe: MadeBy
) -> list[Estimate]:
    """Return a share of each edition, with what people have settled."""
    table = share_table(session, metric, editions, recipe.id)
    rules = recipe.aggregate
    method = detector_method(rules.drift_of(metric.name), rules.confidence)
    reviewed = _reviewed(session, metric, editions, recipe)
    found = []
    for edition, row in zip(editions, table, strict=True):
        if edition.id in reviewed:
            found.append(_read(reviewed[edition.id], metric, recipe))
        elif row[0] <= 0:
            found.append(Estimate(None, None, 0, "no photos"))
        else:
            interval = float(row[LOW]), float(row[HIGH])
            found.append(Estimate(float(row[1] / row[0]), interval, int(row[PHOTOS]), method))
    return found


def _reviewed(
    session: Session, metric: Metric, editions: Sequence[StatEdition], recipe: MadeBy
) -> dict[int, list[Answer]]:
    """Return all photos of the editions in which something is settled."""
    ids = {edition.id for edition in editions}
    touched = {a.edition_id for a in settled_photos(session, metric, recipe)} & ids
    photos: dict[int, list[Answer]] = defaultdict(list)
    if touched:
        for answer in edition_photos(session, metric, recipe, sorted(touched)):
            photos[answer.edition_id].append(answer)
    return photos


def _read(answers: Sequence[Answer], metric: Metric, recipe: MadeBy) -> Estimate:
    rules = recipe.aggregate
    by_area = metric.weight is Weight.AREA
    reading = detector_reading(
        np.array([a.probability for a in answers]),
        weights=np.array([a.area for a in answers]) if by_area else None,
        settled=np.array([np.nan if a.shows is None else float(a.shows) for a in answers]),
        drift=rules.drift_of(metric.name),
        confidence=rules.confidence,
    )
    return Estimate(reading.share, reading.interval, len(answers), reading.method)
