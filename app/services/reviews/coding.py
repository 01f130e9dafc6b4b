"""What coders are asked for measures, and which items of a sample a coder is to code next."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest
from typing import ClassVar, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.coding import TrainingItemRow, TrainingRoundRow
from presslens.app.db.page_reviews import PageReviewRow
from presslens.app.db.samples import SampleKind, SampleRow
from presslens.app.installation import Installation
from presslens.app.services.reviews.consensus import answers_by, photo_answers, photos_of
from presslens.app.services.samples.questions import FOCUS, questions, work_in_words
from presslens.app.services.samples.samples import (
    PrintedOn,
    SampleItem,
    SampleState,
    sample_items,
    sample_row,
    sample_state,
)
from presslens.models.message import Message
from presslens.models.recipe import Recipe
from presslens.models.subjects.codebook import CODEBOOK
from presslens.models.vocabulary import Focus
from presslens.pipelines.result import Served
from presslens.pipelines.statistics.coders import rare_answers
from presslens.pipelines.statistics.consensus import (
    CoderAnswer,
    answers_measure,
    disputed_measures,
    votes_in_order,
)
from presslens.pipelines.statistics.measure import FOCUSES, one_question
from presslens.pipelines.statistics.sample_item import relevant_answers
from presslens.pipelines.statistics.sampling import chance, rank

QUESTIONS: Mapping[str, str] = {
    **{subject.value: entry.question for subject, entry in CODEBOOK.items()},
    "leader": Message("Is the leader in the photo?"),
    FOCUS: Message("What is the photo composed around?"),
}
"""The questions by measure."""

HINTS: Mapping[str, str] = {
    **{subject.value: entry.hint for subject, entry in CODEBOOK.items()},
    "leader": Message("Not: a statue, or a portrait inside the picture."),
    FOCUS: Message(
        "The leader: plainly the main person, and not seated or standing like the others. Neither: "
        "an event or a gathering, however large the place, persons, nature, food. The facility: a "
        "building, plant, interior, machine or goods, with people small beside it or none."
    ),
}
"""What counts, from the codebook, by measure."""


def measures_of(question: str) -> tuple[str, ...]:
    """Return the measures that the answer to a question is about."""
    return one_question(FOCUSES[0] if question == FOCUS else question)


def disputed_questions(answers: Iterable[CoderAnswer], questions: Iterable[str]) -> list[str]:
    """Return the questions, of those asked, that coders disagree on and nobody has adjudicated."""
    disputed = set(disputed_measures(answers))
    return [question for question in questions if disputed.intersection(measures_of(question))]


WRITTEN_ANSWERS = {True: "yes", False: "no", None: "cant_tell"}
"""The words of the answers to a measure."""


def written_answer(question: str, answers: dict[str, bool | None]) -> str | None:
    """Return a coder's answer to a question in a word; None: it is not answered.

    Args:
        answers: The coder's latest answers, by measure.

    Returns:
        ``yes``, ``no``, ``cant_tell``, or one of ``Focus``.
    """
    if question != FOCUS:
        if question not in answers:
            return None
        return WRITTEN_ANSWERS[answers[question]]
    given = {name: answers[name] for name in FOCUSES if name in answers}
    if len(given) < len(FOCUSES):
        return None
    shown = (name.removeprefix("focus_") for name, shows in given.items() if shows)
    return next(shown, Focus.UNSURE.value)


CodableItem = tuple[SampleItem, tuple[str, ...]]
"""An item, and the coders who have coded it for all measures."""


def coded_by(answers: Iterable[CoderAnswer]) -> set[str]:
    """Return the coders of answers; adjudicators aside."""
    return {answer.coder for answer in answers if not answer.adjudicates}


SOON = 40
"""Items to code within which what is asked again is asked."""


class RareAnswer(NamedTuple):
    """A rare answer to a question about an item."""

    first: str  # the coder who gave it, and who came first
    shows: bool


@dataclass(frozen=True, eq=False)
class CodedSample:
    """A sample with its items and what coders have answered, each read when it is asked for."""

    session: Session
    recipe: Recipe  # the recipe whose photos are shown
    row: SampleRow

    @classmethod
    def named(cls, session: Session, recipe: Recipe, key: int | str) -> CodedSample:
        """Return the sample of an id or a name.

        Raises:
            NotFound: There is none.
        """
        return cls(session, recipe, sample_row(session, key))

    @property
    def measures(self) -> list[str]:
        """What coders are asked for; nothing of pages."""
        return [one.measure for one in self.row.measures]

    @cached_property
    def items(self) -> list[SampleItem]:
        """The items in their random order."""
        return sample_items(self.session, self.recipe, self.row)

    @cached_property
    def state(self) -> SampleState:
        """The sample as a result."""
        return sample_state(self.session, self.recipe, self.row, self.items)

    @cached_property
    def answers(self) -> dict[int, list[CoderAnswer]]:
        """The answers for the photo of each item by today's codebook, by the item's id."""
        codebook = self.recipe.codebook
        today = {item: answers_by(codebook, given) for item, given in self.all_answers.items()}
        return {item: given for item, given in today.items() if given}

    @cached_property
    def asked_again(self) -> dict[str, int]:
        """How many items are asked about again, by the measure whose entry has changed."""
        again: Counter[str] = Counter()
        for item, given in self.all_answers.items():
            today = {one.measure for one in self.answers.get(item, ())}
            again.update({one.measure for one in given} - today)
        return {measure: again[measure] for measure in self.measures if again[measure]}

    @cached_property
    def all_answers(self) -> dict[int, list[CoderAnswer]]:
        """All answers for the photo of each item, by whatever codebook, by the item's id."""
        scans = sorted({item.scan_id for item in self.items})
        by_photo = photo_answers(self.session, self.recipe.observation_id, scans)
        return {one.id: by_photo[one.photo_id] for one in self.items if one.photo_id in by_photo}

    @cached_property
    def coders(self) -> dict[int, set[str]]:
        """The coders who have coded each photo or page, by the item's id."""
        if self.row.kind is SampleKind.PAGES:
            return _page_coders(self.session, self.items)
        measures = self.measures
        return {item_id: complete(of_item, measures) for item_id, of_item in self.answers.items()}

    def queue(self, coder: str | None, known_share: float) -> list[CodableItem]:
        """Return what a coder is asked at the desk, in order.

        Among the items to code are such as are asked again: those with a rare answer, which a
        second coder is asked about by the coder's name, and known ones, by which the coder is
        measured. Nothing tells these from what chance gives to a second coder.

        Args:
            coder: The coder; None: somebody who has coded nothing, and is asked nothing again.
            known_share: Known items among all that are asked, 0–1.
        """
        fresh = self.to_code(coder)
        if coder is None or not self.measures:
            return fresh
        salt = f"again\0{self.row.id}\0{coder}"
        there = {item.id for item, _ in fresh}
        again = [
            item
            for item in self.items
            if item.id in self.rare
            and not item.second  # chance has found a second coder already
            and item.id not in there
            and item.coder in (None, self.rare[item.id].first)
            and self.coders[item.id] == {self.rare[item.id].first}
            and coder == self._second_of(item, self.rare[item.id].first, coder)
        ]
        known_to = (item for item in self._known_to(coder) if item.id not in there)
        known = iter(sorted(known_to, key=lambda item: rank(str(item.id), salt)))
        soon = min(len(fresh), SOON) + 1
        asked: list[list[SampleItem]] = [[] for _ in range(len(fresh) + 1)]
        for item in again:
            asked[int(chance(str(item.id), salt) * soon)].append(item)
        for (item, _), before in zip(fresh, asked, strict=False):
            if chance(str(item.id), f"known\0{salt}") < known_share:
                before += [one for one in (next(known, None),) if one is not None]
        done = self.coders
        queue: list[CodableItem] = []
        for before, own in zip_longest(asked, fresh):
            queue += [(item, tuple(sorted(done[item.id]))) for item in before]
            queue += [own] if own is not None else []
        return queue

    @cached_property
    def rare(self) -> dict[int, RareAnswer]:
        """The items with a rare answer to a question, by their ids.

        An item that coders have not come to says nothing yet.
        """
        found: dict[int, RareAnswer] = {}
        for measure in (m for question in questions(self.measures) for m in measures_of(question)):
            firsts = [
                (item, first)
                for item in self.items
                if item.inclusion is not None
                for first in self._first(item, measure)
            ]
            rare = rare_answers([(item.stratum, first.shows) for item, first in firsts])
            found |= {
                item.id: first
                for (item, first), is_rare in zip(firsts, rare, strict=True)
                if is_rare
            }
        return found

    def _first(self, item: SampleItem, measure: str) -> list[RareAnswer]:
        """Return the answer of the coder who came first; none where nobody could tell."""
        given = [one for one in self.answers.get(item.id, ()) if one.measure == measure]
        votes = votes_in_order(given)
        return [RareAnswer(*one) for one in list(votes.items())[:1]]

    def _second_of(self, item: SampleItem, first: str, coder: str) -> str:
        """Return who is asked about a rare answer: one of the coders in turn, else anybody."""
        others = [name for name in self.row.coders if name != first]
        return others[item.place % len(others)] if others else coder

    def _known_to(self, coder: str) -> list[SampleItem]:
        """Return the items that are known, and that a coder had no part in.

        Known is what an adjudicator decided, or what two or more have answered alike.
        """
        told = trained_photos(self.session, self.recipe.observation_id, coder)
        return [
            item
            for item in self.items
            if item.printed is not None
            and item.photo_id is not None
            and item.photo_id not in told
            and item.inclusion is not None
            and item.answered
            and coder != item.coder
            and coder not in {one.coder for one in self.all_answers.get(item.id, ())}
            and (len(self.coders.get(item.id, ())) > 1 or item.adjudicated)
        ]

    def to_code(self, coder: str | None = None) -> list[CodableItem]:
        """Return the photos or pages that a coder is to code, in their order.

        A coder gets the items that are assigned to that coder, first or second, or to nobody; none
        twice. An item for anybody is done when one coder has coded it, or two where chance has
        chosen it for a second one.

        Args:
            coder: The coder; None: somebody who has coded nothing.
        """
        pages = self.row.kind is SampleKind.PAGES
        return [
            (item, tuple(sorted(self.coders.get(item.id, ()))))
            for item in self.items
            # What was deleted since the draw is on no page.
            if item.printed
            and (pages or item.photo_id is not None)
            and _is_for(item, coder, self.coders.get(item.id, set()))
        ]


