"""Checks an archive: every file and row against what the others say of it. Nothing is changed.

Scans are named by their sha256, pictures of pages have theirs behind them, weights have it in the
manifest; rows refer to rows and name files. Derivatives are not checked: they are made again from
the pictures of pages when somebody asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ForeignKeyConstraint, and_, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from presslens.app.db import schema
from presslens.app.db.all_tables import METADATA
from presslens.app.installation import Installation, connect
from presslens.app.platform.errors import NoDatabase, StoreMissing
from presslens.app.platform.settings import Settings
from presslens.app.preservation.manifest import hash_file
from presslens.app.preservation.named_files import NamedFiles, named_files
from presslens.app.storage.storage import scan_key
from presslens.models.errors import ModelMismatch, ModelUnavailable
from presslens.pipelines.object_store import SCANS, VIEWS
from presslens.pipelines.result import Served
from presslens.pipelines.view import is_intact

OnChecked = Callable[[int, int], None]
"""Told how many of how many files are checked."""

EXAMPLES = 5
"""Number of rows that are named of those that have the same fault."""


class ArchiveFault(StrEnum):
    """What can be wrong with an archive."""

    STORE = "store"
    SCHEMA = "schema"
    DATABASE = "database"
    MISSING = "missing"
    ALTERED = "altered"
    STRAY = "stray"
    ROW = "row"
    WEIGHTS = "weights"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong."""

    fault: ArchiveFault  # what kind of fault it is
    what: str  # the path of a file in the data folder, or the rows
    detail: str  # what it is, and what to do

    def sentence(self) -> str:
        """Return the finding as a line of text."""
        return f"{self.fault.value}: {self.what}: {self.detail}"


@dataclass(frozen=True, slots=True)
class CheckReport(Served):
    """The result of a check."""

    findings: list[Finding]  # what is wrong; empty if all is well
    files: int = 0  # number of files that were read
    bytes: int = 0  # their size
    # Number of pictures of pages that were written without their sha256, by versions before 0.3:
    # only their first and last bytes were checked.
    unsealed: int = 0


def check_archive(
    settings: Settings, *, progress: OnChecked = lambda _done, _of: None
) -> CheckReport:
    """Check an installation, whatever state it is in.

    Args:
        settings: Of the installation.
        progress: Told how many of how many files are checked.

    Raises:
        InvalidRecipe: The recipe can't be used.
    """
    with connect(settings) as home:
        findings = [*_check_weights(home)]
        findings += _check_store(home)
        if (unusable := _check_schema(home)) is not None:
            return CheckReport([*findings, unusable])
        try:
            with home.database.read() as session:
                faults = [*_check_database(session)] or [*_check_references(session)]
                names = named_files(session)
        except DBAPIError as error:
            unreadable = Finding(
                ArchiveFault.DATABASE, "the database", f"it can't be read: {error.orig}"
            )
            return CheckReport([*findings, unreadable])
        findings += faults
        files = _FileCheck(home, names)
        findings += files.run(progress)
    return CheckReport(findings, files.read, files.bytes, files.unsealed)


def _check_store(home: Installation) -> Iterator[Finding]:
    name = home.storage.name
    try:
        marked = home.storage.marked
    except StoreMissing as error:
        yield Finding(ArchiveFault.STORE, name, f"it can't be read: {error}")
        return
    if not marked:
        yield Finding(
            ArchiveFault.STORE,
            name,
            "it has no .presslens file: is its disk mounted? If these are the right files,"
            " create the file there, empty",
        )


def _check_weights(home: Installation) -> Iterator[Finding]:
    registry = home.settings.load_registry()
    for name in sorted({*home.recipe.observe.weights, *home.recipe.interpret.weights}):
        try:
            registry.path(name)
        except (ModelUnavailable, ModelMismatch) as error:
            yield Finding(ArchiveFault.WEIGHTS, name, f"{error}: run `presslens models fetch`")


def _check_schema(home: Installation) -> Finding | None:
    """Return what keeps the rows from being read."""
    try:
        version = schema.version(home.database)
    except NoDatabase as error:
        return Finding(ArchiveFault.DATABASE, "the database", str(error))
    if version is schema.Version.CURRENT:
        return None
    advice = {
        schema.Version.OLDER: "they are older than the program: run `presslens upgrade`",
        schema.Version.MISSING: "there are none: run `presslens init`, or restore a backup",
    }
    other = "they are of another version: install that version of Presslens"
    return Finding(ArchiveFault.SCHEMA, "the tables", advice.get(version, other))


