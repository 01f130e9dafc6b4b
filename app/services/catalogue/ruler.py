"""Places the photos of an edition on its ruler, from leader-centred to facility-centred."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from presslens.app.installation import Installation
from presslens.app.services.catalogue.editions import EditionState, find_edition
from presslens.app.services.catalogue.pages import (
    AnalysedPage,
    AnalysedPhoto,
    cached_pages,
    cached_records,
)
from presslens.app.services.figures.gallery import leader_names
from presslens.models.focus.explain import reasons_in_words
from presslens.pipelines.document import SCHEMA
from presslens.pipelines.result import flat
from presslens.pipelines.statistics.ruler import Ruler, RulerPlace, rule

COLUMNS = (
    "rank", "id", "publication", "date", "edition", "page", "page_number", "photo", "position",
    "strength", "leader", "facility", "verdict", "unsure", "front_lead", "reasons", "image",
    "recipe",
)  # fmt: skip
"""The columns of the ruler as a table."""


@dataclass(frozen=True, slots=True, eq=False)
class EditionRuler:
    """An edition, its ruler, and its pages by number."""

    edition: EditionState
    ruler: Ruler
    pages: Mapping[int, AnalysedPage]
    recipe_id: str

    def photo(self, place: RulerPlace) -> AnalysedPhoto:
        """Return the photo that lies at a place."""
        return self.pages[place.page].photos[place.photo]

    def to_json(self) -> dict[str, Any]:
        """Return the ruler as it is served, with the id and the reasons of each photo."""
        document = self.ruler.to_json()
        documents = zip(self.ruler.places, document["places"], strict=True)
        return {
            "schema": SCHEMA,
            "recipe": self.recipe_id,
            **self._edition(),
            **document,
            "places": [self._place(place, written) for place, written in documents],
        }

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a flat row of ``COLUMNS`` for each photo, but for its ``image``."""
        document = self.to_json()
        names = ("edition", "publication", "date", "recipe")
        constant = {name: document[name] for name in names}
        for place in document["places"]:
            yield {**flat(place), **constant, "reasons": "; ".join(place["reasons_text"])}

    def _edition(self) -> dict[str, Any]:
        return {
            "edition": self.edition.id,
            "publication": self.edition.publication,
            "date": self.edition.edition_date.isoformat(),
        }

    def _place(self, place: RulerPlace, written: dict[str, Any]) -> dict[str, Any]:
        photo = self.photo(place)
        return {
            "rank": written["rank"],
            "id": photo.id,
            "page": self.pages[place.page].id,
            **written,
            "reasons_text": reasons_in_words(photo.meaning.focus) if photo.meaning else [],
        }


def edition_ruler(home: Installation, edition_id: int) -> EditionRuler:
    """Return the ruler of an edition, over the pages that are analysed and interpreted.

    Raises:
        NotFound: There is no such edition.
    """
    edition = find_edition(home, edition_id)
    with home.database.read() as session:
        leaders = leader_names(session)
    ruler = rule(cached_records(home, edition), leaders=leaders)
    pages = {page.number: page for page in cached_pages(home, edition_id)}
    return EditionRuler(edition, ruler, pages, home.recipe.id)
