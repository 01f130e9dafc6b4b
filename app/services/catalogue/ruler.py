"""Places the photos of an edition on its ruler, from leader-centred to facility-centred."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.installation import Installation
from app.services.catalogue.composition import edition_pages
from app.services.catalogue.editions import EditionState, find_edition
from app.services.catalogue.page_records import edition_records
from app.services.catalogue.pages import SeenPage, SeenPhoto
from app.services.figures.gallery import leader_names
from pipelines.statistics.ruler import Ruler, RulerPlace, rule


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
