"""One question: what is known, what would decide it, how it is drawn for, and how it was decided.

Opening the page writes nothing: looks are logged by its buttons, and by the desk.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Literal

from fastapi import Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from presslens.app.api import links
from presslens.app.api.access import needs
from presslens.app.api.coder import FormCoder
from presslens.app.api.params import Home, Id
from presslens.app.platform import clock
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.language import Language, language
from presslens.app.platform.permissions import Permission
from presslens.app.platform.questions import MOST
from presslens.app.services.catalogue.photo_address import find_address
from presslens.app.services.claims.claims import keep_claim, remove_claim
from presslens.app.services.claims.registrations import HIGHEST_LEVEL, ClaimTest, freeze_claim
from presslens.app.services.claims.scheduled_looks import ScheduledLook, why_it_stands
from presslens.app.services.questions.plans import (
    SuggestedPlan,
    draw_for_question,
    planned_editions,
    suggested_plan,
)
from presslens.app.services.questions.questions import (
    QuestionState,
    first_asked,
    judged_question,
    look_at_question,
    next_look,
    question_state,
)
from presslens.app.services.reviews.reviews import NewReview, review_photo
from presslens.app.services.samples.questions import FOCUS
from presslens.app.web.citation import citation
from presslens.app.web.claims import (
    STEP_COLUMNS,
    charted,
    cited_title,
    lead_days,
    step_rows,
    verdict_values,
)
from presslens.app.web.page_router import CITED, PageRouter, Render, Rows
from presslens.app.web.preferences import coder_of, named_coder, remember_coder
from presslens.app.web.question_methods import (
    against_words,
    cited_facts,
    claim_standing,
    methods_sentences,
    range_words,
    registered,
    shown_numbers,
)
from presslens.app.web.question_words import question_words
from presslens.models.message import Message
from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.claim.boundary import FIRST
from presslens.pipelines.statistics.claim.context import LEVEL
from presslens.pipelines.statistics.claim.parser import parse
from presslens.pipelines.statistics.claim.practice import practice_problem
from presslens.pipelines.statistics.claim.quantity import TruthValue
from presslens.pipelines.statistics.measure import Inference

router = PageRouter()

WIDTH, HEIGHT = 640, 200
"""Size of the chart of looks, in its own units."""

LEVELS = (0.02, LEVEL, 0.1)
"""Levels to choose from."""

LOWEST = LEVEL * FIRST
"""What the first look may have spent of the level, which is chosen after it."""

Level = Annotated[float, Query(gt=LOWEST, le=HIGHEST_LEVEL)]
About = Annotated[Inference, Query()]
Look = Annotated[bool, Query()]


@router.page("/ask/{claim_id:id}", twins=CITED)
@needs(Permission.READ)
def show_question(
    home: Home,
    render: Render,
    claim_id: Id,
    level: Level = LEVEL,
    about: About = Inference.THESE,
    look: Look = False,
) -> Response:
    """Show a question, its looks, and what comes next; planned for a level as it may be chosen.

    The photo of a question about one is shown when the question is registered, or on demand.
    """
    spoken = language(render.code)
    state = question_state(home, claim_id, ClaimTest(level, about))
    rule = parse(state.claim.rule)
    before = first_asked(home, state)

    @cache
    def plan() -> SuggestedPlan | None:
        return suggested_plan(home, state, coder_of(render.request)) if state.looks else None

    @cache
    def now() -> dict[str, Any]:
        # Who is to look at photos sees no evidence before: what the machine says of them.
        seen = state.plan is None and plan() is None
        return links.linked_verdict(judged_question(home, state, details=seen)).to_json()

    @cache
    def judged() -> dict[str, Any]:
        stands = why_it_stands(state.verdict, TruthValue(now()["verdict"]))
        return now() | {"verdict": state.verdict.value} | ({"stands": stands} if stands else {})

    return render(
        "question.html",
        document=lambda: {
            **state.to_json(),
            "plan": (suggested := plan()) and suggested.to_json(),
            "now": judged(),
        },
        table=lambda: Rows(STEP_COLUMNS, step_rows(judged())),
        section="claims",
        state=state.to_json(),
        claim=state.claim.to_json(),
        before=before and before.to_json(),
        open_plan=state.plan,
        decision=state.decision,
        verdict_values=lambda: verdict_values(judged(), spoken),
        interval_decides=lambda: now()["verdict"] != "undecided",
        stands=lambda: judged().get("stands"),
        changed=lambda: has_changed(state, judged()),
        plan=plan,
        may_look=lambda: next_look(home, state, now=clock.now()) is not None,
        look=look,
        lead=lambda: lead_to_answer(state, judged(), spoken),
        standing=lambda: claim_standing(home, state.claim, judged()),
        test=state.test,
        levels=sorted({*LEVELS, state.test.level}),
        practice=practice_problem(rule) is None,
        where=lambda scope, sample: planned_editions(home, scope=scope, sample=sample),
        chart=lambda: looks_chart(state, judged(), spoken),
        registered=lambda: registered(state),
        charted=charted(state.claim) if state.is_decided else None,
        leads=lambda: lead_days(home, state.claim, state.verdict.value),
        methods=lambda: methods_sentences(home, state, before, judged(), spoken),
        cite=lambda: citation(
            home,
            render,
            cited_title(state.claim, spoken),
            home.recipe.id,
            spoken,
            thing=f"question {state.claim.key}",
            facts=cited_facts(state, state.verdict.value),
        ),
    )


@router.post("/ask/{claim_id:id}", max_body_size=2**16)
@needs(Permission.REVIEW)
def change_question(
    home: Home,
    request: Request,
    claim_id: Id,
    action: Annotated[
        Literal["look", "draw", "register and draw", "register", "keep", "discard", "answer"],
        Form(),
    ],
    level: Annotated[float, Form(gt=LOWEST, le=HIGHEST_LEVEL)] = LEVEL,
    about: Annotated[Inference, Form()] = Inference.THESE,
    photo: Annotated[int | None, Form(ge=1, le=MOST)] = None,
    answer: Annotated[Focus | None, Form()] = None,
    answering: FormCoder = None,
) -> RedirectResponse:
    """Look at a question, draw or answer for it, register, keep or discard it."""
    coder, now = coder_of(request), clock.now()
    back = RedirectResponse(f"/ask/{claim_id}", status_code=303)
    if action == "discard":
        remove_claim(home, claim_id, coder=coder, now=now)
        return RedirectResponse("/ask", status_code=303)
    if action in ("register", "register and draw"):
        freeze_claim(home, claim_id, ClaimTest(level, about), coder=coder, now=now)
    if action in ("draw", "register and draw"):
        plan = draw_for_question(home, claim_id, coder=coder, now=now).plan
        if plan is not None:
            address = f"/review/{plan.sample}?question={claim_id}"
            return RedirectResponse(address, status_code=303)
    if action == "answer":
        if photo is None or answer is None:
            raise InvalidRequest(Message("say of which photo, and what it is composed around"))
        who, row = named_coder(request, answering), find_address(home, photo).photo_id
        review_photo(home, NewReview(row, who, {}, focus=answer), now=now)
        remember_coder(back, who)
    if action == "keep":
        keep_claim(home, claim_id, coder=coder, now=now)
    if action == "look":
        look_at_question(home, claim_id, now=now)
    return back


def lead_to_answer(
    state: QuestionState, document: dict[str, Any], spoken: Language
) -> dict[str, Any] | None:
    """Return the lead photo whose answer a question waits for, without what the machine says of it.

    None where nothing is left to be answered, or the question is of another kind.

    Args:
        document: The JSON of its verdict.
    """
    if state.leads is None or state.is_decided:
        return None
    shown = [photo for part in document["evidence"] for photo in part["photos"]]
    waiting = [photo for photo in shown if not photo["settled"]]
    if not waiting:
        return None
    asked = question_words([FOCUS], spoken)[0]
    return {"photo": waiting[0], "left": len(waiting), "asked": asked}


def has_changed(state: QuestionState, document: dict[str, Any]) -> bool:
    """Return whether the editions are others than those that the deciding look saw."""
    decision = state.decision
    return decision is not None and (decision.recipe_id, decision.editions) != (
        document["recipe"],
        document["n"],
    )


def looks_chart(
    state: QuestionState, document: dict[str, Any], spoken: Language
) -> dict[str, Any] | None:
    """Return where the interval of each look lies in a chart; None without an interval.

    Across are the answered photos, up is what was measured.
    """
    looks = [one for one in state.looks if one.low is not None and one.high is not None]
    if not looks:
        return None
    ends = [
        end
        for one in looks
        for end in (one.low, one.high, one.against, one.against_low, one.against_high)
        if end is not None
    ]
    low, high = min(ends), max(ends)
    span, most = (high - low) or 1.0, max(state.planned, 1)

    def up(value: float) -> float:
        return round(HEIGHT - HEIGHT * (value - low) / span, 1)

    def across(one: ScheduledLook) -> float:
        return round(WIDTH * one.answered / most, 1)

    shown = shown_numbers(document, spoken)
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "low": shown(low),
        "high": shown(high),
        "most": state.planned,
        "against": [(across(one), up(one.against)) for one in looks if one.against is not None],
        "against_ends": [
            (across(one), up(one.against_low), up(one.against_high))
            for one in looks
            if one.against_low is not None and one.against_high is not None
        ],
        "looks": [
            {
                "x": across(one),
                "y": up(one.value or 0.0),
                "low": up(one.low or 0.0),
                "high": up(one.high or 0.0),
                "decides": one is state.decision,
                "answered": one.answered,
                "value": shown(one.value),
                "interval": range_words(one.low, one.high, shown, spoken),
                "against": against_words(one, shown, spoken),
                "verdict": one.verdict.value,
                "looked_at": one.looked_at,
            }
            for one in looks
        ],
    }