def _is_for(item: SampleItem, coder: str | None, done: set[str]) -> bool:
    if coder is not None and coder in done:
        return False
    if item.coder is None or coder is None:
        return len(done) < (2 if item.second and coder is not None else 1)
    if coder == item.coder:
        return True
    if not item.second:
        return False
    return coder == item.second_coder if item.second_coder is not None else len(done) == 1


def trained_photos(session: Session, observation_id: str, coder: str) -> set[int]:
    """Return the photos whose known answers a coder is told in training, under a recipe."""
    rows = session.scalars(
        select(TrainingItemRow)
        .join(TrainingRoundRow, TrainingRoundRow.id == TrainingItemRow.training_round_id)
        .where(TrainingRoundRow.coder == coder)
    ).all()
    return set(photos_of(session, observation_id, rows).values())


def _page_coders(session: Session, items: Sequence[SampleItem]) -> dict[int, set[str]]:
    """Return the coders who have looked through the whole page of each item, by the item's id."""
    query = select(PageReviewRow.scan_id, PageReviewRow.coder).where(
        PageReviewRow.scan_id.in_([item.scan_id for item in items]),
        PageReviewRow.checked,
        PageReviewRow.withdrawn_at.is_(None),
        ~PageReviewRow.adjudicates,
    )
    by_scan: dict[int, set[str]] = defaultdict(set)
    for scan_id, coder in session.execute(query):
        by_scan[scan_id].add(coder)
    return {item.id: by_scan[item.scan_id] for item in items}


