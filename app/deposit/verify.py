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

from presslens.app.db.queries import EditionScope
from presslens.app.deposit.bag import CheckedFiles, check_bag
from presslens.app.deposit.differences import (
    ChangedCell,
    HeldTable,
    held_numbers,
    held_table,
    held_text,
)
from presslens.app.deposit.documents import foreign_files, held_documents, unheld_files
from presslens.app.deposit.loaded import loaded
from presslens.app.deposit.numbers import (
    METHODS,
    OnTable,
    methods_text,
    published_numbers,
)
from presslens.app.deposit.present import PresentRecipe, adopt
from presslens.app.deposit.recompute import StoredDecision, recompute, undecided_scores
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
from presslens.app.services.exports.snapshot.read import LIMITS, Snapshot
from presslens.app.services.exports.table_writer import TableFormat
from presslens.app.services.exports.tables.registry import TABLES, WHOLE_TABLES
from presslens.models.recipe import Recipe
from presslens.pipelines.result import Served
from presslens.pipelines.scans.archive import extract
from presslens.pipelines.scans.scan import Limits, ScanRejected

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
    """The time is over that a verification may take."""


@dataclass(frozen=True, slots=True)
class PresentNumbers(Served):
    """Which published numbers hold under the recipe that the program has today."""

    recipe: str
    same: bool  # it is the recipe of the deposit: what is said of that holds
    differs_in: tuple[str, ...]  # parts of the recipe that differ
    tables: tuple[HeldTable, ...]
    # Values of numbers that depend on what the present recipe would read from scans otherwise.
    not_checkable: int


@dataclass(frozen=True, slots=True)
class Verification(Served):
    """What a verification has found."""

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
    numbers: tuple[HeldTable, ...]  # published numbers against computed ones
    rows: tuple[HeldTable, ...]  # tables against those that follow from the snapshot
    decisions: tuple[ChangedCell, ...]  # decisions that don't follow from stored scores
    not_checkable: dict[str, int]  # rows that depend on pixels, by table: not without scans
    present: PresentNumbers | None = None  # None: it was not asked for
    not_reached: tuple[str, ...] = ()  # what the time was too short for
    # What is said of the deposit, against what its snapshot and the program say.
    documents: tuple[HeldTable, ...] = ()
    # Files in which somebody says what nothing can be held against.
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
        found = any(table.differ for table in tables)
        return self.files.hold and not found and not self.decisions and not self.not_reached


