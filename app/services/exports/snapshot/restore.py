"""Imports a snapshot into an empty installation: whole, in one transaction, or not at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from sqlalchemy import ColumnElement, String, delete, func, insert, select, true
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, selectinload

from presslens.app.db.claims import ClaimRow, EventRow
from presslens.app.db.columns import Table
from presslens.app.db.edits import RESTORED, EditRow
from presslens.app.db.publications import (
    STATED,
    PublicationAliasRow,
    PublicationIdentifierRow,
    TrashedEditionRow,
    find_publication,
    publication_identified,
)
from presslens.app.db.tables import METADATA, PublicationRow
from presslens.app.db.types import PlainText
from presslens.app.installation import Installation
from presslens.app.platform.errors import Conflict, InvalidRequest
from presslens.app.services.exports.batches import ReportProgress, TableSpec, no_progress
from presslens.app.services.exports.snapshot.read import Record, Snapshot, open_snapshot
from presslens.app.services.exports.snapshot.rows import RowBuilder
from presslens.app.services.exports.tables.registry import STORED_TABLES
from presslens.pipelines.result import Served
from presslens.pipelines.scans.sandbox import Sandbox
from presslens.pipelines.scans.scan import ScanRejected

MASTHEAD_BYTES = 5_000_000
"""A masthead that people set is a JPEG of a few hundred kilobytes."""

JPEG = b"\xff\xd8\xff"
"""The first bytes of a JPEG file."""

BY_ANYBODY = (
    "recipes", "publications", "publication_aliases", "publication_identifiers", "edits",
)  # fmt: skip
"""Exported tables that an installation may have rows of: these go behind the snapshot's."""

BATCH = 5_000
"""Records that are inserted at a time."""

ORDER = [table.name for table in METADATA.sorted_tables]
"""Names of tables, those first that others refer to."""


@dataclass(frozen=True, slots=True)
class Restored(Served):
    """The result of an import."""

    citation: str  # how the snapshot is cited
    added: dict[str, int]  # records that gave rows, by exported table
    # Records that gave none: the recipe, and what a scan has on its second page.
    passed_over: dict[str, int]


def restore(home: Installation, path: Path, *, progress: ReportProgress = no_progress) -> Restored:
    """Import a snapshot into an empty installation; editions, pages, photos and reviews keep ids.

    Claims and events that came with the installation make way for those of the snapshot.

    Args:
        home: The installation; it must work under the recipe of the snapshot.
        path: The ZIP file.
        progress: Called after each table.

    Raises:
        InvalidRequest: It is no snapshot, is damaged, or was made under another recipe.
        Conflict: The installation is not empty.
        DiskFull: Too little disk is free.
    """
    with home.storage.scratch() as folder:
        return restore_snapshot(home, open_snapshot(path, home.storage, folder), progress=progress)


def restore_snapshot(
    home: Installation, snapshot: Snapshot, *, progress: ReportProgress = no_progress
) -> Restored:
    """Import a snapshot that is open already; see ``restore``."""
    _check_recipe(home, snapshot)
    _store_mastheads(home, snapshot.mastheads())
    try:
        with home.database.write() as session:
            _check_empty(session)
            added, passed_over = _insert_all(session, home, snapshot, progress)
    except SQLAlchemyError as error:
        detail = "its tables contradict each other"
        raise InvalidRequest(f"the snapshot is rejected: {detail}") from error
    return Restored(snapshot.manifest.citation(), added, passed_over)


def _check_recipe(home: Installation, snapshot: Snapshot) -> None:
    recipe = snapshot.manifest.recipe
    if recipe != home.recipe.id:
        raise InvalidRequest(
            f"the snapshot was made under recipe {recipe[:12]}, and this installation works under"
            f" {home.recipe.id[:12]}: take recipe.toml out of the snapshot, set PRESSLENS_RECIPE to"
            f" it, and use Presslens {snapshot.manifest.presslens} if its models differ"
        )


def _check_empty(session: Session) -> None:
    own = {"deleted editions": select(TrashedEditionRow.id)} | {
        spec.name.replace("_", " "): select(true()).select_from(spec.row).where(*_not_seeded(spec))
        for spec in STORED_TABLES
        if spec.name not in BY_ANYBODY
    }
    for name, query in sorted(own.items(), key=lambda item: item[0] != "editions"):
        if session.scalar(query.limit(1)) is not None:
            raise Conflict(
                f"this installation has {name} of its own, and a snapshot goes into an empty one:"
                " set PRESSLENS_DATA_DIR to a new folder (and PRESSLENS_DATABASE_URL to an empty"
                " database), run `presslens init`, and import there"
            )


def _not_seeded(spec: TableSpec) -> list[ColumnElement[bool]]:
    seeded = spec.row.__table__.columns.get("seeded")
    return [] if seeded is None else [~seeded]


