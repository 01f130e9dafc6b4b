"""What the machine alone says of shares in editions, and how far people have reviewed them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.tables import EditionRow
from app.services.recipes.recipes import Provenance
from app.services.statistics.probabilities import reviewed_measures
from app.services.statistics.selection import StatEdition
from app.services.statistics.share_series import HIGH, LOW, PHOTOS, load_series
from pipelines.statistics.interval import detector_method
from pipelines.statistics.like_with_like import Readings, ShareReading
from pipelines.statistics.metrics import Estimate, Metric


def share_readings(
    session: Session,
    recipe: Provenance,
    metrics: Sequence[Metric],
    edition_ids: Collection[int],
) -> Readings:
    """Return what is known of shares in editions that people have answered something about.

    Without any answer to a measure estimates are the machine's, and its shares are left out.

    Args:
        session: An open transaction.
        recipe: The recipe of the summaries.
        metrics: Plain ones are passed over.
        edition_ids: Ids of complete editions.
    """
    reviewed = reviewed_measures(session)
    shares = [metric for metric in metrics if metric.is_share and metric.name in reviewed]
    if not shares:
        return {}
    ids = sorted(set(edition_ids))
    days = select(EditionRow.id, EditionRow.edition_date).where(EditionRow.id.in_(ids))
    editions = [
        StatEdition(id_, "", day, 0, 0, None)
        for id_, day in session.execute(days.order_by(EditionRow.id))
    ]
    readings: dict[int, dict[Metric, ShareReading]] = defaultdict(dict)
    for metric, loaded in zip(shares, load_series(session, shares, editions, recipe), strict=True):
        rules = recipe.aggregate
        method = detector_method(
            rules.drift_of(metric.name), rules.prevalence.get(metric.name), rules.confidence
        )
        for edition, row, settled in zip(
            editions, loaded.table.tolist(), loaded.reviewed.tolist(), strict=True
        ):
            if row[0] > 0:
                n = int(row[PHOTOS])
                machine = Estimate(row[1] / row[0], (row[LOW], row[HIGH]), n, method)
                readings[edition.id][metric] = ShareReading(machine, settled, n)
    return readings
