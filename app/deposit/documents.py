"""The comparison of a deposit's documents with those of its snapshot and of the program."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pydantic import ValidationError

from presslens.app.citations.citation import Citation
from presslens.app.db.queries import EditionScope
from presslens.app.deposit.bag import MANIFEST, PAYLOAD, TAG_MANIFEST, files_of
from presslens.app.deposit.differences import ComparedTable, compare_texts
from presslens.app.deposit.loaded import RECIPE as RECIPE_NAME
from presslens.app.deposit.numbers import METHODS, NUMBER_TABLES
from presslens.app.deposit.records import counts
from presslens.app.deposit.write import (
    CODEBOOK,
    DEPOSIT,
    DOCUMENTS,
    NUMBERS,
    SCANS,
    SNAPSHOT,
    STATED,
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
from presslens.app.services.exports.snapshot.manifest import MANIFEST as SNAPSHOT_MANIFEST_NAME
from presslens.app.services.exports.snapshot.manifest import SnapshotManifest, code_version
from presslens.app.services.exports.snapshot.write import span_of, superseded_counts
from presslens.app.services.exports.table_writer import TableFormat
from presslens.app.services.exports.tables.registry import TABLES, WHOLE_TABLES
from presslens.models.registry import sha256_of
from presslens.pipelines.archives.bag import DECLARATION

README = "README.md"
SNAPSHOT_MANIFEST = f"{SNAPSHOT}/{SNAPSHOT_MANIFEST_NAME}"
CITATION = f"{SNAPSHOT}/citation.txt"
RECIPE = f"{SNAPSHOT}/{RECIPE_NAME}"

_TABLES = (
    (SNAPSHOT, TableFormat.CSV, WHOLE_TABLES),
    (TABLE_FOLDER, TableFormat.PARQUET, TABLES),
    (NUMBERS, TableFormat.CSV, NUMBER_TABLES),
)
_COMPARED = frozenset(
    f"{place}/{one.name}.{form.value}" for place, form, specs in _TABLES for one in specs
) | {f"{NUMBERS}/{METHODS}", RECIPE, SNAPSHOT_MANIFEST, DEPOSIT}
"""Files that are compared: tables, methods, recipe and manifests."""
_OF_PROGRAM = frozenset(
    {*(f"{place}/{FILE}" for place, _, _ in _TABLES), f"{DOCUMENTS}/{CODEBOOK.name}",
     f"{DOCUMENTS}/dictionary.md", CITATION}
)  # fmt: skip
"""Files that a version of the program writes alike into each deposit."""
_OF_SNAPSHOT = frozenset(
    f"{SNAPSHOT}/{name}" for name in ("CITATION.cff", "README.txt", "recipe.toml")
)
_SCAN = re.compile(rf"{SCANS}/([0-9a-f]{{64}})\.(?:{'|'.join(SUFFIXES.values())}|bin)")
_COUNTED = re.compile(r"[\d,]+ editions?, .*")


def compare_documents(
    folder: Path,
    home: Installation,
    manifest: SnapshotManifest,
    rows: Mapping[str, int],
    cited: Citation | None,
    scratch: Path,
) -> Iterator[ComparedTable]:
    """Compare the documents of a deposit with documents that are written again.

    Of a deposit of another version of the program, only counts and identifiers are compared.

    Args:
        folder: The deposit's.
        home: Its snapshot, loaded.
        manifest: The snapshot's.
        rows: The number of rows of the snapshot's tables, by the names of their files.
        cited: What is said of the deposit.
        scratch: A folder for files.

    Raises:
        InvalidRequest: A document can't be read.
    """
    yield compare_texts(
        SNAPSHOT_MANIFEST, _lines(_stated(manifest)), _lines(_measured(home, rows, manifest))
    )
    origin = _origin(manifest)
    yield compare_texts(DEPOSIT, _lines(_stated_origin(folder, origin)), _lines(origin))
    lines = read_text(folder, README).splitlines()
    stated = next((line for line in lines if _COUNTED.match(line)), "")
    line = counts(manifest)
    yield compare_texts(README, stated[: len(line)], line)
    if manifest.presslens != code_version():
        return
    dictionary = dictionary_markdown(*NUMBER_TABLES)
    codebook = CODEBOOK.read_text(encoding="utf-8")
    for name, text in (("dictionary.md", dictionary), (CODEBOOK.name, codebook)):
        yield compare_texts(f"{DOCUMENTS}/{name}", read_text(folder, f"{DOCUMENTS}/{name}"), text)
    for place, form, specs in _TABLES:
        rows_of = {spec.name: 1 for spec in specs}  # packages of these formats have no counts
        package = write_data_package(scratch, form, home.recipe, rows_of, specs, cited)
        text = package.read_text(encoding="utf-8")
        yield compare_texts(f"{place}/{FILE}", read_text(folder, f"{place}/{FILE}"), text)
    if cited is not None:
        line = manifest.citation(cited) + "\n"
        yield compare_texts(CITATION, read_text(folder, CITATION), line)


def unexpected_files(folder: Path) -> Iterator[str]:
    """Yield the files of a deposit's data that no deposit has."""
    expected = _COMPARED | _OF_PROGRAM | _OF_SNAPSHOT
    for name in files_of(folder):
        if name.startswith(f"{PAYLOAD}/") and name not in expected:
            scan = _SCAN.fullmatch(name)
            if scan is None or sha256_of(folder / name) != scan[1]:
                yield name


