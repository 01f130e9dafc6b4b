"""The images of an issue's pages: of several groups of files, the best that is there."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path, PurePosixPath

from presslens.pipelines.archives.folder import ArchiveFolder, names_in, page_format
from presslens.pipelines.archives.issue_document import IssuePage

_XML = ".xml"
_DERIVED = re.compile(
    r"thumb|preview|black.?white|bitonal|-(?:bin|clip|crop|despeck|deskew|dewarp|nrm)",
    re.IGNORECASE,
)
"""Groups of images that were cut, turned or made black and white, by their uses."""


_SERVED = re.compile(r"https?://.*/(?:default|native|color|gr[ae]y|bitonal)\.\w+")
"""An address of the IIIF Image API: they end alike for all pages."""


class PageImages:
    """Finds the images of pages in a folder."""

    def __init__(self, folder: ArchiveFolder, file_bytes: int) -> None:
        """Find none yet.

        Args:
            folder: Where the images are.
            file_bytes: Largest file that is read.
        """
        self._folder = folder
        self._file_bytes = file_bytes

    def best(self, pages: Sequence[IssuePage]) -> dict[int, Path]:
        """Return the image of each page by its place, of the group that has most pages and bytes.

        Derived images and PDF come after others. Where no image is there under its name, one
        counts whose name differs in its ending alone, or is in the address of the page's image.
        """
        ways = (self._folder.resolve, self.of_stem, self._of_address)
        return next(filter(None, (self._best_of(pages, find) for find in ways)), {})

    def _best_of(
        self, pages: Sequence[IssuePage], find: Callable[[str], Path | None]
    ) -> dict[int, Path]:
        """Return the best of the groups of a document, and of those of one use and ending.

        Some have a group for each page, others several groups of one use.
        """
        groups: dict[str, dict[int, Path]] = {}
        for place, page in enumerate(pages):
            for file in page.files:
                places = file.places if file.is_image else ()
                path = next(filter(None, map(find, places)), None)
                if path is not None and self._is_readable(path):
                    for kind in (file.group, path.suffix):
                        groups.setdefault(f"{file.use} {kind}", {}).setdefault(place, path)
        whole = {
            use: group for use, group in groups.items() if len(set(group.values())) == len(group)
        }
        best = max(whole, key=lambda use: _worth(use, whole[use]), default=None)
        return {} if best is None else whole[best]

    @cached_property
    def _by_stem(self) -> dict[str, list[Path]]:
        """The images of the folder, by their names without endings."""
        found: dict[str, list[Path]] = {}
        for file in self._folder.files:
            if file.suffix.lower() != _XML and page_format(file) is not None:
                found.setdefault(file.stem.casefold(), []).append(file)
        return found

    def of_stem(self, href: str) -> Path | None:
        """Return the one image whose name differs from another in its ending alone."""
        images = self._by_stem.get(PurePosixPath(href.replace("\\", "/")).stem.casefold(), [])
        return images[0] if len(images) == 1 else None

    def _of_address(self, href: str) -> Path | None:
        """Return the one image whose name is in the address of a IIIF image."""
        names = names_in(href) if _SERVED.fullmatch(href) else ()
        named = (self._by_stem.get(name, []) for name in names)
        return next((images[0] for images in named if len(images) == 1), None)

    def _is_readable(self, path: Path) -> bool:
        fits = 0 < path.stat().st_size <= self._file_bytes
        return fits and path.suffix.lower() != _XML and page_format(path) is not None


def _worth(use: str, group: Mapping[int, Path]) -> tuple[int, bool, bool, int]:
    """Return what makes the images of a group better than those of another."""
    is_pdf = any(path.suffix.lower() == ".pdf" for path in group.values())
    size = sum(path.stat().st_size for path in group.values())
    return len(group), not is_pdf, not _DERIVED.search(use), size
