"""All errors in one shape: RFC 9457 problem details, which reveal nothing of this machine."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match

from presslens.app.api import links
from presslens.app.platform.errors import (
    Conflict,
    DatabaseLocked,
    DiskFull,
    EditionExists,
    Gone,
    InvalidRequest,
    LaterEdit,
    LimitExceeded,
    MalformedRequest,
    NoDatabase,
    NoScans,
    NotFound,
    NotPermitted,
    NotSignedIn,
    NotSupported,
    Replaced,
    StoreMissing,
    TooManyRequests,
    WrongKey,
)
from presslens.app.platform.language import choose_language, language
from presslens.app.storage.storage import is_full
from presslens.models.errors import PresslensError
from presslens.models.message import Message
from presslens.pipelines.statistics.claim.parser import InvalidRule

MEDIA_TYPE = "application/problem+json"

STATUS: dict[type[PresslensError], HTTPStatus] = {
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    Gone: HTTPStatus.GONE,
    Replaced: HTTPStatus.GONE,
    InvalidRequest: HTTPStatus.UNPROCESSABLE_ENTITY,
    InvalidRule: HTTPStatus.UNPROCESSABLE_ENTITY,
    MalformedRequest: HTTPStatus.BAD_REQUEST,
    NotSignedIn: HTTPStatus.UNAUTHORIZED,
    NotPermitted: HTTPStatus.FORBIDDEN,
    TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    NotSupported: HTTPStatus.NOT_IMPLEMENTED,
    LimitExceeded: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    DiskFull: HTTPStatus.INSUFFICIENT_STORAGE,
    StoreMissing: HTTPStatus.SERVICE_UNAVAILABLE,
    WrongKey: HTTPStatus.SERVICE_UNAVAILABLE,
    NoDatabase: HTTPStatus.SERVICE_UNAVAILABLE,
}

RETRY_SECONDS = 5
"""What ``Retry-After`` says where the service can't answer at the moment."""

OUTAGES: dict[type[PresslensError], Message] = {
    DiskFull: Message("Too little disk is free to take this; nothing of it is stored."),
    StoreMissing: Message("The store of the scans can't be used at the moment."),
    DatabaseLocked: Message("The database is busy; try again in a moment."),
    NoDatabase: Message("The database can't be used at the moment; try again later."),
}
"""What is said of outages: their own words name folders of this machine, and go to the log."""

NOT_STORED = {"Cache-Control": "no-cache"}
"""Headers of addresses that people change, and whose changes are undone."""

_PHOTO = re.compile("/photos/[0-9]+")

_OF_BODY = ("content-length", "content-type")
"""Headers that another body has otherwise."""

log = structlog.get_logger()


class FieldProblem(BaseModel):
    """The problem of one field; of a rule also the column, from 1."""

    field: str
    message: str
    column: int | None = None


class Choice(BaseModel):
    """What can be done where a newspaper has an edition of the day already.

    `mode` is the value to send again with the request; `edition` the edition that it acts on.
    """

    mode: str
    title: str
    detail: str
    edition: int


class Problem(BaseModel):
    """The body of every error.

    `choices` and `editions` are there where an edition stands in the way, `deleted_at`,
    `deleted_by` and `restore`, an address to POST to, where it is in the trash; `later_edit`, the
    `id`, `target` and `target_id` of an edit, where that has to be undone first; `replaced_by`, ids
    of photos, and `page` where a photo is on its page no more.
    """

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] = []
    choices: list[Choice] | None = None
    incoming: dict[str, int | None] | None = Field(
        None, description="`pages` and `photos` of what was sent; null: not known"
    )
    editions: list[dict[str, Any]] | None = None
    edition: int | None = None
    deleted_at: str | None = None
    deleted_by: str | None = None
    restore: str | None = None
    later_edit: dict[str, Any] | None = None
    replaced_by: list[int] | None = Field(
        None, description="ids of the photos that are there instead; an empty list: there are none"
    )
    page: int | None = None
    problems: list[dict[str, str]] | None = Field(
        None,
        description="of a service that isn't ready: `kind`, `message` and `what_to_do` of each",
    )
    recipe: str | None = None
    waiting: dict[str, int] | None = Field(None, description="work that waits, by kind")
    given_up: dict[str, int] | None = Field(None, description="work that nobody tries, by kind")


