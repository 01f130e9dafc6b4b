"""What a coder works on: the open items of a sample, the coder's own decisions, and disputes.

A coder sees neither what the machine says of an item nor what or whether others have answered, nor
the stratum or the chance of the draw, which would tell it. So a known item, by which the coder is
measured, looks like any other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from presslens.app.db.reviews import ReviewRow
from presslens.app.db.tables import FaceRow, OutcomeRow, PhotoRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.figures.gallery import leaders_in
from presslens.app.services.reviews.coding import (
    CodableItem,
    CodedSample,
    disputed_questions,
    measures_of,
    written_answer,
)
from presslens.app.services.reviews.repeats import with_repeats
from presslens.app.services.reviews.sample_progress import SampleProgress, sample_progress
from presslens.app.services.samples.questions import FOCUS, questions
from presslens.app.services.samples.samples import SampleItem, SampleState
from presslens.models.geometry import Box
from presslens.models.vocabulary import Focus
from presslens.pipelines.result import Served
from presslens.pipelines.statistics.consensus import (
    Answers,
    CoderAnswer,
    focus_answers,
    following_answers,
    latest_answers,
)

MOST_OPEN = 500
"""Open items that a coder gets at a time."""

MOST_BEFORE = 200
"""Decisions of the coder that can be walked through."""

MOST_FACES = 12
"""Faces of a photo that a coder can look at enlarged, the largest ones."""

BATCH = 500
"""Photos that are queried at a time."""

CARD = ("item", "photo", "publication", "date", "edition", "page", "page_number")
"""What a coder sees of an item."""


Following = dict[str, dict[str, dict[str, str]]]
"""By question and answer: the questions whose answer follows, with that answer."""


@dataclass(frozen=True, slots=True)
class PhotoPlace(Served):
    """Where a photo lies: its box and its page in pixels, and faces in shares of the photo."""

    SERVED: ClassVar[str] = "box=rounded_box page_size=page faces=rounded_faces"

    box: Box
    page: tuple[int, int]
    faces: tuple[Box, ...]

    @property
    def rounded_box(self) -> list[float]:
        """In pixels of the page."""
        return [round(value, 1) for value in self.box.to_list()]

    @property
    def rounded_faces(self) -> list[list[float]]:
        """Faces, in shares of the photo."""
        return [[round(value, 4) for value in face.to_list()] for face in self.faces]


@dataclass(frozen=True, slots=True)
class Decision(Served):
    """What a coder has decided about an item before; ``answer`` as ``written_answer`` has it."""

    SERVED: ClassVar[str] = "item=item_id question answer note client_id review=review_id"

    item_id: int
    question: str
    answer: str
    note: str | None
    client_id: str | None
    review_id: int


@dataclass(frozen=True, slots=True)
class Dispute(Served):
    """A question that coders disagree on about an item, with the answer of each."""

    SERVED: ClassVar[str] = "question said=statements"

    item: SampleItem
    question: str
    decisions: tuple[Decision, ...]
    coders: tuple[str, ...]

    @property
    def statements(self) -> list[dict[str, Any]]:
        """What each coder says."""
        return [
            {"coder": coder, "answer": one.answer, "note": one.note}
            for coder, one in zip(self.coders, self.decisions, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class CodingDesk:
    """What a coder works on."""

    sample: SampleState
    coder: str | None  # the coder; None: nobody as yet
    questions: tuple[str, ...]  # the questions about each item
    # The items to code, in the random order, with the coders who have coded them.
    open: tuple[CodableItem, ...]
    left: int  # number of all items that this coder is still to code
    before: tuple[Decision, ...]  # the coder's decisions, the latest first
    disputes: tuple[Dispute, ...]  # what coders disagree on; empty on a desk where items are coded
    items: Mapping[int, SampleItem]  # all items by id
    places: Mapping[int, PhotoPlace]  # where their photos lie, by photo
    progress: SampleProgress  # how far all coders have come
    # By question and answer, the questions whose answer follows, with that answer.
    following: Following
    since: int  # id of the latest review when the desk was read; 0 without any
    codebook: str  # the version of the codebook that is shown

    def to_json(self) -> dict[str, Any]:
        """Return the desk as it is served."""
        open_items = [item.id for item, _ in self.open]
        seen = dict.fromkeys([*open_items, *(one.item_id for one in self.before)])
        return {
            "sample": {
                "id": self.sample.id,
                "name": self.sample.name,
                "kind": self.sample.kind.value,
                "measures": list(self.sample.measures),
                "coders": list(self.sample.coders),
            },
            "coder": self.coder,
            "questions": list(self.questions),
            "following": self.following,
            "left": self.left,
            "open": open_items,
            "since": self.since,
            "codebook": self.codebook,
            "items": [self.card(self.items[item_id]) for item_id in seen],
            "before": [one.to_json() for one in self.before],
            "disputes": [self.card(one.item) | one.to_json() for one in self.disputes],
            "progress": self.progress.to_json(self.coder),
        }

    def card(self, item: SampleItem) -> dict[str, Any]:
        """Return an item as coders see it."""
        document, place = item.to_json(), self.places.get(item.photo_id or 0)
        card = {name: document[name] for name in CARD}
        return card | (place.to_json() if place else {"box": None, "page_size": None, "faces": []})


def coding_desk(
    home: Installation, key: int | str, coder: str | None, *, limit: int = MOST_OPEN
) -> CodingDesk:
    """Return what a coder is to code next, and has decided before.

    Args:
        key: Id or name of the sample.
        coder: The coder; None: anybody.
        limit: Largest number of open items.

    Raises:
        NotFound: There is no such sample.
    """
    with home.database.read() as session:
        sample = CodedSample.named(session, home.recipe, key)
        open_ = with_repeats(sample, coder, sample.queue(coder, home.settings.known_share))
        state = sample.state
        names = tuple(questions(state.measures))
        shown = [item for item, _ in open_[:limit]]
        before = _decisions(sample, names, coder, {item.id for item in shown}) if coder else []
        progress = sample_progress(sample)
        by_id = {item.id: item for item in [*sample.items, *(item for item, _ in open_)]}
        shown += [by_id[one.item_id] for one in before]
        places = photo_places(session, [item.photo_id for item in shown if item.photo_id])
        following = following_questions(names, leaders_in(session, state.publication))
        since = _latest_review(session)
    return CodingDesk(
        state, coder, names, tuple(open_[:limit]), len(open_), tuple(before), (), by_id, places,
        progress, following, since, home.recipe.codebook,
    )  # fmt: skip


def adjudication_desk(home: Installation, key: int | str, coder: str | None) -> CodingDesk:
    """Return what coders of a sample disagree on, with the answer of each.

    Raises:
        NotFound: There is no such sample.
        InvalidRequest: It is a sample of pages.
    """
    with home.database.read() as session:
        sample = CodedSample.named(session, home.recipe, key)
        if not sample.measures:
            raise InvalidRequest("coders of pages are adjudicated on the pages")
        state = sample.state
        names = tuple(questions(state.measures))
        disputes = tuple(_disputes(sample, names))
        progress = sample_progress(sample)
        ids = [one.item.photo_id for one in disputes if one.item.photo_id]
        places = photo_places(session, ids)
        following = following_questions(names, leaders_in(session, state.publication))
        by_id = {item.id: item for item in sample.items}
        since = _latest_review(session)
    return CodingDesk(
        state, coder, names, (), len(disputes), (), disputes, by_id, places, progress, following,
        since, home.recipe.codebook,
    )  # fmt: skip


def _latest_review(session: Session) -> int:
    return session.scalar(select(func.max(ReviewRow.id))) or 0


def following_questions(names: Sequence[str], leaders: Collection[str]) -> Following:
    """Return the questions whose answer follows from an answer to another one, with that answer.

    Args:
        names: The questions.
        leaders: Names of the figures whose role is leader.

    >>> following_questions(["people", "children"], [])
    {'people': {'no': {'children': 'no'}}, 'children': {'yes': {'people': 'yes'}}}
    """
    measures = [question for question in names if question != FOCUS]
    given: dict[tuple[str, str], Answers] = {
        (measure, answer): {measure: shows}
        for measure in measures
        for answer, shows in (("yes", True), ("no", False))
    }
    if FOCUS in names:
        given |= {(FOCUS, one.value): focus_answers(one) for one in Focus}
    following: Following = {}
    for (question, answer), answers in given.items():
        follows = following_answers(answers, measures, leaders)
        if follows:
            words = {name: "yes" if shows else "no" for name, shows in follows.items()}
            following.setdefault(question, {})[answer] = words
    return following


def photo_places(session: Session, photo_ids: Collection[int]) -> dict[int, PhotoPlace]:
    """Return where photos lie, by their ids."""
    ids = sorted(set(photo_ids))
    faces: dict[int, list[Box]] = defaultdict(list)
    places: dict[int, PhotoPlace] = {}
    for i in range(0, len(ids), BATCH):
        batch = ids[i : i + BATCH]
        for face in session.scalars(select(FaceRow).where(FaceRow.photo_id.in_(batch))):
            faces[face.photo_id].append(face.box)
        query = (
            select(PhotoRow, OutcomeRow.width, OutcomeRow.height)
            .join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
            .where(PhotoRow.id.in_(batch))
        )
        for photo, width, height in session.execute(query):
            largest = sorted(faces[photo.id], key=lambda box: -box.area)[:MOST_FACES]
            inside = tuple(_within(photo.box, face) for face in largest)
            places[photo.id] = PhotoPlace(photo.box, (width or 1, height or 1), inside)
    return places


def _within(photo: Box, box: Box) -> Box:
    """Return a box of the page in shares of a photo."""
    width, height = max(photo.width, 1.0), max(photo.height, 1.0)
    return Box(
        (box.x0 - photo.x0) / width,
        (box.y0 - photo.y0) / height,
        (box.x1 - photo.x0) / width,
        (box.y1 - photo.y0) / height,
    )


_Latest = tuple[int, int, str, str]
"""Review, item, question and answer."""


def _latest(
    item: SampleItem, answers: Sequence[CoderAnswer], names: Sequence[str], coder: str
) -> Iterator[_Latest]:
    """Yield what a coder says of an item, question by question."""
    mine = [one for one in latest_answers(answers) if one.coder == coder and not one.adjudicates]
    shows = {one.measure: one.shows for one in mine}
    for question in names:
        answer = written_answer(question, shows)
        if answer is not None:
            review = max(one.review for one in mine if one.measure in measures_of(question))
            yield review, item.id, question, answer


def _decisions(
    sample: CodedSample, names: Sequence[str], coder: str, open_items: Collection[int]
) -> list[Decision]:
    """Return the latest decisions of a coder, and all about open items: no question comes twice."""
    answers = sample.answers
    latest = [one for i in sample.items for one in _latest(i, answers.get(i.id, ()), names, coder)]
    latest.sort(reverse=True)
    chosen = [one for i, one in enumerate(latest) if i < MOST_BEFORE or one[1] in open_items]
    return _with_notes(sample.session, chosen)


def _with_notes(session: Session, latest: Sequence[_Latest]) -> list[Decision]:
    ids = {review for review, *_ in latest}
    query = select(ReviewRow.id, ReviewRow.note, ReviewRow.client_id)
    rows = {row[0]: row for row in session.execute(query.where(ReviewRow.id.in_(ids)))}
    return [
        Decision(item, question, answer, rows[review][1], rows[review][2], review)
        for review, item, question, answer in latest
    ]


def _disputes(sample: CodedSample, names: Sequence[str]) -> Iterator[Dispute]:
    for item in sample.items:
        of_item = sample.answers.get(item.id, ())
        for question in disputed_questions(of_item, names) if of_item else ():
            coders = sorted({one.coder for one in of_item if not one.adjudicates})
            statements = {
                coder: latest
                for coder in coders
                for latest in _latest(item, of_item, [question], coder)
            }
            decisions = _with_notes(sample.session, list(statements.values()))
            yield Dispute(item, question, tuple(decisions), tuple(statements))
