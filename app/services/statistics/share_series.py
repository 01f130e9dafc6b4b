"""Loads the parts of a share in many editions, with the consensus of the coders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.db.statistics import EditionShareRow
from app.services.recipes.recipes import Provenance
from app.services.statistics.probabilities import MeasuredPhoto, reviewed_measures, reviewed_photos
from app.services.statistics.selection import StatEdition
from pipelines.statistics.measure import Weight, strata
from pipelines.statistics.metrics import Metric
from pipelines.statistics.sampling_scope import SamplingScope
from pipelines.statistics.share_series import Numbers, Sample, Series

_COUNT = ("n", "expected", "variance", "n0", "n1", "n2", "n3", "low", "high", "decided", "n")
_AREA = (
    "area", "area_expected", "area_variance", "a0", "a1", "a2", "a3", "area_low", "area_high",
    "area_decided", "n",
)  # fmt: skip
LOW, HIGH, DECIDED, PHOTOS = 7, 8, 9, 10
"""Columns of ``share_table`` beyond those that make a series."""


@dataclass(frozen=True, slots=True, eq=False)
class LoadedSeries:
    """The parts of a share in several editions.

    Attributes:
        metric: The share.
        editions: The editions, e of them.
        every: The parts, with all photos that were drawn by chance from any scope.
        drawn_from: The scope of each photo of that sample.
        table: The stored parts, from ``share_table``.
        reviewed: Photos of each edition with a consensus of the coders, shape (e,).
        settled_yes: Weight of the photos that show the measure by that consensus, shape (e,).
    """

    metric: Metric
    editions: Sequence[StatEdition]
    every: Series
    drawn_from: Sequence[SamplingScope]
    table: Numbers
    reviewed: NDArray[np.int64]
    settled_yes: Numbers

    @property
    def photos(self) -> int:
        """Number of photos that were read for the share."""
        return int(self.table[:, PHOTOS].sum())

    @property
    def series(self) -> Series:
        """The parts in all the editions."""
        return self.part(range(len(self.editions)))

    def part(self, rows: Sequence[int]) -> Series:
        """Return the parts in some of the editions, given by index.

        Only reviewed photos that were drawn by chance from all photos of these editions, or from
        more, correct the others: a sample of front pages is none of other pages.
        """
        if not self.drawn_from:
            return self.every.part(rows)
        editions = [self.editions[i] for i in rows]
        names = {edition.publication for edition in editions}
        days = [edition.date for edition in editions]
        about = SamplingScope(
            self.metric.zone,
            names.pop() if len(names) == 1 else None,
            min(days, default=None),
            max(days, default=None),
        )
        covered = {scope: scope.covers(about) for scope in set(self.drawn_from)}
        covering = np.array([covered[scope] for scope in self.drawn_from], bool)
        return replace(self.every, sample=self.every.sample.only(covering)).part(rows)


def share_table(
    session: Session, metric: Metric, editions: Sequence[StatEdition], recipe_id: str
) -> Numbers:
    """Return the stored parts of a share, a row an edition, shape (e, 11); zeros without photos.

    Columns: denominator, expected numerator, its variance, four strata, low, high, decided, photos.
    """
    columns = _COUNT if metric.weight is Weight.COUNT else _AREA
    query = select(
        EditionShareRow.edition_id, *(getattr(EditionShareRow, name) for name in columns)
    ).filter_by(recipe_id=recipe_id, measure=metric.name, zone=metric.zone)
    ids = np.array([edition.id for edition in editions], np.int64)
    table = np.zeros((len(ids), len(columns)))
    if not len(ids):
        return table
    # A range, as the table is in this order: a baseline reads its sixty rows and not all.
    query = query.where(EditionShareRow.edition_id.between(int(ids.min()), int(ids.max())))
    stored = _numbers(session, query)
    if len(stored):
        order = np.argsort(ids)
        place = np.searchsorted(ids, stored[:, 0], sorter=order)
        rows = order[np.minimum(place, len(ids) - 1)]
        listed = ids[rows] == stored[:, 0]
        table[rows[listed]] = stored[listed, 1:]
    return table


def _numbers(session: Session, query: Select[*tuple[Any, ...]]) -> Numbers:
    """Return tens of thousands of rows as an array, straight from the driver."""
    with session.connection().execute(query) as result:
        return np.array(result.cursor.fetchall() if result.cursor else (), np.float64)


def load_series(
    session: Session, metrics: Sequence[Metric], editions: Sequence[StatEdition], recipe: Provenance
) -> list[LoadedSeries]:
    """Return the parts of shares in editions, with the consensus of the coders.

    Args:
        session: An open transaction.
        metrics: Shares.
        editions: From ``select_editions``.
        recipe: The recipe of their summaries.
    """
    reviewed = reviewed_measures(session) if metrics else set()
    ids = [edition.id for edition in editions]
    within = min(ids, default=0), max(ids, default=0)
    return [
        overlay(
            metric,
            editions,
            share_table(session, metric, editions, recipe.id),
            reviewed_photos(session, metric, recipe, editions=within)
            if metric.name in reviewed
            else (),
        )
        for metric in metrics
    ]


def overlay(
    metric: Metric, editions: Sequence[StatEdition], table: Numbers, photos: Sequence[MeasuredPhoto]
) -> LoadedSeries:
    """Replace the machine's probabilities by the consensus of the coders.

    Args:
        metric: The share.
        editions: The editions.
        table: From ``share_table``.
        photos: The photos with a consensus, of any editions.
    """
    index = {edition.id: i for i, edition in enumerate(editions)}
    answers = [answer for answer in photos if answer.edition_id in index]
    settled, variance, unsettled = table[:, 1].copy(), table[:, 2].copy(), table[:, 3:7].copy()
    reviewed, settled_yes = np.zeros(len(table), np.int64), np.zeros(len(table))
    e = np.array([index[a.edition_id] for a in answers], np.int64)
    p = np.array([a.probability for a in answers], float)
    w = np.array([1.0 if metric.weight is Weight.COUNT else a.area for a in answers], float)
    y = np.array([bool(a.shows) for a in answers], float)
    h = strata(p)
    np.add.at(settled, e, w * (y - p))
    np.add.at(unsettled, (e, h), -w)
    np.add.at(reviewed, e, 1)
    np.add.at(settled_yes, e, w * y)
    # A photo with a consensus takes its own part of the variance with it. The part that drift adds
    # stays until all photos have one, which errs on the safe side.
    np.add.at(variance, e, -(w**2) * p * (1 - p))
    none_left = unsettled.sum(1) <= 1e-9 * table[:, 0]
    drawn = np.array([a.drawn_from is not None for a in answers], bool)
    every = Series(
        weight=table[:, 0],
        machine=table[:, 1],
        settled=settled,
        variance=np.where(none_left, 0.0, np.clip(variance, 0.0, None)),
        open=np.clip(unsettled, 0.0, None),
        sample=Sample(e, h, w, y - p).only(drawn),
    )
    scopes = [a.drawn_from for a in answers if a.drawn_from is not None]
    return LoadedSeries(metric, editions, every, scopes, table, reviewed, settled_yes)
