"""An archive with something of each kind, observed once and copied for each test."""

import io
import shutil
import threading
from contextlib import nullcontext

import pytest
from sqlalchemy import select

from presslens.app.db.tables import PhotoRow
from presslens.app.installation import init_installation, open_installation
from presslens.app.platform import clock
from presslens.app.platform.settings import Settings
from presslens.app.preservation.backup import back_up
from presslens.app.preservation.restore import restore_backup
from presslens.app.services.corrections.trash import delete_edition
from presslens.app.services.figures.figures import enrol_figure
from presslens.app.services.ingest.upload import Incoming, ingest
from presslens.app.services.reviews.reviews import NewReview, review_photo
from presslens.app.worker import open_worker
from presslens.models.observer import Observer
from presslens.models.scripted import scripted_instruments
from presslens.pipelines.engine import InlineEngine
from presslens.pipelines.page_observer import PageObserver

from .conftest import DAY, EDITION, NOW, RECIPE, FakeInterpreter, make_page


def fill(home, sandbox):
    """Take in analysed pages, a figure, a review, and an edition in the trash."""

    def put(files, publication):
        incoming = [Incoming(name, io.BytesIO(data)) for name, data in files.items()]
        return ingest(home, incoming, publication=publication, edition_date=DAY, now=NOW)

    observer = Observer(scripted_instruments(), home.recipe)
    engine = InlineEngine(PageObserver(sandbox, lambda: observer, pdf_dpi=150))
    put(EDITION, "Rodong Sinmun")
    enrol_figure(home, "Zebedee", [Incoming("a.png", io.BytesIO(make_page(faces=1)))], now=NOW)
    deleted = put({"b.png": make_page(tint=9)}, "Minju Joson").edition_id
    with open_worker(
        home,
        threading.Event(),
        engine=lambda _: nullcontext(engine),
        interpreter=lambda _: FakeInterpreter(),
    ) as worker:
        worker.drain()
        with home.database.read() as session:
            photo = session.scalars(select(PhotoRow.id).order_by(PhotoRow.id)).first()
        review_photo(home, NewReview(photo, "A", {"people": True, "crowd": None}), now=NOW)
        worker.drain()
        delete_edition(home, deleted, coder="A", now=clock.now())


@pytest.fixture(scope="session")
def filled(tmp_path_factory, sandbox):
    """The folder of such an archive on SQLite, and a backup of it; only to be read."""
    folder = tmp_path_factory.mktemp("filled")
    settings = Settings(data_dir=folder / "data", recipe=RECIPE, processes=0, min_free_bytes=0)
    init_installation(settings)
    with open_installation(settings) as home:
        fill(home, sandbox)
        back_up(home, folder / "backup.tar", now=NOW)
    return folder


@pytest.fixture
def full(filled, tmp_path):
    """Such an archive on SQLite, which the test may change."""
    settings = Settings(data_dir=tmp_path / "data", recipe=RECIPE, processes=0, min_free_bytes=0)
    shutil.copytree(filled / "data", settings.data_dir)
    with open_installation(settings) as home:
        yield home


@pytest.fixture
def full_on(settings, filled):
    """Such an archive on SQLite or PostgreSQL, by the database of the test."""
    restore_backup(settings, filled / "backup.tar")
    with open_installation(settings) as home:
        yield home
