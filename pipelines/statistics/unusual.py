"""What is unusual in each of many editions of a newspaper, by a baseline of each.

A baseline fits a trend to sixty numbers of each metric; of thousands of editions few have anything
to flag. So all of them are sifted at once, by arrays, with and without the trend: what passes is
compared as one edition is (``pipelines.statistics.baseline.stand``), and no flag is made otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from presslens.pipelines.result import Rounded, Served
from presslens.pipelines.statistics.baseline import (
    Baseline,
    LeadFocusStanding,
    Standing,
    compare_lead,
    possible_values,
    stand,
)
from presslens.pipelines.statistics.explanations import lead_in_words, standing_in_words
from presslens.pipelines.statistics.flags import BaselineRules
from presslens.pipelines.statistics.forecast import slope_of, unforetold
from presslens.pipelines.statistics.like_with_like import Basis, Comparable, Readings
from presslens.pipelines.statistics.metrics import EditionMetrics, Metric
from presslens.pipelines.statistics.photo_table import Mask, Numbers
from presslens.pipelines.statistics.reference_editions import ReferenceEditions

FRONT_LEAD = "front_lead_focus"
"""The name of what the front page's lead photo is composed around, among metrics."""

RARE = "rare"
"""The kind of the flag of what the front page leads with."""

SLACK = 1e-6
"""Part of the rule's level by which that of sifting is larger."""

PAGES = Metric("pages")


@dataclass(frozen=True, slots=True)
class Unusual(Served):
    """A number of an edition that is unlike the baseline's."""

    metric: str  # the metric, or ``FRONT_LEAD``
    kind: str  # a ``Flag``, or ``RARE``
    reason: str  # the reason in words
    value: Rounded | None = None  # the number as it is served; None of ``FRONT_LEAD``
    usual: Rounded | None = None  # the median of the baseline; None of ``FRONT_LEAD``
    # The number that is compared with the usual, where it is not ``value``: without answers.
    compared: Rounded | None = None


def unusual_in(baseline: Baseline) -> tuple[Unusual, ...]:
    """Return what is unusual in an edition: what its front page leads with, then its metrics."""
    flags = (_if_flagged(standing, baseline) for standing in baseline.standings)
    return (*_lead(baseline.front_lead), *(one for one in flags if one is not None))


def unusual_numbers(
    editions: Sequence[EditionMetrics], readings: Readings, rules: BaselineRules
) -> dict[int, tuple[Unusual, ...]]:
    """Return what is unusual in each edition, by id: the flags of its baseline, in their order.

    Args:
        editions: All complete editions of a newspaper, one an issue, with the same metrics.
        readings: What is known of their shares beside the estimates.
        rules: The rules of the baselines; editions are matched by nothing.
    """
    ordered = sorted(editions, key=lambda one: (one.date, one.id))
    previous = [*_previous(ordered, rules.n)]
    flags: list[dict[str, Unusual]] = [{} for _ in ordered]
    for metric in ordered[0].metrics if ordered else ():
        for i in np.flatnonzero(_sifted(metric, ordered, previous, readings, rules)).tolist():
            flag = _flag(metric, ordered[i], previous[i], readings, rules)
            if flag is not None:
                flags[i][flag.metric] = flag
    return {
        one.id: (*_lead(compare_lead(one, before, rules)), *own.values())
        for one, before, own in zip(ordered, previous, flags, strict=True)
    }


def _previous(ordered: Sequence[EditionMetrics], n: int) -> Iterator[ReferenceEditions]:
    """Yield the reference editions of each edition; what is left out of them is not listed."""
    before: list[EditionMetrics] = []
    whole: list[EditionMetrics] = []
    for _, of_day in groupby(ordered, key=lambda one: one.date):
        day = list(of_day)
        # The issues of one day are compared with the days before, not with one another.
        earlier = ReferenceEditions(tuple(whole[::-1][:n]), tuple(before[::-1]), (), (), ())
        yield from (earlier for _ in day)
        before += day
        whole += [one for one in day if one.pages_seen == one.pages]


def _lead(lead: LeadFocusStanding) -> Iterator[Unusual]:
    if lead.flagged:
        yield Unusual(FRONT_LEAD, RARE, lead_in_words(lead))


