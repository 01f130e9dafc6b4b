"""INSERT … ON CONFLICT, which SQLite and PostgreSQL spell alike but SQLAlchemy twice."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from presslens.app.db.columns import Table

Insert = postgresql.Insert | sqlite.Insert


def insert(session: Session, table: type[Table]) -> Insert:
    """Return an INSERT for the session's database that has ``on_conflict_…`` methods."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def insert_new(session: Session, table: type[Table], **values: Any) -> bool:
    """Insert a row unless one with the same key is there; return whether it was inserted."""
    statement = insert(session, table).values(**values).on_conflict_do_nothing()
    key = table.__mapper__.primary_key[0]
    return session.execute(statement.returning(key)).first() is not None
