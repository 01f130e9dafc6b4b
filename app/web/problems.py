"""Errors as pages, for readers; programs get them as problem details."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from presslens.app.api import links
from presslens.app.api.access import identity_of, may_call
from presslens.app.api.problem import Problem
from presslens.app.platform.language import choose_language, language
from presslens.app.web.addresses import Addresses
from presslens.app.web.page_router import FORMATS
from presslens.app.web.preferences import coder_of
from presslens.app.web.security import PAGE_HEADERS
from presslens.app.web.static_files import build
from presslens.app.web.templating import context, environment


def problem_page(request: Request, problem: Problem) -> Response | None:
    """Return an error as a page; None where a program asks, which the API's address or data tell.

    Args:
        request: The request that failed.
        problem: What was wrong.
    """
    headers, path = request.headers, request.url.path
    if path.startswith(f"{links.ROOT}/") or path.rpartition(".")[2] in FORMATS:
        return None
    if "text/html" not in headers.get("accept", ""):
        return None
    if problem.status == HTTPStatus.UNAUTHORIZED and request.method == "GET":
        here = f"{path}?{request.url.query}" if request.url.query else path
        return RedirectResponse(f"/login?next={quote(here, safe='')}", status_code=303)
    requested = request.query_params.get("lang")
    code = choose_language(requested, request.cookies, headers.get("accept-language", ""))
    spoken = language(code)
    headings = {
        401: spoken.text("Sign in"),
        403: spoken.text("You may not do this"),
        429: spoken.text("Too many requests"),
        410: spoken.text("This edition is in the trash")
        if problem.deleted_at
        else spoken.text("This photo is not on its page any more"),
        404: spoken.text("There is no such page"),
        422: spoken.text("This address can't be understood"),
        503: spoken.text("Presslens can't answer at the moment"),
    }
    status, detail = HTTPStatus(problem.status), problem.detail
    broken = spoken.text("Something went wrong here")
    others = (
        broken
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR
        else spoken.text("This can't be done here")
    )
    page = (
        environment(code)
        .get_template("error.html" if problem.deleted_at is None else "gone.html")
        .render(
            context(
                to=Addresses(build()),
                theme=request.cookies.get("presslens_theme"),
                coder=coder_of(request),
                who=identity_of(request),
                may=partial(may_call, request),
                here="/",
                problem=problem,
                heading=headings.get(problem.status, others),
                detail="" if detail == status.description else detail,
            )
        )
    )
    return Response(page, problem.status, PAGE_HEADERS, media_type="text/html; charset=utf-8")
