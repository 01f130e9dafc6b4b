"""Selects the photos to review next: of a sample, for a second coder, or for adjudication."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.samples import SampleMeasureRow, SampleRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import Conflict, InvalidRequest
from presslens.app.services.reviews.agreement import coded_photos, first_pages
from presslens.app.services.reviews.coding import CodedSample, coded_by
from presslens.app.services.reviews.draws import (
    NothingToDraw,
    SampleOrder,
    add_sample,
    check_question,
    draw_sample,
    drawn_items,
    extend_sample,
    grow_sample,
    question_of,
)
from presslens.app.services.reviews.sampling_frame import Question, framed_photos
from presslens.app.services.samples.samples import SampleItem, SampleState, sample_row, sample_state
from presslens.models.recipe import Recipe
from presslens.pipelines.result import Served, digits, rounded
from presslens.pipelines.statistics.consensus import CoderAnswer, answers_measure, disputed_measures
from presslens.pipelines.statistics.measure import stratum
from presslens.pipelines.statistics.recipe_comparison import PrintedPage
from presslens.pipelines.statistics.sample_item import relevant_answers
from presslens.pipelines.statistics.sampling import (
    Candidate,
    FrameStrata,
    chance,
    foreseen_variance,
    foreseen_width,
    rank,
)

MOST_BUDGET = 1000
"""Largest number of photos that are selected at once."""

METHOD = (
    "strata of the machine's probability, half in proportion and half by Neyman, by chance within"
)

DOUBLE = 0.2
"""Share of the reviewed photos that a second coder is to see as well, 0–1.

