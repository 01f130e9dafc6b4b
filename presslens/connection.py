"""The transport of requests to an archive: over HTTP, or within this process."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from itertools import islice
from typing import Any, Generic, TypeVar

import httpx2
from pydantic import BaseModel, ValidationError

from presslens.answers import ApiResult, Record
from presslens.errors import OtherVersion, PresslensError, Unavailable, error_of
from presslens.tables import JsonObject, Tabular, blank_document, completed, flat_row

API = "/api/v1"
SECONDS = 120.0
"""Timeout of a request."""

TRIES = 5
BUSY = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
PAGE_SIZE = 200
"""Items of a page of a listing."""

LONGEST_WAIT = 60.0
"""A server that asks for longer waits is unavailable."""

LABELS = ("key", "name", "id")
"""Fields that identify an item in a line."""

MOST_LABELS = 5
"""Items that the representation of a listing names."""

ResultT = TypeVar("ResultT", bound=ApiResult)
RecordT = TypeVar("RecordT", bound=Record)
Sleep = Callable[[float], None]


SPELLED = {"from": "first", "to": "last", "break": "day"}
"""Parameters that Python has a word for, or that are words of it."""

METRICS = f"{API}/stats/metrics"
"""Where the server names the metrics; in Python, ``archive.metrics()`` does."""


def spelled(name: str) -> str:
    """Return how a parameter is spelled in Python: ``a_from`` is ``a_first``."""
    head, underscore, tail = name.rpartition("_")
    return f"{head}{underscore}{SPELLED.get(tail, tail)}"


def parameter(argument: str) -> str:
    """Return the parameter that an argument of Python is: ``a_first`` is ``a_from``."""
    head, underscore, tail = argument.rpartition("_")
    names = {word: name for name, word in SPELLED.items()}
    return f"{head}{underscore}{names.get(tail, tail)}"


class Connection:
    """Sends requests to an archive; waits as long as a busy server requests."""

    def __init__(self, client: httpx2.Client, *, sleep: Sleep = time.sleep) -> None:
        self._client = client
        self._sleep = sleep

    @property
    def place(self) -> str:
        """The address of the archive."""
        return str(self._client.base_url).rstrip("/")

    def close(self) -> None:
        """End the connection."""
        self._client.close()

    def get(self, address: str, params: Mapping[str, Any] | None = None) -> httpx2.Response:
        """Return the response to a request.

        Raises:
            RequestFailed: The request failed.
        """
        return self._send("GET", address, params=_encoded(params or {}))

    def document(self, address: str, params: Mapping[str, Any] | None = None) -> JsonObject:
        """Return the document of an address.

        Raises:
            RequestFailed: The request failed.
            OtherVersion: Another program answers.
        """
        return _document(self.get(address, params))

    def post(self, address: str, document: JsonObject) -> JsonObject:
        """Return the document that answers a posted document.

        Raises:
            RequestFailed: The request failed.
            OtherVersion: Another program answers.
        """
        return _document(self._send("POST", address, json=document))

    def _send(self, method: str, address: str, **content: Any) -> httpx2.Response:
        content = {name: value for name, value in content.items() if value}
        if self._client.is_closed:
            raise Unavailable("the archive is closed: open it again")
        for left in reversed(range(TRIES)):
            try:
                response = self._client.request(method, address, **content)
            except httpx2.RequestError as error:
                raise Unavailable(f"{self.place} does not answer: {error}") from error
            wait = _wait(response, TRIES - left)
            if response.status_code not in BUSY or not left or wait > LONGEST_WAIT:
                break
            self._sleep(wait)
        if response.is_success:
            return response
        raise _problem(response)


def _encoded(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters as texts; parameters without a value are omitted."""
    present = {name: value for name, value in params.items() if value is not None}
    return {
        name: list(map(as_text, value))
        if isinstance(value, Sequence) and not isinstance(value, str)
        else as_text(value)
        for name, value in present.items()
    }


def as_text(value: Any) -> str:
    """Return a value as addresses have it; moments, as data frames have them, are days."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    return str(value).lower() if isinstance(value, bool) else str(value)


def _document(response: httpx2.Response) -> JsonObject:
    try:
        document = response.json()
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise OtherVersion(f"{response.url} is no address of Presslens: its answer is no document")
    return document


def _wait(response: httpx2.Response, attempts: int) -> float:
    """Return the seconds until the next attempt at a busy server."""
    stated = response.headers.get("retry-after", "")
    if stated.isdecimal():
        return float(stated)
    with suppress(ValueError):
        return max(0.0, (parsedate_to_datetime(stated) - datetime.now(UTC)).total_seconds())
    return float(2**attempts)


def _problem(response: httpx2.Response) -> Exception:
    """Return the error of an answer, in the server's words."""
    status = response.status_code
    try:
        problem = response.json()
        errors = {spelled(one["field"]): one["message"] for one in problem.get("errors", ())}
        detail = problem["detail"].replace(METRICS, "archive.metrics()")
        title = problem["title"]
    except (ValueError, KeyError, TypeError, AttributeError):  # of a proxy, or of another program
        if status == HTTPStatus.NOT_FOUND:
            return OtherVersion(f"{response.url} is no address of Presslens: it answers {status}")
        errors, detail, title = {}, f"{response.url} answers {status}", ""
    return error_of(status)(detail, status=status, title=title, errors=errors)


