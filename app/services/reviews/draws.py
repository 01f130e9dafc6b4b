"""Draws validation samples from a closed frame, and makes them larger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from presslens.app.db.edits import Action, Author, add_edit
from presslens.app.db.queries import EditionScope
from presslens.app.db.samples import (
    SampleEditionRow,
    SampleItemRow,
    SampleKind,
    SampleMeasureRow,
    SampleRow,
    SampleStratumRow,
)
from presslens.app.db.tables import OutcomeRow, PhotoRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import Conflict, InvalidRequest
from presslens.app.services.reviews.consensus import update_scans_consensus
from presslens.app.services.reviews.reviews import check_measure
from presslens.app.services.reviews.sampling_frame import Question, SampleFrame, read_frame
from presslens.app.services.samples.answers import load_answers
from presslens.app.services.samples.frames import sample_rule
from presslens.app.services.samples.samples import SampleState, sample_row, sample_state
from presslens.app.services.shares.selection import EditionCriteria, StatEdition, select_editions
from presslens.app.services.shares.share_loading import load_shares
from presslens.app.services.statistics.power import known_share
from presslens.models.geometry import Box
from presslens.models.message import Message
from presslens.models.recipe import Recipe
from presslens.pipelines.counted import counted
from presslens.pipelines.statistics.measure import Zone
from presslens.pipelines.statistics.sampling import (
    Candidate,
    FrameStrata,
    allocate,
    chance,
    draw,
    smallest_sample,
)

MOST = 20_000
"""Largest number of items of a sample."""

REPEAT = 0.05
"""Share of the photos that each coder is shown again, for the coder's own constancy, 0–1."""

SECOND = 0.1
"""Share of the items that a second coder is to code as well, 0–1.

Content analysis recodes 10 % or more (Lacy and others 2015, doi 10.1177/1077699015607338).
"""

BATCH = 500
PAGE = Box(0.0, 0.0, 1.0, 1.0)
"""The whole of a page, in shares of it."""


class NothingToDraw(InvalidRequest):
    """No photo or page is in the frame of a question."""


@dataclass(frozen=True, slots=True)
class SampleOrder:
    """A sample to draw."""

    question: Question  # what it is to tell
    items: int | None = None  # number of photos or pages; None: as many as ``width`` needs
    width: float | None = None  # wished width of the interval of the first measure's share, 0–1
    # The coders that items are assigned to in turn; none: anybody codes.
    coders: tuple[str, ...] = ()
    second: float = SECOND  # share of the items that a second coder is to code as well, 0–1
    seed: int | None = None  # of the order; None: the lowest that no sample of the measure has
    name: str | None = None  # its name; None: the measure and a number
    repeat: float = REPEAT  # share of the photos that each coder is shown again, 0–1


def draw_sample(
    home: Installation, order: SampleOrder, *, coder: str | None = None, now: datetime
) -> SampleState:
    """Draw a sample from the complete editions that a question is about, store it, and log it.

    Args:
        coder: Who draws it; None: nobody gave a name.

    Raises:
        InvalidRequest: There is no such measure, no complete edition, or no photo in them; or the
            order names neither a number of items nor a width.
        Conflict: There is a sample of this name.
    """
    with home.database.write() as session:
        row = add_sample(session, home.recipe, order, now=now)
        items = counted(drawn_items(row), "page" if row.kind is SampleKind.PAGES else "photo")
        text = Message("sample %(name)s of %(items)s is drawn", name=row.name, items=items)
        by = Author(coder, row.codebook, now)
        add_edit(session, by, Action.DRAW_SAMPLE, ("sample", row.id), text)
        return sample_state(session, home.recipe, row)


def add_sample(session: Session, recipe: Recipe, order: SampleOrder, *, now: datetime) -> SampleRow:
    """Draw and store a sample within a transaction; see ``draw_sample``."""
    question = order.question
    check_question(session, question)
    _check_order(order)
    frame = read_frame(session, recipe, question, frame_editions(session, recipe, question))
    check_drawable(frame)
    strata = learned_strata(session, recipe, question, frame, foresee=order.width is not None)
    total = _total(order.items, order.width, strata, recipe, question)
    numbers = allocate(strata, total)
    seed = order.seed if order.seed is not None else next_seed(session, question)
    row = SampleRow(
        name=_name(session, order, question),
        kind=question.kind,
        zone=question.zone,
        weight=question.weight,
        publication=question.editions.publication,
        first_date=question.editions.first,
        last_date=question.editions.last,
        seed=seed,
        coders=list(order.coders),
        second_share=order.second,
        repeat_share=order.repeat if question.measures else 0.0,
        wished_width=order.width,
        recipe_id=recipe.id,
        codebook=recipe.codebook,
        created_at=now,
        measures=[
            SampleMeasureRow(measure=measure, position=i)
            for i, measure in enumerate(question.measures)
        ],
        strata=[
            SampleStratumRow(
                stratum=h, definition=definition, size=int(strata.size[h]), drawn=numbers[h]
            )
            for h, definition in enumerate(question.definitions)
        ],
    )
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict("somebody draws at this moment: try again") from error
    session.add_all(
        SampleEditionRow(sample_id=row.id, edition_id=edition_id, sizes=sizes)
        for edition_id, sizes in frame.editions.items()
    )
    _add_items(session, row, draw(frame.candidates, numbers, salt=_salt(row)), start=0)
    return row


