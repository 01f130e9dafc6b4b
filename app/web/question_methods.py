"""How a question was decided, in sentences for a methods section, and as it is cited."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from presslens.app.installation import Installation
from presslens.app.platform.language import Language
from presslens.app.services.claims.claims import ClaimState
from presslens.app.services.claims.scheduled_looks import ScheduledLook, deciding_look
from presslens.app.services.questions.plans import plan_coders
from presslens.app.services.questions.questions import QuestionState
from presslens.app.services.statistics.baseline import edition_standing
from presslens.app.web.ask_words import asked_title
from presslens.app.web.claim_sentences import (
    comparison_sides,
    number_in_words,
    percent_sides,
    step_values,
)
from presslens.app.web.claim_words import N_
from presslens.app.web.templating import begin_sentence
from presslens.models.message import Message
from presslens.pipelines.statistics.claim.parser import parse
from presslens.pipelines.statistics.claim.quantity import TruthValue
from presslens.pipelines.statistics.claim.tree import (
    asks_leads_alone,
    baseline_metrics_of,
    metrics_of,
)


def cited_facts(state: QuestionState, verdict: str | None) -> tuple[Message, ...]:
    """Return what the note of a reference says of a question or a claim.

    Args:
        verdict: As it is shown; None: it is not.
    """
    frozen = state.claim.registration
    facts = [Message("verdict: %(verdict)s", verdict=verdict)] if verdict else []
    if frozen is not None:
        when = f", {registered(state)}" if state.looks else ""
        day = f"{frozen.frozen_at:%Y-%m-%d}{when}"
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
    return (
        f"{shown(look.against)} ({range_words(look.against_low, look.against_high, shown, spoken)})"
    )


def range_words(
    low: float | None, high: float | None, shown: Callable[[float | None], str], spoken: Language
) -> str:
    """Return an interval as pages write it: one sign of percent."""
    return f"{shown(low).removesuffix('%')}{spoken.dash}{shown(high)}"


def shown_numbers(document: dict[str, Any], spoken: Language) -> Callable[[float | None], str]:
    """Return how numbers of the first comparison are written: in percent, or as they are."""
    steps = document["comparisons"]
    sides = comparison_sides(steps[0]["comparison"]) if steps else (None, None)
    in_percent = percent_sides(*sides)[0]

    def shown(value: float | None) -> str:
        if value is None:
            return "–"
        return number_in_words(value, spoken, percent=in_percent)

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
        unchecked = begin_sentence(spoken.say(document["unchecked"]) or "")
        yield spoken.text("%(sentence)s.", sentence=unchecked)
    yield from _looks(home, state, spoken)
    yield from _answer(state, document, spoken)
    if (standing := claim_standing(home, state.claim, document)) is not None:
        sentence = begin_sentence(spoken.say(standing))
        yield spoken.text("%(sentence)s.", sentence=sentence)
    if state.asked_here > 1:
        yield spoken.text(
            "It is one of %(n)s questions asked of these days; its level is its own, and allows for"
            " none of the others.",
            n=spoken.number(state.asked_here),
        )


def claim_standing(
    home: Installation, claim: ClaimState, document: dict[str, Any]
) -> Message | None:
    """Return the number of a claim, or its lead photo, beside those of the editions before.

    None of a claim about several editions or numbers, and while the verdict is undecided.

    Args:
        document: The JSON of its verdict.
    """
    if len(document["editions"]) != 1 or document["verdict"] == "undecided":
        return None
    rule, edition = parse(claim.rule), document["editions"][0]["edition"]
    if asks_leads_alone(rule):
        return edition_standing(home, edition, None)
    metrics = metrics_of(rule) | baseline_metrics_of(rule)
    return edition_standing(home, edition, *metrics) if len(metrics) == 1 else None


def registered(state: QuestionState) -> str:
    """Return what a registered question was registered before, or after."""
    first = state.leads.first_at if state.leads else None
    decision = deciding_look(state.looks)
    frozen = state.claim.registration
    if state.registered_first or frozen is None:
        if state.plans:
            return N_("before anything was drawn for it")
        if state.leads:
            return N_("before anybody had said what the photo shows")
        return N_("before its answer was known")
    if first is not None and first < frozen.frozen_at:
        return N_("after the photo had been looked at")
    known = [state.same_at, decision.looked_at if decision else None]
    if any(one is not None and one < frozen.frozen_at for one in known):
        return N_("when its answer was known")
    return N_("after a draw")


def when_registered(state: QuestionState, spoken: Language) -> str:
    """Return in a sentence when a question was registered; "" of one that was not."""
    frozen = state.claim.registration
    if frozen is None:
        return ""
    return spoken.text(
        "The question was registered on %(day)s, %(when)s.",
        day=spoken.day(frozen.frozen_at.date()),
        when=spoken.text(registered(state)),
    )


def _registration(state: QuestionState, spoken: Language) -> Iterator[str]:
    if state.claim.registration is not None:
        yield when_registered(state, spoken)
        if state.leads:
            yield spoken.text("What the machine reads of the photo could be seen by then.")
    elif state.claim.kept_after is not None and not state.claim.draft:
        yield spoken.text("The question was not registered; it was kept after looking.")
    if state.answered_first and not state.leads:
        n = spoken.number(state.answered_first)
        yield spoken.text("People had looked at %(n)s of its photos by then.", n=n)


def _looks(home: Installation, state: QuestionState, spoken: Language) -> Iterator[str]:
    if state.leads and state.leads.coders:
        yield spoken.plural(
            "Nothing is drawn for such a question: one person looked at the lead photo and said"
            " what it is composed around, which decides it.",
            "Nothing is drawn for such a question: %(n)s people looked at the lead photo and said"
            " what it is composed around, which decides it.",
            state.leads.coders,
        )
    elif state.leads:
        yield spoken.text(
            "Nothing is drawn for such a question: what is known of the lead photo decides it."
        )
    elif state.plans:
        yield spoken.text(
            "%(planned)s photos were drawn by chance within strata of the machine’s probability,"
            " and people looked at %(answered)s of them without seeing what the machine says; the"
            " question and the day of a photo could be seen.",
            planned=spoken.number(state.planned),
            answered=spoken.number(state.answered),
        )
        yield spoken.plural(
            "One person coded them.", "%(n)s people coded them.", len(plan_coders(home, state))
        )
        yield spoken.text(
            "It is decided only at looks that were scheduled before; in at most %(level)s of such"
            " questions one of them decides wrongly (alpha spending; Lan & DeMets 1983, doi"
            " 10.1093/biomet/70.3.659, by the function of O’Brien & Fleming within each plan).",
            level=spoken.percent(state.test.level),
        )
    elif state.decision is not None:
        known = N_("What was known already decided it, and nothing was drawn for it.")
        surely = N_(
            "What was known already decided it, and nothing was drawn for it; such a verdict is"
            " wrong in at most %(level)s of cases."
        )
        sure = state.decision.low is None
        yield spoken.text(known if sure else surely, level=spoken.percent(state.test.level))


def _answer(state: QuestionState, document: dict[str, Any], spoken: Language) -> Iterator[str]:
    decision = state.decision
    if state.leads or (decision and not decision.answered):
        yield {
            TruthValue.TRUE: spoken.text("It is true."),
            TruthValue.FALSE: spoken.text("It is false."),
            TruthValue.UNDECIDED: spoken.text("It is undecided so far."),
        }[state.verdict]
    elif decision is None:
        yield spoken.text(
            "It is undecided so far (looks: %(n)s).", n=spoken.number(len(state.looks))
        )
    else:
        after = {
            "n": spoken.number(state.decided_after),
            "answered": spoken.number(decision.answered),
        }
        if decision.verdict is TruthValue.TRUE:
            yield spoken.text(
                "It is true: decided by look %(n)s, after %(answered)s photos.", **after
            )
        else:
            yield spoken.text(
                "It is false: decided by look %(n)s, after %(answered)s photos.", **after
            )
    # The same numbers as above on the page: answers after the look that decided are in them.
    if len(document["comparisons"]) == 1 and document["comparisons"][0]["left"].get("interval"):
        sides = step_values(document["comparisons"][0], spoken)
        yield spoken.text(
            "Measured by all that is known: %(measured)s, compared with %(claimed)s.",
            measured=sides[0],
            claimed=sides[1],
        )
    if document.get("stands"):
        yield spoken.text("%(sentence)s.", sentence=begin_sentence(spoken.say(document["stands"])))
