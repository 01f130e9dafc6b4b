"""A backup is restored as the installation that it was made of, on each database."""

import io
import os
import shutil
import sqlite3
import tarfile
from contextlib import closing, contextmanager

import pytest
from sqlalchemy import create_engine, select, text

from presslens.app.db import schema
from presslens.app.db.figures import DiscardedFileRow, ReferenceRow
from presslens.app.db.session import Database
from presslens.app.installation import init_installation, open_installation
from presslens.app.platform import clock
from presslens.app.platform.errors import Conflict, InvalidRequest, WrongVersion
from presslens.app.platform.settings import Settings
from presslens.app.preservation import plain_tables
from presslens.app.preservation.backup import back_up, copy_database
from presslens.app.preservation.manifest import DATABASE, MANIFEST
from presslens.app.preservation.restore import restore_backup
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.app.services.figures.erasure import GRACE, remove_figure, sweep_discarded
from presslens.app.services.ingest.upload import Incoming
from presslens.app.storage.folder import FolderStorage

from ..conftest import DAY, NOW, RECIPE


@pytest.fixture
def empty(tmp_path, request):
    """Return settings of installations that aren't there yet, on SQLite and as the source is."""

    @contextmanager
    def place(name, kind):
        more = {}
        if kind == "postgresql":
            server = request.getfixturevalue("postgresql")
            engine = create_engine(server, isolation_level="AUTOCOMMIT")
            database = f"restored_{abs(hash(tmp_path)):x}"
            with engine.connect() as connection:
                connection.execute(text(f"CREATE DATABASE {database}"))
            more = {"database_url": server.replace("/postgres?", f"/{database}?")}
        yield Settings(data_dir=tmp_path / name, recipe=RECIPE, min_free_bytes=0, **more)
        if kind == "postgresql":
            with engine.connect() as connection:
                connection.execute(text(f"DROP DATABASE {database} WITH (FORCE)"))
            engine.dispose()

    return place


def stored_rows(home, folder):
    """Return all rows of an installation as they are stored, by table."""
    copy = folder / f"rows-{clock.now().timestamp()}.db"
    copy_database(home.database, copy)
    with closing(sqlite3.connect(copy)) as connection:
        names = [
            row[0]
            for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        return {
            name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr)
            for name in names
            if name != "revision"  # a transaction raises it that restores
        }


def stored_files(home):
    root = home.storage.root
    paths = (path for kind in ("scans", "views") for path in (root / kind).rglob("*"))
    return {str(p.relative_to(root)): p.read_bytes() for p in paths if p.is_file()}


@pytest.mark.parametrize("is_folder", [False, True], ids=["file", "folder"])
def test_a_restored_archive_has_equal_rows_files_and_exports(full_on, empty, tmp_path, is_folder):
    full, target = full_on, tmp_path / "backups" / "presslens.tar"
    target.parent.mkdir()
    done = back_up(full, target, now=NOW, is_folder=is_folder)
    assert (done.missing, done.altered) == ([], [])
    rows, files, dump = stored_rows(full, tmp_path), stored_files(full), canonical_dump(full)
    assert done.copied == len(files) > 8
    shutil.rmtree(full.storage.root)
    for kind in {"sqlite", full.database.engine.dialect.name}:
        with empty(kind, kind) as settings:
            restored = restore_backup(settings, target, with_access=True)
            assert (restored.files, restored.migrated) == (len(files), False)
            with open_installation(settings) as home:
                assert home.database.engine.dialect.name == kind
                assert stored_rows(home, tmp_path) == rows
                assert stored_files(home) == files
                assert canonical_dump(home) == dump


