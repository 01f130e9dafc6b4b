"""What the pages of the month truly show, by the program that composed them."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

from presslens.app.db.queries import EditionScope, printed_photos
from presslens.app.db.tables import EditionRow, PageRow, PhotoRow, PublicationRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.samples.questions import FOCUS
from presslens.models.geometry import Box
from presslens.models.vocabulary import Focus
from presslens.pipelines.result import Served
from presslens.pipelines.statistics.measure import FOCUSES, SUBJECTS

OPEN = ("?", Focus.UNSURE.value)
"""The answers of who can't tell."""
SAME_PHOTO = 0.5
"""Least overlap (IoU) of a found photo and a composed one that are the same."""


@dataclass(frozen=True, slots=True)
class TrueShare(Served):
    """How many of the composed photos show something."""

    SERVED: ClassVar[str] = "share shown photos unsure"

    shown: int  # number of the photos that do
    photos: int  # number of the photos of which it is certain whether they do
    unsure: int  # number of the photos of which it is not

    @property
    def share(self) -> float | None:
        """The share of the certain photos, 0–1; None if there is none."""
        return self.shown / self.photos if self.photos else None


def true_share(folder: Path, measure: str, scope: EditionScope) -> TrueShare:
    """Return the share of the composed photos of a scope that truly show a measure.

    Args:
        folder: The truth of the month.
        measure: A subject, ``leader``, or ``focus_leader``, ``focus_facility``, ``focus_neither``.
        scope: Which newspaper and days.

    Raises:
        InvalidRequest: The composer knows no such measure, or there is no truth in the folder.
    """
    answers = [
        shows(photo, measure)
        for edition, pages in _editions(folder)
        if _is_within(edition, scope)
        for page in pages
        for photo in page["photos"]
    ]
    coded = [answer for answer in answers if answer is not None]
    return TrueShare(sum(coded), len(coded), len(answers) - len(coded))


def shows(photo: Mapping[str, Any], measure: str) -> bool | None:
    """Return whether a composed photo shows a measure; None where the composer can't tell.

    Raises:
        InvalidRequest: The composer knows no such measure.
    """
    if measure == "leader":
        return bool(photo["leader"])
    if measure in FOCUSES:
        focus = photo["focus"]
        return None if focus is None else f"focus_{focus}" == measure
    subjects = photo["subjects"]
    if measure not in SUBJECTS:
        raise InvalidRequest(f"the composer of the month knows nothing of {measure!r}")
    return subjects[measure]["present"] if measure in subjects else None


def answer_sheet(home: Installation, folder: Path, sheet: Path, answered: Path) -> tuple[int, int]:
    """Fill in a coding sheet as a coder who never errs would, and count answers and photos.

    What the composer is not certain of, and photos that it did not print, are left open: ?, unsure.

    Args:
        home: The installation of the month.
        folder: The truth of the month.
        sheet: As ``presslens samples next --out`` writes it.
        answered: The file for the sheet with answers.

    Raises:
        InvalidRequest: The sheet is none or asks what is not known, or there is no truth.
    """
    with sheet.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        rows, columns = list(reader), list(reader.fieldnames or [])
    if not {"photo", "measure", "answer"} <= set(columns):
        raise InvalidRequest(f"{sheet} is no coding sheet: it needs photo, measure and answer")
    photos = _photos(home, folder, {int(row["photo"]) for row in rows})
    for row in rows:
        row["answer"] = _answer(photos.get(int(row["photo"])), row["measure"])
    with answered.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, columns)
        writer.writeheader()
        writer.writerows(rows)
    photos_answered = [row["photo"] for row in rows if row["answer"] not in OPEN]
    return len(photos_answered), len(set(photos_answered))


def _answer(photo: Mapping[str, Any] | None, measure: str) -> str:
    if measure == FOCUS:
        return (photo and photo["focus"]) or Focus.UNSURE.value
    if photo is None:
        return "?"
    return {True: "yes", False: "no", None: "?"}[shows(photo, measure)]


def _photos(home: Installation, folder: Path, ids: set[int]) -> dict[int, Mapping[str, Any]]:
    """Return the composed photo of each found one; photos that were not composed are missing."""
    printed = {
        (edition["publication"], date.fromisoformat(edition["date"]), page["number"]): page
        for edition, pages in _editions(folder)
        for page in pages
    }
    query = printed_photos(
        home.recipe, PhotoRow, PublicationRow.name, EditionRow.edition_date, PageRow.number
    ).where(PhotoRow.id.in_(ids))
    matched = {}
    with home.database.read() as session:
        for row, *place in session.execute(query):
            page = printed.get(tuple(place))
            overlaps = [(row.box.iou(Box(*p["box"])), p) for p in page["photos"]] if page else []
            overlap, photo = max(overlaps, key=lambda pair: pair[0], default=(0.0, None))
            if photo is not None and overlap >= SAME_PHOTO:
                matched[row.id] = photo
    return matched


def _editions(folder: Path) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    files = sorted(folder.glob("*.json"))
    if not files:
        raise InvalidRequest(
            f"there is no month in {folder.parent}: make it, `presslens demo month`"
        )
    for file in files:
        document = json.loads(file.read_text(encoding="utf-8"))
        yield document["edition"], document["pages"]


def _is_within(edition: Mapping[str, Any], scope: EditionScope) -> bool:
    day = date.fromisoformat(edition["date"])
    return (
        scope.publication in (None, edition["publication"])
        and (scope.first is None or day >= scope.first)
        and (scope.last is None or day <= scope.last)
    )
