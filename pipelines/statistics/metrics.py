"""The metrics of an edition: the numbers that baselines and claims use."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import PlainSerializer

from presslens.models.message import Message
from presslens.models.vocabulary import Focus
from presslens.pipelines.result import Interval, Rounded, Served
from presslens.pipelines.statistics.measure import Weight, Zone, is_measure
from presslens.pipelines.statistics.plain import PLAIN
from presslens.pipelines.statistics.share_estimate import GroupEstimate
from presslens.pipelines.statistics.validity import Validity

_METRIC = re.compile(r"(?P<name>[^@/]+)(@(?P<zone>\w+))?(/(?P<weight>\w+))?")


@dataclass(frozen=True, slots=True)
class Metric:
    """A plain metric, or the share of a measure in a zone, by count or area.

    Written ``pages``, ``children``, ``children@front``, ``children@all/area``.
    """

    name: str
    zone: Zone = Zone.ALL
    weight: Weight = Weight.COUNT

    @classmethod
    def parse(cls, text: str) -> Metric:
        """Parse the text of a metric.

        Raises:
            ValueError: The text names no metric; the message says why.
        """
        match = _METRIC.fullmatch(text.strip())
        name = match["name"] if match else ""
        if match is None or not (name in PLAIN or is_measure(name)):
            raise ValueError(Message("there is no metric %(name)r", name=text))
        if name in PLAIN and (match["zone"] or match["weight"]):
            raise ValueError(
                Message("%(name)s is of whole editions: it has no zone and no weight", name=name)
            )
        try:
            return cls(name, Zone(match["zone"] or "all"), Weight(match["weight"] or "count"))
        except ValueError as error:
            raise ValueError(f"{text!r}: {error}") from error

    @property
    def is_share(self) -> bool:
        """Whether the metric is a share of photos, 0–1, with an interval."""
        return self.name not in PLAIN

    @property
    def is_part(self) -> bool:
        """Whether the metric is a part of a whole, 0–1, which readers see in percent."""
        return self.is_share or PLAIN[self.name].in_percent

    def __str__(self) -> str:
        zone = "" if self.zone is Zone.ALL else f"@{self.zone}"
        return f"{self.name}{zone}" + ("/area" if self.weight is Weight.AREA else "")


NamedMetric = Annotated[Metric, PlainSerializer(str, return_type=str)]
"""A metric, served as its text."""


@dataclass(frozen=True, slots=True)
class ShareCount(Served):
    """How many photos, or pages of area, show a measure, with the ends of the interval."""

    value: Rounded | None  # None where it is not known
    low: Rounded | None  # lower end of its interval
    high: Rounded | None  # upper end of its interval
    unit: str  # photos, or pages of area

    @classmethod
    def of(
        cls, count: tuple[float | None, float | None, float | None], weight: Weight
    ) -> ShareCount:
        """Return a count, and its ends, of photos or of their area."""
        return cls(*count, "photos" if weight is Weight.COUNT else "pages")


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its interval."""

    # The estimate; None where there is nothing to measure, without photos for instance.
    value: Rounded | None
    # (low, high); None for numbers that are counted and not estimated.
    interval: Interval | None = None
    # The denominator of a share, the photos that it is of; of means over photos some of which are
    # left out, those that are not; None for other plain metrics.
    n: int | None = None
    method: str = ""  # the method of the interval, or the reason for none
    # A sentence that says why there is no honest interval; None: nothing is refused.
    refused: str | None = None
    # Numerator of a share, in photos or pages of area, and the ends of its interval; None for plain
    # metrics.
    count: tuple[float, float | None, float | None] | None = None
    drawn: int = 0  # photos that were drawn by chance and answered
    picked: int = 0  # photos that were answered although nobody drew them
    note: str | None = None  # what else to know; None for nothing
    provisional: bool = False  # it rests on a few drawn answers
    unanswered: tuple[float, float] | None = None  # as of ``GroupEstimate``
    widest: Interval | None = None  # as of ``GroupEstimate``: too wide an interval to be stated
    # Whether the machine is worth anything here: valid, to be checked, or not valid here; None of
    # numbers that nobody checks.
    validity: str | None = None

    @classmethod
    def of_group(cls, group: GroupEstimate) -> Estimate:
        """Return the estimate of a group of photos."""
        return cls(
            value=group.value,
            interval=group.interval,
            n=group.n,
            method=group.method,
            refused=group.refused,
            count=group.count,
            drawn=group.drawn,
            picked=group.picked,
            note=group.note,
            provisional=group.provisional,
            unanswered=group.unanswered,
            widest=group.widest,
        )

    @property
    def by_people(self) -> bool:
        """Whether people answered for all photos of a share, so that it needs no machine."""
        return self.drawn + self.picked >= (self.n or 0)

    @property
    def bounds(self) -> tuple[float, float] | None:
        """The ends of the interval, also of one that is too wide to be stated."""
        return self.interval or self.widest


@dataclass(frozen=True, slots=True)
class EditionMetrics:
    """The metrics of a complete edition under one recipe, with its reviews."""

    id: int
    publication: str  # name of the newspaper
    date: date  # day of the edition
    pages: int
    pages_seen: int  # pages of these that were analysed
    # Focus of the largest photo of its front page; None without a photo.
    front_lead_focus: Focus | None
    metrics: Mapping[Metric, Estimate]  # the estimate of each metric
    issue: int = 1  # tells the editions of one day apart, from 1
    # What such readings are worth in the newspaper; None where people have settled that photo.
    front_lead_validity: Validity | None = None

    @property
    def front_lead_note(self) -> Message | None:
        """What is said beside that focus; None of nothing."""
        if self.front_lead_focus is None or self.front_lead_validity is None:
            return None
        return self.front_lead_validity.beside_one
