"""Forms that keep claims: a new one, a new version of one, freezing and removing it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Form, Response
from fastapi.responses import RedirectResponse

from presslens.app.api.access import needs
from presslens.app.api.params import Home, Id, read_query
from presslens.app.installation import Installation
from presslens.app.platform import clock
from presslens.app.platform.errors import Conflict, InvalidRequest
from presslens.app.platform.language import language
from presslens.app.platform.permissions import Permission
from presslens.app.platform.questions import MOST, ask
from presslens.app.platform.text import LONGEST_TEXT
from presslens.app.services.claims.claims import (
    ClaimState,
    NewClaim,
    add_claim,
    find_claim,
    latest_claim,
    remove_claim,
)
from presslens.app.services.claims.registrations import ClaimTest, freeze_claim
from presslens.app.web.claim_form import ClaimForm, form_help
from presslens.app.web.page_router import PageRouter, Render
from presslens.app.web.preferences import coder_of
from presslens.models.message import Message
from presslens.pipelines.statistics.claim.context import LEVEL
from presslens.pipelines.statistics.claim.parser import InvalidRule
from presslens.pipelines.statistics.measure import Inference

router = PageRouter()

BODY = 2**16


class NewClaimForm(ClaimForm):
    """The fields of a claim that is to be kept; ``of`` is the id of the one that it changes."""

    statement: str = ask(default="", max_length=LONGEST_TEXT)
    source: str = ask(default="", max_length=LONGEST_TEXT)
    note: str = ask(default="", max_length=LONGEST_TEXT)
    key: str = ask(default="", max_length=100)
    of: int | None = ask(ge=1, le=MOST)

    def claim(self, key: str | None) -> NewClaim:
        """Return the claim that the fields are.

        Raises:
            InvalidRequest: A field is empty that a claim needs.
        """
        if not self.rule.strip() or self.publication is None or self.first is None:
            raise InvalidRequest("give rule, publication and from")
        return NewClaim(
            statement=self.statement,
            rule=self.rule,
            publication=self.publication,
            first=self.first,
            last=self.last or self.first,
            source=self.source,
            note=self.note.strip() or None,
            key=key,
        )


@router.page("/claims/new", twins=())
@needs(Permission.REVIEW)
def write_claim(
    home: Home, render: Render, form: Annotated[NewClaimForm, read_query(NewClaimForm)]
) -> Response:
    """Show the form of a claim: an empty one, with what the address says, or with a claim's."""
    return _page(home, render, _filled(home, form))


@router.post("/claims/new", max_body_size=BODY, response_model=None)
@needs(Permission.REVIEW)
def store_claim(
    home: Home, render: Render, form: Annotated[NewClaimForm, read_query(NewClaimForm, Form)]
) -> Response:
    """Keep the claim, or its next version, and go to its page."""
    try:
        changed = find_claim(home, form.of) if form.of is not None else None
        key = changed.key if changed else form.key.strip() or None
        if changed is None:
            _check_key(home, key)
        who = coder_of(render.request)
        claim_id, _ = add_claim(home, form.claim(key), coder=who, now=clock.now())
    except InvalidRule:
        return _page(home, render, form, status=422)
    except (InvalidRequest, Conflict) as error:
        return _page(home, render, form, problem=next(iter(error.args), str(error)), status=422)
    return RedirectResponse(f"/claims/{claim_id}", status_code=303)


@router.post("/claims/{claim_id:id}/freeze", max_body_size=BODY)
@needs(Permission.REVIEW)
def freeze_here(
    home: Home,
    render: Render,
    claim_id: Id,
    level: Annotated[float, Form(gt=0, le=0.5)] = LEVEL,
    estimand: Annotated[Inference, Form()] = Inference.THESE,
    recipe: Annotated[bool, Form()] = False,
) -> RedirectResponse:
    """Freeze a claim as it is to be tested, and show what is frozen."""
    who, test = coder_of(render.request), ClaimTest(level, estimand)
    freeze_claim(home, claim_id, test, recipe=recipe, coder=who, now=clock.now())
    return RedirectResponse(f"/claims/{claim_id}#registration", status_code=303)


@router.post("/claims/{claim_id:id}/remove", max_body_size=BODY)
@needs(Permission.REVIEW)
def remove_here(home: Home, render: Render, claim_id: Id) -> RedirectResponse:
    """Remove a claim that is neither frozen nor came with the program."""
    remove_claim(home, claim_id, coder=coder_of(render.request), now=clock.now())
    return RedirectResponse("/claims", status_code=303)


def _check_key(home: Installation, key: str | None) -> None:
    """Check that a new claim becomes no version of another one.

    Raises:
        Conflict: Another claim has its key.
    """
    if key and latest_claim(home, key) is not None:
        raise Conflict(Message("another claim has the key %(key)s", key=key))


def _filled(home: Installation, form: NewClaimForm) -> NewClaimForm:
    """Return a form with what the claim says that it changes, where nothing else is given."""
    if form.of is None or form.rule:
        return form
    claim = find_claim(home, form.of)
    names = ("statement", "rule", "publication", "first", "last", "source", "key")
    values: dict[str, Any] = {name: getattr(claim, name) for name in names}
    return form.model_copy(update={**values, "note": claim.note or ""})


def _page(
    home: Installation,
    render: Render,
    form: NewClaimForm,
    *,
    problem: str | None = None,
    status: int = 200,
) -> Response:
    changed: ClaimState | None = find_claim(home, form.of) if form.of is not None else None
    return render(
        "claim_new.html",
        status=status,
        section="claims",
        problem=problem,
        changed=changed.to_json() if changed else None,
        writes=True,
        **form_help(home, form, language(render.code)),
    )
