"""Compares two periods, or two newspapers, in many metrics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.cached import cached
from presslens.app.services.recipes.recipes import provenance
from presslens.app.services.shares.selection import EditionCriteria, Selection
from presslens.app.services.statistics.availability import Availability, availability_of
from presslens.app.services.statistics.by_group import count_of
from presslens.app.services.statistics.counts import missed_at_most
from presslens.app.services.statistics.edition_metrics import MOST_METRICS, metric_table, select_for
from presslens.app.services.statistics.estimate_source import EstimateSource, estimate_source
from presslens.app.services.statistics.what_helps import HelpFinder, WhatHelps
from presslens.pipelines.counted import counted
from presslens.pipelines.result import Rounded, Served
from presslens.pipelines.statistics.comparison import (
    CorrectedComparison,
    CorrectedComparisons,
    Difference,
    MetricComparison,
    Side,
    compare,
)
from presslens.pipelines.statistics.corrections import Correction
from presslens.pipelines.statistics.measure import Estimand, Inference, Weight
from presslens.pipelines.statistics.metrics import Metric, ShareCount
from presslens.pipelines.statistics.share_estimate import UNSTATED


@dataclass(frozen=True, slots=True)
class ComparedGroup(Served):
    """A group of editions that is compared with another."""

    SERVED: ClassVar[str] = """
        publication=criteria.publication from=criteria.first to=criteria.last editions
        pages_seen=selection.pages_seen pages_expected=selection.pages_expected
        coverage=selection.coverage left_out=selection.first_left_out
        left_out_count=selection.left_out_count
    """

    criteria: EditionCriteria
    selection: Selection

    @property
    def editions(self) -> int:
        """Number of its editions."""
        return len(self.selection.editions)


@dataclass(frozen=True, slots=True)
class MetricOfGroup(Served):
    """A metric of one of two groups of editions."""

    SERVED: ClassVar[str] = """
        value=side.estimate.value interval=side.estimate.interval count machine
        method=side.estimate.method refused=side.estimate.refused
        provisional=side.estimate.provisional validity=side.estimate.validity
        editions=side.editions
    """

    side: Side
    weight: Weight  # how a photo counts in the share

    @property
    def count(self) -> ShareCount | None:
        """The numerator of a share with its interval and unit; None for plain metrics."""
        return count_of(self.side.estimate, self.weight)

    @property
    def machine(self) -> Rounded | None:
        """The share by the machine alone, 0–1; the value of a plain metric."""
        return self.side.machine


@dataclass(frozen=True, slots=True)
class MetricDifference(Served):
    """A metric of both groups, and its difference, a less b."""

    SERVED: ClassVar[str] = """
        metric a b difference=less.value interval=less.interval unadjusted=row.unadjusted
        p=less.p_value p_corrected=row.p_corrected differs=row.differs method=less.method
        refused=less.refused note=less.note provisional=row.compared.provisional help=helps
        tipping=row.compared.tipping
    """

    row: CorrectedComparison
    helps: WhatHelps | None  # what would tell a difference that is not told

    @property
    def metric(self) -> str:
        """Name of the metric."""
        return str(self.row.compared.metric)

    @property
    def a(self) -> MetricOfGroup:
        """The metric of the first group."""
        return MetricOfGroup(self.row.compared.first, self.row.compared.metric.weight)

    @property
    def b(self) -> MetricOfGroup:
        """The metric of the second group."""
        return MetricOfGroup(self.row.compared.second, self.row.compared.metric.weight)

    @property
    def less(self) -> Difference:
        """The difference."""
        return self.row.compared.difference


@dataclass(frozen=True, slots=True, eq=False)
class GroupComparison(Served):
    """Two groups of editions, and their differences in metrics."""

    SERVED: ClassVar[str] = """
        schema recipe=recipe_id source a=group_a b=group_b estimand
        inference correction=comparison.correction
        correction_method=comparison.correction.words level=comparison.level
        interval_level=comparison.interval_level family=comparison.family
        searched=comparison.searched compared=comparison.compared differ metrics
    """

    a: EditionCriteria  # the criteria of the one group
    b: EditionCriteria  # the criteria of the other
    selections: tuple[Selection, Selection]  # their editions
    estimand: Estimand  # the share that is estimated over several editions
    inference: Inference  # what differences are about: these editions, or practice
    comparison: CorrectedComparisons  # the metrics, corrected for their number
    recipe_id: str  # the recipe's id
    source: EstimateSource  # what the estimates were made of
    helps: Mapping[Metric, WhatHelps]  # what would tell the differences that are not told

    @property
    def group_a(self) -> ComparedGroup:
        """The first group of editions."""
        return ComparedGroup(self.a, self.selections[0])

    @property
    def group_b(self) -> ComparedGroup:
        """The second group."""
        return ComparedGroup(self.b, self.selections[1])

    @property
    def differ(self) -> int:
        """Number of metrics that differ."""
        return sum(row.differs for row in self.comparison.rows)

    @property
    def metrics(self) -> list[MetricDifference]:
        """The metrics: both sides, and the difference with its interval."""
        return [
            MetricDifference(row, self.helps.get(row.compared.metric))
            for row in self.comparison.rows
        ]

    def params(self) -> dict[str, Any]:
        """Return the query parameters that ask for the result again, under its recipe."""
        params: dict[str, Any] = {"metric": [str(r.compared.metric) for r in self.comparison.rows]}
        for name, side in (("a", self.a), ("b", self.b)):
            params |= scope_json(name, side)
        params["estimand"] = self.estimand.value
        params["inference"] = self.inference.value
        params["correction"] = self.comparison.correction.value
        params["searched"] = self.comparison.searched if self.comparison.searched > 1 else None
        params["recipe"] = self.recipe_id
        return params

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a flat row for each metric, for tables."""
        return self.flat_rows(
            "metrics",
            "estimand",
            "inference",
            "correction",
            "interval_level",
            "family",
            "compared",
            "recipe",
        )


