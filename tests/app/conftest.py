"""An installation on each database, and a service whose models are fakes."""

import io
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from secrets import token_hex

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image as Pillow
from sqlalchemy import select

from presslens.app.db.statistics import EditionMeasureRow, EditionShareRow, EditionSummaryRow
from presslens.app.db.tables import EditionRow, PageRow, PublicationRow
from presslens.app.installation import (
    Installation,
    init_installation,
    open_installation,
    register_recipe,
)
from presslens.app.main import create_app
from presslens.app.platform.settings import Settings
from presslens.app.services.corrections.page_reviews import NewPageReview, review_page
from presslens.app.services.ingest.upload import Incoming, ingest
from presslens.app.services.ingest.upload_mode import UploadMode
from presslens.app.storage.opening import open_storage
from presslens.app.worker import Worker, open_worker
from presslens.lab.bench import specimens
from presslens.lab.soak.postgresql_server import installed as has_postgresql
from presslens.lab.soak.postgresql_server import postgresql_server, run_statement
from presslens.models.faces.appearance import appearance
from presslens.models.observer import Observer
from presslens.models.scripted import scripted_instruments
from presslens.models.vocabulary import (
    Focus,
    FocusReading,
    LabelReading,
    PhotoInterpretation,
    Sighting,
    Subject,
    SubjectReading,
)
from presslens.pipelines.engine import InlineEngine
from presslens.pipelines.page_observer import PageObserver
from presslens.pipelines.scans.sandbox import Sandbox
from presslens.pipelines.statistics.measure import Zone

from ..quickest_folder import quickest_folder
from .analysed_edition import edition as edition
from .analysed_edition import pages as pages
from .analysed_edition import photos as photos
from .first_states import FirstStates
from .flaky_engine import FlakyEngine
from .shared_statements import create_sharing_engine
from .summed_photos import edition_photos, summary
from .told_errors import told_errors as told_errors

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
DAY = date(2019, 12, 16)
RECIPE = Path(__file__).parent.parent / "scripted.toml"


class FakeInterpreter:
    """Takes photos with faces for the first figure's, and the count of persons for what it is.

    Every photo with persons is taken to be indoors; added labels are read as they were learnt.
    """

    def interpret(self, page, gallery, labels):
        return [self._photo(photo, gallery, labels) for photo in page.photos]

    def _photo(self, photo, gallery, labels):
        people = len(photo.detections)
        readings = [SubjectReading(s, 0.25, 0 if s is Subject.CROWD else None) for s in Subject]
        readings[0] = SubjectReading(Subject.PEOPLE, 0.9 if people else 0.1, people)
        known = [f for f in gallery.figures if len(f.embeddings)]
        figures = known[: len(photo.faces)]
        sightings = tuple(
            Sighting(figure.name, 0.8, face.box, appearance(photo, face.box))
            for figure, face in zip(figures, photo.faces, strict=False)
        )
        verdict = Focus.LEADER if sightings else Focus.NEITHER
        focus = FocusReading(verdict, 0.7, 0.125, (("leader_area_share", 0.5),))
        told = (LabelReading("indoor", 0.97 if people else 0.02), *labels.read(photo))
        others = known[len(figures) :] if photo.faces else []
        doubts = tuple((figure.name, 0.125) for figure in others)
        return PhotoInterpretation(tuple(readings), sightings, focus, told, doubts=doubts)


class BoldInterpreter(FakeInterpreter):
    """Takes every photo for one of a crowd that is composed around the facility."""

    def _photo(self, photo, gallery, labels):
        told = super()._photo(photo, gallery, labels)
        subjects = tuple(
            replace(r, probability=0.75) if r.subject is Subject.CROWD else r for r in told.subjects
        )
        return replace(told, subjects=subjects, focus=replace(told.focus, verdict=Focus.FACILITY))


