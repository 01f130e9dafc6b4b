"""Imports reviews from a table, all of them or none."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from presslens.app.db.edits import Action, Author
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest, NotFound
from presslens.app.platform.spreadsheet import unquote_formula
from presslens.app.platform.text import LONGEST_NAME
from presslens.app.services.reviews.reviews import NewReview, add_review, log_reviews
from presslens.app.services.samples.questions import FOCUS
from presslens.models.message import Message
from presslens.models.vocabulary import Focus
from presslens.pipelines.counted import counted
from presslens.pipelines.statistics.consensus import focus_answers
from presslens.pipelines.statistics.measure import FOCUSES

COLUMNS = ("photo", "coder", "measure", "answer")
OPTIONAL = ("review", "adjudicates", "withdrawn_at", "note")
"""Columns that a table may have; they are in the table of reviews that is exported."""

ANSWERS: dict[str, bool | None] = {
    **dict.fromkeys(("yes", "1", "true"), True),
    **dict.fromkeys(("no", "0", "false"), False),
    "?": None,
}
"""How an answer is written; ? where the coder can't tell. The answer to focus is a ``Focus``."""

MOST_ROWS = 100_000
MOST_FAULTS = 20
LONGEST_CELL = 65_536
"""Characters; the limit that ``csv`` has is one of the process, which any library may change."""
LARGEST_ID = 2**31 - 1


@dataclass(frozen=True, slots=True)
class ReviewImport:
    """The result of an import."""

    reviews: tuple[int, ...]  # ids of the new reviews
    unanswered: int  # number of rows without an answer


@dataclass(slots=True)
class _Sheet:
    """The answers of one review, and the line of each."""

    photo_id: int
    coder: str
    lines: dict[str, int] = field(default_factory=dict)
    answers: dict[str, bool | None] = field(default_factory=dict)
    focus: Focus | None = None
    adjudicates: bool = False
    note: str | None = None

    @property
    def line(self) -> int:
        return min(self.lines.values())


_Key = tuple[int, int, str]
"""Number of the exported review (0 without one), photo and coder: one review each."""


def import_reviews(home: Installation, lines: Iterable[str], *, now: datetime) -> ReviewImport:
    """Add the reviews of a CSV table: one for each coder and photo.

    The columns are photo (its id), coder, measure (``focus`` for what the photo is composed
    around) and answer: yes, no or ?; for the focus leader, facility, neither or unsure. Rows
    without an answer are skipped. A column token may hold the token that ``next_reviews`` gave.

    The table of reviews that the API serves can be imported too: each of its reviews becomes one
    again, in the order of their numbers, but for withdrawn ones, which are skipped. It holds no
    tokens, so that its photos count as picked, not as drawn.

    Args:
        lines: The lines of the table.

    Raises:
        InvalidRequest: A row is not valid; the message names its line, and nothing is added.
    """
    faults: list[str] = []
    sheets: dict[_Key, _Sheet] = {}
    unanswered = 0
    for line, row in _rows(lines):
        if not row["answer"]:
            unanswered += 1
            continue
        if row["withdrawn_at"]:
            continue
        try:
            _add(sheets, line, row)
        except ValueError as error:
            faults.append(f"line {line}: {error}")
    _reject(faults)
    with home.database.write() as session:
        ids = []
        for _, sheet in sorted(sheets.items(), key=lambda item: item[0][0]):
            try:
                ids.append(add_review(session, home.recipe, _review(sheet), now=now))
            except (InvalidRequest, NotFound) as error:
                faults.append(f"line {sheet.line}: {error}")
        _reject(faults)  # leaving the transaction by an error takes all back
        if ids:
            coders = sorted({sheet.coder for sheet in sheets.values()})
            by = Author(", ".join(coders)[:LONGEST_NAME], home.recipe.codebook, now)
            text = Message("%(reviews)s of a table", reviews=counted(len(ids), "review"))
            log_reviews(session, by, ids, ("review", ids[0]), text, Action.REVIEW_MANY)
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
            cells = {name: (row.get(name) or "").strip() for name in (*COLUMNS, *OPTIONAL)}
            longest = max(len(cell) for cell in cells.values())
            if longest > LONGEST_CELL:
                raise InvalidRequest(
                    f"line {reader.line_num}: a cell has {longest} characters; "
                    f"at most {LONGEST_CELL}"
                )
            yield reader.line_num, cells
    except (csv.Error, UnicodeDecodeError) as error:
        raise InvalidRequest(f"line {reader.line_num + 1}: {error}") from error


def _add(sheets: dict[_Key, _Sheet], line: int, row: dict[str, str]) -> None:
    coder, measure, answer = unquote_formula(row["coder"]), row["measure"], row["answer"].lower()
    photo_id = read_id(row["photo"])
    if photo_id is None:
        raise ValueError(f"{row['photo']!r} is no number of a photo")
    if not 0 < len(coder) <= LONGEST_NAME or not coder.isprintable():
        raise ValueError("a coder's name is one line of printable characters")
    key = read_id(row["review"]) or 0, photo_id, coder
    sheet = sheets.get(key) or _Sheet(photo_id, coder)
    if measure in sheet.lines:
        raise ValueError(f"{measure} is answered on line {sheet.lines[measure]} already")
    if measure == FOCUS:
        if answer not in tuple(Focus):
            raise ValueError(f"the answer to focus is one of {', '.join(Focus)}")
        sheet.focus = Focus(answer)
    elif answer not in ANSWERS:
        raise ValueError(f"{row['answer']!r} is no answer: yes, no or ? (can't tell)")
    else:
        sheet.answers[measure] = ANSWERS[answer]
    sheet.adjudicates |= ANSWERS.get(row["adjudicates"].lower()) is True
    sheet.note = unquote_formula(row["note"]) or sheet.note
    sheet.lines[measure] = line
    sheets[key] = sheet


def read_id(text: str) -> int | None:
    """Return the id that a cell holds; None if it holds none."""
    digits = text.isascii() and text.isdigit() and len(text) < 11
    return int(text) if digits and 0 < int(text) <= LARGEST_ID else None


def _review(sheet: _Sheet) -> NewReview:
    answers, focus = _split_focus(sheet.answers) if sheet.focus is None else (sheet.answers, None)
    return NewReview(
        sheet.photo_id,
        sheet.coder,
        answers,
        focus=focus or sheet.focus,
        adjudicates=sheet.adjudicates,
        note=sheet.note,
    )


def _split_focus(
    answers: dict[str, bool | None],
) -> tuple[dict[str, bool | None], Focus | None]:
    """Return the answers without the three of the focus, and the focus that gives those three."""
    focus = {name: answers[name] for name in FOCUSES if name in answers}
    for option in Focus:
        if focus_answers(option) == focus:
            return {name: a for name, a in answers.items() if name not in focus}, option
    return answers, None


def _reject(faults: list[str]) -> None:
    if faults:
        more = len(faults) - MOST_FAULTS
        shown = [*faults[:MOST_FAULTS], *([f"and {more} more"] if more > 0 else [])]
        raise InvalidRequest("nothing was imported: " + "; ".join(shown))
