"""Loads what is known of editions, one number a metric: for baselines, claims and comparisons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.db.statistics import EditionSummaryRow
from app.installation import Installation
from app.services.recipes.made_by import MadeBy
from app.services.statistics.estimates import PLAIN_COLUMNS, plain_estimates, share_estimates
from app.services.statistics.selection import LeftOut, Wanted, select_editions
from app.services.statistics.share_series import load_series
from pipelines.statistics.metrics import EditionFacts, Metric


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the editions that are wanted, by date, and which are left out and why."""

    facts: list[EditionFacts]
    left_out: list[LeftOut]


def load_known(
    home: Installation,
    wanted: Wanted,
    *,
    metrics: Sequence[Metric],
    recipe: MadeBy | None = None,
) -> Known:
    """Return what is known of editions, and which are left out.

    Args:
        home: The installation.
        wanted: Which editions.
        metrics: What is wanted of each.
        recipe: By which they were made; None: today's.
    """
    recipe = recipe or home.recipe
    with home.database.read() as session:
        selection = select_editions(
            session,
            wanted,
            recipe.id,
            min_coverage=recipe.aggregate.min_coverage,
            columns=(EditionSummaryRow.front_lead_focus, *PLAIN_COLUMNS),
        )
        editions = selection.editions
        shares = [metric for metric in metrics if metric.is_share]
        loaded = {one.metric: one for one in load_series(session, shares, editions, recipe)}
        columns = [
            share_estimates(session, metric, editions, recipe, loaded=loaded[metric])
            if metric.is_share
            else plain_estimates(metric.name, editions)
            for metric in metrics
        ]
    facts = [
        EditionFacts(
            id=edition.id,
            publication=edition.publication,
            date=edition.date,
            pages=edition.pages,
            pages_seen=edition.pages_seen,
            front_lead_focus=edition.row.front_lead_focus,
            metrics={metric: column[i] for metric, column in zip(metrics, columns, strict=True)},
        )
        for i, edition in enumerate(editions)
    ]
    return Known(facts, selection.left_out)
