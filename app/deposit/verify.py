"""Verifies a deposit: its hashes, and every published number, computed again from it alone."""

from __future__ import annotations

import shutil
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar

from presslens.app.citations.citation import Citation
from presslens.app.db.queries import EditionScope
from presslens.app.deposit.bag import CheckedFiles, check_bag
from presslens.app.deposit.differences import (
    ChangedCell,
    ComparedTable,
    compare_numbers,
    compare_tables,
    compare_texts,
)
from presslens.app.deposit.documents import (
    compare_documents,
    read_text,
    stated_citation,
    unexpected_files,
    unverified_files,
)
from presslens.app.deposit.loaded import loaded
from presslens.app.deposit.numbers import METHODS, OnTable, methods_text, published_numbers
from presslens.app.deposit.present import PresentRecipe, adopt
from presslens.app.deposit.recompute import changed_decisions, recompute
from presslens.app.deposit.write import (
    NUMBERS,
    SCRATCH,
    SNAPSHOT,
    TABLE_FOLDER,
    snapshot_in,
    written_tables,
)
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.exports.export import write_tables
from presslens.app.services.exports.snapshot.manifest import code_version
from presslens.app.services.exports.snapshot.read import LIMITS, Snapshot, unpack
from presslens.app.services.exports.table_writer import TableFormat
from presslens.app.services.exports.tables.registry import TABLES, WHOLE_TABLES
from presslens.models.recipe import Recipe
from presslens.pipelines.result import Served
from presslens.pipelines.scans.scan import Limits

NAME = "the deposit"
FROM_PIXELS = (
    "photos", "removed_photos", "subjects", "labels", "sightings", "detections", "captions",
    "headlines", "headline_photos", "reprints", "pages",
)  # fmt: skip
"""Tables of what was read from scans: boxes, probabilities, counts, texts, traits of pages."""

DEPOSIT_LIMITS = Limits(
    pages=20_000, entries=20_000, file_bytes=LIMITS.file_bytes, request_bytes=LIMITS.request_bytes
)
"""Most that is unpacked of a deposit: it may hold its scans."""


class OutOfTime(Exception):
    """A verification takes longer than it may."""


@dataclass(frozen=True, slots=True)
class PresentNumbers(Served):
    """Which published numbers hold under the recipe that the program has today."""

    recipe: str
    same: bool  # it is the recipe of the deposit, whose numbers are verified already
    differs_in: tuple[str, ...]  # parts of the recipe that differ
    tables: tuple[ComparedTable, ...]
    # Values of numbers that depend on what the present recipe would read from scans otherwise.
    not_checkable: int


@dataclass(frozen=True, slots=True)
class Verification(Served):
    """The result of a verification."""

    SERVED: ClassVar[str] = """
        deposit title recipe made_by verified_by is_whole checked hold files numbers rows
        documents differences decisions not_checkable not_held present not_reached
    """

    deposit: str
    title: str
    recipe: str
    made_by: str  # the version of Presslens that has made the deposit
    verified_by: str
    files: CheckedFiles
    numbers: tuple[ComparedTable, ...]  # published numbers against computed ones
    rows: tuple[ComparedTable, ...]  # tables against those that follow from the snapshot
    decisions: tuple[ChangedCell, ...]  # decisions that don't follow from stored scores
    not_checkable: dict[str, int]  # rows that depend on pixels, by table: not without scans
    present: PresentNumbers | None = None  # None: it was not requested
    not_reached: tuple[str, ...] = ()  # the steps that the time was too short for
    # The deposit's documents, compared with those of its snapshot and of the program.
    documents: tuple[ComparedTable, ...] = ()
    # Files whose content nothing can be compared with.
    not_held: tuple[str, ...] = ()

    @property
    def checked(self) -> int:
        """Published values that were computed again."""
        return sum(one.values for one in self.numbers)

    @property
    def hold(self) -> int:
        """Published values that hold."""
        return sum(one.holds for one in self.numbers)

    @property
    def differences(self) -> tuple[ChangedCell, ...]:
        """The first differences of each table, and of decisions."""
        tables = (*self.numbers, *self.rows, *self.documents)
        return (*(one for table in tables for one in table.differences), *self.decisions)

    @property
    def is_whole(self) -> bool:
        """Whether all files, numbers, rows and decisions hold."""
        tables = (*self.numbers, *self.rows, *self.documents)
        differ = any(table.differ for table in tables)
        return self.files.hold and not differ and not self.decisions and not self.not_reached


