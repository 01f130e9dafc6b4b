"""What a person should know of the files of a new edition, by their names and by their bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from presslens.app.db.tables import EditionRow, PageRow, ScanRow
from presslens.models.message import Message
from presslens.pipelines.archives.days import day_of_name
from presslens.pipelines.counted import counted
from presslens.pipelines.scans.page_numbers import least_unread_number, numbers_in_names

ONE_PAGE = (".bmp", ".jp2", ".jpeg", ".jpg", ".png", ".webp")
"""Endings of the names of files that have one page."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of an upload that is in the store."""

    name: str
    sha256: str
    size: int


def notes_on_files(
    session: Session, edition: EditionRow, stored: Sequence[StoredFile], *, numbered: bool
) -> list[Message]:
    """Return what to know of the files of a new edition.

    Args:
        numbered: The numbers of their pages are given.
    """
    notes = [] if numbered else _number_notes(stored)
    return [*notes, *_day_notes(stored), *_same_file_notes(session, edition, stored)]


def single_pages(stored: Sequence[StoredFile]) -> int | None:
    """Return how many pages files have, as their names tell; None: one may have several."""
    single = all(PurePath(file.name).suffix.lower() in ONE_PAGE for file in stored)
    return len(stored) if single else None


def _number_notes(stored: Sequence[StoredFile]) -> list[Message]:
    """Return what to know of page numbers that nobody gave, where no name says page 1."""
    if not single_pages(stored):
        return []
    names = [file.name for file in stored]
    numbers, unread = numbers_in_names(names) or [1], least_unread_number(names)
    if 1 not in numbers:
        return [
            Message(
                "by the names of the files these are pages from %(first)s to %(last)s: without page"
                " 1 nothing is said of the front page; the page of the edition, or `presslens"
                " editions move-page`, numbers them otherwise",
                first=min(numbers),
                last=max(numbers),
            )
        ]
    if unread in (None, 1):
        return []
    return [
        Message(
            "%(file)s is taken for page 1, the front page: the numbers in the names, from %(least)s"
            " on, do not say that they are of pages; the page of the edition, or `presslens"
            " editions move-page`, numbers them otherwise",
            file=names[0],
            least=unread,
        )
    ]


def _day_notes(stored: Sequence[StoredFile]) -> list[Message]:
    """Return what to know of files whose names carry several days."""
    days = sorted({day for file in stored if (day := day_of_name(PurePath(file.name).stem))})
    if len(days) < 2:
        return []
    return [
        Message(
            "by their names these files are of %(n)s days, %(first)s to %(last)s, and are one"
            " edition now: if they are several, delete it, give each day a folder of its own, and"
            " import these with `presslens import --tree`",
            n=len(days),
            first=days[0].isoformat(),
            last=days[-1].isoformat(),
        )
    ]


def _same_file_notes(
    session: Session, edition: EditionRow, stored: Sequence[StoredFile]
) -> list[Message]:
    """Return what to know of files most of which another day or newspaper has already."""
    digests = {file.sha256 for file in stored}
    is_other = (EditionRow.publication_id != edition.publication_id) | (
        EditionRow.edition_date != edition.edition_date
    )
    number = func.count(ScanRow.sha256.distinct())
    by_scan = (
        select(PageRow.edition_id, number)
        .join(ScanRow, ScanRow.id == PageRow.scan_id)
        .join(EditionRow, EditionRow.id == PageRow.edition_id)
        .where(is_other, ScanRow.sha256.in_(digests))
        .group_by(PageRow.edition_id)
        .order_by(number.desc(), PageRow.edition_id)
    )
    # Scans of single pages are the files; other files, and those that wait, are known as a whole.
    whole = select(EditionRow.id).where(is_other, EditionRow.content_key == edition.content_key)
    if single_pages(stored):
        whole = whole.where(EditionRow.unpacked_at.is_(None))
    same = session.execute(by_scan.limit(1)).first()
    if same is None:
        id_, shared = session.scalar(whole.order_by(EditionRow.id).limit(1)), len(digests)
    else:
        id_, shared = same
    if id_ is None or 2 * shared < len(digests):
        return []
    other = session.get_one(EditionRow, id_)
    return [
        Message(
            "%(same)s of %(files)s are in edition %(edition)s too, %(publication)s of %(day)s, and"
            " this is %(own)s of %(own_day)s: if one of them is of the wrong day or newspaper,"
            " delete it or change it on its page, or by `presslens editions`",
            same=shared,
            files=counted(len(digests), "file"),
            own=edition.publication.name,
            own_day=edition.edition_date.isoformat(),
            edition=other.id,
            publication=other.publication.name,
            day=other.edition_date.isoformat(),
        )
    ]