def _flag(
    metric: Metric,
    edition: EditionMetrics,
    previous: ReferenceEditions,
    readings: Readings,
    rules: BaselineRules,
) -> Unusual | None:
    if metric != PAGES and previous.used:
        # A baseline knows the pages of all that came before, and the rest since its first edition.
        start = previous.used[-1].date
        within = tuple(one for one in previous.earlier if one.date >= start)
        previous = ReferenceEditions(previous.used, within, (), (), ())
    standing = stand(metric, edition, previous, rules, readings, power=False)
    lead = compare_lead(edition, previous, rules)
    return _if_flagged(standing, Baseline(edition, rules, previous, (standing,), lead))


def _if_flagged(standing: Standing, baseline: Baseline) -> Unusual | None:
    if standing.flag is None or standing.usual is None:
        return None
    reason = standing_in_words(standing, baseline)
    value, usual = standing.estimate.value, standing.usual.median
    apart = standing.compared.value if standing.is_apart else None
    return Unusual(str(standing.metric), standing.flag.value, reason, value, usual, apart)


# -- sifting -------------------------------------------------------------------------------------


def _sifted(
    metric: Metric,
    editions: Sequence[EditionMetrics],
    previous: Sequence[ReferenceEditions],
    readings: Readings,
    rules: BaselineRules,
) -> Mask:
    """Return for each edition whether a metric may be flagged, shape (e,)."""
    of_metric = [readings.get(one.id, {}).get(metric) for one in editions]
    basis = Basis.MACHINE if metric.is_share else Basis.COUNTED
    if any(one is not None and (one.sampled or one.reviewed) for one in of_metric):
        return np.array([len(before.used) >= rules.least for before in previous], bool)
    compared = Comparable(basis, editions[0].metrics[metric], (), readings)
    numbers = [compared.of(metric, one) for one in editions]
    values = np.array([np.nan if n is None or n.value is None else n.value for n in numbers])
    ends = np.array(
        [
            (n is not None and compared.interval(metric, one, n)) or (value, value)
            for one, n, value in zip(editions, numbers, values.tolist(), strict=True)
        ]
    )
    place = {one.id: i for i, one in enumerate(editions)}
    days = np.array([one.date.toordinal() for one in editions])
    candidates = np.zeros(len(editions), bool)
    by_size: dict[int, list[int]] = {}
    for i, before in enumerate(previous):
        if len(before.used) >= rules.least and not np.isnan(values[i]):
            by_size.setdefault(len(before.used), []).append(i)
    for members in by_size.values():
        rows = np.array(members)
        used = np.array([[place[one.id] for one in previous[i].used] for i in members])
        window = values[used]
        lacking = np.isnan(window).any(axis=1)
        candidates[rows[lacking]] = True
        rows, used, window = rows[~lacking], used[~lacking], window[~lacking]
        ago = (days[rows][:, None] - days[used]).astype(float)
        low, high = possible_values(metric)
        moved = np.clip(window + slope_of(-ago, window)[:, None] * ago, low, high)
        for shown in (window, moved):
            candidates[rows] |= _may_be_flagged(shown, ago, ends[rows], rules)
    return candidates


def _may_be_flagged(
    values: Numbers, ago: Numbers, ends: Numbers, rules: BaselineRules
) -> NDArray[np.bool_]:
    """Return where the near end of an interval may be flagged; see ``flags.flag_of``.

    Args:
        values: Of the reference editions of each edition, newest first, shape (r, n).
        ago: Days since them, shape (r, n).
        ends: The ends of the interval of each, shape (r, 2).
        rules: The limits of flags.
    """
    median = np.median(values, axis=1)
    near = np.clip(median, ends[:, 0], ends[:, 1])
    little = SLACK * np.maximum(1.0, np.abs(near))
    above = (values >= (near + little)[:, None]).sum(axis=1)
    below = (values <= (near - little)[:, None]).sum(axis=1)
    may = np.where(near > median, above, below) < rules.rare * values.shape[1]
    may &= near != median
    if may.any():
        series = np.concatenate([values[may, ::-1], values[may, :1]], axis=1)
        days = np.concatenate([-ago[may, ::-1], np.zeros((int(may.sum()), 1))], axis=1)
        last = np.full(len(series), values.shape[1])
        may[may] = unforetold(near[may], series, days, last, rules.level * (1 + SLACK))
    return np.asarray(may)