@dataclass(slots=True)
class _Clock:
    """Reports progress, and ends a verification that takes too long."""

    progress: OnTable
    until: float
    not_reached: list[str] = field(default_factory=list)

    def __call__(self, step: str, done: int, of: int) -> None:
        if time.monotonic() > self.until:
            raise OutOfTime
        self.progress(step, done, of)


def verify_deposit(
    place: Path,
    scratch: Path,
    *,
    present: Callable[[], Recipe] | None,
    seconds: float,
    progress: OnTable,
) -> Verification:
    """Verify a deposit, a folder or a ZIP file.

    Args:
        scratch: An empty folder.
        present: Returns the present recipe of the program; None: it is not compared.
        seconds: How long it may take; steps that are not reached by then are reported.

    Raises:
        InvalidRequest: It is no deposit, can't be read, or is not to be trusted.
        DiskFull: Too little disk is free.
    """
    clock = _Clock(progress, time.monotonic() + seconds)
    folder = _unpacked(place, scratch / "deposit")
    progress("files", 0, 1)
    files = check_bag(folder)
    foreign = [name for name in unexpected_files(folder) if name not in files.unlisted]
    files = replace(files, foreign=tuple(foreign))
    try:
        snapshot = snapshot_in(folder / SNAPSHOT)
        with loaded(snapshot, scratch) as home:
            done = _verified(place, folder, home, snapshot, files, scratch, clock)
            if present is not None:
                done = replace(done, present=_present(folder, home, done, present(), clock))
    except InvalidRequest as error:
        states = {"changed": files.changed, "missing": files.missing, "unlisted": files.unlisted}
        named = [f"; {word} since the deposit was made: {', '.join(names)}"
                 for word, names in states.items() if names]  # fmt: skip
        raise InvalidRequest(f"{error}{''.join(named)}") from error
    return replace(done, not_reached=tuple(clock.not_reached))


def _verified(
    place: Path,
    folder: Path,
    home: Installation,
    snapshot: Snapshot,
    files: CheckedFiles,
    scratch: Path,
    clock: _Clock,
) -> Verification:
    decisions = tuple(changed_decisions(home))
    numbers: list[ComparedTable] = []
    rows: list[ComparedTable] = []
    documents: list[ComparedTable] = []
    with _in_time(clock, "tables"):
        recompute(home, lambda done, of: clock("summaries", done, of))
        cited = stated_citation(folder)
        rows += _compare_rows(folder, home, cited, scratch, clock)
        counted = {Path(one.table).name: one.rows for one in rows if one.table.endswith(".csv")}
        documents += compare_documents(folder, home, snapshot.manifest, counted, cited, scratch)
    with _in_time(clock, "numbers"):
        for shape, computed in published_numbers(home, clock):
            numbers.append(compare_numbers(shape, folder / NUMBERS / f"{shape.name}.csv", computed))
        numbers.append(_compare_methods(folder, home, snapshot))
    manifest = snapshot.manifest
    sizes = {Path(one.name).stem: one.rows or 0 for one in manifest.files}
    return Verification(
        deposit=str(place), title=manifest.title, recipe=manifest.recipe,
        made_by=manifest.presslens, verified_by=code_version(), files=files,
        numbers=tuple(numbers), rows=tuple(rows), decisions=decisions,
        not_checkable={name: sizes[name] for name in FROM_PIXELS if sizes.get(name)},
        documents=tuple(documents), not_held=tuple(unverified_files(folder, manifest)),
    )  # fmt: skip


