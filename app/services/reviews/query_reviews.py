"""Answers a question for all photos that a filter selects: previewed, and stored as one edit.

Whoever answers so has not looked at each photo by itself: the photos count as picked.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from presslens.app.db.edits import Action, Author
from presslens.app.db.reviews import ReviewAnswerRow, ReviewRow, SettledAnswerRow
from presslens.app.db.tables import OutcomeRow, PhotoRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import Conflict, InvalidRequest
from presslens.app.services.catalogue.filter_words import filter_in_words
from presslens.app.services.catalogue.photo_filter import PhotoFilter
from presslens.app.services.catalogue.photo_index import photo_index
from presslens.app.services.figures.gallery import leader_names, newspapers_of_scans
from presslens.app.services.reviews.consensus import BATCH, photo_answers, update_scans_consensus
from presslens.app.services.reviews.reviews import (
    NewReview,
    check_review,
    complete_answers,
    earlier_answers,
    log_reviews,
    review_sentence,
)
from presslens.models.message import Message
from presslens.models.recipe import Recipe
from presslens.models.vocabulary import Focus
from presslens.pipelines.result import Served
from presslens.pipelines.statistics.consensus import Answers, contradiction

MOST_PHOTOS = 10_000
"""Largest number of photos that one edit answers for."""

PREVIEWED = 10
"""Photos that are shown before."""


@dataclass(frozen=True, slots=True)
class QueryAnswers:
    """What a coder answers for all photos of a query; see ``NewReview``."""

    coder: str
    answers: Answers = field(default_factory=dict)
    focus: Focus | None = None

    def of_photo(self, photo_id: int) -> NewReview:
        """Return the same answers for one photo."""
        return NewReview(photo_id, self.coder, self.answers, self.focus)


@dataclass(frozen=True, slots=True)
class QueryPreview(Served):
    """What an answer for all photos of a query would change."""

    photos: int  # number of different photos that the query selects
    sample: tuple[int, ...]  # ids of some of them, drawn by chance
    settled: int  # photos for which people have settled one of the measures already
    otherwise: int  # those of them where it is settled otherwise than it would be answered
    most: int = MOST_PHOTOS  # largest number of photos that can be answered for at once


@dataclass(frozen=True, slots=True)
class QueryResult(Served):
    """What an answer for all photos of a query has changed."""

    edit: int | None  # id of the edit, which undoes it as one
    photos: int  # number of photos that were answered for
    # Ids of photos for which the coder had said what contradicts the answer.
    left_out: tuple[int, ...]
    text: str  # what was done, in a sentence


class _Selected(NamedTuple):
    """A photo, its scan, and its box in shares of the page."""

    id: int
    scan_id: int
    box: tuple[float, float, float, float]


def preview_query(
    home: Installation, photos: PhotoFilter, given: QueryAnswers, *, seed: int
) -> QueryPreview:
    """Return how many photos a query selects, and some of them, drawn by chance.

    Raises:
        InvalidRequest: An answer is to an unknown measure.
    """
    ids = photo_index(home).different(photos)
    with home.database.read() as session:
        if given.answers or given.focus:
            check_review(session, given.of_photo(0))
        decided, otherwise = _count_decided(session, ids, given.of_photo(0).all_answers)
    drawn = random.Random(seed).sample(ids, min(PREVIEWED, len(ids)))  # noqa: S311 - no secret
    return QueryPreview(len(ids), tuple(drawn), decided, otherwise)


def review_query(
    home: Installation, photos: PhotoFilter, given: QueryAnswers, *, expected: int, now: datetime
) -> QueryResult:
    """Store a coder's answers for all photos that a query selects: for all, or for none.

    A photo for which the coder has said what contradicts them is left out.

    Args:
        photos: Selects the photos.
        expected: The number of photos that the coder was shown.

    Raises:
        InvalidRequest: An answer is to an unknown measure, or there are too many photos.
        Conflict: The query selects another number of photos by now.
    """
    recipe, photo_ids = home.recipe, photo_index(home).different(photos)
    _check_number(len(photo_ids), expected)
    with home.database.write() as session:
        check_review(session, given.of_photo(0))
        selected = _selected(session, photo_ids)
        _check_number(len(selected), expected)
        answers = _by_photo(session, selected, given, recipe)
        answered = [photo for photo in selected if photo.id in answers]
        ids = _insert(session, answered, answers, given.coder, recipe.codebook, now)
        words = filter_in_words(photos, decision=recipe.aggregate.decision)
        sentence = review_sentence(given.of_photo(0))
        text = Message(
            "%(answers)s, for %(n)s: %(photos)s", answers=sentence, n=len(ids), photos=words
        )
        edit = None
        if ids:
            by = Author(given.coder, recipe.codebook, now)
            edit = log_reviews(session, by, ids, ("query", 0), text, Action.REVIEW_MANY).id
        update_scans_consensus(session, sorted({photo.scan_id for photo in answered}))
    left_out = tuple(photo.id for photo in selected if photo.id not in answers)
    return QueryResult(edit, len(ids), left_out, text)


def _check_number(number: int, expected: int) -> None:
    if number > MOST_PHOTOS:
        raise InvalidRequest.saying(
            "%(n)s photos match; at most %(most)s can be answered for at once: narrow the "
            "filter, by months for instance",
            n=number,
            most=MOST_PHOTOS,
        )
    if number != expected:
        raise Conflict.saying(
            "%(found)s photos match by now, and not %(expected)s: look at the preview again",
            found=number,
            expected=expected,
        )


def _selected(session: Session, photo_ids: Sequence[int]) -> list[_Selected]:
    """Return the photos that still exist, in this order."""
    box = PhotoRow.x0, PhotoRow.y0, PhotoRow.x1, PhotoRow.y1
    query = (
        select(PhotoRow.id, OutcomeRow.scan_id, *box, OutcomeRow.width, OutcomeRow.height)
        .join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
        .order_by(PhotoRow.id)
    )
    return [
        _Selected(row[0], row[1], (row[2] / w, row[3] / h, row[4] / w, row[5] / h))
        for batch in _batches(photo_ids)
        for row in session.connection().execute(query.where(PhotoRow.id.in_(batch)))
        for w, h in ((row[6] or 1, row[7] or 1),)
    ]


def _count_decided(session: Session, ids: Sequence[int], answers: Answers) -> tuple[int, int]:
    """Return for how many photos a measure is settled, and for how many otherwise."""
    row = SettledAnswerRow
    decided, otherwise = set(), set()
    for batch in _batches(ids):
        query = select(row.photo_id, row.measure, row.shows)
        query = query.where(row.photo_id.in_(batch), row.measure.in_(list(answers)))
        for photo_id, measure, shows in session.connection().execute(query):
            decided.add(photo_id)
            if answers[measure] is not shows:
                otherwise.add(photo_id)
    return len(decided), len(otherwise)


def _by_photo(
    session: Session, photos: Sequence[_Selected], given: QueryAnswers, recipe: Recipe
) -> dict[int, Answers]:
    """Return what is answered for each photo; nothing where it contradicts the coder."""
    new = given.of_photo(0)
    by_photo: dict[int, Answers] = {}
    scans = sorted({photo.scan_id for photo in photos})
    earlier = photo_answers(session, recipe.observation_id, scans, given.coder)
    papers = newspapers_of_scans(session, scans)
    for photo in photos:
        before = earlier_answers(earlier.get(photo.id, ()), new)
        leaders = leader_names(session, papers.get(photo.scan_id, 0))
        answers = complete_answers(new.all_answers, before, leaders)
        if contradiction({**before, **answers}, leaders) is None:
            by_photo[photo.id] = answers
    if photos and not by_photo:
        fault = contradiction(new.all_answers, ())
        contrary = Message("for each of these photos you have said the contrary before")
        raise InvalidRequest(fault or contrary)
    return by_photo


def _batches(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[i : i + BATCH] for i in range(0, len(ids), BATCH))


def _insert(
    session: Session,
    photos: Sequence[_Selected],
    answers: Mapping[int, Answers],
    coder: str,
    codebook: str,
    now: datetime,
) -> list[int]:
    """Insert a review of each photo, and return their ids in this order."""
    rows = [
        {
            "scan_id": photo.scan_id,
            **dict(zip(("x0", "y0", "x1", "y1"), photo.box, strict=True)),
            "coder": coder,
            "codebook": codebook,
            "adjudicates": False,
            "created_at": now,
        }
        for photo in photos
    ]
    if not rows:
        return []
    returned = insert(ReviewRow).returning(ReviewRow.id, sort_by_parameter_order=True)
    ids = list(session.scalars(returned, rows))
    given = [
        {"review_id": review_id, "measure": measure, "shows": shows}
        for review_id, photo in zip(ids, photos, strict=True)
        for measure, shows in answers[photo.id].items()
    ]
    session.connection().execute(insert(ReviewAnswerRow), given)
    return ids
