"""Purging deletes every embedding, and nothing is done about it by itself."""

import io
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app import clock
from app.db.figures import ReferenceFaceRow
from app.db.tables import FaceRow, OutcomeRow, PhotoRow, SightingRow
from app.services.analysis.workload import workload
from app.services.figures.figures import add_figure, add_references, find_figure
from app.services.figures.purge import Purged, purge_embeddings
from app.services.ingest.upload import Incoming


@pytest.fixture
def figure(home, worker, put, scans, make):
    """A figure who is seen in one photo of an analysed edition."""
    put(scans)
    figure = add_figure(home, "Kim", now=clock.now())
    photo = Incoming("a.png", io.BytesIO(make(faces=1)))
    add_references(home, figure, [photo], now=clock.now())
    worker.drain()
    return figure


def count(home, *conditions):
    with home.database.read() as session:
        return session.scalar(select(func.count()).where(*conditions))


def test_no_embedding_is_left_and_photos_show_nobody(home, worker, engine, figure):
    assert count(home, SightingRow.figure_id == figure) == 1
    runs = len(engine.runs)

    assert purge_embeddings(home) == Purged(faces=1, references=1)
    assert count(home, FaceRow.embedding.is_not(None)) == 0
    assert count(home, ReferenceFaceRow.embedding.is_not(None)) == 0
    assert worker.round()
    worker.drain()

    assert not worker.round()
    assert len(engine.runs) == runs
    assert count(home, SightingRow.figure_id == figure) == 0
    assert count(home, FaceRow.photo_id > 0) == 1
    (reference,) = find_figure(home, figure).references
    assert reference.status.value == "rejected"
    assert reference.reason.startswith("not_embedded: ")
    assert (workload(home).references, workload(home).pages) == (0, 0)
    assert purge_embeddings(home) == Purged(faces=0, references=0)


def test_the_bytes_are_overwritten(home, figure):
    if home.database.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL does so at the next VACUUM FULL")
    with home.database.read() as session:
        vectors = [*session.scalars(select(FaceRow.embedding))]
        vectors += session.scalars(select(ReferenceFaceRow.embedding))
    held = {v.astype("<f4").tobytes() for v in vectors if v is not None}
    file = Path(home.database.engine.url.database)
    before = file.read_bytes()
    assert held
    assert all(vector in before for vector in held)
    with home.database.engine.connect() as connection:  # as where SQLite is not built to be careful
        connection.exec_driver_sql("PRAGMA secure_delete = OFF")
    purge_embeddings(home)
    after = file.read_bytes()
    assert not any(part in after for vector in held for part in (vector[:64], vector[-64:]))


def test_other_instruments_bring_figures_back(home, worker, figure, anew):
    purge_embeddings(home)
    worker.drain()
    with anew() as (again, other):
        other.drain()
        assert not other.round()
        assert count(again, SightingRow.recipe_id == again.recipe.id) == 1
        (reference,) = find_figure(again, figure).references
        assert reference.status.value == "done"


def test_without_embeddings_nobody_is_seen(home, worker, figure, anew):
    with anew("embed = true", "embed = false") as (again, other):
        other.drain()
        assert not other.round()
        here = OutcomeRow.observation_id == again.recipe.observation_id
        with again.database.read() as session:
            query = select(FaceRow.embedding).join(PhotoRow).join(OutcomeRow).where(here)
            assert session.scalars(query).all() == [None]
        assert count(again, SightingRow.recipe_id == again.recipe.id) == 0
