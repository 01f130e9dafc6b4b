"""Takes in what coders answer about the items of a sample: each once, however often it is sent.

A device keeps its answers until they are stored, and sends them again after a failure. So each has
an id that the device gave it, under which it is stored once.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.edits import Action, Author
from presslens.app.db.reviews import ReviewRow
from presslens.app.db.samples import SampledPhotoRow, SampleItemRow, SampleRow
from presslens.app.db.tables import OutcomeRow, PhotoRow, RecipeRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest, NotFound
from presslens.app.services.reviews.codebook_changes import follow_codebook
from presslens.app.services.reviews.consensus import (
    active_reviews,
    lock_scan,
    match_reviews,
    photo_boxes,
)
from presslens.app.services.reviews.repeats import forget_repeat, keep_repeat
from presslens.app.services.reviews.reviews import (
    NewReview,
    add_review,
    log_reviews,
    review_sentence,
    take_back,
)
from presslens.app.services.samples.samples import sample_row
from presslens.models.message import Message
from presslens.models.vocabulary import Focus
from presslens.pipelines.counted import counted
from presslens.pipelines.result import Served
from presslens.pipelines.statistics.consensus import Answers


@dataclass(frozen=True, slots=True)
class CodedAnswer:
    """What a coder has decided about an item of a sample, or that an answer is taken back."""

    client_id: str  # the id that the coder's device gave the answer
    # The item, negative where it is shown again; None where an answer is taken back.
    item_id: int | None = None
    # By measure, without those of focus; None: the coder can't tell.
    answers: Answers = field(default_factory=dict)
    focus: Focus | None = None  # what the photo is composed around; None if that was not asked
    adjudicates: bool = False  # the answer decides what coders disagree on
    note: str | None = None  # a remark of the coder
    seconds: float | None = None  # the time that the coder took; None: it was not measured
    known: tuple[str, ...] = ()  # the coders who had answered when the coder was shown the photo
    # Id of the latest review when the coder was shown the photo; None: it is not known.
    since: int | None = None
    withdrawn: bool = False  # the answer of this id is taken back
    codebook: str | None = None  # the codebook that the coder was shown; None: today's


@dataclass(frozen=True, slots=True)
class AnswerOutcome(Served):
    """What became of an answer."""

    SERVED: ClassVar[str] = "client_id review=review_id edit=edit_id new meanwhile refused"

    client_id: str
    review_id: int | None = None  # the review that holds it; None if there is none
    edit_id: int | None = None  # the edit that made the review
    new: bool = False  # it was stored, or taken back, just now and not before
    # Other coders who have answered since the coder was shown the photo.
    meanwhile: tuple[str, ...] = ()
    refused: str | None = None  # why it is not stored; None if it is


@dataclass(frozen=True, slots=True)
class AnswerOutcomes(Served):
    """What became of several answers; ``edit_id`` is the edit of the last one that is new."""

    SERVED: ClassVar[str] = "edit=edit_id answers"

    answers: tuple[AnswerOutcome, ...]
    edit_id: int | None


def keep_answers(
    home: Installation,
    key: int | str,
    coder: str,
    answers: Sequence[CodedAnswer],
    *,
    now: datetime,
    as_one: bool = False,
) -> AnswerOutcomes:
    """Store the answers of a coder to items of a sample, in their order; each id once.

    What is refused is told, and keeps no other answer back.

    Args:
        key: Id or name of the sample.
        answers: The answers; those that are stored already change nothing.
        as_one: They are one edit of the log, which undoes all of them; else each is its own.

    Raises:
        NotFound: There is no such sample.
    """
    with home.database.write() as session:
        sample = sample_row(session, key)
        # What is sent twice at one moment waits here, and is found the second time.
        locked = select(SampleRow.id).filter_by(id=sample.id).with_for_update(key_share=True)
        session.execute(locked)
        items = [abs(one.item_id) for one in answers if one.item_id]
        photos = _photos(session, home, sample, items)
        desk = _Desk(home, session, coder, photos, now)
        today = {None, home.recipe.codebook}
        if any(one.codebook in today for one in answers if not one.withdrawn):
            follow_codebook(session, sample, desk.by)
        results = [desk.keep(one, log=not as_one) for one in answers]
        made = [one.review_id for one in results if one.new and one.review_id is not None]
        edit_id = next((one.edit_id for one in reversed(results) if one.new), None)
        if as_one and made:
            coded = counted(len(made), "photo")
            text = Message("answers to %(photos)s of %(sample)s", photos=coded, sample=sample.name)
            target = "sample", sample.id
            edit_id = log_reviews(session, desk.by, made, target, text, Action.REVIEW_MANY).id
    return AnswerOutcomes(tuple(results), edit_id)


@dataclass(slots=True)
class _Desk:
    """Takes in the answers of one coder within a transaction."""

    home: Installation
    session: Session
    coder: str
    photos: dict[int, int | None]
    now: datetime

    def keep(self, answer: CodedAnswer, *, log: bool) -> AnswerOutcome:
        stored = self.session.scalars(
            select(ReviewRow).filter_by(coder=self.coder, client_id=answer.client_id)
        ).one_or_none()
        if answer.withdrawn:
            return self._withdraw(answer, stored)
        if stored is not None:
            return AnswerOutcome(answer.client_id, stored.id, stored.edit_id)
        try:
            review = self._review(answer)
            if answer.item_id is not None and answer.item_id < 0:
                item_id, recipe = -answer.item_id, self.home.recipe
                new = keep_repeat(self.session, recipe, item_id, review, now=self.now)
                return AnswerOutcome(answer.client_id, new=new)
            review_id = add_review(self.session, self.home.recipe, review, now=self.now)
        except (InvalidRequest, NotFound) as error:
            return AnswerOutcome(answer.client_id, refused=str(error))
        edit_id = None
        if log:
            target, text = ("photo", review.photo_id), review_sentence(review)
            edit_id = log_reviews(self.session, self.by, [review_id], target, text).id
        others: set[str] = set()
        if answer.known or answer.since is not None:  # else it would tell who was there before
            others = self._others(review, answer.since or 0) - set(answer.known)
        return AnswerOutcome(answer.client_id, review_id, edit_id, True, tuple(sorted(others)))

    @property
    def by(self) -> Author:
        return Author(self.coder, self.home.recipe.codebook, self.now)

    def _withdraw(self, answer: CodedAnswer, stored: ReviewRow | None) -> AnswerOutcome:
        if stored is None:
            new = forget_repeat(self.session, self.coder, answer.client_id)
            return AnswerOutcome(answer.client_id, new=new)
        lock_scan(self.session, stored.scan_id)
        self.session.refresh(stored)
        new = stored.withdrawn_at is None
        take_back(self.session, stored, coder=self.coder, now=self.now)
        return AnswerOutcome(answer.client_id, stored.id, stored.edit_id, new)

    def _review(self, answer: CodedAnswer) -> NewReview:
        item_id = abs(answer.item_id or 0)
        if item_id not in self.photos:
            raise InvalidRequest("this photo is not of this sample")
        photo_id = self.photos[item_id]
        if photo_id is None:
            raise InvalidRequest("today's recipe finds no photo where this one was drawn")
        if answer.codebook not in (None, self.home.recipe.codebook, *self._earlier_codebooks()):
            raise InvalidRequest("no codebook of this archive has this version")
        return NewReview(
            photo_id,
            self.coder,
            answer.answers,
            focus=answer.focus,
            adjudicates=answer.adjudicates,
            note=answer.note,
            seconds=answer.seconds,
            client_id=answer.client_id,
            codebook=answer.codebook,
        )

    def _earlier_codebooks(self) -> Iterator[str]:
        for rules in self.session.scalars(select(RecipeRow.canonical)):
            yield json.loads(rules)["codebook"]

    def _others(self, review: NewReview, since: int) -> set[str]:
        """Return the other coders who have answered the same about a photo, after a review."""
        outcome = self.session.scalars(
            select(OutcomeRow)
            .join(PhotoRow, PhotoRow.outcome_id == OutcomeRow.id)
            .where(PhotoRow.id == review.photo_id)
        ).one()
        boxes = photo_boxes(self.session, outcome.observation_id, [outcome.scan_id])
        reviews = active_reviews(self.session, [outcome.scan_id])
        of_photo = match_reviews(reviews, boxes[outcome.scan_id]).get(review.photo_id, [])
        return {
            one.coder
            for one in of_photo
            if one.id > since
            and one.adjudicates == review.adjudicates
            and any(answer.measure in review.all_answers for answer in one.answers)
        } - {self.coder}


def _photos(
    session: Session, home: Installation, sample: SampleRow, item_ids: Collection[int]
) -> dict[int, int | None]:
    """Return the photo of each item of a sample under today's recipe, by the item's id."""
    chosen = SampleItemRow.sample_id == sample.id, SampleItemRow.id.in_(item_ids)
    photos: dict[int, int | None] = dict.fromkeys(
        session.scalars(select(SampleItemRow.id).where(*chosen))
    )
    query = (
        select(SampledPhotoRow.item_id, SampledPhotoRow.photo_id)
        .join(SampleItemRow, SampleItemRow.id == SampledPhotoRow.item_id)
        .join(PhotoRow, PhotoRow.id == SampledPhotoRow.photo_id)
        .join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
        .where(*chosen, OutcomeRow.observation_id == home.recipe.observation_id)
    )
    return photos | {row.item_id: row.photo_id for row in session.execute(query)}
