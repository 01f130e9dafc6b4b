"""The composition of a period or a publication: plain metrics and shares over many editions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.installation import Installation
from app.services.recipes.recipes import provenance
from app.services.statistics.by_group import MOST_LEFT_OUT
from app.services.statistics.estimates import COUNTED, PLAIN_COLUMNS, plain_values, share_estimates
from app.services.statistics.selection import EditionCriteria, ExcludedEdition, select_editions
from app.services.statistics.share_series import load_series
from pipelines.document import SCHEMA
from pipelines.statistics.across import estimates, means_of
from pipelines.statistics.measure import BUILT_IN, Estimand, Weight, Zone
from pipelines.statistics.metrics import Estimate, Metric
from pipelines.statistics.plain import PLAIN
from pipelines.statistics.rounding import rounded, rounded_interval
from pipelines.statistics.share_series import Numbers


@dataclass(frozen=True, slots=True)
class PeriodComposition:
    """The composition of the editions of a period.

    Attributes:
        recipe_id: The recipe's id.
        estimand: The share that is estimated over several editions.
        zone: The part of the editions whose photos are counted.
        weight: The weight of each photo.
        editions: Number of editions.
        pages: Pages of these editions.
        pages_seen: Pages of these editions that were analysed.
        pages_expected: Pages of all editions that meet the criteria.
        plain: The mean of each plain metric over editions.
        totals: The sum of each plain metric whose sum means something.
        shares: The share of each measure.
        settled: For each measure, photos with a consensus of the coders.
        machine: For each measure, the share by the machine alone.
        left_out: Editions that are excluded, and the reasons.
    """

    recipe_id: str
    estimand: Estimand
    zone: Zone
    weight: Weight
    editions: int
    pages: int
    pages_seen: int
    pages_expected: int
    plain: dict[str, Estimate]
    totals: dict[str, float]
    shares: dict[str, Estimate]
    settled: dict[str, int]
    machine: dict[str, float | None]
    left_out: list[ExcludedEdition]

    def to_json(self) -> dict[str, Any]:
        """Return the composition as it is served."""
        expected = self.pages_expected
        return {
            "schema": SCHEMA,
            "recipe": self.recipe_id,
            "estimand": self.estimand.value,
            "zone": self.zone.value,
            "weight": self.weight.value,
            "editions": self.editions,
            "pages": self.pages,
            "pages_seen": self.pages_seen,
            "pages_expected": expected,
            "coverage": rounded(self.pages_seen / expected if expected else None),
            "metrics": {
                name: {**_document(estimate), "total": rounded(self.totals.get(name))}
                for name, estimate in self.plain.items()
            },
            "shares": {
                name: {
                    **_document(estimate),
                    "machine": rounded(self.machine[name]),
                    "settled": self.settled[name],
                }
                for name, estimate in self.shares.items()
            },
            "left_out": [one.to_json() for one in self.left_out[:MOST_LEFT_OUT]],
            "left_out_count": len(self.left_out),
        }


def _document(estimate: Estimate) -> dict[str, Any]:
    return {
        "value": rounded(estimate.value),
        "interval": rounded_interval(estimate.interval),
        "n": estimate.n,
        "method": estimate.method,
    }


def period_composition(
    home: Installation,
    criteria: EditionCriteria,
    *,
    estimand: Estimand = Estimand.SHARE_OF_PHOTOS,
    zone: Zone = Zone.ALL,
    weight: Weight = Weight.COUNT,
    measures: Sequence[str] = BUILT_IN,
    recipe: str | None = None,
) -> PeriodComposition:
    """Return the composition of the editions of a period or publication.

    Args:
        home: The installation.
        criteria: The criteria of the editions.
        estimand: The share that is estimated over several editions.
        zone: The part of the editions whose photos are counted.
        weight: The weight of each photo.
        measures: The measures of the shares.
        recipe: Id of a recipe, or its beginning; None: today's.

    Raises:
        NotFound: There is no such recipe.
    """
    rules = provenance(home, recipe)
    confidence = rules.aggregate.confidence
    metrics = [Metric(name, zone, weight) for name in measures]
    with home.database.read() as session:
        selection = select_editions(
            session,
            criteria,
            rules.id,
            min_coverage=rules.aggregate.min_coverage,
            columns=PLAIN_COLUMNS,
        )
        editions = selection.editions
        loaded = load_series(session, metrics, editions, rules)
        alone = [
            share_estimates(session, metric, editions, rules, loaded=one)[0]
            for metric, one in zip(metrics, loaded, strict=True)
            if len(editions) == 1
        ]
    shares, machine, plain = {}, {}, plain_values(editions)
    estimated = estimates([one.series for one in loaded], estimand=estimand, confidence=confidence)
    for i, (metric, one, across) in enumerate(zip(metrics, loaded, estimated, strict=True)):
        several = Estimate(across.value, across.interval, one.photos, across.method)
        machine[metric.name] = across.machine
        shares[metric.name] = alone[i] if alone else several
    return PeriodComposition(
        recipe_id=rules.id,
        estimand=estimand,
        zone=zone,
        weight=weight,
        editions=len(editions),
        pages=sum(edition.pages for edition in editions),
        pages_seen=selection.pages_seen,
        pages_expected=selection.pages_expected,
        plain=_means(plain, confidence),
        totals={
            name: float(np.nansum(plain[name])) for name, metric in PLAIN.items() if metric.summed
        },
        shares=shares,
        settled={m.name: int(one.reviewed.sum()) for m, one in zip(metrics, loaded, strict=True)},
        machine=machine,
        left_out=selection.left_out,
    )


def _means(plain: Mapping[str, Numbers], confidence: float) -> dict[str, Estimate]:
    estimates = {}
    means = means_of(list(plain.values()), confidence=confidence)
    for (name, values), mean in zip(plain.items(), means, strict=True):
        n = int((~np.isnan(values)).sum())
        method = mean.method if n > 1 else COUNTED
        estimates[name] = Estimate(mean.value, mean.interval, n, method)
    return estimates
