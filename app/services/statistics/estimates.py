"""Estimates of a metric for each of several editions, with intervals."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
from sqlalchemy.orm import Session

from presslens.app.services.recipes.recipes import Provenance
from presslens.app.services.shares.selection import StatEdition
from presslens.app.services.shares.share_photos import SharePhotos
from presslens.app.services.statistics.counts import LoadedCounts, load_counts
from presslens.pipelines.statistics.count_estimates import COUNTED_METRICS
from presslens.pipelines.statistics.figure_photos import OF_PLACE, placed_note
from presslens.pipelines.statistics.metrics import Estimate
from presslens.pipelines.statistics.photo_table import Numbers
from presslens.pipelines.statistics.plain import PLAIN
from presslens.pipelines.statistics.summary import REVIEWED_NUMBERS

COUNTED = "counted, no interval"


def plain_values(
    editions: Sequence[StatEdition],
    counts: LoadedCounts | None = None,
    names: Collection[str] = PLAIN,
) -> dict[str, Numbers]:
    """Return plain metrics of editions, shape (e,), NaN where there is none.

    Args:
        editions: The editions, selected with their numbers.
        counts: Their counts, if people's page reviews are to be laid over the machine's.
        names: The metrics.
    """
    values = {
        name: np.array([PLAIN[name].value(edition.row) for edition in editions], float)
        for name in names
    }
    counted = set(names) & set(COUNTED_METRICS)
    if counted and counts is not None and any(edition.checks for edition in counts.editions):
        for name, estimates in counts.by_edition(counted).items():
            values[name] = np.array([estimate.value for estimate in estimates], float)
    return values


def machine_values(
    editions: Sequence[StatEdition], names: Collection[str] = PLAIN
) -> dict[str, Numbers]:
    """Return the plain metrics that follow reviews, by the machine alone; NaN without, shape (e,).

    Args:
        editions: The editions, selected with their numbers.
        names: Metrics; others than these are passed over.
    """
    rows = [edition.row if edition.machine is None else edition.machine for edition in editions]
    reviewed = [name for name in names if name in REVIEWED_NUMBERS]
    return {name: np.array([PLAIN[name].value(row) for row in rows], float) for name in reviewed}


def plain_estimates(
    session: Session, names: Sequence[str], editions: Sequence[StatEdition], recipe: Provenance
) -> dict[str, list[Estimate]]:
    """Return plain metrics of each edition, counts of photos and pages with their intervals.

    Args:
        names: The metrics.
        editions: The editions, selected with their numbers.
        recipe: The recipe of their summaries.
    """
    counted = set(names) & set(COUNTED_METRICS)
    counts = (
        load_counts(session, editions, recipe).by_edition(counted) if counted and editions else {}
    )
    return {
        name: counts[name] if name in counts else [_counted(name, edition) for edition in editions]
        for name in names
    }


def _counted(name: str, edition: StatEdition) -> Estimate:
    estimate = Estimate(PLAIN[name].value(edition.row), method=COUNTED)
    if edition.placed is None or name not in OF_PLACE:
        return estimate
    return replace(estimate, n=edition.placed, note=place_note(name, [edition]))


def place_note(name: str, editions: Sequence[StatEdition]) -> str | None:
    """Return which photos of the leader a mean is of; None if of all, or for other metrics.

    Args:
        name: A plain metric.
        editions: The editions, selected with their numbers.
    """
    if name not in OF_PLACE:
        return None
    leading = [one for one in editions if one.row.leader_photos is not None]
    photos = [one.row.leader_photos for one in leading]
    pairs = zip(leading, photos, strict=True)
    placed = [n if one.placed is None else one.placed for one, n in pairs]
    return placed_note(sum(placed), sum(photos))


def share_estimates(photos: SharePhotos) -> list[Estimate]:
    """Return a share of each edition that is asked for."""
    return [Estimate.of_group(group) for group in photos.by_edition()]