RESPONSES: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": Problem, "description": "What was wrong with the request"},
    "5XX": {"model": Problem, "description": "What went wrong here"},
}


T = TypeVar("T")

AsPage = Callable[[Request, Problem], Response | None]
"""Returns an error as a page where a reader's browser asks; None where a program asks."""


def add_handlers(app: FastAPI, *, as_page: AsPage = lambda _request, _problem: None) -> None:
    """Register handlers that answer every error with a problem.

    Args:
        app: The application.
        as_page: Asked first for each error.
    """
    handlers: dict[type[Exception], Callable[[Exception], ProblemResponse]] = {
        PresslensError: _domain,
        HTTPException: _http,
        RequestValidationError: _validation,
        SQLAlchemyError: _unexpected,
        Exception: _unexpected,
    }
    for kind, describe in handlers.items():
        app.add_exception_handler(kind, _handler(describe, as_page))


def _handler(
    describe: Callable[[Exception], ProblemResponse], as_page: AsPage
) -> Callable[[Request, Exception], Response]:
    def handle(request: Request, error: Exception) -> Response:
        answer = describe(error)
        if "allow" in answer.headers and (allowed := allowed_methods(request)):
            answer.headers["Allow"] = allowed
        here = answer.problem.replaced_by or []
        if len(here) == 1 and request.method in ("GET", "HEAD"):
            path, places = _PHOTO.subn(f"/photos/{here[0]}", request.url.path, count=1)
            address = f"{path}?{request.url.query}" if request.url.query else path
            if places:  # else the query names the photo, and its address would lead to itself
                return RedirectResponse(address, HTTPStatus.MOVED_PERMANENTLY, NOT_STORED)
        page = as_page(request, answer.problem)
        if page is None:
            return _in_language(answer, request.headers.get("accept-language", ""))
        for name, value in answer.headers.items():
            page.headers.setdefault(name, value)
        return page

    return handle


class ProblemResponse(JSONResponse):
    """A problem as the body of a response."""

    media_type = MEDIA_TYPE

    def __init__(self, problem: Problem, headers: dict[str, str] | None = None) -> None:
        super().__init__(problem.model_dump(exclude_none=True), problem.status, headers)
        self.problem = problem


def problem_response(
    status: HTTPStatus,
    detail: str = "",
    errors: list[FieldProblem] | None = None,
    headers: dict[str, str] | None = None,
    **extensions: Any,
) -> ProblemResponse:
    """Return an error as a problem; the default detail is the meaning of the status."""
    detail = detail or status.description or status.phrase
    problem = Problem(
        title=status.phrase, status=status, detail=detail, errors=errors or [], **extensions
    )
    problem.detail = detail  # validation makes a plain text of a message
    for choice, given in zip(problem.choices or (), extensions.get("choices") or (), strict=True):
        choice.title, choice.detail = given["title"], given["detail"]
    return ProblemResponse(problem, headers)


def _in_language(answer: ProblemResponse, accepted: str) -> ProblemResponse:
    """Return a problem in the language that ``Accept-Language`` asks for; without it, in English.

    Cookies and addresses choose the language of pages alone: programs that name none read English.
    """
    code = choose_language(None, {}, accepted)
    if code == "en":
        return answer
    say, english = language(code).say, answer.problem
    translated: dict[str, Any] = {"detail": say(english.detail)}
    translated["errors"] = [
        one.model_copy(update={"message": say(one.message)}) for one in english.errors
    ]
    if english.choices is not None:
        translated["choices"] = [
            one.model_copy(update={"title": say(one.title), "detail": say(one.detail)})
            for one in english.choices
        ]
    headers = {name: value for name, value in answer.headers.items() if name not in _OF_BODY}
    if translated["detail"] != str(english.detail):  # not all that is refused is translated
        headers["Content-Language"] = code
    spoken = ProblemResponse(english.model_copy(update=translated), headers)
    spoken.headers.add_vary_header("Accept-Language")
    return spoken


