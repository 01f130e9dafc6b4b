"""Compares the schema of a database with the one that this version of the program makes.

Migrations that have gone wrong, and databases that were changed by hand, would fail later and
elsewhere. A trigger, a view or a changed table of an SQLite file from elsewhere would go on working
in the installation: one that brings a deleted login back signs in whoever has its cookie.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import closing

from sqlalchemy import Connection, create_engine, text

from presslens.app.db.all_tables import METADATA

REVISION = (
    "CREATE TABLE alembic_version (\nversion_num VARCHAR(32) NOT NULL,"
    "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)\n)"
)
"""The table with the migration that a database is at, which is Alembic's."""

Definitions = dict[str, Counter[str]]
"""The lines that define each part of a schema, by its kind and name: "table photo"."""

_POSTGRESQL = text("""
WITH relation AS (
    SELECT oid, relname FROM pg_class WHERE relname = ANY(:names) AND relnamespace =
        CASE WHEN :apart THEN pg_my_temp_schema() ELSE to_regnamespace(current_schema()) END
)
SELECT 'table ' || relname, format('%s %s%s%s', attname, format_type(atttypid, atttypmod),
    CASE WHEN attnotnull THEN ' NOT NULL' END, ' DEFAULT ' || pg_get_expr(adbin, adrelid))
FROM relation JOIN pg_attribute ON attrelid = oid AND attnum > 0 AND NOT attisdropped
LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
UNION ALL
SELECT 'table ' || relname, format('CONSTRAINT %s %s', conname, pg_get_constraintdef(c.oid))
FROM relation JOIN pg_constraint c ON conrelid = relation.oid AND contype IN ('c', 'f', 'p', 'u')
UNION ALL
SELECT 'index ' || i.relname, pg_get_indexdef(i.oid)
FROM relation JOIN pg_index ON indrelid = relation.oid JOIN pg_class i ON i.oid = indexrelid
""")


def active_parts(connection: Connection) -> list[str]:
    """Return the triggers and views of an SQLite database of any version, as "trigger spy"."""
    parts = sorted(_definitions(connection))
    return [part for part in parts if not part.startswith(("table", "index"))]


def schema_differences(connection: Connection) -> list[str]:
    """Return what is not as this version makes it, as "table photo (lacks by_hand BOOLEAN)".

    A database on PostgreSQL may have more tables, of other programs.
    """
    actual, expected = _definitions(connection), _expected(connection)
    parts = sorted(actual.keys() | expected.keys())
    return [
        f"{part} ({'; '.join(_differing(actual.get(part), expected.get(part)))})"
        for part in parts
        if actual.get(part) != expected.get(part)
    ]


def _differing(actual: Counter[str] | None, expected: Counter[str] | None) -> Iterator[str]:
    if actual is None or expected is None:
        yield "is missing" if actual is None else "is too much"
        return
    if lacking := sorted(expected - actual):
        yield f"lacks {', '.join(lacking)}"
    if foreign := sorted(actual - expected):
        yield f"has {', '.join(foreign)}"


def _expected(connection: Connection) -> Definitions:
    """Return the schema of a new database of the same kind, which is made apart."""
    if connection.dialect.name == "sqlite":
        with closing(create_engine("sqlite://").connect()) as apart:
            METADATA.create_all(apart)
            apart.exec_driver_sql(REVISION)
            return _definitions(apart)
    with connection.engine.connect() as apart:  # its temporary tables are rolled back
        apart = apart.execution_options(schema_translate_map={None: "pg_temp"})
        METADATA.create_all(apart, checkfirst=False)
        return _definitions(apart, apart=True)


def _definitions(connection: Connection, *, apart: bool = False) -> Definitions:
    definitions: Definitions = {}
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_master")
        for kind, name, sql in rows:
            if not name.startswith("sqlite_stat"):  # what its ANALYZE keeps
                definitions[f"{kind} {name}"] = _lines(sql or "")
        return definitions
    names = {"names": list(METADATA.tables), "apart": apart}
    for part, line in connection.execute(_POSTGRESQL, names):
        definitions.setdefault(part, Counter())[_plain(line)] += 1
    return definitions


def _plain(line: str) -> str:
    """Return a definition on PostgreSQL without what its place and a dump of it change.

    A check of a list is written with other casts and brackets once it was dumped and restored.
    """
    plain = re.sub(r"\b(pg_temp(_\d+)?|public)\.|::(text|character varying)(\[\])?", "", line)
    return re.sub("[()]", "", plain) if " CHECK " in plain else plain


def _lines(statement: str) -> Counter[str]:
    """Return the lines of a statement.

    A table that a migration has changed is quoted, and has columns that share a line: lines are
    split at commas, and compared without quotes and order.
    """
    return Counter(filter(None, map(str.strip, re.split("[,\n]", statement.replace('"', "")))))
