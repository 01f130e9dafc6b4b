"""New tables, those of the version before that are taken over, and migrated ones are the same."""

import lzma
import shutil
import threading
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import JSON, MetaData, inspect, select, text
from sqlalchemy.exc import IntegrityError

from presslens.app.db import schema
from presslens.app.db.all_tables import METADATA
from presslens.app.db.schema import Version, current_revision, upgrade, version
from presslens.app.db.schema_differences import schema_differences
from presslens.app.db.session import Database
from presslens.app.installation import init_installation, open_installation, upgrade_installation
from presslens.app.platform.errors import WrongVersion
from presslens.app.platform.settings import Settings

from ..conftest import RECIPE

ARCHIVES = Path(__file__).parents[2] / "data/archives"

pytestmark = pytest.mark.empty_database


@pytest.fixture
def database(database_url):
    with closing(Database(database_url)) as opened:
        yield opened


@pytest.fixture
def write(database):
    """Return a function that runs statements in a transaction."""

    def run(*statements):
        engine = database.engine.execution_options(presslens_writes=True)
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))

    return run


@pytest.fixture
def archive_of_0_2(database, tmp_path):
    """Make the database an archive of Presslens 0.2, and return its rows by table."""
    file = tmp_path / "test.db"
    if database.engine.dialect.name == "postgresql":
        file = tmp_path / "rows.db"
        tables = lzma.decompress((ARCHIVES / "0030.postgresql.sql.xz").read_bytes()).decode()
        with database.engine.begin() as connection, connection.connection.cursor() as cursor:
            cursor.execute(tables)
            cursor.execute("INSERT INTO alembic_version VALUES ('0030')")
    file.write_bytes(lzma.decompress((ARCHIVES / "0030.db.xz").read_bytes()))
    if file.name == "rows.db":
        with (
            closing(Database(f"sqlite:///{file}")) as source,
            source.engine.connect() as rows,
            database.engine.begin() as written,
        ):
            copy_old_rows(rows, written)
    return rows_of(database)


def copy_old_rows(source, target):
    """Copy all rows of a database into another one whose tables are the same, whatever they are."""
    old, new = MetaData(), MetaData()
    old.reflect(source)
    new.reflect(target)
    for table in new.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, JSON):
                column.type = JSON(none_as_null=True)
        rows = [dict(row) for row in source.execute(select(old.tables[table.name])).mappings()]
        if rows and table.name != "alembic_version":
            target.execute(table.insert(), rows)


MOVED = {"role"}
"""The column of figures that is in a table of its own now."""


def rows_of(database, like=None):
    """Return all rows by table, in any order; of the tables and columns of other rows alone."""
    tables = like or set(inspect(database.engine).get_table_names()) - {"alembic_version"}
    with database.read() as session:
        rows = {
            name: [dict(row) for row in session.execute(text(f"SELECT * FROM {name}")).mappings()]
            for name in tables
        }
    for name, of_table in (like or {}).items():
        columns = set(of_table[0] if of_table else ()) - MOVED
        rows[name] = [{c: row[c] for c in row if c in columns} for row in rows[name]]
    return {name: sorted(of_table, key=repr) for name, of_table in rows.items()}


def differences(database):
    """Return what differs from the declared tables, as this program and as Alembic see it."""
    with database.engine.begin() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return [*schema_differences(connection), *compare_metadata(context, METADATA)]


def test_files_of_migrations_are_named_after_their_revisions():
    scripts = ScriptDirectory(str(schema.MIGRATIONS)).walk_revisions()
    assert schema.revisions() == [script.revision for script in scripts][::-1]


def test_new_tables_are_those_that_are_declared(database):
    assert (current_revision(database), version(database)) == (None, Version.MISSING)
    for _ in range(2):
        upgrade(database)
        assert differences(database) == []
        assert current_revision(database) == schema.revisions()[-1]
        assert version(database) is Version.CURRENT
    assert rows_of(database)["revision"] == [{"id": 1, "number": 1, "answers": 1}]


