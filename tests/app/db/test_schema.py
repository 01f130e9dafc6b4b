"""The migrations make exactly the tables that the program knows."""

import shutil
import sqlite3
import threading
from contextlib import closing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from presslens.app.db import schema
from presslens.app.db.schema import Version, current_revision, downgrade, upgrade, version
from presslens.app.db.session import Database
from presslens.app.db.tables import METADATA
from presslens.app.installation import init_installation, open_installation, upgrade_installation
from presslens.app.platform.errors import WrongVersion
from presslens.app.platform.settings import Settings
from presslens.app.preservation.foreign_schema import (
    definitions,
    expected_definitions,
    foreign_parts,
)

pytestmark = pytest.mark.empty_database


def differences(database):
    with database.engine.begin() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return compare_metadata(context, METADATA)


def test_files_of_migrations_are_named_after_their_revisions():
    scripts = ScriptDirectory(str(schema.MIGRATIONS)).walk_revisions()
    assert schema.revisions() == [script.revision for script in scripts][::-1]


def test_up_down_up(database_url):
    database = Database(database_url)
    upgrade(database)
    assert differences(database) == []
    downgrade(database, "base")
    assert inspect(database.engine).get_table_names() == ["alembic_version"]
    upgrade(database)
    upgrade(database)
    assert differences(database) == []
    database.close()


def test_a_database_tells_its_revision(database_url):
    database = Database(database_url)
    assert (current_revision(database), version(database)) == (None, Version.MISSING)
    upgrade(database)
    assert (current_revision(database), version(database)) == (
        schema.revisions()[-1],
        Version.CURRENT,
    )
    database.close()


def test_the_migrations_create_the_same_sql_as_the_metadata(tmp_path):
    migrated = Database(f"sqlite:///{tmp_path / 'a.db'}")
    upgrade(migrated)
    migrated.close()
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        assert definitions(connection) == expected_definitions()


def test_names_and_constraints_are_those_of_the_metadata(database_url, tmp_path):
    migrated = Database(database_url)
    upgrade(migrated)
    found = inspect(migrated.engine)
    for table in METADATA.sorted_tables:
        uniques = {u["name"] for u in found.get_unique_constraints(table.name)}
        foreign = {key["name"] for key in found.get_foreign_keys(table.name)}
        checks = {check["name"] for check in found.get_check_constraints(table.name)}
        wanted = {str(constraint.name) for constraint in table.constraints}
        assert uniques | foreign | checks == {n for n in wanted if not n.startswith("pk_")}
    migrated.close()


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


KEYS = (
    "INSERT INTO scan (id, sha256, frame) VALUES (1, 'a', 0)",
    "INSERT INTO recipe (id, observation_id, name, canonical, created_at)"
    " VALUES ('r', 'o', 'n', '{}', '2026-01-01 00:00:00')",
    "INSERT INTO outcome (id, scan_id, observation_id, status, seen_at)"
    " VALUES (1, 1, 'o', 'done', '2026-01-01 00:00:00')",
    "INSERT INTO photo (id, outcome_id, position, score, x0, y0, x1, y1, area_share, above_fold,"
    " quadrant, is_lead) VALUES (1, 1, 0, 1, 0, 0, 9, 9, 0.5, true, 'top left', true)",
    "INSERT INTO interpretation (photo_id, recipe_id, gallery, verdict, leader, facility, reasons)"
    " VALUES (1, 'r', 'g', 'neither', 0, 0, '[]')",
    "INSERT INTO subject_reading (photo_id, recipe_id, subject, probability)"
    " VALUES (1, 'r', 'people', 0.5)",
    "INSERT INTO figure (id, name, role, created_at)"
    " VALUES (1, 'Kim', 'leader', '2026-01-01 00:00:00')",
    "INSERT INTO sighting (photo_id, recipe_id, figure_id, probability, x0, y0, x1, y1)"
    " VALUES (1, 'r', 1, 0.9, 0, 0, 9, 9)",
)


@pytest.mark.parametrize(
    ("column", "value", "constraint"),
    [
        ("answer", "'no'", "ck_sighting_answer"),
        ("told_by", "'caption'", "ck_sighting_told_by"),
        ("answer", "NULL", "answer"),
        ("told_by", "NULL", "told_by"),
        ("reasons", "NULL", "reasons"),
        ("shot_size", "'wide'", "ck_sighting_shot_size"),
    ],
)
def test_a_sighting_has_an_answer_and_what_told_it(database_url, column, value, constraint):
    database = Database(database_url)
    upgrade(database)
    writes = database.engine.execution_options(presslens_writes=True)
    with writes.begin() as connection:
        for statement in KEYS:
            connection.execute(text(statement))
    with pytest.raises(IntegrityError, match=constraint), writes.begin() as connection:
        connection.execute(text(f"UPDATE sighting SET {column} = {value}"))
    database.close()


def test_what_older_reviews_were_drawn_for_goes_into_their_notes(database_url):
    database = Database(database_url)
    upgrade(database, "0003")
    writes = database.engine.execution_options(presslens_writes=True)
    columns = "id, scan_id, x0, y0, x1, y1, coder, codebook, adjudicates, created_at"
    values = "1, 0, 0, 1, 1, 'A', '1', false, '2026-01-01 00:00:00'"
    with writes.begin() as connection:
        connection.execute(text(KEYS[0]))
        rows = ("NULL, NULL, 'n'", "'people', '{}', 'n'", "'crowd', NULL, NULL")
        for number, more in enumerate(rows):
            connection.execute(
                text(
                    f"INSERT INTO review ({columns}, drawn_for, drawn_from, note)"
                    f" VALUES ({number}, {values}, {more})"
                )
            )
    upgrade(database)
    with database.read() as session:
        notes = session.scalars(text("SELECT note FROM review ORDER BY id").columns()).all()
    assert notes == ["n", "n; drawn for people from {}", "drawn for crowd from {}"]
    database.close()


KEPT = [statement.split()[2] for statement in KEYS]


@pytest.mark.sqlite_alone
def test_rows_of_every_released_revision_are_kept_by_the_upgrade(tmp_path, subtests):
    """Rows are put into the tables of each revision, and read after the upgrade to the newest."""
    known = schema.revisions()
    before = tmp_path / "before.db"
    for revision in known:
        step = Database(f"sqlite:///{before}")
        upgrade(step, revision)
        step.close()
        with subtests.test(msg=revision):
            file = tmp_path / f"{revision}.db"
            shutil.copy(before, file)
            database = Database(f"sqlite:///{file}")
            writes = database.engine.execution_options(presslens_writes=True)
            with writes.begin() as connection:
                for statement in KEYS:
                    connection.execute(text(statement))
            upgrade(database)
            assert version(database) is Version.CURRENT
            assert foreign_parts(file) == []
            with database.read() as session:
                for table in KEPT:
                    assert session.scalar(text(f"SELECT count(*) FROM {table}").columns()) == 1
                assert session.scalar(text("SELECT area_share FROM photo").columns()) == 0.5
            database.close()


def test_a_newer_schema_is_refused_and_says_what_to_do(database_url, tmp_path):
    database = Database(database_url)
    upgrade(database)
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert version(database) is Version.OTHER
    database.close()
    settings = Settings(data_dir=tmp_path / "data", database_url=database_url)
    for door in (
        init_installation,
        upgrade_installation,
        lambda s: open_installation(s).__enter__(),
    ):
        with pytest.raises(WrongVersion, match="of another version: install that version"):
            door(settings)
