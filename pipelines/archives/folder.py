"""A folder of a library: its images, and the files that describe them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path, PurePosixPath
from urllib.parse import SplitResult, unquote, urlsplit

from presslens.pipelines.archives.described_edition import DescriptionKind
from presslens.pipelines.archives.documents import TEXTS, is_of_reel, kind_of, lists_pages
from presslens.pipelines.scans.scan import ScanFormat, natural_key, sniff

MOST_FILES = 10_000
"""Most files of a folder of one edition, its sub-folders included."""

_TEXT_FOLDERS = frozenset({"alto", "fulltext", "hocr", "ocr", "page", "page-xml", "text", "xml"})
_DOCUMENT_FOLDERS = frozenset({"meta", "metadata", "mets"})
_VERSION = re.compile(r"(.+)_(\d{1,2})")
_DEPTH = 2
_HEAD = 16


@dataclass(frozen=True)
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
        """Return the files that describe an edition, by their format.

        Documents of an edition lie in its folder itself, or else its METS in a folder that is named
        after it; texts of pages also in a folder that is named after them. Of METS that list pages
        and others, those that do count; the texts beside the METS of a reel are of its targets.
        """
        files: dict[DescriptionKind, list[Path]] = {kind: [] for kind in DescriptionKind}
        for file in self.files:
            is_top = file.parent == self.path
            among_texts = file.parent.name.casefold() in _TEXT_FOLDERS
            if is_top or (among_texts and file.parent.parent == self.path):
                kind = kind_of(file)
                if kind is not None and (is_top or kind in TEXTS):
                    files[kind].append(file)
        documents = files[DescriptionKind.METS] or self._mets_below(files)
        files[DescriptionKind.METS] = validated([one for one in documents if lists_pages(one)])
        if documents and not files[DescriptionKind.METS] and any(map(is_of_reel, documents)):
            files.update({kind: [] for kind in TEXTS})
        return files

    def _mets_below(self, files: dict[DescriptionKind, list[Path]]) -> list[Path]:
        """Return the METS in a folder below that is named after it, where nothing else is found.

        That of a folder which has images of its own is of that folder.
        """
        if files[DescriptionKind.DIDL] or files[DescriptionKind.IIIF]:
            return []
        below = [one for one in self.files if one.parent.parent == self.path]
        described = [one for one in below if one.parent.name.casefold() in _DOCUMENT_FOLDERS]
        if any(one.suffix.lower() != ".xml" and page_format(one) for one in described):
            return []
        return [one for one in described if kind_of(one) is DescriptionKind.METS]

    def other_documents(self) -> list[Path]:
        """Return the METS in the folder itself that list no pages."""
        top = (file for file in self.files if file.parent == self.path)
        documents = [one for one in top if kind_of(one) is DescriptionKind.METS]
        return validated([one for one in documents if not lists_pages(one)])

    def resolve(self, href: str) -> Path | None:
        """Return the file that a description means; None where the folder has none.

        An address elsewhere, or a path out of the folder, means the one file whose path ends alike.
        """
        parts = split_address(href.replace("\\", "/"))
        place = PurePosixPath(unquote(parts.path))
        if parts.scheme in {"", "file"} and not place.is_absolute() and ".." not in place.parts:
            target = self.path / place
            if target in self.files:
                return target
        names = [name for name in place.parts if name not in {"/", ".", ".."}]
        for length in range(len(names), 0, -1):
            ends = "/".join(names[-length:]).casefold()
            alike = self._by_ending.get(names[-1].casefold(), ())
            matches = [file for file, whole in alike if f"/{whole}".endswith(f"/{ends}")]
            if matches:
                return matches[0] if len(matches) == 1 else None
        return None

    @cached_property
    def _by_ending(self) -> dict[str, list[tuple[Path, str]]]:
        """The files with their paths, by their names."""
        by_name: dict[str, list[tuple[Path, str]]] = {}
        for file in self.files:
            path = file.relative_to(self.path).as_posix().casefold()
            by_name.setdefault(file.name.casefold(), []).append((file, path))
        return by_name


def validated(documents: list[Path]) -> list[Path]:
    """Return documents without those of which a validated version lies beside them: X_1 of X."""
    stems = {document.stem: document for document in documents}
    outdated = set()
    for stem in stems:
        version = _VERSION.fullmatch(stem)
        if version and version[1] in stems:
            outdated.add(version[1])
            later = f"{version[1]}_{int(version[2]) + 1}"
            outdated.update({stem} if later in stems else set())
    return [document for stem, document in stems.items() if stem not in outdated]


def outdated(document: Path) -> Path | None:
    """Return the version of a document that a validated one beside it replaces: X of X_1."""
    version = _VERSION.fullmatch(document.stem)
    before = document.with_stem(version[1]) if version else None
    return before if before is not None and before.is_file() else None


def _walk(folder: Path, depth: int) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.is_symlink():
            continue
        if path.is_file():
            yield path
        elif depth and path.is_dir():
            yield from _walk(path, depth - 1)


def names_in(address: str) -> Iterator[str]:
    """Yield what a file may be called by its address, in small letters, from the end on."""
    for part in reversed(PurePosixPath(unquote(split_address(address).path)).parts):
        yield part.casefold()
        yield PurePosixPath(part).stem.casefold()


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
