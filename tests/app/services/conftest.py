"""What tests of several services begin with."""

from contextlib import contextmanager

import pytest
from sqlalchemy import select

from presslens.app.db.tables import PhotoRow
from presslens.app.installation import init_installation, open_installation

from ..first_states import made_once


@pytest.fixture
@made_once
def edition(put, scans, worker):
    """The id of an edition of three pages: one photo, two photos, none."""
    edition_id = put(scans).edition_id
    worker.drain()
    return edition_id


@pytest.fixture
@made_once
def photos(home, worker, put, scans):
    """The ids of the three photos of an edition; the first has people, the others share a page."""
    put(scans)
    worker.drain()
    with home.database.read() as session:
        return list(session.scalars(select(PhotoRow.id).order_by(PhotoRow.id)))


@pytest.fixture
def elsewhere(settings, tmp_path):
    """Return a context that opens another installation, new and on SQLite."""

    @contextmanager
    def opened():
        places = {"data_dir": tmp_path / "other", "database_url": f"sqlite:///{tmp_path}/other.db"}
        other = settings.model_copy(update=places)
        init_installation(other)
        with open_installation(other) as target:
            yield target

    return opened