def complete(answers: Sequence[CoderAnswer], measures: Sequence[str]) -> set[str]:
    """Return the coders who have answered all measures of a photo; adjudicators aside."""
    coders = coded_by(answers)
    for measure in measures:
        relevant = relevant_answers(answers, measure)
        coders &= {
            coder
            for coder in coded_by(relevant)
            if answers_measure((one.measure for one in relevant if one.coder == coder), measure)
        }
    return coders


@dataclass(frozen=True, slots=True)
class OpenItem(Served):
    """An item as a coder sees it: without what would tell why it is asked."""

    SERVED: ClassVar[str] = """
        item=item.id place=item.place photo=item.photo_id *printed scan_sha256=item.scan_sha256
        scan_frame=item.scan_frame x0=item.box.x0:6 y0=item.box.y0:6 x1=item.box.x1:6
        y1=item.box.y1:6
    """

    item: SampleItem

    @property
    def printed(self) -> PrintedOn | None:
        """The page that prints it."""
        return self.item.printed


@dataclass(frozen=True, slots=True)
class NextItems(Served):
    """The items of a sample that a coder is to code next."""

    SERVED: ClassVar[str] = """
        sample=sample.name kind=sample.kind measures=sample.measures questions=sample.questions work
        coder open items
    """

    sample: SampleState
    coder: str | None  # the coder; None: anybody
    items: Sequence[OpenItem]  # the next items
    open: int  # number of all items that this coder is still to code

    @property
    def work(self) -> str:
        """How much this coder is still to code, in words."""
        return work_in_words(self.open, self.sample.measures)


def next_items(
    home: Installation, key: int | str, coder: str | None = None, *, limit: int
) -> NextItems:
    """Return the items of a sample that a coder is to code next, in the random order.

    Args:
        key: Id or name of the sample.
        coder: The coder; None: anybody.
        limit: Largest number of items.

    Raises:
        NotFound: There is no such sample.
    """
    with home.database.read() as session:
        sample = CodedSample.named(session, home.recipe, key)
        open_ = sample.queue(coder, home.settings.known_share)
        following = [OpenItem(item) for item, _ in open_[:limit]]
        return NextItems(sample.state, coder, following, len(open_))


def waiting_sample(home: Installation, coder: str) -> int | None:
    """Return the id of the sample that a coder is to go on with; None: nothing waits.

    The samples that name the coder come first, then those for anybody; of each the latest.
    """
    with home.database.read() as session:
        rows = session.scalars(select(SampleRow).order_by(SampleRow.id.desc())).all()
        for row in sorted(rows, key=lambda row: coder not in row.coders):
            if CodedSample(session, home.recipe, row).to_code(coder):
                return row.id
    return None
