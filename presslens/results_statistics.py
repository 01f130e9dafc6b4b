"""Results of ``import presslens`` about statistics: the models of the API."""

# Written by `python -P -m presslens.lab.python_models`, from the description of the API.
from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from pydantic import Field

from presslens.answers import ApiResult, NamesResult, Record, StatisticResult, TrendResult
from presslens.results_compositions import ShareCount, ValidityState

Zone = Literal["all", "front", "inside", "above_fold", "lead"]
"""A part of an edition whose photos are counted."""

Weight = Literal["count", "area"]
"""The weight of a photo: 1, or its printed area in pages."""

Estimand = Literal["share_of_photos", "mean_edition_share"]
"""The share that is estimated over several editions."""

Inference = Literal["these", "practice"]
"""What an interval is about: these very editions, or the practice that they are examples of."""


class MetricNames(NamesResult):
    """The names that requests may use."""

    plain: dict[str, str]
    """What each plain metric means."""
    shares: list[str]
    """The measures whose share is taken."""
    named: list[str]
    """Measures that name a figure or a label."""
    zones: list[Zone]
    """Parts of editions."""
    weights: list[Weight]
    """How photos weigh."""
    estimands: list[Estimand]
    """Which share of several editions is meant."""
    inferences: list[Inference]
    """What an interval is about."""


class EstimateSource(Record):
    """What estimates were made of, beside their recipe."""

    estimator: str
    """Version of the estimator."""
    reviews_as_of: dt.datetime | None
    """Time of the latest review, or of the latest withdrawal; None without any."""
    samples: dict[str, dict[str, Any]]
    """The validation sample of each measure that has one, by measure."""


GroupBy = Literal["none", "edition", "week", "month", "year", "weekday", "publication", "pages"]
"""The property by which editions are grouped."""


class Validity(Record):
    """The validity of a measure in a newspaper."""

    measure: str
    """A measure, or a plain metric."""
    state: ValidityState
    offered: bool
    """Whether numbers that rest on the machine's readings are shown."""
    answers: int
    """Photos of the newspaper that people answered for it."""
    drawn: int
    """Those of them that were drawn by chance: they tell of the others."""
    wanted: int
    """Further answers for photos drawn by chance that would tell; 0: what there is tells, or
    there are no photos.
    """
    agreement: float | None
    """Kappa of the machine with people, at most 1; None where it is not defined, or nobody
    answered.
    """
    interval: tuple[float, float] | None
    """Its ends; None where it is not defined."""
    reason: str
    """What it rests on, and what to do next."""


class EstimatedMetric(Record):
    """The estimate of a metric."""

    value: float | None
    """The estimate; None where there is nothing to measure, without photos for instance."""
    interval: tuple[float, float] | None
    """(low, high); None for numbers that are counted and not estimated."""
    count: ShareCount | None
    """The numerator of a share with its interval and unit; None for plain metrics."""
    method: str
    """The method of the interval, or the reason for none."""
    refused: str | None
    """A sentence that says why there is no honest interval; None: nothing is refused."""
    provisional: bool
    """It rests on a few drawn answers."""
    validity: str | None
    """Whether the machine is worth anything here: valid, to be checked, or not valid here;
    None of numbers that nobody checks.
    """


class Group(EstimatedMetric):
    """Some editions, and the metric estimated for them."""

    group: str
    """The common property, the month "2025-12" for instance."""
    note: str | None
    """What else to know; None for nothing."""
    n: int | None
    """The denominator of a share, the photos that it is of; of means over photos some of which
    are left out, those that are not; None for other plain metrics.
    """
    numerator: float | None
    """The numerator of the share, in photos or pages of area: with the denominator it makes
    the share of photos; the sum of a plain metric.
    """
    denominator: float | None
    """All photos, or their area; None for a plain metric."""
    decided: float | None
    """Photos, or their area, that are taken to show it, by people or else the machine; None
    for a plain one.
    """
    decided_note: str | None
    """Why more or fewer are taken to show it than the share says."""
    machine: float | None
    """The share by the machine alone, 0–1; the value of a plain metric."""
    settled: int
    """Photos with a consensus of the coders."""
    drawn: int
    """Photos that were drawn by chance and answered."""
    picked: int
    """Photos that were answered although nobody drew them."""
    editions: int
    """Number of editions."""
    pages: int
    """All pages of the editions."""
    pages_seen: int
    """Pages that were analysed."""
    coverage: float | None
    """Share of the pages that were analysed, 0–1."""
    edition: int | None = None
    publication: str | None = None
    date: dt.date | None = None


