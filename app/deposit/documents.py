"""The documents of a deposit: which of them follow from its snapshot and the program."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from presslens.app.db.queries import EditionScope
from presslens.app.deposit.bag import DECLARATION, MANIFEST, TAG_MANIFEST
from presslens.app.deposit.differences import HeldTable, held_text
from presslens.app.deposit.numbers import METHODS, NUMBER_TABLES
from presslens.app.deposit.records import counts
from presslens.app.deposit.write import (
    CODEBOOK,
    DEPOSIT,
    DOCUMENTS,
    NUMBERS,
    SCANS,
    SNAPSHOT,
    SUFFIXES,
    TABLE_FOLDER,
)
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.exports.data_package import (
    FILE,
    dictionary_markdown,
    write_data_package,
)
from presslens.app.services.exports.snapshot.manifest import SnapshotManifest, code_version
from presslens.app.services.exports.snapshot.write import span_of
from presslens.app.services.exports.table_writer import TableFormat
from presslens.app.services.exports.tables.registry import TABLES, WHOLE_TABLES
from presslens.models.registry import sha256_of

README = "README.md"
SAID = f"{SNAPSHOT}/manifest.json"
RECIPE = f"{SNAPSHOT}/recipe.json"

_TABLES = (
    (SNAPSHOT, TableFormat.CSV, WHOLE_TABLES),
    (TABLE_FOLDER, TableFormat.PARQUET, TABLES),
    (NUMBERS, TableFormat.CSV, NUMBER_TABLES),
)
_HELD = frozenset(
    f"{place}/{one.name}.{form.value}" for place, form, specs in _TABLES for one in specs
) | {f"{NUMBERS}/{METHODS}", RECIPE, SAID, DEPOSIT}
"""Tables, the recipe that numbers are computed under, and what is said of them."""
_OF_PROGRAM = frozenset(
    {*(f"{place}/{FILE}" for place, _, _ in _TABLES), f"{DOCUMENTS}/{CODEBOOK.name}",
     f"{DOCUMENTS}/dictionary.md"}
)  # fmt: skip
"""What one version of the program writes alike into each deposit."""
_OF_SNAPSHOT = frozenset(
    f"{SNAPSHOT}/{name}" for name in ("CITATION.cff", "README.txt", "citation.txt", "recipe.toml")
)
_SCAN = re.compile(rf"{SCANS}/([0-9a-f]{{64}})\.(?:{'|'.join(SUFFIXES.values())}|bin)")
_COUNTED = re.compile(r"[\d,]+ editions?, .*")


def held_documents(
    folder: Path,
    home: Installation,
    manifest: SnapshotManifest,
    rows: Mapping[str, int],
    scratch: Path,
) -> Iterator[HeldTable]:
    """Hold the documents of a deposit against those that are written anew.

    Those that another version of the program has made are only held where they count what is there.

    Args:
        folder: The deposit's.
        home: Its snapshot, loaded.
        manifest: The snapshot's.
        rows: The number of rows of the snapshot's tables, by the names of their files.
        scratch: A folder for files.

    Raises:
        InvalidRequest: One can't be read.
    """
    yield held_text(SAID, _lines(_said(manifest)), _lines(_found(home, rows)))
    made = _of_manifest(manifest)
    yield held_text(DEPOSIT, _lines(_deposited(folder, made)), _lines(made))
    lines = _text(folder, README).splitlines()
    counted = next((line for line in lines if _COUNTED.match(line)), "")
    line = counts(manifest)
    yield held_text(README, counted[: len(line)], line)
    if manifest.presslens != code_version():
        return
    dictionary = dictionary_markdown(*NUMBER_TABLES)
    codebook = CODEBOOK.read_text(encoding="utf-8")
    for name, text in (("dictionary.md", dictionary), (CODEBOOK.name, codebook)):
        yield held_text(f"{DOCUMENTS}/{name}", _text(folder, f"{DOCUMENTS}/{name}"), text)
    for place, form, specs in _TABLES:
        some = {spec.name: 1 for spec in specs}  # no package of these formats says how many
        anew = write_data_package(scratch, form, home.recipe, some, specs)
        text = anew.read_text(encoding="utf-8")
        yield held_text(f"{place}/{FILE}", _text(folder, f"{place}/{FILE}"), text)


def foreign_files(folder: Path) -> Iterator[str]:
    """Yield the files of a deposit's data that no deposit has."""
    known = _HELD | _OF_PROGRAM | _OF_SNAPSHOT
    for path in sorted((folder / "data").rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name not in known:
            scan = _SCAN.fullmatch(name)
            if scan is None or sha256_of(path) != scan[1]:
                yield name


def unheld_files(folder: Path, manifest: SnapshotManifest) -> Iterator[str]:
    """Yield the files of a deposit that say what nothing can be held against, hashes apart."""
    held = {*_HELD, DECLARATION, MANIFEST, TAG_MANIFEST}
    held.update(_OF_PROGRAM if manifest.presslens == code_version() else ())
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name not in held and not _SCAN.fullmatch(name):
            yield name


def _said(manifest: SnapshotManifest) -> dict[str, object]:
    names = ("editions", "pages", "photos", "first_day", "last_day", "observation_id")
    return {
        **{name: getattr(manifest, name) for name in names},
        "publications": sorted(manifest.publications),
        "files": {file.name: file.rows for file in manifest.files if file.rows is not None},
    }


def _found(home: Installation, rows: Mapping[str, int]) -> dict[str, object]:
    """Return what the manifest of a snapshot must say of its tables."""
    first, last, names = span_of(home, EditionScope())
    return {
        **{name: rows[f"{name}.csv"] for name in ("editions", "pages", "photos")},
        "first_day": first,
        "last_day": last,
        "observation_id": home.recipe.observation_id,
        "publications": sorted(names),
        "files": dict(rows),
    }


def _of_manifest(manifest: SnapshotManifest) -> dict[str, object]:
    names = ("presslens", "recipe", "content_sha256")
    return {name: getattr(manifest, name) for name in names}


def _deposited(folder: Path, names: Iterable[str]) -> dict[str, object]:
    """Return what a deposit says of how it was made, as its snapshot says it, too.

    Raises:
        InvalidRequest: It can't be read.
    """
    try:
        made = json.loads(_text(folder, DEPOSIT))
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(f"{DEPOSIT} can't be read") from error
    return {name: made.get(name) if isinstance(made, dict) else None for name in names}


def _lines(facts: Mapping[str, object]) -> str:
    """Return facts, a line each, whatever their order is."""
    lines = []
    for name, value in facts.items():
        several = value.items() if isinstance(value, dict) else [("", value)]
        lines += [f"{name} {key}: {one}" if key else f"{name}: {one}" for key, one in several]
    return "\n".join(sorted(lines))


def _text(folder: Path, name: str) -> str:
    try:
        return (folder / name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"{name} can't be read") from error
