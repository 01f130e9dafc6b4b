"""A folder of a library: its images, and the files that describe them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath
from urllib.parse import SplitResult, unquote, urlsplit

from presslens.pipelines.archives.documents import DescriptionKind, kind_of
from presslens.pipelines.scans.scan import ScanFormat, natural_key, sniff

MOST_FILES = 10_000
"""Most files of a folder of one edition, its sub-folders included."""

_TEXT_FOLDERS = frozenset({"alto", "fulltext", "ocr", "page", "page-xml", "text", "xml"})
_TEXTS = frozenset({DescriptionKind.ALTO, DescriptionKind.PAGE})
_DEPTH = 2
_HEAD = 16


@dataclass(frozen=True, slots=True)
class ArchiveFolder:
    """The files of an edition's folder and of the folders in it, two deep."""

    path: Path
    files: tuple[Path, ...]  # all files that are not hidden, in natural order

    @classmethod
    def listed(cls, path: Path) -> ArchiveFolder:
        """List a folder; links are passed over, and no more than ``MOST_FILES`` are listed."""
        files = list(islice(_walk(path, _DEPTH), MOST_FILES))
        files.sort(key=lambda file: natural_key(str(file.relative_to(path))))
        return cls(path, tuple(files))

    def descriptions(self) -> dict[DescriptionKind, list[Path]]:
        """Return the files that describe the edition, by their format.

        Documents of an edition lie in its folder itself, texts of pages also in a folder that is
        named after them.
        """
        files: dict[DescriptionKind, list[Path]] = {kind: [] for kind in DescriptionKind}
        for file in self.files:
            is_top = file.parent == self.path
            among_texts = file.parent.name.casefold() in _TEXT_FOLDERS
            if is_top or (among_texts and file.parent.parent == self.path):
                kind = kind_of(file)
                if kind is not None and (is_top or kind in _TEXTS):
                    files[kind].append(file)
        return files

    def resolve(self, href: str) -> Path | None:
        """Return the file that a description means; None where the folder has none.

        An address elsewhere, or a path out of the folder, means the one file of that name in it.
        """
        parts = split_address(href.replace("\\", "/"))
        place = PurePosixPath(unquote(parts.path))
        if parts.scheme in {"", "file"} and not place.is_absolute() and ".." not in place.parts:
            target = self.path / place
            if target in self.files:
                return target
        named = [file for file in self.files if file.name == place.name]
        return named[0] if len(named) == 1 else None


def _walk(folder: Path, depth: int) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.is_symlink():
            continue
        if path.is_file():
            yield path
        elif depth and path.is_dir():
            yield from _walk(path, depth - 1)


def split_address(address: str) -> SplitResult:
    """Return the parts of an address; of one that is against the syntax, all is the path."""
    try:
        return urlsplit(address)
    except ValueError:
        return SplitResult("", "", address, "", "")


def page_format(path: Path) -> ScanFormat | None:
    """Return the format of a file that holds a page, by its first bytes; None for others."""
    with path.open("rb") as file:
        kind = sniff(file.read(_HEAD))
    return None if kind is ScanFormat.ZIP else kind
