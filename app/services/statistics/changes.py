"""Finds the days on which a metric of a newspaper changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Annotated, Any, ClassVar

from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.cached import cached
from presslens.app.services.recipes.recipes import provenance
from presslens.app.services.shares.selection import EditionCriteria, Selection
from presslens.app.services.statistics.availability import Availability, availability_of
from presslens.app.services.statistics.comparison import scope_json, with_availability
from presslens.app.services.statistics.edition_metrics import MetricTable, metric_table, select_for
from presslens.app.services.statistics.what_helps import HelpFinder, WhatHelps
from presslens.pipelines.result import PValue, Rounded, Served, named
from presslens.pipelines.statistics.change_points import (
    ChangeRules,
    Changes,
    Spells,
    find_changes,
    shown_changes,
)
from presslens.pipelines.statistics.comparison import (
    CorrectedComparison,
    CorrectedComparisons,
    Difference,
    MetricComparison,
    compare,
)
from presslens.pipelines.statistics.corrections import Correction
from presslens.pipelines.statistics.measure import Estimand, Inference
from presslens.pipelines.statistics.metrics import Metric, NamedMetric
from presslens.pipelines.statistics.timeline import PeriodUnit, Timeline, timeline

MOST_PERIODS = 5000
MOST_LISTED = 400
FEWEST_EDITIONS = 3
"""Smallest number of editions of a month: one special edition alone must not stand for it."""

RULES = {PeriodUnit.MONTH: ChangeRules(min_size=3), PeriodUnit.EDITION: ChangeRules(min_size=7)}
"""A level lasts a quarter of a year, or a week of a daily, at least."""


@dataclass(frozen=True, slots=True)
class Change(Served):
    """The editions before and after a day, and the difference of a metric between them."""

    SERVED: ClassVar[str] = """
        date before=level_before after=level_after difference=value
        interval=difference.interval interval_level=found.interval_level:6
        unadjusted=row.unadjusted p=difference.p_value p_corrected
        differs=row.differs editions_before
        editions_after periods_before periods_after compare=asked method=difference.method
        refused=difference.refused note=difference.note provisional=row.compared.provisional
        help=helps
    """

    date: date  # first day of the first period after it
    after: EditionCriteria  # the editions from that day to the next change
    before: EditionCriteria  # the editions before it, from the change before
    periods: tuple[int, int]  # how many periods are before, and after
    estimand: Estimand  # the share that is estimated over several editions
    found: CorrectedComparisons  # the metric, after less before
    recipe: str  # id of the recipe
    helps: WhatHelps | None = None  # what would tell a change that is not shown

    @property
    def row(self) -> CorrectedComparison:
        """The metric of the later editions, of the earlier ones, and the difference."""
        return self.found.rows[0]

    @property
    def difference(self) -> Difference:
        """The difference, after less before."""
        return self.row.compared.difference

    @property
    def differs(self) -> bool:
        """Whether the change is shown."""
        return self.row.differs

    @property
    def value(self) -> Rounded | None:
        """The difference, after less before."""
        return self.difference.value

    @property
    def p_corrected(self) -> PValue | None:
        """The p-value of no change, for all days that were candidates."""
        return self.row.p_corrected

    @property
    def levels(self) -> tuple[float | None, float | None]:
        """The metric before, and after."""
        return self.row.compared.second.estimate.value, self.row.compared.first.estimate.value

    @property
    def level_before(self) -> Rounded | None:
        """The metric before."""
        return self.levels[0]

    @property
    def level_after(self) -> Rounded | None:
        """The metric after."""
        return self.levels[1]

    @property
    def editions(self) -> tuple[int, int]:
        """Number of editions before, and after."""
        return self.row.compared.second.editions, self.row.compared.first.editions

    @property
    def editions_before(self) -> int:
        """Number of editions before."""
        return self.editions[0]

    @property
    def editions_after(self) -> int:
        """Number of editions after."""
        return self.editions[1]

    @property
    def periods_before(self) -> int:
        """Number of periods before."""
        return self.periods[0]

    @property
    def periods_after(self) -> int:
        """Number of periods after."""
        return self.periods[1]

    @property
    def asked(self) -> dict[str, str | int]:
        """The parameters that ask for the comparison of the two groups."""
        return {
            "metric": str(self.row.compared.metric),
            **scope_json("a", self.after),
            **scope_json("b", self.before),
            "estimand": self.estimand.value,
            "inference": Inference.PRACTICE.value,
            "searched": self.found.searched,
            "recipe": self.recipe,
        }


@dataclass(frozen=True, slots=True)
class PeriodValue(Served):
    """A period and its value."""

    first: Annotated[date, named("from")]  # its first day
    value: Rounded
    editions: int  # number of its editions


@dataclass(frozen=True, slots=True)
class ShortPeriod(Served):
    """A period that has too few editions."""

    first: Annotated[date, named("from")]  # its first day
    editions: int  # number of its editions


@dataclass(frozen=True, slots=True, eq=False)
class MetricChanges(Served):
    """A metric over time, and its changes."""

    SERVED: ClassVar[str] = """
        schema recipe=recipe_id metric estimand=served_estimand inference by publication
        editions pages_seen=selection.pages_seen pages_expected=selection.pages_expected
        coverage=selection.coverage method=changes.method noise=changes.noise
        autocorrelation=changes.autocorrelation level searched=changes.searched
        refused changes=shown undecided periods excluded
        excluded_count left_out=selection.first_left_out left_out_count=selection.left_out_count
    """

    metric: NamedMetric
    criteria: EditionCriteria
    by: PeriodUnit  # the length of a period
    estimand: Estimand  # the share that is estimated over a month's editions
    selection: Selection  # the editions
    timeline: Timeline  # the periods
    changes: Changes  # the periods at which it may have changed
    shown: Sequence[Change]  # the changes that are shown, in the order of time
    undecided: Sequence[Change]  # candidates that are not shown, in the order of time
    level: Rounded  # the error rate of all candidates together, 0–1
    recipe_id: str  # the recipe's id
    refused: str | None = None  # why the metric is not offered; None where it is

    @property
    def inference(self) -> Inference:
        """What the differences are about: the newspaper's practice."""
        return Inference.PRACTICE

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
    def candidates(self) -> list[Change]:
        """All days on which a change was sought, shown or not, in the order of time."""
        return sorted([*self.shown, *self.undecided], key=lambda one: one.date)

    @property
    def periods(self) -> list[PeriodValue]:
        """The periods with their values."""
        return [PeriodValue(p.first, p.value, p.editions) for p in self.timeline.periods]

    @property
    def excluded(self) -> list[ShortPeriod]:
        """Periods that have too few editions."""
        return [ShortPeriod(day, n) for day, n in self.timeline.excluded[:MOST_LISTED]]

    @property
    def excluded_count(self) -> int:
        """Number of such periods."""
        return len(self.timeline.excluded)

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
        selection.check_one_newspaper()
        table = metric_table(session, [metric], editions, rules, estimand, Inference.PRACTICE)
        available = availability_of(session, home.recipe, [metric], editions, rules)[metric]
    why = available.refused()
    parts = [] if why else table.parts(metric)
    times = timeline(parts, by=by, estimand=estimand, fewest=FEWEST_EDITIONS)
    if len(times.periods) > MOST_PERIODS:
        raise InvalidRequest.saying(
            "more than %(n)s editions: ask by month, or for fewer", n=MOST_PERIODS
        )
    changes = find_changes(times.periods, RULES[by])
    with home.database.read() as session:
        finder = HelpFinder(session, table, rules)
        testing = _Testing(metric, table, available, criteria, times, changes, finder)
        shown, undecided = shown_changes(changes, len(times.periods), testing.test)
        undecided = sorted(map(testing.with_help, undecided), key=lambda one: one.date)
    return MetricChanges(
        metric, criteria, by, estimand, selection, times, changes, shown, undecided,
        1.0 - rules.aggregate.confidence, rules.id, why,
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Testing:
    """Tests whether a metric changed between spells of periods."""

    metric: Metric
    table: MetricTable
    available: Availability
    criteria: EditionCriteria
    timeline: Timeline
    changes: Changes
    helping: HelpFinder

    def test(self, spells: Spells) -> Change:
        """Return the difference of the later spell and the earlier one."""
        sides, after, before = self._sides(spells)
        found = compare(
            lambda confidence: [self._compared(sides, confidence)],
            Correction.BONFERRONI,
            confidence=self.table.confidence,
            searched=self.changes.searched,
        )
        periods = spells.cut - spells.start, spells.end - spells.cut
        estimand = self.table.estimand
        first = self._first(spells.cut)
        return Change(first, after, before, periods, estimand, found, self.helping.recipe.id)

    def _compared(self, sides: tuple[list[int], list[int]], confidence: float) -> MetricComparison:
        compared = self.table.at(confidence).compared(self.metric, *sides)
        return with_availability(compared, self.available, sides)

    def with_help(self, change: Change) -> Change:
        """Return a change with what would tell it."""
        sides = self._places(change.after), self._places(change.before)
        level = change.found.interval_level
        return replace(change, helps=self.helping.what_helps(change.row, sides, level))

    def _first(self, period: int) -> date:
        return self.timeline.periods[period].first

    def _sides(
        self, spells: Spells
    ) -> tuple[tuple[list[int], list[int]], EditionCriteria, EditionCriteria]:
        name = self.criteria.publication or self.table.editions[0].publication
        every, day = self.timeline.periods, timedelta(days=1)
        first = self._first(spells.start) if spells.start else self.criteria.first
        last = self._first(spells.end) - day if spells.end < len(every) else self.criteria.last
        cut = self._first(spells.cut)
        after, before = EditionCriteria(name, cut, last), EditionCriteria(name, first, cut - day)
        return (self._places(after), self._places(before)), after, before

    def _places(self, days: EditionCriteria) -> list[int]:
        first, last = days.first or date.min, days.last or date.max
        return [i for i, one in enumerate(self.table.editions) if first <= one.date <= last]
