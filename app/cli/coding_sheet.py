"""The tables of what coders are to do: to fill in for photos, to look through for pages."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.spreadsheet import quote_formula
from presslens.app.services.reviews.csv_import import COLUMNS
from presslens.app.services.samples.questions import questions

PLACE = ("publication", "date", "page_number")
"""Where the photo is printed; passed over when the table is imported."""


def write_pages(path: Path, coder: str | None, pages: Iterable[Mapping[str, Any]]) -> None:
    """Write a table of the pages to look through, a row each: the id that a page review takes.

    Raises:
        InvalidRequest: The file is there already, or can't be written.
    """
    who = quote_formula(coder or "")
    rows = (
        (
            page["page"],
            who,
            quote_formula(page["publication"] or ""),
            page["date"],
            page["page_number"],
        )
        for page in pages
    )
    _write(path, ("page", "coder", *PLACE), rows)


def write_sheet(
    path: Path, measures: Iterable[str], coder: str | None, photos: Iterable[Mapping[str, Any]]
) -> None:
    """Write a table with a row for each photo and question, its answer left open.

    Raises:
        InvalidRequest: The file is there already, or can't be written.
    """
    _write(path, (*COLUMNS, *PLACE), _rows(questions(measures), coder, photos))


def _write(path: Path, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    try:
        with path.open("x", encoding="utf-8", newline="") as lines:
            writer = csv.writer(lines, lineterminator="\r\n")
            writer.writerow(head)
            writer.writerows(rows)
    except OSError as error:
        raise InvalidRequest(f"{path} can't be written: {error.strerror}") from error


def _rows(
    names: list[str], coder: str | None, photos: Iterable[Mapping[str, Any]]
) -> Iterator[tuple[Any, ...]]:
    who = quote_formula(coder or "")
    for photo in photos:
        place = [photo[name] for name in PLACE]
        for name in names:
            yield photo["photo"], who, name, "", quote_formula(place[0] or ""), *place[1:]
