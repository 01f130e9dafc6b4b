"""Addresses of what exports name: IIIF resources, absolute, and pictures, under the API's root."""

from __future__ import annotations

from dataclasses import dataclass

from presslens.app.api import links


def page_image_path(page_id: int) -> str:
    """Return the path of a page's picture under the API's root, as COCO images are named."""
    return f"pages/{page_id}/image.jpg"


@dataclass(frozen=True, slots=True)
class ExportLinks:
    """The addresses of IIIF resources."""

    server: str  # address of the server, with or without a slash at its end
    query: str = ""  # query of the collection's own address, "?from=2019-12-16" for instance

    def _at(self, path: str) -> str:
        return self.server.rstrip("/") + path

    def collection(self) -> str:
        """Return the address of the collection of manifests."""
        return self._at(f"{links.ROOT}/exports/iiif{self.query}")

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

    def page_annotations(self, page_id: int) -> str:
        """Return the address of a page's annotations."""
        return self._at(f"{links.page(page_id)}/annotations.json")

    def recipes(self) -> str:
        """Return the address of the list of recipes."""
        return self._at(f"{links.ROOT}/recipes")
