"""A metric in each of some editions: what comparisons and changes are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy.orm import Session

from app.services.estimates import PLAIN_COLUMNS, plain_values
from app.services.made_by import MadeBy
from app.services.selection import Selection, StatEdition, Wanted, select_editions
from app.services.series import LoadedSeries, load_series
from pipelines.statistics.across import AcrossEstimate, Difference, compare_means, compare_shares
from pipelines.statistics.facts import PLAIN, Metric
from pipelines.statistics.measure import BUILT_IN, Estimand
from pipelines.statistics.series import Numbers
from pipelines.statistics.timeline import Part

METRICS = tuple(Metric(name) for name in (*PLAIN, *BUILT_IN))
"""What baselines and comparisons look at unless something else is asked for."""

MOST_METRICS = 60
"""So many may be asked for at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """A share in each of some editions, and which share of all of them is meant."""

    loaded: LoadedSeries
    estimand: Estimand
    confidence: float

    def compared(self, first: int) -> tuple[AcrossEstimate, AcrossEstimate, Difference]:
        """Return the share of the first editions, that of the rest, and the one less the other."""
        count = len(self.loaded.editions)
        a, b = (self.loaded.part(rows) for rows in (range(first), range(first, count)))
        return compare_shares(a, b, estimand=self.estimand, confidence=self.confidence)

    def parts(self, editions: Sequence[StatEdition]) -> list[Part]:
        """Return what each edition adds."""
        series = self.loaded.every
        rows = zip(editions, series.settled.tolist(), series.weight.tolist(), strict=True)
        return [Part(edition.date, top, bottom) for edition, top, bottom in rows]


@dataclass(frozen=True, slots=True, eq=False)
class Plain:
    """A plain metric of each of some editions, NaN where there is none."""

    values: Numbers
    confidence: float

    def compared(self, first: int) -> tuple[AcrossEstimate, AcrossEstimate, Difference]:
        """Return the mean of the first editions, that of the rest, and the one less the other."""
        return compare_means(self.values[:first], self.values[first:], confidence=self.confidence)

    def parts(self, editions: Sequence[StatEdition]) -> list[Part]:
        """Return what each edition adds."""
        return [
            Part(edition.date, 0.0, 0.0) if np.isnan(value) else Part(edition.date, value, 1.0)
            for edition, value in zip(editions, self.values.tolist(), strict=True)
        ]


def edition_values(
    session: Session,
    metrics: Sequence[Metric],
    editions: Sequence[StatEdition],
    recipe: MadeBy,
    estimand: Estimand,
) -> dict[Metric, Shares | Plain]:
    """Return some metrics of each of some editions, with what people have settled.

    Args:
        session: An open transaction.
        metrics: Shares and plain metrics.
        editions: From ``select_for``.
        recipe: Under which they were summarised.
        estimand: Which share of several editions is meant.
    """
    confidence = recipe.aggregate.confidence
    plain = {} if all(metric.is_share for metric in metrics) else plain_values(editions)
    shares = [metric for metric in metrics if metric.is_share]
    loaded = load_series(session, shares, editions, recipe)
    return {
        **{one.metric: Shares(one, estimand, confidence) for one in loaded},
        **{m: Plain(plain[m.name], confidence) for m in metrics if not m.is_share},
    }


def select_for(
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
