"""Metrics of each of several editions: what baselines, claims, comparisons and changes use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from sqlalchemy.orm import Session

from presslens.app.installation import Installation
from presslens.app.services.recipes.recipes import Provenance
from presslens.app.services.shares.selection import (
    EditionCriteria,
    ExcludedEdition,
    Selection,
    StatEdition,
    select_editions,
)
from presslens.app.services.shares.share_loading import load_shares
from presslens.app.services.shares.share_photos import SharePhotos
from presslens.app.services.shares.validities import lead_focus_validity
from presslens.app.services.statistics.availability import availability_of
from presslens.app.services.statistics.counts import LoadedCounts, load_counts
from presslens.app.services.statistics.estimates import (
    machine_values,
    plain_estimates,
    plain_values,
    share_estimates,
)
from presslens.pipelines.statistics.comparison import Difference, MetricComparison, Side
from presslens.pipelines.statistics.count_estimates import COUNTED_METRICS
from presslens.pipelines.statistics.machine import beside_machine
from presslens.pipelines.statistics.measure import BUILT_IN, Estimand, Inference
from presslens.pipelines.statistics.metrics import EditionMetrics, Estimate, Metric
from presslens.pipelines.statistics.photo_table import Numbers
from presslens.pipelines.statistics.plain import PLAIN
from presslens.pipelines.statistics.plain_means import Mean, difference_of, mean_of
from presslens.pipelines.statistics.timeline import Part

METRICS = tuple(Metric(name) for name in (*PLAIN, *BUILT_IN))
"""The metrics of baselines unless a request names others."""

FAMILY = tuple(map(Metric, ("photos", "leader", "focus_facility", "children", "crowd")))
"""The metrics of comparisons unless a request names others: few, for each widens the intervals."""

MOST_METRICS = 60
"""Largest number of metrics of one request."""


@dataclass(frozen=True, eq=False)
class MetricTable:
    """Metrics of several editions, a column a metric."""

    editions: Sequence[StatEdition]  # the editions, e of them
    shares: Mapping[Metric, SharePhotos]  # the photos behind each share
    plain: Mapping[Metric, Numbers]  # each plain metric, shape (e,), NaN where there is none
    # The same by the machine alone, of those that follow what people settle of photos.
    machine: Mapping[Metric, Numbers]
    # What counts of photos and pages are made of; None if none is among the metrics.
    counts: LoadedCounts | None
    estimand: Estimand  # the share that is estimated over several editions
    inference: Inference  # what intervals are about: these editions, or practice
    confidence: float  # level of intervals, 0.95 for instance

    def at(self, confidence: float) -> MetricTable:
        """Return the same metrics with intervals of another level, 0.99 for instance."""
        counts = self.counts and replace(self.counts, confidence=confidence, _totals={})
        return replace(self, confidence=confidence, counts=counts)

    def estimate(self, metric: Metric, members: Sequence[int]) -> Estimate:
        """Return a metric of some editions together, given by place."""
        if not metric.is_share:
            mean = self._mean(metric, members)
            return Estimate(mean.value, mean.interval, mean.editions, mean.method, mean.refused)
        (group,) = self.shares[metric].estimates(
            [list(members)], ["all"], inference=self.inference, estimand=self.estimand
        )
        return Estimate.of_group(group)

    def _mean(self, metric: Metric, members: Sequence[int]) -> Mean:
        return mean_of(
            self.plain[metric][members],
            inference=self.inference,
            confidence=self.confidence,
            errors=self._errors(metric, [members])[0],
        )

    def _errors(self, metric: Metric, sides: Sequence[Sequence[int]]) -> list[Numbers | None]:
        """Return how far errors of counting may move the mean of each group."""
        if self.counts is None:
            return [None] * len(sides)
        return self.counts.errors(metric.name, sides, self.plain[metric])

    def compared(
        self, metric: Metric, first: Sequence[int], second: Sequence[int]
    ) -> MetricComparison:
        """Return a metric of some editions, of others, and the difference; given by place."""
        sides = list(first), list(second)
        return self._shares(metric, sides) if metric.is_share else self._means(metric, sides)

    def _shares(self, metric: Metric, sides: tuple[list[int], list[int]]) -> MetricComparison:
        photos = self.shares[metric]
        less, *alone = (
            one.estimator(sides, ("a", "b"), inference=self.inference, estimand=self.estimand)
            .at(self.confidence)
            .difference(0, 1)
            for one in (photos, *((photos.without_answers(),) if photos.samples else ()))
        )
        less = beside_machine(less, alone[0]) if alone else less
        first, second = (
            Side(
                Estimate.of_group(side),
                photos.machine.share(members, self.estimand),
                side.editions,
            )
            for side, members in zip(less.sides, sides, strict=True)
        )
        return MetricComparison(metric, first, second, Difference.of_shares(less))

    def _means(self, metric: Metric, sides: tuple[list[int], list[int]]) -> MetricComparison:
        values = [self.plain[metric][members] for members in sides]
        first_errors, second_errors = self._errors(metric, sides)
        means = [self._mean(metric, side) for side in sides]
        less = difference_of(
            *values,
            inference=self.inference,
            confidence=self.confidence,
            errors=(first_errors, second_errors),
        )
        alone = [self.machine.get(metric, self.plain[metric])[members] for members in sides]
        first, second = (
            Side(
                Estimate(one.value, one.interval, None, one.method, one.refused),
                mean_of(machine, inference=self.inference, confidence=self.confidence).value
                if metric in self.machine
                else one.value,
                one.editions,
            )
            for one, machine in zip(means, alone, strict=True)
        )
        return MetricComparison(metric, first, second, Difference.of_means(less))

    def parts(self, metric: Metric) -> list[Part]:
        """Return each edition's contribution to a metric."""
        if metric.is_share:
            photos = self.shares[metric]
            estimates = photos.by_edition()
            tops = np.array([one.count[0] if one.count else 0.0 for one in estimates])
            bottoms = photos.machine.whole
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
    inference: Inference,
) -> MetricTable:
    """Return metrics of several editions, with the consensus of the coders.

    Args:
        metrics: Shares and plain metrics.
        editions: From ``select_for``.
        recipe: The recipe of their summaries.
        estimand: The share that is estimated over several editions.
    """
    names = {metric.name for metric in metrics if not metric.is_share}
    counts = load_counts(session, editions, recipe) if names & set(COUNTED_METRICS) else None
    plain = plain_values(editions, counts, names)
    machine = machine_values(editions, names)
    shares = [metric for metric in metrics if metric.is_share]
    loaded = load_shares(session, shares, editions, recipe)
    return MetricTable(
        editions,
        {one.metric: one for one in loaded},
        {metric: plain[metric.name] for metric in metrics if not metric.is_share},
        {metric: machine[metric.name] for metric in metrics if metric.name in machine},
        counts,
        estimand,
        inference,
        recipe.aggregate.confidence,
    )


