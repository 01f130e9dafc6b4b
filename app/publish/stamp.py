"""What each page of a publication says of it: its snapshot, its recipe, its day, how to cite it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from presslens.app.citations.citation import Citation, CitedAuthor
from presslens.app.deposit.description import filled
from presslens.app.services.exports.snapshot.manifest import SnapshotManifest, SnapshotScope
from presslens.app.web.security import OPENSEADRAGON_STYLE

POLICY = "; ".join(
    [
        "default-src 'none'",
        "img-src 'self' data: blob:",
        f"style-src 'self' {OPENSEADRAGON_STYLE}",
        "script-src 'self'",
        "font-src 'self'",
        "form-action 'none'",
        "base-uri 'none'",
    ]
)
"""The content security policy of each page, as a tag that stands in it: no server sends it."""


@dataclass(frozen=True, slots=True)
class SiteStamp:
    """What a publication is of, and by which rights."""

    snapshot: SnapshotManifest  # the snapshot of the same editions at the same moment
    day: date  # when it was published
    rights: str | None  # the line of rights of its pictures; None: it has none
    unblurred: bool  # whether photos that show children are as they were printed
    zoom: bool  # whether its pages have tiles
    address: str = ""  # where it will lie, ending in /; empty: nobody said
    authors: tuple[CitedAuthor, ...] = ()  # who is cited
    blurred: int = 0  # photos that are blurred

    policy = POLICY

    @property
    def is_whole(self) -> bool:
        """Whether all editions of the archive are published."""
        return self.snapshot.scope == SnapshotScope()

    @property
    def citation(self) -> str:
        """How to cite the publication, in one line."""
        where = f" {self.address}" if self.address else ""
        return f"{self.snapshot.citation()} Published on {self.day}.{where}"

    @property
    def linked_data(self) -> str:
        """The data set in schema.org's words, as JSON-LD, for search engines of data."""
        snapshot = self.snapshot
        first, last = snapshot.first_day, snapshot.last_day
        described = {
            "@context": "https://schema.org/",
            "@type": "Dataset",
            "name": snapshot.title,
            "description": self.citation,
            "creator": [{"@type": one.kind, "name": one.name} for one in self.authors],
            "datePublished": self.day.isoformat(),
            "identifier": f"sha256:{snapshot.content_sha256}",
            "inLanguage": ["en", "ko"],
            "isAccessibleForFree": True,
            "url": self.address,
            "temporalCoverage": f"{first}/{last}" if first else None,
            "distribution": [
                {"@type": "DataDownload", "encodingFormat": "text/csv",
                 "contentUrl": self.address_of("gallery.csv") or "gallery.csv"},
            ],
        }  # fmt: skip
        return json.dumps(filled(described), ensure_ascii=False).replace("<", "\\u003c")

    def cited(self, cite: Callable[[], Citation], file: str) -> Citation:
        """Return how a page is cited: as a file of the publication, of its day and authors."""
        citation = replace(cite(), address=self.address_of(file), day=self.day)
        return replace(citation, authors=self.authors) if self.authors else citation

    def address_of(self, file: str) -> str:
        """Return the address that a file will have; empty where nobody said."""
        return f"{self.address}{file}" if self.address else ""
