"""An installation is created, migrated and opened by three doors; opening changes nothing."""

import json
import os
import shutil
import time
from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import delete, func, select, text
from typer.testing import CliRunner

from presslens.app.cli import cli
from presslens.app.db import schema
from presslens.app.db.claims import ClaimRow
from presslens.app.db.figures import FigureRow, ReferenceRow
from presslens.app.db.session import BUSY_SECONDS
from presslens.app.db.tables import (
    EditionRow,
    LabelExampleRow,
    LabelRow,
    PublicationRow,
    RecipeRow,
    ScanRow,
    UploadFileRow,
)
from presslens.app.installation import (
    init_installation,
    open_installation,
    prepare_to_work,
    upgrade_installation,
)
from presslens.app.platform.errors import (
    NoDatabase,
    NotFound,
    NotInitialised,
    StoreMissing,
    WrongVersion,
)
from presslens.app.platform.settings import Settings
from presslens.models.recipe import DEFAULT, Recipe


def count(home, table):
    with home.database.read() as session:
        return session.scalar(select(func.count()).select_from(table))


def editions_counted(settings):
    """Return the number of editions that ``presslens stats`` counts."""
    names = ("data_dir", "database_url", "recipe", "min_free_bytes")
    environment = {f"PRESSLENS_{name.upper()}": str(getattr(settings, name)) for name in names}
    done = CliRunner(env=environment).invoke(cli, ["stats", "--json"])
    if isinstance(done.exception, NotFound):
        return 0
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)["editions"]


@pytest.mark.empty_database
@pytest.mark.parametrize("door", [upgrade_installation, open_installation])
def test_a_new_folder_is_no_installation_and_stays_empty(settings, door):
    with pytest.raises(NotInitialised, match="run `presslens init`"):
        door(settings).__enter__()
    assert not settings.data_dir.exists()


@pytest.mark.empty_database
def test_init_creates_once(settings):
    assert init_installation(settings)
    assert not init_installation(settings)
    with open_installation(settings) as home:
        assert home.storage.marked
        assert count(home, ClaimRow) > 0
        assert count(home, RecipeRow) == 1


def test_an_interrupted_init_is_completed(settings):
    init_installation(settings)
    shutil.rmtree(settings.data_dir / "scans")
    (settings.data_dir / ".presslens").unlink()
    with pytest.raises(StoreMissing), open_installation(settings):
        pass
    assert not init_installation(settings)
    with open_installation(settings) as home:
        assert list(home.storage.scans()) == []


def uploaded(session, now):
    paper = PublicationRow(name="A paper")
    edition = EditionRow(
        publication=paper, edition_date=now.date(), content_key="a" * 64, created_at=now
    )
    edition.files = [UploadFileRow(position=0, sha256="b" * 64, size=1, name="a.png")]
    session.add(edition)


def enrolled(session, now):
    figure = FigureRow(name="A figure", created_at=now)
    figure.references = [ReferenceRow(sha256="b" * 64, name="a.png", created_at=now)]
    session.add(figure)


def taught(session, now):
    label = LabelRow(name="parade", created_at=now, observation_id="c" * 64, version="")
    features = np.zeros(4, np.float32)
    label.examples = [LabelExampleRow(sha256="b" * 64, shows=True, name="a.png", features=features)]
    session.add(label)


def restored(session, now):
    session.add(ScanRow(sha256="b" * 64, frame=0))


@pytest.mark.parametrize(
    ("fill", "must_hold"), [(uploaded, True), (enrolled, True), (taught, True), (restored, False)]
)
def test_no_new_store_is_made_where_one_must_hold_files(settings, home, now, fill, must_hold):
    with home.database.write() as session:
        fill(session, now)
    (settings.data_dir / ".presslens").unlink()
    if must_hold:
        with pytest.raises(StoreMissing):
            init_installation(settings)
    else:
        init_installation(settings)
    assert home.storage.marked is not must_hold


