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
from presslens.app.services.statistics.by_group import MOST_LEFT_OUT, count_document
from presslens.app.services.statistics.counts import missed_at_most
from presslens.app.services.statistics.edition_metrics import MOST_METRICS, metric_table, select_for
from presslens.app.services.statistics.estimate_source import EstimateSource, estimate_source
from presslens.app.services.statistics.what_helps import HelpFinder, WhatHelps
from presslens.pipelines.counted import counted
from presslens.pipelines.result import Served, rounded, rounded_interval
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
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.share_estimate import UNSTATED

P_DIGITS = 6
"""Significant digits of p-values: rounded to four places, small ones would be 0."""


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
    def group_a(self) -> dict[str, Any]:
        """The first group of editions."""
        return _group(self.a, self.selections[0])

    @property
    def group_b(self) -> dict[str, Any]:
        """The second group."""
        return _group(self.b, self.selections[1])

    @property
    def differ(self) -> int:
        """Number of metrics that differ."""
        return sum(row.differs for row in self.comparison.rows)

    @property
    def metrics(self) -> list[dict[str, Any]]:
        """The metrics: both sides, and the difference with its interval."""
        return [_row(row, self.helps.get(row.compared.metric)) for row in self.comparison.rows]

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
        inference: About these editions, or about the newspaper's practice.
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
    return {f"{side}_{name}": value for name, value in _scope(criteria).items() if value}


def _scope(criteria: EditionCriteria) -> dict[str, str | None]:
    return {
        "publication": criteria.publication,
        "from": criteria.first.isoformat() if criteria.first else None,
        "to": criteria.last.isoformat() if criteria.last else None,
    }


def _group(criteria: EditionCriteria, selection: Selection) -> dict[str, Any]:
    expected = selection.pages_expected
    return {
        **_scope(criteria),
        "editions": len(selection.editions),
        "pages_seen": selection.pages_seen,
        "pages_expected": expected,
        "coverage": rounded(selection.pages_seen / expected if expected else None),
        "left_out": [one.to_json() for one in selection.left_out[:MOST_LEFT_OUT]],
        "left_out_count": len(selection.left_out),
    }


def _row(row: CorrectedComparison, helps: WhatHelps | None) -> dict[str, Any]:
    compared, less = row.compared, row.compared.difference
    return {
        "metric": str(compared.metric),
        "a": _side(compared.first, compared.metric.weight),
        "b": _side(compared.second, compared.metric.weight),
        "difference": rounded(less.value),
        "interval": rounded_interval(less.interval),
        "unadjusted": rounded_interval(row.unadjusted),
        "p": p_digits(less.p_value),
        "p_corrected": p_digits(row.p_corrected),
        "differs": row.differs,
        "method": less.method,
        "refused": less.refused,
        "note": less.note,
        "provisional": compared.provisional,
        "help": helps and helps.to_json(),
        "tipping": [point.to_json() for point in compared.tipping],
    }


def _side(side: Side, weight: Weight) -> dict[str, Any]:
    estimate = side.estimate
    return {
        "value": rounded(estimate.value),
        "interval": rounded_interval(estimate.interval),
        "count": count_document(estimate, weight),
        "machine": rounded(side.machine),
        "method": estimate.method,
        "refused": estimate.refused,
        "provisional": estimate.provisional,
        "validity": estimate.validity,
        "editions": side.editions,
    }


def p_digits(value: float | None) -> float | None:
    """Return a p-value as it is served."""
    return None if value is None else float(f"{value:.{P_DIGITS}g}")
