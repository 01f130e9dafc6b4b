"""How many bytes of each table and index a page takes: ``python -m app.bench.table_sizes``.

Editions of generated observations are stored, interpreted and summarised as a worker does; then the
database says what each table and index takes, on SQLite or on PostgreSQL (``--database-url``).
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from rich.console import Console
from rich.table import Table
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.bench.interpret import PAGES, PHOTOS_A_PAGE, interpret, stored
from app.installation import open_installation

ARCHIVE = 16 * 10**6
"""Pages of a library's archive."""

SHOWN = 16
"""Tables and indexes that are listed, the largest first."""

SIZES = {
    "sqlite": "SELECT name, sum(pgsize) FROM dbstat GROUP BY name",
    "postgresql": (
        "SELECT relname, pg_relation_size(oid) + coalesce(pg_relation_size("
        "nullif(reltoastrelid, 0)), 0) FROM pg_class WHERE relkind IN ('r', 'i')"
        " AND relnamespace = 'public'::regnamespace"
    ),
}
"""How a database is asked; what PostgreSQL keeps beside a table counts as the table's."""


def main() -> None:
    """Print the bytes per page of the largest tables and indexes, and of all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--editions", type=int, default=40)
    parser.add_argument("--database-url", help="an empty database; SQLite without it")
    options = parser.parse_args()
    with stored(options.editions, options.database_url) as settings:
        with open_installation(settings) as home, home.database.read() as session:
            empty = sizes(session)
        interpret(settings, 1)
        with open_installation(settings) as home, home.database.read() as session:
            kind, full = session.get_bind().dialect.name, sizes(session)
    pages = options.editions * PAGES
    Console().print(table(f"{kind}, {PHOTOS_A_PAGE} photos a page", full, pages))
    share = sum(full.values()) / max(1, sum(empty.values()))
    Console().print(f"with interpretations {share:.2f} times what observations alone take")


def sizes(session: Session) -> dict[str, int]:
    """Return the bytes of each table and index."""
    query = text(SIZES[session.get_bind().dialect.name])
    return {name: int(size) for name, size in session.execute(query)}


def table(title: str, full: Mapping[str, int], pages: int) -> Table:
    """Return the bytes per page, the largest first, and what a library's archive takes."""
    shown = Table(title, "bytes a page", "share", f"{ARCHIVE:,} pages, GB")
    largest = sorted(full, key=full.__getitem__, reverse=True)[:SHOWN]
    total = sum(full.values())
    for name, size in [*((name, full[name]) for name in largest), ("all", total)]:
        archive = f"{size / pages * ARCHIVE / 1e9:,.0f}"
        shown.add_row(name, f"{size / pages:,.0f}", f"{size / total:.0%}", archive)
    return shown


if __name__ == "__main__":
    main()