def _check_database(session: Session) -> Iterator[Finding]:
    """Yield the damage that SQLite finds in its file; PostgreSQL checks what it reads itself."""
    if session.get_bind().dialect.name != "sqlite":
        return
    for (fault,) in session.execute(text(f"PRAGMA integrity_check({EXAMPLES})").columns()):
        if fault != "ok":
            yield Finding(ArchiveFault.DATABASE, "the database", str(fault))


def _check_references(session: Session) -> Iterator[Finding]:
    """Yield the foreign keys of all tables that rows break."""
    for table in METADATA.sorted_tables:
        for constraint in sorted(table.foreign_key_constraints, key=lambda one: str(one.name)):
            yield from _broken(session, constraint)


def _broken(session: Session, constraint: ForeignKeyConstraint) -> Iterator[Finding]:
    table, target = constraint.table, constraint.referred_table.alias()
    pairs = [(key.parent, target.c[key.column.name]) for key in constraint.elements]
    there = select(text("1")).select_from(target).where(and_(*(a == b for a, b in pairs)))
    lost = and_(*(a.is_not(None) for a, _ in pairs), ~there.correlate(table).exists())
    count = session.scalar(select(func.count()).select_from(table).where(lost)) or 0
    if not count:
        return
    key = list(table.primary_key.columns)
    rows = session.execute(select(*key).where(lost).order_by(*key).limit(EXAMPLES)).all()
    named = ", ".join("/".join(map(str, row)) for row in rows)
    more = ", …" if count > len(rows) else ""
    columns = ", ".join(column.name for column, _ in pairs)
    yield Finding(
        ArchiveFault.ROW,
        f"{table.name} {named}{more}",
        f"{count} rows refer to no {constraint.referred_table.name} by {columns}",
    )


class _FileCheck:
    """Reads the files of a store, and compares them with those that rows name."""

    def __init__(self, home: Installation, names: NamedFiles) -> None:
        self.read = self.bytes = self.unsealed = 0
        self._home, self._names = home, names

    def run(self, progress: OnChecked) -> Iterator[Finding]:
        """Yield what is wrong with files: altered and stray ones, then missing ones."""
        storage = self._home.storage
        paths = [*storage.keys(SCANS), *storage.keys(VIEWS)]
        strays = []
        for number, path in enumerate(paths):
            progress(number, len(paths))
            if not self._names.names(path):
                strays.append(path)
            elif not self._is_good(path):
                yield Finding(ArchiveFault.ALTERED, path, self._what(path))
        progress(len(paths), len(paths))
        yield from self._name_strays(strays)
        there = set(paths)
        for path in self._needed():
            if path not in there:
                yield Finding(ArchiveFault.MISSING, path, self._what(path))

    def _is_good(self, path: str) -> bool:
        with self._home.storage.copy(path) as file:
            self.read += 1
            if path.startswith("views/"):
                self.bytes += file.stat().st_size
                intact = is_intact(file)
                self.unsealed += intact is None
                return intact is not False
            actual = hash_file(file)
            self.bytes += actual.size
            return actual.sha256 == _sha256(path)

    def _name_strays(self, paths: list[str]) -> Iterator[Finding]:
        """Yield the files that no row names, nor one that was written since the first look."""
        if not paths:
            return
        with self._home.database.read() as session:
            names = named_files(session)
        for path in paths:
            if not names.names(path):
                yield Finding(ArchiveFault.STRAY, path, "no row names it")

    def _needed(self) -> Iterator[str]:
        for sha256 in self._names.scans:
            yield scan_key(sha256)
        yield from self._names.views

    def _what(self, path: str) -> str:
        sha256 = _sha256(path)
        shown = "" if path.startswith("scans/") else "the picture of "
        return f"{shown}{self._names.scans.get(sha256, 'a file that is not needed any more')}"


def _sha256(path: str) -> str:
    _, folder, name = path.split("/")
    return folder + name[:62]
