"""Questions: what a claim is before it is kept or frozen, and the scheduled looks that decide it.

A question is a claim whose looks follow ``pipelines.statistics.claim.boundary``. It stays one when
it is frozen or kept: what was decided by its looks stands, whatever the archive says later.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from presslens.app.db.claims import ClaimLookRow, ClaimPlanRow, ClaimRow
from presslens.app.db.publications import is_named, same_newspaper
from presslens.app.db.queries import EditionScope, scans_in
from presslens.app.db.reviews import ReviewAnswerRow, ReviewRow
from presslens.app.db.statistics import EditionSummaryRow
from presslens.app.db.tables import EditionRow, PhotoRow, PublicationRow
from presslens.app.installation import Installation
from presslens.app.services.claims.claims import ClaimState, NewClaim, add_claim, find_claim
from presslens.app.services.claims.registrations import ClaimTest
from presslens.app.services.claims.scheduled_looks import (
    ScheduledLook,
    deciding_look,
    question_verdict,
    scheduled_looks,
)
from presslens.app.services.claims.verdicts import ClaimVerdict, judged_rule
from presslens.app.services.reviews.reviews import reviews_by_photo
from presslens.app.services.samples.samples import sample_row, sample_state
from presslens.pipelines.result import Moment, Served
from presslens.pipelines.statistics.claim.boundary import (
    FIRST,
    LOOKS,
    answers_needed,
    look_risk,
    looks_due,
)
from presslens.pipelines.statistics.claim.parser import parse
from presslens.pipelines.statistics.claim.quantity import Quantity, TruthValue
from presslens.pipelines.statistics.claim.tree import (
    FocusIs,
    asked_text,
    asks_leads_alone,
    baseline_metrics_of,
    metrics_of,
    pages_of,
    walk,
)
from presslens.pipelines.statistics.claim.verdict import Step
from presslens.pipelines.statistics.measure import FOCUSES

LEAST_RISK = 1e-300
"""The risk of looks so late that nothing of the level is left: they decide what is certain."""


@dataclass(frozen=True, slots=True)
class QuestionPlan(Served):
    """Photos that were planned to be drawn and looked at."""

    stage: int  # counts the plans and further looks, from 1
    sample: int  # id of the sample that has the photos
    photos: int  # number of photos planned
    answered: int  # how many of them are answered
    planned_at: Moment


@dataclass(frozen=True, slots=True)
class LeadAnswers(Served):
    """What people have answered about the lead photos that a question asks about."""

    coders: int  # people whose answers count
    first_at: Moment | None  # when the first answer was given, a withdrawn one too; None: none was


@dataclass(frozen=True, slots=True)
class QuestionState(Served):
    """A question: its claim, the looks that decide it, and what comes next."""

    SERVED: ClassVar[str] = """
        claim level=test.level estimand=test.estimand verdict answered planned looks plans
        decided_after next_after is_due registered_first asked_before asked_here answered_first
        leads
    """

    claim: ClaimState
    test: ClaimTest  # the level, and the editions that the answer is about
    verdict: TruthValue  # that of its claim
    looks: tuple[ScheduledLook, ...]
    plans: tuple[QuestionPlan, ...]
    asked_before: int | None  # id of the first question with its rule and days; None: itself
    same_at: datetime | None  # when one first looked at another question that asks the same
    stages_before: int  # number of stages of other questions with its rule and days
    answered_first: int | None  # photos with answers to what it asks when it was frozen, if it was
    asked_here: int  # number of questions of its newspaper and days, itself included
    # Of a question about lead photos alone, which nothing is drawn for; None: of another one.
    leads: LeadAnswers | None = None

    @property
    def is_decided(self) -> bool:
        """Whether it is true or false."""
        return self.verdict is not TruthValue.UNDECIDED

    @property
    def decision(self) -> ScheduledLook | None:
        """The look that decided it; None: it is undecided, or nothing is drawn for it."""
        return None if self.leads else deciding_look(self.looks)

    @property
    def decided_after(self) -> int | None:
        """How many looks it took; None: it is undecided."""
        return self.looks.index(self.decision) + 1 if self.decision else None

    @property
    def plan(self) -> QuestionPlan | None:
        """The plan whose looks are not all made; None: there is none, or it is decided."""
        last = self.plans[-1] if self.plans else None
        if self.decision or last is None or self._looked(last.stage) == LOOKS:
            return None
        return last

    @property
    def level_left(self) -> float:
        """The level of which the stages after the first look take their shares.

        It is the level itself, unless another one was chosen after the first look.
        """
        first = next((one.risk for one in self.looks if one.stage == 0), None)
        level = self.test.level
        return level if first is None else max(LEAST_RISK, (level - first) / (1.0 - FIRST))

    @property
    def answered(self) -> int:
        """How many photos of all its plans are answered."""
        return sum(plan.answered for plan in self.plans)

    @property
    def planned(self) -> int:
        """How many photos all its plans have."""
        return sum(plan.photos for plan in self.plans)

    @property
    def next_after(self) -> int | None:
        """How many more answers the next scheduled look waits for; None: none is scheduled."""
        plan = self.plan
        if plan is None:
            return None
        number = max(self._looked(plan.stage), looks_due(plan.photos, plan.answered)) + 1
        if self.is_due or number > LOOKS:
            return 0
        return answers_needed(plan.photos, number) - plan.answered

    @property
    def is_due(self) -> bool:
        """Whether a look of the plan is due, or the first of all."""
        plan = self.plan
        if plan is None:
            return not self.looks
        return looks_due(plan.photos, plan.answered) > self._looked(plan.stage)

    @property
    def registered_first(self) -> bool | None:
        """Whether it was frozen before a draw, and before its answer was known; None: it is not.

        The answer was known if a look had decided it, or if the same was asked before.
        """
        frozen = self.claim.registration
        if frozen is None:
            return None
        known = [plan.planned_at for plan in self.plans]
        decision = deciding_look(self.looks)
        known += [one.looked_at for one in self.looks if one.stage or one is decision]
        known += [self.same_at] if self.same_at else []
        known += [self.leads.first_at] if self.leads and self.leads.first_at else []
        return all(frozen.frozen_at <= one for one in known)

    @property
    def next_stage(self) -> int:
        """The stage after those that were planned or looked at, for whoever asked the same."""
        made = [one.stage for one in self.looks] + [one.stage for one in self.plans]
        return max(self.stages_before, *(stage + 1 for stage in made), 0)

    @property
    def next_look(self) -> tuple[int, int, float]:
        """Stage, number and risk of the look that would be made now."""
        plan = self.plan
        if plan is None:
            stage, after = self.next_stage, 0
            number = LOOKS if stage else 1
        else:
            stage, after = plan.stage, self._looked(plan.stage)
            number = looks_due(plan.photos, plan.answered)
        risk = look_risk(self.level_left, stage, number, after=after)
        return stage, number, max(LEAST_RISK, risk)

    def _looked(self, stage: int) -> int:
        return max((one.number for one in self.looks if one.stage == stage), default=0)


def question_state(
    home: Installation, claim_id: int, test: ClaimTest | None = None
) -> QuestionState:
    """Return a question; nothing is judged.

    Args:
        test: How it would be tested if it was registered so; None: as it is.

    Raises:
        NotFound: There is no such claim.
    """
    claim = find_claim(home, claim_id)
    frozen = claim.registration
    test = frozen.test if frozen else test or ClaimTest()
    leads = _lead_answers(home, claim)
    with home.database.read() as session:
        looks = scheduled_looks(session, claim_id)
    verdict = TruthValue.UNDECIDED
    if looks:
        verdict = question_verdict(
            claim.rule, looks, lambda: judged_rule(home, claim, test).checked
        )
    with home.database.read() as session:
        plans = session.scalars(
            select(ClaimPlanRow).filter_by(claim_id=claim_id).order_by(ClaimPlanRow.stage)
        ).all()
        days = claim.publication, claim.first, claim.last
        others = [one for one in questions_of(session, *days) if one.id != claim_id]
        rule = asked_text(parse(claim.rule))
        same = [one for one in others if asked_text(parse(one.rule)) == rule]
        same = of_same_editions(session, same, *days, by=looks[0].looked_at if looks else None)
        first, before = min(((one.looked_at, one.id) for one in same), default=(None, None))
        if looks and first and (first, before or 0) > (looks[0].looked_at, claim_id):
            before = None
        return QuestionState(
            claim,
            test,
            verdict,
            looks,
            tuple(_plan(home, session, row) for row in plans),
            asked_before=before,
            same_at=first,
            stages_before=max((1 + max(one.stage, one.planned or 0) for one in same), default=0),
            answered_first=_answered(session, claim, frozen.frozen_at) if frozen else None,
            asked_here=1 + len(others),
            leads=leads,
        )


def questions_of(session: Session, publication: str, first: date, last: date) -> Sequence[Row[Any]]:
    """Return the questions of a newspaper about any of some days, with looks and stages so far."""
    planned = select(func.max(ClaimPlanRow.stage)).where(ClaimPlanRow.claim_id == ClaimRow.id)
    columns = ClaimRow.id, ClaimRow.rule, ClaimRow.first_date, ClaimRow.last_date
    query = (
        select(
            *columns,
            func.min(ClaimLookRow.looked_at).label("looked_at"),
            func.max(ClaimLookRow.stage).label("stage"),
            planned.correlate(ClaimRow).scalar_subquery().label("planned"),
        )
        .join(ClaimLookRow)
        .where(
            same_newspaper(ClaimRow.publication.expression, publication),
            ClaimRow.first_date <= last,
            ClaimRow.last_date >= first,
            ClaimLookRow.stage.is_not(None),
        )
        .group_by(*columns)
    )
    return session.execute(query).all()


def of_same_editions(
    session: Session,
    rows: Sequence[Row[Any]],
    publication: str,
    first: date,
    last: date,
    *,
    by: datetime | None = None,
) -> list[Row[Any]]:
    """Return the questions about the same editions as some days, whichever days they name.

    Args:
        rows: As of ``questions_of``.
        by: Of editions uploaded by then, and by the first look at each; None: of all.
    """
    ends = [(first, last), *((one.first_date, one.last_date) for one in rows)]
    query = (
        select(EditionRow.edition_date, EditionRow.created_at)
        .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
        .where(
            is_named(publication),
            EditionRow.edition_date.between(min(ends)[0], max(end for _, end in ends)),
        )
    )
    uploads = session.execute(query).all() if len(set(ends)) > 1 else ()

    def asked(start: date, end: date, until: datetime | None) -> set[date]:
        return {
            day
            for day, uploaded_at in uploads
            if start <= day <= end and (until is None or uploaded_at <= until)
        }

    found = []
    for one in rows:
        until = by and max(by, one.looked_at)
        editions = asked(one.first_date, one.last_date, until)
        alike = editions and editions == asked(first, last, until)
        if alike or (one.first_date, one.last_date) == (first, last):
            found.append(one)
    return found


def _answered(session: Session, claim: ClaimState, by: datetime) -> int:
    """Return how many photos of its days had answers to what it asks, withdrawn ones too."""
    rule = parse(claim.rule)
    named = {one.name for one in metrics_of(rule) | baseline_metrics_of(rule)}
    named |= {one.name for metrics in pages_of(rule).values() for one in metrics}
    if any(isinstance(one, FocusIs) for one in walk(rule)):
        named |= set(FOCUSES)
    if any(one.startswith("leader_") for one in named):
        named.add("leader")
    scans = scans_in(EditionScope(claim.publication, claim.first, claim.last))
    answered = (
        select(ReviewRow.scan_id, ReviewRow.x0, ReviewRow.y0)
        .join(ReviewAnswerRow)
        .where(
            ReviewRow.scan_id.in_(scans),
            ReviewRow.created_at < by,
            ReviewAnswerRow.measure.in_(named),
        )
        .distinct()
    )
    return session.scalar(select(func.count()).select_from(answered.subquery())) or 0


def _lead_answers(home: Installation, claim: ClaimState) -> LeadAnswers | None:
    if not asks_leads_alone(parse(claim.rule)):
        return None
    leads = (
        select(PhotoRow.id)
        .join(EditionSummaryRow, EditionSummaryRow.front_lead_photo_id == PhotoRow.id)
        .join(EditionRow, EditionRow.id == EditionSummaryRow.edition_id)
        .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
        .where(
            is_named(claim.publication),
            EditionRow.edition_date.between(claim.first, claim.last),
            EditionSummaryRow.recipe_id == home.recipe.id,
        )
    )
    with home.database.read() as session:
        photos = session.scalars(leads).all()
    answers = [
        review
        for photo in reviews_by_photo(home, photos).values()
        for review in photo.reviews
        if not review.answers.keys().isdisjoint(FOCUSES)
    ]
    coders = {one.coder for one in answers if one.withdrawn_at is None}
    return LeadAnswers(len(coders), min((one.created_at for one in answers), default=None))


def first_asked(home: Installation, state: QuestionState) -> QuestionState | None:
    """Return the first question that asked the same; None: it is the question itself."""
    return question_state(home, state.asked_before) if state.asked_before else None


def _plan(home: Installation, session: Session, row: ClaimPlanRow) -> QuestionPlan:
    sample = sample_state(session, home.recipe, sample_row(session, row.sample_id))
    answered = min(row.photos, max(0, sample.answered - row.answered_before))
    return QuestionPlan(row.stage, row.sample_id, row.photos, answered, row.planned_at)


def judged_question(
    home: Installation, state: QuestionState, *, risk: float | None = None, details: bool = True
) -> ClaimVerdict:
    """Return the verdict on a question's rule by what is known now; nothing is logged.

    Args:
        risk: Largest probability that it is wrong; None: the level of the question, which gives
            the intervals that pages show and decides nothing.
        details: Look for the evidence and what would help too.
    """
    test = state.test if risk is None else replace(state.test, level=risk)
    return judged_rule(home, state.claim, test, details=details)


def ask_question(
    home: Installation, claim: NewClaim, *, coder: str | None = None, now: datetime
) -> tuple[int, bool]:
    """Store a question and look at what is known; return its claim's id and whether it is new.

    Args:
        coder: Who asks; None: nobody gave a name.

    Raises:
        InvalidRule: The rule can't be parsed; the error says where.
        InvalidRequest: A text is empty, too long or not printable, or the days are out of order.
        Conflict: Another claim has its key.
    """
    claim_id, created = add_claim(home, claim, draft=True, coder=coder, now=now)
    if created:
        look_at_question(home, claim_id, now=now)
    return claim_id, created


def look_at_question(home: Installation, claim_id: int, *, now: datetime) -> QuestionState:
    """Make the look at a question that is due, log it, and return the question.

    Where a plan is open, looks wait for its answers. Where none is, a look is made if something
    has changed since the last one. A look that rests on no edition is none, and what rests on
    readings of the machine that nobody has checked stays undecided.

    Raises:
        NotFound: There is no such claim.
    """
    state = question_state(home, claim_id)
    look = next_look(home, state, now=now)
    if look is None:
        return state
    judged = judged_question(home, state, risk=look.risk, details=False)
    look = replace(look, verdict=judged.checked)
    with home.database.write() as session:
        # Two requests at a time make one look: the later one has seen too few before it.
        made = select(func.count()).select_from(ClaimLookRow).filter_by(claim_id=claim_id)
        if session.scalar(made.where(ClaimLookRow.stage >= 0)) == len(state.looks):
            session.add(ClaimLookRow(claim_id=claim_id, **asdict(look)))
    return question_state(home, claim_id)


def next_look(home: Installation, state: QuestionState, *, now: datetime) -> ScheduledLook | None:
    """Return the look that would be made now, not judged yet; None: none would."""
    nothing_is_drawn = state.leads is not None and state.looks
    if state.decision or nothing_is_drawn or (state.plan is not None and not state.is_due):
        return None
    stage, number, risk = state.next_look
    shown = judged_question(home, state, details=False)
    look = ScheduledLook(
        now, shown.recipe_id, shown.verdict.n, TruthValue.UNDECIDED, stage, number,
        state.answered, risk, *measured_values(shown.verdict.steps),
    )  # fmt: skip
    is_repeated = state.plan is None and state.looks and look.seen == state.looks[-1].seen
    return None if not look.editions or is_repeated else look


def measured_values(steps: Sequence[Step]) -> tuple[float | None, ...]:
    """Return both sides of the first comparison with an interval.

    Returns:
        Value, lower end and upper end of each side; None where a side has none.
    """
    for step in steps:
        left = step.left
        if isinstance(left, Quantity) and left.value is not None and not left.is_exact:
            return *_with_ends(left), *_with_ends(step.right)
    return (None,) * 6


def _with_ends(side: object) -> tuple[float | None, float | None, float | None]:
    if not isinstance(side, Quantity):
        return None, None, None
    ends = (None, None) if side.is_exact else (_finite(side.low), _finite(side.high))
    return side.value, *ends


def _finite(bound: float) -> float | None:
    return bound if math.isfinite(bound) else None
