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
from presslens.app.api.params import Home, Id
from presslens.app.platform import clock
from presslens.app.platform.language import Language, language
from presslens.app.platform.permissions import Permission
from presslens.app.services.claims.claims import keep_claim, remove_claim
from presslens.app.services.claims.registrations import HIGHEST_LEVEL, ClaimTest, freeze_claim
from presslens.app.services.questions.plans import (
    SuggestedPlan,
    draw_for_question,
    planned_editions,
    suggested_plan,
)
from presslens.app.services.questions.questions import (
    QuestionState,
    ScheduledLook,
    first_asked,
    judged_question,
    look_at_question,
    question_state,
)
from presslens.app.web.citation import citation
from presslens.app.web.claims import STEP_COLUMNS, charted, cited_title, step_rows, verdict_values
from presslens.app.web.page_router import CITED, PageRouter, Render, Rows
from presslens.app.web.preferences import coder_of
from presslens.app.web.question_methods import (
    against_words,
    cited_facts,
    methods_sentences,
    registered,
    shown_numbers,
)
from presslens.pipelines.statistics.claim.boundary import FIRST
from presslens.pipelines.statistics.claim.context import LEVEL
from presslens.pipelines.statistics.claim.parser import parse
from presslens.pipelines.statistics.claim.practice import practice_problem
from presslens.pipelines.statistics.claim.tree import FocusIs, walk
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


@router.page("/ask/{claim_id:id}", twins=CITED)
@needs(Permission.READ)
def show_question(
    home: Home, render: Render, claim_id: Id, level: Level = LEVEL, about: About = Inference.THESE
) -> Response:
    """Show a question, its looks, and what comes next; planned for a level as it may be chosen."""
    spoken = language(render.code)
    state = question_state(home, claim_id, ClaimTest(level, about))
    rule = parse(state.claim.rule)
    before = first_asked(home, state)

    @cache
    def plan() -> SuggestedPlan | None:
        return suggested_plan(home, state, coder_of(render.request)) if state.looks else None

    @cache
    def judged() -> dict[str, Any]:
        # Who is to look at photos sees no evidence before: what the machine says of them.
        seen = state.plan is None and plan() is None
        return links.linked_verdict(judged_question(home, state, details=seen)).to_json()

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
        verdict_values=lambda: verdict_values(judged() | {"verdict": state.verdict.value}, spoken),
        interval_decides=lambda: judged()["verdict"] != "undecided",
        changed=lambda: has_changed(state, judged()),
        plan=plan,
        asks_focus=any(isinstance(part, FocusIs) for part in walk(rule)),
        test=state.test,
        levels=sorted({*LEVELS, state.test.level}),
        practice=practice_problem(rule) is None,
        where=lambda scope, sample: planned_editions(home, scope=scope, sample=sample),
        chart=lambda: looks_chart(state, judged(), spoken),
        registered=lambda: registered(state),
        charted=charted(state.claim) if state.decision else None,
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
        Literal["look", "draw", "register and draw", "register", "keep", "discard"], Form()
    ],
    level: Annotated[float, Form(gt=LOWEST, le=HIGHEST_LEVEL)] = LEVEL,
    about: Annotated[Inference, Form()] = Inference.THESE,
) -> RedirectResponse:
    """Look at a question, draw for it, register, keep or discard it."""
    coder, now = coder_of(request), clock.now()
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
    if action == "keep":
        keep_claim(home, claim_id, coder=coder, now=now)
    if action == "look":
        look_at_question(home, claim_id, now=now)
    return RedirectResponse(f"/ask/{claim_id}", status_code=303)


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
                "interval": f"{shown(one.low)}{spoken.between}{shown(one.high)}",
                "against": against_words(one, shown, spoken),
                "verdict": one.verdict.value,
                "looked_at": one.looked_at,
            }
            for one in looks
        ],
    }
