"""An analysed edition, made once and copied: what most tests of the application begin with."""

import pytest
from sqlalchemy import select

from presslens.app.db.tables import PhotoRow
from presslens.app.installation import Installation
from presslens.app.services.catalogue.pages import page_ids

from .first_states import made_once


@pytest.fixture
@made_once
def edition(worker, put, scans) -> int:
    """Return the id of an analysed edition of three pages with three photos."""
    edition_id = put(scans).edition_id
    worker.drain()
    return edition_id


@pytest.fixture
def pages(home: Installation, edition: int) -> list[int]:
    """Return the ids of the pages of the analysed edition."""
    return [page_id for _, page_id in page_ids(home, edition)]


@pytest.fixture
def photos(home: Installation, edition: int) -> list[int]:
    """Return the ids of the photos of the analysed edition."""
    with home.database.read() as session:
        return list(session.scalars(select(PhotoRow.id).order_by(PhotoRow.id)))
