"""Claims: the list with verdicts, one claim with its evidence, and rules that are tried out.

Opening a page writes nothing. The verdict on a frozen claim is shown only as far as it is known
from its logged looks; looking anew is a button, which logs the look.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cache
from itertools import islice
from typing import Annotated, Any

from fastapi import Query, Response
from fastapi.responses import RedirectResponse
from pydantic import Field

from presslens.app.api import links
from presslens.app.api.access import needs
from presslens.app.api.params import Home, Id, read_query
from presslens.app.charts.statistic import PlottedClaim
from presslens.app.installation import Installation
from presslens.app.platform import clock
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.language import Language, language
from presslens.app.platform.permissions import Permission
from presslens.app.platform.questions import MOST, Name, ask
from presslens.app.services.catalogue.edition_query import EditionQuery
from presslens.app.services.catalogue.publications import publication_names
from presslens.app.services.claims.claims import (
    ClaimFilter,
    ClaimState,
    claims_at_hand,
    find_claim,
    iterate_claims,
    list_claims,
)
from presslens.app.services.claims.evidence import MOST as MOST_PHOTOS
from presslens.app.services.claims.evidence import lead_photos
from presslens.app.services.claims.families import MOST_CLAIMS, family_method, judge_claims
from presslens.app.services.claims.verdicts import claim_verdict
from presslens.app.services.questions.questions import first_asked, question_state
from presslens.app.services.statistics.calendar import edition_calendar
from presslens.app.web.ask_words import asked_title
from presslens.app.web.citation import citation
from presslens.app.web.claim_form import LONGEST_RULE, ClaimForm, checked_rule, form_help
from presslens.app.web.claim_sentences import (
    comparison_sides,
    evidence_words,
    outcome,
    side_words,
    step_values,
    verdict_sentence,
)
from presslens.app.web.claim_words import Word, scope_of, words_of
from presslens.app.web.page_router import CITED, PageRouter, Render, Rows
from presslens.app.web.question_methods import (
    cited_facts,
    claim_standing,
    methods_sentences,
    when_registered,
)
from presslens.pipelines.statistics.claim.parser import InvalidRule, parse
from presslens.pipelines.statistics.claim.tree import (
    Comparison,
    Measured,
    Number,
    OverEditions,
    asks_leads_alone,
    walk,
)
from presslens.pipelines.statistics.corrections import Correction
from presslens.pipelines.statistics.measure import Zone

COLUMNS = (
    "id", "key", "version", "statement", "rule", "publication", "from", "to", "source", "note",
    "seeded", "frozen_at", "verdict", "n", "reasons", "p_true_adjusted", "p_false_adjusted",
)  # fmt: skip

STEP_COLUMNS = (
    "edition", "date", "comparison", "left", "left_low", "left_high", "operator", "right",
    "right_low", "right_high", "verdict", "n", "method", "reasons",
)  # fmt: skip

CHARTED_BEFORE, CHARTED_AFTER = timedelta(days=92), timedelta(days=31)
"""How far the chart of a claim reaches beyond its days."""

router = PageRouter()

RuleField = Annotated[str, Query(max_length=LONGEST_RULE)]
ClaimId = Annotated[int | None, Query(ge=1, le=MOST)]


class ClaimQuery(EditionQuery):
    """Which claims are listed, and how they are judged; None means any."""

    source: Name | None = ask()
    # Contained in the statement, the source, the note or the key; letter case is ignored.
    text: Name | None = ask()
    state: Annotated[str, Field(pattern="true|false|undecided|frozen")] | None = ask()
    # How all of them are corrected for each other; None: each is judged alone.
    family: Correction | None = ask()
    # Those that are chosen by their keys; none: all.
    keys: Annotated[list[Name], Field(max_length=MOST_CLAIMS)] = ask(default=[], alias="key")

    @property
    def criteria(self) -> ClaimFilter:
        """The claims about this newspaper and these days."""
        return ClaimFilter(publication=self.publication, first=self.first, last=self.last)

    def admits(self, claim: ClaimState) -> bool:
        """Return whether a claim is listed, whatever its verdict is."""
        if self.source is not None and claim.source != self.source:
            return False
        if self.keys and claim.key not in self.keys:
            return False
        if self.state == "frozen" and claim.registration is None:
            return False
        if self.family is not None and claim.registration is not None:
            return False
        texts = (claim.statement, claim.source, claim.note or "", claim.key)
        return self.text is None or any(self.text.lower() in one.lower() for one in texts)


@router.page("/claims")
@needs(Permission.READ)
def show_claims(
    home: Home,
    render: Render,
    query: Annotated[ClaimQuery, read_query(ClaimQuery)],
) -> Response:
    """Show the claims with their verdicts, alone or corrected for each other."""
    spoken = language(render.code)
    form = ClaimForm(publication=query.publication)
    present, absent = parted(home, query)
    held = claims_at_hand(home, absent, any_day=True)
    shown = query.state in (None, "frozen", "undecided")
    together = family_method(query.family, len(present)) if query.family and present else None
    return render(
        "claims.html",
        document=lambda: {
            "recipe": home.recipe.id,
            "claims": list(claim_documents(home, query)),
            "family": together,
        },
        table=lambda: Rows(COLUMNS, claim_rows(claim_documents(home, query))),
        section="claims",
        selection=query,
        publications=publication_names(home),
        claims=lambda: judged(home, present, query),
        absent=[claim.to_json() for claim in absent if shown and claim.id in held],
        elsewhere=[claim.to_json() for claim in absent if shown and claim.id not in held],
        asked=bool(query.publication or query.text or query.source or query.keys),
        together=together,
        sentence=lambda claim: verdict_sentence(claim, spoken),
        **form_help(home, form, spoken),
    )


@router.page("/claims/{claim_id:id}", twins=CITED)
@needs(Permission.READ)
def show_claim(home: Home, render: Render, claim_id: Id) -> Response:
    """Show one version of a claim; of a frozen one the verdict as far as it is known."""
    spoken = language(render.code)
    state = find_claim(home, claim_id)
    claim, question = state.to_json(), question_state(home, claim_id)

    @cache
    def logged() -> dict[str, Any]:
        return _logged_verdict(home, claim_id)

    return render(
        "claim.html",
        document=lambda: {"verdict": None, **logged()},
        table=lambda: Rows(STEP_COLUMNS, step_rows(logged()) if "verdict" in logged() else ()),
        section="claims",
        claim=claim,
        verdict_values=lambda: verdict_values(logged(), spoken),
        registered=lambda: logged().get("registered"),
        looks=lambda: logged().get("looks", []),
        looks_count=lambda: logged().get("looks_count", 0),
        versions=lambda: [
            one.to_json()
            for one in list_claims(home, ClaimFilter(key=state.key, versions=True), limit=50).items
        ],
        cite=lambda: citation(
            home,
            render,
            cited_title(state, spoken),
            home.recipe.id,
            spoken,
            thing=f"claim {state.key} {state.version}",
            facts=cited_facts(question, logged().get("verdict")),
        ),
        question=question if question.looks else None,
        registered_when=lambda: when_registered(question, spoken),
        standing=lambda: claim_standing(home, state, logged()),
        charted=lambda: charted(state),
        leads=lambda: lead_days(home, state, logged().get("verdict")),
        methods=lambda: methods_sentences(
            home, question, first_asked(home, question), logged(), spoken
        ),
    )


def cited_title(state: ClaimState, spoken: Language) -> str:
    """Return what a claim is cited as: what it says, of which newspaper and days."""
    paper, days = spoken.newspaper(state.publication), spoken.days(state.first, state.last)
    return f"{asked_title(state.to_json(), spoken).rstrip('.')} ({paper}, {days})"


def charted(state: ClaimState) -> dict[str, Any] | None:
    """Return the timeline of the number that a claim is about, around its days; None: of none."""
    sides = (part.left for part in walk(parse(state.rule)) if isinstance(part, Comparison))
    measured = (part for side in sides for part in walk(side) if isinstance(part, Measured))
    metric = next((part.metric for part in measured), None)
    if metric is None:
        return None
    return {
        "publication": state.publication,
        "metric": metric.name,
        "page": metric.zone.value if metric.zone is not Zone.ALL else None,
        "from": state.first - CHARTED_BEFORE,
        "to": state.last + CHARTED_AFTER,
        "by": "edition",
    }


def lead_days(home: Installation, state: ClaimState, verdict: str | None) -> list[dict[str, Any]]:
    """Return the lead photos of a claim about them: of its last days, and of editions before.

    Before it is decided none is shown: who is to look at a photo does not see how it is read.
    """
    if verdict not in ("true", "false") or not asks_leads_alone(parse(state.rule)):
        return []
    since = state.first - CHARTED_BEFORE
    calendar = edition_calendar(home, state.publication, since, state.last)
    known = [one for one in calendar.days if one.front_lead_focus][-MOST_PHOTOS:]
    with home.database.read() as session:
        found = lead_photos(session, home.recipe, [one.edition for one in known if one.edition])
    photos = {one.edition: one.id for one in found}
    return [
        {
            "day": one.day,
            "focus": one.front_lead_focus,
            "photo": photos[one.edition],
            "asked": one.day >= state.first,
        }
        for one in known
        if one.edition in photos
    ]


def plotted_claim(
    home: Installation, claim_id: int, spoken: Language
) -> tuple[dict[str, Any] | None, PlottedClaim]:
    """Return what timeline a claim is charted on, and what is marked there.

    What no logged look has told is not marked.
    """
    state = find_claim(home, claim_id)
    asked = charted(state)
    judged = _logged_verdict(home, claim_id, details=False)
    # What is sent on says whether it is so.
    says = spoken.text(
        "%(claim)s: %(verdict)s.",
        claim=asked_title(state.to_json(), spoken).rstrip(".?"),
        verdict=outcome(judged.get("verdict"), spoken).lower(),
    )
    plain = PlottedClaim(says, state.first, state.last, "")
    steps = judged.get("comparisons", [])
    if len(steps) != 1:
        return asked, plain
    left, right = comparison_sides(steps[0]["comparison"])
    step, against = _step(steps[0], spoken), steps[0]["right"]
    measured = replace(plain, measured=step["measured"])
    number = left.inner if isinstance(left, OverEditions) and left.function == "mean" else left
    if not isinstance(number, Measured) or not isinstance(against["value"], int | float):
        return asked, measured
    is_number = isinstance(right, Number)
    words = spoken.text("what is claimed") if is_number else side_words(right, spoken)
    return asked, replace(
        measured,
        against=f"{words}: {step['claimed']}",
        value=against["value"],
        interval=against["interval"],
    )


def _logged_verdict(home: Home, claim_id: int, *, details: bool = True) -> dict[str, Any]:
    """Return the verdict on a claim; of a frozen one without what no logged look has told."""
    verdict = claim_verdict(home, claim_id, now=clock.now(), log=False, details=details)
    document = links.linked_verdict(verdict).to_json()
    if verdict.repeats_last_look:
        return document
    keys = ("claim", "registered", "looks", "looks_count", "recipe", "publication", "from", "to")
    return {**{key: document[key] for key in keys}, "not_looked_at": True}


@router.post("/claims/{claim_id:id}/look")
@needs(Permission.REVIEW)
def look_at_claim(home: Home, claim_id: Id) -> RedirectResponse:
    """Judge a frozen claim by the editions at hand now, log the look, and return to its page."""
    claim_verdict(home, claim_id, now=clock.now())
    return RedirectResponse(f"/claims/{claim_id}#verdict", status_code=303)


@router.page("/claims/test", twins=CITED)
@needs(Permission.READ)
def try_rule(
    home: Home,
    render: Render,
    sent: Annotated[ClaimForm, read_query(ClaimForm)],
) -> Response:
    """Judge a rule that is not kept; the address is its permalink."""
    spoken = language(render.code)
    form = sent.model_copy(update={"last": sent.last or sent.first})
    problem, readable = None, False
    if form.complete:
        try:
            form.check()
            readable = True
        except (InvalidRequest, InvalidRule) as error:
            if not render.is_html:
                raise
            problem = str(error) if isinstance(error, InvalidRequest) else None
    elif not render.is_html:
        raise InvalidRequest("give rule, publication and from")

    @cache
    def tested() -> dict[str, Any]:
        return links.linked_verdict(form.judged(home)).to_json()

    return render(
        "claim_test.html",
        document=tested if readable else None,
        table=lambda: Rows(STEP_COLUMNS, step_rows(tested())),
        status=422 if form.complete and not readable else 200,
        section="claims",
        problem=problem,
        readable=readable,
        verdict_values=lambda: verdict_values(tested(), spoken),
        cite=lambda: citation(home, render, form.rule, home.recipe.id, spoken),
        **form_help(home, form, spoken),
    )


@router.page("/claims/check", twins=())
@needs(Permission.READ)
def check_rule(
    home: Home,
    render: Render,
    rule: RuleField = "",
    publication: Name | None = None,  # noqa: ARG001 - the whole form is sent
    first: Annotated[str, Query(alias="from")] = "",  # noqa: ARG001
    last: Annotated[str, Query(alias="to")] = "",  # noqa: ARG001
    level: str = "",  # noqa: ARG001
    estimand: str = "",  # noqa: ARG001
) -> Response:
    """Return what a rule means, or where it can't be read, as a part of the page with the form."""
    del home
    return render("claim_check.html", check=checked_rule(rule, language(render.code)))


