"""The estimators of a plain table of photos, of each pool of newspapers, as an archive has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from presslens.models.recipe import Aggregate, Recipe
from presslens.pipelines.statistics.consensus import held_by
from presslens.pipelines.statistics.estimator import ShareEstimator
from presslens.pipelines.statistics.frame import Framed
from presslens.pipelines.statistics.measure import one_question
from presslens.pipelines.statistics.photo_table import Numbers, PhotoTable
from presslens.pipelines.statistics.plain_rows import PhotoRows
from presslens.pipelines.statistics.pools import connected_pools

Pools = list[tuple[ShareEstimator, NDArray[np.int64]]]
"""The estimator of the photos of each pool, without groups, and their rows in the table."""


def rules_with(
    rules: Aggregate | None, confidence: float | None, nonresponse: float | None
) -> Aggregate:
    """Return rules, for None those that are shipped, with settings in place of their own.

    Raises:
        ValueError: A setting is out of range.
    """
    rules = rules or Recipe.load().aggregate
    confidence = rules.confidence if confidence is None else confidence
    nonresponse = rules.nonresponse if nonresponse is None else nonresponse
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence {confidence:g} is not above 0 and below 1")
    if not 1.0 <= nonresponse < np.inf:
        raise ValueError(f"nonresponse {nonresponse:g} is not a number of 1 or more")
    return rules.model_copy(update={"confidence": confidence, "nonresponse": nonresponse})


@dataclass(frozen=True, slots=True, eq=False)
class TablePools:
    """Makes the estimators of measures of a table."""

    rules: Aggregate  # how far the machine's probabilities may be off
    settings: Mapping[str, Any]  # attributes of each ``ShareEstimator``
    asked: NDArray[np.int64] | None  # as of ``ShareEstimator``, of all rows

    def of(self, measure: str, rows: PhotoRows, framed: Framed) -> Pools:
        """Return the estimators of a measure, beside and within the measures that limit it.

        Args:
            rows: The rows about it.
            framed: These, with the frame of their sample.

        Raises:
            BadTable: A label contradicts that of another measure.
        """
        own = framed.table
        tables, coders = {measure: own}, {measure: rows.answers.coders}
        for name in one_question(measure):
            if name != measure and (one := rows.about(name)) is not None:
                rows.check_labels(one, 1)
                said, coders[name] = one.answers, one.answers.coders
                tables[name] = replace(own, probability=said.probability, label=said.label)
        if len(tables) < len(one_question(measure)):
            tables = {measure: own}  # another measure of the question was not read
        read = ~np.isnan([one.probability for one in tables.values()]).any(axis=0)
        pool = connected_pools(own, rows.samples(own.framed))
        holders = {name: self._holders(name, rows) for name in tables}
        found = []
        for one in np.unique(pool[read]):
            at = np.flatnonzero(read & (pool == one))
            first, *others = (
                replace(self._alone(name, table, holders[name], at), coders=coders[name])
                for name, table in tables.items()
            )
            if others:
                table = replace(first.table, beside=tuple(other.table for other in others))
                first = replace(first, table=table, fitted=first, siblings=tuple(others))
            found.append((first, at))
        return found

    def expected(self, measure: str, rows: PhotoRows, framed: Framed) -> Numbers:
        """Return the probability of each row, as an archive expects it, shape (n,); see ``of``."""
        probability = framed.table.probability.copy()
        for base, at in self.of(measure, rows, framed):
            probability[at] = base.expected
        return probability

    def _holders(self, measure: str, rows: PhotoRows) -> Pools:
        for holder in held_by(measure)[:1]:
            if (of_holder := rows.about(holder)) is not None:
                rows.check_labels(of_holder, 0)
                return self.of(holder, of_holder, of_holder.framed())
        return []

    def _alone(
        self, measure: str, table: PhotoTable, holders: Pools, at: NDArray[np.int64]
    ) -> ShareEstimator:
        """Return the estimator of some rows for a measure by itself."""
        near = [(base, there) for base, there in holders if np.isin(there, at).any()]
        place = np.full(len(table), -1, np.int64)
        every = np.concatenate([np.zeros(0, np.int64), *(there for _, there in near)])
        place[every] = np.arange(len(every))
        inside = np.zeros(len(table), bool)
        inside[at] = True
        return ShareEstimator(
            replace(table.at(inside).compact(), held=place[at] if near else None),
            np.full(len(at), -1),
            (),
            self.rules.calibration_of(measure),
            asked=None if self.asked is None else self.asked[at],
            held_by=tuple(base for base, _ in near),
            **self.settings,
        )
