"""The migrations make exactly the tables that the program knows."""

import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import IntegrityError

from app.db.schema import downgrade, upgrade
from app.db.session import Database
from app.db.tables import METADATA, InterpretationRow

pytestmark = pytest.mark.empty_database


def differences(database):
    with database.engine.begin() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return compare_metadata(context, METADATA)


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
    "INSERT INTO photo (id, outcome_id, position, score, x0, y0, x1, y1)"
    " VALUES (1, 1, 0, 1, 0, 0, 9, 9)",
    "INSERT INTO interpretation (photo_id, recipe_id, gallery, verdict, leader, facility, reasons)"
    " VALUES (1, 'r', 'g', 'neither', 0, 0, '[]')",
    "INSERT INTO subject_reading (photo_id, recipe_id, subject, probability)"
    " VALUES (1, 'r', 'people', 0.5)",
    "INSERT INTO figure (id, name, role, created_at)"
    " VALUES (1, 'Kim', 'leader', '2026-01-01 00:00:00')",
    "INSERT INTO sighting (photo_id, recipe_id, figure_id, probability, x0, y0, x1, y1)"
    " VALUES (1, 'r', 1, 0.9, 0, 0, 9, 9)",
)


def test_readings_outlive_the_coming_and_going_of_labels(database_url):
    database = Database(database_url)
    upgrade(database, "0003")
    writes = database.engine.execution_options(presslens_writes=True)
    with writes.begin() as connection:
        for statement in KEYS:
            connection.execute(text(statement))
    upgrade(database, "0004")
    downgrade(database, "0003")
    upgrade(database)
    with database.read() as session:
        assert session.scalar(text("SELECT count(*) FROM subject_reading")) == 1
        assert session.scalar(text("SELECT label_set FROM interpretation")) is None
    database.close()


def test_sightings_outlive_the_coming_and_going_of_appearances(database_url):
    database = Database(database_url)
    upgrade(database, "0005")
    writes = database.engine.execution_options(presslens_writes=True)
    with writes.begin() as connection:
        for statement in KEYS:
            connection.execute(text(statement))
    upgrade(database)
    downgrade(database, "0005")
    upgrade(database)
    with database.read() as session:
        found = session.execute(text("SELECT probability, body_x0, shot_size FROM sighting")).all()
        assert found == [(0.9, None, None)]
    with pytest.raises(IntegrityError, match="ck_sighting_shot_size"), writes.begin() as connection:
        connection.execute(text("UPDATE sighting SET shot_size = 'wide'"))
    database.close()


def test_sightings_from_before_answers_were_kept_are_sure_and_told_by_the_face(database_url):
    database = Database(database_url)
    upgrade(database, "0007")
    writes = database.engine.execution_options(presslens_writes=True)
    with writes.begin() as connection:
        for statement in KEYS:
            connection.execute(text(statement))
    columns = "photo_id, figure_id, probability, x1, answer, told_by, CAST(reasons AS VARCHAR(9))"
    kept = [(1, 1, 0.9, 9, "yes", "face", "[]")]
    upgrade(database)
    with writes.begin() as connection:
        assert connection.execute(text(f"SELECT {columns} FROM sighting")).all() == kept
        connection.execute(text("UPDATE sighting SET answer = 'unsure', told_by = 'context'"))
    downgrade(database, "0007")
    assert not {"answer", "told_by", "reasons"} & {
        column["name"] for column in inspect(database.engine).get_columns("sighting")
    }
    upgrade(database)
    assert differences(database) == []
    with database.read() as session:
        assert session.execute(text(f"SELECT {columns} FROM sighting")).all() == kept
    database.close()


@pytest.mark.parametrize(
    ("column", "value", "constraint"),
    [
        ("answer", "'no'", "ck_sighting_answer"),
        ("told_by", "'caption'", "ck_sighting_told_by"),
        ("answer", "NULL", "answer"),
        ("told_by", "NULL", "told_by"),
        ("reasons", "NULL", "reasons"),
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


def test_interpretations_from_before_doubts_were_kept_have_none(database_url):
    database = Database(database_url)
    upgrade(database, "0009")
    writes = database.engine.execution_options(presslens_writes=True)
    with writes.begin() as connection:
        for statement in KEYS:
            connection.execute(text(statement))
    upgrade(database)
    with database.read() as session:
        assert session.scalars(select(InterpretationRow.doubts)).all() == [[]]
    with pytest.raises(IntegrityError, match="doubts"), writes.begin() as connection:
        connection.execute(text("UPDATE interpretation SET doubts = NULL"))
    database.close()


OLD_FIGURES = (
    "INSERT INTO figure (id, name, role, created_at) VALUES (1, 'a', 'leader', :at),"
    " (2, 'b', 'father of the nation', :at)",
    "INSERT INTO reference (id, figure_id, sha256, name, created_at, observation_id, status)"
    " VALUES (1, 1, 'x', 'n', :at, 'o', 'done'), (2, 2, 'x', 'n', :at, 'o', 'done')",
)


def test_references_are_looked_at_again_for_what_is_kept_of_them_now(database_url):
    database = Database(database_url)
    upgrade(database, "0005")
    writes = database.engine.execution_options(presslens_writes=True)
    with writes.begin() as connection:
        for statement in OLD_FIGURES:
            connection.execute(text(statement), {"at": "2026-01-01 00:00:00"})
    upgrade(database)
    columns = "id, figure_id, sha256, frame, x1, observation_id, status"
    with database.read() as session:
        rows = session.execute(text(f"SELECT {columns} FROM reference ORDER BY id")).all()
        roles = session.scalars(text("SELECT role FROM figure ORDER BY id")).all()
    assert [tuple(row) for row in rows] == [
        (1, 1, "x", 0, 0, None, None),
        (2, 2, "x", 0, 0, None, None),
    ]
    assert roles == ["leader", "other"]
    with writes.begin() as connection:
        confirmed = "(3, 1, 'x', 0, 0.1, 0.1, 0.2, 0.2, 'n', '2026-01-01 00:00:00')"
        connection.execute(
            text(
                "INSERT INTO reference (id, figure_id, sha256, frame, x0, y0, x1, y1, name,"
                f" created_at) VALUES {confirmed}"
            )
        )
    downgrade(database, "0005")
    with database.read() as session:
        assert session.scalars(text("SELECT id FROM reference ORDER BY id")).all() == [1, 2]
    upgrade(database)
    assert differences(database) == []
    database.close()