def verdict_values(document: dict[str, Any], spoken: Language) -> dict[str, Any]:
    """Return what the template of a verdict reads; ``verdict`` is None where none is shown."""
    if "verdict" not in document:
        return {"verdict": None}
    rule = parse(document["rule"])
    words: list[Word] = words_of(rule, spoken)
    said = outcome(document["verdict"], spoken)
    if document["unchecked"] and document["verdict"] != "undecided":
        said = spoken.text("%(verdict)s, as the machine reads it", verdict=said)
    return {
        "verdict": document,
        "outcome": said,
        "sentence": verdict_sentence(document, spoken),
        "steps": steps_for_readers(document, spoken),
        "words": words,
        "scope": scope_of(rule, spoken),
        "evidence_words": lambda name: evidence_words(name, spoken),
    }


def step_rows(verdict: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the comparisons of a verdict as rows of ``STEP_COLUMNS``."""
    for step in verdict["comparisons"]:
        yield {
            **{key: step[key] for key in ("edition", "date", "comparison", "operator", "verdict")},
            **_side("left", step["left"]),
            **_side("right", step["right"]),
            "n": step["left"].get("n"),
            "method": step["left"].get("method"),
            "reasons": "; ".join(step["reasons"]),
        }


def _side(name: str, side: Mapping[str, Any]) -> dict[str, Any]:
    low, high = side.get("interval") or (None, None)
    return {name: side["value"], f"{name}_low": low, f"{name}_high": high}


def steps_for_readers(verdict: Mapping[str, Any], spoken: Language) -> list[dict[str, Any]]:
    """Return the comparisons with their numbers in words, in the order of the verdict."""
    return [_step(step, spoken) for step in verdict["comparisons"]]


def _step(step: Mapping[str, Any], spoken: Language) -> dict[str, Any]:
    measured, claimed = step_values(step, spoken)
    return {
        **step,
        "name": side_words(comparison_sides(step["comparison"])[0], spoken),
        "measured": measured,
        "claimed": claimed,
        "method": step["left"].get("method", ""),
    }


def claim_documents(home: Installation, query: ClaimQuery) -> Iterator[dict[str, Any]]:
    """Yield each claim with its verdict, as soon as it is judged; those with editions come first.

    ``verdict`` is None for a frozen claim whose verdict nobody has looked at as it is today.
    """
    present, absent = parted(home, query)
    if query.family is not None:
        absent = []  # claims about days without editions have no chance to be wrong
    yield from judged(home, [*present, *absent], query)


def parted(home: Installation, query: ClaimQuery) -> tuple[list[ClaimState], list[ClaimState]]:
    """Return the claims of whose days an edition is at hand, and the others; neither is judged."""
    claims = [claim for claim in _claims(home, query) if query.admits(claim)]
    at_hand = claims_at_hand(home, claims)
    return (
        [claim for claim in claims if claim.id in at_hand],
        [claim for claim in claims if claim.id not in at_hand],
    )


def judged(
    home: Installation, claims: list[ClaimState], query: ClaimQuery
) -> Iterator[dict[str, Any]]:
    """Yield claims with their verdicts, those whose verdict is asked for."""
    if query.family is not None and claims:
        documents = _together(home, claims, query.family)
    else:
        documents = (_alone(home, claim) for claim in claims)
    for document in documents:
        if query.state in (None, "frozen") or document["verdict"] == query.state:
            yield document


def claim_rows(documents: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield claims with their verdicts as rows of ``COLUMNS``."""
    for one in documents:
        yield {**one, "reasons": "; ".join(one["reasons"])}


def _claims(home: Installation, query: ClaimQuery) -> list[ClaimState]:
    return list(islice(iterate_claims(home, query.criteria), MOST_CLAIMS))


def _alone(home: Installation, claim: ClaimState) -> dict[str, Any]:
    verdict = claim_verdict(home, claim.id, now=clock.now(), log=False, details=False)
    if not verdict.repeats_last_look:
        return {**claim.to_json(), "verdict": None, "n": None, "reasons": []}
    return {**claim.to_json(), **_judgement(verdict.to_json())}


def _judgement(verdict: Mapping[str, Any]) -> dict[str, Any]:
    keys = "verdict", "n", "reasons", "comparisons", "comparisons_left_out", "level", "recipe"
    return {key: verdict[key] for key in (*keys, "unchecked")}


def _together(
    home: Installation, claims: list[ClaimState], correction: Correction
) -> Iterator[dict[str, Any]]:
    family = judge_claims(home, claims, correction=correction).to_json()["claims"]
    for claim, member in zip(claims, family, strict=True):
        yield {
            **_alone(home, claim),
            "verdict": member["verdict"],
            "verdict_alone": member["verdict_alone"],
            "p_true_adjusted": member["p_true_adjusted"],
            "p_false_adjusted": member["p_false_adjusted"],
        }