@pytest.mark.postgresql
def test_an_archive_is_moved_to_postgresql_and_back(full, empty, tmp_path):
    rows, dump = stored_rows(full, tmp_path), canonical_dump(full)
    back_up(full, tmp_path / "there.tar", now=NOW)
    with empty("data", "postgresql") as settings:  # whose files are there already
        counts = []
        moved = restore_backup(
            settings,
            tmp_path / "there.tar",
            with_access=True,
            progress=lambda *count: counts.append(count),
        )
        assert counts == [(0, 1), (1, 1)]  # of the files of the backup the database alone
        assert {name: one.rows for name, one in moved.tables.items() if name != "revision"} == {
            name: len(rows[name]) for name in moved.tables if name != "revision"
        }
        with open_installation(settings) as there:
            assert canonical_dump(there) == dump
            back_up(there, tmp_path / "back.tar", now=NOW)
            with there.database.write() as session:
                query = "SELECT max(id), nextval(pg_get_serial_sequence('photo', 'id')) FROM photo"
                highest, following = session.execute(text(query)).one()
                assert following > highest
    with empty("back", "sqlite") as settings:
        again = restore_backup(settings, tmp_path / "back.tar", with_access=True)
        assert again.tables == moved.tables
        with open_installation(settings) as back:
            assert stored_rows(back, tmp_path) == rows
            assert canonical_dump(back) == dump


@pytest.mark.parametrize(
    "kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
)
def test_rows_that_become_other_ones_restore_nothing(full, empty, tmp_path, monkeypatch, kind):
    back_up(full, tmp_path / "b.tar", now=NOW)
    store = plain_tables._store

    def bend(target, insert, batch):
        store(target, insert, batch)
        if insert.table.name == "photo":
            target.execute(text("UPDATE photo SET x1 = x1 + 1e-9 WHERE id = 2"))

    with empty("target", kind) as settings:
        with monkeypatch.context() as patch:
            patch.setattr(plain_tables, "_store", bend)
            with pytest.raises(InvalidRequest, match="the table photo is not the same"):
                restore_backup(settings, tmp_path / "b.tar")
        files = [path.name for path in (settings.data_dir / "scans").rglob("*") if path.is_file()]
        assert files == []
        assert restore_backup(settings, tmp_path / "b.tar").files > 8  # it is as empty as it was


@pytest.mark.postgresql
def test_a_row_that_postgresql_can_not_have_is_named(full, empty, tmp_path):
    with full.database.write() as session:
        session.execute(text("UPDATE upload_file SET name = 'a' || char(0) WHERE position = 1"))
    back_up(full, tmp_path / "b.tar", now=NOW)
    why = "row of upload_file with edition_id 1, position 1 can't be stored"
    with empty("target", "postgresql") as settings, pytest.raises(InvalidRequest, match=why):
        restore_backup(settings, tmp_path / "b.tar")


def test_new_rows_get_ids_that_no_row_had(full_on, empty, tmp_path, make):
    home = full_on
    back_up(home, tmp_path / "b.tar", now=NOW)
    kind = home.database.engine.dialect.name
    with empty("again", kind) as settings:
        restore_backup(settings, tmp_path / "b.tar")
        with open_installation(settings) as again:
            from presslens.app.services.ingest.upload import ingest

            done = ingest(
                again,
                [Incoming("c.png", io.BytesIO(make(tint=3)))],
                publication="Rodong Sinmun",
                edition_date=DAY.replace(day=17),
                now=NOW,
            )
    assert done.edition_id == 3


def test_a_folder_is_brought_up_to_date(full, tmp_path):
    folder = tmp_path / "copy"
    first = back_up(full, folder, now=NOW, is_folder=True)
    with full.database.read() as session:
        figure = session.scalar(text("SELECT id FROM figure").columns())
    (reference,) = {r.sha256 for r in _references(full)}
    remove_figure(full, figure, now=NOW)
    done = back_up(full, folder, now=NOW)
    assert (done.copied, done.deleted) == (0, 0)  # it may come back within the hour
    later = NOW + 2 * GRACE
    with full.database.read() as session:
        assert list(session.scalars(select(DiscardedFileRow.sha256))) == [reference]
    os.utime(full.storage.scan(reference), (0, 0))
    sweep_discarded(full, now=later)
    done = back_up(full, folder, now=NOW)
    assert (done.copied, done.deleted) == (0, 1)
    assert done.kept == first.copied - 1
    assert not (folder / "scans" / reference[:2] / reference[2:]).exists()
    with open_installation(Settings(data_dir=folder, recipe=RECIPE, min_free_bytes=0)) as copy:
        assert canonical_dump(copy) == canonical_dump(full)


