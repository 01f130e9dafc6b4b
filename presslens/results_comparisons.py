"""Results of ``import presslens`` about comparisons: the models of the API."""

# Written by `python -P -m presslens.lab.python_models`, from the description of the API.
from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field

from presslens.answers import ChangesResult, ComparisonResult, Record
from presslens.results_statistics import (
    CitedResult,
    EditionSelection,
    Estimand,
    EstimatedMetric,
    EstimateSource,
    Inference,
    Weight,
    Zone,
)


class ComparedGroup(EditionSelection):
    """A group of editions that is compared with another."""

    publication: str | None
    """Name of the newspaper, or an alias of it."""
    from_: dt.date | None = Field(alias="from")
    """Earliest day of the edition."""
    to: dt.date | None
    """Latest day of the edition."""
    editions: int
    """Number of its editions."""
    pages_seen: int
    """Pages of the editions that were analysed."""
    pages_expected: int
    """Pages of all editions that meet the criteria, superseded uploads aside."""


Correction = Literal["bonferroni", "holm", "bh"]
"""A correction of p-values for the number of comparisons."""


class MetricOfGroup(EstimatedMetric):
    """A metric of one of two groups of editions."""

    machine: float | None
    """The share by the machine alone, 0–1; the value of a plain metric."""
    editions: int
    """Number of editions where the metric is known."""


class MoreDraws(Record):
    """Photos to draw by chance, or pages to look through."""

    photos: int
    """Number of photos to draw and to review, beside those that are drawn."""
    pages: int
    """Number of pages to draw and to look through, in place of photos."""
    measure: str | None
    """The first measure; None of pages."""
    measures: list[str]
    """What coders are asked; the first makes the strata; none: of pages."""
    publication: str | None
    """Name of the newspaper, or an alias of it."""
    from_: dt.date | None = Field(alias="from")
    """Earliest day of the edition."""
    to: dt.date | None
    """Latest day of the edition."""
    page: Zone
    """The part of each edition."""
    weight: Weight
    """How a photo counts."""
    sample: str | None
    """Name of the sample that is made larger, or answered; None: another one is drawn beside
    it.
    """


class WhatHelps(Record):
    """What would tell a difference, if it is as large as it is estimated, or narrow an
    interval.
    """

    words: str
    draw: MoreDraws | None
    """None: drawing photos would not tell it."""
    foreseen: str | None
    """What the draw is foreseen to show, of which question."""
    within: float | None
    """Half the width of the interval then; None: a difference is told."""


Assumption = Literal["calibration", "prevalence", "coders", "missed_photos", "nonresponse"]
"""What a number rests on."""


class TippingPoint(Record):
    """How far an assumption must be off."""

    assumption: Assumption
    amount: float | None
    """How far, signed: above 0 means that there is more than was reckoned. In logits for
    calibration and prevalence, otherwise a share. None: the verdict stands however far.
    """
    searched_to: float
    """The largest amount that was tried."""
    left_open: float | None
    """Share of the photos that may have been missed by the interval of their number, 0–1,
    which that of a share leaves out; None where it is not told, or not asked.
    """
    words: str
    """The tipping point as a sentence."""


class TestedDifference(Record):
    """A difference of a metric, and its test."""

    interval: tuple[float, float] | None
    """(low, high), which holds for a whole family; None where there is no honest one."""
    unadjusted: tuple[float, float] | None
    """The interval of this metric or change alone."""
    p: float | None
    """Of the hypothesis that there is none, two-sided, for corrections for many comparisons;
    None where nothing was sampled, or without an interval.
    """
    p_corrected: float | None
    """For the family, 0–1; None where there is no p-value."""
    differs: bool
    """Whether the interval leaves 0 out; of what is counted, whether it is not the same."""
    method: str
    """How the interval was made."""
    refused: str | None
    """Why there is none, and what would help; None where there is one."""
    note: str | None
    """What else to know, as that a change of scans could make it; None for nothing."""
    provisional: bool
    """Whether it rests on a few drawn answers."""


