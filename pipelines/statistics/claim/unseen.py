"""Bounds of a share that hold whatever the pages that were not analysed show.

They are worst-case bounds (Manski 1989, "Anatomy of the selection problem", doi 10.2307/145818): no
assumption is made of what a missing page holds, but that it has room for so many photos, or for one
page of them, and no more.
"""

from __future__ import annotations

from presslens.pipelines.statistics.claim.context import ClaimContext
from presslens.pipelines.statistics.measure import Weight, Zone
from presslens.pipelines.statistics.metrics import EditionMetrics, Metric

ANY = (0.0, 1.0)


def share_bounds(
    low: float,
    high: float,
    metric: Metric,
    *,
    photos: int | None,
    edition: EditionMetrics,
    context: ClaimContext,
) -> tuple[float, float]:
    """Return the bounds of a share of the whole edition, 0–1.

    Args:
        low: Lower bound of the share over the pages that were analysed.
        high: Upper bound of the same.
        metric: The share.
        photos: Number of photos that the share is of; None: not known.
        edition: The edition, some of whose pages were not analysed.
        context: What is known of its front page, and the room of a page.
    """
    unseen = edition.pages - edition.pages_seen
    front_seen = context.front_seen.get(edition.id)
    if metric.zone is Zone.FRONT:
        return (low, high) if front_seen else ANY
    if metric.zone is Zone.INSIDE and front_seen is False:
        unseen -= 1
    known = _printed_area(edition, metric) if metric.weight is Weight.AREA else photos
    room = 1 if Weight.AREA is metric.weight or metric.zone is Zone.LEAD else context.most_photos
    if unseen == 0:
        return low, high
    if not known:
        return ANY
    whole = known + room * unseen
    return low * known / whole, (high * known + room * unseen) / whole


def _printed_area(edition: EditionMetrics, metric: Metric) -> float | None:
    """Return the area of an edition's photos, in pages; None: not known for this zone."""
    share = edition.metrics.get(Metric("photo_area_share"))
    if metric.zone is not Zone.ALL or share is None or share.value is None:
        return None
    return share.value * edition.pages_seen