def select_for(
    session: Session, criteria: EditionCriteria, recipe: Provenance, metrics: Sequence[Metric]
) -> Selection:
    """Return the editions that meet criteria, with the columns that metrics need."""
    numbers = not all(metric.is_share for metric in metrics)
    return select_editions(session, criteria, recipe, numbers=numbers)


@dataclass(frozen=True, slots=True)
class LoadedEditions:
    """The metrics of editions by date, and the excluded editions with the reasons."""

    editions: list[EditionMetrics]
    left_out: list[ExcludedEdition]


def load_editions(
    home: Installation,
    criteria: EditionCriteria,
    *,
    metrics: Sequence[Metric],
    recipe: Provenance | None = None,
) -> LoadedEditions:
    """Return the metrics of the editions that meet criteria, and the excluded editions.

    Args:
        recipe: The recipe of their numbers; None: today's.
    """
    recipe = recipe or home.recipe
    with home.database.read() as session:
        selection = select_editions(session, criteria, recipe, numbers=True)
        editions = selection.editions
        shares = [metric for metric in metrics if metric.is_share]
        loaded = {one.metric: one for one in load_shares(session, shares, editions, recipe)}
        names = [metric.name for metric in metrics if not metric.is_share]
        plain = plain_estimates(session, names, editions, recipe)
        columns = [
            share_estimates(loaded[metric]) if metric.is_share else plain[metric.name]
            for metric in metrics
        ]
        available = availability_of(session, home.recipe, metrics, editions, recipe)
        papers = dict.fromkeys(edition.publication for edition in editions)
        leads = {paper: lead_focus_validity(session, paper, recipe) for paper in papers}
    measured = [
        EditionMetrics(
            id=edition.id,
            publication=edition.publication,
            date=edition.date,
            pages=edition.pages,
            pages_seen=edition.pages_seen,
            front_lead_focus=edition.row.front_lead_focus,
            metrics={
                metric: available[metric].masked(column[i], [i])
                for metric, column in zip(metrics, columns, strict=True)
            },
            issue=edition.issue,
            front_lead_validity=None if edition.lead_settled else leads[edition.publication],
        )
        for i, edition in enumerate(editions)
    ]
    return LoadedEditions(measured, selection.left_out)
