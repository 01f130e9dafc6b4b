"""The composition of an edition or a page: the statistics of its pages and photos."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.faces.gallery import Role
from models.recipe import Aggregate
from pipelines.statistics.cell import Cell, cells
from pipelines.statistics.measure import BUILT_IN, LABEL, Weight, Zone
from pipelines.statistics.page import CountedPhoto, PageRecord, counted_photos
from pipelines.statistics.plain import plain_metrics
from pipelines.statistics.rounding import rounded, rounded_interval
from pipelines.statistics.summary import Summary, summarise


@dataclass(frozen=True, slots=True)
class Share:
    """The share of photos that show a measure.

    Attributes:
        share: Expected share, 0–1, with the consensus of the coders; None without photos.
        numerator: Expected number of photos that show the measure, or their area in pages.
        denominator: All photos that were read for it, or their area in pages.
        decided: Photos that the machine decides to show it, or their area.
        n: Number of photos that were read for it.
        settled: Photos of these with a consensus of the coders.
        machine: The share by the machine alone, 0–1.
        interval: Of the share; None without photos, or with a consensus on all of them.
        method: The method of the interval.
    """

    share: float | None
    numerator: float
    denominator: float
    decided: float
    n: int
    settled: int
    machine: float | None
    interval: tuple[float, float] | None
    method: str

    @classmethod
    def of(cls, cell: Cell | None, weight: Weight = Weight.COUNT) -> Share:
        """Return the share of a cell; None stands for a cell without photos."""
        if cell is None:
            return cls(None, 0.0, 0.0, 0.0, 0, 0, None, None, "no photos")
        weighed = cell.weighed[weight]
        reading = weighed.reading
        return cls(
            share=reading.share,
            numerator=reading.expected,
            denominator=weighed.total,
            decided=weighed.decided if weight is Weight.AREA else round(weighed.decided),
            n=cell.n,
            settled=cell.settled,
            machine=weighed.machine / weighed.total if weighed.total else None,
            interval=reading.interval,
            method=reading.method,
        )

    def to_json(self) -> dict[str, Any]:
        """Return the share as in the JSON contract."""
        return {
            "share": rounded(self.share),
            "numerator": rounded(self.numerator),
            "denominator": rounded(self.denominator),
            "decided": rounded(self.decided),
            "n": self.n,
            "settled": self.settled,
            "machine": rounded(self.machine),
            "interval": rounded_interval(self.interval),
            "method": self.method,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Composition:
    """The statistics of an edition, or of one page.

    Attributes:
        summary: Its plain numbers.
        photos: Its photos.
        cells: Its shares by measure and zone.
        labels: Names of the labels that photos are read for, in the order of display.
    """

    summary: Summary
    photos: tuple[CountedPhoto, ...]
    cells: Mapping[tuple[str, Zone], Cell]
    labels: tuple[str, ...]

    def share(self, measure: str, zone: Zone = Zone.ALL, weight: Weight = Weight.COUNT) -> Share:
        """Return the share of a measure; see ``pipelines.statistics.measure``."""
        return Share.of(self.cells.get((measure, zone)), weight)

    def to_json(self) -> dict[str, Any]:
        """Return the composition as in the JSON contract."""
        summary = self.summary
        plain = {name: rounded(value) for name, value in plain_metrics(summary).items()}
        return {
            "pages": summary.pages,
            "pages_seen": summary.pages_seen,
            "coverage": rounded(summary.pages_seen / summary.pages if summary.pages else None),
            "page_types": dict(summary.page_types),
            **{name: value for name, value in plain.items() if name != "pages"},
            "leader_unsure": summary.leader_unsure,
            "front_lead_focus": summary.front_lead_focus and summary.front_lead_focus.value,
            "shares": self._shares(Zone.ALL, Weight.COUNT),
            "area_shares": self._shares(Zone.ALL, Weight.AREA),
            "labels": {
                name: self.share(f"{LABEL}{name}").to_json() for name in self._label_names()
            },
            "zones": {
                zone.value: {
                    "photos": sum(zone in photo.zones for photo in self.photos),
                    "shares": self._shares(zone, Weight.COUNT),
                    "area_shares": self._shares(zone, Weight.AREA),
                }
                for zone in Zone
                if zone is not Zone.ALL
            },
        }

    def _shares(self, zone: Zone, weight: Weight) -> dict[str, Any]:
        return {name: self.share(name, zone, weight).to_json() for name in BUILT_IN}

    def _label_names(self) -> list[str]:
        read = (name.removeprefix(LABEL) for name, _ in self.cells if name.startswith(LABEL))
        return list(dict.fromkeys([*self.labels, *read]))


def compose(
    pages: Sequence[PageRecord],
    rules: Aggregate,
    *,
    figures: Mapping[str, Role] | None = None,
    labels: Sequence[str] = (),
    front: int | None = None,
) -> Composition:
    """Return the composition of pages.

    Args:
        pages: Every page, seen or not.
        rules: Thresholds and level.
        figures: The role of each enrolled figure by name.
        labels: Names of the labels that photos are read for, in the order in which they are shown.
        front: Number of the edition's front page; None: the lowest of these pages.
    """
    figures = figures or {}
    photos = counted_photos(pages, rules, figures=figures, front=front)
    return Composition(
        summary=summarise(pages, photos, figures=figures),
        photos=tuple(photos),
        cells=cells(photos, rules),
        labels=tuple(labels),
    )
