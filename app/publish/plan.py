"""What a publication is of: its editions, their pages and photos, its timelines and claims."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from presslens.app.db.queries import EditionScope
from presslens.app.installation import Installation
from presslens.app.publish.site_files import SiteFiles
from presslens.app.services.catalogue.buckets import photos_between
from presslens.app.services.catalogue.editions import EditionState, iterate_editions
from presslens.app.services.catalogue.pages import page_ids
from presslens.app.services.catalogue.photo_filter import PhotoFilter, PhotoSort
from presslens.app.services.catalogue.photo_glance import PhotoGlance
from presslens.app.services.catalogue.publications import PublicationState, list_publications
from presslens.app.services.claims.claims import ClaimFilter, ClaimState, iterate_claims
from presslens.app.services.figures.gallery import named_figures
from presslens.app.web.alternatives import SHOWN
from presslens.models.vocabulary import Subject
from presslens.pipelines.statistics.measure import BUILT_IN, FIGURE

PLAIN = ("photos", "photos_per_page", "photo_area_share")
"""The plain metrics that have timelines, beside the measures of every archive and the figures."""

ALL = 10**9
"""More photos than any archive has."""


@dataclass(frozen=True)
class SitePlan:
    """The content of a publication, in the order of its lists."""

    home: Installation
    scope: EditionScope  # the editions that are published
    pictures: bool  # whether pictures are published

    @cached_property
    def editions(self) -> Sequence[EditionState]:
        """The editions, the latest first; superseded uploads too, as photos name them."""
        return list(iterate_editions(self.home, self.scope))

    @cached_property
    def newspapers(self) -> Sequence[PublicationState]:
        """The newspapers that have editions, those with most first."""
        every = [one for one in list_publications(self.home, self.scope) if one.editions]
        return sorted(every, key=lambda one: (-one.editions, one.publication))

    @cached_property
    def photos(self) -> Sequence[PhotoGlance]:
        """The printed photos, the latest first; those of superseded uploads too."""
        return self._photos(PhotoFilter(self.scope, superseded=True))

    @cached_property
    def counted_photos(self) -> Sequence[PhotoGlance]:
        """Those of the editions that count, which a list of photos shows."""
        return self._photos(PhotoFilter(self.scope))

    @cached_property
    def children(self) -> Set[int]:
        """The ids of the photos that are taken to show children.

        They are those that are decided to, by people, or by the newspaper's calibration; and those
        that the machine alone gives a probability of one half or more, unless people say no.
        """
        name = Subject.CHILDREN
        with_children = PhotoFilter(self.scope, subjects=(name,), superseded=True)
        decided = {photo.id for photo in self._photos(with_children)}
        likely = {
            photo.id
            for photo in self.photos
            if photo.subjects.get(name, {}).get("probability", 0.0) >= SHOWN
            and photo.settled.get(name) is not False
        }
        return frozenset(decided | likely)

    def _photos(self, photo_filter: PhotoFilter) -> Sequence[PhotoGlance]:
        return photos_between(self.home, photo_filter, PhotoSort.DATE_DOWN, 0, ALL).photos

    @cached_property
    def claims(self) -> Sequence[ClaimState]:
        """The claims of the newspaper and the days, each with its versions."""
        scope = self.scope
        claim_filter = ClaimFilter(
            publication=scope.publication, first=scope.first, last=scope.last, versions=True
        )
        return list(iterate_claims(self.home, claim_filter))

    @cached_property
    def metrics(self) -> dict[str, str]:
        """What stands for each metric in the names of files, by metric."""
        with self.home.database.read() as session:
            figures = named_figures(session)
        plain = {name: re.sub(r"[^a-z]+", "-", name) for name in (*PLAIN, *BUILT_IN)}
        people = {f"{FIGURE}{one.name}": f"figure-{one.id}" for one in figures
                  if not {"@", "/"} & set(one.name)}  # fmt: skip
        return {**plain, **people}

    @cached_property
    def pages(self) -> dict[int, list[int]]:
        """The ids of the pages of each edition, in order."""
        return {one.id: [page for _, page in page_ids(self.home, one.id)] for one in self.editions}

    @property
    def page_ids(self) -> Sequence[int]:
        """The ids of the pages of all editions."""
        return [page for pages in self.pages.values() for page in pages]

    def files(self) -> SiteFiles:
        """Return the files that all this has."""
        with self.home.database.read() as session:
            figures = {one.id: one.name for one in named_figures(session)}
        return SiteFiles(
            {
                "editions": frozenset(self.pages),
                "pages": frozenset(self.page_ids),
                "photos": frozenset(photo.id for photo in self.photos),
                "claims": frozenset(claim.id for claim in self.claims),
            },
            newspapers={one.publication: one.id for one in self.newspapers},
            main=self.newspapers[0].publication if self.newspapers else None,
            metrics=self.metrics,
            figures=figures,
            pictures=self.pictures,
        )

    def timelines(self) -> Iterator[str]:
        """Yield the address of each timeline."""
        ends = {"from": self.scope.first, "to": self.scope.last}
        days = {name: str(day) for name, day in ends.items() if day is not None}
        for paper in self.newspapers:
            for metric in self.metrics:
                query = {"publication": paper.publication, "metric": metric, **days}
                yield f"/timeline?{urlencode(query)}"

    def lists(self) -> Iterator[str]:
        """Yield the addresses of the pages of which there is one, and of the claims."""
        scope = self.scope
        params = {"publication": scope.publication, "from": scope.first, "to": scope.last}
        query = urlencode({name: str(one) for name, one in params.items() if one is not None})
        yield f"/claims{'?' if query else ''}{query}"
        yield "/method"
        for claim in self.claims:
            yield f"/claims/{claim.id}"

    def of_edition(self, edition_id: int) -> Iterator[str]:
        """Yield the address of an edition, its pages and its photos."""
        yield f"/editions/{edition_id}"
        for page in self.pages[edition_id]:
            yield f"/pages/{page}"
        for photo in self._by_edition.get(edition_id, ()):
            yield f"/photos/{photo}"

    @cached_property
    def _by_edition(self) -> dict[int, list[int]]:
        """The ids of the photos of each edition; those of a reprinted page are of the first."""
        photos: dict[int, list[int]] = {}
        seen: set[int] = set()
        for photo in reversed(self.photos):
            if photo.id not in seen:
                seen.add(photo.id)
                photos.setdefault(photo.edition, []).append(photo.id)
        return photos
