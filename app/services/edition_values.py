"""A metric in each of some editions: what comparisons and changes are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy.orm import Session

from app.services.estimates import PLAIN_COLUMNS, plain_estimates
from app.services.made_by import MadeBy
from app.services.selection import Selection, StatEdition, Wanted, select_editions
from app.services.series import load_series
from pipelines.statistics.across import (
    AcrossEstimate,
    Difference,
    difference,
    difference_of_means,
    estimate,
    mean_of,
)
from pipelines.statistics.facts import PLAIN, Metric
from pipelines.statistics.measure import BUILT_IN, Estimand
from pipelines.statistics.timeline import Part
from pipelines.statistics.series import Numbers, Series

METRICS = tuple(Metric(name) for name in (*PLAIN, *BUILT_IN))
"""What baselines and comparisons look at unless something else is asked for."""

MOST_METRICS = 60
"""So many may be asked for at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """A share in each of some editions, and which share of all of them is meant."""

    series: Series
    estimand: Estimand
    confidence: float

    def part(self, rows: Sequence[int]) -> Shares:
        """Return that of some of the editions, given by index."""
        return Shares(self.series.part(rows), self.estimand, self.confidence)

    def together(self) -> AcrossEstimate:
        """Return the share of all of them."""
        return estimate(self.series, estimand=self.estimand, confidence=self.confidence)

    def less(self, other: Shares) -> Difference:
        """Return how much it is more than that of other editions."""
        return difference(
            self.series, other.series, estimand=self.estimand, confidence=self.confidence
        )

    def parts(self, editions: Sequence[StatEdition]) -> list[Part]:
        """Return what each edition adds."""
        rows = zip(editions, self.series.settled, self.series.weight, strict=True)
        return [Part(edition.date, float(top), float(bottom)) for edition, top, bottom in rows]


@dataclass(frozen=True, slots=True, eq=False)
class Plain:
    """A plain metric of each of some editions, NaN where there is none."""

    values: Numbers
    confidence: float

    def part(self, rows: Sequence[int]) -> Plain:
        """Return that of some of the editions, given by index."""
        return Plain(self.values[list(rows)], self.confidence)

    def together(self) -> AcrossEstimate:
        """Return their mean."""
        return mean_of(self.values, confidence=self.confidence)

    def less(self, other: Plain) -> Difference:
        """Return how much their mean is more than that of other editions."""
        return difference_of_means(self.values, other.values, confidence=self.confidence)

    def parts(self, editions: Sequence[StatEdition]) -> list[Part]:
        """Return what each edition adds."""
        return [
            Part(edition.date, 0.0, 0.0) if np.isnan(value) else Part(edition.date, value, 1.0)
            for edition, value in zip(editions, self.values.tolist(), strict=True)
        ]


def measure_shares(
    session: Session,
    metric: Metric,
    editions: Sequence[StatEdition],
    recipe: MadeBy,
    estimand: Estimand,
) -> Shares:
    """Return a share in each of some editions, with what people have settled."""
    series = load_series(session, metric, editions, recipe).series
    return Shares(series, estimand, recipe.aggregate.confidence)


def measure_plain(metric: Metric, editions: Sequence[StatEdition], recipe: MadeBy) -> Plain:
    """Return a plain metric of each of some editions, selected by ``select_measured``."""
    values = [one.value for one in plain_estimates(metric.name, editions)]
    numbers = np.array([np.nan if value is None else value for value in values], float)
    return Plain(numbers, recipe.aggregate.confidence)


def select_measured(
    session: Session, wanted: Wanted, recipe: MadeBy, metrics: Sequence[Metric]
) -> Selection:
    """Return the editions that are wanted, with the columns that some metrics need."""
    return select_editions(
        session,
        wanted,
        recipe.id,
        min_coverage=recipe.aggregate.min_coverage,
        columns=() if all(metric.is_share for metric in metrics) else PLAIN_COLUMNS,
    )
