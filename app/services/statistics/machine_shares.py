"""What the machine alone says of shares in editions, and how far people have reviewed them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy.orm import Session

from presslens.app.services.recipes.recipes import Provenance
from presslens.app.services.shares.selection import StatEdition, uploads
from presslens.app.services.shares.share_loading import load_shares
from presslens.pipelines.statistics.like_with_like import Readings, ShareReading
from presslens.pipelines.statistics.metrics import Estimate, Metric
from presslens.pipelines.statistics.share_estimate import GroupEstimate


def share_readings(
    session: Session,
    recipe: Provenance,
    metrics: Sequence[Metric],
    edition_ids: Collection[int],
) -> Readings:
    """Return the readings of shares in editions beside their estimates.

    Args:
        recipe: The recipe of the summaries.
        metrics: Plain ones are passed over.
        edition_ids: Ids of complete editions.
    """
    shares = [metric for metric in metrics if metric.is_share]
    if not shares:
        return {}
    editions = [
        StatEdition(row.id, row.name, row.edition_date, 0, 0, None)
        for row in sorted(uploads(session, recipe), key=lambda row: row.id)
        if row.id in edition_ids
    ]
    readings: dict[int, dict[Metric, ShareReading]] = defaultdict(dict)
    for metric, photos in zip(shares, load_shares(session, shares, editions, recipe), strict=True):
        alone = photos.without_answers()
        beside = alone.without_shared_errors()
        answered = photos.machine.answered
        reviewed = bool(answered.any()) or bool(photos.samples)
        machine = alone.by_edition() if reviewed else None
        for i, (edition, apart) in enumerate(zip(editions, beside.by_edition(), strict=True)):
            if apart.n:
                readings[edition.id][metric] = ShareReading(
                    Estimate.of_group(machine[i]) if machine else None,
                    int(answered[i]),
                    apart.n,
                    sampled=edition.id in photos.frame,
                    reach=_reach(apart),
                )
    return readings


def _reach(estimate: GroupEstimate) -> tuple[float, float] | None:
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return None
    return estimate.value - estimate.low, estimate.high - estimate.value
