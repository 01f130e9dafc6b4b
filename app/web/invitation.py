"""The address of an invitation: its holder chooses a password, and comes to the desk that waits."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Path, Request, Response
from fastapi.responses import RedirectResponse

from presslens.app.api.access import LOGIN_COOKIE, address_of, open_to_all
from presslens.app.api.params import Home
from presslens.app.api.rate_limits import RateLimits
from presslens.app.installation import Installation
from presslens.app.platform import clock
from presslens.app.platform.errors import InvalidRequest, NotFound
from presslens.app.platform.permissions import Permission
from presslens.app.services.accounts.accounts import Account
from presslens.app.services.accounts.invitations import (
    Invitation,
    accept_invitation,
    find_invitation,
)
from presslens.app.services.accounts.logins import begin_login
from presslens.app.services.accounts.passwords import LONGEST, SHORTEST
from presslens.app.services.reviews.coding import waiting_sample
from presslens.app.web.login import keeps_cookies, set_login
from presslens.app.web.page_router import PageRouter, Render
from presslens.models.message import Message

router = PageRouter()

Token = Annotated[str, Path(max_length=80)]


@router.get("/i/{token}")
@open_to_all
def show_invitation(home: Home, render: Render, request: Request, token: Token) -> Response:
    """Show the form in which the holder of an invitation chooses a password."""
    return _form(render, _find(home, request, token))


@router.post("/i/{token}", max_body_size=2**16)
@open_to_all
def accept(
    home: Home,
    render: Render,
    request: Request,
    token: Token,
    password: Annotated[str, Form(max_length=LONGEST)] = "",
    again: Annotated[str, Form(max_length=LONGEST)] = "",
) -> Response:
    """Add the account, sign its holder in, and go on to the desk that waits.

    Raises:
        TooManyRequests: Too many passwords came from this address.
    """
    limits: RateLimits = request.app.state.rate_limits
    invitation = _find(home, request, token)
    address, now = address_of(request), clock.now()
    limits.count_try(address, f"invitation {invitation.id}")
    if password != again:
        return _form(render, invitation, problem=Message("the two passwords differ"))
    try:
        account = accept_invitation(home, token, password, now=now, address=address)
    except InvalidRequest as error:
        return _form(render, invitation, problem=error.args[0])
    if account is None:
        raise _unknown()
    answer = RedirectResponse(_desk(home, account), status_code=303)
    before = request.cookies.get(LOGIN_COOKIE)
    login = begin_login(home, account.id, now=now, address=address, replacing=before)
    set_login(answer, login)
    return answer


def _desk(home: Installation, account: Account) -> str:
    """Return the address of the desk that waits for an account; else that of the start page."""
    if Permission.REVIEW not in account.role.permissions:
        return "/"
    sample = waiting_sample(home, account.name)
    return "/review" if sample is None else f"/review/{sample}"


def _find(home: Installation, request: Request, token: str) -> Invitation:
    """Return the invitation of a token.

    Raises:
        NotFound: It opens nothing; who has its secret is told why.
        TooManyRequests: Too many invitations from this address opened nothing.
    """
    limits: RateLimits = request.app.state.rate_limits
    try:
        invitation = find_invitation(home, token, now=clock.now())
    except NotFound:
        limits.count_failure(address_of(request))
        raise
    if invitation is None:
        limits.count_failure(address_of(request))
        raise _unknown()
    return invitation


def _unknown() -> NotFound:
    return NotFound(Message("this invitation opens nothing: look whether its address is whole"))


def _form(render: Render, invitation: Invitation, *, problem: str | None = None) -> Response:
    answer = render(
        "invitation.html",
        status=422 if problem else 200,
        works=keeps_cookies(render.request),
        invitation=invitation,
        problem=problem,
        shortest=SHORTEST,
        longest=LONGEST,
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer
