"""Takes in what people have corrected in another annotation tool, as reviews: one edit a file."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.edits import Action, Author, EditRow
from presslens.app.db.page_reviews import PageReviewRow
from presslens.app.db.tables import OutcomeRow, PageRow, PhotoRow, ScanRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.text import LONGEST_NAME
from presslens.app.services.analysis.summarise import refresh_editions
from presslens.app.services.annotations.annotated import (
    AnnotatedPage,
    AnnotatedPhoto,
    AnnotationFile,
)
from presslens.app.services.catalogue.corrected_page import CorrectedPage, load_page
from presslens.app.services.corrections.annotated_photos import PageDifference, page_difference
from presslens.app.services.corrections.page_reviews import undo_page_reviews
from presslens.app.services.corrections.photo_marks import PhotoMarks, settles
from presslens.app.services.corrections.photos import SMALLEST_SIDE
from presslens.app.services.reviews.consensus import coder_answers, lock_scan
from presslens.app.services.reviews.page_photos import apply_page_reviews, printed_in
from presslens.app.services.reviews.page_reviews import mark_rows
from presslens.app.services.reviews.reviews import (
    NewReview,
    add_review,
    earlier_answers,
    log_reviews,
    reviews_on_scan,
    undo_reviews,
)
from presslens.models.geometry import Box
from presslens.models.message import Message, join_messages
from presslens.pipelines.result import Served
from presslens.pipelines.statistics.consensus import focus_answers
from presslens.pipelines.statistics.photo_matching import nearest_photo

IMPORTED = "imported"
"""In ``change`` of an edit: the digests of the annotated pages that it took in."""

MOST_PHOTOS = 1000
"""Largest number of photos of a page by all its coders: each is compared with each."""

SAME_PROPORTIONS = 0.02
"""Largest difference of the proportions of a page and its picture: tools round small ones."""

KINDS = ("added", "moved", "removed", "answered", "checked")
"""What an import counts as a change."""


@dataclass(slots=True)
class AnnotationImport(Served):
    """What an import has changed, or would change."""

    SERVED: ClassVar[str] = f"""
        tool coders applied edit pages {" ".join(f"{kind}=counts.{kind}" for kind in KINDS)}
        unchanged imported_before left skipped not_read problems
    """

    tool: str  # the format of the file
    coders: tuple[str, ...]  # who has annotated it
    applied: bool  # whether it was stored, and not only tried
    edit: int | None = None  # the edit, which undoes all of it; None: nothing was changed
    pages: int = 0  # number of annotated pages that were compared, one for each coder
    # Number of photos added, moved, removed and answered about, and of pages checked.
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    unchanged: int = 0  # number of photos that were left as they were, which is no statement
    imported_before: int = 0  # number of annotated pages that an earlier import has taken in
    left: int = 0  # number of photos drawn here that the file does not have, and that stay
    skipped: int = 0  # number of tasks that were skipped or not annotated
    not_read: int = 0  # number of annotations that stand for nothing that can be corrected here
    # What could not be taken in, each in a sentence.
    problems: list[str] = field(default_factory=list)


class _OnlyPreviewed(Exception):
    """Takes a transaction back."""


def import_annotations(
    home: Installation, file: AnnotationFile, *, apply: bool, now: datetime
) -> AnnotationImport:
    """Store what a file of another tool has changed, all of it in one transaction and one edit.

    What is imported again changes nothing. Pages and photos that can't be matched, and photos that
    were changed here since the export, are left as they are, and named.

    Args:
        file: What people have annotated.
        apply: Store it; without, all is done and taken back, so that the numbers are those of it.
    """
    coders = tuple(sorted({page.coder for page in file.pages}))
    result = AnnotationImport(
        file.tool,
        coders,
        apply,
        skipped=file.skipped,
        not_read=file.not_read,
        problems=[*file.unmatched],
    )
    editions: Collection[int] = ()
    try:
        with home.database.write() as session:
            editions = _Import(home, session, result, now).run(file.pages)
            _leave(apply)
    except _OnlyPreviewed:
        result.edit = None
        return result
    refresh_editions(home, sorted(editions))
    return result


def _leave(apply: bool) -> None:
    if not apply:
        raise _OnlyPreviewed


def undo_annotations(
    home: Installation, session: Session, edit: EditRow, now: datetime
) -> Collection[int]:
    """Withdraw all reviews of an import; return the editions whose photos have changed.

    Raises:
        Conflict: A later change says anew what it has drawn, or follows from an answer of it.
    """
    undo_reviews(home, session, edit, now)
    return undo_page_reviews(home, session, edit, now)


class _Import:
    def __init__(
        self, home: Installation, session: Session, result: AnnotationImport, now: datetime
    ) -> None:
        self._recipe, self._session, self._result, self._now = home.recipe, session, result, now
        self._before = _digests(session)
        self._digests: list[str] = []
        self._pages: list[PageRow] = []
        self._marks: list[PageReviewRow] = []
        self._reviews: list[int] = []

    def run(self, pages: Sequence[AnnotatedPage]) -> Collection[int]:
        """Take in pages; return the editions that are to be summarised again."""
        ordered = sorted(pages, key=lambda page: page.page_id)
        for page_id, annotated in groupby(ordered, key=lambda page: page.page_id):
            self._page(page_id, list(annotated))
        if not self._marks and not self._reviews:
            return ()
        self._log()
        scans = {review.scan_id for review in self._marks}
        return printed_in(self._session, scans)

    def _page(self, page_id: int, annotated: Sequence[AnnotatedPage]) -> None:
        """Compare what all coders say of a page with it as it is before any of them."""
        new = [page for page in annotated if page.digest() not in self._before]
        self._result.imported_before += len(annotated) - len(new)
        if not new:
            return
        if sum(one.boxes for one in new) > MOST_PHOTOS:
            self._problem(Message("more than %(most)s photos are on it", most=MOST_PHOTOS), page_id)
            return
        row = self._session.get(PageRow, page_id)
        page = self._observed(row) if row is not None else None
        if row is None or page is None:
            self._problem(Message("there is no such page, or it was not analysed"), page_id)
            return
        if page.two_editions:
            self._problem(Message("somebody says that it is of two editions"), page_id)
            return
        new = self._of_this_scan(new, page)
        differences = [(one, page_difference(one, page.standing, page.size)) for one in new]
        made = [self._drawn(page, one, difference) for one, difference in differences]
        if any(made):
            self._session.flush()
            apply_page_reviews(self._session, page.outcome.scan_id)
            page = load_page(self._session, page.outcome)
        answered = [self._answers(page, one, difference) for one, difference in differences]
        if any(made) or any(answered):
            self._pages.append(row)

    def _observed(self, row: PageRow) -> CorrectedPage | None:
        if row.scan_id is None:
            return None
        lock_scan(self._session, row.scan_id)
        outcome = self._session.scalars(
            select(OutcomeRow).filter_by(
                scan_id=row.scan_id, observation_id=self._recipe.observation_id
            )
        ).one_or_none()
        return load_page(self._session, outcome) if outcome and outcome.width else None

    def _of_this_scan(
        self, annotated: Sequence[AnnotatedPage], page: CorrectedPage
    ) -> list[AnnotatedPage]:
        """Return what is of the scan that the page has, and name what is of another one."""
        row = self._session.get_one(ScanRow, page.outcome.scan_id)
        fitting = []
        for one in annotated:
            if one.scan is not None and one.scan != (row.sha256, row.frame):
                self._problem(Message("the file is of another scan than the page's"), one.page_id)
            elif one.size is not None and not _proportional(one.size, page.size):
                self._problem(Message("its picture has other proportions"), one.page_id)
            else:
                fitting.append(one)
        return fitting

    def _problem(self, problem: Message, page_id: int) -> None:
        self._result.problems.append(
            Message("page %(page)s: %(problem)s", page=page_id, problem=problem)
        )

    def _drawn(
        self, page: CorrectedPage, annotated: AnnotatedPage, difference: PageDifference
    ) -> bool:
        """Add a page review of what a coder has drawn; return whether there is one."""
        result = self._result
        result.pages += 1
        result.unchanged += difference.unchanged
        result.left += difference.left
        for conflict in difference.conflicts:
            self._problem(conflict, annotated.page_id)
        self._digests.append(annotated.digest())
        marks = self._placed(page, annotated.page_id, difference)
        checked = self._checked(page, annotated, difference)
        if checked:
            for place in page.places:
                if place.boxes is not None and not marks.holds(place):
                    marks.keep(place)
        drawn = marks.marks()
        if not drawn and not checked:
            return False
        result.counts["checked"] += checked
        review = PageReviewRow(
            scan_id=page.outcome.scan_id,
            coder=annotated.coder,
            codebook=self._recipe.codebook,
            checked=checked,
            adjudicates=settles(page, annotated.coder, drawn),
            created_at=self._now,
            marks=mark_rows(drawn),
        )
        self._session.add(review)
        self._marks.append(review)
        return True

    def _placed(self, page: CorrectedPage, page_id: int, difference: PageDifference) -> PhotoMarks:
        marks, counts = PhotoMarks(page), self._result.counts
        rows = {row.id: row for row in page.standing}
        for photo_id, box in sorted(difference.moved.items()):
            counts["moved"] += self._replace(page, page_id, marks, rows[photo_id], box)
        for photo_id in difference.removed:
            counts["removed"] += self._replace(page, page_id, marks, rows[photo_id], None)
        for box in difference.added:
            if self._large(page_id, box):
                marks.add(page.in_shares(box))
                counts["added"] += 1
        return marks

    def _replace(
        self, page: CorrectedPage, page_id: int, marks: PhotoMarks, row: PhotoRow, box: Box | None
    ) -> bool:
        photo = page.photo_of(row)
        if photo is None or (box is not None and not self._large(page_id, box)):
            return False
        marks.replace(photo, [] if box is None else [page.in_shares(box)])
        return True

    def _large(self, page_id: int, box: Box) -> bool:
        if min(box.width, box.height) >= SMALLEST_SIDE:
            return True
        self._problem(
            Message("a photo is %(least)s pixels wide and high at least", least=SMALLEST_SIDE),
            page_id,
        )
        return False

    def _checked(
        self, page: CorrectedPage, annotated: AnnotatedPage, difference: PageDifference
    ) -> bool:
        """Return whether a coder says so for the first time, of the page as it is here."""
        if not annotated.checked or difference.conflicts:
            return False
        if annotated.exported is not None:
            drawn = {row.id for row in page.standing if row.by_hand}
            if drawn - {photo.photo_id for photo in annotated.exported}:
                self._problem(
                    Message("photos were drawn here since the export: it is not taken as checked"),
                    annotated.page_id,
                )
                return False
        return not any(one.checked and one.coder == annotated.coder for one in page.reviews)

    def _answers(
        self, page: CorrectedPage, annotated: AnnotatedPage, difference: PageDifference
    ) -> bool:
        """Add the reviews of a coder about photos of a page; return whether there are some."""
        ids = [
            review_id
            for answered in difference.answered
            if (review_id := self._answer(page, annotated, answered)) is not None
        ]
        self._reviews += ids
        self._result.counts["answered"] += len(ids)
        return bool(ids)

    def _answer(
        self, page: CorrectedPage, annotated: AnnotatedPage, answered: AnnotatedPhoto
    ) -> int | None:
        rows = page.standing
        index = nearest_photo(answered.box, [row.box for row in rows])
        if index is None:
            gone = Message("a photo that was answered about is not on the page any more")
            self._problem(gone, annotated.page_id)
            return None
        review = NewReview(rows[index].id, annotated.coder, answered.answers, answered.focus)
        of_photo = reviews_on_scan(self._session, page.outcome).get(rows[index].id, [])
        earlier = earlier_answers(coder_answers(of_photo), review)
        fresh = {
            name: a for name, a in answered.answers.items() if earlier.get(name, not a) is not a
        }
        focus = answered.focus
        if focus and all(earlier.get(m) is a for m, a in focus_answers(focus).items()):
            focus = None
        if not fresh and focus is None:
            return None
        try:
            new = NewReview(rows[index].id, annotated.coder, fresh, focus)
            return add_review(self._session, self._recipe, new, now=self._now)
        except InvalidRequest as error:
            self._problem(
                Message("photo %(photo)s: %(fault)s", photo=rows[index].id, fault=error.args[0]),
                annotated.page_id,
            )
            return None

    def _log(self) -> None:
        result, first = self._result, self._pages[0]
        editions = {page.edition_id for page in self._pages}
        by = Author(", ".join(result.coders)[:LONGEST_NAME], self._recipe.codebook, self._now)
        target, text = ("page", first.id), _sentence(result, len(self._pages))
        edit = log_reviews(self._session, by, self._reviews, target, text, Action.ANNOTATE)
        edit.edition_id = editions.pop() if len(editions) == 1 else None
        edit.change = {IMPORTED: self._digests}
        for review in self._marks:
            review.edit_id = edit.id
        result.edit = edit.id


def _proportional(a: tuple[float, float], b: tuple[float, float]) -> bool:
    return abs(a[0] * b[1] / (a[1] * b[0]) - 1) <= SAME_PROPORTIONS


def _digests(session: Session) -> frozenset[str]:
    """Return the digests of the annotated pages that imports have taken in, but for undone ones."""
    query = select(EditRow.change).where(
        EditRow.action == Action.ANNOTATE, EditRow.undone_at.is_(None)
    )
    changes: Iterable[dict[str, Any]] = session.scalars(query)
    return frozenset(digest for change in changes for digest in change.get(IMPORTED, ()))


def _sentence(result: AnnotationImport, pages: int) -> Message:
    """Return what an import has changed as a sentence of the log."""
    changes = {
        "added": Message("photos drawn: %(number)s", number=result.counts["added"]),
        "moved": Message("photos moved: %(number)s", number=result.counts["moved"]),
        "removed": Message("photos removed: %(number)s", number=result.counts["removed"]),
        "answered": Message("photos answered about: %(number)s", number=result.counts["answered"]),
        "checked": Message("pages looked through: %(number)s", number=result.counts["checked"]),
    }
    made = [text for kind, text in changes.items() if result.counts[kind]]
    return Message(
        "corrections by %(tool)s (pages: %(pages)s): %(changes)s",
        tool=result.tool,
        pages=pages,
        changes=join_messages(made, ", "),
    )
