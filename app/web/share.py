"""Share links: the form that makes them, the list of them, and the address that opens one."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Form, Path, Request, Response
from fastapi.responses import RedirectResponse

from presslens.app.api.access import (
    LINK_COOKIE,
    address_of,
    identity_of,
    needs,
    open_to_all,
    shows_secret,
)
from presslens.app.api.params import Home
from presslens.app.api.rate_limits import RateLimits
from presslens.app.installation import Installation
from presslens.app.platform import clock
from presslens.app.platform.errors import NotFound
from presslens.app.platform.permissions import Permission
from presslens.app.platform.text import LONGEST_NAME
from presslens.app.services.accounts.identity import Identity, Via
from presslens.app.services.accounts.passwords import LONGEST
from presslens.app.services.accounts.share_links import (
    LONGEST_DAYS,
    LONGEST_TARGET,
    NewShareLink,
    ShareLink,
    add_link,
    find_link,
    list_links,
    open_link,
    revoke_link,
)
from presslens.app.web.login import keeps_cookies
from presslens.app.web.page_router import PageRouter, Render
from presslens.models.message import Message

router = PageRouter()

Token = Annotated[str, Path(max_length=80)]
PERSONAL = (Via.LOGIN, Via.LOOPBACK)
"""Who sees more than a link opens: they keep their own rights."""


@router.page("/share", twins=())
@needs(Permission.READ)
def show_links(home: Home, render: Render, request: Request) -> Response:
    """Show the links that one has made."""
    return _page(home, render, identity_of(request))


@router.post("/share", max_body_size=2**16)
@needs(Permission.READ)
@shows_secret
def change_links(
    home: Home,
    render: Render,
    request: Request,
    action: Annotated[Literal["add", "revoke"], Form()],
    target: Annotated[str, Form(max_length=LONGEST_TARGET)] = "",
    days: Annotated[int, Form(ge=1, le=LONGEST_DAYS)] = 30,
    note: Annotated[str, Form(max_length=LONGEST_NAME)] = "",
    password: Annotated[str, Form(max_length=LONGEST)] = "",
    link: Annotated[str, Form(max_length=16)] = "",
) -> Response:
    """Make a link, whose address is shown once; or revoke one."""
    by, now = identity_of(request), clock.now()
    if action == "revoke":
        revoke_link(home, link, by=by, now=now)
        return RedirectResponse("/share", status_code=303)
    made = add_link(home, target, days=days, note=note, password=password or None, by=by, now=now)
    return _page(home, render, by, made=made)


@router.get("/s/{token}")
@open_to_all
def follow(home: Home, render: Render, request: Request, token: Token) -> Response:
    """Open a link, or ask for its password."""
    link = _find(home, request, token)
    signed_in = identity_of(request).via in PERSONAL
    if not signed_in and (link.has_password or not keeps_cookies(request)):
        return _ask(render, request)
    return _open(home, request, link, token, "") or _ask(render, request)


@router.post("/s/{token}", max_body_size=2**16)
@open_to_all
def unlock(
    home: Home,
    render: Render,
    request: Request,
    token: Token,
    password: Annotated[str, Form(max_length=LONGEST)] = "",
) -> Response:
    """Open a link by its password.

    Raises:
        TooManyRequests: Too many passwords were tried.
    """
    limits: RateLimits = request.app.state.rate_limits
    link = _find(home, request, token)
    limits.count_try(address_of(request), f"link {link.id}")
    answer = _open(home, request, link, token, password)
    if answer is None:
        return _ask(render, request, wrong=True)
    return answer


def _find(home: Installation, request: Request, token: str) -> ShareLink:
    """Return the link of a token.

    Raises:
        NotFound: It opens nothing.
        TooManyRequests: Too many links from this address opened nothing.
    """
    link = find_link(home, token, now=clock.now())
    if link is None:
        limits: RateLimits = request.app.state.rate_limits
        limits.count_failure(address_of(request))
        raise NotFound(Message("this link opens nothing: it is wrong, over or revoked"))
    return link


def _open(
    home: Installation, request: Request, link: ShareLink, token: str, password: str
) -> Response | None:
    """Return the way to what a link opens; None if its password is another one."""
    who, address = identity_of(request), address_of(request)
    answer = RedirectResponse(link.target, status_code=303)
    if who.via in PERSONAL:
        return answer
    cookie = open_link(home, token, password, by=who, now=clock.now(), address=address)
    if cookie is None:
        return None
    answer.set_cookie(LINK_COOKIE, cookie, secure=True, httponly=True, samesite="lax")
    return answer


def _ask(render: Render, request: Request, *, wrong: bool = False) -> Response:
    status = 401 if wrong else 200
    return render("share_open.html", status=status, works=keeps_cookies(request), wrong=wrong)


def _page(
    home: Installation, render: Render, who: Identity, *, made: NewShareLink | None = None
) -> Response:
    answer = render(
        "share.html",
        section="share",
        links=list_links(home, by=who),
        made=made,
        server=str(render.request.base_url).rstrip("/"),
        now=clock.now(),
    )
    if made is not None:
        answer.headers["Cache-Control"] = "no-store"
    return answer
