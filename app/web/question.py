"""One question: what is known, what would decide it, how it is drawn for, and how it was decided.

Opening the page writes nothing: looks are logged by its buttons, and by the desk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
from presslens.app.services.claims.claims import ClaimState, keep_claim, remove_claim
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
    judged_question,
    look_at_question,
    question_state,
)
from presslens.app.web.citation import citation
from presslens.app.web.claim_sentences import comparison_sides, percent_sides
from presslens.app.web.claims import STEP_COLUMNS, cited_title, step_rows, verdict_values
from presslens.app.web.page_router import CITED, PageRouter, Render, Rows
from presslens.app.web.preferences import coder_of
from presslens.pipelines.statistics.claim.boundary import FIRST
from presslens.pipelines.statistics.claim.context import LEVEL
from presslens.pipelines.statistics.claim.parser import parse
from presslens.pipelines.statistics.claim.practice import practice_problem
from presslens.pipelines.statistics.claim.quantity import TruthValue
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
    before = question_state(home, state.asked_before) if state.asked_before else None

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
        methods=lambda: methods_sentences(state, before, judged(), spoken),
        cite=lambda: citation(
            home,
            render,
            cited_title(state.claim, spoken),
            home.recipe.id,
            spoken,
            thing=f"question {state.claim.key}",
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

    shown = _shown(document, spoken)
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
                "against": _against(one, shown, spoken),
                "verdict": one.verdict.value,
                "looked_at": one.looked_at,
            }
            for one in looks
        ],
    }


def _against(look: ScheduledLook, shown: Callable[[float | None], str], spoken: Language) -> str:
    """Return what a look compared with, with its interval."""
    if look.against_low is None or look.against_high is None:
        return shown(look.against)
    ends = f"{shown(look.against_low)}{spoken.between}{shown(look.against_high)}"
    return f"{shown(look.against)} ({ends})"


def _shown(document: dict[str, Any], spoken: Language) -> Callable[[float | None], str]:
    """Return how numbers of the first comparison are written: in percent, or as they are."""
    steps = document["comparisons"]
    sides = comparison_sides(steps[0]["comparison"]) if steps else (None, None)
    in_percent = percent_sides(*sides)[0]

    def shown(value: float | None) -> str:
        if value is None:
            return "–"
        return spoken.percent(value) if in_percent else spoken.number(value, 2)

    return shown


def _editions(claim: ClaimState, spoken: Language) -> str:
    paper = spoken.newspaper(claim.publication)
    first, last = spoken.day(claim.first), spoken.day(claim.last)
    if first == last:
        return spoken.text("the edition of %(publication)s of %(day)s", publication=paper, day=last)
    return spoken.text(
        "the editions of %(publication)s from %(first)s to %(last)s",
        publication=paper,
        first=first,
        last=last,
    )


def methods_sentences(
    state: QuestionState, before: QuestionState | None, document: dict[str, Any], spoken: Language
) -> Iterator[str]:
    """Yield how a question was decided, in sentences that a journal takes as they are.

    Args:
        before: The first question that asked the same; None: nobody had asked it.
    """
    yield spoken.text(
        "We asked whether “%(statement)s” holds for %(editions)s (%(n)s at hand), as the"
        " rule %(rule)s.",
        statement=state.claim.statement.rstrip(".?"),
        editions=_editions(state.claim, spoken),
        n=spoken.number(document["n"]),
        rule=document["rule"],
    )
    yield from _registration(state, spoken)
    if before is not None:
        yield spoken.text(
            "The same had been asked on %(day)s, with %(looks)s looks and %(answered)s photos that"
            " people looked at.",
            day=spoken.day(before.looks[0].looked_at.date()),
            looks=spoken.number(len(before.looks)),
            answered=spoken.number(before.answered),
        )
    if document["unchecked"]:
        yield spoken.text("%(sentence)s.", sentence=spoken.say(document["unchecked"]))
    yield from _looks(state, spoken)
    yield from _answer(state, spoken, _shown(document, spoken))
    if state.asked_here > 1:
        yield spoken.text(
            "It is one of %(n)s questions asked of these days; its level is its own, and allows for"
            " none of the others.",
            n=spoken.number(state.asked_here),
        )


def registered(state: QuestionState) -> Literal["first", "decided", "drawn"]:
    """Return what a registered question was registered before, or after."""
    if state.registered_first:
        return "first"
    frozen, decision = state.claim.registration, state.decision
    decided = frozen and decision and decision.looked_at < frozen.frozen_at
    return "decided" if decided or state.asked_before is not None else "drawn"


def _registration(state: QuestionState, spoken: Language) -> Iterator[str]:
    frozen = state.claim.registration
    if frozen is None:
        if state.claim.kept_after is not None:
            yield spoken.text("The question was not registered; it was kept after looking.")
        return
    day = spoken.day(frozen.frozen_at.date())
    match registered(state):
        case "first":
            yield spoken.text("The question was registered on %(day)s, before the draw.", day=day)
        case "decided":
            yield spoken.text(
                "The question was registered on %(day)s, when its answer was known.", day=day
            )
        case "drawn":
            yield spoken.text("The question was registered on %(day)s, after a draw.", day=day)


def _looks(state: QuestionState, spoken: Language) -> Iterator[str]:
    if state.plans:
        yield spoken.text(
            "%(planned)s photos were drawn by chance within strata of the machine’s probability,"
            " and people looked at %(answered)s of them without seeing what the machine says.",
            planned=spoken.number(state.planned),
            answered=spoken.number(state.answered),
        )
        yield spoken.text(
            "Scheduled looks decide, and the probabilities that one of them is wrong add up to"
            " %(level)s at most (alpha spending; Lan & DeMets 1983, doi 10.1093/biomet/70.3.659,"
            " by the function of O’Brien & Fleming within each plan).",
            level=spoken.percent(state.test.level),
        )
    elif state.decision is not None:
        yield spoken.text(
            "What was known already decided it, and nothing was drawn for it; such a verdict is"
            " wrong with a probability of %(risk)s at most.",
            risk=spoken.percent(state.decision.risk),
        )


def _answer(
    state: QuestionState, spoken: Language, shown: Callable[[float | None], str]
) -> Iterator[str]:
    decision, n = state.decision, state.decided_after or 0
    if decision is None:
        yield spoken.text(
            "It is undecided so far (looks: %(n)s).", n=spoken.number(len(state.looks))
        )
        return
    if decision.verdict is TruthValue.TRUE:
        yield spoken.text("It is true: decided by look %(n)s.", n=n)
    else:
        yield spoken.text("It is false: decided by look %(n)s.", n=n)
    if decision.value is not None and decision.against is not None:
        yield spoken.text(
            "Measured: %(value)s (%(low)s to %(high)s), compared with %(against)s.",
            value=shown(decision.value),
            low=shown(decision.low),
            high=shown(decision.high),
            against=_against(decision, shown, spoken),
        )
