"""How a question was decided, in sentences for a methods section, and as it is cited."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal

from presslens.app.installation import Installation
from presslens.app.platform.language import Language
from presslens.app.services.claims.claims import ClaimState
from presslens.app.services.questions.plans import plan_coders
from presslens.app.services.questions.questions import QuestionState, ScheduledLook
from presslens.app.web.ask_words import asked_title
from presslens.app.web.claim_sentences import comparison_sides, percent_sides
from presslens.models.message import Message
from presslens.pipelines.statistics.claim.quantity import TruthValue


def cited_facts(state: QuestionState, verdict: str | None) -> tuple[Message, ...]:
    """Return what the note of a reference says of a question or a claim.

    Args:
        verdict: As it is shown; None: it is not.
    """
    frozen = state.claim.registration
    facts = [Message("verdict: %(verdict)s", verdict=verdict)] if verdict else []
    if frozen is not None:
        day = f"{frozen.frozen_at:%Y-%m-%d}"
        facts.append(
            Message("registered %(day)s, sha256 %(sha256)s", day=day, sha256=frozen.sha256)
        )
    if state.plans:
        facts.append(Message("people looked at %(n)s drawn photos", n=state.answered))
    return tuple(facts)


def against_words(
    look: ScheduledLook, shown: Callable[[float | None], str], spoken: Language
) -> str:
    """Return what a look compared with, with its interval."""
    if look.against_low is None or look.against_high is None:
        return shown(look.against)
    ends = f"{shown(look.against_low)}{spoken.between}{shown(look.against_high)}"
    return f"{shown(look.against)} ({ends})"


def shown_numbers(document: dict[str, Any], spoken: Language) -> Callable[[float | None], str]:
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
    home: Installation,
    state: QuestionState,
    before: QuestionState | None,
    document: dict[str, Any],
    spoken: Language,
) -> Iterator[str]:
    """Yield how a question was decided, in sentences that a journal takes as they are.

    Args:
        before: The first question that asked the same; None: it is the question itself.
        document: The JSON of its verdict.
    """
    yield spoken.text(
        "We asked whether “%(statement)s” holds for %(editions)s (%(n)s at hand), as the"
        " rule %(rule)s.",
        statement=asked_title(state.claim.to_json(), spoken).rstrip(".?"),
        editions=_editions(state.claim, spoken),
        n=spoken.number(document["n"]),
        rule=document["rule"],
    )
    if document["baseline_editions"]:
        yield spoken.plural(
            "It is compared with the edition before.",
            "It is compared with the %(n)s editions before.",
            document["baseline_editions"],
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
    yield from _looks(home, state, spoken)
    yield from _answer(state, spoken, shown_numbers(document, spoken))
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
    if state.answered_first:
        n = spoken.number(state.answered_first)
        yield spoken.text("People had looked at %(n)s of its photos by then.", n=n)


def _looks(home: Installation, state: QuestionState, spoken: Language) -> Iterator[str]:
    if state.plans:
        yield spoken.text(
            "%(planned)s photos were drawn by chance within strata of the machine’s probability,"
            " and people looked at %(answered)s of them without seeing what the machine says.",
            planned=spoken.number(state.planned),
            answered=spoken.number(state.answered),
        )
        yield spoken.plural(
            "One person coded them.", "%(n)s people coded them.", len(plan_coders(home, state))
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
            against=against_words(decision, shown, spoken),
        )
