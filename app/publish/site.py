"""Publishes an archive as files: pages in all languages, data, search, sums of all files."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import asdict, dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import quote

from presslens.app.api.csv_response import csv_lines
from presslens.app.citations.citation import CitedAuthor
from presslens.app.db.queries import ANY_EDITION, EditionScope
from presslens.app.installation import Installation, open_installation
from presslens.app.platform.errors import Conflict, InvalidRequest
from presslens.app.platform.settings import Settings
from presslens.app.publish.folder import FORMAT, MANIFEST, replaced_folder, write_sums
from presslens.app.publish.plan import SitePlan
from presslens.app.publish.rendering import Rendering, languages, published_document
from presslens.app.publish.search_data import (
    gallery_conditions,
    gallery_facets,
    gallery_script,
    search_script,
)
from presslens.app.publish.site_files import FIRST, KINDS, SiteFiles
from presslens.app.publish.stamp import SiteStamp
from presslens.app.publish.writing import (
    SitePart,
    SiteWriter,
    archive_of_one_moment,
    spare_processes,
    write_parts,
)
from presslens.app.services.catalogue.editions import COLUMNS as EDITION_COLUMNS
from presslens.app.services.catalogue.editions import EditionState
from presslens.app.services.catalogue.photo_entry import COLUMNS as PHOTO_COLUMNS
from presslens.app.services.catalogue.photo_filter import PhotoFilter, PhotoSort
from presslens.app.services.catalogue.photos import iterate_photos
from presslens.app.services.catalogue.publications import named_for_readers
from presslens.app.services.catalogue.scope import check_scope
from presslens.app.services.exports.export import json_bytes
from presslens.app.services.exports.snapshot.manifest import MANIFEST as SNAPSHOT_MANIFEST
from presslens.app.services.exports.snapshot.manifest import Published, SnapshotManifest
from presslens.app.services.exports.snapshot.write import export_snapshot
from presslens.app.services.statistics.unusual import UnusualEditions, unusual_editions
from presslens.app.web.report import FONT, FONT_FACE, STYLES, report_font
from presslens.app.web.static_files import STATIC, browser_files

OpenProgress = Callable[[int, int, str], None]
"""Called with the number of parts that are done, of all, and what is at work."""

CITATION = "CITATION.cff"

OPENSEADRAGON = "vendor/openseadragon.min.js"


@dataclass(frozen=True, slots=True)
class PublishedSite:
    """What was published."""

    folder: Path
    files: int
    bytes: int
    pages: int  # pages of the site, in all languages
    editions: int
    photos: int
    blurred: int  # photos that are blurred, as they show children
    tile_bytes: int  # bytes of the tiles among ``bytes``; 0: none were asked for
    content_sha256: str  # of the snapshot
    recipe: str
    citation: str

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {**asdict(self), "folder": str(self.folder)}


@dataclass(frozen=True, slots=True)
class SiteChoices:
    """What somebody chooses to publish."""

    scope: EditionScope = ANY_EDITION
    rights: str | None = None  # the line of rights of the pictures; None: they are left out
    unblurred: bool = False  # whether photos that show children are published as they are
    zoom: bool = False  # whether pages have tiles of all their pixels
    address: str = ""  # where it will lie
    authors: tuple[str, ...] = ()  # who is to be cited

    def check(self) -> None:
        """Check that the choices go together.

        Raises:
            InvalidRequest: They don't.
        """
        if self.rights is not None and not self.rights.strip():
            raise InvalidRequest("--pictures asks for the line of rights that stands by them")
        for chosen, option in ((self.unblurred, "--unblurred"), (self.zoom, "--zoom")):
            if chosen and self.rights is None:
                raise InvalidRequest(f"{option} is about pictures: give --pictures too")
        for author in self.authors:
            CitedAuthor.parse(author)
        if self.address and not self.address.startswith(("https://", "http://")):
            raise InvalidRequest(f"--address begins with https://, and {self.address} does not")


def publish_site(
    home: Installation,
    folder: Path,
    choices: SiteChoices,
    *,
    today: date,
    processes: int | None = None,
    progress: OpenProgress = lambda _done, _of, _name: None,
) -> PublishedSite:
    """Publish an archive into a folder, whole or not at all.

    Args:
        folder: New, empty, or an earlier publication, which is replaced.
        today: The day of the publication.
        processes: How many write at a time; None: as many as are of use.
        progress: Called when a part is done.

    Raises:
        InvalidRequest: The choices don't go together, or some editions still wait.
        NotFound: There are no such editions.
        Conflict: The archive was changed meanwhile, and could not be copied.
    """
    choices.check()
    check_scope(home, choices.scope)
    revision = home.database.revision()
    with (
        replaced_folder(folder) as target,
        tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.work-") as scratch,
        archive_of_one_moment(
            home, Path(scratch), lambda: progress(0, 0, "copying the database")
        ) as settings,
        open_installation(settings) as then,
        named_for_readers(then),
    ):
        progress(0, 0, "hashing the content")
        address = f"{choices.address.rstrip('/')}/" if choices.address else ""
        authors = tuple(map(CitedAuthor.parse, choices.authors))
        published = Published(authors=authors, day=today, address=address)
        snapshot, cited = _snapshot(then, choices, published, Path(scratch))
        plan = SitePlan(then, choices.scope, choices.rights is not None)
        hidden = plan.children if plan.pictures and not choices.unblurred else frozenset()
        stamp = SiteStamp(
            snapshot,
            today,
            choices.rights,
            choices.unblurred,
            choices.zoom,
            address,
            authors,
            blurred=len(hidden),
        )
        site = _Site(then, settings, plan, stamp, hidden, cited, target, folder)
        made = site.write(processes or spare_processes(len(plan.editions)), progress)
        if settings is home.settings and home.database.revision() != revision:
            raise Conflict(
                "the archive was changed while it was published, and nothing was replaced: publish"
                " it while no worker and no reviewer is at work"
            )
    return made


def _snapshot(
    home: Installation, choices: SiteChoices, published: Published, scratch: Path
) -> tuple[SnapshotManifest, str]:
    """Return the manifest of the snapshot of what is published, and its citation for programs."""
    with tempfile.TemporaryDirectory(dir=scratch) as name:
        folder = Path(name)
        export_snapshot(home, choices.scope, folder, published=published)
        text = (folder / SNAPSHOT_MANIFEST).read_text(encoding="utf-8")
        cited = (folder / CITATION).read_text(encoding="utf-8")
    return SnapshotManifest.model_validate_json(text), cited


@dataclass(frozen=True)
class _Site:
    """A publication in the making."""

    home: Installation  # of one moment
    settings: Settings
    plan: SitePlan
    stamp: SiteStamp
    hidden: Set[int]  # ids of the photos that are blurred
    cited: str  # the citation of the snapshot as a CITATION.cff
    folder: Path  # where it is written
    place: Path  # the folder that it will be

    def write(self, processes: int, progress: OpenProgress) -> PublishedSite:
        """Write all."""
        plan, stamp = self.plan, self.stamp
        files = plan.files()
        self._make_folders()
        writer = SiteWriter(self.settings, files, stamp, self.hidden, self.folder)
        parts = list(self._parts())
        statics = write_parts(
            writer,
            parts,
            processes=processes,
            progress=lambda done: progress(done, len(parts), "writing pages"),
        )
        self._write_own_pages(files)
        self._copy_statics(statics | files.statics)
        self._write_notes()
        count, size = write_sums(self.folder)
        return PublishedSite(
            folder=self.place,
            files=count,
            bytes=size,
            pages=sum(1 for _ in self.folder.rglob("*.html")),
            editions=len(plan.editions),
            photos=len(plan.photos),
            blurred=len(self.hidden),
            tile_bytes=sum(one.stat().st_size for one in self.folder.glob("tiles/*/*/*.jpg")),
            content_sha256=stamp.snapshot.content_sha256,
            recipe=stamp.snapshot.recipe,
            citation=stamp.citation,
        )

    def _parts(self) -> Iterator[SitePart]:
        """Yield what is written at a time, the largest parts first."""
        photos = {one.id: one.photos or 0 for one in self.plan.editions}
        for edition in sorted(photos, key=lambda one: -photos[one]):
            yield SitePart(tuple(self.plan.of_edition(edition)), edition)
        for addresses in (list(self.plan.timelines()), list(self.plan.lists())):
            for i in range(0, len(addresses), 8):
                yield SitePart(tuple(addresses[i : i + 8]))

    def _make_folders(self) -> None:
        names = [*KINDS, "timelines"]
        for code in languages():
            for name in names:
                (self.folder / ("" if code == FIRST else code) / name).mkdir(parents=True)
        for name in ("charts", "data", "static", "pictures/pages", "pictures/photos"):
            if self.plan.pictures or not name.startswith("pictures"):
                (self.folder / name).mkdir(parents=True)

    def _write_own_pages(self, files: SiteFiles) -> None:
        """Write the pages that a server has not, or has otherwise, and their data."""
        facets, months = gallery_facets(self.plan), self._months()
        total = len(self.plan.counted_photos)
        papers = {one.publication for one in self.plan.newspapers}
        offered = {
            **facets.facets,
            "publication": [one for one in facets.facets["publication"] if one.value in papers],
        }
        for code in languages():
            values: dict[str, tuple[str, dict[str, Any]]] = {
                "index": ("start", {"months": months, "newspapers": self.plan.newspapers,
                    "superseded": sum(one.superseded for one in self.plan.editions),
                    "total": total}),
                "gallery": ("gallery", {"facets": offered, "months": months, "total": total,
                    "conditions": gallery_conditions(self.plan)}),
                "search": ("search", {}),
                "404": ("missing", {}),
            }  # fmt: skip
            for stem, (name, own) in values.items():
                file = f"{'' if code == FIRST else f'{code}/'}{stem}.html"
                rendering = Rendering(files, self.stamp, file)
                data = {"json": f"/{name}.json", "csv": f"/{name}.csv"}
                twins = data if stem in ("index", "gallery") else {}
                page = rendering.own_page(f"published_{name}.html", code, twins=twins,
                    section=name, **own)  # fmt: skip
                self._write(file, page)
            self._write(f"data/photos.{code}.js", gallery_script(self.plan, facets, code))
            self._write(f"data/search.{code}.js", search_script(self.plan, code))
        editions = [one.to_json() for one in self.plan.editions]
        self._write_json("index.json", {"snapshot": self._manifest(), "editions": editions})
        rows = (one.row() for one in self.plan.editions)
        self._write("index.csv", "".join(csv_lines(EDITION_COLUMNS, rows)))
        glances = {
            "recipe": facets.recipe_id,
            "photos": [one.to_json() for one in self.plan.counted_photos],
            "counts": facets.to_json(),
        }
        self._write_json("gallery.json", published_document(glances, files, "gallery.json"))
        photos = iterate_photos(self.home, PhotoFilter(self.plan.scope), sort=PhotoSort.DATE_DOWN)
        self._write("gallery.csv", "".join(csv_lines(PHOTO_COLUMNS, (one.row() for one in photos))))

    def _months(self) -> Mapping[int, Sequence[tuple[date, Sequence[Mapping[str, Any]]]]]:
        """Return the editions of each newspaper by month, the latest first, with their flags."""
        unusual = unusual_editions(self.home, self.plan.scope)
        made: dict[int, list[tuple[date, Sequence[Mapping[str, Any]]]]] = {}
        for paper in self.plan.newspapers:
            own = [one for one in self.plan.editions if one.publication == paper.publication]
            by_month = groupby(own, key=lambda one: one.edition_date.replace(day=1))
            made[paper.id] = [
                (month, [self._listed(one, unusual) for one in editions])
                for month, editions in by_month
            ]
        return made

    def _listed(self, edition: EditionState, unusual: UnusualEditions) -> Mapping[str, Any]:
        flags = unusual.of(edition.id)
        front = next(iter(self.plan.pages[edition.id]), None)
        return {"state": edition, "flags": flags.flags if flags else (), "front": front}

    def _copy_statics(self, names: Set[str]) -> None:
        target = self.folder / "static"
        if self.stamp.zoom:
            names = {*names, OPENSEADRAGON}
        for name in sorted(names):
            source = STATIC / name
            if name == OPENSEADRAGON:
                source = browser_files(self.settings).path("openseadragon")
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target / name)
        font = report_font(self.settings)
        if font is not None:
            (target / FONT).parent.mkdir(exist_ok=True)
            shutil.copyfile(font, target / FONT)
        else:
            styles = target / STYLES
            styles.write_text(FONT_FACE.sub("", styles.read_text(encoding="utf-8"), count=1),
                              encoding="utf-8")  # fmt: skip

    def _manifest(self) -> Mapping[str, Any]:
        stamp = self.stamp
        return {
            "format": FORMAT,
            "published": stamp.day.isoformat(),
            "address": stamp.address or None,
            "citation": stamp.citation,
            "pictures": stamp.rights,
            "children_blurred": stamp.rights is not None and not stamp.unblurred,
            "languages": list(languages()),
            "snapshot": stamp.snapshot.model_dump(mode="json"),
        }

    def _write_notes(self) -> None:
        """Write what archivists and search engines read."""
        self._write_json(MANIFEST, self._manifest())
        self._write(CITATION, self.cited)
        self._write("robots.txt", self._robots())
        pages = sorted(one.relative_to(self.folder).as_posix() for one in
                       self.folder.rglob("*.html") if one.name != "404.html")  # fmt: skip
        if self.stamp.address:
            places = (f"<url><loc>{self.stamp.address}{quote(one)}</loc></url>" for one in pages)
            lines = "\n".join(places)
            self._write(
                "sitemap.xml",
                '<?xml version="1.0" encoding="UTF-8"?>\n'
                f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{lines}\n</urlset>\n',
            )
        else:  # a sitemap has whole addresses, or is a list of lines
            self._write("sitemap.txt", "".join(f"{quote(one)}\n" for one in pages))

    def _robots(self) -> str:
        place = f"Sitemap: {self.stamp.address}sitemap.xml\n" if self.stamp.address else ""
        return f"User-agent: *\nAllow: /\n{place}"

    def _write(self, file: str, text: str) -> None:
        (self.folder / file).write_text(text, encoding="utf-8", newline="")

    def _write_json(self, file: str, document: Mapping[str, Any]) -> None:
        (self.folder / file).write_bytes(json_bytes(document))
