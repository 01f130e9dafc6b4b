"""The trend of a metric of a newspaper, and the change of its level and slope on a day."""

from __future__ import annotations

from collections.abc import Sequence
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
from presslens.app.services.statistics.edition_metrics import MetricTable, metric_table, select_for
from presslens.pipelines.result import Served
from presslens.pipelines.statistics.design_matrix import design_matrix, trend_columns
from presslens.pipelines.statistics.measure import Estimand, Inference
from presslens.pipelines.statistics.metrics import Metric, NamedMetric
from presslens.pipelines.statistics.photo_table import Numbers, PhotoTable
from presslens.pipelines.statistics.plain_regression import coefficient_document
from presslens.pipelines.statistics.regression import Regression, regress


@dataclass(frozen=True, slots=True, eq=False)
class MetricTrend(Served):
    """An interrupted time series, or a trend alone, for the practice of a newspaper."""

    SERVED: ClassVar[str] = """
        recipe=recipe_id metric publication break=day editions=regression.editions
        drawn=regression.drawn coefficients method=regression.method refused=regression.refused
    """

    metric: NamedMetric
    publication: str  # the newspaper
    day: date | None  # the first day of after; None: a trend alone
    regression: Regression
    recipe_id: str  # the recipe's id

    @property
    def coefficients(self) -> list[dict[str, Any]]:
        """The level at the start or on the day, and the changes, each with its interval."""
        return [coefficient_document(one) for one in self.regression.coefficients]


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
        InvalidRequest: The editions are of several newspapers or of one day, there are none, or all
            lie on one side of the day.
    """
    rules = provenance(home, recipe)
    with home.database.read() as session:
        editions = select_for(session, criteria, rules, [metric]).editions
        names = {one.publication for one in editions}
        if not names:
            raise InvalidRequest("no analysed edition fits what was asked for")
        if len(names) > 1:
            raise InvalidRequest("these are editions of several newspapers: name a publication")
        loaded = metric_table(
            session, [metric], editions, rules, Estimand.SHARE_OF_PHOTOS, Inference.PRACTICE
        )
    table, expected, rows = _outcomes(loaded, metric, editions)
    days = np.array([edition.date.toordinal() for edition in editions], np.int64)[rows]
    if len(np.unique(days)) < 2:
        raise InvalidRequest("a trend takes editions of two days or more")
    try:
        design = design_matrix({}, len(days)).with_columns(trend_columns(days, day))
        found = regress(
            table,
            expected,
            design.X,
            design.names,
            inference=Inference.PRACTICE,
            confidence=rules.aggregate.confidence,
        )
    except ValueError as error:
        raise InvalidRequest(str(error)) from error
    return MetricTrend(metric, names.pop(), day, found, rules.id)


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
