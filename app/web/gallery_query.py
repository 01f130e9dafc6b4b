"""The query of the gallery: filter, order and view, read from a form and written as addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Query

from presslens.app.api.params import MOST, Name
from presslens.app.api.photos import Filtered, Shown, Sorted
from presslens.app.db.queries import EditionScope
from presslens.app.services.catalogue.photo_filter import PhotoFilter, PhotoSort
from presslens.app.services.catalogue.photo_views import Display
from presslens.models.vocabulary import Subject
from presslens.pipelines.statistics.measure import Zone

PLAIN = PhotoFilter()
"""The filter that asks for nothing."""


@dataclass(frozen=True, slots=True)
class GalleryQuery:
    """What a gallery shows.

    Attributes:
        photos: Selects the photos.
        sort: Their order.
        view: What is shown of them.
        start: Place of the first one on the page, from 0.
        like: Id of a photo that others are to look like; None shows what ``photos`` selects.
        about: The measure that the reader has come to answer about; None: none in particular.
    """

    photos: PhotoFilter = PLAIN
    sort: PhotoSort = PhotoSort.DATE_DOWN
    view: Display = Display.PHOTO
    start: int = 0
    like: int | None = None
    about: str | None = None

    @property
    def filter_params(self) -> dict[str, Any]:
        """The parameters of the filter that are given, as all lists of photos take them."""
        return photo_params(self.photos)

    @property
    def params(self) -> dict[str, Any]:
        """The parameters that ask for the gallery, without the place of the first photo."""
        given = self.filter_params
        if self.sort is not PhotoSort.DATE_DOWN:
            given["sort"] = self.sort.value
        if self.view is not Display.PHOTO:
            given["view"] = self.view.value
        if self.like is not None:
            given["like"] = self.like
        if self.about is not None:
            given["about"] = self.about
        return given

    @property
    def api_params(self) -> dict[str, Any]:
        """The parameters that ask the API for the same photos."""
        return {**self.filter_params, "sort": self.sort.value, "view": self.view.value}

    @property
    def question(self) -> str:
        """The measure, or "focus", that who asks for this most likely answers about."""
        if self.about is not None:
            return self.about
        if self.photos.has_measure:
            return self.photos.measure
        return "focus" if self.photos.focuses else Subject.CHILDREN.value

    def changed(self, **changes: Any) -> dict[str, Any]:
        """Return the parameters of the gallery with others in place of those of these names.

        Args:
            changes: By name of the parameter; None takes it away.
        """
        return {**self.params, **changes}

    def without(self, name: str, value: Any) -> dict[str, Any]:
        """Return the parameters of the gallery without one that is given.

        Args:
            name: Of the parameter.
            value: The one of several that goes.
        """
        given = self.params
        several = given.get(name)
        if isinstance(several, list):
            return {**given, name: [one for one in several if one != value]}
        return {**given, name: None}

    def in_period(self, first: str, last: str) -> dict[str, Any]:
        """Return the parameters of the gallery of another period; both are days."""
        return {**self.params, "from": first, "to": last}


def photo_params(photos: PhotoFilter) -> dict[str, Any]:
    """Return the query parameters that ask for a filter, those that differ from the plain one."""
    how = photos.appearance
    given: dict[str, Any] = {
        "page": photos.page,
        "zone": None if photos.zone is Zone.ALL else photos.zone.value,
        "subject": [one.value for one in photos.subjects],
        "min_probability": _unless(photos.min_probability, PLAIN.min_probability),
        "figure": list(photos.figures),
        "focus": [one.value for one in photos.focuses],
        "min_size": photos.min_size,
        "size": photos.size and photos.size.value,
        "text": photos.text,
        "label": list(photos.labels),
        "shot_size": how.shot_size and how.shot_size.value,
        "facing": how.facing and how.facing.value,
        "alone": _written(how.alone),
        "answer": how.answer and how.answer.value,
        "reviewed": _written(photos.reviewed),
        "superseded": _written(photos.superseded or None),
    }
    return {
        **_scope_params(photos.scope),
        **{name: value for name, value in given.items() if value not in (None, [])},
    }


def _scope_params(scope: EditionScope) -> dict[str, str]:
    given = {
        "publication": scope.publication,
        "from": scope.first,
        "to": scope.last,
        "edition": scope.edition,
    }
    return {name: str(value) for name, value in given.items() if value is not None}


def _unless(value: float, usual: float) -> float | None:
    return None if value == usual else value


def _written(value: bool | None) -> str | None:
    return None if value is None else str(value).lower()


def gallery_query(
    photos: Filtered,
    sort: Sorted = PhotoSort.DATE_DOWN,
    view: Shown = Display.PHOTO,
    start: Annotated[int, Query(ge=0, le=MOST)] = 0,
    like: Annotated[int | None, Query(ge=1, le=MOST)] = None,
    about: Annotated[Name | None, Query(description="the measure that is answered about")] = None,
) -> GalleryQuery:
    """Return the query of an address of the gallery."""
    if sort.by_probability and not photos.has_measure:
        sort = PhotoSort.DATE_DOWN  # what it was sorted by is not asked for any more
    return GalleryQuery(photos, sort, view, start, like, about)


def chosen_parts(asked: GalleryQuery) -> list[tuple[str, Any, Mapping[str, Any]]]:
    """Return name and value of each parameter of the filter, and the query without it.

    ``from`` and ``to`` are one part, "period".
    """
    parts: list[tuple[str, Any, Mapping[str, Any]]] = []
    scope = asked.photos.scope
    if scope.first is not None or scope.last is not None:
        days = {"from": None, "to": None}
        parts.append(("period", (scope.first, scope.last), asked.changed(**days)))
    for name, value in asked.filter_params.items():
        if name in ("from", "to"):
            continue
        several = value if isinstance(value, list) else [value]
        parts += [(name, one, asked.without(name, one)) for one in several]
    return parts
