"""Scans in the documents of edits: by their bytes and not by ids, which may be given again."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.tables import ScanRow
from presslens.app.platform.errors import Conflict
from presslens.models.message import Message

ScanName = tuple[str, int]
"""The sha256 of a scan's file, and which frame of it."""


def scan_name(scan: ScanRow | None) -> ScanName | None:
    """Return the name of a scan; None of none."""
    return None if scan is None else (scan.sha256, scan.frame)


def scan_id_of(session: Session, name: ScanName | list[str | int] | None) -> int | None:
    """Return the id of a scan, which is locked against deletion until the transaction ends.

    Raises:
        Conflict: It was deleted with the trash.
    """
    if name is None:
        return None
    sha256, frame = name
    query = select(ScanRow.id).filter_by(sha256=sha256, frame=frame)
    scan_id = session.scalar(query.with_for_update(key_share=True))
    if scan_id is None:
        raise Conflict(Message("the scan is gone for good: the trash was emptied"))
    return scan_id
