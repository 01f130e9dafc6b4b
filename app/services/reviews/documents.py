"""Reviews as results: one review, the reviews of a photo, and lists of reviews."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from presslens.app.db.edits import Action
from presslens.app.db.queries import BATCH, Key, Listing, every, paginate
from presslens.app.db.reviews import ReviewAnswerRow, ReviewRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.questions import BaseQuery, Name, ask
from presslens.app.services.catalogue.photo_address import frame_ids
from presslens.app.services.edits.listing import EditState
from presslens.app.services.reviews.agreement import reviewed_photo_ids
from presslens.app.services.samples.sampled_photos import drawn_measures
from presslens.pipelines.result import Moment, Served
from presslens.pipelines.statistics.consensus import DERIVED, answers_measure
from presslens.pipelines.statistics.measure import is_measure

REVIEW_COLUMNS = (
    "review", "photo", "coder", "measure", "answer", "drawn_for", "adjudicates",
    "codebook", "created_at", "withdrawn_at", "note",
)  # fmt: skip
MEASURES = "children, leader, figure:NAME, label:NAME, …"
WRITTEN = {True: "yes", False: "no", None: "?"}
"""How tables write an answer; None: the coder can't tell."""


@dataclass(frozen=True, slots=True)
class ReviewState(Served):
    """A stored review.

    ``photo_id`` is None if today's recipe finds no photo there. ``drawn_for`` is the measure that
    it answers and that a sample has its photo for; None: the coder picked the photo. ``places`` are
    the boxes of the persons that answers about figures mean, in shares of the page.
    """

    SERVED: ClassVar[str] = """
        id edit=edit_id photo=photo_id coder codebook answers drawn_for adjudicates note
        created_at withdrawn_at seconds places
    """

    id: int
    photo_id: int | None
    coder: str
    codebook: str
    answers: dict[str, bool | None]
    drawn_for: str | None
    adjudicates: bool
    note: str | None
    created_at: Moment
    withdrawn_at: Moment | None
    edit_id: int | None = None
    seconds: float | None = None
    places: Mapping[str, Sequence[float]] = field(default_factory=dict)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a flat row for each answer, for tables; see ``REVIEW_COLUMNS``."""
        document = self.to_json()
        for measure, shows in self.answers.items():
            yield {**document, "review": self.id, "measure": measure, "answer": WRITTEN[shows]}


@dataclass(frozen=True, slots=True)
class MeasureConsensus(Served):
    """What people have settled about a measure, and whether the photo was drawn for it."""

    shows: bool
    drawn: bool


@dataclass(frozen=True, slots=True)
class Consensus(Served):
    """What people have settled of a photo."""

    settled: dict[str, MeasureConsensus]  # the consensus of the coders by measure
    disagreements: Sequence[str]  # the measures that coders disagree on
    coders: Sequence[str]  # the coders who have reviewed the photo; adjudicators aside


@dataclass(frozen=True, slots=True)
class PhotoReviews(Served):
    """The answers of people and of the machine for a photo."""

    SERVED: ClassVar[str] = """
        recipe=recipe_id photo=photo_id machine:4 *consensus reviews
    """

    recipe_id: str  # the recipe under which the photo was found and interpreted
    photo_id: int
    # The probability of each measure by the machine, 0–1; empty until the photo is interpreted.
    machine: dict[str, float] = field(default_factory=dict)
    # The consensus of the coders by measure, and whether the photo was drawn by chance for the
    # measure.
    settled: dict[str, tuple[bool, bool]] = field(default_factory=dict)
    disputed: tuple[str, ...] = ()  # the measures that coders disagree on
    coders: tuple[str, ...] = ()  # the coders who have reviewed the photo; adjudicators aside
    reviews: tuple[ReviewState, ...] = ()  # all reviews of the photo, withdrawn ones too

    @property
    def consensus(self) -> Consensus:
        """The consensus, the disputed measures and the coders."""
        measures = {name: MeasureConsensus(*one) for name, one in self.settled.items()}
        return Consensus(measures, self.disputed, self.coders)


@dataclass(frozen=True, slots=True)
class ReviewResult(Served):
    """A review that was added or withdrawn, and the answers for its photo after that."""

    SERVED: ClassVar[str] = "recipe=recipe_id edit=review.edit_id review photo meanwhile"

    recipe_id: str
    review: ReviewState
    photo: PhotoReviews | None  # its photo; None if today's recipe finds none there
    # Reviews of the photo by others that its coder did not know of.
    meanwhile: tuple[ReviewState, ...] = ()


def review_state(
    row: ReviewRow, photo_id: int | None, drawn: Collection[str] = frozenset()
) -> ReviewState:
    """Return a review as a result.

    Args:
        photo_id: The address of its photo under the recipe.
        drawn: The measures that samples have the photo for.
    """
    drawn = frozenset(drawn)
    return ReviewState.from_attributes(
        row,
        photo_id=photo_id,
        answers={answer.measure: answer.shows for answer in row.answers},
        drawn_for=min(drawn.intersection(_answered(row)), default=None),
        places={answer.measure: answer.place for answer in row.answers if answer.place},
    )


def _answered(row: ReviewRow) -> set[str]:
    """Return the measures that a review answers, the derived one too."""
    names = {answer.measure for answer in row.answers}
    return names | ({DERIVED} if answers_measure(names, DERIVED) else set())


class ReviewFilter(BaseQuery):
    """A selection of reviews; None means any."""

    coder: Name | None = ask()
    measure: Name | None = ask(description=MEASURES)
    withdrawn: bool | None = ask()


def list_reviews(
    home: Installation, criteria: ReviewFilter, *, limit: int, start: str | None = None
) -> Listing[ReviewState]:
    """Return reviews, the latest first.

    Args:
        limit: Largest number of reviews.
        start: The cursor of the listing before; None for the first one.

    Raises:
        InvalidRequest: The cursor is not one of this list, or there is no such measure.
    """
    query = select(ReviewRow).options(selectinload(ReviewRow.answers))
    if criteria.coder is not None:
        query = query.where(ReviewRow.coder == criteria.coder)
    if criteria.measure is not None:
        if not is_measure(criteria.measure):
            raise InvalidRequest(f"there is no measure {criteria.measure!r}")
        query = query.where(ReviewRow.answers.any(ReviewAnswerRow.measure == criteria.measure))
    if criteria.withdrawn is not None:
        withdrawn = ReviewRow.withdrawn_at.is_not(None)
        query = query.where(withdrawn if criteria.withdrawn else ~withdrawn)
    with home.database.read() as session:
        keys = [Key(ReviewRow.id, int)]
        page = paginate(session, query, keys, limit=limit, start=start, descending=True)
        rows = [row.ReviewRow for row in page.items]
        photo_ids = reviewed_photo_ids(session, home.recipe, rows)
        drawn = drawn_measures(session, list(photo_ids.values()))
        frames = frame_ids(session, photo_ids.values())
        reviews = [
            review_state(row, photo_id and frames[photo_id], drawn.get(photo_id or 0, ()))
            for row in rows
            for photo_id in (photo_ids.get(row.id),)
        ]
    return Listing(reviews, page.next_cursor)


def iterate_reviews(home: Installation, criteria: ReviewFilter) -> Iterator[ReviewState]:
    """Yield all selected reviews, the latest first."""
    return every(lambda start: list_reviews(home, criteria, limit=BATCH, start=start))


def current_photos(home: Installation, edits: Iterable[EditState]) -> dict[int, int]:
    """Return the addresses of the photos that reviews are about, by the id of their edit.

    A review moves with its photo to the scan that replaces its own, and is found by its place;
    the edit names the photo that there was when it was made.

    Args:
        edits: Few enough to be listed on a page.
    """
    ids = [edit.id for edit in edits if edit.target == "photo" and edit.action is Action.REVIEW]
    with home.database.read() as session:
        rows = list(session.scalars(select(ReviewRow).where(ReviewRow.edit_id.in_(ids))))
        photos = reviewed_photo_ids(session, home.recipe, rows)
        frames = frame_ids(session, photos.values())
    return {row.edit_id or 0: frames[photos[row.id]] for row in rows if row.id in photos}
