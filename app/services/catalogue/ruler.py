"""The ruler of an edition, out of its rows, and its strip of crops."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.errors import NotFound
from app.installation import Installation
from app.services.catalogue.composition import edition_pages
from app.services.catalogue.editions import EditionState, find_edition
from app.services.catalogue.page_records import edition_records
from app.services.catalogue.pages import SeenPage, SeenPhoto, page_view
from app.services.figures.gallery import leader_names
from app.web.ruler_strip import CROP_HEIGHT, MOST, Tile, draw_strip
from models.vocabulary import Image
from pipelines.statistics.ruler import Ruler, RulerPlace, rule, spread
from pipelines.view import cut_out


@dataclass(frozen=True, slots=True, eq=False)
class EditionRuler:
    """An edition, its ruler, and its pages by number."""

    edition: EditionState
    ruler: Ruler
    pages: Mapping[int, SeenPage]

    def photo(self, place: RulerPlace) -> SeenPhoto:
        """Return the photo that lies at a place."""
        return self.pages[place.page].photos[place.photo]


def edition_ruler(home: Installation, edition_id: int) -> EditionRuler:
    """Return the ruler of an edition, over the pages that are seen and interpreted.

    Raises:
        NotFound: There is no such edition.
    """
    edition = find_edition(home, edition_id)
    with home.database.read() as session:
        leaders = leader_names(session)
        records = edition_records(session, edition_id, home.recipe, settled=False)
    ruler = rule(records, leaders=leaders)
    pages = edition_pages(home, edition_id)
    return EditionRuler(edition, ruler, {page.number: page for page in pages})


def ruler_strip(home: Installation, edition_id: int) -> bytes:
    """Return the ruler of an edition as a JPEG: some of its photos on an axis with all of them.

    Raises:
        NotFound: There is no such edition, or it has no photos yet.
    """
    found = edition_ruler(home, edition_id)
    if not found.ruler.places:
        raise NotFound("this edition has no photos, or none that are interpreted yet")
    shown = spread(found.ruler.places, MOST)
    crops = _crops(home, found, shown)
    return draw_strip([Tile(place, crops.get(place)) for place in shown], found.ruler)


def _crops(
    home: Installation, found: EditionRuler, shown: Sequence[RulerPlace]
) -> dict[RulerPlace, Image | None]:
    """Return the pixels of photos, each page's picture opened once; without a picture, none."""
    crops: dict[RulerPlace, Image | None] = {}
    for number in {place.page for place in shown}:
        places = [place for place in shown if place.page == number]
        boxes = [found.photo(place).observation.frame.box for place in places]
        try:
            view = page_view(home, found.pages[number].id)
        except NotFound:
            continue
        crops |= zip(places, cut_out(view, boxes, height=CROP_HEIGHT), strict=True)
    return crops
