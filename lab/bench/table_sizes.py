"""How many bytes of each table and index a page takes.

Run ``python -m presslens.lab.bench.table_sizes``.

Editions of generated observations are stored, interpreted, summarised and compared as a worker
does; then the database says what each table and index takes, on SQLite or on PostgreSQL
(``--database-url``).
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping

import numpy as np
from rich.console import Console
from rich.table import Table
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from presslens.app.db.reprints import FingerprintRow
from presslens.app.db.tables import PhotoRow
from presslens.app.installation import Installation, open_installation
from presslens.app.services.analysis.compare_prints import compare_photos
from presslens.app.services.analysis.jobs import ReprintJob
from presslens.lab.bench.interpret import PAGES, PHOTOS_A_PAGE, interpret, stored
from presslens.lab.bench.reprints import generated_fingerprint

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
            read = sizes(session)
        with open_installation(settings) as home:
            compare_prints(home)
        with open_installation(settings) as home, home.database.read() as session:
            kind, full = session.get_bind().dialect.name, sizes(session)
    pages = options.editions * PAGES
    Console().print(table(f"{kind}, {PHOTOS_A_PAGE} photos a page", full, pages))
    share = sum(read.values()) / max(1, sum(empty.values()))
    Console().print(f"with interpretations {share:.2f} times what observations alone take")


def compare_prints(home: Installation) -> None:
    """Give each photo a fingerprint, and have them compared as a worker does."""
    rng = np.random.default_rng(1)
    with home.database.write() as session:
        photos = session.scalars(select(PhotoRow.id)).all()
        rows = [
            FingerprintRow(photo_id=photo, content=generated_fingerprint(rng).to_bytes())
            for photo in photos
        ]
        session.add_all(rows)
    for start in range(0, len(photos), ReprintJob.batch):
        compare_photos(home, photos[start : start + ReprintJob.batch])


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
