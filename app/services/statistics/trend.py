"""The trend of a metric of a newspaper, and the change of its level and slope on a day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.cached import cached
from presslens.app.services.recipes.recipes import provenance
from presslens.app.services.shares.selection import EditionCriteria, StatEdition
from presslens.app.services.statistics.availability import availability_of
from presslens.app.services.statistics.edition_metrics import MetricTable, metric_table, select_for
from presslens.pipelines.result import Rounded, Served
from presslens.pipelines.statistics.design_matrix import (
    DAYS_A_YEAR,
    LEVEL,
    SLOPE,
    TREND,
    design_matrix,
    trend_columns,
)
from presslens.pipelines.statistics.measure import Estimand, Inference
from presslens.pipelines.statistics.metrics import Metric, NamedMetric
from presslens.pipelines.statistics.photo_table import Numbers, PhotoTable
from presslens.pipelines.statistics.regression import Coefficient, Regression, regress


@dataclass(frozen=True, slots=True)
class TrendPoint(Served):
    """A point of the line of a trend."""

    SERVED: ClassVar[str] = "date=day value"

    day: date
    value: Rounded  # a share, 0–1, or a number; the line is straight, and may leave 0–1


@dataclass(frozen=True, slots=True, eq=False)
class MetricTrend(Served):
    """An interrupted time series, or a trend alone, for the practice of a newspaper."""

    SERVED: ClassVar[str] = """
        schema recipe=recipe_id metric publication from=first to=last break=day
        editions=regression.editions drawn=regression.drawn coefficients line
        method=regression.method refused=regression.refused
    """

    metric: NamedMetric
    criteria: EditionCriteria
    publication: str  # the newspaper
    first: date  # day of the first edition
    last: date  # day of the last one
    day: date | None  # the first day of after; None: a trend alone
    regression: Regression
    recipe_id: str  # the recipe's id

    @property
    def coefficients(self) -> tuple[Coefficient, ...]:
        """The level at the start or on the day, and the changes in a year, with intervals."""
        return self.regression.coefficients

    @property
    def changes(self) -> dict[str, Coefficient]:
        """The coefficients but for the intercept, by name: the trend, the level, the slope."""
        return {one.name: one for one in self.coefficients[1:]}

    @property
    def line(self) -> list[TrendPoint]:
        """The line on the first and the last day; the day of a break stands twice, before it."""
        if not self.coefficients:
            return []
        days = [(self.first, False), (self.last, self.day is not None)]
        if self.day is not None:
            days[1:1] = [(self.day, False), (self.day, True)]
        return [TrendPoint(day, self._height(day, after=after)) for day, after in days]

    def _height(self, day: date, *, after: bool) -> float:
        of = {name: one.value for name, one in self.changes.items()}
        years = (day - (self.day or self.first)).days / DAYS_A_YEAR
        level = self.coefficients[0].value + of[TREND] * years
        return level + (of[LEVEL] + of[SLOPE] * years if after else 0.0)

    def params(self) -> dict[str, Any]:
        """Return the query parameters that ask for the result again, under its recipe."""
        return {
            "metric": str(self.metric),
            "publication": self.criteria.publication,
            "from": self.criteria.first,
            "to": self.criteria.last,
            "break": self.day,
            "recipe": self.recipe_id,
        }

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a flat row for each coefficient, for tables."""
        return self.flat_rows(
            "coefficients", "metric", "publication", "break", "method", "refused", "recipe"
        )


@cached
def metric_trend(
    home: Installation,
    metric: Metric,
    criteria: EditionCriteria,
    *,
    day: date | None = None,
    recipe: str | None = None,
) -> MetricTrend:
    """Return the trend of a metric of a newspaper's practice.

    A share is regressed photo by photo, as a sample corrects the machine; a plain metric edition by
    edition. How alike neighbouring editions are is in the intervals, and in the method.

    Args:
        criteria: The criteria of the editions, all of one newspaper.
        day: The first day after an interruption; None: a trend alone.
        recipe: Id of a recipe, or its beginning; None: today's.

    Raises:
        NotFound: There is no such recipe.
        InvalidRequest: The editions are of several newspapers, there are none, the metric is known
            in none, or all lie on one side of the day.
    """
    rules = provenance(home, recipe)
    with home.database.read() as session:
        selection = select_for(session, criteria, rules, [metric])
        selection.check_one_newspaper()
        editions = selection.editions
        names = {one.publication for one in editions}
        if not names:
            raise InvalidRequest.saying("no analysed edition fits the request")
        available = availability_of(session, home.recipe, [metric], editions, rules)[metric]
        if why := available.refused():
            raise InvalidRequest(why)
        editions = [editions[row] for row in np.flatnonzero(available.mask)]
        loaded = metric_table(
            session, [metric], editions, rules, Estimand.SHARE_OF_PHOTOS, Inference.PRACTICE
        )
    table, expected, rows = _outcomes(loaded, metric, editions)
    days = np.array([edition.date.toordinal() for edition in editions], np.int64)[rows]
    if not len(days):
        raise InvalidRequest.saying("no analysed edition fits the request")
    first, last = date.fromordinal(int(days.min())), date.fromordinal(int(days.max()))
    try:
        design = design_matrix({}, len(days)).with_columns(trend_columns(days, day))
        found = regress(
            table,
            expected,
            design.X,
            design.names,
            inference=Inference.PRACTICE,
            confidence=rules.aggregate.confidence,
            nonresponse=rules.aggregate.nonresponse,
            coders=loaded.shares[metric].coders if metric.is_share else None,
        )
    except ValueError as error:
        raise InvalidRequest(*error.args) from error
    return MetricTrend(metric, criteria, names.pop(), first, last, day, found, rules.id)


def _outcomes(
    loaded: MetricTable, metric: Metric, editions: Sequence[StatEdition]
) -> tuple[PhotoTable, Numbers, NDArray[np.int64]]:
    """Return what is regressed, what is expected of it, and the place of each row's edition."""
    if metric.is_share:
        photos = loaded.shares[metric]
        at = photos.counted
        return photos.weighed.at(at), photos.expected[at], photos.place[at]
    values = loaded.plain[metric]
    rows = np.flatnonzero(~np.isnan(values)).astype(np.int64)
    nothing = np.full(len(rows), np.nan)
    table = PhotoTable(
        edition=np.arange(len(rows)),
        probability=np.zeros(len(rows)),
        weight=np.ones(len(rows)),
        label=values[rows],  # a number of an edition, which nobody estimates
        inclusion=nothing,
        framed=np.zeros(len(rows), bool),
        editions=[str(editions[row].id) for row in rows.tolist()],
        periods=[(editions[row].publication,) for row in rows.tolist()],
    )
    return table, nothing, rows
