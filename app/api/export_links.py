"""Addresses of what exports name: IIIF resources, absolute, and pictures, under the API's root."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from presslens.app.api import links
from presslens.app.db.queries import EditionScope
from presslens.app.services.exports.iiif import CanvasOf


def page_image_path(page_id: int) -> str:
    """Return the path of a page's picture under the API's root, as COCO images are named."""
    return f"pages/{page_id}/image.jpg"


@dataclass(frozen=True, slots=True)
class ExportLinks:
    """The addresses of IIIF resources."""

    server: str  # address of the server, with or without a slash at its end

    def _at(self, path: str) -> str:
        return self.server.rstrip("/") + path

    def start(self) -> str:
        """Return the address of the installation."""
        return self._at("/")

    def collection(self, scope: EditionScope) -> str:
        """Return the address of a collection of manifests."""
        params = {"publication": scope.publication, "from": scope.first, "to": scope.last}
        query = urlencode({name: str(value) for name, value in params.items() if value})
        return self._at(f"{links.ROOT}/exports/iiif" + (f"?{query}" if query else ""))

    def edition(self, edition_id: int) -> str:
        """Return the address of an edition for programs."""
        return self._at(links.edition(edition_id))

    def edition_page(self, edition_id: int) -> str:
        """Return the address of an edition for people."""
        return self._at(f"/editions/{edition_id}")

    def photos(self, edition_id: int) -> str:
        """Return the address of the table of an edition's photos."""
        return self._at(f"{links.ROOT}/photos.csv?edition={edition_id}")

    def alto(self, edition_id: int) -> str:
        """Return the address of an edition's pages as ALTO."""
        return self._at(f"{links.ROOT}/exports/alto?edition={edition_id}")

    def pdf(self, edition_id: int) -> str:
        """Return the address of an edition's pages as a PDF."""
        return self._at(f"{links.ROOT}/exports/pdf?edition={edition_id}")

    def search(self, edition_id: int) -> str:
        """Return where an edition is searched: the addresses of its services begin so."""
        return self.edition(edition_id)

    def manifest(self, edition_id: int) -> str:
        """Return the address of an edition's manifest."""
        return self._at(f"{links.edition(edition_id)}/manifest.json")

    def canvas(self, page_id: int) -> str:
        """Return the name of a page's canvas, which can't be fetched."""
        return self._at(f"{links.page(page_id)}/canvas")

    def page_image(self, page_id: int) -> str:
        """Return the address of a page's picture."""
        return self._at(links.page_image(page_id))

    def image_service(self, page_id: int) -> str:
        """Return the address of a page's picture as an image service."""
        return self._at(links.iiif_image(page_id))

    def page_annotations(self, page_id: int, on: CanvasOf = CanvasOf.HERE) -> str:
        """Return the address of a page's annotations."""
        query = "" if on is CanvasOf.HERE else f"?on={on}"
        return self._at(f"{links.page(page_id)}/annotations.json{query}")

    def edition_annotations(self, edition_id: int, on: CanvasOf) -> str:
        """Return the address of the annotations of all pages of an edition."""
        return self._at(f"{links.edition(edition_id)}/annotations.json?on={on}")

    def recipes(self) -> str:
        """Return the address of the list of recipes."""
        return self._at(f"{links.ROOT}/recipes")