def _references(home):
    with home.database.read() as session:
        return list(session.scalars(select(ReferenceRow)))


def test_a_file_that_the_store_has_lost_stays_in_the_folder(full, tmp_path):
    folder = tmp_path / "copy"
    back_up(full, folder, now=NOW, is_folder=True)
    lost, spoilt = sorted(full.storage.scans())[:2]
    content = full.storage.scan(lost).read_bytes()
    full.storage.scan(lost).unlink()
    full.storage.scan(spoilt).write_bytes(b"x" + full.storage.scan(spoilt).read_bytes()[1:])
    done = back_up(full, folder, now=NOW)
    assert (done.missing, done.altered, done.deleted) == ([], [], 0)
    assert (folder / "scans" / lost[:2] / lost[2:]).read_bytes() == content
    elsewhere = back_up(full, tmp_path / "b.tar", now=NOW)
    assert elsewhere.missing == [f"scans/{lost[:2]}/{lost[2:]}"]
    assert elsewhere.altered == [f"scans/{spoilt[:2]}/{spoilt[2:]}"]


def test_a_damaged_backup_restores_nothing(full, empty, tmp_path):
    good = tmp_path / "good"
    back_up(full, good, now=NOW, is_folder=True)
    scan = next(p for p in sorted((good / "scans").rglob("*")) if p.is_file())
    view = next(p for p in sorted((good / "views").rglob("*")) if p.is_file())

    def flip(path):
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)

    spoil = {
        "scans/.* has been altered": lambda at: flip(at / scan.relative_to(good)),
        "views/.* has been altered": lambda at: flip(at / view.relative_to(good)),
        "presslens.db has been altered": lambda at: flip(at / DATABASE),
        "is missing": lambda at: (at / view.relative_to(good)).unlink(),
        "not finished": lambda at: (at / MANIFEST).unlink(),
        "can't be read": lambda at: (at / MANIFEST).write_text("{}"),
        "what no backup holds": lambda at: (at / MANIFEST).write_text(
            (good / MANIFEST).read_text().replace('"scans/', '"scans/../')
        ),
    }
    for number, (why, damage) in enumerate(spoil.items()):
        bad = tmp_path / f"bad-{number}"
        shutil.copytree(good, bad)
        damage(bad)
        with empty("target", "sqlite") as settings, pytest.raises(InvalidRequest, match=why):
            restore_backup(settings, bad)
        left = [p for p in settings.data_dir.rglob("*") if p.is_file()]
        assert [p.name for p in left] == [".presslens"], why
    with empty("target", "sqlite") as settings:
        assert restore_backup(settings, good).files > 8


