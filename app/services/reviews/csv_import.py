"""Takes in reviews from a table, all of them or none."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from app.errors import InvalidRequest, NotFound
from app.installation import Installation
from app.services.reviews.reviews import NewReview, add_review
from app.services.reviews.sampling import drawn_for
from app.spreadsheet import unquote_formula
from app.text import LONGEST_NAME
from pipelines.statistics.consensus import Centre

FOCUS = "focus"
COLUMNS = ("photo", "coder", "measure", "answer")
TOKEN = "token"  # noqa: S105 a column's name
ANSWERS: dict[str, bool | None] = {
    **dict.fromkeys(("yes", "1", "true"), True),
    **dict.fromkeys(("no", "0", "false"), False),
    "?": None,
}
"""How an answer is written; ? where the coder can't tell. That to focus is a ``Centre``."""

MOST_ROWS = 100_000
MOST_FAULTS = 20
LARGEST_ID = 2**31 - 1


@dataclass(frozen=True, slots=True)
class ReviewImport:
    """The ids of the new reviews, and how many rows had no answer yet."""

    reviews: tuple[int, ...]
    unanswered: int


@dataclass(slots=True)
class _Sheet:
    """The answers of one coder on one photo, and the line on which each stands."""

    photo_id: int
    coder: str
    lines: dict[str, int] = field(default_factory=dict)
    answers: dict[str, bool | None] = field(default_factory=dict)
    focus: Centre | None = None
    token: str | None = None

    @property
    def line(self) -> int:
        return min(self.lines.values())


def import_reviews(home: Installation, lines: Iterable[str], *, now: datetime) -> ReviewImport:
    """Keep the reviews of a CSV table: one for each coder and photo.

    Its columns are photo (its id), coder, measure (``focus`` for what the photo is composed
    around) and answer: yes, no or ?; for the focus leader, facility, neither or unsure. A row
    without an answer is passed over. A column token may hold what ``next_reviews`` gave out.

    Raises:
        InvalidRequest: Something is wrong; the message says on which lines, and nothing is kept.
    """
    faults: list[str] = []
    sheets: dict[tuple[int, str], _Sheet] = {}
    unanswered = 0
    for line, row in _rows(lines):
        if not row["answer"]:
            unanswered += 1
            continue
        try:
            _add(sheets, line, row)
        except ValueError as error:
            faults.append(f"line {line}: {error}")
    _refuse(faults)
    with home.database.write() as session:
        ids = []
        for sheet in sheets.values():
            try:
                ids.append(add_review(session, home.recipe, _review(sheet), now=now))
            except (InvalidRequest, NotFound) as error:
                faults.append(f"line {sheet.line}: {error}")
        _refuse(faults)  # leaving the transaction by an error takes all back
    return ReviewImport(tuple(ids), unanswered)


def _rows(lines: Iterable[str]) -> Iterator[tuple[int, dict[str, str]]]:
    # Strict, or a quote that is never closed would take the rest of the table for one cell.
    reader = csv.DictReader(lines, restkey="", strict=True)
    try:
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise InvalidRequest(
                f"line 1: the table has no column {', '.join(missing)}; commas part its cells"
            )
        for count, row in enumerate(reader):
            if count >= MOST_ROWS:
                raise InvalidRequest(f"a table has at most {MOST_ROWS} rows")
            cells = {name: (row.get(name) or "").strip() for name in (*COLUMNS, TOKEN)}
            yield reader.line_num, cells
    except (csv.Error, UnicodeDecodeError) as error:
        raise InvalidRequest(f"line {reader.line_num + 1}: {error}") from error


def _add(sheets: dict[tuple[int, str], _Sheet], line: int, row: dict[str, str]) -> None:
    coder, measure, answer = unquote_formula(row["coder"]), row["measure"], row["answer"].lower()
    digits = row["photo"].isascii() and row["photo"].isdigit() and len(row["photo"]) < 11
    if not digits or not 0 < int(row["photo"]) <= LARGEST_ID:
        raise ValueError(f"{row['photo']!r} is no number of a photo")
    if not 0 < len(coder) <= LONGEST_NAME or not coder.isprintable():
        raise ValueError("a coder's name is one line of printable characters")
    key = int(row["photo"]), coder
    sheet = sheets.get(key) or _Sheet(*key)
    if measure in sheet.lines:
        raise ValueError(f"{measure} is answered on line {sheet.lines[measure]} already")
    if measure == FOCUS:
        if answer not in tuple(Centre):
            raise ValueError(f"the answer to focus is one of {', '.join(Centre)}")
        sheet.focus = Centre(answer)
    elif answer not in ANSWERS:
        raise ValueError(f"{row['answer']!r} is no answer: yes, no or ? (can't tell)")
    else:
        sheet.answers[measure] = ANSWERS[answer]
    if row[TOKEN]:
        sheet.token = row[TOKEN]
    sheet.lines[measure] = line
    sheets[key] = sheet


def _review(sheet: _Sheet) -> NewReview:
    measure, scope = drawn_for(sheet.token, sheet.photo_id) if sheet.token else (None, None)
    return NewReview(
        sheet.photo_id,
        sheet.coder,
        sheet.answers,
        focus=sheet.focus,
        drawn_for=measure,
        drawn_from=scope,
    )


def _refuse(faults: list[str]) -> None:
    if faults:
        more = len(faults) - MOST_FAULTS
        shown = [*faults[:MOST_FAULTS], *([f"and {more} more"] if more > 0 else [])]
        raise InvalidRequest("nothing was imported: " + "; ".join(shown))
