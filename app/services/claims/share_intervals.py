"""Intervals of shares that claims need beside the usual ones: stricter ones, and of means."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from presslens.app.services.recipes.recipes import Provenance
from presslens.app.services.statistics.edition_metrics import select_for
from presslens.app.services.statistics.estimates import share_estimates
from presslens.app.services.statistics.selection import EditionCriteria
from presslens.app.services.statistics.share_loading import load_shares
from presslens.pipelines.statistics.claim.context import StrictEstimates
from presslens.pipelines.statistics.claim.tree import Measured, Node, OverEditions, walk
from presslens.pipelines.statistics.measure import Estimand, Inference
from presslens.pipelines.statistics.metrics import Estimate, Metric


def strict_estimates(
    session: Session,
    recipe: Provenance,
    asked: Sequence[tuple[EditionCriteria, Collection[Metric]]],
    confidence: float,
) -> StrictEstimates:
    """Return shares of editions with intervals of a stricter level.

    Args:
        session: An open transaction.
        recipe: The recipe of their summaries.
        asked: Criteria of editions, and the shares of each.
        confidence: The level, 0.999 for instance.
    """
    found: dict[int, dict[Metric, Estimate]] = defaultdict(dict)
    for criteria, metrics in asked:
        shares = sorted(metrics, key=str)
        editions = select_for(session, criteria, recipe, shares).editions
        for photos in load_shares(session, shares, editions, recipe):
            estimates = share_estimates(replace(photos, confidence=confidence))
            for edition, estimate in zip(editions, estimates, strict=True):
                found[edition.id][photos.metric] = estimate
    return StrictEstimates(confidence, found)


def mean_estimates(
    session: Session,
    recipe: Provenance,
    criteria: EditionCriteria,
    metrics: Collection[Metric],
    inference: Inference,
) -> dict[Metric, Estimate]:
    """Return the means of shares over the editions that meet criteria, by the one estimator.

    Args:
        session: An open transaction.
        recipe: The recipe of their summaries.
        criteria: The criteria.
        metrics: The shares.
        inference: About these editions, or about the newspaper's practice.
    """
    shares = sorted(metrics, key=str)
    editions = select_for(session, criteria, recipe, shares).editions
    if not editions:
        return {}
    return {
        photos.metric: Estimate.of_group(
            photos.estimates(
                [list(range(len(editions)))],
                ["all"],
                inference=inference,
                estimand=Estimand.MEAN_EDITION_SHARE,
            )[0]
        )
        for photos in load_shares(session, shares, editions, recipe)
    }


def shares_in_means(rule: Node) -> set[Metric]:
    """Return the shares whose mean over editions a rule reads."""
    return {
        part.inner.metric
        for part in walk(rule)
        if isinstance(part, OverEditions)
        and part.function == "mean"
        and isinstance(part.inner, Measured)
        and part.inner.metric.is_share
    }