class Items(Tabular, Generic[RecordT]):
    """Items of an archive, which iteration requests a page at a time.

    Their number is ``len(items.to_list())``, which requests all pages.
    """

    def __init__(
        self,
        item: type[RecordT],
        key: str,
        pages: Callable[[str | None], JsonObject],
    ) -> None:
        self._item = item
        self._key = key
        self._pages = pages

    def __iter__(self) -> Iterator[RecordT]:
        """Yield the items."""
        for document in self._documents():
            yield _read(self._item, document)

    def rows(self) -> Iterator[JsonObject]:
        """Yield the rows of the table: flat, days as days."""
        blank = blank_document(self._item)
        for document in self._documents():
            yield flat_row(completed(document, blank))

    def columns(self) -> list[str]:
        """Return the columns that the table has without an item."""
        return list(flat_row(blank_document(self._item)))

    def _documents(self) -> Iterator[JsonObject]:
        cursor: str | None = None
        while True:
            page = self._pages(cursor)
            yield from page[self._key]
            cursor = page.get("next")
            if cursor is None:
                return

    def to_list(self) -> list[RecordT]:
        """Return all items; this requests each page."""
        return list(self)

    def __repr__(self) -> str:
        """Return the kind of the items, and the names of the first."""
        try:
            first = list(islice(self._documents(), MOST_LABELS + 1))
        except PresslensError as error:  # a representation raises none
            return f"<{self._key}: {error}>"
        names = [str(next(one[key] for key in LABELS if key in one)) for one in first[:MOST_LABELS]]
        more = ", …; to_list() has all" if len(first) > MOST_LABELS else ""
        return f"<{self._key}: {', '.join(names) or 'none'}{more}>"

    def _repr_html_(self) -> str:
        """Show the first items in a notebook."""
        return self._table()


class Client:
    """Sends requests over a connection and validates the answers."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def _answer(self, result: type[ResultT], path: str, arguments: Mapping[str, Any]) -> ResultT:
        """Return the answer of an operation.

        Args:
            path: Its path, with the names of arguments in braces.
            arguments: The arguments of its method, by name.
        """
        return self._result(result, self._connection.document(*_request(path, arguments)))

    def _result(self, result: type[ResultT], document: JsonObject) -> ResultT:
        try:
            return result.of(document, self._connection)
        except ValidationError as error:
            raise _other_version(error) from error

    def _list(
        self,
        item: type[RecordT],
        key: str,
        path: str,
        arguments: Mapping[str, Any],
        *,
        is_paged: bool = False,
    ) -> Items[RecordT]:
        """Return the items of a listing.

        Args:
            key: The key of the items in each document.
            path: As of ``_answer``.
            arguments: As of ``_answer``.
            is_paged: The listing comes in pages, of ``PAGE_SIZE`` items.
        """
        address, params = _request(path, arguments)
        if is_paged:
            params["limit"] = PAGE_SIZE

        def page(cursor: str | None) -> JsonObject:
            return self._connection.document(address, {**params, "cursor": cursor})

        return Items(item, key, page)


def _request(path: str, arguments: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the address and the parameters of an operation, from its method's arguments."""
    values = {parameter(name): value for name, value in arguments.items() if name != "self"}
    in_path = {name for name in values if f"{{{name}}}" in path}
    address = f"{API}{path.format_map(values)}"
    return address, {name: value for name, value in values.items() if name not in in_path}


ModelT = TypeVar("ModelT", bound=BaseModel)


def _read(model: type[ModelT], document: JsonObject) -> ModelT:
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise _other_version(error) from error


def _other_version(error: ValidationError) -> OtherVersion:
    first = error.errors()[0]
    place = ".".join(map(str, first["loc"]))
    return OtherVersion(
        f"the server is of another version of Presslens: {place} of its answer is not understood"
        f" ({first['msg']}); install the server's version here"
    )


class InProcess(httpx2.BaseTransport):
    """Answers with an application of this process, whose requests are its own."""

    def __init__(self, app: Any) -> None:
        self._asgi = httpx2.ASGITransport(app, raise_app_exceptions=False)
        self._loop = asyncio.new_event_loop()
        # Of its own: notebooks have a loop that runs already.
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="presslens", daemon=True
        )
        self._thread.start()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Return the answer to a request."""
        return asyncio.run_coroutine_threadsafe(self._answer(request), self._loop).result()

    def close(self) -> None:
        """End the thread of the application."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _answer(self, request: httpx2.Request) -> httpx2.Response:
        response = await self._asgi.handle_async_request(request)
        content = await response.aread()
        return httpx2.Response(response.status_code, headers=response.headers, content=content)
