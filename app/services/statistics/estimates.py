"""Estimates of a metric for each of several editions, with intervals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import fields

import numpy as np
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.db.statistics import EditionSummaryRow
from app.services.recipes.recipes import Provenance
from app.services.statistics.probabilities import MeasuredPhoto, edition_photos
from app.services.statistics.selection import StatEdition
from app.services.statistics.share_series import HIGH, LOW, PHOTOS, LoadedSeries, load_series
from pipelines.statistics.beta import MATCHED, matched_bounds
from pipelines.statistics.interval import detector_method, detector_reading
from pipelines.statistics.measure import Weight
from pipelines.statistics.metrics import Estimate, Metric
from pipelines.statistics.plain import PLAIN, plain_metrics
from pipelines.statistics.share_series import Numbers
from pipelines.statistics.summary import Summary

PLAIN_COLUMNS: tuple[InstrumentedAttribute[object], ...] = tuple(
    getattr(EditionSummaryRow, field.name)
    for field in fields(Summary)
    if field.name not in ("pages", "pages_seen")
)
"""The columns of a summary that ``select_editions`` does not load anyway."""

COUNTED = "counted, no interval"
NO_PHOTOS = "no photos"

MOST_EXACT = 40
"""Largest number of reviewed editions whose intervals are computed from each of their photos; of
more, from the mean and variance of each edition, which is much faster."""


def plain_values(editions: Sequence[StatEdition]) -> dict[str, Numbers]:
    """Return each plain metric of editions, shape (e,), NaN where there is none.

    The editions are selected with ``PLAIN_COLUMNS``.
    """
    rows = [plain_metrics(edition.row) for edition in editions]
    return {name: np.array([row[name] for row in rows], float) for name in PLAIN}


def plain_estimates(name: str, editions: Sequence[StatEdition]) -> list[Estimate]:
    """Return a plain metric of each edition; editions are selected with ``PLAIN_COLUMNS``."""
    return [Estimate(plain_metrics(e.row)[name], method=COUNTED) for e in editions]


def share_estimates(
    session: Session,
    metric: Metric,
    editions: Sequence[StatEdition],
    recipe: Provenance,
    *,
    loaded: LoadedSeries | None = None,
) -> list[Estimate]:
    """Return a share of each edition, with the consensus of the coders.

    Args:
        session: An open transaction.
        metric: The share.
        editions: From ``select_editions``.
        recipe: The recipe of their summaries.
        loaded: Their series, if it is loaded already.
    """
    loaded = loaded or load_series(session, [metric], editions, recipe)[0]
    rules, table = recipe.aggregate, loaded.table
    drift, prevalence = rules.drift_of(metric.name), rules.prevalence.get(metric.name)
    method = detector_method(drift, prevalence, rules.confidence)
    touched = np.flatnonzero((loaded.reviewed > 0) & (table[:, 0] > 0)).tolist()
    estimates = [
        Estimate(row[1] / row[0], (row[LOW], row[HIGH]), int(row[PHOTOS]), method)
        if row[0] > 0
        else Estimate(None, None, 0, NO_PHOTOS)
        for row in table.tolist()
    ]
    if len(touched) > MOST_EXACT:
        for i, estimate in zip(touched, _matched(loaded, touched, recipe), strict=True):
            estimates[i] = estimate
    elif touched:
        photos = _photos(session, metric, [editions[i].id for i in touched], recipe)
        for i in touched:
            estimates[i] = _read(photos[editions[i].id], metric, recipe)
    return estimates


def _matched(loaded: LoadedSeries, rows: Sequence[int], recipe: Provenance) -> list[Estimate]:
    """Return the estimates of reviewed editions by mean and variance."""
    part = loaded.part(rows)
    unsettled = part.open.sum(1)
    confidence = recipe.aggregate.confidence
    # A consensus can't change: the rest lies between none and all of the other photos.
    least = loaded.settled_yes[np.asarray(rows)]
    low, high = matched_bounds(
        part.settled, part.variance, least, least + unsettled, confidence=confidence
    )
    counts = loaded.table[rows, PHOTOS].astype(int).tolist()
    method = f"{MATCHED}, {100 * confidence:g} %"
    return [
        Estimate(value, None if done else (lo, hi), n, "census, reviewed" if done else method)
        for value, lo, hi, n, done in zip(
            (part.settled / part.weight).tolist(),
            (low / part.weight).tolist(),
            (high / part.weight).tolist(),
            counts,
            (unsettled <= 1e-9 * part.weight).tolist(),
            strict=True,
        )
    ]


def _photos(
    session: Session, metric: Metric, edition_ids: Sequence[int], recipe: Provenance
) -> dict[int, list[MeasuredPhoto]]:
    photos: dict[int, list[MeasuredPhoto]] = defaultdict(list)
    for answer in edition_photos(session, metric, recipe, edition_ids):
        photos[answer.edition_id].append(answer)
    return photos


def _read(answers: Sequence[MeasuredPhoto], metric: Metric, recipe: Provenance) -> Estimate:
    rules = recipe.aggregate
    by_area = metric.weight is Weight.AREA
    reading = detector_reading(
        np.array([a.probability for a in answers]),
        weights=np.array([a.area for a in answers]) if by_area else None,
        settled=np.array([np.nan if a.shows is None else float(a.shows) for a in answers]),
        drift=rules.drift_of(metric.name),
        prevalence=rules.prevalence.get(metric.name),
        confidence=rules.confidence,
    )
    return Estimate(reading.share, reading.interval, len(answers), reading.method)
