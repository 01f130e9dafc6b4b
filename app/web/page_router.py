"""Routes of pages: an address is a page, and with ``.json`` and ``.csv`` the data that it shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from presslens.app.api.access import Handler, PermittedRoute, identity_of, may_call
from presslens.app.api.csv_response import csv_response
from presslens.app.citations import reference
from presslens.app.citations.citation import Citation
from presslens.app.platform.errors import NotFound
from presslens.app.platform.language import choose_language
from presslens.app.services.accounts.identity import Via
from presslens.app.web.addresses import Addresses, SharedAddresses, without_dead_links
from presslens.app.web.preferences import coder_of
from presslens.app.web.security import PAGE_HEADERS
from presslens.app.web.static_files import build
from presslens.app.web.templating import context, environment
from presslens.pipelines.result import Served

FORMATS = ("json", "csv")
CITED = (*FORMATS, *reference.FORMATS)
"""The twins of a page that says how to cite it."""

T = TypeVar("T")

Endpoint = Callable[..., Response]
Document = Mapping[str, Any] | Served


@dataclass(frozen=True, slots=True)
class Rows:
    """The table that a page shows, as CSV: its columns in order, and its rows by column."""

    columns: Sequence[str]
    rows: Iterable[Mapping[str, Any]]


_EMPTY = re.compile(rb"[^=]*=")
"""A field that has no value; ``text=a=`` has one."""


class PageRoute(PermittedRoute):
    """A route that takes the empty fields of a form for fields that are not there.

    Browsers send every field of a form, ``?publication=&from=`` for instance.
    """

    def inner_handler(self) -> Handler:
        """Return a handler that sees the fields that are filled in."""
        handle = super().inner_handler()

        async def answer(request: Request) -> Response:
            query = request.scope["query_string"]
            filled = [part for part in query.split(b"&") if part and not _EMPTY.fullmatch(part)]
            request.scope["query_string"] = b"&".join(filled)
            return await handle(Request(request.scope, request.receive))

        return answer


class PageRouter(APIRouter):
    """A router of pages, which the API's schema leaves out."""

    def __init__(self) -> None:
        super().__init__(include_in_schema=False, route_class=PageRoute)

    def page(self, path: str, *, twins: Sequence[str] = FORMATS) -> Callable[[Endpoint], Endpoint]:
        """Register a function as a page, and as its twins.

        Args:
            path: The address; ids are written ``{edition_id:id}``.
            twins: Of ``CITED``, those that the page has.
        """

        def register(endpoint: Endpoint) -> Endpoint:
            stem = "/start" if path == "/" else path
            for suffix in twins:
                self.add_api_route(f"{stem}.{suffix}", endpoint, methods=["GET", "HEAD"])
            self.add_api_route(path, endpoint, methods=["GET", "HEAD"])
            endpoint.__dict__["twins"] = tuple(twins)
            return endpoint

        return register


@dataclass(frozen=True, slots=True)
class Renderer:
    """Answers one request for a page, in the reader's language and in the format of its address."""

    request: Request
    code: str

    @property
    def format(self) -> str:
        """What is asked for: html, json, csv, or a format of citations."""
        ending = self.request.url.path.rpartition("/")[2].partition(".")[2]
        return ending if ending in CITED else "html"

    @property
    def address(self) -> str:
        """The address of the page itself, below the host, in whatever language it is read."""
        page = self.request.url.path.removesuffix(f".{self.format}")
        parts = self.request.url.query.split("&")
        query = "&".join(part for part in parts if not part.startswith("lang="))
        return f"{page}{'?' if query else ''}{query}"

    def read(self, row_id: int, read_rows: Callable[[Sequence[int]], Mapping[int, T]]) -> T:
        """Return what the page of a row reads in whatever language.

        Who makes the pages of many rows in several languages reads all of them at once.

        Args:
            read_rows: Returns what the pages of some rows read, by id.
        """
        return read_rows([row_id])[row_id]

    @property
    def is_html(self) -> bool:
        """Whether the page itself is asked for, and not its data."""
        return self.format == "html"

    def may(self, operation: str) -> bool:
        """Return whether the reader may call an operation, see ``may_call``."""
        return may_call(self.request, operation)

    def __call__(
        self,
        template: str,
        *,
        document: Document | Callable[[], Document] | None = None,
        table: Rows | Callable[[], Rows] | None = None,
        cite: Callable[[], Citation] | None = None,
        status: int = 200,
        **values: Any,
    ) -> Response:
        """Return the page, made whole, or one of its twins.

        No byte is sent before the last is made: no transaction of a page outlives its making, and
        a page that fails is an error in place of half a page.

        Args:
            template: Name of the template of the page.
            document: The JSON of what it shows; a callable is called for ``.json`` alone.
            table: The table that it shows; a callable is called for ``.csv`` alone.
            cite: Returns how it is cited.
            status: The status of the answer.
            values: What the template reads.

        Raises:
            NotFound: A citation is asked for, and there is nothing to cite.
        """
        if self.format == "json" and document is not None:
            shown = document() if callable(document) else document
            return JSONResponse(shown.to_json() if isinstance(shown, Served) else shown)
        if self.format == "csv" and table is not None:
            rows = table() if callable(table) else table
            return csv_response(rows.columns, rows.rows, name=template.removesuffix(".html"))
        if self.format in reference.FORMATS:
            if cite is None:
                raise NotFound("nothing is chosen that could be cited")
            write, media_type = reference.FORMATS[self.format]
            return Response(write(cite()), media_type=media_type)
        text = self.html(template, {"cite": cite, **values})
        if identity_of(self.request).via is Via.LINK:
            text = without_dead_links(text)
        return HTMLResponse(text, status, PAGE_HEADERS)

    def html(self, template: str, values: Mapping[str, Any]) -> str:
        """Return a page, given what its template reads beside what all templates do."""
        page = environment(self.code).get_template(template)
        return page.render(context(**self.shared(), query=self.request.query_params, **values))

    def shared(self) -> dict[str, Any]:
        """Return what all templates read: addresses, and who the reader is."""
        return {
            "to": self._addresses(),
            "here": self._here(),
            "theme": self._theme(),
            "coder": coder_of(self.request),
            "who": identity_of(self.request),
            "may": self.may,
            "twins": self._twins(),
        }

    def _addresses(self) -> Addresses:
        """Return the addresses that the reader may open, as far as they hang on a share link."""
        who = identity_of(self.request)
        if who.via is Via.LINK:
            return SharedAddresses(build(), who.target or "")
        return Addresses(build())

    def _here(self) -> str:
        query = self.request.url.query
        return f"{self.request.url.path}{'?' if query else ''}{query}"

    def _theme(self) -> str | None:
        chosen = self.request.cookies.get("presslens_theme")
        return chosen if chosen in ("light", "dark") else None

    def _twins(self) -> dict[str, str]:
        """Return the addresses of the page's twins by format."""
        endpoint = self.request.scope.get("endpoint")
        path, query = self.request.url.path, self.request.url.query
        stem = "/start" if path == "/" else path
        return {
            suffix: f"{stem}.{suffix}{'?' if query else ''}{query}"
            for suffix in getattr(endpoint, "twins", ())
        }


def _renderer(
    request: Request, lang: Annotated[Literal["en", "ko"] | None, Query()] = None
) -> Renderer:
    accepted = request.headers.get("accept-language", "")
    return Renderer(request, choose_language(lang, request.cookies, accepted))


Render = Annotated[Renderer, Depends(_renderer)]
"""A page's parameter: what it calls to answer."""
