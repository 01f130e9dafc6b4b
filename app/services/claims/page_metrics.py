"""Metrics of single pages: what stands on page 1, on page 3, or on page 11."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.tables import PageRow
from presslens.app.services.catalogue.page_checks import page_checks
from presslens.app.services.catalogue.page_records import page_records
from presslens.app.services.figures.gallery import figure_roles
from presslens.models.faces.gallery import Role
from presslens.models.recipe import Recipe
from presslens.pipelines.statistics.count_estimates import PageCheck, edition_counts
from presslens.pipelines.statistics.edition_photos import EditionPhotos
from presslens.pipelines.statistics.measure import Zone
from presslens.pipelines.statistics.metrics import Estimate, Metric
from presslens.pipelines.statistics.page import CountedPhoto, PageRecord, counted_photos
from presslens.pipelines.statistics.plain import plain_metrics
from presslens.pipelines.statistics.summary import summarise
from presslens.pipelines.statistics.zone_estimates import ZoneEstimates

BATCH = 200
"""Pages whose photos are loaded at a time."""

COUNTED = "counted, no interval"

OnPages = dict[int, dict[int, Mapping[Metric, Estimate] | None]]


def page_metrics(
    session: Session,
    recipe: Recipe,
    editions: Sequence[int],
    wanted: Mapping[int, set[Metric]],
) -> OnPages:
    """Return metrics of pages, by edition and number of the page.

    A page that was not analysed has None; a number that no page of the edition has is left out.

    Args:
        session: An open transaction.
        recipe: The recipe of the readings.
        editions: Ids of the editions.
        wanted: The metrics of each number of a page.
    """
    figures = figure_roles(session)
    checks = page_checks(session, recipe.observation_id, list(editions)) if wanted else {}
    found: OnPages = defaultdict(dict)
    query = select(PageRow).where(
        PageRow.edition_id.in_(list(editions)), PageRow.number.in_(list(wanted))
    )
    pages = session.scalars(query.order_by(PageRow.id)).all() if wanted else []
    for start in range(0, len(pages), BATCH):
        batch = pages[start : start + BATCH]
        for page, record in zip(batch, page_records(session, batch, recipe), strict=True):
            metrics = wanted[page.number]
            found[page.edition_id][page.number] = (
                dict(_metrics(record, metrics, recipe, figures, checks.get(page.edition_id, {})))
                if record.seen
                else None
            )
    return dict(found)


def _metrics(
    record: PageRecord,
    metrics: set[Metric],
    recipe: Recipe,
    figures: Mapping[str, Role],
    checks: Mapping[int, PageCheck],
) -> Iterator[tuple[Metric, Estimate]]:
    photos = counted_photos([record], recipe.aggregate, figures=figures)
    summary = summarise([record], photos, figures=figures)
    plain = plain_metrics(summary)
    said = {number: check for number, check in checks.items() if number == record.number}
    counts = edition_counts(summary, said, confidence=recipe.aggregate.confidence)
    for metric in metrics:
        if metric.is_share:
            yield metric, _share(metric, photos, recipe)
        elif (count := counts.get(metric.name)) is not None:
            yield metric, Estimate(count.value, count.interval, method=count.method)
        else:
            yield metric, Estimate(plain[metric.name], method=COUNTED)


def _share(metric: Metric, photos: Sequence[CountedPhoto], recipe: Recipe) -> Estimate:
    table, areas, zones = EditionPhotos.of(photos).table(metric.name)
    if not len(table):
        return Estimate(None, None, 0, "no photos")
    rules = recipe.aggregate
    estimates = ZoneEstimates(
        table,
        areas,
        zones,
        np.ones(len(table), bool),
        rules.calibration_of(metric.name),
        rules.confidence,
    )
    return Estimate.of_group(estimates.estimate(Zone.ALL, metric.weight))
