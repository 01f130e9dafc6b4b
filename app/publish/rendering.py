"""Asks the application for its pages, as a reader who may see and do nothing else."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from fastapi import FastAPI, Response

from presslens.app.api.access import OWN_REQUEST
from presslens.app.api.csv_response import csv_lines
from presslens.app.citations import reference
from presslens.app.citations.citation import Citation
from presslens.app.installation import Installation
from presslens.app.main import create_app
from presslens.app.platform.language import LANGUAGES
from presslens.app.platform.permissions import Permission
from presslens.app.platform.settings import Settings
from presslens.app.publish.site_files import FIRST, SiteFiles, relative
from presslens.app.publish.stamp import SiteStamp
from presslens.app.services.accounts.identity import Identity, Via
from presslens.app.web.addresses import Addresses
from presslens.app.web.page_router import RENDERER, Document, Renderer, Rows
from presslens.app.web.static_files import build
from presslens.app.web.templating import context, environment
from presslens.pipelines.result import Served

READER = Identity(None, Via.SHELL, frozenset({Permission.READ}))
"""Who asks: nobody by name, who may read."""

PUBLISHED = frozenset({"show_start", "show_timeline", "show_gallery", "show_claims", "show_method"})
"""The pages that a publication has, by the name of their function; pages offer no others."""

PEOPLE = frozenset({"coder", "coders", "undone_by"})
"""Keys under which documents name people."""

_RENDERING = "presslens.rendering"


class PublishedAddresses(Addresses):
    """The addresses of the server, in the pages of a publication."""

    def __init__(self, stamp: SiteStamp, files: SiteFiles, file: str, code: str) -> None:
        super().__init__(build())
        self.published = stamp
        stem = file.removeprefix(f"{code}/") if code != FIRST else file
        # Code, name and address of the page in each language.
        self.languages = [
            (one, name, relative(stem if one == FIRST else f"{one}/{stem}", file))
            for one, name in LANGUAGES.items()
        ]
        self.newspapers_of_site = files.newspapers
        self.metrics_of_site = files.metrics
        self.data = relative("data", file)
        self._file = file

    def published_file(self, name: str) -> str:
        """Return the way to a file that is the same in all languages."""
        return relative(name, self._file)


@dataclass(slots=True)
class Rendering:
    """One page in the making."""

    files: SiteFiles
    stamp: SiteStamp
    file: str  # the file that the page becomes
    with_data: bool  # whether its data are written too
    written: dict[str, str] = field(default_factory=dict)  # texts by the name of their file

    def shared(self, code: str) -> dict[str, Any]:
        """Return what all templates read, for a reader without a name, a server and rights."""
        return {
            "to": PublishedAddresses(self.stamp, self.files, self.file, code),
            "here": self.stamp.address_of(self.file),
            "theme": None,
            "coder": None,
            "who": READER,
            "may": PUBLISHED.__contains__,
        }

    def own_page(self, template: str, code: str, **values: Any) -> str:
        """Return a page that a publication has and a server has not."""
        made = environment(code).get_template(template)
        text = made.render(context(**self.shared(code), **values))
        return self.files.page(text, code, self.file)


class PublishedRenderer(Renderer):
    """Renders a page as a file of a publication, with its data."""

    __slots__ = ()

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
        """Render the page and its data into files; the answer itself says nothing."""
        rendering: Rendering = self.request.scope[_RENDERING]
        files, file = rendering.files, rendering.file
        cited = cite and partial(rendering.stamp.cited, cite, file)
        page = self.html(template, {"cite": cited, **values})
        rendering.written[file] = files.page(page, self.code, file)
        if template == "page.html":  # with the numbers that it shows: those of its zones take long
            state = {name: values["edition"][name] for name in ("publication", "date")}
            document = {**values["page"], **state, "numbers": values["composition"]()}
        if rendering.with_data:
            self._write_data(rendering, document, table)
            for ending, (write, _) in reference.FORMATS.items():
                if cited is not None and (data := files.file(self._twin(ending), FIRST)):
                    rendering.written[data] = write(cited())
        return Response(status_code=status)

    def shared(self) -> dict[str, Any]:
        """Return what all templates read, for a reader without a name, a server and rights."""
        rendering: Rendering = self.request.scope[_RENDERING]
        return {**rendering.shared(self.code), "twins": self._twins()}

    def _write_data(
        self,
        rendering: Rendering,
        document: Document | Callable[[], Document] | None,
        table: Rows | Callable[[], Rows] | None,
    ) -> None:
        files = rendering.files
        if document is not None and (file := files.file(self._twin("json"), FIRST)):
            made = document() if callable(document) else document
            plain = made.to_json() if isinstance(made, Served) else made
            shown = published_document(plain, files, file)
            rendering.written[file] = f"{json.dumps(shown, ensure_ascii=False)}\n"
        if table is not None and (file := files.file(self._twin("csv"), FIRST)):
            rows = table() if callable(table) else table
            rendering.written[file] = "".join(csv_lines(rows.columns, rows.rows))

    def _twin(self, ending: str) -> str:
        return self._twins().get(ending, "")


def published_document(value: Any, files: SiteFiles, file: str) -> Any:
    """Return a document without the names of coders, its addresses those of files.

    What has an address that no file has is left out.
    """
    if isinstance(value, Mapping):
        hidden = PEOPLE | {"note"} if "coder" in value else PEOPLE  # what a coder wrote besides
        parts = {name: published_document(one, files, file) for name, one in value.items()
                 if name not in hidden}  # fmt: skip
        return {name: one for name, one in parts.items() if one is not _NOWHERE}
    if isinstance(value, (list, tuple)):
        every = (published_document(one, files, file) for one in value)
        return [one for one in every if one is not _NOWHERE]
    if isinstance(value, str) and _ADDRESS.match(value):
        return files.link(value, FIRST, file) or _NOWHERE
    return value


_NOWHERE = object()

_ADDRESS = re.compile(
    r"/(?:api/v1|editions|pages|photos|timeline|gallery|claims|figures|static)(?:[/?.]|$)"
)
"""What the address of a page or an answer begins with, in a document."""


class ReaderApplication:
    """The application, which answers a publication's questions in this process."""

    def __init__(self, app: FastAPI, loop: asyncio.AbstractEventLoop) -> None:
        """Take the application, and the loop of another thread that it runs in."""
        self.app = app
        self._loop = loop

    def page(self, address: str, code: str, files: SiteFiles, stamp: SiteStamp) -> dict[str, str]:
        """Return the texts of a page, and of its data, by the names of their files.

        Raises:
            LookupError: The publication has no such page.
        """
        file = files.file(address, code)
        if file is None:
            raise LookupError(f"{address} is no page of this publication")
        rendering = Rendering(files, stamp, file, with_data=code == FIRST)
        self._ask(address, code, {RENDERER: PublishedRenderer, _RENDERING: rendering})
        return rendering.written

    def answer(self, address: str, code: str) -> bytes:
        """Return what the application answers at an address, a chart for instance."""
        return self._ask(address, code, {})

    def _ask(self, address: str, code: str, marks: Mapping[str, Any]) -> bytes:
        path, _, query = address.partition("?")
        answer = self._answer(path, query, code, marks)
        return asyncio.run_coroutine_threadsafe(answer, self._loop).result()

    async def _answer(self, path: str, query: str, code: str, marks: Mapping[str, Any]) -> bytes:
        """Ask the router: no middleware counts, logs or guards what the program asks itself.

        Errors are raised, as nobody is there to whom a problem could be answered.
        """
        parts: list[bytes] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Mapping[str, Any]) -> None:
            parts.append(message.get("body", b""))

        async with AsyncExitStack() as stack:
            scope = {
                "type": "http",
                "app": self.app,
                "http_version": "1.1",
                "method": "GET",
                "scheme": "http",
                "path": path,
                "raw_path": path.encode(),
                "query_string": query.encode(),
                "root_path": "",
                "headers": [(b"host", b"localhost"), (b"accept-language", code.encode())],
                "client": None,
                "server": ("localhost", 80),
                "state": {},
                "fastapi_middleware_astack": stack,
                OWN_REQUEST: READER,
                **marks,
            }
            await self.app.router(scope, receive, send)
        return b"".join(parts)


@contextmanager
def opened_source(settings: Settings) -> Iterator[ReaderApplication]:
    """Open the application of an installation, to be asked from this thread.

    It runs in another one: this one may have a loop of events of its own, as notebooks have.
    """
    app = create_app(settings.model_copy(update={"requests_per_minute": 0}))
    lifespan = app.router.lifespan_context(app)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="pages", daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(lifespan.__aenter__(), loop).result()
        home: Installation = app.state.home
        app.state.home = replace(home, database=home.database.unchanging())
        try:
            yield ReaderApplication(app, loop)
        finally:
            asyncio.run_coroutine_threadsafe(lifespan.__aexit__(None, None, None), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def languages() -> Sequence[str]:
    """Return the languages of a publication, the first one first."""
    return sorted(LANGUAGES, key=lambda code: code != FIRST)
