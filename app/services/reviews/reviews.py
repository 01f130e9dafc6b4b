"""Reviews: the answers of coders for photos. They never change the machine's rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session, lazyload

from presslens.app.db.edits import UNNAMED, Action, Author, EditRow, add_edit
from presslens.app.db.in_the_way import blocked_by
from presslens.app.db.model_answers import is_model
from presslens.app.db.reviews import ReviewAnswerRow, ReviewRow, SettledAnswerRow
from presslens.app.db.tables import OutcomeRow, PhotoRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import Conflict, InvalidRequest, NotFound
from presslens.app.services.catalogue.page_records import interpretations_of
from presslens.app.services.catalogue.photo_address import find_address, frame_ids, photo_there
from presslens.app.services.figures.gallery import figure_roles, leaders_on_scan, roles_on_scans
from presslens.app.services.labels.label_set import made_names
from presslens.app.services.reviews.consensus import (
    BATCH,
    active_reviews,
    answers_by,
    coder_answers,
    lock_scan,
    match_reviews,
    photo_boxes,
    update_scan_consensus,
    update_scans_consensus,
)
from presslens.app.services.reviews.documents import (
    PhotoReviews,
    ReviewResult,
    ReviewState,
    review_state,
)
from presslens.app.services.samples.sampled_photos import drawn_measures
from presslens.models.geometry import Box
from presslens.models.labels.vocabulary import shipped_names
from presslens.models.message import Message, join_messages
from presslens.models.recipe import Recipe
from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.consensus import (
    DERIVED,
    Answers,
    CoderAnswer,
    contradiction,
    disputed_measures,
    focus_answers,
    implied_leader,
    latest_answers,
)
from presslens.pipelines.statistics.measure import FIGURE, FOCUSES, LABEL, SUBJECTS, probabilities
from presslens.pipelines.statistics.photo_matching import SAME_PHOTO

MOST_ANSWERS = 200
"""Largest number of answers of a review."""


@dataclass(frozen=True, slots=True)
class NewReview:
    """The answers of a coder for a photo."""

    photo_id: int  # the photo, under today's recipe
    coder: str  # name of the coder
    answers: Answers  # by measure, without those of focus; None: the coder can't tell
    focus: Focus | None = None  # what the photo is composed around; None if that was not asked
    adjudicates: bool = False  # the review decides what coders disagree on
    note: str | None = None  # a remark of the coder
    seconds: float | None = None  # the time that the coder took; None: it was not measured
    # The box of the person that a yes about a figure or the leader means, in pixels of the page, by
    # measure.
    places: Mapping[str, Box] = field(default_factory=dict)
    # The id that the coder's device gave the review; None: it gave none.
    client_id: str | None = None
    codebook: str | None = None  # the codebook that the coder was shown; None: today's

    @property
    def all_answers(self) -> dict[str, bool | None]:
        """The answers, with those to the measures of focus."""
        return {**self.answers, **(focus_answers(self.focus) if self.focus else {})}


def review_photo(home: Installation, review: NewReview, *, now: datetime) -> int:
    """Store a review, update the consensus of the photo, and return the id of the review.

    Earlier answers of the same coder to the same measures no longer count.

    Raises:
        NotFound: There is no such photo.
        InvalidRequest: An answer is to an unknown measure, or answers contradict each other.
    """
    with home.database.write() as session:
        review_id = add_review(session, home.recipe, review, now=now)
        by, target = Author(review.coder, home.recipe.codebook, now), ("photo", review.photo_id)
        log_reviews(session, by, [review_id], target, review_sentence(review))
    return review_id


def log_reviews(
    session: Session,
    by: Author,
    review_ids: Sequence[int],
    target: tuple[str, int],
    text: str,
    action: Action = Action.REVIEW,
) -> EditRow:
    """Log reviews as one edit, which undoes all of them; see ``add_edit``."""
    kind, target_id = target
    if kind == "photo":
        target = kind, frame_ids(session, [target_id])[target_id]
    edit = add_edit(session, by, action, target, text)
    for start in range(0, len(review_ids), BATCH):
        made = update(ReviewRow).where(ReviewRow.id.in_(review_ids[start : start + BATCH]))
        session.execute(made.values(edit_id=edit.id), execution_options=_UNSYNCED)
    return edit


_UNSYNCED = {"synchronize_session": False}
"""No review that a session holds reads its edit again in the same transaction."""

_WRITTEN = {True: "yes", False: "no", None: "can't tell"}


def review_sentence(review: NewReview) -> Message:
    """Return what a review answers as a sentence of the log."""
    answers = [
        Message("%(measure)s: %(answer)s", measure=measure, answer=Message(_WRITTEN[shows]))
        for measure, shows in review.answers.items()
    ]
    if review.focus:
        answers.append(Message("focus: %(focus)s", focus=Message(review.focus.value)))
    return join_messages(answers, ", ")


def undo_reviews(
    _home: Installation, session: Session, edit: EditRow, now: datetime
) -> Collection[int]:
    """Withdraw the reviews of an edit; no plain number of an edition changes by it.

    Raises:
        Conflict: A later answer about the leader follows from one of them.
    """
    rows = session.scalars(select(ReviewRow).filter_by(edit_id=edit.id, withdrawn_at=None)).all()
    check_implied_by_none(session, rows)
    for row in rows:
        row.withdrawn_at = now
    session.flush()
    update_scans_consensus(session, sorted({row.scan_id for row in rows}))
    return ()


def add_review(session: Session, recipe: Recipe, review: NewReview, *, now: datetime) -> int:
    """Store a review within a transaction; see ``review_photo``."""
    photo, outcome = _photo(session, photo_there(session, recipe, review.photo_id).photo_id)
    lock_scan(session, outcome.scan_id)
    check_review(session, review)
    place = photo.box.in_shares(outcome.size)
    of_photo = reviews_on_scan(session, outcome).get(photo.id, [])
    codebook = review.codebook or recipe.codebook
    before = earlier_answers(answers_by(codebook, coder_answers(of_photo)), review)
    leaders = leaders_on_scan(session, outcome.scan_id)
    answers = complete_answers(review.all_answers, before, leaders)
    fault = contradiction({**before, **answers}, leaders)
    if fault is not None:
        if contradiction(review.all_answers, leaders) is None:
            fault = Message("%(fault)s (with earlier answers of the coder)", fault=fault)
        raise InvalidRequest(fault)
    places = {m: _checked_place(m, box, answers, outcome) for m, box in review.places.items()}
    row = ReviewRow(
        scan_id=outcome.scan_id,
        **asdict(place),
        coder=review.coder,
        codebook=codebook,
        adjudicates=review.adjudicates,
        note=review.note or None,
        created_at=now,
        seconds=review.seconds,
        client_id=review.client_id,
        answers=[
            ReviewAnswerRow(measure=measure, shows=shows, place=places.get(measure))
            for measure, shows in answers.items()
        ],
    )
    session.add(row)
    session.flush()
    update_scan_consensus(session, outcome.scan_id)
    return row.id


def earlier_answers(answers: Iterable[CoderAnswer], review: NewReview) -> dict[str, bool | None]:
    """Return a coder's answers for a photo that a new review stands beside, by measure.

    Args:
        answers: All answers for the photo.
        review: The new review: adjudications stand apart.
    """
    own = (answer for answer in answers if answer.coder == review.coder)
    return {
        answer.measure: answer.shows
        for answer in latest_answers(own)
        if answer.adjudicates == review.adjudicates
    }


def complete_answers(answers: Answers, before: Answers, leaders: Collection[str]) -> Answers:
    """Return a coder's answers, with what those about figures imply about the leader.

    Args:
        answers: Of a new review.
        before: The coder's earlier answers for the photo.
        leaders: Names of the figures whose role is leader.
    """
    if "leader" in answers or not any(measure.startswith(FIGURE) for measure in answers):
        return answers
    return {**answers, **implied_leader({**before, **answers}, leaders)}


def _checked_place(measure: str, box: Box, answers: Answers, outcome: OutcomeRow) -> list[float]:
    """Return where a person stands, as shares of the page."""
    if not (measure == "leader" or measure.startswith(FIGURE)) or not answers.get(measure):
        raise InvalidRequest.saying(
            "a place goes with a yes about a figure or the leader, not %(measure)s",
            measure=measure,
        )
    inside = box.clipped(*outcome.size)
    if inside.width < 1 or inside.height < 1:
        raise InvalidRequest.saying(
            "the place of %(measure)s is no box on the page, in its pixels", measure=measure
        )
    share = inside.in_shares(outcome.size)
    return [round(edge, 5) for edge in (share.x0, share.y0, share.x1, share.y1)]


def withdraw_review(
    home: Installation, review_id: int, *, coder: str | None = None, now: datetime
) -> int:
    """Withdraw a review: its coder's earlier answers count again. Twice is the same as once.

    To redo it, the photo is reviewed again.

    Args:
        coder: The coder whose review it must be; None: anybody.

    Returns:
        The id of the review.

    Raises:
        NotFound: There is no such review.
        Conflict: It is another coder's.
    """
    with home.database.write() as session:
        row = session.get(ReviewRow, review_id)
        if row is None:
            raise NotFound.saying("there is no such review")
        lock_scan(session, row.scan_id)
        session.refresh(row)
        if coder is not None and row.coder != coder:
            raise Conflict.saying("review %(review_id)s is by another coder", review_id=review_id)
        take_back(session, row, coder=coder, now=now)
    return review_id


def take_back(session: Session, row: ReviewRow, *, coder: str | None, now: datetime) -> None:
    """Withdraw a review within a transaction that has locked its scan; see ``withdraw_review``."""
    if row.withdrawn_at is not None:
        return
    row.withdrawn_at = now
    edit = session.get(EditRow, row.edit_id) if row.edit_id is not None else None
    if edit is not None and edit.action is Action.REVIEW:
        edit.undone_at, edit.undone_by = now, coder or UNNAMED
    session.flush()
    update_scan_consensus(session, row.scan_id)


def find_review(home: Installation, review_id: int) -> ReviewState:
    """Return a review.

    Raises:
        NotFound: There is none with this id.
    """
    with home.database.read() as session:
        row = session.get(ReviewRow, review_id)
        if row is None:
            raise NotFound.saying("there is no such review")
        photos = photo_boxes(session, home.recipe.observation_id, [row.scan_id])[row.scan_id]
        photo_id = next(iter(match_reviews([row], photos)), None)
        if photo_id is None:
            return review_state(row, None)
        drawn = drawn_measures(session, [photo_id]).get(photo_id, frozenset())
        return review_state(row, frame_ids(session, [photo_id])[photo_id], drawn)


def review_result(home: Installation, review_id: int, *, since: int | None = None) -> ReviewResult:
    """Return a review, and the answers for its photo.

    Args:
        since: Id of the latest review of the photo that its coder knew of, 0 for none; None: it is
            not known.

    Raises:
        NotFound: There is no review with this id.
    """
    review = find_review(home, review_id)
    photo = photo_reviews(home, review.photo_id) if review.photo_id is not None else None
    others = (
        one
        for one in (photo.reviews if photo and since is not None else ())
        if one.coder != review.coder and one.withdrawn_at is None and one.id > (since or 0)
    )
    return ReviewResult(home.recipe.id, review, photo, tuple(others))


def photo_reviews(home: Installation, photo_id: int) -> PhotoReviews:
    """Return the answers of people and of the machine for a photo.

    Raises:
        NotFound: There is no photo with this id under the recipe.
    """
    photo_id = find_address(home, photo_id).photo_id
    return reviews_by_photo(home, [photo_id])[photo_id]


def reviews_by_photo(home: Installation, photo_ids: Collection[int]) -> dict[int, PhotoReviews]:
    """Return the answers of people and of the machine for photos, by the ids of their rows."""
    of_photos = select(PhotoRow, OutcomeRow).join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
    in_order = select(SettledAnswerRow).order_by(SettledAnswerRow.measure)
    with home.database.read() as session:
        printed = session.execute(
            of_photos.where(PhotoRow.id.in_(photo_ids)).options(lazyload("*"))
        ).all()
        settled: dict[int, list[SettledAnswerRow]] = defaultdict(list)
        for row in session.scalars(in_order.where(SettledAnswerRow.photo_id.in_(photo_ids))):
            settled[row.photo_id].append(row)
        reviews: dict[int, list[ReviewRow]] = {}
        for outcome in {outcome.id: outcome for _, outcome in printed}.values():
            reviews |= reviews_on_scan(session, outcome, withdrawn=True)
        meanings = interpretations_of(session, list(photo_ids), home.recipe)
        drawn_for = drawn_measures(session, photo_ids)
        roles = roles_on_scans(session, {outcome.scan_id for _, outcome in printed})
        made = {}
        for photo, outcome in printed:
            rows, drawn = reviews.get(photo.id, []), drawn_for.get(photo.id, frozenset())
            answers = coder_answers(row for row in rows if row.withdrawn_at is None)
            meaning = meanings.get(photo.id)
            made[photo.id] = PhotoReviews(
                home.recipe.id,
                photo.frame_id,
                probabilities(meaning, roles[outcome.scan_id]) if meaning else {},
                {one.measure: (one.shows, one.measure in drawn) for one in settled[photo.id]},
                tuple(disputed_measures(answers)),
                _coders(answers),
                tuple(review_state(row, photo.frame_id, drawn) for row in rows),
            )
        return made


def reviewable_measures(home: Installation) -> list[str]:
    """Return the measures that a coder can be asked for, without the focus."""
    with home.database.read() as session:
        figures = [f"{FIGURE}{name}" for name in sorted(figure_roles(session))]
        labels = [f"{LABEL}{name}" for name in (*shipped_names(), *made_names(session))]
    return [*SUBJECTS, "leader", *figures, *labels]


def check_measure(session: Session, measure: str, *, as_question: bool = False) -> None:
    """Check that a measure can be reviewed.

    Args:
        as_question: A coder is asked for it: it is neither derived nor one of the three of focus.

    Raises:
        InvalidRequest: It can't; the message says why.
    """
    if measure.startswith(FIGURE):
        measures = [f"{FIGURE}{name}" for name in sorted(figure_roles(session))]
    elif measure.startswith(LABEL):
        measures = [f"{LABEL}{name}" for name in (*shipped_names(), *made_names(session))]
    else:
        measures = [*SUBJECTS, "leader", *(() if as_question else (DERIVED, *FOCUSES))]
    if as_question and measure in FOCUSES:
        raise InvalidRequest.saying("the focus is one answer: leader, facility, neither or unsure")
    if as_question and measure == DERIVED:
        raise InvalidRequest.saying(
            "%(derived)s is not asked: it follows from leader, buildings and focus",
            derived=DERIVED,
        )
    if measure not in measures:
        raise InvalidRequest.saying(
            "there is no measure %(measure)r; there are: %(measures)s",
            measure=measure,
            measures=", ".join(measures[:50]) or "none",
        )


def check_review(session: Session, review: NewReview) -> None:
    """Check that a review answers what can be asked.

    Raises:
        InvalidRequest: It does not; the message says why.
    """
    check_person(review.coder)
    answers: Mapping[str, bool | None] = review.all_answers
    if not answers:
        raise InvalidRequest.saying("a review answers something")
    if len(answers) > MOST_ANSWERS:
        raise InvalidRequest.saying("a review has at most %(most)s answers", most=MOST_ANSWERS)
    for measure in review.answers:
        check_measure(session, measure, as_question=True)


def check_person(coder: str) -> None:
    """Check that a coder is no model: its answers would settle what photos show.

    Raises:
        InvalidRequest: It is one.
    """
    if is_model(coder):
        raise InvalidRequest.saying(
            "%(coder)s names a model: `presslens reviews model import` takes its answers in, apart"
            " from people's",
            coder=coder,
        )


def _photo(session: Session, photo_id: int) -> tuple[PhotoRow, OutcomeRow]:
    bare = [lazyload("*")]
    photo = session.get_one(PhotoRow, photo_id, options=bare)
    return photo, session.get_one(OutcomeRow, photo.outcome_id, options=bare)


def reviews_on_scan(
    session: Session, outcome: OutcomeRow, *, withdrawn: bool = False
) -> dict[int, list[ReviewRow]]:
    """Return the reviews of each photo of a scan by id, in order; withdrawn ones on request."""
    reviews = active_reviews(session, [outcome.scan_id], withdrawn=withdrawn)
    photos = photo_boxes(session, outcome.observation_id, [outcome.scan_id])
    return match_reviews(reviews, photos[outcome.scan_id])


def _coders(answers: list[CoderAnswer]) -> tuple[str, ...]:
    return tuple(sorted({answer.coder for answer in answers if not answer.adjudicates}))


def check_implied_by_none(session: Session, rows: Sequence[ReviewRow]) -> None:
    """Check that no later answer about the leader would not be there without some reviews.

    Args:
        rows: The reviews that are to be withdrawn together.

    Raises:
        Conflict: One would not; the message names its edit.
    """
    figures = [row for row in rows if any(one.measure.startswith(FIGURE) for one in row.answers)]
    if not figures:
        return
    ids = {row.id for row in rows}
    live = active_reviews(session, sorted({row.scan_id for row in figures}))
    for later in reversed(live):
        gone = [row for row in figures if _precedes(row, later)]
        answers = {answer.measure: answer.shows for answer in later.answers}
        if later.id in ids or not gone or "leader" not in answers:
            continue
        leader = {"leader": answers.pop("leader")}
        leaders = leaders_on_scan(session, later.scan_id)
        before = [row for row in live if _precedes(row, later)]
        stays = [row for row in before if row.id not in ids]
        implied, left = (
            implied_leader({**_answers_of(of), **answers}, leaders) for of in (before, stays)
        )
        edit = session.get(EditRow, later.edit_id) if later.edit_id is not None else None
        if implied == leader != left and edit is not None:
            raise blocked_by(edit)


def _answers_of(rows: Iterable[ReviewRow]) -> dict[str, bool | None]:
    return {answer.measure: answer.shows for row in rows for answer in row.answers}


def _precedes(row: ReviewRow, later: ReviewRow) -> bool:
    """Return whether a review is an earlier one of the same coder for the same photo."""
    own = (row.scan_id, row.coder, row.adjudicates) == (
        later.scan_id, later.coder, later.adjudicates,
    )  # fmt: skip
    return own and row.id < later.id and _box_of(row).iou(_box_of(later)) >= SAME_PHOTO


def _box_of(row: ReviewRow) -> Box:
    return Box(row.x0, row.y0, row.x1, row.y1)
