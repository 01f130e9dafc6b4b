"""Addresses of the pages, as templates name them; a report of files has addresses of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from presslens.app.api import links
from presslens.app.services.accounts.share_links import EDITION, PLACES
from presslens.app.services.catalogue.publications import PublicationState
from presslens.app.services.pictures.pictures import WIDTHS

DEAD_LINK = re.compile(r'<a\b[^>]*\bhref="None[^"]*"[^>]*>(.*?)</a>', re.DOTALL)
DEAD_PICTURE = re.compile(r'<img\b[^>]*\bsrc="None"[^>]*>')


class Addresses:
    """The addresses of the server's pages, relative to its host.

    Templates take them from ``to``. Where an address is None, there is no such page, and the macro
    ``link`` writes its text alone.
    """

    live = True
    """Whether a server answers, so that there is more than one edition to look at."""

    def __init__(self, build: str) -> None:
        self._build = build

    def static(self, path: str) -> str:
        """Return the address of a file of ``app/web/static``, or of a vendored one."""
        return f"/static/{self._build}/{path}"

    def start(self) -> str | None:
        """Return the address of the start page."""
        return "/"

    def timeline(self, **query: Any) -> str | None:
        """Return the address of the timeline."""
        return with_query("/timeline", query)

    def chart(self, page: str, kind: str, /, **query: Any) -> str | None:
        """Return the address of a page's chart; ``kind`` is png, svg, pdf or vl.json."""
        return with_query(f"/{page}.{kind}", query)

    def edition(self, edition_id: int) -> str | None:
        """Return the address of an edition."""
        return f"/editions/{edition_id}"

    def upload(self, **query: Any) -> str | None:
        """Return the address of the page that takes in scans."""
        return with_query("/upload", query)

    def trash(self, **query: Any) -> str | None:
        """Return the address of the deleted editions."""
        return with_query("/trash", query)

    def page(self, page_id: int, **query: Any) -> str | None:
        """Return the address of a page."""
        return with_query(f"/pages/{page_id}", query)

    def photo(self, photo_id: int) -> str | None:
        """Return the address of a photo."""
        return f"/photos/{photo_id}"

    def gallery(self, **query: Any) -> str | None:
        """Return the address of the gallery with a filter."""
        return with_query("/gallery", query)

    def gallery_sheet(self, **query: Any) -> str | None:
        """Return the address of a contact sheet of photos."""
        return with_query("/gallery/sheet", query)

    def gallery_tiles(self, key: str, **query: Any) -> str | None:
        """Return the address of the tiles of a bucket of the gallery."""
        return with_query(f"/gallery/tiles/{key}", query)

    def compare(self, **query: Any) -> str | None:
        """Return the address of a comparison."""
        return with_query("/compare", query)

    def claims(self, **query: Any) -> str | None:
        """Return the address of the list of claims."""
        return with_query("/claims", query)

    def claim(self, claim_id: int) -> str | None:
        """Return the address of a claim."""
        return f"/claims/{claim_id}"

    def claim_test(self, **query: Any) -> str | None:
        """Return the address of a test of a rule that is not kept."""
        return with_query("/claims/test", query)

    def newspapers(self) -> str | None:
        """Return the address of the list of newspapers."""
        return "/newspapers"

    def newspaper(self, publication_id: int, **query: Any) -> str | None:
        """Return the address of a newspaper."""
        return with_query(f"/newspapers/{publication_id}", query)

    def masthead(self, paper: PublicationState) -> str | None:
        """Return the address of the picture of a newspaper's masthead; it changes with it."""
        return with_query(links.masthead(paper.id), {"v": (paper.masthead_sha256 or "")[:8]})

    def figures(self) -> str | None:
        """Return the address of the enrolled figures."""
        return "/figures"

    def figure(self, figure_id: int, **query: Any) -> str | None:
        """Return the address of a figure's sightings."""
        return with_query(f"/figures/{figure_id}", query)

    def labels(self, **query: Any) -> str | None:
        """Return the address of the labels, and of one that is taught."""
        return with_query("/labels", query)

    def edits(self, **query: Any) -> str | None:
        """Return the address of the log of what people have changed, with a filter."""
        return with_query("/edits", query)

    def runs(self) -> str | None:
        """Return the address of the work that ran and waits."""
        return "/runs"

    def review(self) -> str | None:
        """Return the address of the samples."""
        return "/review"

    def planner(self, **query: Any) -> str | None:
        """Return the address of the planner of samples, with its fields filled in."""
        return with_query("/review/new", query)

    def desk(self, sample_id: int) -> str | None:
        """Return the address where a sample is coded."""
        return f"/review/{sample_id}"

    def disagreements(self, sample_id: int) -> str | None:
        """Return the address where what coders of a sample disagree on is decided."""
        return f"/review/{sample_id}/disagreements"

    def batch(self, sample_id: int, **query: Any) -> str | None:
        """Return the address of a batch of a sample that is coded without a server."""
        return with_query(f"/review/{sample_id}/batch", query)

    def export(self, **query: Any) -> str | None:
        """Return the address of the export page with a filter."""
        return with_query("/export", query)

    def method(self, anchor: str = "") -> str | None:
        """Return the address of the method, or of one of its sections."""
        return f"/method#{anchor}" if anchor else "/method"

    def privacy(self) -> str | None:
        """Return the address of the page of data protection."""
        return "/privacy"

    def docs(self) -> str | None:
        """Return the address of the API's documentation."""
        return "/docs"

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

    start = timeline = compare = claims = claim = claim_test = figures = figure = nowhere
    newspapers = newspaper = labels = upload = trash = edits = runs = export = nowhere
    review = planner = desk = disagreements = batch = method = privacy = docs = nowhere

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
