"""Counts the SQL statements that pages of an archive make, each asked for cold.

``python -m presslens.lab.page_statements`` prints them as JSON, of the archive in
PRESSLENS_DATA_DIR. A test holds them below the ceilings of ``lab/budget.toml``; ``edition again``
is the same edition, asked for again.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from fastapi.testclient import TestClient
from sqlalchemy import event, select

from presslens.app.db.session import Database
from presslens.app.db.tables import EditionRow, OutcomeRow, PageRow, PhotoRow
from presslens.app.installation import Installation
from presslens.app.main import create_app
from presslens.app.platform.settings import Settings


@dataclass(slots=True)
class Statements:
    """The statements of a page, and the transactions that they were in."""

    statements: int = 0
    transactions: int = 0


def page_statements(settings: Settings) -> dict[str, Statements]:
    """Return the statements of pages of the latest edition of an archive, by page.

    Args:
        settings: Those of an archive with an edition whose photos are analysed.
    """
    with _client(settings) as client:
        edition, photo, page = latest_photo(client.app.state.home)  # type: ignore[attr-defined]
    addresses = {
        "edition": f"/editions/{edition}",
        "timeline": "/timeline",
        "photo": f"/photos/{photo}",
        "page": f"/pages/{page}",
        "start": "/",
    }
    counts = {}
    for name, address in addresses.items():
        with _client(settings) as client:
            counts[name] = _statements(client, address)
            if name == "edition":
                counts["edition again"] = _statements(client, address)
    return counts


@contextmanager
def _client(settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(settings), base_url="http://127.0.0.1") as client:
        client.get("/healthz").raise_for_status()
        yield client


def latest_photo(home: Installation) -> tuple[int, int, int]:
    """Return the latest edition with a photo, and its first photo, with the page."""
    query = (
        select(EditionRow.id, PhotoRow.id, PageRow.id)
        .join(PageRow, PageRow.edition_id == EditionRow.id)
        .join(OutcomeRow, OutcomeRow.scan_id == PageRow.scan_id)
        .join(PhotoRow, PhotoRow.outcome_id == OutcomeRow.id)
        .order_by(EditionRow.edition_date.desc(), PhotoRow.id)
    )
    with home.database.read() as session:
        edition, photo, page = session.execute(query.limit(1)).one()
        return edition, photo, page


def _statements(client: TestClient, address: str) -> Statements:
    database: Database = client.app.state.home.database  # type: ignore[attr-defined]
    counts = Statements()

    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("BEGIN"):
            counts.transactions += 1
        else:
            counts.statements += 1

    event.listen(database.engine, "before_cursor_execute", count)
    try:
        client.get(address).raise_for_status()
    finally:
        event.remove(database.engine, "before_cursor_execute", count)
    return counts


if __name__ == "__main__":
    statements = {name: asdict(one) for name, one in page_statements(Settings()).items()}
    sys.stdout.write(json.dumps(statements) + "\n")
