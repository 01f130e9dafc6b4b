"""The hashes of a deposit's files, as a BagIt bag has them: RFC 8493."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from presslens.app.deposit.description import Description
from presslens.app.platform.errors import InvalidRequest
from presslens.models.registry import sha256_of
from presslens.pipelines.archives.bag import DECLARATION, BagUnfit, FileState, checked_files
from presslens.pipelines.result import Served

PAYLOAD = "data"
INFORMATION = "bag-info.txt"
MANIFEST = "manifest-sha256.txt"
TAG_MANIFEST = "tagmanifest-sha256.txt"

MOST_FILES = 100_000
"""Most files of a deposit."""


@dataclass(frozen=True, slots=True)
class CheckedFiles(Served):
    """The files of a deposit, compared with their hashes."""

    checked: int  # files whose hash was computed
    changed: tuple[str, ...]  # files with another hash than the manifests name
    missing: tuple[str, ...]  # files that the manifests name
    # Files of its data that no manifest names; repositories add other files beside the data.
    unlisted: tuple[str, ...]
    foreign: tuple[str, ...] = ()  # listed files of its data that no deposit has

    @property
    def hold(self) -> bool:
        """Whether the files are exactly those of the manifests."""
        return not (self.changed or self.missing or self.unlisted or self.foreign)


def write_bag(folder: Path, about: Description) -> None:
    """Write the files that make a folder a bag; its payload and other files are there already."""
    payload = [path for path in files_of(folder) if path.startswith(f"{PAYLOAD}/")]
    size = sum((folder / path).stat().st_size for path in payload)
    write_text(folder / DECLARATION, "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
    authors = about.citation.authors
    organisations = (one.affiliation if one.family else one.name for one in authors)
    fields = {
        "Source-Organization": "; ".join(dict.fromkeys(filter(None, organisations))),
        "Contact-Name": about.citation.names,
        "External-Description": " ".join(about.citation.title.split()),
        "External-Identifier": about.citation.doi or f"sha256:{about.manifest.content_sha256}",
        "Bagging-Date": about.day.isoformat(),
        "Payload-Oxum": f"{size}.{len(payload)}",
    }
    lines = (f"{name}: {value}\n" for name, value in fields.items() if value)
    write_text(folder / INFORMATION, "".join(lines))
    write_manifest(folder, MANIFEST, payload)
    tags = [path for path in files_of(folder) if not path.startswith(f"{PAYLOAD}/")]
    write_manifest(folder, TAG_MANIFEST, [path for path in tags if path != TAG_MANIFEST])


def check_bag(folder: Path) -> CheckedFiles:
    """Compare the files of a deposit with their hashes.

    Raises:
        InvalidRequest: It is no bag, a manifest can't be read or names what lies outside, or the
            folder holds links.
    """
    for name in (DECLARATION, MANIFEST, TAG_MANIFEST):
        if not (folder / name).is_file():
            raise InvalidRequest(f"{folder} is no deposit: it has no {name}")
    for _ in files_of(folder):
        pass  # no link is among them
    paths: dict[FileState, list[str]] = {state: [] for state in FileState}
    try:
        for file in checked_files(folder):
            paths[file.state].append(file.path)
    except BagUnfit as error:
        raise InvalidRequest(error.args[0]) from None
    return CheckedFiles(
        len(paths[FileState.WHOLE]) + len(paths[FileState.CHANGED]),
        tuple(sorted(paths[FileState.CHANGED])),
        tuple(sorted(paths[FileState.MISSING])),
        tuple(sorted(paths[FileState.UNLISTED] + paths[FileState.LEFT])),
    )


def files_of(folder: Path) -> Iterator[str]:
    """Yield the paths of the files of a deposit, sorted, with "/" between folders.

    Raises:
        InvalidRequest: It holds a link or something that is no plain file, or too many files.
    """
    for number, path in enumerate(sorted(folder.rglob("*"))):
        name = path.relative_to(folder).as_posix()
        if number >= MOST_FILES:
            raise InvalidRequest(f"{folder} holds more than {MOST_FILES:,} files")
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise InvalidRequest(f"{name} is a link, or no plain file: no deposit holds one")
        if path.is_file():
            yield name


def write_manifest(folder: Path, name: str, paths: list[str]) -> None:
    """Write the hashes of files of a folder by their paths, as sha256sum reads them."""
    lines = (f"{sha256_of(folder / path)}  {path}\n" for path in sorted(paths))
    write_text(folder / name, "".join(lines))


def write_text(path: Path, text: str) -> None:
    """Write a text as UTF-8 with lines that end alike on all systems."""
    path.write_text(text, encoding="utf-8", newline="\n")
