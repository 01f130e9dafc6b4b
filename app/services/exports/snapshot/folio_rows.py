"""Rows of what pages say of themselves, out of the records of a snapshot."""

from __future__ import annotations

from collections.abc import Iterator

from presslens.app.db.folios import FolioRow
from presslens.app.services.exports.snapshot.read import Record

_OWN = ("number", "number_confidence", "name", "name_confidence")


def folio_rows(record: Record, outcome_id: int) -> Iterator[tuple[type[FolioRow], Record]]:
    """Yield the row of a page's folio, with its table; none if it was not read.

    Args:
        record: The page's.
        outcome_id: The outcome of its scan.
    """
    if record["folio_read"]:
        yield (
            FolioRow,
            {
                "outcome_id": outcome_id,
                "text": record["folio_text"] or "",
                "day": record["folio_date"],
                "day_confidence": record["folio_date_confidence"],
                **{name: record[f"folio_{name}"] for name in _OWN},
            },
        )