def test_half_a_file_is_no_backup(full, empty, tmp_path):
    whole = tmp_path / "b.tar"
    back_up(full, whole, now=NOW)
    content = whole.read_bytes()
    for size in (0, 100, 10_000, len(content) // 2, len(content) - 12_000):
        (tmp_path / "half.tar").write_bytes(content[:size])
        with empty("target", "sqlite") as settings, pytest.raises(InvalidRequest):
            restore_backup(settings, tmp_path / "half.tar")
    with tarfile.open(whole) as tar:
        assert tar.getnames()[0] == DATABASE
        assert tar.getnames()[-1] == MANIFEST


def test_only_an_empty_installation_is_restored_into(full_on, empty, tmp_path):
    full = full_on
    back_up(full, tmp_path / "b.tar", now=NOW)
    before = canonical_dump(full)
    with pytest.raises(Conflict, match="in use"):
        restore_backup(full.settings, tmp_path / "b.tar")
    assert canonical_dump(full) == before
    with empty("new", full.database.engine.dialect.name) as settings:
        init_installation(settings)
        restore_backup(settings, tmp_path / "b.tar")
        with open_installation(settings) as home:
            assert canonical_dump(home) == before


def test_a_backup_of_another_version_is_brought_to_this_one_or_refused(
    full, empty, tmp_path, monkeypatch
):
    back_up(full, tmp_path / "b", now=NOW, is_folder=True)
    manifest = tmp_path / "b" / MANIFEST
    content = manifest.read_text()
    newest = f'"revision": "{schema.revisions()[-1]}"'
    for revision, why in {"9031": "newer than", "0029": "older than those of the last"}.items():
        manifest.write_text(content.replace(newest, f'"revision": "{revision}"'))
        with empty("target", "sqlite") as settings, pytest.raises(WrongVersion, match=why):
            restore_backup(settings, tmp_path / "b")
    manifest.write_text(content)
    folder = shutil.copytree(schema.MIGRATIONS, tmp_path / "migrations")
    (folder / "versions/9998_next.py").write_text(
        f"revision, down_revision = '9998', {schema.revisions()[-1]!r}\n\n\n"
        "def upgrade():\n    pass\n"
    )
    with empty("new", "sqlite") as settings, monkeypatch.context() as later:
        later.setattr(schema, "MIGRATIONS", folder)
        assert restore_backup(settings, tmp_path / "b").migrated
    manifest.write_text(content.replace('"format": 1', '"format": 2'))
    with empty("target", "sqlite") as settings, pytest.raises(InvalidRequest, match="format 2"):
        restore_backup(settings, tmp_path / "b")


def test_what_is_no_backup_is_left_alone(full, tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "mine.txt").write_text("mine")
    other = Settings(data_dir=tmp_path / "other", recipe=RECIPE)
    init_installation(other)
    refused = {"photos": "holds something else", "other": "no backup of one", "": "in one another",
               "data/copy": "in one another"}  # fmt: skip
    for name, why in refused.items():
        with pytest.raises(InvalidRequest, match=why):
            back_up(full, tmp_path / name, now=NOW, is_folder=True)
    assert [path.name for path in (tmp_path / "photos").iterdir()] == ["mine.txt"]


def test_an_interrupted_backup_leaves_the_one_before(full, tmp_path, monkeypatch):
    back_up(full, tmp_path / "b.tar", now=NOW)
    back_up(full, tmp_path / "b", now=NOW, is_folder=True)
    before = (tmp_path / "b.tar").read_bytes(), (tmp_path / "b" / MANIFEST).read_bytes()

    def stop(done, _of):
        if done == 3:
            raise KeyboardInterrupt

    for name in ("b.tar", "b"):
        with pytest.raises(KeyboardInterrupt):
            back_up(full, tmp_path / name, now=NOW, progress=stop)
    assert before == ((tmp_path / "b.tar").read_bytes(), (tmp_path / "b" / MANIFEST).read_bytes())
    assert not list(tmp_path.rglob("*.part"))


def test_what_is_made_is_for_its_owner_alone(full, tmp_path, monkeypatch):
    """The database and a backup hold embeddings, and hashes of passwords."""
    # Tests share the dialect of their engines, and it is the dialect that makes files private.
    monkeypatch.setattr("presslens.app.db.session.create_engine", create_engine)
    file, folder = tmp_path / "backup.tar", tmp_path / "backup"
    back_up(full, file, now=NOW)
    back_up(full, folder, now=NOW, is_folder=True)
    new = tmp_path / "new.db"
    with closing(Database(f"sqlite:///{new}")) as database, database.read() as session:
        session.execute(text("SELECT 1"))
    FolderStorage(tmp_path / "store").create()
    made = (file, folder / "presslens.db", new, folder, tmp_path / "store")
    assert [path.stat().st_mode & 0o77 for path in made] == [0] * 5
