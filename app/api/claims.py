"""Claims: rules over editions, the verdicts on them, and the questions that become claims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from presslens.app.api import links
from presslens.app.api.access import PermittedRoute, needs
from presslens.app.api.coder import Coder, GivenCoder, QueryCoder, name_in
from presslens.app.api.csv_response import csv_response, wants_csv
from presslens.app.api.given import Given, OneOf
from presslens.app.api.params import Cursor, Home, Id, Limit, read_query
from presslens.app.platform import clock
from presslens.app.platform.permissions import Permission
from presslens.app.platform.questions import Day, Name
from presslens.app.services.catalogue.scope import existing_newspaper
from presslens.app.services.claims.claims import (
    ClaimFilter,
    ClaimState,
    NewClaim,
    add_claim,
    find_claim,
    iterate_claims,
    keep_claim,
    list_claims,
    open_questions,
    remove_claim,
)
from presslens.app.services.claims.families import MOST_CLAIMS, FamilyVerdict, check_family
from presslens.app.services.claims.registrations import ClaimTest, freeze_claim
from presslens.app.services.claims.verdicts import ClaimVerdict, claim_verdict, judge_rule
from presslens.app.services.questions.plans import SuggestedPlan, draw_for_question, suggested_plan
from presslens.app.services.questions.questions import (
    QuestionState,
    ask_question,
    look_at_question,
    question_state,
)
from presslens.pipelines.result import Served
from presslens.pipelines.statistics.claim.context import LEVEL
from presslens.pipelines.statistics.corrections import Correction
from presslens.pipelines.statistics.measure import Inference

router = APIRouter(prefix="/claims", tags=["claims"], route_class=PermittedRoute)
BODY = 2**16
COLUMNS = (
    "id", "key", "version", "latest", "statement", "rule", "rule_version", "publication", "from",
    "to", "source", "note", "seeded", "created_at", "frozen_at", "frozen_sha256",
    "changes_frozen_version",
)  # fmt: skip

ClaimDay = Annotated[Day, Field(description="YYYY-MM-DD")]


Level = Annotated[
    float, Field(gt=0, le=0.5, description="largest probability of a wrong verdict: 0.05 is 5 %")
]


class TestOfClaim(Given):
    """How a claim is tested: its level, and the editions that the verdict is about."""

    level: Level = LEVEL
    estimand: OneOf[Inference] = Inference.THESE

    def test(self) -> ClaimTest:
        """Return the test."""
        return ClaimTest(self.level, self.estimand)


class RuleOfEditions(Given):
    """A rule, and the editions that it is about."""

    rule: str
    publication: Name
    first: ClaimDay = Field(alias="from")
    last: ClaimDay = Field(alias="to")


class RuleToCheck(RuleOfEditions, TestOfClaim):
    """A rule, the editions that it is about, and how it is tested."""


class ClaimToFreeze(TestOfClaim):
    """How a claim is to be tested; ``recipe`` freezes the recipe of today as well."""

    recipe: bool = False
    coder: Coder = None


class FamilyToCheck(Given):
    """Claims that are judged together; without ``keys`` all of them."""

    keys: Annotated[list[str], Field(max_length=MOST_CLAIMS)] | None = None
    correction: OneOf[Correction] = Correction.HOLM
    level: Level = LEVEL


class ClaimToAdd(RuleOfEditions):
    """A claim: a rule, the statement that it formalises, and its source.

    A claim with the ``key`` of another one of yours is its next version. A ``draft`` is a question:
    it is listed with no claims until it is kept or frozen.
    """

    statement: str
    source: str = ""
    note: str | None = None
    key: str | None = None
    draft: bool = False
    coder: Coder = None


@dataclass(frozen=True, slots=True)
class ClaimList(Served):
    """Claims; ``next`` is the cursor of those that follow."""

    claims: Sequence[ClaimState]
    next: str | None


@router.get("", operation_id="list_claims", response_model=ClaimList)
@router.get(".csv", operation_id="list_claims_csv")
@needs(Permission.READ)
def get_claims(
    home: Home,
    request: Request,
    claim_filter: Annotated[ClaimFilter, read_query(ClaimFilter)],
    limit: Limit = 50,
    cursor: Cursor | None = None,
) -> Any:
    """List claims by the first day that they are about. CSV holds all of them."""
    claim_filter = claim_filter.resolved(home)
    claims = list_claims(home, claim_filter, limit=limit, start=cursor)
    if wants_csv(request):
        rows = (claim.to_json() for claim in iterate_claims(home, claim_filter))
        return csv_response(COLUMNS, rows, name="claims")
    return ClaimList(claims.items, claims.next_cursor)


@router.post("", status_code=201, operation_id="add_claim", max_body_size=BODY)
@needs(Permission.REVIEW)
def post_claim(home: Home, claim: ClaimToAdd, response: Response) -> ClaimState:
    """Store a claim; the same again is the same claim, and answers 200."""
    new = NewClaim(**claim.model_dump(exclude={"draft", "coder"}))
    add = ask_question if claim.draft else add_claim
    claim_id, created = add(home, new, coder=claim.coder, now=clock.now())
    response.status_code = 201 if created else 200
    response.headers["Location"] = links.claim(claim_id)
    return find_claim(home, claim_id)


@router.post("/check", operation_id="check_rule", max_body_size=BODY)
@needs(Permission.READ)
def post_check(home: Home, rule: RuleToCheck) -> ClaimVerdict:
    """Evaluate a rule without storing it."""
    publication = existing_newspaper(home, rule.publication) or ""
    judgement = judge_rule(home, rule.rule, publication, rule.first, rule.last, test=rule.test())
    return links.linked_verdict(judgement)


@router.post("/family", operation_id="check_family", max_body_size=BODY)
@needs(Permission.READ)
def post_family(home: Home, family: FamilyToCheck) -> FamilyVerdict:
    """Evaluate several claims together: verdicts and p-values, corrected for each other."""
    family_check = check_family(
        home, family.keys, correction=family.correction, level=family.level, now=clock.now()
    )
    return family_check


@router.get("/{claim_id:id}", operation_id="get_claim")
@needs(Permission.READ)
def get_claim(home: Home, claim_id: Id) -> ClaimState:
    """Return a version of a claim."""
    return find_claim(home, claim_id)


@router.delete("/{claim_id:id}", status_code=204, operation_id="remove_claim")
@needs(Permission.REVIEW)
def delete_claim(home: Home, claim_id: Id, coder: QueryCoder = None) -> None:
    """Remove a claim of yours with all its versions; those that come with Presslens stay."""
    remove_claim(home, claim_id, coder=coder, now=clock.now())


@router.post("/{claim_id}/keep", operation_id="keep_claim", max_body_size=BODY)
@needs(Permission.REVIEW)
def post_keep(home: Home, claim_id: Id, given: GivenCoder | None = None) -> ClaimState:
    """Make a claim of a question; it says after how many looks it was kept."""
    return keep_claim(home, claim_id, coder=name_in(given), now=clock.now())


@router.post("/{claim_id}/freeze", status_code=201, operation_id="freeze_claim", max_body_size=BODY)
@needs(Permission.REVIEW)
def post_freeze(
    home: Home, claim_id: Id, response: Response, freeze: ClaimToFreeze | None = None
) -> ClaimState:
    """Freeze the latest version of a claim, before its data come in; again, it answers 200."""
    freeze = freeze or ClaimToFreeze()
    test, coder = freeze.test(), freeze.coder
    _, created = freeze_claim(
        home, claim_id, test, recipe=freeze.recipe, coder=coder, now=clock.now()
    )
    response.status_code = 201 if created else 200
    return find_claim(home, claim_id)


@router.get("/{claim_id}/verdict", operation_id="get_verdict")
@needs(Permission.READ)
def get_verdict(
    home: Home,
    claim_id: Id,
    level: Annotated[float | None, Query(gt=0, le=0.5)] = None,
    estimand: Annotated[Inference | None, Query()] = None,
) -> ClaimVerdict:
    """Evaluate a claim: true, false or undecided, the reasons, and the photos of the evidence.

    A look at a frozen claim is logged, and shown with those before it.
    """
    overridden = level is not None or estimand is not None
    test = ClaimTest(level or LEVEL, estimand or Inference.THESE) if overridden else None
    verdict = claim_verdict(home, claim_id, test=test, now=clock.now())
    return links.linked_verdict(verdict)


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
