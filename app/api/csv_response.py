"""Streams lists as CSV, whose cells no spreadsheet evaluates as formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from fastapi import Request
from fastapi.responses import StreamingResponse

from presslens.app.platform.spreadsheet import quote_formula
from presslens.pipelines.result import Served

MEDIA_TYPE = "text/csv"


def wants_csv(request: Request) -> bool:
    """Return whether a client asks for CSV, by the suffix of the address or by Accept."""
    accepted = request.headers.get("accept", "")
    first = accepted.split(",")[0].split(";")[0].strip()
    return request.url.path.endswith(".csv") or first == MEDIA_TYPE


def csv_response(
    columns: Sequence[str], rows: Iterable[Mapping[str, Any]], *, name: str
) -> StreamingResponse:
    """Stream rows as CSV under a file name."""
    return StreamingResponse(
        csv_lines(columns, rows),
        media_type=f"{MEDIA_TYPE}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def table_of(
    result: type[Served], results: Iterable[Served]
) -> tuple[Sequence[str], Iterable[Mapping[str, Any]]]:
    """Return the columns and the rows of results: a column for each key of their JSON."""
    return result.columns(), (one.to_json() for one in results)


def csv_lines(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the lines of rows as CSV, the heading first."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns, lineterminator="\r\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _cell(row.get(name)) for name in columns})
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _cell(value: Any) -> Any:
    """Quote text that a spreadsheet would take for a formula; numbers stay numbers."""
    return quote_formula(value) if isinstance(value, str) else value