def _domain(error: Exception) -> ProblemResponse:
    status = _of_class(STATUS, type(error)) or HTTPStatus.INTERNAL_SERVER_ERROR
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("request failed", cause=str(error))
        return problem_response(status, "Something went wrong here; the log says what.")
    outage = _of_class(OUTAGES, type(error))
    if outage is not None:
        log.warning("request refused", cause=str(error), status=int(status))
        passes = status is HTTPStatus.SERVICE_UNAVAILABLE
        headers = {"Retry-After": str(RETRY_SECONDS)} if passes else None
        return problem_response(status, outage, headers=headers)
    errors = []
    if isinstance(error, InvalidRule):
        errors = [FieldProblem(field="rule", message=error.problem, column=error.column)]
    if isinstance(error, NoScans):
        errors = [
            FieldProblem.model_construct(field=name, message=why) for name, why in error.refused
        ]
    extensions = error.extensions if isinstance(error, EditionExists | Gone | LaterEdit) else {}
    if isinstance(error, Gone):
        extensions = {**extensions, "restore": links.restore(error.edition_id)}
    if isinstance(error, Replaced):
        extensions = {"replaced_by": error.replaced_by, "page": error.page}
    return problem_response(status, _words(error), errors, _headers(error), **extensions)


def _headers(error: Exception) -> dict[str, str] | None:
    if isinstance(error, NotSignedIn):
        return {"WWW-Authenticate": 'Bearer realm="Presslens"'}
    if isinstance(error, Replaced):
        return NOT_STORED
    if isinstance(error, TooManyRequests):
        return {"Retry-After": str(error.seconds)}
    return None


def _words(error: Exception) -> str:
    """Return what an error says; a message stays one, for pages in other languages."""
    message = error.args[0] if len(error.args) == 1 else None
    return message if isinstance(message, Message) else str(error)


def _of_class(table: dict[type[PresslensError], T], kind: type[Exception]) -> T | None:
    """Return the entry of an error's class, or of the nearest class above it that has one."""
    return next((table[cls] for cls in kind.__mro__ if cls in table), None)


def _http(error: Exception) -> ProblemResponse:
    if not isinstance(error, HTTPException):
        return problem_response(HTTPStatus.INTERNAL_SERVER_ERROR)
    if is_full(error.__cause__):  # a form could not be spooled
        return _domain(DiskFull(str(error.__cause__)))
    words = error.detail if isinstance(error.detail, Message) else ""
    headers = dict(error.headers) if error.headers else None
    return problem_response(HTTPStatus(error.status_code), words, headers=headers)


def _validation(error: Exception) -> ProblemResponse:
    details = error.errors() if isinstance(error, RequestValidationError) else []
    errors = [
        FieldProblem.model_construct(
            field=".".join(str(part) for part in e["loc"][1:]), message=_said(e)
        )
        for e in details
    ]
    words = Message("Some fields of the request can't be used.")
    return problem_response(HTTPStatus.UNPROCESSABLE_ENTITY, words, errors)


NO_FILE = "Value error, Expected UploadFile"
"""Begins FastAPI's message on a text where a file belongs."""


def _said(error: Mapping[str, Any]) -> str:
    """Return what is wrong with a field; what people often mistake can be translated."""
    context, message = error.get("ctx", {}), str(error["msg"])
    if message.startswith(NO_FILE):
        return Message("send a file here, with its name")
    if error["type"] == "value_error" and "error" in context:
        return next(iter(context["error"].args), "")
    if error["type"] in ("enum", "literal_error"):
        return Message("Input should be %(expected)s", expected=context["expected"])
    return message


def _unexpected(error: Exception) -> ProblemResponse:
    if is_full(error):
        return _domain(DiskFull(str(error)))
    log.error("request failed", exc_info=error)
    return problem_response(
        HTTPStatus.INTERNAL_SERVER_ERROR, Message("Something went wrong here; the log says what.")
    )


METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


def allowed_methods(request: Request) -> str:
    """Return the methods that the address of a request allows, as the header ``Allow`` has them.

    An address may have several routes, one for each method, and a router knows only the first.
    Below a mounted application it is "", for that alone knows.
    """
    routes: list[BaseRoute] = request.app.router.routes
    return ", ".join(
        method
        for method in METHODS
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes
        )
    )
