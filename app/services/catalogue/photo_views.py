"""What is shown of the photos that a filter selects: themselves, their pictures, pages or faces."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from presslens.app.services.catalogue.photo_columns import Ids
from presslens.app.services.catalogue.photo_filter import PhotoFilter, PhotoSort
from presslens.app.services.catalogue.photo_index import PhotoIndex, Places


class Display(StrEnum):
    """What a gallery shows: photos, pictures of which prints lie together, pages, or faces."""

    PHOTO = "photo"
    PICTURE = "picture"
    PAGE = "page"
    FACE = "face"


@dataclass(frozen=True, slots=True, eq=False)
class PhotoSelection:
    """m things to be shown, in order; arrays of shape (m,)."""

    # The photo of each in the index; of a page or a picture, the first one that is selected.
    places: Places
    aspects: NDArray[np.float32]  # width by height of each
    counts: Ids | None = None  # photos of the page that are selected; None but for pages
    figures: Ids | None = None  # id of the figure whose face it is; None but for faces
    prints: Ids | None = None  # prints of the picture that are selected; None but for pictures

    def __len__(self) -> int:
        """Return m."""
        return len(self.places)

    def between(self, first: int, last: int) -> PhotoSelection:
        """Return those from a place on, up to another one."""
        part = slice(first, last)
        return PhotoSelection(
            self.places[part],
            self.aspects[part],
            None if self.counts is None else self.counts[part],
            None if self.figures is None else self.figures[part],
            None if self.prints is None else self.prints[part],
        )


def select_view(
    index: PhotoIndex, photo_filter: PhotoFilter, sort: PhotoSort, view: Display
) -> PhotoSelection:
    """Return what is shown of the photos that a filter selects, sorted.

    Pages and pictures stand where the first of their photos does. Faces are those of the figures
    that the filter asks for, or of all enrolled ones, as it says that they appear.

    Raises:
        InvalidRequest: They can't be sorted by probability.
    """
    return index.cached(
        ("view", photo_filter, sort, view), lambda: _select(index, photo_filter, sort, view)
    )


def _select(
    index: PhotoIndex, photo_filter: PhotoFilter, sort: PhotoSort, view: Display
) -> PhotoSelection:
    places, columns = index.select(photo_filter, sort), index.columns
    if view is Display.PHOTO:
        return PhotoSelection(places, columns.aspect[places])
    if view is Display.PICTURE:
        picture = index.pictures()[columns.photo[places]]
        first = np.zeros(len(columns.photos), np.int64)
        first[picture[::-1]] = np.arange(len(places))[::-1]  # the last one written is the first
        places = places[first[picture] == np.arange(len(places))]
        prints = np.bincount(picture)[index.pictures()[columns.photo[places]]]
        return PhotoSelection(places, columns.aspect[places], prints=prints)
    if view is Display.PAGE:
        _, first, counts = np.unique(columns.page[places], return_index=True, return_counts=True)
        order = np.argsort(first)
        places = places[first[order]]
        return PhotoSelection(places, columns.page_aspect[places], counts[order])
    seen = index.sightings
    meant = np.zeros(len(seen.photo), bool)
    for name in photo_filter.figures or (None,):
        meant |= index.meant_sightings(photo_filter, name)
    rows = np.flatnonzero(meant)
    photo = columns.photos[columns.photo[places]]
    first, last = (np.searchsorted(seen.photo[rows], photo, side) for side in ("left", "right"))
    times = last - first
    within = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
    rows = rows[np.repeat(first, times) + within]
    return PhotoSelection(np.repeat(places, times), seen.aspect[rows], None, seen.figure_id[rows])
