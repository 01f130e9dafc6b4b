"""Embeddings go when they are purged, and files of removed references when nothing needs them."""

import io
import os
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from presslens.app.db.columns import JobKind
from presslens.app.db.figures import DiscardedFileRow, ReferenceFaceRow, ReferenceRow
from presslens.app.db.tables import FaceRow, OutcomeRow, PageRow, PhotoRow, SightingRow
from presslens.app.platform import clock
from presslens.app.services.analysis.workload import workload
from presslens.app.services.corrections.photos import draw_photo, remove_photo
from presslens.app.services.figures.erasure import (
    GRACE,
    PurgeCounts,
    purge_embeddings,
    remove_figure,
    sweep_discarded,
)
from presslens.app.services.figures.figures import add_figure, add_references, find_figure
from presslens.app.services.ingest.upload import Incoming
from presslens.models.geometry import Box

from ...first_states import made_once

LATER = GRACE + timedelta(minutes=5)


@pytest.fixture
def enrol(home, make):
    """Return a function that enrols a figure from one photo, always the same."""

    def add(name):
        figure = add_figure(home, name, now=clock.now())
        photo = Incoming("a.png", io.BytesIO(make(faces=1)))
        add_references(home, figure, [photo], now=clock.now())
        return figure

    return add


def discarded(home):
    with home.database.read() as session:
        return session.scalars(select(DiscardedFileRow.sha256)).all()


def test_a_removed_photo_goes_after_a_while(home, enrol):
    figure, now = enrol("Kim"), clock.now()
    (sha256,) = home.storage.scans()
    small = home.derivatives.put(sha256, "a.jpg", lambda path: path.write_bytes(b"small"))
    remove_figure(home, figure, now=now)
    assert sweep_discarded(home, now=now + timedelta(minutes=30)) == 0
    assert home.storage.scan(sha256).is_file()
    assert small.is_file()
    assert sweep_discarded(home, now=now + LATER) == 1
    assert not small.exists()
    assert not home.storage.scan(sha256).exists()
    assert discarded(home) == []
    assert sweep_discarded(home, now=now + 2 * LATER) == 0


@pytest.mark.parametrize("other", ["figure", "edition"])
def test_a_photo_that_something_else_needs_stays(home, enrol, put, make, other):
    figure, now = enrol("Kim"), clock.now()
    if other == "figure":  # of an archive of before one picture was of one figure only
        (sha256,) = home.storage.scans()
        second = add_figure(home, "Pak", now=now)
        with home.database.write() as session:
            session.add(ReferenceRow(figure_id=second, sha256=sha256, name="a", created_at=now))
    else:
        put({"a.png": make(faces=1)})
    remove_figure(home, figure, now=now)
    assert sweep_discarded(home, now=now + LATER) == 0
    assert len(list(home.storage.scans())) == 1
    assert discarded(home) == []


def test_a_photo_that_was_just_given_again_waits_for_its_row(home, enrol, make):
    figure, now = enrol("Kim"), clock.now()
    (sha256,) = home.storage.scans()
    remove_figure(home, figure, now=now)
    at = (now + LATER).timestamp()
    os.utime(home.storage.scan(sha256), (at, at))  # as ``put`` does
    assert sweep_discarded(home, now=now + LATER) == 0
    assert home.storage.scan(sha256).is_file()
    assert discarded(home) == [sha256]
    figure = enrol("Kim")
    assert sweep_discarded(home, now=now + 3 * LATER) == 0
    assert home.storage.scan(sha256).is_file()
    assert len(find_figure(home, figure).references) == 1


def test_a_file_that_is_gone_already_is_forgotten(home, enrol):
    figure, now = enrol("Kim"), clock.now()
    (sha256,) = home.storage.scans()
    remove_figure(home, figure, now=now)
    home.storage.scan(sha256).unlink()
    assert sweep_discarded(home, now=now + LATER) == 1
    assert discarded(home) == []


@pytest.fixture
@made_once
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
    assert purge_embeddings(home) == PurgeCounts(faces=1, references=1)
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
    waiting = workload(home).waiting
    assert (waiting[JobKind.EMBED], waiting[JobKind.OBSERVE]) == (0, 0)
    assert purge_embeddings(home) == PurgeCounts(faces=0, references=0)


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
            query = (
                select(FaceRow.embedding)
                .join(PhotoRow)
                .join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
                .where(here)
            )
            assert session.scalars(query).all() == [None]
        assert count(again, SightingRow.recipe_id == again.recipe.id) == 0


SHUT = "child = 0.5", "child = 0.0"
"""By this change of the recipe the gate takes every face for a child's."""


def embedded(home, recipe):
    """Return which faces of pages have an embedding under a recipe, one after another."""
    query = (
        select(FaceRow.embedding.is_not(None))
        .join(PhotoRow, PhotoRow.id == FaceRow.photo_id)
        .join(OutcomeRow, OutcomeRow.id.in_((PhotoRow.outcome_id, PhotoRow.removed_from_id)))
        .where(OutcomeRow.observation_id == recipe.observation_id)
        .order_by(FaceRow.photo_id)
    )
    with home.database.read() as session:
        return [bool(one) for one in session.scalars(query)]


def redraw(home):
    """Draw the photo with the face anew, in the name of a person."""
    with home.database.read() as session:
        query = (
            select(PageRow.id, PhotoRow.id)
            .join(OutcomeRow, OutcomeRow.scan_id == PageRow.scan_id)
            .join(PhotoRow, PhotoRow.outcome_id == OutcomeRow.id)
            .join(FaceRow)
            .where(OutcomeRow.observation_id == home.recipe.observation_id)
        )
        page, photo = session.execute(query).one()
    remove_photo(home, photo, coder=None, now=clock.now())
    draw_photo(home, page, Box(45, 55, 195, 158), coder=None, now=clock.now())


@pytest.mark.both_databases
def test_of_a_face_that_is_a_child_s_by_now_no_embedding_is_left(home, worker, figure, anew):
    redraw(home)
    worker.drain()
    assert embedded(home, home.recipe) == [True, True]  # of the removed photo, and of the drawn
    with anew(*SHUT) as (again, other):
        other.drain()
        assert embedded(home, again.recipe) == [False, False]
    assert embedded(home, home.recipe) == [False, False]
    assert count(home, ReferenceFaceRow.embedding.is_not(None)) == 0  # looked at anew as well


@pytest.mark.both_databases
def test_the_last_look_decides_whether_a_face_is_a_child_s(home, worker, put, scans, anew):
    put(scans)
    with anew(*SHUT) as (again, other):
        other.drain()
        worker.drain()
        assert (embedded(home, again.recipe), embedded(home, home.recipe)) == ([False], [True])
        redraw(again)
        other.drain()
    assert embedded(home, home.recipe) == [False]
