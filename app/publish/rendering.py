"""Makes the pages of the application, as a reader sees them who may do nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import groupby, product
from typing import Any, TypeVar, cast
from urllib.parse import parse_qsl

from fastapi import Request, Response
from sqlalchemy import or_

from presslens.app.api.csv_response import csv_lines
from presslens.app.charts.chart import Format
from presslens.app.charts.drawing import picture
from presslens.app.citations import reference
from presslens.app.citations.citation import Citation
from presslens.app.db.queries import printed_photos
from presslens.app.db.tables import PhotoRow
from presslens.app.installation import Installation, open_installation
from presslens.app.platform.language import LANGUAGES, language
from presslens.app.platform.permissions import Permission
from presslens.app.platform.questions import BaseQuery
from presslens.app.platform.settings import Settings
from presslens.app.publish.site_files import FIRST, WIDTHS, SiteFiles, relative
from presslens.app.publish.stamp import SiteStamp
from presslens.app.services.accounts.identity import Identity, Via
from presslens.app.services.catalogue.publications import named_for_readers
from presslens.app.web.addresses import Addresses
from presslens.app.web.claims import ClaimQuery, show_claim, show_claims
from presslens.app.web.edition import show_edition
from presslens.app.web.method import show_method
from presslens.app.web.page import show_page
from presslens.app.web.page_router import Document, Renderer, Rows
from presslens.app.web.photo import show_photo
from presslens.app.web.static_files import build
from presslens.app.web.templating import context, environment
from presslens.app.web.timeline import TimelineView, show_timeline
from presslens.app.web.timeline_query import TimelineQuery
from presslens.pipelines.result import Served

T = TypeVar("T")

READER = Identity(None, Via.SHELL, frozenset({Permission.READ}))
"""Who asks: nobody by name, who may read."""

PUBLISHED = frozenset({"show_start", "show_timeline", "show_gallery", "show_claims", "show_method"})
"""The pages that a publication has, by the name of their function; pages offer no others."""

ROW_PAGES: Mapping[str, Callable[..., Any]] = {
    "editions": show_edition, "pages": show_page, "photos": show_photo, "claims": show_claim,
}  # fmt: skip
"""The functions that show the pages of rows; each is asked for an id."""

LIST_PAGES: Mapping[str, tuple[Callable[..., Any], type[BaseQuery] | None]] = {
    "timeline": (show_timeline, TimelineQuery), "claims": (show_claims, ClaimQuery),
    "method": (show_method, None),
}  # fmt: skip
"""The functions that show other pages, and what they are asked."""

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
        self.page_width = max(WIDTHS["pages"])  # of the pictures of pages, in pixels
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
    with_data: bool = False  # whether its data are written too
    written: dict[str, str] = field(default_factory=dict)  # texts by the name of their file
    # What was read of rows for all their pages, by id, and the rows that are read together.
    read: dict[int, Any] = field(default_factory=dict)
    beside: Sequence[int] = ()

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

    def read(self, row_id: int, read_rows: Callable[[Sequence[int]], Mapping[int, T]]) -> T:
        """Return what the page of a row reads, read together with those beside it."""
        rendering: Rendering = self.request.scope[_RENDERING]
        if row_id not in rendering.read:
            rendering.read.clear()
            rendering.read.update(read_rows(rendering.beside or [row_id]))
        return cast(T, rendering.read[row_id])

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


@dataclass(frozen=True, slots=True)
class PublishedPages:
    """Makes pages by the functions that answer for them at a server, without a server."""

    home: Installation  # nobody changes its database meanwhile

    def pages(
        self, addresses: Sequence[str], files: SiteFiles, stamp: SiteStamp
    ) -> Iterator[tuple[str, str]]:
        """Yield the text of each page in all languages, and of its data, with the name of its file.

        What pages of one kind that follow each other read is read together.

        Raises:
            LookupError: The publication has no such page.
        """
        for kind, group in groupby(addresses, key=lambda one: one.split("?")[0].split("/")[1]):
            together = list(group)
            rows = {one: int(one.split("/")[2]) for one in together if one.count("/") == 2}
            if kind == "photos":
                standing = self._standing(rows.values())
                rows = {address: standing[row] for address, row in rows.items()}
            read: dict[int, Any] = {}
            for address, code in product(together, languages()):
                file = files.file(address, code)
                if file is None:
                    raise LookupError(f"{address} is no page of this publication")
                made = Rendering(files, stamp, file, with_data=code == FIRST, read=read,
                    beside=list(rows.values()))  # fmt: skip
                self._show(address, code, rows.get(address), made)
                yield from made.written.items()

    def _standing(self, addresses: Collection[int]) -> dict[int, int]:
        """Return the id of the photo that has each address now: another one after a new recipe."""
        query = printed_photos(self.home.recipe, PhotoRow.frame_id, PhotoRow.id)
        of_frames = or_(PhotoRow.id.in_(addresses), PhotoRow.earlier_id.in_(addresses))
        with self.home.database.read() as session:
            return dict(session.execute(query.where(of_frames)).all())

    def _show(self, address: str, code: str, row: int | None, rendering: Rendering) -> None:
        path, _, query = address.partition("?")
        name = path.split("/")[1]
        show, kind = (ROW_PAGES[name], None) if row is not None else LIST_PAGES[name]
        question = kind.model_validate(dict(parse_qsl(query))) if kind else row
        scope = {
            "type": "http",
            "method": "GET",
            "scheme": "http",
            "server": ("localhost", 80),
            "path": path,
            "query_string": query.encode(),
            "headers": [],
            "endpoint": show,
            "state": {"identity": READER},
            _RENDERING: rendering,
        }
        questions = () if question is None else (question,)
        show(self.home, PublishedRenderer(Request(scope), code), *questions)

    def chart(self, address: str, code: str) -> bytes:
        """Return the chart of a timeline as SVG."""
        params = dict(parse_qsl(address.partition("?")[2]))
        query = TimelineQuery.model_validate(params).resolved(self.home)
        chart = TimelineView(self.home, query, language(code), Addresses(build())).chart
        if chart is None:
            raise LookupError(f"{address} has no chart")
        return picture(chart, Format(), "svg")


@contextmanager
def opened_source(settings: Settings) -> Iterator[PublishedPages]:
    """Open an installation whose database nobody changes, to make pages of it."""
    with open_installation(settings) as home, named_for_readers(home):
        yield PublishedPages(replace(home, database=home.database.unchanging()))


def languages() -> Sequence[str]:
    """Return the languages of a publication, the first one first."""
    return sorted(LANGUAGES, key=lambda code: code != FIRST)
