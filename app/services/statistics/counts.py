"""Counts of photos and pages of editions, with their intervals and what people have counted."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.archive_view import archive_view
from presslens.app.db.statistics import EditionSummaryRow
from presslens.app.services.catalogue.page_checks import FEW, page_checks
from presslens.app.services.recipes.recipes import Provenance
from presslens.app.services.shares.selection import EditionCriteria, StatEdition, select_editions
from presslens.models.photos.finder_errors import load_finder_errors
from presslens.pipelines.statistics.count_estimates import (
    COUNTED_METRICS,
    EditionDetections,
    count_estimates,
    newspaper_of,
)
from presslens.pipelines.statistics.metrics import Estimate
from presslens.pipelines.statistics.photo_counts import FoundPage, Newspaper
from presslens.pipelines.statistics.photo_table import Numbers
from presslens.pipelines.statistics.plain import PLAIN

UNKNOWN = "counted; its interval is known once a worker has summarised the edition again"


@dataclass(frozen=True, slots=True, eq=False)
class LoadedCounts:
    """What the counts of editions are made of."""

    editions: list[EditionDetections]  # the machine's counts, and what people said of the pages
    stored: list[bool]  # whether what was found on the pages of each is stored
    newspaper: Newspaper  # the factors of the finder's errors, which the editions share
    confidence: float  # level of the intervals
    _totals: dict[tuple[str, tuple[tuple[int, ...], ...]], list[Estimate]] = field(
        default_factory=dict
    )

    def by_edition(self, metrics: Collection[str] = COUNTED_METRICS) -> dict[str, list[Estimate]]:
        """Return some of ``COUNTED_METRICS`` of each edition."""
        return self.totals([[i] for i in range(len(self.editions))], metrics)

    def totals(
        self, groups: Sequence[Sequence[int]], metrics: Collection[str] = COUNTED_METRICS
    ) -> dict[str, list[Estimate]]:
        """Return metrics of groups of editions: totals, and ratios of totals.

        The finder's errors are common to editions, so the interval of a total is about as wide
        relative to it as that of an edition, not narrower by their number.

        Args:
            groups: Indices of the editions of each group.
            metrics: Some of ``COUNTED_METRICS``.
        """
        members = tuple(map(tuple, groups))
        missing = {name for name in metrics if (name, members) not in self._totals}
        if missing:
            if len(self._totals) > MOST_TOTALS:
                self._totals.clear()
            made = self._made(groups, missing)
            self._totals.update(((name, members), estimates) for name, estimates in made.items())
        return {name: self._totals[name, members] for name in COUNTED_METRICS if name in metrics}

    def _made(
        self, groups: Sequence[Sequence[int]], metrics: Collection[str]
    ) -> dict[str, list[Estimate]]:
        pairs = [(i, group) for group, members in enumerate(groups) for i in members]
        made = count_estimates(
            [self.editions[i] for i, _ in pairs],
            [group for _, group in pairs],
            len(groups),
            self.newspaper,
            confidence=self.confidence,
            metrics=metrics,
        )
        stored = [all(self.stored[i] for i in members) for members in groups]
        return {
            name: [
                Estimate(count.value, count.interval if sure else None, None,
                    count.method if sure else UNKNOWN)
                for count, sure in zip(counts, stored, strict=True)
            ]
            for name, counts in made.items()
        }  # fmt: skip

    def errors(
        self,
        metric: str,
        groups: Sequence[Sequence[int]],
        values: Numbers,
        totals: Mapping[str, Sequence[Estimate]] | None = None,
    ) -> list[Numbers | None]:
        """Return how far errors of counting may move the mean of a metric over each group.

        Args:
            metric: A plain metric.
            groups: Indices of the editions of each group.
            values: The metric of each edition, shape (e,).
            totals: Those of the groups, where they are made already.

        Returns:
            Of each group, as ``pipelines.statistics.plain_means`` takes them: alike for each
            edition, shape (members, 2); None where the metric is counted exactly.
        """
        if metric not in COUNTED_METRICS:
            return [None] * len(groups)
        made = self.totals(groups, [metric]) if totals is None else totals
        summed = PLAIN[metric].summed
        return [
            _errors(total, values[list(members)], len(members) if summed else 1)
            for total, members in zip(made[metric], groups, strict=True)
        ]


def missed_at_most(
    session: Session, groups: Sequence[EditionCriteria], recipe: Provenance
) -> float | None:
    """Return the share of photos that each group may have missed by the interval of their number.

    Returns:
        That of the group that may have missed the fewest, 0–1; None where it is not known.
    """
    missed = []
    for criteria in groups:
        editions = select_editions(session, criteria, recipe, numbers=True).editions
        if not editions:
            return None
        counts = load_counts(session, editions, recipe)
        (photos,) = counts.totals([range(len(editions))], ["photos"])["photos"]
        if photos.value is None or photos.interval is None:
            return None
        high = photos.interval[1]
        missed.append(1.0 - photos.value / high if high else 0.0)
    return min(missed)


def _errors(total: Estimate, values: Numbers, divisor: int) -> Numbers | None:
    defined = values[~np.isnan(values)]
    if total.value is None or total.interval is None or not len(defined):
        return None
    reach = (np.array(total.interval) - total.value) / divisor
    return np.tile(np.maximum(defined.mean() + reach, 0.0), (len(values), 1))


def load_counts(
    session: Session, editions: Sequence[StatEdition], recipe: Provenance
) -> LoadedCounts:
    """Return what the counts of editions are made of; what was loaded before, while it is true.

    Args:
        editions: From ``select_editions``, with their numbers.
        recipe: The recipe of their summaries.
    """
    versions = tuple((edition.id, edition.version) for edition in editions)
    return archive_view(session).once(
        ("counts", recipe.id, versions), lambda: _load(session, editions, recipe), answers=True
    )


MOST_TOTALS = 100
"""Totals of metrics over groups that are cached with the counts of editions."""


def _load(session: Session, editions: Sequence[StatEdition], recipe: Provenance) -> LoadedCounts:
    ids = [edition.id for edition in editions]
    pages = _stored_pages(session, ids, recipe)
    checks = page_checks(session, recipe.observation_id, ids) if ids else {}
    loaded = [
        EditionDetections(
            edition.pages_seen,
            edition.row.photos,
            edition.row.photo_area,
            edition.row.page_types,
            pages[edition.id] or (),
            checks.get(edition.id, {}) if pages[edition.id] else {},
        )
        for edition in editions
    ]
    return LoadedCounts(
        loaded,
        [pages[id_] is not None for id_ in ids],
        newspaper_of(loaded, load_finder_errors()),
        recipe.aggregate.confidence,
    )


def _stored_pages(
    session: Session, edition_ids: Sequence[int], recipe: Provenance
) -> dict[int, Sequence[FoundPage] | None]:
    query = select(EditionSummaryRow.edition_id, EditionSummaryRow.found_pages).where(
        EditionSummaryRow.recipe_id == recipe.id
    )
    if len(edition_ids) <= FEW:
        query = query.where(EditionSummaryRow.edition_id.in_(edition_ids))
    none: dict[int, Sequence[FoundPage] | None] = dict.fromkeys(edition_ids)
    rows = session.connection().execute(query)
    return none | {edition_id: pages for edition_id, pages in rows}  # noqa: C416 - rows are no pairs