def make_page(blocks=((40, 40, 200, 160),), *, persons=0, faces=0, tint=0, size=(320, 440)):
    """Return a PNG of white paper with grey blocks for photos; persons and faces in the first."""
    pixels = np.full((size[1], size[0], 3), 255, np.uint8)
    for x0, y0, x1, y1 in blocks:
        pixels[y0:y1, x0:x1] = (90, 100, 110 + tint)
    for i in range(persons):
        pixels[60:80, 50 + 30 * i : 60 + 30 * i] = (255, 0, 0)
    for i in range(faces):
        pixels[100:130, 50 + 30 * i : 70 + 30 * i] = (0, 255, 0)
    out = io.BytesIO()
    Pillow.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def make_captioned_page():
    """Return a PNG with two photos under a headline; the first has a caption.

    Blocks stand for letters, as the scripted reader reads them: four pixels wide is an "a".
    """
    pixels = np.full((440, 320, 3), 255, np.uint8)
    for x in (20, 164):
        pixels[80:220, x : x + 136] = (90, 100, 110)

    def write(x, y, widths, height):
        for width in widths:
            pixels[y : y + height, x : x + width] = 20
            x += width + 3

    write(60, 48, (29, 28) * 3, 22)
    write(24, 225, (4, 5, 6, 7), 8)
    for y in range(300, 420, 16):  # a report: the usual type of the page
        write(20, y, (5, 6, 5, 7) * 6, 8)
    out = io.BytesIO()
    Pillow.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


EDITION = {
    "page_1.png": make_page(persons=2, faces=1),
    "page_2.png": make_page([(20, 20, 150, 200), (170, 20, 300, 200)], tint=20),
    "page_3.png": make_page([]),
}


@pytest.fixture(scope="session", autouse=True)
def _shared_statements() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("presslens.app.db.session.create_engine", create_sharing_engine)
        yield


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Start a PostgreSQL server of our own, and return the URL of its first database."""
    if not has_postgresql():
        pytest.skip("PostgreSQL is not installed here")
    with postgresql_server(quickest_folder() / f"presslens-pg-{token_hex(4)}") as server:
        yield server.url


POSTGRESQL = pytest.param("postgresql", marks=pytest.mark.postgresql)
AT_LENGTH = pytest.param("postgresql", marks=(pytest.mark.postgresql, pytest.mark.long))


ABOVE_QUERIES = {"charts", "preservation", "services"} | {
    f"test_{name}.py" for name in ("csv_cells", "embeddings", "server")
}
"""Folders and files whose tests meet PostgreSQL at length, if they are not marked."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what uses a database on SQLite, and on PostgreSQL too where the database matters.

    HTTP, the command line, nights and pictures are tested on SQLite alone, for the queries below
    them are tested on both; ``@pytest.mark.both_databases`` asks for both there too, and
    ``@pytest.mark.sqlite_alone`` for one elsewhere. Most of what stands above the queries meets
    PostgreSQL in the long stage, and on each commit where it is marked for both.
    """
    named = [mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")]
    if "database_url" in metafunc.fixturenames and "database_url" not in named:
        path = metafunc.definition.path
        faces = {"api", "cli", "nightly", "web"} & set(path.parts)
        marks = {mark.name for mark in metafunc.definition.iter_markers()}
        databases = ["sqlite"]
        at_length = "both_at_length" in marks
        if "sqlite_alone" not in marks and ("both_databases" in marks or at_length or not faces):
            above = at_length or ABOVE_QUERIES & set(path.parts)
            databases.append(AT_LENGTH if above and "both_databases" not in marks else POSTGRESQL)
        metafunc.parametrize("database_url", databases, indirect=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a database with tables and seeds once; tests work on copies."""
    folder = tmp_path_factory.mktemp("template")
    init_installation(settings_of(f"sqlite:///{folder}/template.db", folder))
    return folder / "template.db"


