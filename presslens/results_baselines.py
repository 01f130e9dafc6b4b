"""Results of ``import presslens`` about baselines: the models of the API."""

# Written by `python -P -m presslens.lab.python_models`, from the description of the API.
from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field

from presslens.answers import BaselineResult, Record
from presslens.results_compositions import Focus
from presslens.results_statistics import EstimatedMetric


class Unusual(Record):
    """A number of an edition that is unlike the baseline's."""

    metric: str
    """The metric, or ``FRONT_LEAD``."""
    kind: str
    """A ``Flag``, or ``RARE``."""
    reason: str
    """The reason in words."""
    value: float | None
    """The number as it is served; None of ``FRONT_LEAD``."""
    usual: float | None
    """The median of the baseline; None of ``FRONT_LEAD``."""
    compared: float | None
    """The number that is compared with the usual, where it is not ``value``: without answers."""


class DatedEdition(Record):
    """An edition, and its day."""

    edition: int
    """Its id."""
    date: dt.date


class AnniversaryEditions(Record):
    """Events of the same day of other years, and the editions then."""

    titles: list[str]
    editions: list[DatedEdition]


Flag = Literal["extreme", "outlier", "first_change"]
"""The reason why a number is unusual: beyond all others, far off, or no longer constant."""

Basis = Literal["counted", "machine", "reviewed", "corrected"]
"""What is compared."""


class StandingTrend(Record):
    """The trend of a metric that was taken out."""

    slope_a_month: float
    """Change of the metric in a month."""
    p: float
    """Of no trend, 0–1."""


class FalseFlags(Record):
    """How often editions of the baseline would be flagged against the others."""

    flagged: int
    """Number of editions that would be flagged."""
    of: int
    """Number of editions of the baseline with the metric."""


class DetectableValues(Record):
    """From which values on an edition would be flagged."""

    power: float
    """With which they would be flagged, 0–1."""
    below: float | None
    """Lower values would be flagged; None: none would."""
    above: float | None
    """Higher values would be flagged; None: none would."""


class YearlyValues(Record):
    """The values of a metric on the same day of other years."""

    n: int
    """Number of other years' editions."""
    median: float
    """In the metric's unit, like its ends."""
    lowest: float
    """The lowest of them."""
    highest: float
    """The highest of them."""


class MetricStanding(EstimatedMetric):
    """A metric of an edition beside what is usual."""

    metric: str
    """Name of the metric."""
    n: int | None
    """The denominator of a share, the photos that it is of; of means over photos some of which
    are left out, those that are not; None for other plain metrics.
    """
    usual: float | None
    """The median of the baseline, without its trend; None if no edition has the metric."""
    q1: float | None = None
    """The lower quartile of the baseline."""
    q3: float | None = None
    """The upper quartile of the baseline."""
    p10: float | None = None
    """The lowest tenth of the baseline ends here."""
    p90: float | None = None
    """The highest tenth of the baseline begins here."""
    lowest: float | None = None
    """The lowest value of the baseline."""
    highest: float | None = None
    """The highest value of the baseline."""
    baseline_n: int
    """Number of editions of the baseline that have the metric."""
    z_method: str | None = None
    """The estimator of the scale."""
    rank: int | None
    """Rank among the baseline and the edition, 1 is the highest; ties share the best."""
    ties: int | None
    """Number of editions of the baseline with the same value."""
    as_high: float | None
    """Share of the baseline that is as high or higher, 0–1."""
    z: float | None
    """Robust z; None when all of the baseline is the same."""
    flag: Flag | None
    """The reason why it is unusual; None when it is not."""
    undecided: bool
    """The estimate is far out, but its interval reaches back."""
    last_editions_ago: int | None
    """Number of editions since one was as far out; None when no previous edition was, or when
    the value equals the median.
    """
    words: str
    """The standing in words."""
    basis: Basis
    """What is compared."""
    compared_value: float | None
    """The estimate; None where there is nothing to measure, without photos for instance."""
    deciding_interval: tuple[float, float] | None
    """The interval that decides on a flag, where another one is served."""
    trend: StandingTrend | None
    """The trend that was taken out; None where there is none to speak of."""
    false_flags: FalseFlags
    """How often editions of the baseline would be flagged against the others."""
    detectable: DetectableValues | None
    """From which values on an edition would be flagged; None where nothing would."""
    anniversary: YearlyValues | None
    """The values on the same day of other years; None without any."""


class LeadStanding(Record):
    """The focus of the lead of the front page, and what is usual."""

    verdict: Focus | None
    """None without a photo on the front page."""
    usual: Focus | None
    """The commonest verdict of the baseline; None if it has none."""
    counts: dict[str, int]
    """Editions of the baseline by verdict."""
    flag: bool
    """The verdict is rare."""
    last_editions_ago: int | None
    """Editions since the same verdict; None: never before."""
    words: str


MatchCriterion = Literal["pages", "weekday"]
"""A property in which a previous edition must equal the edition of a baseline."""


class FlagLevels(Record):
    """From where on something is flagged."""

    level: float
    """Error rate of a flag, 0–1."""
    rare: float
    """Share of a rare verdict, 0–1."""


class UnusedEdition(Record):
    """A previous edition that nothing is compared with, and the reason."""

    edition: int
    """Its id."""
    date: dt.date
    reason: str


class BaselineEditions(Record):
    """The editions that an edition is compared with."""

    n: int
    """Number of them."""
    asked: int
    """How many were asked for."""
    match: list[MatchCriterion]
    """In what they are like it."""
    least: int
    """With fewer nothing is flagged."""
    enough: bool
    rules: FlagLevels
    editions: list[DatedEdition]
    excluded: list[UnusedEdition]
    """The first that are not used."""
    excluded_count: int
    missing: list[dt.date]
    """The first days without an edition."""
    missing_count: int
    weekdays: list[int]
    """On which the newspaper appears, 1 is Monday."""


class Baseline(BaselineResult):
    """An edition beside what is usual, with the address that gives it again."""

    schema_: int = Field(alias="schema")
    """The version of the JSON contract."""
    recipe: str
    edition: int
    publication: str
    """Name of the newspaper."""
    date: dt.date
    """Day of the edition."""
    pages: int
    pages_seen: int
    """Pages of these that were analysed."""
    coverage: float | None
    """Share of the pages that were analysed, 0–1."""
    flags: list[Unusual]
    """What is unusual about the edition."""
    note: str | None
    """Why a claim may say less than a flag; None where no flag leaves an error out."""
    extremes_by_chance: float
    """Largest number of metrics that chance alone would put beyond all of the baseline. If the
    edition is like any of the n others, it is the highest in one of n + 1 cases and the
    lowest in one; ties make it fewer, trends more.
    """
    false_flag_share: float | None
    """Share of the baseline's editions that would have a flagged metric, 0–1. Each is compared
    with the others. None where nothing can be flagged.
    """
    anniversary: AnniversaryEditions
    """Events of the same day of other years, and the editions then."""
    metrics: list[MetricStanding]
    """The metrics, each beside what is usual."""
    front_lead: LeadStanding
    """The focus of the lead of the front page, and what is usual."""
    baseline: BaselineEditions
    """The editions that it is compared with."""
    permalink: str
    """The address of the result."""
