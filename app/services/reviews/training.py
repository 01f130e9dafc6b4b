"""Training: photos with known answers, which a coder answers to learn the codebook.

What is said in training is no review: it settles no photo, and is in no statistic.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import chain, zip_longest
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.coding import TrainingItemRow, TrainingRoundRow
from presslens.app.db.reviews import ReviewRow
from presslens.app.db.samples import SampleRow
from presslens.app.db.tables import OutcomeRow, PhotoRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest, NotFound, NotPermitted
from presslens.app.services.catalogue.photo_address import frame_ids
from presslens.app.services.reviews.agreement import first_pages, reviewed_photo_ids
from presslens.app.services.reviews.coding import WRITTEN_ANSWERS, CodedSample, trained_photos
from presslens.app.services.reviews.consensus import photos_of
from presslens.app.services.reviews.examples import settled_examples
from presslens.app.services.reviews.reviews import check_person
from presslens.app.services.samples.questions import FOCUS, questions
from presslens.models.vocabulary import Focus
from presslens.pipelines.result import Moment, Served
from presslens.pipelines.statistics.agreement import AnswerAccuracy
from presslens.pipelines.statistics.recipe_comparison import PrintedPage
from presslens.pipelines.statistics.sampling import rank

ITEMS, MOST_ITEMS = 20, 100
"""Questions of a training round, and the most."""


@dataclass(frozen=True, slots=True)
class TrainingItem(Served):
    """A question of a training round; what is known is told once it is answered."""

    SERVED: ClassVar[str] = "place question photo printed answer known=told"

    place: int  # its place in the round, from 0
    question: str
    photo: int | None  # address of the photo; None: today's recipe finds none there
    printed: PrintedPage | None
    answer: str | None  # what the coder says; None: nothing yet
    known: str  # what people have settled

    @property
    def told(self) -> str | None:
        """What is known, once the coder has answered."""
        return self.known if self.answer else None

    @property
    def is_missed(self) -> bool:
        """Whether the coder has answered otherwise."""
        return self.answer not in (None, self.known)


@dataclass(frozen=True, slots=True)
class TrainingRound(Served):
    """A training round of a coder."""

    SERVED: ClassVar[str] = "id sample coder made_by created_at items accuracy"

    id: int
    sample: int  # the sample whose questions it asks
    coder: str
    made_by: str
    created_at: Moment
    items: Sequence[TrainingItem]

    @property
    def questions(self) -> list[str]:
        """What it asks."""
        return list(dict.fromkeys(one.question for one in self.items))

    @property
    def next(self) -> TrainingItem | None:
        """The question that is answered next; None: all are."""
        return next((one for one in self.items if one.answer is None and one.photo), None)

    @property
    def answered(self) -> int:
        """Number of questions that are answered."""
        return sum(one.answer is not None for one in self.items)

    @property
    def accuracy(self) -> dict[str, AnswerAccuracy]:
        """How many answers are the known ones, by question, of those that are given."""
        given: dict[str, list[bool]] = defaultdict(list)
        for one in self.items:
            if one.answer is not None:
                given[one.question].append(not one.is_missed)
        return {name: AnswerAccuracy(len(right), sum(right)) for name, right in given.items()}


def make_training(
    home: Installation, key: int, coder: str, made_by: str, *, items: int = ITEMS, now: datetime
) -> TrainingRound:
    """Make a training round from the photos whose answers to a sample's questions are known.

    Known is what an adjudicator has decided, or two coders have answered alike. What the coder has
    answered already, or waits for the coder at a desk, is none of them.

    Args:
        key: Id of the sample.
        coder: Who learns.
        items: Number of questions at most.

    Raises:
        NotFound: There is no such sample.
        InvalidRequest: Nothing is known that the coder could learn from.
    """
    check_person(coder)
    with home.database.read() as session:
        sample = CodedSample.named(session, home.recipe, key)
        names, left_out = questions(sample.measures), _without(session, home, coder)
    known = {name: _in_turn(home, name, coder, left_out) for name in names}
    chosen = [one for of in zip_longest(*known.values()) for one in of if one is not None][:items]
    if not chosen:
        raise InvalidRequest.saying(
            "%(name)s has nothing to learn from yet: it takes photos that two coders have answered"
            " alike or an adjudicator has decided, and that do not wait for %(name)s at a desk",
            name=coder,
        )
    with home.database.write() as session:
        row = TrainingRoundRow(sample_id=key, coder=coder, made_by=made_by, created_at=now)
        for place, (question, answer, photo_id) in enumerate(chosen):
            photo = session.get_one(PhotoRow, photo_id)
            outcome = session.get_one(OutcomeRow, photo.outcome_id)
            row.items.append(
                TrainingItemRow(
                    place=place,
                    question=question,
                    known=answer,
                    scan_id=outcome.scan_id,
                    **asdict(photo.box.in_shares(outcome.size)),
                )
            )
        session.add(row)
        session.flush()
        return _rounds(home, session, [row])[0]


def answer_training(
    home: Installation, round_id: int, coder: str, place: int, answer: str, *, now: datetime
) -> TrainingRound:
    """Take in what a coder says in training; the first answer to a question stays.

    Raises:
        NotFound: There is no such round, or no such question in it.
        NotPermitted: It is another coder's.
        InvalidRequest: That is no answer to the question.
    """
    with home.database.write() as session:
        row = _row(session, round_id)
        if row.coder != coder:
            raise NotPermitted.saying("this training is for %(name)s", name=row.coder)
        item = next((one for one in row.items if one.place == place), None)
        if item is None:
            raise NotFound.saying("there is no such question in this training")
        if answer not in answers_to(item.question):
            raise InvalidRequest.saying("that is no answer to this question")
        if item.answer is None:
            item.answer, item.answered_at = answer, now
            session.flush()
        return _rounds(home, session, [row])[0]


def find_training(home: Installation, round_id: int) -> TrainingRound:
    """Return a training round.

    Raises:
        NotFound: There is none.
    """
    with home.database.read() as session:
        return _rounds(home, session, [_row(session, round_id)])[0]


def list_trainings(
    home: Installation, *, sample: int | None = None, coder: str | None = None
) -> list[TrainingRound]:
    """Return the training rounds, the latest first; of a sample, or of a coder, on request."""
    query = select(TrainingRoundRow).order_by(TrainingRoundRow.id.desc())
    if sample is not None:
        query = query.where(TrainingRoundRow.sample_id == sample)
    if coder is not None:
        query = query.where(TrainingRoundRow.coder == coder)
    with home.database.read() as session:
        return _rounds(home, session, list(session.scalars(query)))


def open_training(home: Installation, coder: str | None) -> TrainingRound | None:
    """Return the training that a coder is to go on with; None: nothing waits."""
    trainings = list_trainings(home, coder=coder) if coder else []
    return next((one for one in reversed(trainings) if one.next), None)


def answers_to(question: str) -> tuple[str, ...]:
    """Return the words of the answers to a question."""
    return tuple(Focus) if question == FOCUS else tuple(WRITTEN_ANSWERS.values())


def _without(session: Session, home: Installation, coder: str) -> set[int]:
    """Return the photos that a coder has had in training, has coded, or is to code yet."""
    photos = trained_photos(session, home.recipe.observation_id, coder)
    own = list(session.scalars(select(ReviewRow).filter_by(coder=coder)))
    photos.update(reviewed_photo_ids(session, home.recipe, own).values())
    for row in session.scalars(select(SampleRow)).all():
        to_code = CodedSample(session, home.recipe, row).to_code(coder)
        photos.update(item.photo_id for item, _ in to_code if item.photo_id is not None)
    return photos


def _in_turn(
    home: Installation, question: str, coder: str, left_out: Collection[int]
) -> list[tuple[str, str, int]]:
    """Return question, known answer and photo of what is known: the answers take turns."""
    by_answer: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
    examples = settled_examples(home, question, without=left_out)
    for one in sorted(examples, key=lambda one: rank(str(one.photo), f"training\0{coder}")):
        if one.known:
            by_answer[one.answer].append((question, one.answer, one.row))
    turns = chain.from_iterable(zip_longest(*by_answer.values()))
    return [one for one in turns if one is not None]


def _row(session: Session, round_id: int) -> TrainingRoundRow:
    row = session.get(TrainingRoundRow, round_id)
    if row is None:
        raise NotFound.saying("there is no such training")
    return row


def _rounds(
    home: Installation, session: Session, rows: Sequence[TrainingRoundRow]
) -> list[TrainingRound]:
    items = [item for row in rows for item in row.items]
    photos = photos_of(session, home.recipe.observation_id, items)
    ids = sorted(set(photos.values()))
    printed, addresses = first_pages(session, ids), frame_ids(session, ids)
    return [
        TrainingRound(
            row.id,
            row.sample_id,
            row.coder,
            row.made_by,
            row.created_at,
            [
                TrainingItem(
                    one.place,
                    one.question,
                    addresses[photos[one.id]] if one.id in photos else None,
                    printed.get(photos.get(one.id, 0)),
                    one.answer,
                    one.known,
                )
                for one in row.items
            ],
        )
        for row in rows
    ]