@pytest.fixture(scope="session")
def postgresql_template(postgresql: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Make a database with tables and seeds once on the server, and return its name."""
    name = "presslens_template"
    run_statement(postgresql, f"CREATE DATABASE {name}")
    init_installation(settings_of(_on(postgresql, name), tmp_path_factory.mktemp("template")))
    return name


def _on(server: str, name: str) -> str:
    return server.replace("/postgres?", f"/{name}?")


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the URL of a database with tables and seeds, a copy of the template.

    ``@pytest.mark.empty_database`` gives one without tables.
    """
    empty = request.node.get_closest_marker("empty_database") is not None
    if request.param == "sqlite":
        if not empty:
            shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "test.db")
        yield f"sqlite:///{tmp_path}/test.db"
        return
    server = request.getfixturevalue("postgresql")
    template = "template0" if empty else request.getfixturevalue("postgresql_template")
    name = f"test_{abs(hash(tmp_path)):x}"
    run_statement(server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    yield _on(server, name)
    run_statement(server, f"DROP DATABASE {name} WITH (FORCE)")


def settings_of(database_url: str, data_dir: Path) -> Settings:
    """Return the settings of a small installation with scripted instruments."""
    return Settings(
        data_dir=data_dir,
        database_url=database_url,
        recipe=RECIPE,
        processes=0,
        min_free_bytes=0,
        poll_seconds=0.001,
        settle_seconds=0,
    )


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Return the settings of an installation of the test's own."""
    return settings_of(database_url, tmp_path / "data")


@pytest.fixture
def home(settings: Settings, request: pytest.FixtureRequest) -> Iterator[Installation]:
    """Create and open the installation."""
    copied = "database_url" in request.fixturenames
    if copied and request.node.get_closest_marker("empty_database") is None:
        open_storage(settings).create()  # the template has tables, seeds and the recipe
    else:
        init_installation(settings)
    with open_installation(settings) as installation:
        yield installation


@pytest.fixture(scope="session")
def first_states(tmp_path_factory: pytest.TempPathFactory) -> FirstStates:
    """Keep the states that tests begin with."""
    return FirstStates(tmp_path_factory.mktemp("first"))


@pytest.fixture
def begin_with(settings: Settings, home: Installation, first_states: FirstStates):
    """Return the function by which fixtures that are ``made_once`` make or copy their states."""
    return partial(first_states.begin, settings)


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """Open one sandbox for all tests; its processes take a second to start."""
    with Sandbox() as opened:
        yield opened


@pytest.fixture
def engine(home: Installation, sandbox: Sandbox) -> FlakyEngine:
    """Return an engine that sees coloured blocks."""
    observer = Observer(scripted_instruments(), home.recipe)
    return FlakyEngine(InlineEngine(PageObserver(sandbox, lambda: observer, pdf_dpi=150)))


@pytest.fixture
def worker(home: Installation, engine: FlakyEngine) -> Iterator[Worker]:
    """Return a worker that sees coloured blocks."""
    with open_worker(
        home,
        threading.Event(),
        engine=lambda _: nullcontext(engine),
        interpreter=lambda _: FakeInterpreter(),
    ) as opened:
        yield opened


@pytest.fixture
def anew(settings: Settings, sandbox: Sandbox, tmp_path: Path):
    """Return a context that works under a recipe by which all pages are looked at anew."""

    @contextmanager
    def look(old: str = "", new: str = "") -> Iterator[tuple[Installation, Worker]]:
        recipe = tmp_path / "anew.toml"
        text = RECIPE.read_text().replace("[observe]\nepoch = 1", "[observe]\nepoch = 2")
        recipe.write_text(text.replace(old, new))
        with open_installation(settings.model_copy(update={"recipe": recipe})) as home:
            observer = Observer(scripted_instruments(), home.recipe)
            engine = InlineEngine(PageObserver(sandbox, lambda: observer, pdf_dpi=150))
            with open_worker(
                home,
                threading.Event(),
                engine=lambda _: nullcontext(engine),
                interpreter=lambda _: FakeInterpreter(),
            ) as worker:
                yield home, worker

    return look


@pytest.fixture
def plain() -> FakeInterpreter:
    """Return what decides as the worker does."""
    return FakeInterpreter()


@pytest.fixture
def bold() -> BoldInterpreter:
    """Return what decides otherwise: all photos are of crowds, and around the facility."""
    return BoldInterpreter()


@pytest.fixture
def beside(settings: Settings, tmp_path: Path):
    """Return a context that works under a recipe by which all is decided anew, and nothing seen."""

    @contextmanager
    def decide(old: str = "", new: str = "") -> Iterator[Installation]:
        recipe = tmp_path / "beside.toml"
        text = RECIPE.read_text().replace("[interpret]\nepoch = 1", "[interpret]\nepoch = 2")
        recipe.write_text(text.replace(old, new))
        with open_installation(settings.model_copy(update={"recipe": recipe})) as home:
            register_recipe(home)
            yield home

    return decide


@pytest.fixture
def client(settings: Settings, home: Installation) -> Iterator[TestClient]:
    """Return a client of the application, whose server errors are answers too."""
    with TestClient(
        create_app(settings), base_url="http://localhost", raise_server_exceptions=False
    ) as opened:
        yield opened


@pytest.fixture
def make():
    """Return the maker of pages."""
    return make_page


@pytest.fixture
def captioned_page():
    """Return a page with a headline, "zyzyzy", and a caption, "abcd"."""
    return make_captioned_page()


@pytest.fixture
def scans() -> dict[str, bytes]:
    """Return an edition of three pages with three photos; the first has people and a face."""
    return dict(EDITION)


@pytest.fixture
def swatches(tmp_path: Path) -> Path:
    """Return examples of three pictures: six dark photos in yes, six light ones in no."""
    for side, value in (("yes", 40), ("no", 200)):
        folder = tmp_path / "swatches" / side
        folder.mkdir(parents=True)
        for i in range(6):
            pixels = np.full((40, 60, 3), value + 5 * i, np.uint8)
            pixels[..., i % 3] = 0
            Pillow.fromarray(pixels).save(folder / f"{i}.png")
    return tmp_path / "swatches"


@pytest.fixture
def put(home: Installation):
    """Return a function that takes in an edition, in place of another one of its day."""

    def ingest_files(files, publication="Rodong Sinmun", day=DAY, mode="replace", **more):
        incoming = [Incoming(name, io.BytesIO(data)) for name, data in files.items()]
        how = {"edition_date": day, "mode": mode and UploadMode(mode), "now": NOW, **more}
        return ingest(home, incoming, publication=publication, **how)

    return ingest_files


@pytest.fixture
def count_photos(home: Installation):
    """Return a function by which somebody looks through all pages: their counts are exact."""

    def look() -> None:
        with home.database.read() as session:
            pages = session.scalars(select(PageRow.id).where(PageRow.scan_id.is_not(None))).all()
        for page in pages:
            review_page(home, NewPageReview(page, "A", checked=True), now=NOW)

    return look


@pytest.fixture
def upload(client: TestClient):
    """Return a function that uploads an edition over HTTP."""

    def post(files: dict[str, bytes], publication="Rodong Sinmun", day="2019-12-16", **more):
        return client.post(
            "/api/v1/editions",
            data={"publication": publication, "date": day, **more},
            files=[("files", (name, data)) for name, data in files.items()],
        )

    return post


@pytest.fixture
def now() -> datetime:
    """Return a time."""
    return NOW


@pytest.fixture
def add_summary(home: Installation):
    """Return a function that adds an edition that is added up already, and gives its id.

    ``shares`` maps a measure to the share of its photos that show it by the machine.
    """

    def add(
        day: date, *, photos=30, pages=6, seen=None, shares=None, lead=None, publication="Rodong"
    ):
        with home.database.write() as session:
            paper = session.query(PublicationRow).filter_by(name=publication).one_or_none()
            paper = paper or PublicationRow(name=publication)
            session.add(paper)
            count = session.query(EditionRow).count()
            edition = EditionRow(
                publication=paper,
                edition_date=day,
                content_key=f"{count:064x}",
                created_at=NOW + timedelta(minutes=count),
                unpacked_at=NOW,
            )
            session.add(edition)
            session.flush()
            key = {"edition_id": edition.id, "recipe_id": home.recipe.id}
            made = edition_photos(photos, shares or {})
            session.add(
                EditionSummaryRow(
                    **key,
                    **summary(photos, pages, pages if seen is None else seen),
                    front_lead_focus=lead,
                    photo_ids=[1000 * edition.id + i for i in range(photos)],
                    **made.stored(),
                )
            )
            for measure in made.stored_measures():
                session.add(EditionMeasureRow(**key, **measure))
                sums = asdict(made.sums(measure["measure"], Zone.ALL))
                row = {**key, "measure": measure["measure"], "zone": Zone.ALL}
                session.add(EditionShareRow(**row, **sums))
            return edition.id

    return add


@pytest.fixture(scope="session")
def archive(tmp_path_factory) -> Iterator[Installation]:
    """Open an installation with four generated editions of two newspapers; only to be read."""
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("archive"), recipe=RECIPE, processes=0, min_free_bytes=0
    )
    init_installation(settings)
    with open_installation(settings) as installation:
        papers = ("Minju Joson", "Rodong Sinmun")
        specimens.fill(installation, 4, photos=4, publications=papers)
        yield installation
