"""The files of a publication: which address of the server is which file, and which has none."""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode

from presslens.app.citations import reference
from presslens.app.web.addresses import without_dead_links

FIRST = "en"
"""The language whose pages lie at the root of a publication; each other one has a folder."""

ENTRIES = {
    "/": "index", "/start": "index", "/gallery": "gallery", "/claims": "claims",
    "/method": "method", "/search": "search",
}  # fmt: skip
"""The pages of which there is one."""

KINDS = ("editions", "pages", "photos", "claims")
"""The pages of rows, by the folder that they lie in; a row's id names its file."""

DATA = (*reference.FORMATS, "json", "csv")
"""The endings of what is the same in all languages."""

GALLERY_PARAMS = (
    "publication", "from", "to", "edition", "page", "zone", "subject", "figure", "focus", "label",
    "size", "reviewed", "sort",
)  # fmt: skip
"""What the filter of a publication reads from an address of the gallery."""

VIEW_PARAMS = ("view", "start", "about")
"""What says how photos are shown, and selects none."""

WIDTHS = {"pages": (320, 1000), "photos": (320, 640)}
"""Widths in pixels of the pictures of a publication."""

_ROW = re.compile(rf"/({'|'.join(KINDS)})/([0-9]+)")
_STATIC = re.compile(r"/static/[0-9a-f]+/(.+)")
_PICTURE = re.compile(r"/api/v1/(pages|photos)/([0-9]+)/image(?:\?width=([0-9]+))?")
_FIGURE = re.compile(r"/figures/([0-9]+)")
_CHART = re.compile(r"/timeline\.svg\?(.*)")

_ATTRIBUTE = re.compile(r'\b(href|src|srcset)="(/[^"]*)"')
_FORM = re.compile(r"<form\b.*?</form>\s*", re.DOTALL)
_DATA = re.compile(r'\sdata-[a-z-]+="/[^"]*"')
_DEAD_WAY = re.compile(r'<a rel="(?:prev|next)"[^>]*href="None".*?</a>', re.DOTALL)
_UNSEEN = re.compile(r'(<a\b[^>]*>\s*)<img\b[^>]*\bsrc="None"[^>]*?\balt="([^"]+)"[^>]*>')
_DEAD_LINE = re.compile(r'<link\b[^>]*href="None"[^>]*>\s*')


@dataclass(frozen=True)
class SiteFiles:
    """What a publication consists of."""

    rows: Mapping[str, Set[int]]  # ids of the rows that have a page, by the names of ``KINDS``
    newspapers: Mapping[str, int]  # ids of the newspapers that have timelines, by name
    main: str | None  # the newspaper of a timeline that names none
    metrics: Mapping[str, str]  # the part of a file's name that stands for a metric, by metric
    figures: Mapping[int, str]  # names of the enrolled figures by id
    pictures: bool  # whether the pictures of pages and photos are published
    statics: set[str] = field(default_factory=set)  # the static files that pages have asked for

    def file(self, address: str, code: str) -> str | None:
        """Return the file of a page's address, or of its data; None if there is none.

        Args:
            address: Of the server: a path with its query, without a fragment.
            code: The language of the page; data are the same in all.
        """
        path, _, query = address.partition("?")
        for ending in DATA:
            if path.endswith(f".{ending}"):
                stem = self._stem(path.removesuffix(f".{ending}"), query)
                return stem and f"{stem}.{ending}"
        stem = self._stem(path, query)
        return stem and f"{'' if code == FIRST else f'{code}/'}{stem}.html"

    def _stem(self, path: str, query: str) -> str | None:
        if path in ENTRIES:
            return ENTRIES[path]
        if path == "/timeline":
            params = parse_qs(query)
            name = params.get("publication", [self.main or ""])[0]
            metric = params.get("metric", ["photos"])[0]
            if name not in self.newspapers or metric not in self.metrics:
                return None
            ending = "" if metric == "photos" else f"-{self.metrics[metric]}"
            return f"timelines/{self.newspapers[name]}{ending}"
        row = _ROW.fullmatch(path)
        if row is not None and int(row[2]) in self.rows[row[1]]:
            return f"{row[1]}/{row[2]}"
        return None

    def picture(self, kind: str, row_id: int, width: int | None) -> str | None:
        """Return the file of the picture of a page or a photo; None if it is not published."""
        if not self.pictures or row_id not in self.rows[kind]:
            return None
        widths = WIDTHS[kind]
        stored = next((one for one in widths if width is not None and one >= width), widths[-1])
        return f"pictures/{kind}/{row_id}-{stored}.jpg"

    def link(self, address: str, code: str, at: str) -> str | None:
        """Return what an address of the server is in a file; None if it has none there.

        Args:
            address: The path with its query and fragment.
            code: The language of the file.
            at: The file that has the link, relative to the publication.
        """
        whole, mark, fragment = address.partition("#")
        target = self._target(whole, code)
        if target is None:
            return None
        file, _, query = target.partition("?")
        return f"{relative(file, at)}{'?' if query else ''}{query}{mark}{fragment}"

    def _target(self, address: str, code: str) -> str | None:
        if static := _STATIC.fullmatch(address):
            self.statics.add(static[1])
            return f"static/{static[1]}"
        if picture := _PICTURE.fullmatch(address):
            return self.picture(
                picture[1], int(picture[2]), int(picture[3]) if picture[3] else None
            )
        if chart := _CHART.fullmatch(address):
            return self.chart(f"/timeline?{chart[1]}", code)
        if figure := _FIGURE.fullmatch(address):
            name = self.figures.get(int(figure[1]))
            return name and self._target(f"/gallery?{urlencode({'figure': name})}", code)
        file = self.file(address, code)
        path, _, query = address.partition("?")
        if path == "/gallery" and file is not None and query:
            return _with_filter(file, query)
        return file

    def chart(self, address: str, code: str) -> str | None:
        """Return the file of the chart of a timeline in a language."""
        path, _, query = address.partition("?")
        stem = self._stem(path, query)
        return stem and f"charts/{stem.partition('/')[2]}.{code}.svg"

    def page(self, text: str, code: str, at: str) -> str:
        """Return a page of the server as a file: its links lead to files, its forms are gone.

        The text of a link that has no file stays; the ways to a page before or after go with it.
        """

        def change(attribute: re.Match[str]) -> str:
            name, value = attribute[1], html.unescape(attribute[2])
            if name == "srcset" and " " in value:
                return ""
            link = self.link(value, code, at)
            return f'{name}="{"None" if link is None else html.escape(link)}"'

        changed = _ATTRIBUTE.sub(change, _DATA.sub("", _FORM.sub("", text)))
        changed = _UNSEEN.sub(r"\1<span>\2</span>", changed)  # a link is named by its picture
        return without_dead_links(_DEAD_LINE.sub("", _DEAD_WAY.sub("", changed)))


def _with_filter(file: str, query: str) -> str | None:
    """Return the address of the gallery with its filter; None if it is another list of photos."""
    params = parse_qs(query)
    if params.keys() - {*GALLERY_PARAMS, *VIEW_PARAMS}:
        return None
    conditions = {name: params[name] for name in GALLERY_PARAMS if name in params}
    return f"{file}?{urlencode(conditions, doseq=True)}" if conditions else file


def relative(file: str, at: str) -> str:
    """Return the way to a file from another one of the same publication.

    >>> relative("static/css/base.css", "ko/photos/3.html")
    '../../static/css/base.css'
    >>> relative("ko/pages/2.html", "ko/photos/3.html")
    '../pages/2.html'
    """
    return posixpath.relpath(file, posixpath.dirname(at) or ".")
