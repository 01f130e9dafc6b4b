"""BagIt (RFC 8493): a folder whose files are listed with their checksums."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from presslens.models.message import Message
from presslens.pipelines.archives.described_edition import DescriptionUnusable
from presslens.pipelines.scans.scan import shown

DECLARATION = "bagit.txt"
"""The file that makes a folder a bag."""

_DATA = "data"
_INFORMATION = "bag-info.txt"
_ALGORITHMS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
_MANIFEST = re.compile(r"(tag)?manifest-([a-z0-9]+)\.txt", re.IGNORECASE)
_LEFT = frozenset({"desktop.ini", "thumbs.db"})
_LINE = re.compile(r"([0-9a-fA-F]{32,128})[ \t]+\*?(.+)")
_ENDS = re.compile(r"\r\n|\r|\n")
_ENCODED = re.compile(r"%(0[aAdD]|25)")
_DRIVE = re.compile(r"[A-Za-z]:")
_MOST_BYTES = 256 * 2**20
"""Largest file of checksums that is read: two million lines."""
_MOST_FACTS_BYTES = 2**20
_CHUNK = 2**20
_ABOVE = 8
"""A folder may lie so many folders deep in a bag."""

OnBytes = Callable[[str, int, int], object]
"""Is told the name of a bag, the bytes of it that are checked, and all of its bytes."""


class BagUnfit(DescriptionUnusable):
    """A bag is not what its checksums say; the message names the bag and the file."""


class FileState(StrEnum):
    """What a file of a bag is by its checksums."""

    WHOLE = "whole"
    CHANGED = "changed"
    MISSING = "missing"
    UNLISTED = "unlisted"
    LEFT = "left"  # not listed, and such as systems leave in folders
    MISCOUNTED = "miscounted"  # it says another size of the data


class BagFile(NamedTuple):
    """A file of a bag, compared with the checksums."""

    path: str  # where it is in the bag
    state: FileState
    why: str = ""  # what is wrong with it


def is_bag(folder: Path) -> bool:
    """Return whether a folder says that it is a bag."""
    return (folder / DECLARATION).is_file()


def bag_around(folder: Path) -> Path | None:
    """Return the bag that a folder is, or lies in; None where there is none."""
    return next((path for path in [folder, *folder.parents][:_ABOVE] if is_bag(path)), None)


def facts_of(bag: Path) -> dict[str, str]:
    """Return what a bag says of itself, by names in lower case: "source-organization"."""
    path = bag / _INFORMATION
    facts: dict[str, str] = {}
    if not path.is_file() or path.is_symlink() or path.stat().st_size > _MOST_FACTS_BYTES:
        return facts
    last = ""
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        name, colon, value = line.partition(":")
        if line[:1] in {" ", "\t"} and last:
            facts[last] += f" {line.strip()}"
        elif colon:
            last = name.strip().casefold()
            facts.setdefault(last, value.strip())
    return facts


class CheckedBags:
    """Checks each bag once, whatever is asked of what lies in it."""

    def __init__(self, progress: OnBytes = lambda *_: None) -> None:
        """Check none yet.

        Args:
            progress: Is told how far a bag is checked.
        """
        self._progress = progress
        self._unfit: dict[Path, str | None] = {}

    def has_refused(self, path: Path) -> bool:
        """Return whether a path lies in a bag that is not what its checksums say."""
        refused = (bag for bag, why in self._unfit.items() if why is not None)
        return any(path.is_relative_to(bag) for bag in refused)

    def check(self, bag: Path) -> None:
        """Check the files of a bag against its checksums.

        Raises:
            BagUnfit: One is missing, differs or is not listed, or a list leads out of the bag.
            OSError: The bag can't be read.
        """
        if bag not in self._unfit:
            why = None
            try:
                for file in checked_files(bag, self._progress):
                    if file.state not in {FileState.WHOLE, FileState.LEFT}:
                        raise _unfit(bag, file.path, file.why)
            except BagUnfit as error:
                why = error.args[0]
            self._unfit[bag] = why
        if (why := self._unfit[bag]) is not None:
            raise BagUnfit(why)


def checked_files(bag: Path, progress: OnBytes = lambda *_: None) -> Iterator[BagFile]:
    """Yield the files of a bag, compared with its checksums; those that are read come last.

    Raises:
        BagUnfit: Its lists can't be read, lead out of the bag, or contradict each other, its data
            hold a link, or it has no checksums.
        OSError: The bag can't be read.
    """
    payload, missing = _listed(bag, of_tags=False)
    if not payload and not missing:
        raise _unfit(
            bag, "manifest-ALGORITHM.txt", Message("there is none whose checksums are known")
        )
    tags, missing_tags = _listed(bag, of_tags=True)
    for path in [*missing, *missing_tags]:
        yield BagFile(path, FileState.MISSING, _why_missing(bag, path))
    yield from _unlisted(bag, payload)
    yield from _miscounted(bag, payload)
    everything = [*tags.items(), *payload.items()]
    total = sum((bag / path).stat().st_size for path, _ in everything)
    done = 0
    for path, checksums in everything:
        digests = {name: hashlib.new(name, usedforsecurity=False) for name in checksums}
        for chunk in _chunks(bag / path):
            for digest in digests.values():
                digest.update(chunk)
            done += len(chunk)
            progress(bag.name, done, total)
        others = [one for one in digests if digests[one].hexdigest() != checksums[one].lower()]
        if others:
            why = Message(
                "its checksum (%(name)s) is not the one that the bag lists", name=others[0]
            )
            yield BagFile(path, FileState.CHANGED, why)
        else:
            yield BagFile(path, FileState.WHOLE)


def _listed(bag: Path, *, of_tags: bool) -> tuple[dict[str, dict[str, str]], list[str]]:
    """Return the checksums that manifests list of the files that are there, and the other paths.

    Raises:
        BagUnfit: A list can't be read, leads out of the bag, or contradicts itself.
    """
    names = sorted(path.name for path in bag.iterdir() if path.is_file())
    there = dict(_files(bag)) if not of_tags else {name: name for name in names}
    listed: dict[str, dict[str, str]] = {}
    missing: list[str] = []
    for name, algorithm in _manifests(bag, of_tags=of_tags):
        for checksum, path in _lines(bag, name):
            real = there.get(_plain(path))
            if real is None and of_tags:
                real = path if (bag / path).is_file() else None
            if real is None:
                missing.append(path)
                continue
            before = listed.setdefault(real, {}).setdefault(algorithm, checksum)
            if before.lower() != checksum.lower():
                why = Message("%(name)s lists it twice, with two checksums", name=name)
                raise _unfit(bag, path, why)
    return listed, list(dict.fromkeys(missing))


def _manifests(bag: Path, *, of_tags: bool) -> list[tuple[str, str]]:
    """Return the names of the manifests of a bag, and their algorithms, which are known."""
    names = sorted(path.name for path in bag.iterdir() if path.is_file())
    matches = [(name, match) for name in names if (match := _MANIFEST.fullmatch(name))]
    listed = [(name, match[2].lower()) for name, match in matches if bool(match[1]) is of_tags]
    return [(name, algorithm) for name, algorithm in listed if algorithm in _ALGORITHMS]


def _miscounted(bag: Path, payload: Collection[str]) -> Iterator[BagFile]:
    """Yield what a bag says of the size of its data, if they have another."""
    stated = facts_of(bag).get("payload-oxum")
    counted = f"{sum((bag / path).stat().st_size for path in payload)}.{len(payload)}"
    if stated is not None and stated != counted:
        why = Message(
            "it says that bytes and files of the data are %(said)s, and they are %(found)s",
            said=shown(stated),
            found=counted,
        )
        yield BagFile(_INFORMATION, FileState.MISCOUNTED, why)


def _unlisted(bag: Path, payload: Mapping[str, Collection[str]]) -> Iterator[BagFile]:
    """Yield the files of a bag's data that are not listed.

    Each manifest lists all of them since version 1.0; before, one of the manifests does.
    """
    if not _is_old(_declared(bag)):
        for name, algorithm in _manifests(bag, of_tags=False):
            why = Message("%(name)s does not list it", name=name)
            for path, checksums in payload.items():
                if algorithm not in checksums:
                    yield BagFile(path, FileState.UNLISTED, why)
    for _, path in _files(bag):
        if path not in payload:
            name = PurePosixPath(path).name.casefold()
            is_left = name.startswith(".") or name in _LEFT
            state = FileState.LEFT if is_left else FileState.UNLISTED
            yield BagFile(path, state, Message("the bag does not list it"))


def _lines(bag: Path, name: str) -> Iterator[tuple[str, str]]:
    """Yield the checksums and paths of a manifest.

    Raises:
        BagUnfit: A line is none, or its path leads out of the bag.
    """
    path = bag / name
    if path.is_symlink() or path.stat().st_size > _MOST_BYTES:
        raise _unfit(bag, name, Message("it is a link, or too large"))
    facts = _declared(bag)
    is_old = _is_old(facts)
    encoding = facts.get("tag-file-character-encoding", "UTF-8")
    try:
        text = path.read_bytes().decode(encoding)
    except (LookupError, UnicodeDecodeError):
        raise _unfit(
            bag, name, Message("it is not in %(encoding)s", encoding=shown(encoding))
        ) from None
    for line in filter(None, _ENDS.split(text.lstrip("\ufeff"))):
        match = _LINE.fullmatch(line.strip())
        if match is None:
            raise _unfit(
                bag, name, Message("this line is none of a manifest: %(line)s", line=shown(line))
            )
        written = match[2].strip().removeprefix("./")
        listed = written if is_old else _ENCODED.sub(_decoded, written)
        _check_place(bag, listed)
        yield match[1], listed


def _is_old(declared: Mapping[str, str]) -> bool:
    return declared.get("bagit-version", "1.0").startswith("0.")


def _decoded(match: re.Match[str]) -> str:
    return chr(int(match[1], 16))


def _check_place(bag: Path, path: str) -> None:
    """Check that a path stays in a bag and is no link.

    Raises:
        BagUnfit: It does not, or is one.
    """
    parts = PurePosixPath(path.replace("\\", "/")).parts
    if not parts or parts[0] == "/" or ".." in parts or path[0] == "~" or _DRIVE.match(path):
        raise _unfit(bag, path, Message("its path leads out of the bag"))
    place = bag
    for part in parts:
        place /= part
        if place.is_symlink():
            raise _unfit(bag, path, Message("it is a link"))


def _declared(bag: Path) -> dict[str, str]:
    with (bag / DECLARATION).open(encoding="utf-8", errors="replace") as file:
        lines = file.read(_MOST_FACTS_BYTES).lstrip("\ufeff").splitlines()
    pairs = (line.partition(":") for line in lines)
    return {name.strip().casefold(): value.strip() for name, _, value in pairs}


def _files(bag: Path) -> Iterator[tuple[str, str]]:
    """Yield the files of a bag's data: their paths without differences of systems, and theirs.

    Raises:
        BagUnfit: One is a link.
    """
    for folder, folders, names in os.walk(bag / _DATA):
        for name in [*folders, *names]:
            path = Path(folder, name)
            if path.is_symlink():
                raise _unfit(bag, path.relative_to(bag).as_posix(), Message("it is a link"))
        for name in names:
            relative = Path(folder, name).relative_to(bag).as_posix()
            if not (bag / relative).is_file():
                raise _unfit(bag, relative, Message("it is no file"))
            yield _plain(relative), relative


def _plain(path: str) -> str:
    """Return a path in the form in which systems agree on letters and separators."""
    return unicodedata.normalize("NFC", path.replace("\\", "/"))


def _why_missing(bag: Path, path: str) -> str:
    """Return why a listed file is not there: some are to be fetched, which is left to people."""
    fetched = bag / "fetch.txt"
    if fetched.is_file() and fetched.stat().st_size <= _MOST_BYTES:
        for line in fetched.read_text(encoding="utf-8", errors="replace").splitlines():
            address, _, rest = line.strip().partition(" ")
            if rest.strip().partition(" ")[2].strip() == path:
                return Message("it is not there: fetch it from %(address)s", address=shown(address))
    return Message("it is not there")


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _unfit(bag: Path, path: str, why: str) -> BagUnfit:
    return BagUnfit(
        Message(
            "the bag %(bag)s is refused, %(file)s: %(why)s",
            bag=shown(bag.name),
            file=shown(path),
            why=why,
        )
    )
