"""Metrics of each of several editions: what baselines, claims, comparisons and changes use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy.orm import Session

from app.db.statistics import EditionSummaryRow
from app.installation import Installation
from app.services.recipes.recipes import Provenance
from app.services.statistics.estimates import (
    PLAIN_COLUMNS,
    plain_estimates,
    plain_values,
    share_estimates,
)
from app.services.statistics.selection import (
    EditionCriteria,
    ExcludedEdition,
    Selection,
    StatEdition,
    select_editions,
)
from app.services.statistics.share_series import LoadedSeries, load_series
from pipelines.statistics.across import compare_means, compare_shares
from pipelines.statistics.comparison import MetricComparison
from pipelines.statistics.measure import BUILT_IN, Estimand
from pipelines.statistics.metrics import PLAIN, EditionMetrics, Metric
from pipelines.statistics.share_series import Numbers
from pipelines.statistics.timeline import Part

METRICS = tuple(Metric(name) for name in (*PLAIN, *BUILT_IN))
"""What baselines and comparisons look at unless something else is asked for."""

MOST_METRICS = 60
"""So many may be asked for at once."""


@dataclass(frozen=True, slots=True, eq=False)
class MetricTable:
    """Some metrics of each of some editions.

    Attributes:
        editions: Which editions.
        shares: What each share is made of.
        plain: Each plain metric, shape (e,), NaN where there is none.
        estimand: Which share of several editions is meant.
        confidence: Level of intervals, 0.95 for instance.
    """

    editions: Sequence[StatEdition]
    shares: Mapping[Metric, LoadedSeries]
    plain: Mapping[Metric, Numbers]
    estimand: Estimand
    confidence: float

    def compared(self, first: int) -> dict[Metric, MetricComparison]:
        """Return each metric of the first editions and of the rest, and how they differ."""
        count = len(self.editions)
        sides = range(first), range(first, count)
        series = [[one.part(rows) for one in self.shares.values()] for rows in sides]
        values = [[one[list(rows)] for one in self.plain.values()] for rows in sides]
        shares = compare_shares(*series, estimand=self.estimand, confidence=self.confidence)
        means = compare_means(*values, confidence=self.confidence)
        metrics = (*self.shares, *self.plain)
        pairs = zip(metrics, (*shares, *means), strict=True)
        return {metric: MetricComparison(metric, *found) for metric, found in pairs}

    def parts(self, metric: Metric) -> list[Part]:
        """Return what each edition adds to a metric."""
        if metric.is_share:
            series = self.shares[metric].every
            tops, bottoms = series.settled, series.weight
        else:
            bottoms = (~np.isnan(self.plain[metric])).astype(float)
            tops = np.where(bottoms > 0, self.plain[metric], 0.0)
        rows = zip(self.editions, tops.tolist(), bottoms.tolist(), strict=True)
        return [Part(edition.date, top, bottom) for edition, top, bottom in rows]


def metric_table(
    session: Session,
    metrics: Sequence[Metric],
    editions: Sequence[StatEdition],
    recipe: Provenance,
    estimand: Estimand,
) -> MetricTable:
    """Return some metrics of each of some editions, with what people have settled.

    Args:
        session: An open transaction.
        metrics: Shares and plain metrics.
        editions: From ``select_for``.
        recipe: Under which they were summarised.
        estimand: Which share of several editions is meant.
    """
    plain = {} if all(metric.is_share for metric in metrics) else plain_values(editions)
    shares = [metric for metric in metrics if metric.is_share]
    loaded = load_series(session, shares, editions, recipe)
    return MetricTable(
        editions,
        {one.metric: one for one in loaded},
        {metric: plain[metric.name] for metric in metrics if not metric.is_share},
        estimand,
        recipe.aggregate.confidence,
    )


def select_for(
    session: Session, wanted: EditionCriteria, recipe: Provenance, metrics: Sequence[Metric]
) -> Selection:
    """Return the editions that are wanted, with the columns that some metrics need."""
    return select_editions(
        session,
        wanted,
        recipe.id,
        min_coverage=recipe.aggregate.min_coverage,
        columns=() if all(metric.is_share for metric in metrics) else PLAIN_COLUMNS,
    )


@dataclass(frozen=True, slots=True)
class LoadedEditions:
    """What is known of the editions that are wanted, by date, and which are left out and why."""

    facts: list[EditionMetrics]
    left_out: list[ExcludedEdition]


def load_editions(
    home: Installation,
    wanted: EditionCriteria,
    *,
    metrics: Sequence[Metric],
    recipe: Provenance | None = None,
) -> LoadedEditions:
    """Return what is known of editions, and which are left out.

    Args:
        home: The installation.
        wanted: Which editions.
        metrics: What is wanted of each.
        recipe: By which they were made; None: today's.
    """
    recipe = recipe or home.recipe
    with home.database.read() as session:
        selection = select_editions(
            session,
            wanted,
            recipe.id,
            min_coverage=recipe.aggregate.min_coverage,
            columns=(EditionSummaryRow.front_lead_focus, *PLAIN_COLUMNS),
        )
        editions = selection.editions
        shares = [metric for metric in metrics if metric.is_share]
        loaded = {one.metric: one for one in load_series(session, shares, editions, recipe)}
        columns = [
            share_estimates(session, metric, editions, recipe, loaded=loaded[metric])
            if metric.is_share
            else plain_estimates(metric.name, editions)
            for metric in metrics
        ]
    facts = [
        EditionMetrics(
            id=edition.id,
            publication=edition.publication,
            date=edition.date,
            pages=edition.pages,
            pages_seen=edition.pages_seen,
            front_lead_focus=edition.row.front_lead_focus,
            metrics={metric: column[i] for metric, column in zip(metrics, columns, strict=True)},
        )
        for i, edition in enumerate(editions)
    ]
    return LoadedEditions(facts, selection.left_out)
