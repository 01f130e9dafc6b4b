"""What lies beside editions in the folders of libraries: papers of bags, batches and reels."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from presslens.models.message import Message
from presslens.pipelines.archives.described_edition import DescriptionKind
from presslens.pipelines.archives.documents import is_of_reel, kind_of, lists_pages, xml_files
from presslens.pipelines.archives.folder import validated
from presslens.pipelines.archives.markup import HEAD, MOST_BYTES
from presslens.pipelines.scans.scan import shown

_BATCH = re.compile(rb"<(?:[\w.-]+:)?batch[\s>]")
_ISSUE = re.compile(rb"<(?:[\w.-]+:)?issue\b[^<>]{0,1000}>\s*([^<>\s]{1,1000})\s*<")
_MOST_NAMED = 20
"""So many missing issues of a batch are named."""


def papers_of(folder: Path) -> tuple[bool, tuple[str, ...]]:
    """Return whether a folder is a reel's, and what its files say that describe no edition.

    The images in the folder of a reel are of its targets.

    Raises:
        OSError: The folder can't be read.
    """
    documents = xml_files(folder)
    mets = [file for file in documents if kind_of(file) is DescriptionKind.METS]
    reels = validated([file for file in mets if is_of_reel(file)])
    others = [file for file in mets if file not in reels and not is_of_reel(file)]
    notes = [
        Message(
            "%(name)s describes a reel of microfilm: the images beside it are its targets",
            name=shown(reel.name),
        )
        for reel in reels
    ]
    notes += [
        Message("%(name)s is METS that lists no pages", name=shown(other.name))
        for other in others
        if not lists_pages(other)
    ]
    batches = validated([file for file in documents if _is_batch(file)])
    return bool(reels), (*notes, *(note for batch in batches for note in _missing(batch)))


def is_batch(folder: Path) -> bool:
    """Return whether a folder has the list of a batch, in itself or as the data of a bag."""
    places = [folder, folder / "data"]
    return any(_is_batch(file) for place in places for file in xml_files(place))


def _is_batch(file: Path) -> bool:
    if "batch" not in file.stem.casefold():
        return False
    with file.open("rb") as opened:
        return _BATCH.search(opened.read(HEAD)) is not None


def _missing(batch: Path) -> Iterator[str]:
    """Yield which issues a batch lists, if not all are there."""
    with batch.open("rb") as file:
        found = _ISSUE.findall(file.read(MOST_BYTES))
    listed = [one.decode("utf-8", errors="replace") for one in found]
    missing = [one for one in listed if not _is_there(batch.parent, one)]
    if missing:
        names = ", ".join(map(shown, missing[:_MOST_NAMED]))
        yield Message(
            "%(name)s lists %(listed)s issues, of which %(n)s are not there: %(names)s",
            name=shown(batch.name),
            listed=len(listed),
            n=len(missing),
            names=names if len(missing) <= _MOST_NAMED else f"{names} …",
        )


def _is_there(folder: Path, listed: str) -> bool:
    """Return whether an issue is there, under its name or as a validated version."""
    path = PurePosixPath(listed)
    if path.is_absolute() or ".." in path.parts:
        return False
    place = folder / path
    stem = re.sub(r"_\d{1,2}$", "", place.stem)
    return place.is_file() or any(
        (place.parent / f"{stem}{version}.xml").is_file() for version in ("", "_1")
    )
