"""Rows that refer to rows that are not there, and damage of the database itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ForeignKeyConstraint, and_, func, select, text
from sqlalchemy.orm import Session

from presslens.app.db.all_tables import METADATA

EXAMPLES = 5
"""Number of rows that are named of those that have the same fault."""


@dataclass(frozen=True, slots=True)
class LostReference:
    """Rows of a table that refer to none: their keys, and how many they are and to what."""

    rows: str
    detail: str


def lost_references(session: Session) -> Iterator[LostReference]:
    """Yield the foreign keys of all tables that rows break."""
    for table in METADATA.sorted_tables:
        for constraint in sorted(table.foreign_key_constraints, key=lambda one: str(one.name)):
            found = _broken(session, constraint)
            if found is not None:
                yield found


def _broken(session: Session, constraint: ForeignKeyConstraint) -> LostReference | None:
    table, target = constraint.table, constraint.referred_table.alias()
    pairs = [(key.parent, target.c[key.column.name]) for key in constraint.elements]
    there = select(text("1")).select_from(target).where(and_(*(a == b for a, b in pairs)))
    lost = and_(*(a.is_not(None) for a, _ in pairs), ~there.correlate(table).exists())
    count = session.scalar(select(func.count()).select_from(table).where(lost)) or 0
    if not count:
        return None
    key = list(table.primary_key.columns)
    rows = session.execute(select(*key).where(lost).order_by(*key).limit(EXAMPLES)).all()
    named = ", ".join("/".join(map(str, row)) for row in rows)
    more = ", …" if count > len(rows) else ""
    columns = ", ".join(column.name for column, _ in pairs)
    return LostReference(
        f"{table.name} {named}{more}",
        f"{count} rows refer to no {constraint.referred_table.name} by {columns}",
    )


def database_faults(session: Session) -> list[str]:
    """Return the damage that SQLite finds in its file; PostgreSQL checks what it reads itself."""
    if session.get_bind().dialect.name != "sqlite":
        return []
    rows = session.execute(text(f"PRAGMA integrity_check({EXAMPLES})").columns()).all()
    return [str(row[0]) for row in rows if row[0] != "ok"]