class MetricDifference(TestedDifference):
    """A metric of both groups, and its difference, a less b."""

    metric: str
    """Name of the metric."""
    a: MetricOfGroup
    """The metric of the first group."""
    b: MetricOfGroup
    """The metric of the second group."""
    difference: float | None
    """The first less the second; None where one of them is unknown."""
    help: WhatHelps | None
    """What would tell a difference that is not told."""
    tipping: list[TippingPoint]
    """How far assumptions must be off until the difference of two shares falls. Nothing for
    plain metrics, and where the interval of the difference holds 0.
    """


class Comparison(ComparisonResult, CitedResult):
    """Two groups of editions, compared, with the address that gives it again."""

    source: EstimateSource
    """What the estimates were made of."""
    a: ComparedGroup
    """The first group of editions."""
    b: ComparedGroup
    """The second group."""
    estimand: Estimand
    """The share that is estimated over several editions."""
    inference: Inference
    """What differences are about: these editions, or practice."""
    correction: Correction
    """How the intervals of the family hold together."""
    correction_method: str
    """Name of the correction, and the error that it holds at the level."""
    level: float
    """The error rate of the family, 0–1."""
    interval_level: float | None
    """Level of each interval, 0–1."""
    family: int
    """Number of metrics with an interval: those that the intervals hold together for."""
    searched: int
    """Number of pairs of groups that this pair was chosen from, by its difference."""
    compared: int
    """Number of metrics that are known of both groups."""
    differ: int
    """Number of metrics that differ."""
    metrics: list[MetricDifference]
    """The metrics: both sides, and the difference with its interval."""


PeriodUnit = Literal["month", "edition"]
"""The length of a period."""


class Change(TestedDifference):
    """The editions before and after a day, and the difference of a metric between them."""

    date: dt.date
    """First day of the first period after it."""
    before: float | None
    """The metric before."""
    after: float | None
    """The metric after."""
    difference: float | None
    """The difference, after less before."""
    interval_level: float | None
    """Level of each interval, 0–1."""
    p_corrected: float | None
    """The p-value of no change, for all days that were candidates."""
    editions_before: int
    """Number of editions before."""
    editions_after: int
    """Number of editions after."""
    periods_before: int
    """Number of periods before."""
    periods_after: int
    """Number of periods after."""
    compare: dict[str, str | int]
    """The parameters that ask for the comparison of the two groups."""
    help: WhatHelps | None
    """What would tell a change that is not shown."""


class PeriodValue(Record):
    """A period and its value."""

    from_: dt.date = Field(alias="from")
    """Its first day."""
    value: float
    editions: int
    """Number of its editions."""


class ShortPeriod(Record):
    """A period that has too few editions."""

    from_: dt.date = Field(alias="from")
    """Its first day."""
    editions: int
    """Number of its editions."""


class Changes(ChangesResult, CitedResult, EditionSelection):
    """The change points of a metric, with the address that gives it again."""

    metric: str
    estimand: str
    """The share that is estimated over several editions."""
    inference: Inference
    """What the differences are about: the newspaper's practice."""
    by: PeriodUnit
    """The length of a period."""
    publication: str | None
    """The newspaper."""
    editions: int
    """Number of editions."""
    pages_seen: int
    """Pages of the editions that were analysed."""
    pages_expected: int
    """Pages of all editions that meet the criteria, superseded uploads aside."""
    method: str
    """The method of the search, or the reason for none."""
    noise: float | None
    """Standard deviation of a period about its level, in the metric's unit."""
    autocorrelation: float | None
    """Of neighbouring periods about their level, -1 to 1. Where it stays well above 0 the
    series drifts, and some changes may be drift; None for too few periods.
    """
    level: float
    """The error rate of all candidates together, 0–1."""
    searched: int
    """Number of periods that were candidates."""
    refused: str | None
    """Why the metric is not offered; None where it is."""
    changes: list[Change]
    """The changes that are shown, in the order of time."""
    undecided: list[Change]
    """Candidates that are not shown, in the order of time."""
    periods: list[PeriodValue]
    """The periods with their values."""
    excluded: list[ShortPeriod]
    """Periods that have too few editions."""
    excluded_count: int
    """Number of such periods."""
