"""Claims: the list with verdicts, one claim with its evidence, and rules that are tried out.

Opening a page writes nothing. The verdict on a frozen claim is shown only as far as it is known
from its logged looks; looking anew is a button, which logs the look.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any

from fastapi import Query, Response
from fastapi.responses import RedirectResponse
from pydantic import Field

from presslens.app.api import links
from presslens.app.api.access import needs
from presslens.app.api.params import Home, Id
from presslens.app.platform import clock
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.language import Language, language
from presslens.app.platform.permissions import Permission
from presslens.app.platform.questions import Day, Name
from presslens.app.services.catalogue.publications import publication_names
from presslens.app.services.claims.claims import ClaimFilter, find_claim, list_claims
from presslens.app.services.claims.families import family_method
from presslens.app.services.claims.verdicts import claim_verdict
from presslens.app.web.citation import citation
from presslens.app.web.claim_form import LONGEST_RULE, ClaimForm, checked_rule, form_help
from presslens.app.web.claim_list import (
    COLUMNS,
    ClaimQuery,
    claim_documents,
    claim_rows,
    judged,
    parted,
)
from presslens.app.web.claim_sentences import evidence_words, outcome, verdict_sentence
from presslens.app.web.claim_steps import STEP_COLUMNS, step_rows, steps_for_readers
from presslens.app.web.claim_words import Word, scope_of, words_of
from presslens.app.web.page_router import PageRouter, Render, Rows
from presslens.pipelines.statistics.claim.lexer import InvalidRule
from presslens.pipelines.statistics.claim.parser import parse
from presslens.pipelines.statistics.corrections import Correction
from presslens.pipelines.statistics.measure import Inference

router = PageRouter()

RuleField = Annotated[str, Query(max_length=LONGEST_RULE)]
LevelField = Annotated[float, Field(gt=0, le=0.5)] | None


@router.page("/claims")
@needs(Permission.READ)
def show_claims(
    home: Home,
    render: Render,
    publication: Name | None = None,
    first: Annotated[Day | None, Query(alias="from")] = None,
    last: Annotated[Day | None, Query(alias="to")] = None,
    source: Name | None = None,
    text: Name | None = None,
    state: Annotated[str, Field(pattern="true|false|undecided|frozen")] | None = None,
    family: Correction | None = None,
) -> Response:
    """Show the claims with their verdicts, alone or corrected for each other."""
    spoken = language(render.code)
    criteria = ClaimFilter(publication, first, last)
    asked = ClaimQuery(criteria, source, text, state, family)
    form = ClaimForm(publication=publication)
    present, absent = parted(home, asked)
    together = family_method(family, len(present)) if family is not None and present else None
    return render(
        "claims.html",
        document=lambda: {
            "recipe": home.recipe.id,
            "claims": list(claim_documents(home, asked)),
            "family": together,
        },
        table=lambda: Rows(COLUMNS, claim_rows(claim_documents(home, asked))),
        section="claims",
        asked=asked,
        publications=publication_names(home),
        claims=lambda: judged(home, present, asked),
        absent=[claim.to_json() for claim in absent]
        if state in (None, "frozen", "undecided")
        else [],
        together=together,
        sentence=lambda claim: verdict_sentence(claim, spoken),
        **form_help(home, form, spoken),
    )


@router.page("/claims/{claim_id:id}")
@needs(Permission.READ)
def show_claim(home: Home, render: Render, claim_id: Id) -> Response:
    """Show one version of a claim; of a frozen one the verdict as far as it is known."""
    spoken = language(render.code)
    state = find_claim(home, claim_id)
    claim = state.to_json()

    @cache
    def known() -> dict[str, Any]:
        return _known_verdict(home, claim_id)

    return render(
        "claim.html",
        document=lambda: {"verdict": None, **known()},
        table=lambda: Rows(STEP_COLUMNS, step_rows(known()) if "verdict" in known() else ()),
        section="claims",
        claim=claim,
        told=lambda: _verdict_values(known(), spoken),
        registered=lambda: known().get("registered"),
        looks=lambda: known().get("looks", []),
        looks_count=lambda: known().get("looks_count", 0),
        versions=lambda: [
            one.to_json()
            for one in list_claims(home, ClaimFilter(key=state.key, versions=True), limit=50).items
        ],
        citation=citation(render, state.statement, home.recipe.id, spoken),
    )


def _known_verdict(home: Home, claim_id: int) -> dict[str, Any]:
    """Return the verdict on a claim; of a frozen one without what no logged look has told."""
    found = claim_verdict(home, claim_id, now=clock.now(), log=False)
    document = links.verdict_document(found.to_json())
    if found.repeats_last_look:
        return document
    kept = ("claim", "registered", "looks", "looks_count", "recipe", "publication", "from", "to")
    return {**{key: document[key] for key in kept}, "not_looked_at": True}


@router.post("/claims/{claim_id:id}/look")
@needs(Permission.REVIEW)
def look_at_claim(home: Home, claim_id: Id) -> RedirectResponse:
    """Judge a frozen claim by the editions at hand now, log the look, and return to its page."""
    claim_verdict(home, claim_id, now=clock.now())
    return RedirectResponse(f"/claims/{claim_id}#verdict", status_code=303)


@router.page("/claims/test")
@needs(Permission.READ)
def try_rule(
    home: Home,
    render: Render,
    rule: RuleField = "",
    publication: Name | None = None,
    first: Annotated[Day | None, Query(alias="from")] = None,
    last: Annotated[Day | None, Query(alias="to")] = None,
    level: LevelField = None,
    estimand: Inference | None = None,
) -> Response:
    """Judge a rule that is not kept; the address is its permalink."""
    spoken = language(render.code)
    form = ClaimForm(rule, publication, first, last or first, level, estimand)
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
        return links.verdict_document(form.judged(home).to_json())

    return render(
        "claim_test.html",
        document=tested if readable else None,
        table=lambda: Rows(STEP_COLUMNS, step_rows(tested())),
        status=422 if form.complete and not readable else 200,
        section="claims",
        problem=problem,
        readable=readable,
        told=lambda: _verdict_values(tested(), spoken),
        citation=citation(render, rule, home.recipe.id, spoken),
        command=form.command if readable else "",
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


def _verdict_values(document: dict[str, Any], spoken: Language) -> dict[str, Any]:
    """Return what the template of a verdict reads; ``verdict`` is None where none is shown."""
    if "verdict" not in document:
        return {"verdict": None}
    rule = parse(document["rule"])
    words: list[Word] = words_of(rule, spoken)
    return {
        "verdict": document,
        "outcome": outcome(document["verdict"], spoken),
        "sentence": verdict_sentence(document, spoken),
        "steps": steps_for_readers(document, spoken),
        "words": words,
        "scope": scope_of(rule, spoken),
        "evidence_words": lambda name: evidence_words(name, spoken),
    }