def extend_sample(
    home: Installation,
    key: int | str,
    *,
    items: int | None = None,
    width: float | None = None,
    more: int | None = None,
) -> SampleState:
    """Make a sample larger, in the same random order; the items that are there stay.

    Args:
        key: Id or name of the sample.
        items: Number of items that it is to have in all.
        width: Or the wished width of the interval; where it is reached, nothing is drawn.
        more: Or the number of items that are added.

    Raises:
        NotFound: There is no such sample.
        Conflict: The frame can't be made again, as the recipe or the probabilities have changed.
    """
    with home.database.read() as session:
        row = sample_row(session, key)
        question, now = question_of(row), sample_state(session, home.recipe, row)
    if width is not None and question.measures:
        known = known_share(home, question.metric, question.editions)
        if reached := known.reached(width):
            return replace(now, advice=reached)
    with home.database.write() as session:
        row = sample_row(session, key)
        if more is not None:
            items = drawn_items(row) + more
        grow_sample(session, home.recipe, row, items=items, width=width)
        return sample_state(session, home.recipe, row)


def grow_sample(
    session: Session,
    recipe: Recipe,
    row: SampleRow,
    *,
    items: int | None = None,
    width: float | None = None,
) -> None:
    """Make a sample larger within a transaction; see ``extend_sample``."""
    question = question_of(row)
    stored = {
        one.edition_id: one.sizes
        for one in session.scalars(select(SampleEditionRow).filter_by(sample_id=row.id))
    }
    frame = read_frame(session, recipe, question, stored)
    strata = FrameStrata.of(frame.candidates, len(question.definitions))
    if (
        recipe.id != row.recipe_id
        or frame.editions != stored
        or [int(size) for size in strata.size] != [one.size for one in row.strata]
    ):
        raise Conflict(
            f"the sample {row.name} can't be made larger: its photos have other probabilities by"
            " now, so its frame can't be made again. It stays valid as it is; draw another one"
        )
    # Its own answers are among those that are known.
    learned = learned_strata(session, recipe, question, frame, foresee=width is not None)
    strata = replace(learned, known=None)
    before = [one.drawn for one in row.strata]
    total = _total(items, width, strata, recipe, question, least=before)
    numbers = allocate(strata, total, least=before)
    more = draw(frame.candidates, numbers, salt=_salt(row), before=before)
    for one, number in zip(row.strata, numbers, strict=True):
        one.drawn = number
    if width is not None:
        row.wished_width = width
    session.flush()
    _add_items(session, row, more, start=sum(before))


def drawn_items(row: SampleRow) -> int:
    """Return the number of items of a sample."""
    return sum(one.drawn for one in row.strata)


def question_of(row: SampleRow) -> Question:
    """Return the question that a sample was drawn for."""
    return Question(
        tuple(one.measure for one in row.measures),
        EditionScope(row.publication, row.first_date, row.last_date),
        row.zone,
        row.weight,
    )


def frame_editions(session: Session, recipe: Recipe, question: Question) -> list[int]:
    """Return the ids of the complete editions of a question, without superseded ones."""
    return [edition.id for edition in _editions(session, recipe, question)]


def _editions(session: Session, recipe: Recipe, question: Question) -> list[StatEdition]:
    scope = question.editions
    criteria = EditionCriteria(scope.publication, scope.first, scope.last, scope.edition)
    return select_editions(session, criteria, recipe).editions


def check_question(session: Session, question: Question) -> None:
    """Check that a sample can be drawn for a question.

    Raises:
        InvalidRequest: There is no such measure, or a page has no such part.
    """
    for measure in question.measures:
        check_measure(session, measure)
    if question.kind is SampleKind.PAGES and question.zone not in (
        Zone.ALL,
        Zone.FRONT,
        Zone.INSIDE,
    ):
        raise InvalidRequest("pages are drawn from all, front or inside pages")


def check_drawable(frame: SampleFrame) -> None:
    """Check that a frame has something to draw.

    Raises:
        NothingToDraw: It has no photo or page.
    """
    if not frame.candidates:
        raise NothingToDraw(
            "there is nothing to draw from: no edition asked for is complete and has photos there;"
            " `presslens worker` analyses what waits, and where the pages at hand are all that you"
            " study, `presslens editions change ID --pages-expected` says so"
        )


