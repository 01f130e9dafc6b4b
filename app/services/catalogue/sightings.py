"""Lists the photos that show a figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.installation import Installation
from app.services.catalogue.photo_entry import PhotoEntry
from app.services.catalogue.photo_filter import AppearanceFilter, PhotoFilter, PhotoSort
from app.services.catalogue.photos import list_photos
from app.services.figures.figure_state import FigureState
from app.services.figures.figures import find_figure
from models.vocabulary import Answer


@dataclass(frozen=True, slots=True, eq=False)
class SightingListing:
    """One page of the list of a figure's photos, the latest edition first.

    Attributes:
        figure: The figure.
        photos: The photos.
        next_cursor: The cursor of the next page of the list; None after the last.
        recipe_id: The recipe that the photos were interpreted under.
    """

    figure: FigureState
    photos: Sequence[PhotoEntry]
    next_cursor: str | None
    recipe_id: str

    def to_json(self) -> dict[str, Any]:
        """Return the list as it is served."""
        figure = self.figure
        return {
            "recipe": self.recipe_id,
            "figure": {"id": figure.id, "name": figure.name, "role": figure.role},
            "sightings": [
                {**_place(photo), **sighting}
                for photo in self.photos
                for sighting in photo.interpretation_json()["figures"]
                if sighting["name"] == figure.name
            ],
            "next": self.next_cursor,
        }


def list_sightings(
    home: Installation,
    figure_id: int,
    *,
    answer: Answer | None = None,
    limit: int,
    start: str | None = None,
) -> SightingListing:
    """Return the photos that show a figure, the latest edition first.

    Args:
        home: The installation.
        figure_id: The figure.
        answer: Whether it is certain that it is the figure; None means either.
        limit: Largest number of photos.
        start: The cursor of the listing before.

    Raises:
        NotFound: There is no such figure.
        InvalidRequest: The cursor is not one of this list.
    """
    figure = find_figure(home, figure_id)
    appearance = AppearanceFilter(answer=answer)
    selected = PhotoFilter(figures=(figure.name,), min_probability=0.0, appearance=appearance)
    photos = list_photos(home, selected, sort=PhotoSort.DATE_DOWN, limit=limit, start=start)
    return SightingListing(figure, photos.photos, photos.next_cursor, home.recipe.id)


def _place(photo: PhotoEntry) -> dict[str, Any]:
    return {
        "photo": {"id": photo.id},
        "page": {"id": photo.page_id, "number": photo.page_number},
        "edition": photo.edition_id,
        "publication": photo.publication,
        "date": photo.edition_date.isoformat(),
    }
