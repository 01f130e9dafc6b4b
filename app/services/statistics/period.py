"""The composition of a period or a publication: plain metrics and shares over many editions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from presslens.app.installation import Installation
from presslens.app.services.recipes.recipes import provenance
from presslens.app.services.shares.selection import EditionCriteria, Selection, select_editions
from presslens.app.services.shares.share_loading import load_shares
from presslens.app.services.statistics.availability import availability_of
from presslens.app.services.statistics.by_group import count_document
from presslens.app.services.statistics.counts import LoadedCounts, load_counts
from presslens.app.services.statistics.estimate_source import EstimateSource, estimate_source
from presslens.app.services.statistics.estimates import COUNTED, place_note, plain_values
from presslens.pipelines.result import Served, rounded, rounded_interval
from presslens.pipelines.statistics.measure import BUILT_IN, Estimand, Inference, Weight, Zone
from presslens.pipelines.statistics.metrics import Estimate, Metric
from presslens.pipelines.statistics.photo_table import Numbers
from presslens.pipelines.statistics.plain import PLAIN
from presslens.pipelines.statistics.plain_means import mean_of
from presslens.pipelines.statistics.share_estimate import UNSTATED


@dataclass(frozen=True, slots=True)
class PeriodComposition(Served):
    """The composition of the editions of a period."""

    SERVED: ClassVar[str] = """
        schema recipe=recipe_id source estimand inference
        zone weight editions pages pages_seen=selection.pages_seen
        pages_expected=selection.pages_expected coverage=selection.coverage metrics
        shares=served_shares left_out=selection.first_left_out
        left_out_count=selection.left_out_count
    """

    recipe_id: str  # the recipe's id
    source: EstimateSource  # what the estimates were made of
    estimand: Estimand  # the share that is estimated over several editions
    inference: Inference  # what intervals are about: these editions, or practice
    zone: Zone  # the part of the editions whose photos are counted
    weight: Weight  # the weight of each photo
    selection: Selection  # the editions, and those that are excluded
    plain: dict[str, Estimate]  # the mean of each plain metric over editions
    # The sum of each plain metric whose sum means something, counts with intervals.
    totals: dict[str, Estimate]
    shares: dict[str, Estimate]  # the share of each measure
    settled: dict[str, int]  # for each measure, photos with a consensus of the coders
    machine: dict[str, float | None]  # for each measure, the share by the machine alone

    @property
    def editions(self) -> int:
        """Number of editions."""
        return len(self.selection.editions)

    @property
    def pages(self) -> int:
        """Pages of these editions."""
        return sum(edition.pages for edition in self.selection.editions)

    @property
    def metrics(self) -> dict[str, Any]:
        """The plain metrics by name, each with its interval."""
        return {
            name: {**_document(estimate), **_total(self.totals.get(name))}
            for name, estimate in self.plain.items()
        }

    @property
    def served_shares(self) -> dict[str, Any]:
        """The shares by measure, each with its interval."""
        return {
            name: {
                **_document(estimate),
                "count": count_document(estimate, self.weight),
                "drawn": estimate.drawn,
                "picked": estimate.picked,
                "machine": rounded(self.machine[name]),
                "settled": self.settled[name],
            }
            for name, estimate in self.shares.items()
        }


def _document(estimate: Estimate) -> dict[str, Any]:
    return {
        "value": rounded(estimate.value),
        "interval": rounded_interval(estimate.interval),
        "n": estimate.n,
        "method": estimate.method,
        "refused": estimate.refused,
        "note": estimate.note,
        "provisional": estimate.provisional,
        "validity": estimate.validity,
    }


def _total(estimate: Estimate | None) -> dict[str, Any]:
    if estimate is None:
        return {"total": None, "total_interval": None}
    return {
        "total": rounded(estimate.value),
        "total_interval": rounded_interval(estimate.interval),
    }


def period_composition(
    home: Installation,
    criteria: EditionCriteria,
    *,
    estimand: Estimand = Estimand.SHARE_OF_PHOTOS,
    inference: Inference = Inference.THESE,
    zone: Zone = Zone.ALL,
    weight: Weight = Weight.COUNT,
    measures: Sequence[str] = BUILT_IN,
    recipe: str | None = None,
) -> PeriodComposition:
    """Return the composition of the editions of a period or publication.

    Args:
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
            rules,
            numbers=True,
        )
        editions = selection.editions
        loaded = load_shares(session, metrics, editions, rules)
        source = estimate_source(session, loaded)
        counts = load_counts(session, editions, rules)
        measured = [*metrics, *(Metric(name) for name in PLAIN)]
        available = availability_of(session, home.recipe, measured, editions, rules)
    everything, plain = range(len(editions)), plain_values(editions, counts)
    counted = counts.totals([everything])
    shares, machine, settled = {}, {}, {}
    for metric, photos in zip(metrics, loaded, strict=True):
        [share] = photos.estimates(
            [everything], [metric.name], inference=inference, estimand=estimand
        )
        estimate = Estimate.of_group(share)
        shares[metric.name] = masked = available[metric].masked(estimate)
        is_known = masked.method not in UNSTATED
        machine[metric.name] = photos.machine.share(everything, estimand) if is_known else None
        settled[metric.name] = int(photos.machine.answered.sum())
    return PeriodComposition(
        recipe_id=rules.id,
        source=source,
        estimand=estimand,
        inference=inference,
        zone=zone,
        weight=weight,
        selection=selection,
        plain={
            name: available[Metric(name)].masked(replace(estimate, note=place_note(name, editions)))
            for name, estimate in _means(plain, counts, counted, inference, confidence).items()
        },
        totals={
            name: counted[name][0]
            if name in counted
            else Estimate(float(np.nansum(plain[name])), method=COUNTED)
            for name, metric in PLAIN.items()
            if metric.summed and available[Metric(name)].refused() is None
        },
        shares=shares,
        settled=settled,
        machine=machine,
    )


def _means(
    plain: Mapping[str, Numbers],
    counts: LoadedCounts,
    counted: Mapping[str, Sequence[Estimate]],
    inference: Inference,
    confidence: float,
) -> dict[str, Estimate]:
    everything = range(len(counts.editions))
    means = {
        name: mean_of(
            values,
            inference=inference,
            confidence=confidence,
            errors=counts.errors(name, [everything], values, counted)[0],
        )
        for name, values in plain.items()
    }
    return {
        name: Estimate(mean.value, mean.interval, mean.editions, mean.method, mean.refused)
        for name, mean in means.items()
    }