@dataclass(slots=True)
class _Clock:
    """Says when the time of a verification is over."""

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
        present: Gives the recipe that the program has today; None: it is not asked for.
        seconds: How long it may take; what is not reached by then is named.

    Raises:
        InvalidRequest: It is no deposit, can't be read, or is not to be trusted.
        DiskFull: Too little disk is free.
    """
    clock = _Clock(progress, time.monotonic() + seconds)
    folder = _unpacked(place, scratch / "deposit")
    progress("files", 0, 1)
    files = check_bag(folder)
    foreign = [name for name in foreign_files(folder) if name not in files.unlisted]
    files = replace(files, foreign=tuple(foreign))
    try:
        snapshot = snapshot_in(folder / SNAPSHOT)
    except InvalidRequest as error:
        if not files.changed:
            raise
        names = ", ".join(files.changed)
        raise InvalidRequest(f"{error}; changed since the deposit was made: {names}") from error
    with loaded(snapshot, scratch) as home:
        done = _verified(place, folder, home, snapshot, files, scratch, clock)
        if present is not None:
            done = replace(done, present=_present(folder, home, done, present(), clock))
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
    undecided = tuple(_difference(one) for one in undecided_scores(home))
    numbers: list[HeldTable] = []
    rows: list[HeldTable] = []
    documents: list[HeldTable] = []
    with _in_time(clock, "tables"):
        recompute(home, lambda done, of: clock("summaries", done, of))
        rows += _held_rows(folder, home, scratch, clock)
        counted = {Path(one.table).name: one.rows for one in rows if one.table.endswith(".csv")}
        documents += held_documents(folder, home, snapshot.manifest, counted, scratch)
    with _in_time(clock, "numbers"):
        for shape, computed in published_numbers(home, clock):
            numbers.append(held_numbers(shape, folder / NUMBERS / f"{shape.name}.csv", computed))
        numbers.append(_held_methods(folder, home, snapshot))
    manifest = snapshot.manifest
    sizes = {Path(one.name).stem: one.rows or 0 for one in manifest.files}
    return Verification(
        deposit=str(place), title=manifest.title, recipe=manifest.recipe,
        made_by=manifest.presslens, verified_by=code_version(), files=files,
        numbers=tuple(numbers), rows=tuple(rows), decisions=undecided,
        not_checkable={name: sizes[name] for name in FROM_PIXELS if sizes.get(name)},
        documents=tuple(documents), not_held=tuple(unheld_files(folder, manifest)),
    )  # fmt: skip


def _held_rows(
    folder: Path, home: Installation, scratch: Path, clock: _Clock
) -> Iterator[HeldTable]:
    """Hold both copies of the tables against the rows that follow from the snapshot."""
    whole, published = scratch / "whole", scratch / "published"
    whole.mkdir()
    published.mkdir()
    write_tables(home, EditionScope(), TableFormat.CSV, whole, specs=WHOLE_TABLES)
    (whole / SCRATCH).unlink(missing_ok=True)
    written_tables(home, published, clock)
    for specs, ours, theirs, ending in (
        (WHOLE_TABLES, folder / SNAPSHOT, whole, "csv"),
        (TABLES, folder / TABLE_FOLDER, published, "parquet"),
    ):
        for number, spec in enumerate(specs):
            clock("rows", number, len(specs))
            name = f"{spec.name}.{ending}"
            if not (ours / name).is_file():
                raise InvalidRequest(f"{NAME} has no {name}")
            held = held_table(spec, ours / name, theirs / name)
            yield _renamed(held, f"{ours.name}/{name}")


def _renamed(held: HeldTable, table: str) -> HeldTable:
    differences = tuple(replace(one, table=table) for one in held.differences)
    return replace(held, table=table, differences=differences)


def _held_methods(folder: Path, home: Installation, snapshot: Snapshot) -> HeldTable:
    path = folder / NUMBERS / METHODS
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"{METHODS} can't be read") from error
    version = f"Presslens {snapshot.manifest.presslens}"
    computed = methods_text(home).replace(f"Presslens {code_version()}", version)
    return held_text(METHODS, text, computed)


def _present(
    folder: Path, home: Installation, done: Verification, recipe: Recipe, clock: _Clock
) -> PresentNumbers:
    """Return which published numbers hold under the present recipe."""
    change = PresentRecipe.of(home.recipe, recipe)
    if change.same:
        return PresentNumbers(recipe.id, True, (), (), 0)
    held: list[HeldTable] = []
    if change.sees:
        with _in_time(clock, "present recipe"):
            now = adopt(home, recipe)
            recompute(now, lambda number, of: clock("under the present recipe", number, of))
            for shape, rows in published_numbers(now, clock):
                path = folder / NUMBERS / f"{shape.name}.csv"
                held.append(held_numbers(shape, path, rows, only=change.is_checkable))
    compared = {one.table: one.values for one in held}
    tables = [one for one in done.numbers if one.table != METHODS]
    lost = sum(one.values - compared.get(one.table, 0) for one in tables)
    return PresentNumbers(recipe.id, False, change.differs_in, tuple(held), max(0, lost))


@contextmanager
def _in_time(clock: _Clock, what: str) -> Iterator[None]:
    """Name what the time is too short for."""
    try:
        yield
    except OutOfTime:
        clock.not_reached.append(what)


def _difference(decision: StoredDecision) -> ChangedCell:
    return ChangedCell(
        "snapshot/photos.csv" if decision.what == "focus" else "snapshot/sightings.csv",
        f"photo {decision.photo_id}", decision.what, decision.stored, decision.decided,
    )  # fmt: skip


def _unpacked(place: Path, folder: Path) -> Path:
    """Return the folder of a deposit; a ZIP file is unpacked into an empty folder.

    Raises:
        InvalidRequest: It is neither, or a ZIP file that is not to be trusted.
    """
    if place.is_dir():
        return place
    folder.mkdir()
    try:
        with place.open("rb") as file:
            names: dict[int, str] = {}
            members = extract(
                file, lambda i: (folder / f".{i}").open("xb"), NAME, DEPOSIT_LIMITS, scans=False
            )
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise InvalidRequest(f"{place} is neither a folder nor a ZIP file that is read") from error
    except ScanRejected as rejection:
        raise InvalidRequest(f"{NAME} is rejected: {rejection.detail}") from rejection
    for member in members:
        if isinstance(member, ScanRejected):
            raise InvalidRequest(f"{member.name} is rejected: {member.detail}")
        names[member.place] = member.name.removeprefix(f"{NAME}/")
    for number, name in names.items():
        target = folder / name
        if target.exists() or not target.resolve().is_relative_to(folder.resolve()):
            raise InvalidRequest(f"{NAME} holds {name} twice, or outside of itself")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(folder / f".{number}", target)
    inner = list(folder.iterdir())
    return inner[0] if len(inner) == 1 and inner[0].is_dir() else folder