def test_an_archive_of_0_2_is_taken_over_and_keeps_its_rows(database, archive_of_0_2, doors):
    assert version(database) is Version.OLDER
    doors(WrongVersion, "of an older version: run `presslens upgrade`", upgrade_too=False)
    upgrade(database)
    assert (version(database), differences(database)) == (Version.CURRENT, [])
    roles = {(row["id"], row.pop("role")) for row in archive_of_0_2["figure"]}
    editions = [*archive_of_0_2["edition"], *archive_of_0_2["trashed_edition"]]
    papers = {row["publication_id"] for row in editions}
    assert rows_of(database, archive_of_0_2) == archive_of_0_2
    assert {tuple(row.values()) for row in rows_of(database)["figure_role"]} == {
        (figure, paper, role) for figure, role in roles for paper in papers
    }
    assert roles
    assert papers
    assert len(archive_of_0_2["photo"]) == 4


def test_other_tables_than_those_of_0_2_are_named_and_stay(database, archive_of_0_2, write):
    write("ALTER TABLE caption ADD more INTEGER", "DROP TABLE headline_photo",
          "CREATE INDEX ix_more ON photo (x0)", "DROP INDEX ix_photo_lead")  # fmt: skip
    with pytest.raises(WrongVersion, match="nothing was changed") as refused:
        upgrade(database)
    for part in ("index ix_more (is too much)", "index ix_photo_lead (is missing)",
                 "table caption (has more ", "table headline_photo (is missing)"):  # fmt: skip
        assert part in str(refused.value)
    assert "table photo" not in str(refused.value)
    assert current_revision(database) == schema.LAST_OF_0_2


@pytest.fixture
def doors(database_url, tmp_path):
    """Return a function that tries the doors of an installation, which raise an error each."""

    def refuse(error, why, upgrade_too=True):
        settings = Settings(data_dir=tmp_path / "data", database_url=database_url, recipe=RECIPE)
        for door in (init_installation, upgrade_installation, open_installation):
            if door is not upgrade_installation or upgrade_too:
                with pytest.raises(error, match=why):
                    door(settings).__enter__()

    return refuse


def test_a_schema_of_another_version_is_left_and_the_way_is_named(database, write, doors):
    upgrade(database)
    for revision, why in {
        "0029": "the last Presslens 0.2: install that version, run `presslens upgrade` there, and",
        "0001": "the last Presslens 0.2",
        "9999": "of another version: install that version",
    }.items():
        write(f"UPDATE alembic_version SET version_num = '{revision}'")
        doors(WrongVersion, why)
    write("DELETE FROM alembic_version")
    doors(WrongVersion, "doesn't say of which version")


def test_later_migrations_run_and_one_that_breaks_a_reference_changes_nothing(
    database, archive_of_0_2, write, monkeypatch, tmp_path
):
    folder = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, folder)
    monkeypatch.setattr(schema, "MIGRATIONS", folder)
    upgrade(database)
    add(folder, "9998", schema.revisions()[-1], "UPDATE photo SET score = 0.5")
    upgrade(database)
    assert current_revision(database) == "9998"
    with database.read() as session:
        assert set(session.scalars(text("SELECT score FROM photo").columns())) == {0.5}
    add(folder, "9999", "9998", "DELETE FROM publication")
    with pytest.raises((RuntimeError, IntegrityError)):
        upgrade(database)
    assert current_revision(database) == "9998"
    assert rows_of(database, archive_of_0_2)["publication"] == archive_of_0_2["publication"]


def add(folder, revision, before, statement):
    """Add a migration."""
    (folder / f"versions/{revision}_next.py").write_text(
        f"from alembic import op\n\nrevision, down_revision = {revision!r}, {before!r}\n\n\n"
        f"def upgrade():\n    op.execute({statement!r})\n"
    )


def test_several_processes_may_upgrade_at_once(database_url):
    databases = [Database(database_url) for _ in range(4)]
    threads = [threading.Thread(target=upgrade, args=(database,)) for database in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert differences(databases[0]) == []
    for database in databases:
        database.close()


def test_a_sighting_has_an_answer_and_what_told_it(database, archive_of_0_2, write):
    upgrade(database)
    for column, value, constraint in [
        ("answer", "'no'", "ck_sighting_answer"),
        ("told_by", "'caption'", "ck_sighting_told_by"),
        ("answer", "NULL", "answer"),
        ("told_by", "NULL", "told_by"),
        ("reasons", "NULL", "reasons"),
        ("shot_size", "'wide'", "ck_sighting_shot_size"),
    ]:
        with pytest.raises(IntegrityError, match=constraint):
            write(f"UPDATE sighting SET {column} = {value}")
