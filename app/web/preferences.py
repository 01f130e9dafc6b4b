"""Keeps the reader's language, look and name as a coder in cookies, which hold nothing else."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import quote, unquote

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from presslens.app.api.access import PermittedRoute, identity_of, open_to_all
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.questions import Name
from presslens.models.message import Message

router = APIRouter(include_in_schema=False, route_class=PermittedRoute)

CODER = "presslens_coder"
"""The cookie that holds the name of a coder, quoted as in an address."""

YEAR = 365 * 24 * 3600
"""Seconds that a browser keeps a choice."""


@router.post("/preferences")
@open_to_all
def choose(
    back: Annotated[str, Form(max_length=4000)] = "/",
    language: Annotated[Literal["en", "ko"] | None, Form()] = None,
    theme: Annotated[Literal["auto", "light", "dark"] | None, Form()] = None,
    coder: Annotated[Name | None, Form()] = None,
) -> RedirectResponse:
    """Store a choice, and return to the page where it was made."""
    answer = RedirectResponse(own_path(back), status_code=303)
    for name, value in (("presslens_lang", language), ("presslens_theme", theme)):
        if value is not None:
            answer.set_cookie(name, value, max_age=YEAR, httponly=True, samesite="lax")
    if coder is not None:
        remember_coder(answer, coder)
    return answer


def remember_coder(answer: Response, coder: str) -> None:
    """Keep the name that the reader codes under, for the next time that one is asked for."""
    answer.set_cookie(CODER, quote(coder), max_age=YEAR, httponly=True, samesite="lax")


def coder_of(request: Request) -> str | None:
    """Return the name that the reader codes under: of the login, else the given one, else None."""
    return identity_of(request).name or unquote(request.cookies.get(CODER, "")) or None


def named_coder(request: Request, given: str | None) -> str:
    """Return the name that is given, else that which the reader codes under.

    Raises:
        InvalidRequest: There is none.
    """
    name = given or coder_of(request)
    if name is None:
        raise InvalidRequest(Message("say in the account menu as whom you code"))
    return name


def own_path(address: str) -> str:
    """Return an address if it is a path of this server, else that of the start page."""
    if not address.startswith("/") or address.startswith("//") or "\\" in address:
        return "/"
    if not address.isprintable():  # browsers leave tabs and ends of lines out of addresses
        return "/"
    # The language that an address names would win over the choice that was just made.
    path, _, query = address.partition("?")
    params = "&".join(part for part in query.split("&") if part and not part.startswith("lang="))
    return f"{path}?{params}" if params else path