class ExcludedEdition(Record):
    """An edition that a statistic excludes.

    ``reason``: "superseded" by another upload of the same day, which counts in its place;
    "waiting" until all its pages are analysed; "incomplete" when too few of them could be
    analysed.
    """

    edition: int
    """Id of the edition."""
    publication: str
    """Its newspaper."""
    date: dt.date
    """Its day."""
    pages: int
    """Number of its pages."""
    reason: str
    """Superseded, waiting or incomplete."""


class TimelineEvent(Record):
    """An event on a timeline."""

    date: dt.date
    """Its day."""
    title: str
    """Its name."""
    place: str | None
    """Where it was; None: not known."""


class CitedResult(Record):
    """A result with the address that gives it again."""

    schema_: int = Field(alias="schema")
    """The version of the JSON contract."""
    recipe: str
    """The recipe's id."""
    permalink: str
    """The address of the result."""


class EditionSelection(Record):
    """The coverage of the selected editions, and the editions that are left out."""

    coverage: float | None
    """Share of the pages that were analysed, 0–1."""
    left_out: list[ExcludedEdition]
    """The first editions that are left out."""
    left_out_count: int
    """Number of editions that are left out."""


class Statistic(StatisticResult, CitedResult, EditionSelection):
    """A metric of editions in groups, with the address that gives it again."""

    source: EstimateSource
    """What the estimates were made of."""
    metric: str
    zone: Zone
    weight: Weight
    estimand: str
    """The share that is estimated over several editions; of a plain metric their mean."""
    inference: Inference
    """What intervals are about: these editions, or practice."""
    by: GroupBy
    """The property of the groups."""
    editions: int
    """Number of editions."""
    pages_seen: int
    """Pages of the editions that were analysed."""
    pages_expected: int
    """Pages of all editions that meet the criteria, superseded uploads aside."""
    validity: dict[str, Validity]
    """Whether the machine is worth anything, by newspaper."""
    groups: list[Group]
    """In order of their keys; weekdays from Monday on."""
    events: list[TimelineEvent]
    """Events of these days."""


class Coefficient(Record):
    """A coefficient with its interval."""

    name: str
    """Its column."""
    value: float
    """Change of the share, 0-1, or of its log odds, for one more of the column."""
    error: float
    """Standard error."""
    low: float
    """Lower end of the interval."""
    high: float
    """Upper end of the interval."""
    p_value: float
    """Two-sided, of the hypothesis that the coefficient is 0."""


class TrendPoint(Record):
    """A point of the line of a trend."""

    date: dt.date
    value: float
    """A share, 0–1, or a number; the line is straight, and may leave 0–1."""


class Trend(TrendResult, CitedResult):
    """The trend of a metric, with the address that gives it again."""

    metric: str
    publication: str
    """The newspaper."""
    from_: dt.date = Field(alias="from")
    """Day of the first edition."""
    to: dt.date
    """Day of the last one."""
    break_: dt.date | None = Field(alias="break")
    """The first day of after; None: a trend alone."""
    editions: int
    """Editions with photos."""
    drawn: int
    """Photos that were drawn and labelled."""
    coefficients: list[Coefficient]
    """The level at the start or on the day, and the changes in a year, with intervals."""
    line: list[TrendPoint]
    """The line on the first and the last day; the day of a break stands twice, before it."""
    method: str
    """How the intervals were made, in a sentence."""
    refused: str | None
    """Why there is no honest interval, and what would help; None where there is one."""


Model = Literal["linear", "logit"]
"""What the columns of a regression add up to."""


class TableRegression(ApiResult):
    """A regression of a table."""

    measure: str
    """What ``probability`` and ``label`` are about."""
    inference: Inference = Field(alias="estimand")
    """About these editions, or about practice."""
    model: Model
    """Linear or logit."""
    coefficients: list[Coefficient]
    """The coefficients, the intercept first; none where refused."""
    reference: dict[str, str]
    """What the intercept is of: the first day, or the category that has no column."""
    n: int
    """Photos."""
    editions: int
    """Editions with photos."""
    drawn: int
    """Photos that were drawn and labelled."""
    picked: int
    """Photos that were labelled and not drawn."""
    method: str
    """How the intervals were made, in a sentence."""
    refused: str | None
    """Why there is no honest interval, and what would help; None where there is one."""
