"""Addresses of a report of files, which opens without a server."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from presslens.app.web.addresses import Addresses, nowhere

HOME = "index.html"


@dataclass(frozen=True)
class ReportFiles:
    """What a report consists of; pictures are those that its pages have asked for."""

    editions: frozenset[int]  # ids of its editions
    pages: frozenset[int]  # ids of the pages that have a file
    # The id of the page of each photo that has a file, by the photo's id.
    page_of_photo: dict[int, int]
    pictured: frozenset[int]  # ids of the pages that there is a picture of
    # For each picture, its file, the id of its page, that of its photo or None, and its width in
    # pixels or None.
    pictures: dict[str, tuple[int, int | None, int | None]] = field(default_factory=dict)
    statics: set[str] = field(default_factory=set)  # the static files that its pages load

    def edition(self, edition_id: int) -> str:
        """Return the file of an edition: the first page of all, if it is the only one."""
        return HOME if len(self.editions) == 1 else f"pages/edition-{edition_id}.html"

    def page(self, page_id: int) -> str:
        """Return the file of a page."""
        return f"pages/page-{page_id}.html"

    def photo(self, photo_id: int) -> str:
        """Return the file of a photo."""
        return f"pages/photo-{photo_id}.html"


class FileAddresses(Addresses):
    """The addresses of a report's files, relative to the file that names them.

    What needs a server has none.
    """

    live = False

    timeline = gallery = compare = claims = claim = claim_test = figures = figure = nowhere
    review = planner = desk = disagreements = batch = team = talk = mine = training = nowhere
    codebook = search = ask = question = claim_new = nowhere
    labels = upload = trash = newspapers = newspaper = masthead = nowhere
    privacy = edits = runs = night = reference_image = export = method = docs = api = chart = (
        gallery_sheet
    ) = gallery_tiles = nowhere

    def __init__(self, files: ReportFiles, file: str) -> None:
        """Make the addresses that one of the files names.

        Args:
            files: The files of the report; pictures that are asked for are added to them.
            file: The file that names the addresses.
        """
        super().__init__("")
        self._files, self._up = files, "../" * file.count("/")

    def static(self, path: str) -> str:
        """Return the address of a static file, which the report gets a copy of."""
        self._files.statics.add(path)
        return f"{self._up}static/{path}"

    def start(self) -> str | None:
        """Return the address of the list of editions; None if there is one edition alone."""
        return f"{self._up}{HOME}" if len(self._files.editions) > 1 else None

    def edition(self, edition_id: int) -> str | None:
        """Return the address of an edition of the report."""
        included = edition_id in self._files.editions
        return f"{self._up}{self._files.edition(edition_id)}" if included else None

    def page(self, page_id: int, **_query: Any) -> str | None:
        """Return the address of a page of the report."""
        included = page_id in self._files.pages
        return f"{self._up}{self._files.page(page_id)}" if included else None

    def photo(self, photo_id: int) -> str | None:
        """Return the address of a photo of the report."""
        included = photo_id in self._files.page_of_photo
        return f"{self._up}{self._files.photo(photo_id)}" if included else None

    def page_image(self, page_id: int, width: int | None = None) -> str | None:
        """Return the address of a page's picture; None if there is none."""
        return self._picture("page", page_id, page_id, None, width)

    def photo_image(self, photo_id: int, width: int | None = None) -> str | None:
        """Return the address of a photo's crop; None if its page has no picture."""
        page_id = self._files.page_of_photo.get(photo_id)
        return None if page_id is None else self._picture(
            "photo", photo_id, page_id, photo_id, width
        )  # fmt: skip

    def _picture(
        self, kind: str, id_: int, page_id: int, photo_id: int | None, width: int | None
    ) -> str | None:
        if page_id not in self._files.pictured:
            return None
        file = f"pictures/{kind}-{id_}{f'-{width}' if width else ''}.jpg"
        self._files.pictures[file] = page_id, photo_id, width
        return f"{self._up}{file}"
