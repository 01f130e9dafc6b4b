"""A metric of editions in groups, and how it is served."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from app.services.statistics.selection import LeftOut, StatEdition, Wanted
from pipelines.document import SCHEMA
from pipelines.statistics.composition import rounded
from pipelines.statistics.measure import Estimand
from pipelines.statistics.metrics import Estimate, Metric

ADDRESS = "/api/v1/stats"
MOST_LEFT_OUT = 200
"""So many editions that are left out are listed; all are counted."""


class GroupBy(StrEnum):
    """What editions are put together by."""

    NONE = "none"
    EDITION = "edition"
    MONTH = "month"
    YEAR = "year"
    WEEKDAY = "weekday"
    PUBLICATION = "publication"
    PAGES = "pages"


@dataclass(frozen=True, slots=True)
class Happened:
    """An event on a timeline."""

    date: date
    title: str
    place: str | None

    def to_json(self) -> dict[str, Any]:
        """Return the event as it is served."""
        return {"date": self.date.isoformat(), "title": self.title, "place": self.place}


@dataclass(frozen=True, slots=True)
class Group:
    """Some editions and what the metric is of them.

    Attributes:
        key: What they have in common, the month "2025-12" for instance.
        editions: They, by date.
        estimate: The metric; of several editions the share of their photos, or their mean.
        machine: A share by the machine alone, 0–1; a plain metric itself.
        numerator: What a share is a share by, in photos or pages of area, with what people have
            settled; the sum of a plain metric.
        denominator: All photos, or their area; None for a plain metric.
        decided: Photos, or their area, that the machine decides to show it; None for a plain one.
        settled: Photos of which people have settled it.
    """

    key: str
    editions: Sequence[StatEdition]
    estimate: Estimate
    machine: float | None
    numerator: float | None
    denominator: float | None
    decided: float | None
    settled: int

    @property
    def pages(self) -> int:
        """All pages of the editions."""
        return sum(edition.pages for edition in self.editions)

    @property
    def pages_seen(self) -> int:
        """Those that could be looked at."""
        return sum(edition.pages_seen for edition in self.editions)

    def to_json(self) -> dict[str, Any]:
        """Return the group as it is served; one of a single edition says which."""
        estimate = self.estimate
        document: dict[str, Any] = {
            "group": self.key,
            "value": rounded(estimate.value),
            "interval": [rounded(v) for v in estimate.interval] if estimate.interval else None,
            "method": estimate.method,
            "n": estimate.n,
            "numerator": rounded(self.numerator),
            "denominator": rounded(self.denominator),
            "decided": rounded(self.decided),
            "machine": rounded(self.machine),
            "settled": self.settled,
            "editions": len(self.editions),
            "pages": self.pages,
            "pages_seen": self.pages_seen,
            "coverage": rounded(self.pages_seen / self.pages if self.pages else None),
        }
        if len(self.editions) == 1:
            document |= {
                "edition": self.editions[0].id,
                "publication": self.editions[0].publication,
                "date": self.editions[0].date.isoformat(),
            }
        return document


@dataclass(frozen=True, slots=True, eq=False)
class Statistic:
    """A metric of editions in groups, what was asked for, and the recipe that made it.

    Attributes:
        metric: Which metric.
        wanted: Of which editions.
        by: How they are put together.
        estimand: Which share of several editions is meant.
        recipe_id: The recipe's id.
        groups: In order of their keys; by weekday from Monday on.
        pages_expected: Pages of all editions that were wanted.
        pages_seen: Those that were looked at.
        left_out: Editions that are in no group, and why.
        events: What happened in these days.
    """

    metric: Metric
    wanted: Wanted
    by: GroupBy
    estimand: Estimand
    recipe_id: str
    groups: list[Group]
    pages_expected: int
    pages_seen: int
    left_out: list[LeftOut]
    events: list[Happened]

    @property
    def permalink(self) -> str:
        """The address that asks for the same again, by the same recipe."""
        share, wanted = self.metric.is_share, self.wanted
        asked: Mapping[str, Any] = {
            "metric": self.metric.name,
            "page": self.metric.zone.value if share else None,
            "weight": self.metric.weight.value if share else None,
            "estimand": self.estimand.value if share else None,
            "by": self.by.value,
            "publication": wanted.publication,
            "from": wanted.first,
            "to": wanted.last,
            "weekday": wanted.weekdays or None,
            "pages": wanted.pages,
            "recipe": self.recipe_id,
        }
        told = {name: value for name, value in asked.items() if value is not None}
        return f"{ADDRESS}?{urlencode(told, doseq=True)}"

    def to_json(self) -> dict[str, Any]:
        """Return the statistic as it is served."""
        expected = self.pages_expected
        return {
            "schema": SCHEMA,
            "recipe": self.recipe_id,
            "permalink": self.permalink,
            **self._metric(),
            "by": self.by.value,
            "editions": sum(len(group.editions) for group in self.groups),
            "pages_seen": self.pages_seen,
            "pages_expected": expected,
            "coverage": rounded(self.pages_seen / expected if expected else None),
            "groups": [group.to_json() for group in self.groups],
            "left_out": [one.to_json() for one in self.left_out[:MOST_LEFT_OUT]],
            "left_out_count": len(self.left_out),
            "events": [event.to_json() for event in self.events],
        }

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a flat row for each group, for tables."""
        constant = {**self._metric(), "recipe": self.recipe_id}
        for group in self.groups:
            document = group.to_json()
            low, high = document["interval"] or (None, None)
            yield {**document, **constant, "low": low, "high": high}

    def _metric(self) -> dict[str, Any]:
        return {
            "metric": self.metric.name,
            "zone": self.metric.zone.value,
            "weight": self.metric.weight.value,
            "estimand": self.estimand.value if self.metric.is_share else "mean",
        }
