"""Estimates of a metric for each of several editions, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import numpy as np
from sqlalchemy.orm import InstrumentedAttribute

from app.db.statistics import EditionSummaryRow
from app.services.statistics.selection import StatEdition
from app.services.statistics.share_photos import SharePhotos
from pipelines.statistics.metrics import Estimate
from pipelines.statistics.photo_table import Numbers
from pipelines.statistics.plain import PLAIN, plain_metrics
from pipelines.statistics.summary import Summary

PLAIN_COLUMNS: tuple[InstrumentedAttribute[object], ...] = tuple(
    getattr(EditionSummaryRow, field.name)
    for field in fields(Summary)
    if field.name not in ("pages", "pages_seen")
)
"""The columns of a summary that ``select_editions`` does not load anyway."""

COUNTED = "counted, no interval"


def plain_values(editions: Sequence[StatEdition]) -> dict[str, Numbers]:
    """Return each plain metric of editions, shape (e,), NaN where there is none.

    The editions are selected with ``PLAIN_COLUMNS``.
    """
    rows = [plain_metrics(edition.row) for edition in editions]
    return {name: np.array([row[name] for row in rows], float) for name in PLAIN}


def plain_estimates(name: str, editions: Sequence[StatEdition]) -> list[Estimate]:
    """Return a plain metric of each edition; editions are selected with ``PLAIN_COLUMNS``."""
    return [Estimate(plain_metrics(e.row)[name], method=COUNTED) for e in editions]


def share_estimates(photos: SharePhotos) -> list[Estimate]:
    """Return a share of each edition that is asked for."""
    return [Estimate.of_group(group) for group in photos.by_edition()]