Content analysis recodes 10 % or more (Lacy and others 2015, doi 10.1177/1077699015607338).
"""


class SamplingKind(StrEnum):
    """The purpose of the selected photos."""

    DRAW = "draw"
    SECOND = "second"
    DISAGREEMENTS = "disagreements"


@dataclass(frozen=True, slots=True)
class NextPhoto(Served):
    """A photo to review."""

    SERVED: ClassVar[str] = "photo *printed stratum probability token coders"

    photo: int
    printed: PrintedPage  # the first page that prints it
    stratum: int  # of its probability, 0 to 3
    probability: Annotated[float, digits(4)]  # the machine's, 0–1
    coders: tuple[str, ...]  # the coders who have coded it for the measure

    @property
    def token(self) -> None:
        """None: what is drawn is known."""
        return None


@dataclass(frozen=True, slots=True)
class NextReviews(Served):
    """Photos to review in this order."""

    SERVED: ClassVar[str] = """
        recipe=recipe_id question kind sample=sample.name seed=sample.seed method
        n=sample.size half_width confidence strata photos
    """

    recipe_id: str  # the recipe of the photos
    confidence: float  # level of the foreseen intervals, 0–1
    question: Question  # the question that the photos answer
    kind: SamplingKind  # the purpose of the photos
    photos: tuple[NextPhoto, ...]
    sample: SampleState | None = None  # the sample that they are of; None unless they were drawn
    # Foreseen width of the interval as far as coders have come, and when the sample is coded; None
    # where it can't be foreseen.
    widths: tuple[float | None, float | None] = (None, None)

    @property
    def method(self) -> str | None:
        """How photos are drawn."""
        return METHOD if self.sample else None

    @property
    def half_width(self) -> dict[str, float | None] | None:
        """Half the width of the interval, before and after."""
        if self.sample is None:
            return None
        half = [None if width is None else rounded(width / 2) for width in self.widths]
        return {"before": half[0], "after": half[1]}

    @property
    def strata(self) -> list[dict[str, int]] | None:
        """The strata, with the photos of each."""
        if self.sample is None:
            return None
        return [
            {
                "stratum": row.stratum,
                "photos": row.size,
                "open": row.size - row.answered,
                "drawn": row.answered,
                "planned": row.drawn - row.answered,
            }
            for row in self.sample.strata
        ]


def next_reviews(
    home: Installation,
    question: Question,
    *,
    budget: int,
    now: datetime,
    kind: SamplingKind = SamplingKind.DRAW,
    coder: str | None = None,
    double: float = DOUBLE,
    seed: int | None = None,
    sample: str | None = None,
) -> NextReviews:
    """Return the photos to review next.

    Args:
        question: The share that the reviews estimate.
        budget: Largest number of photos.
        now: The time, for a sample that is drawn.
        kind: ``draw``: of a sample: the named one, or the latest one that was drawn for the same
            question; it is made larger if it has fewer open photos than asked for, and drawn if
            there is none. ``second``: a share, chosen by chance, of the photos that one coder has
            coded. ``disagreements``: the photos that coders disagree on.
        coder: The coder who will review; photos that this coder has coded are omitted.
        double: Share of the coded photos that is to have a second coder, 0–1.
        seed: Of the order; a sample with another seed is another sample.

    Raises:
        InvalidRequest: There is no such measure, or its scope's days are in the wrong order.
        NotFound: There is no sample of this name.
    """
    if kind is SamplingKind.DRAW:
        return _of_sample(home, question, budget, coder, seed, sample, now)
    recipe = home.recipe
    measure = question.measures[0]
    with home.database.read() as session:
        check_question(session, question)
        answers = _coded_for(coded_photos(session, recipe, question.editions), measure)
        framed = [photo.candidate for photo in framed_photos(session, recipe, question)]
        coded = [c for c in framed if c.id in answers and coder not in coded_by(answers[c.id])]
        salt = f"{seed or 0}\0{measure}\0{question.zone}"
        if kind is SamplingKind.SECOND:
            chosen = [c for c in coded if len(coded_by(answers[c.id])) == 1]
            chosen = [c for c in chosen if chance(c.key, f"second\0{salt}") < double]
        else:
            chosen = [c for c in coded if disputed_measures(answers[c.id])]
        chosen.sort(key=lambda candidate: rank(candidate.key, salt))
        chosen = chosen[:budget]
        printed = first_pages(session, [candidate.id for candidate in chosen])
    photos = tuple(
        NextPhoto(
            c.id,
            printed[c.id],
            c.stratum,
            c.probability or 0.0,
            tuple(sorted(coded_by(answers[c.id]))),
        )
        for c in chosen
    )
    return NextReviews(recipe.id, recipe.aggregate.confidence, question, kind, photos)


def draw_more(
    home: Installation,
    question: Question,
    more: int,
    *,
    sample: str | None = None,
    coder: str | None = None,
    now: datetime,
) -> SampleState:
    """Make the sample of a question larger, or draw one where there is none.

    Where its frame can't be made again, one that is as much larger takes its place.

    Args:
        question: The share that the answers estimate.
        more: Number of photos that are drawn; 0: the sample as it is.
        sample: Name of the sample; None: the latest one that was drawn for the question.
        coder: Who draws it; None: nobody gave a name.
        now: The time of the draw.

    Raises:
        InvalidRequest: There is no such measure, or no photo to draw.
        NotFound: There is no sample of this name.
    """
    with home.database.read() as session:
        check_question(session, question)
        row = _stored(session, question, None, sample)
        name = None if row is None else row.name
        before = 0 if row is None else drawn_items(row)
        question = question if row is None else question_of(row)
        whole = row is not None and before >= sum(one.size for one in row.strata)
        if row is not None and (whole or not more):
            return sample_state(session, home.recipe, row)
    if name is not None:
        try:
            return extend_sample(home, name, more=more)
        except Conflict:
            pass  # its photos have other probabilities by now
    return draw_sample(home, SampleOrder(question, before + more), coder=coder, now=now)


def _of_sample(
    home: Installation,
    question: Question,
    budget: int,
    coder: str | None,
    seed: int | None,
    name: str | None,
    now: datetime,
) -> NextReviews:
    recipe = home.recipe
    with home.database.read() as session:
        check_question(session, question)
        row = _stored(session, question, seed, name)
        if row is not None:
            sample = CodedSample(session, recipe, row)
            whole = len(sample.items) >= sum(one.size for one in row.strata)
            if whole or len(sample.to_code(coder)) >= budget:
                return _answer(sample, budget, coder)
    try:
        with home.database.write() as session:
            row = _stored(session, question, seed, name)
            if row is None:
                order = SampleOrder(question, budget, second=0.0, seed=seed)
                row = add_sample(session, recipe, order, now=now)
            else:
                row = _enlarged(session, recipe, row, budget, coder, now)
            return _answer(CodedSample(session, recipe, row), budget, coder)
    except NothingToDraw:
        confidence = recipe.aggregate.confidence
        return NextReviews(recipe.id, confidence, question, SamplingKind.DRAW, ())


def _enlarged(
    session: Session, recipe: Recipe, row: SampleRow, budget: int, coder: str | None, now: datetime
) -> SampleRow:
    """Return the sample with enough open photos, or another one if its frame has changed."""
    sample = CodedSample(session, recipe, row)
    open_ = len(sample.to_code(coder))
    try:
        if open_ < budget:
            grow_sample(session, recipe, row, items=len(sample.items) + budget - open_)
    except Conflict:
        if not open_:
            order = SampleOrder(
                question_of(row),
                budget,
                coders=tuple(row.coders),
                second=row.second_share,
                repeat=row.repeat_share,
            )
            return add_sample(session, recipe, order, now=now)
    return row


def _stored(
    session: Session, question: Question, seed: int | None, name: str | None
) -> SampleRow | None:
    if name is not None:
        row = sample_row(session, name)
        if question.measure not in (question_of(row).measures or (None,)):
            raise InvalidRequest(f"the sample {name} was not drawn for {question.measure}")
        return row
    query = select(SampleRow).where(SampleRow.kind == question.kind).order_by(SampleRow.id.desc())
    if question.measures:
        query = query.join(SampleMeasureRow).where(SampleMeasureRow.measure == question.measure)
    for row in session.scalars(query):
        drawn_for = question_of(row)
        same = (drawn_for.editions, drawn_for.zone, drawn_for.weight) == (
            question.editions,
            question.zone,
            question.weight,
        )
        if same and seed in (None, row.seed):
            return row
    return None


def _answer(sample: CodedSample, budget: int, coder: str | None) -> NextReviews:
    recipe, chosen = sample.recipe, sample.to_code(coder)[:budget]
    ids = [item.photo_id for item, _ in chosen if item.photo_id is not None]
    printed = first_pages(sample.session, ids)
    photos = tuple(
        NextPhoto(
            item.photo_id,
            printed[item.photo_id],
            stratum(item.probability or 0.0),
            item.probability or 0.0,
            coders,
        )
        for item, coders in chosen
        if item.photo_id is not None
    )
    return NextReviews(
        recipe.id,
        recipe.aggregate.confidence,
        question_of(sample.row),
        SamplingKind.DRAW,
        photos,
        sample.state,
        _widths(sample.state, sample.items, recipe.aggregate.confidence),
    )


def _widths(
    state: SampleState, items: Sequence[SampleItem], confidence: float
) -> tuple[float | None, float | None]:
    """Return the foreseen widths: as far as coders have come, and of the whole sample.

    The drawn photos of a stratum stand for all of it.
    """
    scale = {row.stratum: row.size / max(1, row.drawn) for row in state.strata}
    drawn = [
        Candidate(
            item.id, "", item.stratum, foreseen_variance(item.probability or 0.0, 1.0),
            scale[item.stratum], item.probability,
        )
        for item in items
    ]  # fmt: skip
    strata = replace(
        FrameStrata.of(drawn, len(state.strata)),
        size=np.array([row.size for row in state.strata], np.int64),
    )
    strata = replace(strata, square=strata.weight)
    reached = [row.reached for row in state.strata]
    before = foreseen_width(strata, reached, confidence)
    return before, foreseen_width(strata, [row.drawn for row in state.strata], confidence)


def _coded_for(
    photos: Mapping[int, list[CoderAnswer]], measure: str
) -> dict[int, list[CoderAnswer]]:
    """Return the answers for each photo that somebody has coded for a measure."""
    coded = {}
    for photo_id, answers in photos.items():
        relevant = relevant_answers(answers, measure)
        if answers_measure((answer.measure for answer in relevant), measure):
            coded[photo_id] = relevant
    return coded
