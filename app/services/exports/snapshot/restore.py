"""Imports a snapshot: whole, in one transaction, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.errors import InvalidRequest
from app.installation import Installation
from app.services.exports.batches import ReportProgress, no_progress
from app.services.exports.snapshot.merge import Merge
from app.services.exports.snapshot.read import Received, receive
from app.services.exports.tables.registry import TABLES

SEQUENCES = ("publication", "figure", "label", "edition", "scan", "page", "outcome", "photo",
    "headline", "review", "claim", "event")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Restored:
    """What an import has added: rows by table; and how it is cited."""

    citation: str
    added: dict[str, int]
    passed_over: dict[str, int]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "citation": self.citation,
            "added": self.added,
            "passed_over": self.passed_over,
        }


def restore(home: Installation, path: Path, *, progress: ReportProgress = no_progress) -> Restored:
    """Import a snapshot. What is there already stays as it is, so that a second time adds nothing.

    An edition that the installation knows by its newspaper, day and content is passed over. So
    are the photos and reviews of a page whose scan was looked at here already.

    Args:
        home: The installation; it must work under the recipe of the snapshot.
        path: The ZIP file.
        progress: Called after each table.

    Raises:
        InvalidRequest: It is no snapshot, is damaged, or was made under another recipe.
        Conflict: A figure, a label or a claim of the same name stands for something else here.
        DiskFull: Too little disk is free.
    """
    with home.storage.scratch() as folder:
        received = receive(path, home.storage, folder)
        _check_recipe(home, received)
        try:
            with home.database.write() as session:
                added, passed = _merge(session, home, received, progress)
                reset_sequences(session)
        except SQLAlchemyError as error:
            detail = "its tables contradict each other, or what is here"
            raise InvalidRequest(f"the snapshot is refused: {detail}") from error
    return Restored(received.manifest.citation(), added, passed)


def _check_recipe(home: Installation, received: Received) -> None:
    wanted = received.manifest.recipe
    if wanted != home.recipe.id:
        raise InvalidRequest(
            f"the snapshot was made under recipe {wanted[:12]}, and this installation works under"
            f" {home.recipe.id[:12]}: take recipe.toml out of the snapshot, set PRESSLENS_RECIPE to"
            f" it, and use Presslens {received.manifest.presslens} if its models differ"
        )


def _merge(
    session: Session, home: Installation, received: Received, progress: ReportProgress
) -> tuple[dict[str, int], dict[str, int]]:
    merge = Merge(session, home.recipe)
    listed = {file.name: file.rows for file in received.manifest.files}
    added, passed = {}, {}
    for spec in TABLES:
        read = 0

        def rows() -> Any:
            nonlocal read
            for row in received.rows(spec):  # noqa: B023 - it is used up before the next table
                read += 1
                yield row

        added[spec.name] = merge.add(spec.name, rows())
        if read != listed[f"{spec.name}.csv"]:
            raise InvalidRequest(f"{spec.name}.csv has another number of rows than is told")
        passed[spec.name] = read - added[spec.name]
        progress(spec.name, read)
    return added, passed


def reset_sequences(session: Session) -> None:
    """Let PostgreSQL go on after the highest ids that were given by hand."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for table in SEQUENCES:
        session.execute(
            text(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'),"  # noqa: S608 - names are ours
                f" (SELECT greatest(max(id), 1) FROM {table}), (SELECT count(*) > 0 FROM {table}))"
            )
        )
