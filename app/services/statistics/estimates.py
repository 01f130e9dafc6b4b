"""Estimates of a metric for each of several editions, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import numpy as np
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.db.statistics import EditionSummaryRow
from app.services.recipes.recipes import Provenance
from app.services.statistics.counts import LoadedCounts, load_counts
from app.services.statistics.selection import StatEdition
from app.services.statistics.share_photos import SharePhotos
from pipelines.statistics.count_estimates import COUNTED_METRICS
from pipelines.statistics.metrics import Estimate
from pipelines.statistics.photo_table import Numbers
from pipelines.statistics.plain import PLAIN, plain_metrics
from pipelines.statistics.summary import Summary

PLAIN_COLUMNS: tuple[InstrumentedAttribute[object], ...] = tuple(
    getattr(EditionSummaryRow, field.name)
    for field in fields(Summary)
    if field.name not in ("pages", "pages_seen", "found_pages")
)
"""The columns of a summary that plain metrics need and ``select_editions`` does not load anyway."""

COUNTED = "counted, no interval"


def plain_values(
    editions: Sequence[StatEdition], counts: LoadedCounts | None = None
) -> dict[str, Numbers]:
    """Return each plain metric of editions, shape (e,), NaN where there is none.

    Args:
        editions: The editions, selected with ``PLAIN_COLUMNS``.
        counts: Their counts, if people's page reviews are to be laid over the machine's.
    """
    rows = [plain_metrics(edition.row) for edition in editions]
    values = {name: np.array([row[name] for row in rows], float) for name in PLAIN}
    if counts is not None and any(edition.checks for edition in counts.editions):
        for name, estimates in counts.by_edition().items():
            values[name] = np.array([estimate.value for estimate in estimates], float)
    return values


def plain_estimates(
    session: Session, names: Sequence[str], editions: Sequence[StatEdition], recipe: Provenance
) -> dict[str, list[Estimate]]:
    """Return plain metrics of each edition, counts of photos and pages with their intervals.

    Args:
        session: An open transaction.
        names: The metrics.
        editions: The editions, selected with ``PLAIN_COLUMNS``.
        recipe: The recipe of their summaries.
    """
    counted = set(names) & set(COUNTED_METRICS)
    counts = (
        load_counts(session, editions, recipe).by_edition(counted) if counted and editions else {}
    )
    rows = [plain_metrics(edition.row) for edition in editions]
    return {
        name: counts[name]
        if name in counts
        else [Estimate(row[name], method=COUNTED) for row in rows]
        for name in names
    }


def share_estimates(photos: SharePhotos) -> list[Estimate]:
    """Return a share of each edition that is asked for."""
    return [Estimate.of_group(group) for group in photos.by_edition()]
