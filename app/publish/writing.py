"""Writes parts of a publication, in this process or in several."""

from __future__ import annotations

import atexit
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence, Set
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from presslens.app.installation import Installation
from presslens.app.platform.settings import Settings
from presslens.app.publish.pictures import PagePictures, write_pictures, write_tiles
from presslens.app.publish.rendering import PublishedPages, languages, opened_source
from presslens.app.publish.site_files import SiteFiles
from presslens.app.publish.stamp import SiteStamp
from presslens.app.services.catalogue.pages import cached_pages
from presslens.pipelines.lifeline import end_with_spawner


@dataclass(frozen=True, slots=True)
class SitePart:
    """A part of a publication that one process writes."""

    addresses: tuple[str, ...]  # of its pages, at the server
    pictured: int | None = None  # id of the edition whose pictures are written; None: of none


@dataclass(frozen=True)
class SiteWriter:
    """Writes parts of a publication into a folder."""

    settings: Settings  # of the installation, whose database is of one moment
    files: SiteFiles
    stamp: SiteStamp
    hidden: Set[int]  # ids of the photos that are blurred
    folder: Path

    def write(self, source: PublishedPages, part: SitePart) -> Set[str]:
        """Write a part, and return the names of the static files that its pages load."""
        for file, text in source.pages(part.addresses, self.files, self.stamp):
            (self.folder / file).write_text(text, encoding="utf-8", newline="")
        for address in part.addresses:
            if address.startswith("/timeline?"):
                self._write_charts(source, address)
        if part.pictured is not None and self.files.pictures:
            self._write_pictures(source.home, part.pictured)
        return self.files.statics

    def _write_charts(self, source: PublishedPages, address: str) -> None:
        for code in languages():
            if file := self.files.chart(address, code):
                (self.folder / file).write_bytes(source.chart(address, code))

    def _write_pictures(self, home: Installation, edition_id: int) -> None:
        for page in cached_pages(home, edition_id):
            photos = tuple((one.id, one.observation.frame.box) for one in page.photos)
            hidden = tuple(box for id_, box in photos if id_ in self.hidden)
            pictures = PagePictures(page.id, photos, hidden)
            write_pictures(home, pictures, self.folder)
            if self.stamp.zoom:
                write_tiles(home, pictures, self.folder)


def write_parts(
    writer: SiteWriter,
    parts: Sequence[SitePart],
    *,
    processes: int,
    progress: Callable[[int], None],
) -> Set[str]:
    """Write the parts of a publication, and return the static files that its pages load.

    Args:
        processes: How many write at a time; 1: this one.
        progress: Called with the number of parts that are done.
    """
    statics: set[str] = set()
    if processes == 1:
        with opened_source(writer.settings) as source:
            for done, part in enumerate(parts, start=1):
                statics |= writer.write(source, part)
                progress(done)
        return statics
    spawned = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, spawned, _begin, (writer,)) as pool:
        try:
            work = [pool.submit(_write, part) for part in parts]
            for done, one in enumerate(as_completed(work), start=1):
                statics |= one.result()
                progress(done)
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return statics


def spare_processes(editions: int) -> int:
    """Return how many processes write a publication: as many as there are processors, 8 at most.

    One of few editions is written before another process has begun.
    """
    return 1 if editions < 4 else min(8, os.cpu_count() or 1)


_OPENED = ExitStack()
"""What a process of the pool has open until it ends."""

_writer: SiteWriter
_source: PublishedPages


def _begin(writer: SiteWriter) -> None:
    global _writer, _source
    end_with_spawner()
    atexit.register(_OPENED.close)  # while its threads still run, which it waits for
    _writer, _source = writer, _OPENED.enter_context(opened_source(writer.settings))


def _write(part: SitePart) -> Set[str]:
    return _writer.write(_source, part)


@contextmanager
def archive_of_one_moment(
    home: Installation, scratch: Path, heed: Callable[[], None]
) -> Iterator[Settings]:
    """Give the settings of an installation whose database nobody else changes.

    SQLite's file is copied. A PostgreSQL server has one database alone: whoever uses it looks
    afterwards whether it was changed.

    Args:
        scratch: A folder with room for a copy.
        heed: Called while it is copied; what it raises ends the copying.
    """
    if home.database.engine.dialect.name != "sqlite":
        yield home.settings
        return
    file = scratch / "archive.db"
    try:
        home.database.copy_file(file, heed)
        yield home.settings.model_copy(update={"database_url": f"sqlite:///{file}"})
    finally:
        file.unlink(missing_ok=True)