def _compare_rows(
    folder: Path, home: Installation, cited: Citation | None, scratch: Path, clock: _Clock
) -> Iterator[ComparedTable]:
    """Compare both copies of the tables with the rows that follow from the snapshot."""
    whole, published = scratch / "whole", scratch / "published"
    whole.mkdir()
    published.mkdir()
    write_tables(home, EditionScope(), TableFormat.CSV, whole, specs=WHOLE_TABLES)
    (whole / SCRATCH).unlink(missing_ok=True)
    written_tables(home, published, cited, clock)
    for specs, deposited, computed, ending in (
        (WHOLE_TABLES, folder / SNAPSHOT, whole, "csv"),
        (TABLES, folder / TABLE_FOLDER, published, "parquet"),
    ):
        for number, spec in enumerate(specs):
            clock("rows", number, len(specs))
            name = f"{spec.name}.{ending}"
            if not (deposited / name).is_file():
                raise InvalidRequest(f"{NAME} has no {name}")
            compared = compare_tables(spec, deposited / name, computed / name)
            yield _renamed(compared, f"{deposited.name}/{name}")


def _renamed(compared: ComparedTable, table: str) -> ComparedTable:
    differences = tuple(replace(one, table=table) for one in compared.differences)
    return replace(compared, table=table, differences=differences)


def _compare_methods(folder: Path, home: Installation, snapshot: Snapshot) -> ComparedTable:
    text = read_text(folder, f"{NUMBERS}/{METHODS}")
    version = f"Presslens {snapshot.manifest.presslens}"
    computed = methods_text(home).replace(f"Presslens {code_version()}", version)
    return compare_texts(METHODS, text, computed)


def _present(
    folder: Path, home: Installation, done: Verification, recipe: Recipe, clock: _Clock
) -> PresentNumbers:
    """Return which published numbers hold under the present recipe."""
    change = PresentRecipe.of(home.recipe, recipe)
    if change.same:
        return PresentNumbers(recipe.id, True, (), (), 0)
    tables: list[ComparedTable] = []
    if change.sees:
        with _in_time(clock, "present recipe"):
            now = adopt(home, recipe)
            recompute(now, lambda number, of: clock("under the present recipe", number, of))
            for shape, rows in published_numbers(now, clock):
                path = folder / NUMBERS / f"{shape.name}.csv"
                tables.append(compare_numbers(shape, path, rows, only=change.is_checkable))
    compared = sum(one.values for one in tables)
    published = sum(one.values for one in done.numbers if one.table != METHODS)
    unchecked = max(0, published - compared)
    return PresentNumbers(recipe.id, False, change.differs_in, tuple(tables), unchecked)


@contextmanager
def _in_time(clock: _Clock, step: str) -> Iterator[None]:
    """Record a step that the time is too short for."""
    try:
        yield
    except OutOfTime:
        clock.not_reached.append(step)


def _unpacked(place: Path, folder: Path) -> Path:
    """Return the folder of a deposit; a ZIP file is unpacked into an empty folder.

    Raises:
        InvalidRequest: It is neither, or a ZIP file that is not to be trusted.
    """
    if place.is_dir():
        return place
    if not zipfile.is_zipfile(place):
        raise InvalidRequest(f"{place} is no deposit: it is neither a folder nor a ZIP file")
    members = folder.with_name("members")
    members.mkdir()
    folder.mkdir()
    for name, path in unpack(place, members, NAME, DEPOSIT_LIMITS).items():
        target = folder / name
        if not target.resolve().is_relative_to(folder.resolve()):
            raise InvalidRequest(f"{NAME} holds {name}, outside of itself")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(path, target)
    inner = list(folder.iterdir())
    return inner[0] if len(inner) == 1 and inner[0].is_dir() else folder
