"""Lists and counts the photos that show a figure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from presslens.app.installation import Installation
from presslens.app.platform.questions import ask
from presslens.app.services.catalogue.edition_query import EditionQuery
from presslens.app.services.catalogue.photo_entry import PhotoEntry
from presslens.app.services.catalogue.photo_filter import AppearanceFilter, PhotoFilter, PhotoSort
from presslens.app.services.catalogue.photo_index import photo_index
from presslens.app.services.catalogue.photos import list_photos
from presslens.app.services.figures.figures import find_figure
from presslens.app.services.figures.references import FigureState, StatedRole
from presslens.app.services.shares.consensus_photos import load_consensus
from presslens.app.services.shares.figure_places import figure_places
from presslens.models.faces.gallery import Role
from presslens.models.vocabulary import Answer, ShotSize
from presslens.pipelines.document import FigureDocument
from presslens.pipelines.result import Served
from presslens.pipelines.statistics.measure import FIGURE


@dataclass(frozen=True, slots=True)
class PhotoReference(Served):
    """A photo, or the page that prints it."""

    SERVED: ClassVar[str] = "id number? address?"

    id: int
    number: int | None = None  # number of the page, from 1
    address: str | None = None  # its address, which the API fills in


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedSighting(Served):
    """A figure in a photo of the archive, with what people have settled."""

    SERVED: ClassVar[str] = """
        photo page edition=entry.edition_id publication=entry.publication date=entry.edition_date
        *figure settled
    """

    photo: PhotoReference
    page: PhotoReference
    entry: PhotoEntry
    figure: FigureDocument
    settled: bool | None  # whether people say that the photo shows the figure; None: nothing


@dataclass(frozen=True, slots=True)
class ListedFigure(Served):
    """An enrolled figure."""

    id: int
    name: str
    role: Role  # the first of its roles, in the order of roles; other without any
    roles: Sequence[StatedRole]  # its role in each newspaper in which it has one


@dataclass(frozen=True, slots=True, eq=False)
class SightingListing(Served):
    """One page of the list of a figure's photos, the latest edition first."""

    SERVED: ClassVar[str] = "recipe=recipe_id figure=listed_figure sightings next=next_cursor"

    figure: FigureState
    photos: Sequence[PhotoEntry]
    sightings: Sequence[ListedSighting]  # the sightings in them
    next_cursor: str | None  # the cursor of the next page of the list; None after the last
    recipe_id: str  # the recipe that the photos were interpreted under

    @property
    def listed_figure(self) -> ListedFigure:
        """The figure."""
        return ListedFigure.from_attributes(self.figure)


class SightingFilter(EditionQuery):
    """Which photos of a figure, in these editions; None means any."""

    answer: Answer | None = ask(description="whether it surely is the figure")
    shot_size: ShotSize | None = ask(description="how much of the figure the picture shows")

    @property
    def appearance(self) -> AppearanceFilter:
        """How the figure appears in them."""
        return AppearanceFilter(answer=self.answer, shot_size=self.shot_size)

    def photos(self, name: str) -> PhotoFilter:
        """Return the filter of the photos of the figure with this name."""
        return PhotoFilter(
            self.scope, figures=(name,), min_probability=0.0, appearance=self.appearance
        )


@dataclass(frozen=True, slots=True)
class SightingCounts(Served):
    """How many photos surely, and perhaps, show a figure."""

    sure: int = 0
    unsure: int = 0


def list_sightings(
    home: Installation,
    figure_id: int,
    chosen: SightingFilter | None = None,
    *,
    limit: int,
    start: str | None = None,
) -> SightingListing:
    """Return the photos that show a figure, the latest edition first.

    Args:
        chosen: Which of its photos; None means all.
        start: The cursor of the listing before.

    Raises:
        NotFound: There is no such figure.
        InvalidRequest: The cursor is not one of this list.
    """
    figure = find_figure(home, figure_id)
    selected = (chosen or SightingFilter()).photos(figure.name)
    photos = list_photos(home, selected, sort=PhotoSort.DATE_DOWN, limit=limit, start=start)
    sightings = list(_sightings(home, figure.name, photos.photos))
    return SightingListing(figure, photos.photos, sightings, photos.next_cursor, home.recipe.id)


def latest_sighting(home: Installation, figure_id: int) -> PhotoEntry | None:
    """Return the latest photo that surely shows a figure; None if there is none.

    Raises:
        NotFound: There is no such figure.
    """
    photos = list_sightings(home, figure_id, SightingFilter(answer=Answer.YES), limit=1).photos
    return photos[0] if photos else None


def count_sightings(
    home: Installation, chosen: SightingFilter | None = None
) -> dict[str, SightingCounts]:
    """Return how many photos show each figure, by its name; who is in none is left out.

    Args:
        chosen: Which photos; None means all.
    """
    chosen = chosen or SightingFilter()
    photos = PhotoFilter(chosen.scope, min_probability=0.0, appearance=chosen.appearance)
    counts = photo_index(home).count_figures(photos)
    return {name: SightingCounts(*numbers) for name, numbers in counts.items()}


def _sightings(
    home: Installation, name: str, photos: Sequence[PhotoEntry]
) -> Iterator[ListedSighting]:
    """Yield the sightings of a figure in photos, people's where the machine has none."""
    measure = f"{FIGURE}{name}"
    ids = [photo.row_id for photo in photos]
    with home.database.read() as session:
        consensus = load_consensus(session, ids)
        places = figure_places(session, home.recipe.observation_id, ids, [measure])
    for photo in photos:
        shows = consensus.get(photo.row_id, {}).get(measure)
        figures = [one for one in photo.contents.figures if one.name == name]
        if shows and not figures:  # by people alone: without a place, the box is the photo's
            figures = [FigureDocument(name, None, photo.box, Answer.YES, "people")]
        place = places.get(photo.row_id, {}).get(measure) if shows else None
        for figure in figures:
            yield ListedSighting(
                photo=PhotoReference(photo.id),
                page=PhotoReference(photo.page_id, photo.page_number),
                entry=photo,
                figure=replace(figure, box=place) if place else figure,
                settled=shows,
            )
