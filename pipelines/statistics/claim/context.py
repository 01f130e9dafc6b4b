"""The context of a claim: its editions, the editions before them, and days without one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from presslens.models.message import Message, join_messages
from presslens.pipelines.statistics.comparison import Difference
from presslens.pipelines.statistics.measure import Inference
from presslens.pipelines.statistics.metrics import EditionMetrics, Estimate, Metric

LEVEL = 0.05
"""Largest probability that a verdict is wrong, unless another one is asked for."""

MOST_PHOTOS = 4_000
"""Number of photos that no page has room for: photos whose sides are 2.5 % of its width, side by
side, on a page two and a half times as high as it is wide."""

MOST_SPANS = 3
"""Largest number of spans of days that a sentence lists."""

DAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")


@dataclass(frozen=True, slots=True)
class StrictEstimates:
    """The shares of the same editions at a stricter level than the usual one.

    Tails differ from estimator to estimator, so that tests of many editions take their intervals
    from here, and not from those of 95 %.
    """

    confidence: float  # level of their intervals, 0.999 for instance
    editions: Mapping[int, Mapping[Metric, Estimate]]  # the estimates, by the id of the edition


@dataclass(frozen=True, slots=True)
class PeriodEstimates:
    """Metrics of several editions together, as statistics of their period estimate them."""

    means: Mapping[Metric, Estimate] = field(default_factory=dict)  # means over the editions
    # Shares of all their photos.
    of_photos: Mapping[Metric, Estimate] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ClaimContext:
    """The editions, and what else is known, that a claim is evaluated on."""

    publication: str  # name of the newspaper
    first: date  # first day that the claim is about
    last: date  # last day
    editions: Sequence[EditionMetrics]  # metrics of the editions of these days, by date
    # Metrics of editions before the first day, which define the usual values.
    baseline: Sequence[EditionMetrics] = ()
    usual_pages: float | None = None  # usual number of pages of the newspaper; None: not known
    # Days with an unusable edition, and the reason: "it is not analysed yet".
    unusable: Mapping[date, str] = field(default_factory=dict)
    # Metrics, and ``front.lead.focus``, that no edition has, and the reason: "no leader is
    # enrolled".
    unmeasured: Mapping[str, str] = field(default_factory=dict)
    # Whether the front page of an edition was analysed, by its id; an edition that is not here had
    # it analysed if all its pages were.
    front_seen: Mapping[int, bool] = field(default_factory=dict)
    # The metrics of single pages, by the id of the edition and the number of the page; None for a
    # page that was not analysed.
    on_pages: Mapping[int, Mapping[int, Mapping[Metric, Estimate] | None]] = field(
        default_factory=dict
    )
    most_photos: int = MOST_PHOTOS  # largest number of photos that a page has room for
    level: float = LEVEL  # largest probability that a verdict is wrong, 0–1
    confidence: float = 1.0 - LEVEL  # level of the intervals of the estimates, 0–1
    estimand: Inference = Inference.THESE  # the editions that the claim is about
    # The shares at a stricter level; None: they follow from the usual ones.
    strict: StrictEstimates | None = None
    # The editions together, about what the claim is about: a number that is not here is bounded by
    # those of the single editions.
    period: PeriodEstimates = PeriodEstimates()
    before: PeriodEstimates = PeriodEstimates()  # the editions before, together
    # Means over the editions less those over the editions before, in which shared errors cancel.
    differences: Mapping[Metric, Difference] = field(default_factory=dict)
    # Weekdays on which the newspaper appears, Monday is 1 and Sunday 7; empty: not known.
    weekdays: Collection[int] = ()
    usual_pages_entered: bool = True  # somebody has entered it; else the editions before tell it

    @property
    def days(self) -> int:
        """Number of days that the claim is about."""
        return (self.last - self.first).days + 1

    def off_days(self) -> set[int]:
        """Return the weekdays, 0 to 6, on which the newspaper does not appear."""
        return set(range(7)) - {day - 1 for day in self.weekdays} if self.weekdays else set()

    def missing(self) -> list[date]:
        """Return the days whose edition would have appeared but is missing or unusable."""
        dates, off = {edition.date for edition in self.editions}, self.off_days()
        days = (self.first + timedelta(days=i) for i in range(self.days))
        return [day for day in days if day not in dates and day.weekday() not in off]

    def gaps(self, missing: Sequence[date]) -> list[str]:
        """Return a sentence for each reason why days have no usable edition."""
        sentences: list[str] = []
        absent = [day for day in missing if day not in self.unusable]
        if absent:
            sentences.append(
                Message(
                    "no edition of %(publication)s on %(days)s",
                    publication=self.publication,
                    days=_spans(absent),
                )
            )
        for reason in dict.fromkeys(self.unusable[d] for d in missing if d in self.unusable):
            days = [day for day in missing if self.unusable.get(day) == reason]
            sentences.append(
                Message(
                    "edition of %(publication)s of %(days)s: %(reason)s",
                    publication=self.publication,
                    days=_spans(days),
                    reason=reason,
                )
            )
        off = self.off_days()
        if off:
            names = join_messages([Message(DAYS[i]) for i in sorted(off)], ", ")
            sentences.append(
                Message(
                    "it is assumed that %(publication)s does not appear on %(days)s",
                    publication=self.publication,
                    days=names,
                )
            )
        return sentences


def _spans(days: Sequence[date]) -> str:
    """Return days in words; days that follow each other are one span."""
    spans: list[list[date]] = []
    for day in sorted(days):
        if spans and day - spans[-1][-1] == timedelta(days=1):
            spans[-1][1:] = [day]
        else:
            spans.append([day])
    shown: list[str] = [_span(span) for span in spans[:MOST_SPANS]]
    if len(spans) > MOST_SPANS:
        shown.append(Message("others"))
    text = join_messages(shown, ", ")
    return Message("%(spans)s (%(n)s days)", spans=text, n=len(days)) if len(days) > 1 else text


def _span(days: Sequence[date]) -> str:
    if len(days) == 1:
        return str(days[0])
    return Message("%(first)s to %(last)s", first=str(days[0]), last=str(days[-1]))