@cached
def compare_groups(
    home: Installation,
    metrics: Sequence[Metric],
    a: EditionCriteria,
    b: EditionCriteria,
    *,
    estimand: Estimand = Estimand.SHARE_OF_PHOTOS,
    inference: Inference = Inference.THESE,
    correction: Correction = Correction.BONFERRONI,
    searched: int = 1,
    recipe: str | None = None,
) -> GroupComparison:
    """Compare two groups of editions in metrics.

    Args:
        a: The criteria of the one group; differences are a less b.
        b: The criteria of the other group.
        estimand: The share that is estimated over several editions; plain metrics are means.
        correction: How the intervals of the metrics hold together.
        searched: Number of pairs of groups that this one was chosen from, by its difference.
        recipe: Id of a recipe, or its beginning; None: today's.

    Raises:
        NotFound: There is no such recipe.
        InvalidRequest: The groups have editions in common, or there are too many metrics.
    """
    unique = tuple(dict.fromkeys(metrics))
    if len(unique) > MOST_METRICS:
        raise InvalidRequest.saying("at most %(n)s metrics at once", n=MOST_METRICS)
    rules = provenance(home, recipe)
    with home.database.read() as session:
        first, second = (select_for(session, w, rules, unique) for w in (a, b))
        common = {one.id for one in first.editions} & {one.id for one in second.editions}
        if common:
            raise InvalidRequest.saying(
                "both groups contain %(editions)s, the first of them %(first)s: name publications "
                "or days that part them",
                editions=counted(len(common), "edition"),
                first=min(common),
            )
        # Both groups at once: the stored table of a share is read once.
        editions = [*first.editions, *second.editions]
        values = metric_table(session, unique, editions, rules, estimand, inference)
        source = estimate_source(session, values.shares.values())
        available = availability_of(session, home.recipe, unique, editions, rules)
        sides = range(len(first.editions)), range(len(first.editions), len(editions))

        def family(confidence: float) -> list[MetricComparison]:
            table = values.at(confidence)
            return [
                with_availability(table.compared(metric, *sides), available[metric], sides)
                for metric in unique
            ]

        comparison = compare(
            family, correction, confidence=rules.aggregate.confidence, searched=searched
        )
        if any(row.differs and row.compared.metric.is_share for row in comparison.rows):
            missed = missed_at_most(session, (a, b), rules)
            rows = tuple(
                replace(row, compared=replace(row.compared, missed=missed))
                for row in comparison.rows
            )
            comparison = replace(comparison, rows=rows)
        finder = HelpFinder(session, values, rules)
        helps = {
            row.compared.metric: found
            for row in comparison.rows
            if (found := finder.what_helps(row, sides, comparison.interval_level))
        }
    return GroupComparison(
        a, b, (first, second), estimand, inference, comparison, rules.id, source, helps
    )


def with_availability(
    compared: MetricComparison, available: Availability, sides: tuple[Sequence[int], Sequence[int]]
) -> MetricComparison:
    """Return a comparison without numbers about what is not known.

    Args:
        compared: A metric of two groups of editions.
        available: Of which editions the metric is known.
        sides: Places of the editions of both groups.
    """
    if available.known:
        return compared
    masked = [
        (side, available.masked(side.estimate, rows))
        for side, rows in zip((compared.first, compared.second), sides, strict=True)
    ]
    first, second = (
        replace(side, estimate=one, machine=None if one.method in UNSTATED else side.machine)
        for side, one in masked
    )
    missing = next((one for _, one in masked if one.method in UNSTATED), None)
    less = compared.difference
    if missing is not None:
        less = Difference(None, None, None, missing.method, missing.refused)
    return MetricComparison(compared.metric, first, second, less)


def scope_json(side: str, criteria: EditionCriteria) -> dict[str, str]:
    """Return the parameters that ask for a group of editions; ``side`` is a or b."""
    scope = {
        "publication": criteria.publication,
        "from": criteria.first.isoformat() if criteria.first else None,
        "to": criteria.last.isoformat() if criteria.last else None,
    }
    return {f"{side}_{name}": value for name, value in scope.items() if value}
