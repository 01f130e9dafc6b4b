"""Estimates of a plain table of photos, from any detector: no database, and no network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from presslens.models.recipe import Aggregate
from presslens.pipelines.result import rounded
from presslens.pipelines.statistics.estimator import ShareEstimator
from presslens.pipelines.statistics.machine import beside_machine
from presslens.pipelines.statistics.measure import Estimand, Inference, Weight
from presslens.pipelines.statistics.misclassification import CoderAccuracy
from presslens.pipelines.statistics.plain_rows import PhotoRows, natural
from presslens.pipelines.statistics.pools import PooledShares
from presslens.pipelines.statistics.share_estimate import GroupEstimate, ShareDifference
from presslens.pipelines.statistics.table_columns import BadTable, Table, read_columns
from presslens.pipelines.statistics.table_pools import TablePools, rules_with

MOST_GROUPS = 5000


@dataclass(frozen=True, slots=True)
class TableEstimate:
    """Estimates of a table."""

    measure: str  # what ``probability`` and ``label`` are about
    inference: Inference  # about these editions, or about practice
    # The estimate of each group, or one difference.
    groups: tuple[GroupEstimate, ...] | tuple[ShareDifference]
    weight: Weight = Weight.COUNT  # how a photo counts
    beside: int = 0  # number of rows that are not counted, and only inform

    def to_json(self) -> dict[str, Any]:
        """Return the estimates as the command line prints them."""
        return {
            "measure": self.measure,
            "estimand": self.inference.value,
            "groups": [_document(group, self.weight) for group in self.groups],
        }


def estimate(
    table: Table,
    measure: str,
    *,
    by: str | None = None,
    compare: tuple[str, str] | None = None,
    inference: Inference | str = Inference.THESE,
    estimand: Estimand | str = Estimand.SHARE_OF_PHOTOS,
    weight: Weight | str = Weight.COUNT,
    confidence: float | None = None,
    rules: Aggregate | None = None,
    nonresponse: float | None = None,
    coders: CoderAccuracy | None = None,
) -> TableEstimate:
    """Estimate the share of photos that show a measure.

    A row is a photo. ``probability`` is the machine's, 0–1. ``label`` is 1, 0 or empty. ``status``
    is what a sample did with the photo, one of ``PhotoStatus``; without that column it is found
    from the others: a row with ``label`` and ``inclusion_probability`` was drawn by chance, one
    with ``label`` alone picked, and one with ``inclusion_probability`` alone was drawn and not
    answered, or not drawn, whichever fits all rows (``frame``). Newspapers of one ``sample`` are
    estimated together, others each by itself. Rows that are not ``counted`` only inform. Measures
    that limit this one (``consensus.HELD_BY``, ``one_question``) have columns that begin with
    their names, as ``people_probability``.

    Args:
        table: A CSV or Parquet file, or columns by name.
        measure: What the probabilities and labels are about: ``children``, for instance.
        by: Column whose values are the groups, or ``month`` or ``year`` of the ``date``.
        compare: Two values of ``by``: the first less the second.
        inference: ``these`` editions, or ``practice``.
        estimand: ``share_of_photos``, or ``mean_edition_share``.
        weight: ``count``, or ``area``: the column ``area_share``.
        confidence: Level of the intervals, above 0 and below 1; None: that of the rules.
        rules: A recipe's, which say how far probabilities may be off; None: those that are shipped.
        nonresponse: Factor of the odds by which photos without an answer may differ from answered
            ones, at least 1; None: that of the rules.
        coders: How often labels are right, alike in all photos; None: as columns say
            (``plain_rows.RATES``), and without these labels are taken as right.

    Raises:
        BadTable: A column is missing, or a value is out of range.
        ValueError: A setting is.
    """
    rules = rules_with(rules, confidence, nonresponse)
    columns, source = read_columns(table)
    rows = PhotoRows.of(columns, source, weight=Weight(weight))
    every = rows.groups(by)
    keys = [key for key, counted in zip(every, rows.counted, strict=True) if counted]
    if compare is not None:
        if by is None or compare[0] == compare[1]:
            raise BadTable(f"{source}: to compare takes a column and two different values of it")
        missing = [key for key in compare if key not in keys]
        if missing:
            there = ", ".join(list(dict.fromkeys(keys))[:20])
            raise BadTable(
                f"{source}: there is no group {missing[0]!r} of {by}; there are: {there}"
            )
        names = list(compare)  # the order says which one is subtracted
    else:
        names = sorted(dict.fromkeys(keys), key=natural)
    if len(names) > MOST_GROUPS:
        raise BadTable(
            f"{source}: {by} has {len(names)} values; at most {MOST_GROUPS} are estimated"
        )
    index = {name: i for i, name in enumerate(names)}
    group = np.array([index.get(key, -1) for key in every], np.int64)
    framed = rows.framed()
    made = TablePools(
        rules,
        {
            "confidence": rules.confidence,
            "by_area": Weight(weight) is Weight.AREA,
            "nonresponse": rules.nonresponse,
        },
        None if by is None else np.unique(every, return_inverse=True)[1],
    )
    pools = made.of(measure, rows, framed)

    def of(bases: Sequence[ShareEstimator]) -> PooledShares:
        return PooledShares.of(
            bases,
            [at for _, at in pools],
            np.where(rows.counted, group, -1),
            names,
            inference=Inference(inference),
            estimand=Estimand(estimand),
        )

    estimator = of([base if coders is None else replace(base, coders=coders) for base, _ in pools])
    drawn = framed.table.sampled.any()
    alone = of([base.without_answers() for base, _ in pools]) if drawn else estimator
    beside = int((~rows.counted).sum())
    if compare is not None:
        less = beside_machine(estimator.difference(0, 1), alone.difference(0, 1))
        less = framed.noted(less)
        return TableEstimate(measure, Inference(inference), (less,), Weight(weight), beside)
    both = zip(estimator.estimates(), alone.estimates(), strict=True)
    found = tuple(framed.noted(beside_machine(*pair)) for pair in both)
    return TableEstimate(measure, Inference(inference), found, Weight(weight), beside)


def _document(estimate: GroupEstimate | ShareDifference, weight: Weight) -> dict[str, Any]:
    document: dict[str, Any] = {
        "group": estimate.group,
        "value": rounded(estimate.value),
        "low": rounded(estimate.low),
        "high": rounded(estimate.high),
        "n": estimate.n,
        "editions": estimate.editions,
        "drawn": estimate.drawn,
        "picked": estimate.picked,
        "method": estimate.method,
        "refused": estimate.refused,
        "note": estimate.note,
        "provisional": estimate.provisional,
    }
    if isinstance(estimate, GroupEstimate):
        value, low, high = estimate.count or (None, None, None)
        document["count"] = {
            "value": rounded(value),
            "low": rounded(low),
            "high": rounded(high),
            "unit": "photos" if weight is Weight.COUNT else "area_share",
        }
    else:
        document["p_value"] = rounded(estimate.p_value)
    return document
