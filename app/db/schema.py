"""Brings the tables of a database to this version of the program."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from app.db.session import Database

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK = 7_206_190_342
"""Any number that no other program takes as its PostgreSQL advisory lock."""


def configuration(connection: Connection) -> Config:
    """Return an Alembic configuration that works on an open connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(database: Database, revision: str = "head") -> None:
    """Run the migrations that are missing, all or none; several processes may do it at once."""
    engine = database.engine.execution_options(presslens_writes=True)
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        command.upgrade(configuration(connection), revision)


def downgrade(database: Database, revision: str) -> None:
    """Go back to an older version of the tables."""
    engine = database.engine.execution_options(presslens_writes=True)
    with engine.begin() as connection:
        command.downgrade(configuration(connection), revision)
