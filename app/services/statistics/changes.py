"""Finds the days on which a metric of a newspaper changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, ClassVar

from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.cached import cached
from presslens.app.services.recipes.recipes import provenance
from presslens.app.services.statistics.by_group import MOST_LEFT_OUT
from presslens.app.services.statistics.edition_metrics import MetricTable, metric_table, select_for
from presslens.app.services.statistics.selection import EditionCriteria, ExcludedEdition, Selection
from presslens.pipelines.result import Served, rounded, rounded_interval
from presslens.pipelines.statistics.change_points import Change, ChangeRules, Changes, find_changes
from presslens.pipelines.statistics.measure import Estimand, Inference
from presslens.pipelines.statistics.metrics import Metric, NamedMetric
from presslens.pipelines.statistics.timeline import PeriodUnit, Timeline, timeline

MOST_PERIODS = 5000
MOST_LISTED = 400
FEWEST_EDITIONS = 3
"""Smallest number of editions of a month: one special edition alone must not stand for it."""

UNRESOLVED = "the estimates of the editions before and after do not tell a change"

RULES = {PeriodUnit.MONTH: ChangeRules(min_size=3), PeriodUnit.EDITION: ChangeRules(min_size=7)}
"""A level lasts a quarter of a year, or a week of a daily, at least."""


@dataclass(frozen=True, slots=True, eq=False)
class MetricChanges(Served):
    """A metric over time, and its changes."""

    SERVED: ClassVar[str] = """
        schema recipe=recipe_id metric estimand=served_estimand by publication
        editions pages_seen=selection.pages_seen pages_expected=selection.pages_expected
        coverage method=changes.method noise=changes.noise
        autocorrelation=changes.autocorrelation changes=served_changes periods excluded
        excluded_count left_out left_out_count
    """

    metric: NamedMetric
    criteria: EditionCriteria
    by: PeriodUnit  # the length of a period
    estimand: Estimand  # the share that is estimated over a month's editions
    selection: Selection  # the editions
    timeline: Timeline  # the periods
    changes: Changes
    recipe_id: str  # the recipe's id

    @property
    def served_estimand(self) -> str:
        """The share that is estimated over several editions."""
        return self.estimand.value if self.metric.is_share else "mean"

    @property
    def publication(self) -> str | None:
        """The newspaper."""
        return self.selection.editions[0].publication if self.selection.editions else None

    @property
    def editions(self) -> int:
        """Number of editions."""
        return len(self.selection.editions)

    @property
    def coverage(self) -> float | None:
        """Share of the pages that were analysed, 0–1."""
        return rounded(
            self.selection.pages_seen / self.selection.pages_expected
            if self.selection.pages_expected
            else None
        )

    @property
    def served_changes(self) -> list[dict[str, Any]]:
        """The changes, each with the means before and after."""
        return [_change(change) for change in self.changes.changes]

    @property
    def periods(self) -> list[dict[str, Any]]:
        """The periods with their values."""
        return [
            {"from": p.first.isoformat(), "value": rounded(p.value), "editions": p.editions}
            for p in self.timeline.periods
        ]

    @property
    def excluded(self) -> list[dict[str, Any]]:
        """Periods that have too few editions."""
        return [
            {"from": day.isoformat(), "editions": n}
            for day, n in self.timeline.excluded[:MOST_LISTED]
        ]

    @property
    def excluded_count(self) -> int:
        """Number of such periods."""
        return len(self.timeline.excluded)

    @property
    def left_out(self) -> list[ExcludedEdition]:
        """The first editions that are left out."""
        return self.selection.left_out[:MOST_LEFT_OUT]

    @property
    def left_out_count(self) -> int:
        """Number of editions that are left out."""
        return len(self.selection.left_out)

    def params(self) -> dict[str, Any]:
        """Return the query parameters that ask for the result again, under its recipe."""
        return {
            "metric": str(self.metric),
            "publication": self.criteria.publication,
            "from": self.criteria.first,
            "to": self.criteria.last,
            "by": self.by.value,
            "estimand": self.estimand.value,
            "recipe": self.recipe_id,
        }

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a flat row for each change, for tables."""
        return self.flat_rows("changes", "metric", "by", "estimand", "recipe")


@cached
def metric_changes(
    home: Installation,
    metric: Metric,
    criteria: EditionCriteria,
    *,
    by: PeriodUnit = PeriodUnit.MONTH,
    estimand: Estimand = Estimand.SHARE_OF_PHOTOS,
    recipe: str | None = None,
) -> MetricChanges:
    """Find the days on which a metric of a newspaper changed.

    Args:
        criteria: The criteria of the editions, all of one newspaper.
        by: The length of a period.
        estimand: The share that is estimated over a month's editions.
        recipe: Id of a recipe, or its beginning; None: today's.

    Raises:
        NotFound: There is no such recipe.
        InvalidRequest: The editions are of several newspapers, or too many.
    """
    rules = provenance(home, recipe)
    with home.database.read() as session:
        selection = select_for(session, criteria, rules, [metric])
        editions = selection.editions
        if len({one.publication for one in editions}) > 1:
            raise InvalidRequest("these are editions of several newspapers: name a publication")
        table = metric_table(session, [metric], editions, rules, estimand, Inference.PRACTICE)
    parts = table.parts(metric)
    times = timeline(parts, by=by, estimand=estimand, fewest=FEWEST_EDITIONS)
    if len(times.periods) > MOST_PERIODS:
        raise InvalidRequest(f"more than {MOST_PERIODS} editions: ask by month, or for fewer")
    changes = find_changes(times.periods, RULES[by], confidence=rules.aggregate.confidence)
    if metric.is_share:
        changes = replace(changes, changes=tuple(_explained(changes.changes, metric, table)))
    return MetricChanges(metric, criteria, by, estimand, selection, times, changes, rules.id)


def _explained(changes: Sequence[Change], metric: Metric, table: MetricTable) -> Iterator[Change]:
    """Yield changes of a share with a note where its estimate does not tell one."""
    days = [edition.date for edition in table.editions]
    cuts = [date.min, *(change.date for change in changes), date.max]
    for i, change in enumerate(changes, 1):
        before = [k for k, day in enumerate(days) if cuts[i - 1] <= day < cuts[i]]
        after = [k for k, day in enumerate(days) if cuts[i] <= day < cuts[i + 1]]
        less = table.difference(metric, after, before)
        distinct = less.interval is not None and not less.interval[0] <= 0.0 <= less.interval[1]
        note = None if distinct else less.note or less.refused or UNRESOLVED
        yield replace(change, difference=replace(change.difference, note=note))


def _change(change: Change) -> dict[str, Any]:
    less = change.difference
    return {
        "date": change.date.isoformat(),
        "before": rounded(change.before),
        "after": rounded(change.after),
        "difference": rounded(less.value),
        "interval": rounded_interval(less.interval),
        "periods_before": change.periods[0],
        "periods_after": change.periods[1],
        "method": less.method,
        "note": less.note,
    }