@pytest.fixture
def next_version(monkeypatch, tmp_path):
    """Return a function that makes the program one migration newer."""

    def release():
        folder = tmp_path / "migrations"
        shutil.copytree(schema.MIGRATIONS, folder)
        head = schema.revisions()[-1]
        (folder / "versions" / "9999_next.py").write_text(
            f"revision = '9999'\ndown_revision = {head!r}\n\n\ndef upgrade():\n    pass\n"
        )
        monkeypatch.setattr(schema, "MIGRATIONS", folder)

    return release


def test_an_older_installation_is_opened_once_it_is_upgraded(settings, next_version):
    init_installation(settings)
    next_version()
    for door in (open_installation, init_installation):
        with pytest.raises(WrongVersion, match="older version: run `presslens upgrade`"):
            door(settings).__enter__()
    assert upgrade_installation(settings)
    assert not upgrade_installation(settings)
    with open_installation(settings):
        pass


def test_upgrade_loads_seeds_that_are_missing(settings, home):
    seeded = count(home, ClaimRow)
    with home.database.write() as session:
        session.execute(delete(ClaimRow))
    upgrade_installation(settings)
    assert count(home, ClaimRow) == seeded


@pytest.fixture
def read_only(settings, home):
    """Return settings whose database can only be read."""
    url = settings.database_url
    if url.startswith("sqlite"):
        url = f"sqlite:///file:{url.removeprefix('sqlite:///')}?mode=ro&uri=true"
    else:
        url += "&options=-c%20default_transaction_read_only%3Don"
    return settings.model_copy(update={"database_url": url})


def test_who_only_reads_changes_nothing(read_only):
    with open_installation(read_only) as home:
        assert editions_counted(read_only) == 0
        with pytest.raises(NoDatabase, match="can't be written to"):
            prepare_to_work(replace(home, recipe=Recipe.load()))


def test_who_only_reads_waits_for_no_writer(settings, home):
    with home.database.write() as session:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": schema.LOCK})
            session.execute(text("LOCK TABLE alembic_version, recipe, claim IN EXCLUSIVE MODE"))
        started = time.monotonic()
        assert editions_counted(settings) == 0
        assert time.monotonic() - started < BUSY_SECONDS


@pytest.mark.parametrize("door", [init_installation, upgrade_installation, open_installation])
def test_a_database_that_is_not_there_is_named(settings, tmp_path, door):
    url = f"postgresql://presslens@/nothing?host={tmp_path}"
    with pytest.raises(NoDatabase, match="PRESSLENS_DATABASE_URL"):
        door(settings.model_copy(update={"database_url": url})).__enter__()


def test_only_who_works_registers_a_recipe(settings, home, tmp_path):
    with open_installation(settings.model_copy(update={"recipe": DEFAULT})) as other:
        assert count(home, RecipeRow) == 1
        prepare_to_work(other)
        prepare_to_work(other)
    assert count(home, RecipeRow) == 2


def test_only_who_works_sweeps_the_store(settings, home):
    leftover = home.storage.incoming / "half"
    leftover.write_bytes(b"half")
    os.utime(leftover, (0, 0))
    with open_installation(settings):
        assert leftover.exists()
    prepare_to_work(home)
    assert not leftover.exists()


@pytest.mark.empty_database
@pytest.mark.sqlite_alone
def test_a_data_folder_that_cant_be_made_is_named(settings, tmp_path):
    (tmp_path / "file").write_text("")
    for folder, why in ((tmp_path / "file", "is a file"), (tmp_path / "file/x", "can't be made")):
        with pytest.raises(StoreMissing, match=why) as raised:
            init_installation(settings.model_copy(update={"data_dir": folder}))
        assert str(folder) in str(raised.value)


@pytest.mark.parametrize("url", ["sqlite+nodriver:///x", "postgresql://h:port/x"])
def test_a_url_that_cant_be_used_is_a_sentence(tmp_path, url):
    with pytest.raises(NoDatabase, match="PRESSLENS_DATABASE_URL"):
        init_installation(Settings(data_dir=tmp_path, database_url=url))