def unverified_files(folder: Path, manifest: SnapshotManifest) -> Iterator[str]:
    """Yield the files of a deposit whose content nothing can be compared with, hashes apart."""
    compared = {*_COMPARED, DECLARATION, MANIFEST, TAG_MANIFEST}
    compared.update(_OF_PROGRAM if manifest.presslens == code_version() else ())
    for name in files_of(folder):
        if name not in compared and not _SCAN.fullmatch(name):
            yield name


def _stated(manifest: SnapshotManifest) -> dict[str, object]:
    names = ("editions", "pages", "photos", "superseded", "first_day", "last_day", "observation_id")
    return {
        **{name: getattr(manifest, name) for name in names},
        "publications": sorted(manifest.publications),
        "files": {file.name: file.rows for file in manifest.files if file.rows is not None},
    }


def _measured(
    home: Installation, rows: Mapping[str, int], manifest: SnapshotManifest
) -> dict[str, object]:
    """Return the fields of a snapshot's manifest that follow from its tables."""
    first, last, names = span_of(home, EditionScope())
    return {
        **{name: rows[f"{name}.csv"] for name in ("editions", "pages", "photos")},
        "superseded": superseded_counts(home, EditionScope()) if manifest.superseded else None,
        "first_day": first,
        "last_day": last,
        "observation_id": home.recipe.observation_id,
        "publications": sorted(names),
        "files": dict(rows),
    }


def _origin(manifest: SnapshotManifest) -> dict[str, object]:
    names = ("presslens", "recipe", "content_sha256")
    return {name: getattr(manifest, name) for name in names}


def stated_citation(folder: Path) -> Citation | None:
    """Return what is said of a deposit; None where it does not keep that.

    Raises:
        InvalidRequest: The file can't be read.
    """
    stated = _stated_origin(folder, ["citation"])["citation"]
    try:
        return None if stated is None else STATED.validate_python(stated)
    except ValidationError as error:
        raise InvalidRequest(f"{DEPOSIT} has a citation that can't be read") from error


def _stated_origin(folder: Path, names: Iterable[str]) -> dict[str, object]:
    """Return the origin that a deposit states.

    Raises:
        InvalidRequest: The file can't be read.
    """
    try:
        document = json.loads(read_text(folder, DEPOSIT))
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(f"{DEPOSIT} can't be read") from error
    return {name: document.get(name) if isinstance(document, dict) else None for name in names}


def _lines(facts: Mapping[str, object]) -> str:
    """Return facts as sorted lines."""
    lines = []
    for name, value in facts.items():
        pairs = value.items() if isinstance(value, dict) else [("", value)]
        lines += [f"{name} {key}: {one}" if key else f"{name}: {one}" for key, one in pairs]
    return "\n".join(sorted(lines))


def read_text(folder: Path, name: str) -> str:
    """Return the text of a file of a deposit.

    Raises:
        InvalidRequest: The file can't be read.
    """
    try:
        return (folder / name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"{name} can't be read") from error
