"""Signing in and out in a browser, by name and password."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from presslens.app.api.access import LOGIN_COOKIE, address_of, open_to_all
from presslens.app.api.params import Home
from presslens.app.api.rate_limits import RateLimits
from presslens.app.platform import clock
from presslens.app.platform.settings import is_loopback
from presslens.app.platform.text import LONGEST_NAME, fold_name
from presslens.app.services.accounts.logins import LASTS, NewLogin, sign_in, sign_out
from presslens.app.services.accounts.passwords import LONGEST
from presslens.app.web.page_router import PageRouter, Render
from presslens.app.web.preferences import own_path

router = PageRouter()


@router.page("/login", twins=())
@open_to_all
def show_login(
    home: Home,
    render: Render,
    request: Request,
    next_path: Annotated[str, Query(alias="next", max_length=4000)] = "/",
) -> Response:
    """Show the form, or what is missing for it to work."""
    return _form(render, request, home.settings.login_required, next_path)


@router.post("/login", max_body_size=2**16)
@open_to_all
def begin(
    home: Home,
    render: Render,
    request: Request,
    name: Annotated[str, Form(max_length=LONGEST_NAME)] = "",
    password: Annotated[str, Form(max_length=LONGEST)] = "",
    next_path: Annotated[str, Form(alias="next", max_length=4000)] = "/",
) -> Response:
    """Sign in, and go on to the page that asked for it; the login that was before ends.

    Raises:
        TooManyRequests: Too many passwords came from this address, or for this name.
    """
    limits: RateLimits = request.app.state.rate_limits
    address = address_of(request)
    limits.count_try(address, f"name {fold_name(name)}")
    login = sign_in(
        home,
        name,
        password,
        now=clock.now(),
        address=address,
        replacing=request.cookies.get(LOGIN_COOKIE),
    )
    if login is None:
        return _form(
            render, request, home.settings.login_required, next_path, name=name, wrong=True
        )
    answer = RedirectResponse(own_path(next_path), status_code=303)
    set_login(answer, login)
    return answer


@router.post("/logout")
@open_to_all
def end(home: Home, request: Request) -> RedirectResponse:
    """End the login of this browser; twice is the same as once."""
    token = request.cookies.get(LOGIN_COOKIE)
    if token:
        sign_out(home, token, now=clock.now())
    answer = RedirectResponse("/login", status_code=303)
    answer.delete_cookie(LOGIN_COOKIE, secure=True, httponly=True, samesite="lax")
    return answer


def set_login(answer: Response, login: NewLogin) -> None:
    """Give a browser the cookie of its login, which no script and no other site sees."""
    answer.set_cookie(
        LOGIN_COOKIE,
        login.token,
        max_age=int(LASTS.total_seconds()),
        secure=True,
        httponly=True,
        samesite="lax",
    )


def keeps_cookies(request: Request) -> bool:
    """Return whether a browser keeps a cookie for secure origins alone from here.

    It does over HTTPS, and on its own machine.
    """
    host = request.url.hostname or ""
    return request.url.scheme == "https" or is_loopback(host) or host.endswith(".localhost")


def _form(
    render: Render,
    request: Request,
    required: bool,
    next_path: str,
    *,
    name: str = "",
    wrong: bool = False,
) -> Response:
    return render(
        "login.html",
        status=401 if wrong else 200,
        required=required,
        works=keeps_cookies(request),
        next_path=own_path(next_path),
        name=name,
        wrong=wrong,
    )