def learned_strata(
    session: Session,
    recipe: Recipe,
    question: Question,
    frame: SampleFrame,
    *,
    foresee: bool = False,
) -> FrameStrata:
    """Return the strata of a frame, with what earlier drawn answers have shown.

    Those count together with a sample that is drawn now if theirs were drawn by its rule.

    Args:
        foresee: A width is foreseen: the estimate says how far the machine's probabilities are off.
    """
    strata = FrameStrata.of(frame.candidates, len(question.definitions))
    if not question.measures:
        return strata
    first = question.measures[0]
    answers = load_answers(session, recipe, [first], frame.editions)[first]
    labels = {
        int(photo): float(label)
        for photo, label, drawn in zip(answers.photo, answers.label, answers.drawn, strict=True)
        if drawn and label == label  # NaN is unequal to itself
    }
    known = [one for one in frame.candidates if one.id in labels and one.probability is not None]
    stratum = np.array([one.stratum for one in known], np.int64)
    learned = strata.learn(
        stratum,
        np.array([one.probability for one in known], float),
        np.array([one.weight for one in known]),
        np.array([labels[one.id] for one in known]),
        share=_estimated_share(session, recipe, question) if foresee else None,
    )
    rule = sample_rule(first, recipe.id, recipe.codebook)
    if not answers.samples or answers.samples[0].frame.rule != rule:
        return learned
    return replace(learned, known=np.bincount(stratum, minlength=len(strata.size)))


def _estimated_share(session: Session, recipe: Recipe, question: Question) -> float | None:
    editions = _editions(session, recipe, question)
    (photos,) = load_shares(session, [question.metric], editions, recipe)
    return photos.estimated_share


def _check_order(order: SampleOrder) -> None:
    if (order.items is None) == (order.width is None):
        raise InvalidRequest("a sample needs a number of items, or the width of an interval")
    if order.items is not None and not 1 <= order.items <= MOST:
        raise InvalidRequest(f"a sample has 1 to {MOST} items")
    if len(set(order.coders)) < len(order.coders):
        raise InvalidRequest("a coder is named once")


def _total(
    items: int | None,
    width: float | None,
    strata: FrameStrata,
    recipe: Recipe,
    question: Question,
    *,
    least: Sequence[int] | None = None,
) -> int:
    if items is not None:
        return items
    if width is None or not 0 < width <= 1:
        raise InvalidRequest("a sample needs a number of items, or a width between 0 and 1")
    if question.kind is SampleKind.PAGES:
        raise InvalidRequest("pages are drawn by number, not by the width of a share")
    return smallest_sample(strata, width, recipe.aggregate.confidence, least=least)


def next_seed(session: Session, question: Question) -> int:
    """Return the lowest seed that no sample of the same first measure has."""
    rows = session.scalars(select(SampleRow))
    used = {row.seed for row in rows if question_of(row).measures[:1] == question.measures[:1]}
    return next(seed for seed in range(len(used) + 1) if seed not in used)


def _name(session: Session, order: SampleOrder, question: Question) -> str:
    taken = set(session.scalars(select(SampleRow.name)))
    if order.name is not None:
        if order.name in taken:
            raise Conflict(f"there is a sample {order.name!r} already: take another name")
        return order.name
    stem = question.measures[0][:200] if question.measures else "pages"
    return next(name for i in range(1, len(taken) + 2) if (name := f"{stem}-{i}") not in taken)


def _salt(row: SampleRow) -> str:
    # The part of the edition belongs to it: samples of different parts must not go by the same
    # chance, or one would depend on the other.
    first = row.measures[0].measure if row.measures else ""
    return f"{row.seed}\0{first}\0{row.zone}"


def _add_items(session: Session, row: SampleRow, drawn: Sequence[Candidate], *, start: int) -> None:
    places = _places(session, row, [one.id for one in drawn])
    coders, salt = row.coders, f"second\0{_salt(row)}"
    seconds = session.query(SampleItemRow).filter_by(sample_id=row.id, second=True).count()
    for place, one in enumerate(drawn, start):
        second = chance(one.key, salt) < row.second_share and row.kind is SampleKind.PHOTOS
        turn = place % len(coders) if coders else 0
        other = None
        if second and len(coders) > 1:
            other = coders[(turn + 1 + seconds % (len(coders) - 1)) % len(coders)]
        seconds += second
        session.add(
            SampleItemRow(
                sample_id=row.id,
                place=place,
                stratum=one.stratum,
                probability=one.probability,
                coder=coders[turn] if coders else None,
                second=second,
                second_coder=other,
                **places[one.id],
            )
        )
    session.flush()
    if row.measures:
        update_scans_consensus(session, sorted({place["scan_id"] for place in places.values()}))


def _places(session: Session, row: SampleRow, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return scan and box, in shares of the page, of photos; or of pages, by their scans."""
    if row.kind is SampleKind.PAGES:
        return {i: _place(i, PAGE) for i in ids}
    places: dict[int, dict[str, Any]] = {}
    query = select(
        PhotoRow.id, OutcomeRow.scan_id, PhotoRow.x0, PhotoRow.y0, PhotoRow.x1, PhotoRow.y1,
        OutcomeRow.width, OutcomeRow.height,
    ).join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)  # fmt: skip
    for i in range(0, len(ids), BATCH):
        for located in session.execute(query.where(PhotoRow.id.in_(ids[i : i + BATCH]))):
            photo_id, scan_id, x0, y0, x1, y1, width, height = located
            box = Box(x0, y0, x1, y1).in_shares((width or 1, height or 1))
            places[photo_id] = _place(scan_id, box)
    return places


def _place(scan_id: int, box: Box) -> dict[str, Any]:
    return {"scan_id": scan_id, **asdict(box)}
