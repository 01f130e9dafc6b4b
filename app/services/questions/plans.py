"""Plans of questions: the photos whose answers would decide, and drawing them."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import func, select

from presslens.app.db.claims import ClaimPlanRow
from presslens.app.db.queries import EditionScope, printed_photos
from presslens.app.db.reviews import ReviewRow
from presslens.app.db.samples import SampleRow
from presslens.app.db.tables import EditionRow, PublicationRow
from presslens.app.db.upsert import insert_new
from presslens.app.installation import Installation
from presslens.app.platform.errors import Conflict
from presslens.app.services.cached import cached
from presslens.app.services.claims.contexts import load_context, rule_validities
from presslens.app.services.claims.registrations import ClaimTest
from presslens.app.services.claims.settling_draws import settling_draws
from presslens.app.services.questions.questions import (
    QuestionState,
    judged_question,
    look_at_question,
    of_same_editions,
    question_state,
    questions_of,
)
from presslens.app.services.reviews.coding import CodedSample
from presslens.app.services.reviews.draws import frame_editions
from presslens.app.services.reviews.sampling import draw_more
from presslens.app.services.reviews.sampling_frame import Question
from presslens.app.services.samples.questions import questions
from presslens.app.services.samples.samples import find_items, find_sample
from presslens.app.services.statistics.what_helps import MoreDraws, WhatHelps
from presslens.pipelines.result import Served
from presslens.pipelines.statistics.claim.boundary import LOOKS, look_risk
from presslens.pipelines.statistics.claim.context import LEVEL
from presslens.pipelines.statistics.claim.evaluate import judge
from presslens.pipelines.statistics.claim.parser import parse
from presslens.pipelines.statistics.claim.quantity import TruthValue
from presslens.pipelines.statistics.claim.tree import Junction, Node, asked_text

LEAST_SECONDS = 1.0

SECONDS = 5.0
"""Seconds that an answer about a photo is assumed to take until answers are timed."""

FEWEST_PHOTOS = 5
"""Photos of the smallest plan."""

MOST_TIMED = 500
"""Latest decisions whose time is read."""


@dataclass(frozen=True, slots=True)
class SuggestedPlan(Served):
    """The photos that would decide a question, if its numbers are as they are estimated."""

    SERVED: ClassVar[str] = "draw photos seconds is_timed decides"

    draw: MoreDraws
    photos: int  # to look at: those that are drawn, and drawn ones that nobody has answered
    seconds: float  # how long looking at one takes
    is_timed: bool  # so long people have taken; else it is assumed
    decides: bool  # False: a first draw, whose answers tell whether the machine is right

    @property
    def minutes(self) -> int:
        """How long looking at all of them takes."""
        return max(1, round(self.photos * self.seconds / 60))


def suggested_plan(
    home: Installation, state: QuestionState, coder: str | None = None
) -> SuggestedPlan | None:
    """Return the photos that would decide a question, if its numbers are as they are estimated.

    None for a question that is decided, that has a plan, or that photos don't decide.

    Args:
        coder: Who is to look at them; None: anybody.
    """
    if state.is_decided or state.plan or state.leads:
        return None
    stage = max(1, state.next_stage)
    risk = look_risk(state.level_left, stage, LOOKS, after=LOOKS - 1)
    judged = judged_question(home, state, risk=risk)
    if judged.verdict.truth is not TruthValue.UNDECIDED and state.looks:
        # Its next look would decide it: the risk of the last one, which did not, says how many.
        judged = judged_question(home, state, risk=min(risk, state.looks[-1].risk))
    # Who has looked in vain at as many photos as were planned needs as many again at least.
    return _plan_of(home, judged.helps, coder, least=state.planned)


def _plan_of(
    home: Installation, helps: Sequence[WhatHelps], coder: str | None, *, least: int = 0
) -> SuggestedPlan | None:
    """Return the plan of what would decide each part of a rule; None: no draw would."""
    parts = [(one.draw, one.foreseen is not None) for one in helps if one.draw is not None]
    if not parts:
        return None
    draw = _together(home, [one for one, _ in parts])
    waiting = 0
    if draw.sample is not None:
        sample = find_sample(home, draw.sample)
        waiting = sample.items - sample.answered
    photos = max(FEWEST_PHOTOS, draw.photos + waiting, least)
    draw = replace(draw, photos=photos - waiting)
    each, is_timed = decision_seconds(home, coder)
    seconds = each * len(questions(draw.measures))
    return SuggestedPlan(draw, photos, seconds, is_timed, all(decides for _, decides in parts))


def _together(home: Installation, draws: Sequence[MoreDraws]) -> MoreDraws:
    """Return one draw in place of several: as many photos as all of them, each asked all of it.

    Draws that make a sample larger, or are from another part of the editions, wait for a later
    plan.
    """
    first, *others = draws
    like = (first.zone, first.weight, first.scope.publication, None)
    beside = [
        one for one in others if (one.zone, one.weight, one.scope.publication, one.sample) == like
    ]
    if first.sample is not None or not beside:
        return first
    every = [first, *beside]
    firsts, lasts = ([getattr(one.scope, end) for one in every] for end in ("first", "last"))
    scope = EditionScope(first.scope.publication, min(firsts), max(lasts))
    there = sum(one.photos for one in planned_editions(home, scope=scope))
    return replace(
        first,
        photos=min(there, sum(one.photos for one in every)),
        measures=tuple(dict.fromkeys(measure for one in every for measure in one.measures)),
        scope=scope,
    )


@dataclass(frozen=True, slots=True)
class ForeseenAnswer:
    """What comes of asking a question now."""

    truth: TruthValue  # the verdict of the first look; of what is asked already, its verdict
    plan: SuggestedPlan | None  # the photos that would decide it, where the first look does not
    asked: int | None = None  # id of the first question that asks it already


def foreseen_answers(
    home: Installation, rules: Sequence[Node], publication: str, day: date, coder: str | None
) -> list[ForeseenAnswer]:
    """Return what comes of asking each of some rules about an edition, or came; nothing is logged.

    Args:
        day: Day of the edition.
        coder: Who is to look at photos; None: anybody.
    """
    asked = _asked(home, publication, day)
    new = [rule for rule in rules if asked_text(rule) not in asked]
    foreseen = {
        rule: ForeseenAnswer(truth, _plan_of(home, helps, coder))
        for rule, (truth, helps) in zip(new, _foreseen(home, new, publication, day), strict=True)
    }
    return [foreseen.get(rule) or _known(home, asked[asked_text(rule)]) for rule in rules]


def _known(home: Installation, claim_id: int) -> ForeseenAnswer:
    return ForeseenAnswer(question_state(home, claim_id).verdict, None, claim_id)


def _asked(home: Installation, publication: str, day: date) -> dict[str, int]:
    """Return the first question that asks each thing about a day, by its text."""
    with home.database.read() as session:
        days = publication, day, day
        every = of_same_editions(session, questions_of(session, *days), *days)
        rows = sorted(every, key=lambda one: -one.id)
    return {asked_text(parse(one.rule)): one.id for one in rows}


@cached
def _foreseen(
    home: Installation, rules: Sequence[Node], publication: str, day: date
) -> list[tuple[TruthValue, Sequence[WhatHelps]]]:
    if not rules:
        return []
    first = ClaimTest(look_risk(LEVEL, 0, 1))
    # One context for all of them: what each is evaluated on is loaded once.
    case, _ = load_context(home, Junction("and", tuple(rules)), publication, day, day, test=first)
    planned = replace(case, level=look_risk(LEVEL, 1, LOOKS, after=LOOKS - 1))
    answers: list[tuple[TruthValue, Sequence[WhatHelps]]] = []
    for rule in rules:
        _, unchecked = rule_validities(home, rule, case)
        truth = judge(rule, case).truth if unchecked is None else TruthValue.UNDECIDED
        is_open = truth is TruthValue.UNDECIDED
        helps = settling_draws(home, rule, judge(rule, planned), planned) if is_open else ()
        answers.append((truth, helps))
    return answers


@dataclass(frozen=True, slots=True)
class PlannedEdition(Served):
    """An edition that photos are drawn from."""

    SERVED: ClassVar[str] = "id publication date=day photos"

    id: int
    publication: str
    day: date
    photos: int  # how many of its photos are drawn; of a plan that is not drawn, all it has


def planned_editions(
    home: Installation, *, scope: EditionScope | None = None, sample: int | None = None
) -> list[PlannedEdition]:
    """Return where the photos of a plan are, by day.

    Args:
        scope: The editions that photos are to be drawn from.
        sample: Id of the sample that is drawn; None: none is as yet.
    """
    if sample is not None:
        _, items = find_items(home, sample)
        printed = Counter(
            (one.edition, one.publication, one.date)
            for item in items
            if (one := item.printed) is not None
        )
        rows = [(*edition, number) for edition, number in printed.items()]
    else:
        named = EditionRow.id, PublicationRow.name, EditionRow.edition_date
        query = printed_photos(home.recipe, *named, func.count())
        question = Question(editions=scope or EditionScope())
        with home.database.read() as session:
            framed = frame_editions(session, home.recipe, question)
            query = query.where(EditionRow.id.in_(framed)).group_by(*named)
            rows = [tuple(row) for row in session.execute(query)]
    return [PlannedEdition(*row) for row in sorted(rows, key=lambda row: row[1:3])]


def plan_coders(home: Installation, state: QuestionState) -> set[str]:
    """Return who has answered about photos of the plans of a question."""
    with home.database.read() as session:
        samples = [CodedSample.named(session, home.recipe, one.sample) for one in state.plans]
        return set().union(*(of_item for one in samples for of_item in one.coders.values()))


def decision_seconds(home: Installation, coder: str | None = None) -> tuple[float, bool]:
    """Return how long an answer takes, and whether it is timed: of a coder, or else of all.

    Nobody looks at a photo in less than ``LEAST_SECONDS``: such answers are no measure of time.
    """
    timed = select(ReviewRow.seconds).where(ReviewRow.seconds >= LEAST_SECONDS)
    timed = timed.order_by(ReviewRow.id.desc()).limit(MOST_TIMED)
    with home.database.read() as session:
        times = session.scalars(timed.where(ReviewRow.coder == coder)).all() if coder else []
        times = times or session.scalars(timed).all()
    if not times:
        return SECONDS, False
    return statistics.median([float(one) for one in times if one is not None]), True


def draw_for_question(
    home: Installation, claim_id: int, *, coder: str | None = None, now: datetime
) -> QuestionState:
    """Draw the photos that would decide a question, as a plan; where one is open, it stays.

    Args:
        coder: Who draws them; None: nobody gave a name.
        now: The time of the plan.

    Raises:
        NotFound: There is no such claim.
        Conflict: The question is decided, or photos don't decide it.
    """
    state = question_state(home, claim_id)
    if not state.looks:
        state = look_at_question(home, claim_id, now=now)
    if state.plan is not None:
        return state
    if state.is_decided:
        raise Conflict("the question is decided: there is nothing to draw for it")
    plan = suggested_plan(home, state, coder)
    if plan is None:
        raise Conflict("photos that are drawn by chance would not decide this question")
    draw = plan.draw
    question = Question(draw.measures, draw.scope, draw.zone, draw.weight)
    try:
        sample = draw_more(home, question, draw.photos, sample=draw.sample, coder=coder, now=now)
    except Conflict:
        # Somebody draws at this moment, for it or for what else.
        state = question_state(home, claim_id)
        if state.plan is None:
            raise
        return state
    before = sample.answered
    row = {
        "claim_id": claim_id,
        "stage": max(1, state.next_stage),
        "sample_id": sample.id,
        "photos": max(1, sample.items - before),
        "answered_before": before,
        "planned_at": now,
    }
    with home.database.write() as session:
        plans = select(ClaimPlanRow.sample_id).filter_by(sample_id=sample.id)
        if not insert_new(session, ClaimPlanRow, **row) and session.scalar(plans) is None:
            # Somebody drew for it at the same moment: this draw goes.
            session.delete(session.get_one(SampleRow, sample.id))
    return question_state(home, claim_id)