def _insert_all(
    session: Session, home: Installation, snapshot: Snapshot, progress: ReportProgress
) -> tuple[dict[str, int], dict[str, int]]:
    session.execute(delete(ClaimRow))
    session.execute(delete(EventRow))
    aside, log = _set_newspapers_aside(session), _set_edits_aside(session)
    builder = RowBuilder(home.recipe, snapshot.mastheads())
    listed = {file.name: file.rows for file in snapshot.manifest.files}
    added, passed_over = {}, {}
    for spec in STORED_TABLES:
        read = count = 0
        records = snapshot.records(spec)
        while batch := list(islice(records, BATCH)):
            built = [list(builder.build(spec, record)) for record in batch]
            _insert(session, (row for rows in built for row in rows))
            read += len(batch)
            count += sum(map(bool, built))
        if read != listed[f"{spec.name}.csv"]:
            raise InvalidRequest(
                f"{spec.name}.csv has another number of rows than the manifest says"
            )
        added[spec.name], passed_over[spec.name] = count, read - count
        progress(spec.name, read)
    reset_sequences(session)
    _put_edits_back(session, log, _put_newspapers_back(session, aside))
    return added, passed_over


def _insert(session: Session, rows: Iterable[tuple[type[Table], Record]]) -> None:
    by_table: dict[type[Table], list[Record]] = defaultdict(list)
    for table, row in rows:
        by_table[table].append(row)
    for table in sorted(by_table, key=lambda table: ORDER.index(table.__tablename__)):
        _check_lengths(table, by_table[table])
        session.execute(insert(table.__table__), by_table[table])  # type: ignore[arg-type]


def _set_newspapers_aside(session: Session) -> list[PublicationRow]:
    """Delete the newspapers of the installation, which have no editions, and return them."""
    query = select(PublicationRow).options(
        selectinload(PublicationRow.aliases), selectinload(PublicationRow.identifiers)
    )
    rows = list(session.scalars(query.order_by(PublicationRow.id)))
    session.expunge_all()
    for table in (PublicationAliasRow, PublicationIdentifierRow, PublicationRow):
        session.execute(delete(table))
    return rows


def _set_edits_aside(session: Session) -> list[Record]:
    """Delete the log of the installation, which is about newspapers for the most, and return it."""
    columns = [column for column in EditRow.__table__.columns if column.name != "id"]
    rows = [dict(row) for row in session.execute(select(*columns).order_by(EditRow.id)).mappings()]
    session.execute(delete(EditRow))
    return rows


def _put_edits_back(
    session: Session, rows: Iterable[Record], newspapers: Mapping[int, int]
) -> None:
    """Add the log of the installation behind that of the snapshot, and without a way back.

    Args:
        rows: The log.
        newspapers: The ids of newspapers by those that they had before.
    """
    for row in rows:
        moved = {"target_id": newspapers.get(row["target_id"], 0)}
        own = moved if row["target"] == "publication" else {}
        session.add(EditRow(**{**row, **own, "change": {RESTORED: True}}))
    session.flush()


def _put_newspapers_back(session: Session, rows: Iterable[PublicationRow]) -> dict[int, int]:
    """Add the newspapers that are none of the snapshot's, under any of its names.

    Returns:
        The id of each by the one that it had.
    """
    ids = {}
    for row in rows:
        newspaper = find_publication(session, row.name)
        if newspaper is None:
            free = [one.name for one in row.aliases if find_publication(session, one.name) is None]
            newspaper = PublicationRow(
                name=row.name,
                **{name: getattr(row, name) for name in STATED},
                aliases=[PublicationAliasRow(name=name) for name in free],
                identifiers=[
                    PublicationIdentifierRow(scheme=one.scheme, value=one.value)
                    for one in row.identifiers
                    if publication_identified(session, [one.identifier]) is None
                ],
            )
            session.add(newspaper)
            session.flush()
        ids[row.id] = newspaper.id
    return ids


def _check_lengths(table: type[Table], rows: Iterable[Record]) -> None:
    """Check texts against the lengths of their columns, which SQLite does not enforce."""
    lengths = dict(_lengths(table))
    for row in rows:
        for name, longest in lengths.items():
            if len(row.get(name) or "") > longest:
                raise InvalidRequest(f"{table.__tablename__}: {name} is longer than {longest}")


def _lengths(table: type[Table]) -> Iterator[tuple[str, int]]:
    for column in table.__table__.columns:
        kind = column.type.impl if isinstance(column.type, PlainText) else column.type
        if type(kind) is String and kind.length:
            yield column.name, kind.length


def reset_sequences(session: Session) -> None:
    """Set PostgreSQL's sequences to the highest ids of rows that were inserted with their ids."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for table in METADATA.sorted_tables:
        if (column := table.autoincrement_column) is not None:
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            highest = func.greatest(func.max(column), 1)
            session.execute(select(func.setval(sequence, highest, func.count(column) > 0)))


def _store_mastheads(home: Installation, pictures: Mapping[str, Path]) -> None:
    """Put the mastheads of a snapshot into the store.

    Args:
        pictures: Their files by sha256, which was checked.

    Raises:
        InvalidRequest: One is no JPEG that can be decoded, or too large.
        DiskFull: Too little disk is free.
    """
    if not pictures:
        return
    with Sandbox(home.settings.limits) as sandbox:
        for sha256, path in pictures.items():
            with path.open("rb") as file:
                if file.read(len(JPEG)) != JPEG or path.stat().st_size > MASTHEAD_BYTES:
                    raise InvalidRequest(f"masthead {sha256[:12]} is no JPEG, or too large")
            try:
                sandbox.decode(path, 0, "masthead", pdf_dpi=72)
            except ScanRejected as error:
                raise InvalidRequest(f"masthead {sha256[:12]}: {error.detail}") from error
    for path in pictures.values():
        with path.open("rb") as file:
            home.storage.put(file, most=MASTHEAD_BYTES)
