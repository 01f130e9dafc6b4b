"""A small night that comes to every failpoint: what was left over, and an inbox of two editions.

Everything is real but the eyes: scripted instruments see coloured blocks, and scans are opened in
this process, for they are of our own making and a process takes a second to start.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import threading
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as Pillow
from sqlalchemy import delete

from presslens.app.db.figures import DiscardedFileRow
from presslens.app.db.tables import RecipeRow
from presslens.app.installation import Installation, init_installation, open_installation
from presslens.app.platform import clock
from presslens.app.platform.settings import Settings
from presslens.app.services.corrections.trash import delete_edition
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.app.services.figures.figures import add_figure, add_references
from presslens.app.services.ingest.inbox import import_inbox
from presslens.app.services.ingest.upload import Incoming, ingest
from presslens.app.worker import Worker, open_worker
from presslens.models.observer import Observer
from presslens.models.registry import Manifest, Registry
from presslens.models.scripted import scripted_instruments
from presslens.pipelines.engine import InlineEngine
from presslens.pipelines.interpret import Interpreter
from presslens.pipelines.page_observer import PageObserver
from presslens.pipelines.scans.answer import Form, write
from presslens.pipelines.scans.reader import Reader
from presslens.pipelines.scans.sandbox import Sandbox
from presslens.pipelines.task import Engine

RECIPE = Path(__file__).resolve().parents[2] / "tests" / "scripted.toml"
"""Soaking is done in a checkout, as testing is."""
LONG_AGO = timedelta(days=40)
"""Longer than the trash is kept, and than the files of what was removed are."""


class ReaderHere(Reader):
    """Opens scans in this process."""

    def __init__(self) -> None:
        self._call: Callable[[], object] = bool

    @property
    def is_ready(self) -> bool:
        """See ``Reader``."""
        return True

    def start(
        self, function: Callable[..., object], *args: object, files: Sequence[int] = ()
    ) -> None:
        """See ``Reader``."""
        self._call = lambda: function(*args, *files)

    def result(self, form: Form[Any]) -> Any:
        """See ``Reader``."""
        return form.read(*write(self._call()))

    def close(self) -> None:
        """See ``Reader``."""

    kill = close


class SandboxHere(Sandbox):
    """Lends readers of this process."""

    def lend(self) -> Reader:
        """See ``Sandbox``."""
        return ReaderHere()

    def take_back(self, reader: Reader) -> None:
        """See ``Sandbox``."""


@dataclass(frozen=True, slots=True)
class Night:
    """A folder with an installation and an inbox.

    Attributes:
        folder: Has the store in ``data``, the inbox in ``inbox``, and the database beside them.
        url: Of the database; empty: SQLite in the folder.
        more: Further settings.
    """

    folder: Path
    url: str = ""
    more: tuple[tuple[str, Any], ...] = ()

    @property
    def settings(self) -> Settings:
        """The settings of the installation."""
        values: dict[str, Any] = {
            "data_dir": self.folder / "data",
            "database_url": self.url or f"sqlite:///{self.folder}/presslens.db",
            "store_url": "",
            "recipe": RECIPE,
            "processes": 0,
            "min_free_bytes": 0,
            "poll_seconds": 0.001,
            "settle_seconds": 0,
        }
        return Settings(**values | dict(self.more))

    @property
    def inbox(self) -> Path:
        """The folder of what comes in."""
        return self.folder / "inbox"

    def copy(self, folder: Path) -> Night:
        """Copy everything into a new folder."""
        shutil.copytree(self.folder, folder)
        return Night(folder, self.url, self.more)


def prepare(night: Night, *, editions: int = 2) -> None:
    """Make an installation with work left over, and an inbox with editions.

    Left over are a reference to embed, an edition in the trash that is due, a removed file that is
    due, and half a file of an interrupted upload. A page of the deleted edition comes again.
    """
    init_installation(night.settings)
    now = clock.now()
    with open_installation(night.settings) as home:
        kim = add_figure(home, "Kim", now=now)
        add_references(home, kim, [Incoming("kim.png", _page(faces=1, tint=90))], now=now)
        pages = [Incoming("a.png", _front(0)), Incoming("b.png", _page(tint=71))]
        ago = now - LONG_AGO
        old = ingest(home, pages, publication="Gone", edition_date=ago.date(), now=ago)
        delete_edition(home, old.edition_id, coder=None, now=ago)
        _remove(home, home.storage.put(_page(tint=72), most=2**20).sha256, ago)
        half = home.storage.incoming / "half"
        half.write_bytes(b"half a file")
        os.utime(half, (ago.timestamp(), ago.timestamp()))
        with home.database.write() as session:
            session.execute(delete(RecipeRow))  # the night registers it
    for i in range(editions):
        _drop_off(night.inbox, i)


def _remove(home: Installation, sha256: str, ago: datetime) -> None:
    """Mark a file as removed long ago, with its picture."""
    os.utime(home.storage.scan(sha256), (ago.timestamp(), ago.timestamp()))
    view = home.storage.view(sha256, 0, home.recipe.observation_id)
    view.parent.mkdir(exist_ok=True)
    view.write_bytes(b"a picture")
    with home.database.write() as session:
        session.add(DiscardedFileRow(sha256=sha256, discarded_at=ago))


def _drop_off(inbox: Path, i: int) -> None:
    """Put an edition into the inbox: a page, and an archive of two, one of which is empty."""
    day = date(2019, 12, 1) + timedelta(days=i)
    folder = inbox / f"Rodong Sinmun_{day.isoformat()}"
    folder.mkdir(parents=True)
    (folder / "page_1.png").write_bytes(_front(i).read())
    with zipfile.ZipFile(folder / "rest.zip", "w") as archive:
        # Members without a time: the same bytes whenever they are written.
        archive.writestr(zipfile.ZipInfo("page_2.png"), _page(persons=i % 3, tint=i + 1).read())
        archive.writestr(zipfile.ZipInfo("page_3.png"), _page(photo=False).read())


def _front(i: int) -> io.BytesIO:
    """Return the front page of an edition, with a figure."""
    return _page(persons=2, faces=1, tint=i)


def _page(*, photo: bool = True, persons: int = 0, faces: int = 0, tint: int = 0) -> io.BytesIO:
    """Return a PNG of a page with at most one photo, that the scripted instruments understand."""
    pixels = np.full((220, 160, 3), 255, np.uint8)
    if photo:
        pixels[20:120, 20:140] = (90, 100, 110 + tint % 100)
    for i in range(persons):
        pixels[30:50, 30 + 20 * i : 40 + 20 * i] = (255, 0, 0)
    for i in range(faces):
        pixels[70:100, 30 + 30 * i : 50 + 30 * i] = (0, 255, 0)
    out = io.BytesIO()
    Pillow.fromarray(pixels).save(out, "PNG")
    out.seek(0)
    return out


@cache
def _interpreter(recipe: Path) -> Interpreter:
    home = Settings(recipe=recipe)
    return Interpreter(home.load_recipe(), Registry(Manifest.load()))


@contextmanager
def at_work(home: Installation, engine: Engine | None = None) -> Iterator[Worker]:
    """Give a worker with scripted eyes, or with those of an engine."""
    with ExitStack() as stack:
        sandbox = stack.enter_context(SandboxHere(home.settings.limits))
        observer = Observer(scripted_instruments(), home.recipe)
        eyes = engine or InlineEngine(PageObserver(sandbox, lambda: observer, pdf_dpi=150))
        worker = stack.enter_context(
            open_worker(
                home,
                threading.Event(),
                engine=lambda _: _Given(eyes),
                interpreter=lambda home: _interpreter(home.settings.recipe),
            )
        )
        worker.tools.sandbox = sandbox
        yield worker


class _Given:
    """Gives an engine that is open already."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __enter__(self) -> Engine:
        return self._engine

    def __exit__(self, *_: object) -> None:
        pass


def spend(night: Night) -> None:
    """Import the inbox and do all work that waits, as ``presslens nightly`` does."""
    with open_installation(night.settings) as home:
        import_inbox(home, night.inbox, now=clock.now())
        with at_work(home) as worker:
            worker.drain()


def result(night: Night) -> str:
    """Return everything that has come of a night: the canonical dump, and the files of the store.

    Unfinished files are swept first, as they are at the next start after a day.
    """
    with open_installation(night.settings) as home:
        home.storage.sweep((clock.now() + timedelta(days=2)).timestamp())
        return canonical_dump(home) + "\n".join(_tree(night.settings.data_dir))


def _tree(folder: Path) -> list[str]:
    return [
        f"{path.relative_to(folder)} {hashlib.sha256(path.read_bytes()).hexdigest()}"
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]
