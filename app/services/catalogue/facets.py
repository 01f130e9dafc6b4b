"""Counts photos by what they can be filtered by: newspaper, date, page, zone, content, review."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from sqlalchemy import select

from presslens.app.db.figures import FigureRow
from presslens.app.installation import Installation
from presslens.app.services.cached import cached_result, is_at_hand
from presslens.app.services.catalogue.photo_filter import PhotoFilter, size_bounds
from presslens.app.services.catalogue.photo_index import PhotoIndex, photo_index
from presslens.app.services.labels.labels import label_names
from presslens.app.services.shares.validities import is_offered
from presslens.models.vocabulary import Focus, Subject
from presslens.pipelines.result import Served
from presslens.pipelines.statistics.measure import LABEL, Zone
from presslens.pipelines.statistics.photo_table import Mask


@dataclass(frozen=True, slots=True)
class FacetOption:
    """What a filter may ask for, and how many photos it would then select."""

    value: str | int | bool  # the value of the filter's parameter; of a date the year or the month
    count: int  # printed photos that have it and all else that the filter asks for
    chosen: bool  # whether the filter asks for it
    # Whether a share of these photos is offered; if not, nobody has checked the machine's readings
    # in one of their newspapers.
    offered: bool = True


@dataclass(frozen=True, slots=True)
class FacetCounts(Served):
    """The counts of the photos that a filter selects.

    Options of a subject, a label or a figure are added to those that are chosen; any other option
    takes the place of the one that is chosen.
    """

    SERVED: ClassVar[str] = "recipe=recipe_id version photos editions facets"

    photos: int  # printed photos that the filter selects
    editions: int  # editions that print them
    # Options by the name of the facet; those without photos are left out unless chosen.
    facets: dict[str, tuple[FacetOption, ...]]
    recipe_id: str  # the recipe that the photos were interpreted under
    version: str  # names the state of the database; equal for equal counts


def count_facets(home: Installation, photo_filter: PhotoFilter) -> FacetCounts:
    """Return how many photos a filter selects, and how many each further option would."""
    return cached_result(home, ("facets", photo_filter), lambda: _count(home, photo_filter))


def facets_at_hand(home: Installation) -> bool:
    """Return whether photos are counted without reading all of a large archive first."""
    return is_at_hand(home, ("facets", PhotoFilter()))


def _count(home: Installation, photo_filter: PhotoFilter) -> FacetCounts:
    index = photo_index(home)
    chosen = index.matching(photo_filter)
    counting = _Counting(home, index, photo_filter, chosen)
    facets = {
        "publication": counting.publications(),
        "year": counting.dates("Y"),
        "month": counting.dates("M"),
        "zone": counting.zones(),
        "page": counting.pages(),
        "subject": counting.subjects(),
        "label": counting.labels(),
        "figure": counting.figures(),
        "focus": counting.focuses(),
        "size": counting.sizes(),
        "reviewed": counting.reviewed(),
    }
    editions = np.unique(index.columns.edition[chosen])
    total = int(np.count_nonzero(chosen))
    return FacetCounts(total, len(editions), facets, home.recipe.id, index.version)


@dataclass(frozen=True, slots=True, eq=False)
class _Counting:
    """Counts the options of one filter; ``selected`` are the photos that it selects."""

    home: Installation
    index: PhotoIndex
    criteria: PhotoFilter
    selected: Mask

    def _others(self, facet: str) -> Mask:
        """Return the photos that have all that the filter asks for beside a facet."""
        return self.index.matching(self.criteria, without=facet)

    def publications(self) -> tuple[FacetOption, ...]:
        columns, others = self.index.columns, self._others("publication")
        names = columns.publications
        papers = columns.publication[columns.edition[others]]
        counts = np.bincount(papers, minlength=len(names)).tolist()
        publication = self.criteria.scope.publication
        place = -1 if publication is None else self.index.newspaper(publication)
        chosen = [names[place]] if place >= 0 else [publication]
        return _options(zip(names, counts, strict=True), chosen)

    def dates(self, unit: str) -> tuple[FacetOption, ...]:
        columns, others, scope = self.index.columns, self._others("date"), self.criteria.scope
        by_edition = np.bincount(columns.edition[others], minlength=len(columns.day))
        periods = columns.day.astype(f"datetime64[{unit}]")
        which, place = np.unique(periods, return_inverse=True)
        counts = np.bincount(place, by_edition, len(which)).astype(int).tolist()
        chosen = []
        if scope.first is not None and scope.last is not None:
            ends = [np.datetime64(day).astype(f"datetime64[{unit}]") for day in
                    (scope.first, scope.last)]  # fmt: skip
            whole = ends[0].astype("datetime64[D]") == np.datetime64(scope.first) and (
                ends[1] + 1
            ).astype("datetime64[D]") - 1 == np.datetime64(scope.last)
            chosen = [str(ends[0])] if whole and ends[0] == ends[1] else []
        return _options(zip(which.astype(str).tolist(), counts, strict=True), chosen)

    def zones(self) -> tuple[FacetOption, ...]:
        others = self._others("zone")
        parts = [zone for zone in Zone if zone is not Zone.ALL]
        counts = ((zone.value, _size(others & self.index.in_zone(zone))) for zone in parts)
        return _options(counts, [self.criteria.zone.value])

    def pages(self) -> tuple[FacetOption, ...]:
        numbers = self.index.columns.number[self._others("page")]
        which, counts = np.unique(numbers, return_counts=True)
        return _options(zip(which.tolist(), counts.tolist(), strict=True), [self.criteria.page])

    def subjects(self) -> tuple[FacetOption, ...]:
        least = self.criteria.min_probability
        counts = (
            (one.value, _size(self.selected & self.index.shows(one.value, least)))
            for one in Subject
        )
        return _options(counts, [one.value for one in self.criteria.subjects])

    def labels(self) -> tuple[FacetOption, ...]:
        decision = self.home.recipe.aggregate.decision
        counts = (
            (name, _size(self.selected & self.index.shows(f"{LABEL}{name}", decision)))
            for name in label_names(self.home)
        )
        return _options(counts, self.criteria.labels)

    def figures(self) -> tuple[FacetOption, ...]:
        with self.home.database.read() as session:
            names = session.scalars(select(FigureRow.name).order_by(FigureRow.name)).all()
        counts = (
            (name, _size(self.selected & self.index.with_figure(self.criteria, name)))
            for name in names
        )
        return _options(counts, self.criteria.figures)

    def focuses(self) -> tuple[FacetOption, ...]:
        others, chosen = self._others("focus"), self.criteria.focuses
        masks = ((one, others & self.index.around(one)) for one in Focus)
        return tuple(
            FacetOption(one.value, _size(mask), one in chosen, self._offered(f"focus_{one}", mask))
            for one, mask in masks
            if mask.any() or one in chosen
        )

    def _offered(self, measure: str, photos: Mask) -> bool:
        """Return whether a share is offered of photos that show a measure."""
        columns = self.index.columns
        papers = np.unique(columns.publication[columns.edition[photos]])
        names = (columns.publications[paper] for paper in papers.tolist())
        with self.home.database.read() as session:
            return is_offered(session, names, self.home.recipe, measure)

    def sizes(self) -> tuple[FacetOption, ...]:
        others, area = self._others("size"), self.index.columns.area
        bounds = size_bounds(self.home.recipe.aggregate)
        counts = (
            (one.value, _size(others & (area >= low) & (area < high)))
            for one, (low, high) in bounds.items()
        )
        return _options(counts, [self.criteria.size and self.criteria.size.value])

    def reviewed(self) -> tuple[FacetOption, ...]:
        others, reviewed = self._others("reviewed"), self.index.columns.reviewed
        counts = ((one, _size(others & (reviewed == one))) for one in (True, False))
        return _options(counts, [self.criteria.reviewed])


def _size(mask: Mask) -> int:
    return int(np.count_nonzero(mask))


def _options(
    counts: Iterable[tuple[str | int | bool, int]], chosen: Sequence[str | int | bool | None]
) -> tuple[FacetOption, ...]:
    options = (FacetOption(value, count, value in chosen) for value, count in counts)
    return tuple(option for option in options if option.count or option.chosen)
