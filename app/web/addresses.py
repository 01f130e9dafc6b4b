"""Addresses of the pages, as templates name them; a report of files has addresses of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, urlencode

from presslens.app.api import links
from presslens.app.services.accounts.share_links import EDITION, PLACES
from presslens.app.services.catalogue.publications import PublicationState
from presslens.app.services.pictures.pictures import WIDTHS

DEAD_LINK = re.compile(r'<a\b[^>]*\bhref="None[^"]*"[^>]*>(.*?)</a>', re.DOTALL)
DEAD_PICTURE = re.compile(r'<img\b[^>]*\bsrc="None"[^>]*>')

Address: TypeAlias = Callable[..., str | None]
"""Returns the address of a page: takes what its path leaves open, and parameters by their names."""


def _at(path: str) -> Address:
    def address(_self: Addresses, *parts: object, **query: Any) -> str | None:
        return with_query(path.format(*parts), query)

    return address


class Addresses:
    """The addresses of the server's pages, relative to its host.

    Templates take them from ``to``: that of an edition takes its id, and a query its parameters by
    keyword. Where an address is None, there is no such page, and the macro ``link`` writes its text
    alone.
    """

    live = True
    """Whether a server answers, so that there is more than one edition to look at."""

    published: Any = None
    """What a publication without a server says of itself on each page; None: it is none."""

    start = _at("/")
    search = _at("/search")
    timeline = _at("/timeline")
    chart = _at("/{}.{}")
    edition = _at("/editions/{}")
    upload = _at("/upload")
    trash = _at("/trash")
    page = _at("/pages/{}")
    photo = _at("/photos/{}")
    gallery = _at("/gallery")
    gallery_sheet = _at("/gallery/sheet")
    gallery_tiles = _at("/gallery/tiles/{}")
    compare = _at("/compare")
    ask = _at("/ask")
    question = _at("/ask/{}")
    claims = _at("/claims")
    claim = _at("/claims/{}")
    claim_test = _at("/claims/test")
    claim_new = _at("/claims/new")
    newspapers = _at("/newspapers")
    newspaper = _at("/newspapers/{}")
    figures = _at("/figures")
    figure = _at("/figures/{}")
    labels = _at("/labels")
    edits = _at("/edits")
    runs = _at("/runs")
    night = _at("/night")
    review = _at("/review")
    planner = _at("/review/new")
    desk = _at("/review/{}")
    disagreements = _at("/review/{}/disagreements")
    batch = _at("/review/{}/batch")
    team = _at("/review/{}/team")
    talk = _at("/review/talk")
    mine = _at("/review/mine")
    training = _at("/review/training/{}")
    codebook = _at("/review/{}/codebook")
    export = _at("/export")
    privacy = _at("/privacy")
    docs = _at("/docs")

    def __init__(self, build: str) -> None:
        self._build = build

    def static(self, path: str) -> str:
        """Return the address of a file of ``app/web/static``, or of a vendored one."""
        return f"/static/{self._build}/{path}"

    def masthead(self, paper: PublicationState) -> str | None:
        """Return the address of the picture of a newspaper's masthead; it changes with it."""
        return with_query(links.masthead(paper.id), {"v": (paper.masthead_sha256 or "")[:8]})

    def method(self, anchor: str = "") -> str | None:
        """Return the address of the method, or of one of its sections."""
        return f"/method#{anchor}" if anchor else "/method"

    def page_image(self, page_id: int, width: int | None = None) -> str | None:
        """Return the address of a page's picture; ``width`` is the least of a smaller one."""
        return with_query(links.page_image(page_id), {"width": stored_width(width)})

    def photo_image(self, photo_id: int, width: int | None = None) -> str | None:
        """Return the address of a photo's crop; ``width`` is the least of a smaller one."""
        return with_query(links.photo_image(photo_id), {"width": stored_width(width)})

    def reference_image(self, figure_id: int, reference_id: int, width: int) -> str | None:
        """Return the address of a reference's face; ``width`` is the least of a smaller one."""
        address = links.reference_image(figure_id, reference_id)
        return with_query(address, {"width": stored_width(width)})

    def api(self, path: str, **query: Any) -> str | None:
        """Return an address of the API, given the path below its root."""
        return with_query(f"{links.ROOT}/{path}", query)


def nowhere(_self: Addresses, *_args: Any, **_query: Any) -> None:
    """Return None: there is no such page here."""


class SharedAddresses(Addresses):
    """The addresses that a share link opens, of one edition or of one query of photos.

    Where it opens none, ``without_dead_links`` leaves the text of a link alone.
    """

    start = search = timeline = compare = claims = claim = claim_test = figures = figure = nowhere
    claim_new = nowhere
    newspapers = newspaper = labels = upload = trash = edits = runs = night = export = nowhere
    review = planner = desk = disagreements = batch = team = talk = mine = training = nowhere
    codebook = ask = question = nowhere
    method = privacy = docs = nowhere

    def __init__(self, build: str, target: str) -> None:
        """Take what the link opens: the address of a page."""
        super().__init__(build)
        self._target = target
        self._of_edition = EDITION.fullmatch(target) is not None
        self._photos = _chosen(dict(parse_qsl(target.partition("?")[2])))

    def edition(self, edition_id: int) -> str | None:
        """Return the address of the edition that was shared."""
        address = super().edition(edition_id)
        return address if address == self._target else None

    def page(self, page_id: int, **query: Any) -> str | None:
        """Return the address of a page of the edition that was shared."""
        return super().page(page_id, **query) if self._of_edition and not query else None

    def page_image(self, page_id: int, width: int | None = None) -> str | None:
        """Return the address of the picture of a page, where pages were shared."""
        shown = self._of_edition or ("view", "page") in self._photos
        return super().page_image(page_id, width) if shown else None

    def gallery(self, **query: Any) -> str | None:
        """Return the address of the photos that were shared, or of a part of their list."""
        return super().gallery(**query) if self._opens(query) else None

    def gallery_sheet(self, **query: Any) -> str | None:
        """Return the address of a contact sheet of them."""
        return super().gallery_sheet(**query) if self._opens(query) else None

    def _opens(self, query: Mapping[str, Any]) -> bool:
        return not self._of_edition and _chosen(query) == self._photos


def _chosen(query: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Return what selects photos in a query, without what chooses among them."""
    given = parse_qsl(with_query("", query).removeprefix("?"))
    return {(name, value) for name, value in given if name not in PLACES}


def without_dead_links(page: str) -> str:
    """Return a page without links and pictures that have no address; the texts of links stay."""
    return DEAD_PICTURE.sub("", DEAD_LINK.sub(r"\1", page))


def stored_width(width: int | None) -> int | None:
    """Return the smallest width of pictures that is wide enough; None, of all pixels, stays so."""
    return None if width is None else next((w for w in WIDTHS if w >= width), WIDTHS[-1])


def with_query(path: str, query: Mapping[str, Any]) -> str:
    """Return an address with a query; what is None or empty is left out, lists are repeated."""
    given = {name: value for name, value in query.items() if value not in (None, "", [], ())}
    return f"{path}?{urlencode(given, doseq=True)}" if given else path
