"""Questions: the plans and the scheduled looks of claims that are asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter

from presslens.app.api.access import PermittedRoute, needs
from presslens.app.api.claims import BODY
from presslens.app.api.coder import GivenCoder, name_in
from presslens.app.api.params import Home, Id
from presslens.app.platform import clock
from presslens.app.platform.permissions import Permission
from presslens.app.services.claims.claims import ClaimState, open_questions
from presslens.app.services.questions.plans import SuggestedPlan, draw_for_question, suggested_plan
from presslens.app.services.questions.questions import (
    QuestionState,
    look_at_question,
    question_state,
)
from presslens.pipelines.result import Served

router = APIRouter(prefix="/claims", tags=["claims"], route_class=PermittedRoute)


@dataclass(frozen=True, slots=True)
class QuestionList(Served):
    """The questions in work, the latest first."""

    claims: Sequence[ClaimState]


@dataclass(frozen=True, slots=True)
class PlanAnswer(Served):
    """The photos that would decide a question; None: drawn photos would not, or it is decided."""

    plan: SuggestedPlan | None


@router.get("/questions", operation_id="list_questions")
@needs(Permission.READ)
def get_questions(home: Home) -> QuestionList:
    """List the questions in work: drafts, and those whose planned photos have not decided them."""
    return QuestionList(open_questions(home))


@router.get("/{claim_id:id}/question", operation_id="get_question")
@needs(Permission.READ)
def get_question(home: Home, claim_id: Id) -> QuestionState:
    """Return a claim as a question: its scheduled looks, its plans, and what decided it."""
    return question_state(home, claim_id)


@router.get("/{claim_id:id}/plan", operation_id="get_plan")
@needs(Permission.READ)
def get_plan(home: Home, claim_id: Id) -> PlanAnswer:
    """Return how many photos would decide a question, where, and how long looking takes."""
    return PlanAnswer(suggested_plan(home, question_state(home, claim_id), name_in(None)))


@router.post("/{claim_id}/plan", operation_id="draw_for_question", max_body_size=BODY)
@needs(Permission.REVIEW)
def post_plan(home: Home, claim_id: Id, given: GivenCoder | None = None) -> QuestionState:
    """Draw the photos that would decide a question; where a plan is open, it stays."""
    return draw_for_question(home, claim_id, coder=name_in(given), now=clock.now())


@router.post("/{claim_id}/looks", operation_id="look_at_question", max_body_size=BODY)
@needs(Permission.REVIEW)
def post_look(home: Home, claim_id: Id) -> QuestionState:
    """Make the scheduled look at a question that is due, if one is, and log it."""
    return look_at_question(home, claim_id, now=clock.now())
