"""The facets of the gallery: what its form offers, with the number of photos of each option."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from typing import Any

from presslens.app.services.catalogue.facets import FacetCounts, FacetOption
from presslens.app.services.catalogue.photo_query import GalleryQuery

FIELDS = {
    "publication": "radio", "zone": "radio", "page": "radio", "subject": "checkbox",
    "figure": "checkbox", "focus": "checkbox", "label": "checkbox", "size": "radio",
    "reviewed": "radio",
}  # fmt: skip
"""The kind of field of each facet in the form, in its order; dates are links."""

OPEN = 8
"""Options of a facet that are seen at once; the others are folded."""


@dataclass(frozen=True, slots=True)
class FacetGroup:
    """A facet in the form."""

    name: str  # the parameter
    kind: str  # of its fields
    options: tuple[FacetOption, ...]  # those that are seen at once
    more: tuple[FacetOption, ...]  # those that are folded

    @property
    def any_chosen(self) -> bool:
        """Whether one of the options is chosen."""
        return any(option.chosen for option in (*self.options, *self.more))


@dataclass(frozen=True, slots=True)
class DatedOption:
    """A year or a month that photos can be narrowed to."""

    day: str  # its first day, ISO form
    count: int  # photos
    chosen: bool  # whether it is what the photos are narrowed to
    query: dict[str, Any]  # the parameters of the gallery of this period


def facet_groups(counts: FacetCounts, asked: GalleryQuery) -> dict[str, Any]:
    """Return what the template of the form reads.

    Args:
        counts: The counts of the photos that are asked for.
    """
    groups = [_group(name, kind, counts.facets[name]) for name, kind in FIELDS.items()]
    return {
        "counts": counts,
        "groups": [group for group in groups if group.options],
        "years": [_period(option, asked) for option in counts.facets["year"]],
        "months": _months(counts.facets["month"], asked),
    }


def _group(name: str, kind: str, options: tuple[FacetOption, ...]) -> FacetGroup:
    shown = options
    if name in ("publication", "figure", "label"):
        shown = tuple(sorted(options, key=lambda one: (not one.chosen, -one.count)))
    if len(shown) <= OPEN + 1:
        return FacetGroup(name, kind, shown, ())
    return FacetGroup(name, kind, shown[:OPEN], shown[OPEN:])


def _months(options: tuple[FacetOption, ...], asked: GalleryQuery) -> list[DatedOption]:
    """Return the months of the years that are asked for; none if these are more than one."""
    scope = asked.photos.scope
    if scope.first is None or scope.last is None or scope.first.year != scope.last.year:
        years = {str(option.value)[:4] for option in options}
        if len(years) > 1:
            return []
    else:
        years = {str(scope.first.year)}
    return [_period(one, asked) for one in options if str(one.value)[:4] in years]


def _period(option: FacetOption, asked: GalleryQuery) -> DatedOption:
    year, _, month = str(option.value).partition("-")
    if not month:
        first, last = f"{year}-01-01", f"{year}-12-31"
    else:
        days = calendar.monthrange(int(year), int(month))[1]
        first, last = f"{year}-{month}-01", f"{year}-{month}-{days}"
    return DatedOption(
        first, option.count, option.chosen, asked.changed(**{"from": first, "to": last})
    )
