"""Places the photos of an edition on its ruler, from leader-centred to facility-centred."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from presslens.app.installation import Installation
from presslens.app.services.catalogue.editions import EditionState, find_edition
from presslens.app.services.catalogue.pages import (
    AnalysedPage,
    AnalysedPhoto,
    cached_pages,
    cached_records,
)
from presslens.app.services.figures.gallery import leaders_in
from presslens.app.services.shares.decisions import photo_decisions
from presslens.models.focus.explain import reasons_in_words
from presslens.pipelines.result import Served
from presslens.pipelines.statistics.ruler import Ruler, RulerPlace, rule

COLUMNS = (
    "rank", "id", "publication", "date", "edition", "page", "page_number", "photo", "position",
    "strength", "leader", "facility", "verdict", "unsure", "front_lead", "reasons", "image",
    "recipe",
)  # fmt: skip
"""The columns of the ruler as a table."""


@dataclass(frozen=True, slots=True)
class RankedPhoto(Served):
    """A photo on the ruler of its edition."""

    SERVED: ClassVar[str] = "rank id page *place reasons_text address? image? page_image?"

    rank: int  # from 1: the most leader-centred
    id: int  # its address
    page: int  # id of its page
    place: RulerPlace
    reasons_text: Sequence[str]  # the reasons of its focus, in words
    address: str | None = None  # its address, which the API fills in
    image: str | None = None  # the address of its picture
    page_image: str | None = None  # the address of its page's picture


@dataclass(frozen=True, slots=True, eq=False)
class EditionRuler(Served):
    """An edition's photos from most leader-centred to most facility-centred."""

    SERVED: ClassVar[str] = """
        schema recipe=recipe_id edition=edition.id publication=edition.publication
        date=edition.edition_date pages=ruler.pages pages_seen=ruler.pages_seen
        leaders=ruler.leaders n=ruler.n places strip?
    """

    edition: EditionState
    ruler: Ruler
    numbered: Mapping[int, AnalysedPage]  # its pages, by number
    recipe_id: str
    places: Sequence[RankedPhoto]  # its photos in order
    strip: str | None = None  # the address of its picture, which the API fills in

    def photo(self, place: RulerPlace) -> AnalysedPhoto:
        """Return the photo that lies at a place."""
        return self.numbered[place.page].photos[place.photo]

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a flat row of ``COLUMNS`` for each photo, but for its ``image``."""
        for row in self.flat_rows("places", "edition", "publication", "date", "recipe"):
            yield {**row, "reasons": row["reasons_text"]}


def edition_ruler(home: Installation, edition_id: int) -> EditionRuler:
    """Return the ruler of an edition, over the pages that are analysed and interpreted.

    Raises:
        NotFound: There is no such edition.
    """
    edition = find_edition(home, edition_id)
    with home.database.read() as session:
        leaders = leaders_in(session, edition.publication)
        decided = photo_decisions(session, edition.publication, home.recipe, ())
    ruler = rule(cached_records(home, edition), leaders=leaders)
    pages = {page.number: page for page in cached_pages(home, edition_id)}
    places = []
    for rank, place in enumerate(ruler.places, 1):
        page = pages[place.page]
        photo = page.photos[place.photo]
        reasons = reasons_in_words(photo.meaning.focus) if photo.meaning else []
        told = replace(place, verdict=decided.focus(photo.consensus, place.verdict))
        places.append(RankedPhoto(rank, photo.id, page.id, told, reasons))
    ruler = replace(ruler, places=tuple(one.place for one in places))
    return EditionRuler(edition, ruler, pages, home.recipe.id, places)
