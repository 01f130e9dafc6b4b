"""Photos of the archive whose answer to a question people have settled, as examples of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.reviews import SettledAnswerRow
from presslens.app.db.samples import SampleMeasureRow, SampleRow
from presslens.app.db.tables import OutcomeRow, PageRow, PhotoRow
from presslens.app.installation import Installation
from presslens.app.services.catalogue.photo_address import frame_ids
from presslens.app.services.reviews.agreement import first_pages
from presslens.app.services.reviews.coding import CodedSample, measures_of, written_answer
from presslens.app.services.reviews.documents import PhotoReviews
from presslens.app.services.reviews.reviews import reviews_by_photo
from presslens.app.services.samples.questions import FOCUS, questions
from presslens.models.vocabulary import Focus
from presslens.pipelines.result import Served
from presslens.pipelines.statistics.recipe_comparison import PrintedPage

EACH = 3
"""Examples of each answer, and of the border."""

LOOKED_AT = 150
"""Settled photos of each question that are looked at, the latest ones."""

NEAR = 0.25
"""How far from even the machine's probability of a borderline photo lies at most, 0–1."""

BORDER = "border"
"""Names the group of borderline examples, beside the answers."""


@dataclass(frozen=True, slots=True)
class SettledExample(Served):
    """A photo whose answer to a question is settled."""

    photo: int  # its address
    row: int  # id of its row under the recipe
    printed: PrintedPage | None
    answer: str  # as ``written_answer`` has it
    # Whether an adjudicator has decided it, or two coders or more have answered alike.
    known: bool
    disputed: bool  # coders had answered otherwise before it was settled
    probability: float | None  # the machine's of that answer, 0–1; None: not known


def settled_examples(
    home: Installation, question: str, *, without: Collection[int] = ()
) -> list[SettledExample]:
    """Return photos whose answer to a question is settled, the latest first.

    Args:
        question: A measure, or focus.
        without: Ids of the rows of photos that are left out.
    """
    measures = measures_of(question)
    with home.database.read() as session:
        query = (
            select(SettledAnswerRow.photo_id)
            .join(PhotoRow, PhotoRow.id == SettledAnswerRow.photo_id)
            .join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
            .join(PageRow, PageRow.scan_id == OutcomeRow.scan_id)
            .where(
                SettledAnswerRow.measure.in_(measures),
                OutcomeRow.observation_id == home.recipe.observation_id,
            )
            .order_by(SettledAnswerRow.photo_id.desc())
            .distinct()
        )
        left_out = set(without)
        ids = [one for one in session.scalars(query) if one not in left_out][:LOOKED_AT]
        printed, addresses = first_pages(session, ids), frame_ids(session, ids)
    reviews = reviews_by_photo(home, ids)
    examples = []
    for row in ids:
        answer = _answer(question, reviews[row])
        if answer is not None:
            examples.append(
                SettledExample(
                    addresses[row], row, printed.get(row), answer,
                    *_how(question, reviews[row], answer),
                    _probability(question, reviews[row], answer),
                )
            )  # fmt: skip
    return examples


def codebook_examples(
    home: Installation, key: int, coder: str | None
) -> dict[str, dict[str, list[SettledExample]]]:
    """Return examples by question of a sample and by answer: plain ones, and borderline ones.

    What the coder is still to answer is none of them.

    Args:
        key: Id of the sample.

    Raises:
        NotFound: There is no such sample.
    """
    with home.database.read() as session:
        sample = CodedSample.named(session, home.recipe, key)
        sample_questions = questions(sample.measures)
        waiting = _waiting(session, sample, coder)
    return {one: _grouped(settled_examples(home, one, without=waiting)) for one in sample_questions}


def _waiting(session: Session, sample: CodedSample, coder: str | None) -> set[int]:
    """Return the photos of a sample, and of others that ask the same, that wait for a coder."""
    like = select(SampleMeasureRow.sample_id).where(SampleMeasureRow.measure.in_(sample.measures))
    rows = session.scalars(select(SampleRow).where(SampleRow.id.in_(like)))
    return {
        item.photo_id
        for one in (CodedSample(session, sample.recipe, row) for row in rows)
        for item in one.items
        if item.photo_id is not None and coder not in one.coders.get(item.id, set())
    }


def _grouped(examples: Sequence[SettledExample]) -> dict[str, list[SettledExample]]:
    """Return the plainest examples of each answer, and the borderline ones."""
    border = [one for one in examples if one.disputed or _is_near(one)]
    border.sort(key=lambda one: (not one.disputed, abs((one.probability or 0.0) - 0.5)))
    groups: dict[str, list[SettledExample]] = {}
    for one in sorted(examples, key=lambda one: (not one.known, -(one.probability or 0.0))):
        if one not in border and len(groups.setdefault(one.answer, [])) < EACH:
            groups[one.answer].append(one)
    order = ["yes", "no", *(one.value for one in Focus)]
    named = {name: groups[name] for name in order if groups.get(name)}
    return named | ({BORDER: border[:EACH]} if border else {})


def _is_near(one: SettledExample) -> bool:
    return one.probability is not None and abs(one.probability - 0.5) < NEAR


def _answer(question: str, reviews: PhotoReviews) -> str | None:
    settled: dict[str, bool | None] = {name: shows for name, (shows, _) in reviews.settled.items()}
    answer = written_answer(question, settled)
    return None if answer == Focus.UNSURE.value else answer


def _how(question: str, reviews: PhotoReviews, answer: str) -> tuple[bool, bool]:
    """Return whether an answer is known, and whether it was disputed."""
    coders: dict[str, set[str]] = {}
    decided = False
    for review in reviews.reviews:
        word = written_answer(question, dict(review.answers))
        if word is None or review.withdrawn_at is not None:
            continue
        decided = decided or (review.adjudicates and word == answer)
        if not review.adjudicates:
            coders.setdefault(word, set()).add(review.coder)
    return decided or len(coders.get(answer, ())) > 1, len(coders) > 1


def _probability(question: str, reviews: PhotoReviews, answer: str) -> float | None:
    machine: Mapping[str, float] = reviews.machine
    if question == FOCUS:
        return machine.get(f"focus_{answer}")
    chance = machine.get(question)
    return chance if chance is None or answer == "yes" else 1.0 - chance
