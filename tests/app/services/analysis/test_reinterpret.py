"""Another recipe's rows come beside today's, which stay as they are."""

import io

import pytest
from sqlalchemy import select

from presslens.app.db.tables import InterpretationRow, SightingRow, SubjectReadingRow
from presslens.app.platform.errors import Conflict, InvalidRequest
from presslens.app.services.analysis.reinterpret import rescore
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.app.services.figures.figures import add_figure, add_references
from presslens.app.services.ingest.upload import Incoming
from presslens.app.services.recipes.recipes import find_recipe

from ...first_states import made_once


def silent(done, total):
    """Take no notice."""


def rows(home, recipe_id):
    """Return all that is kept under a recipe."""
    with home.database.read() as session:
        return [
            [
                tuple(row)
                for row in session.execute(
                    select(*table.__table__.columns)
                    .filter_by(recipe_id=recipe_id)
                    .order_by(*table.__table__.primary_key)
                )
            ]
            for table in (InterpretationRow, SubjectReadingRow, SightingRow)
        ]


@pytest.fixture
@made_once
def edition(home, worker, put, scans, make, now):
    """An edition, in which a figure is looked for."""
    figure = add_figure(home, "Kim", now=now)
    add_references(home, figure, [Incoming("a.png", io.BytesIO(make(faces=1)))], now=now)
    put(scans)
    worker.drain()


@pytest.fixture
def analysed(home, edition):
    return home


def test_today_s_rows_stay_as_they_are(analysed, beside, plain):
    home = analysed
    before = rows(home, home.recipe.id)
    assert all(before)
    reports = []
    with beside() as other:
        made = rescore(other, plain, progress=lambda *counts: reports.append(counts))
        assert (made.recipe, made.pages, made.waiting) == (other.recipe.id, 2, 0)
        assert reports == [(0, 2), (2, 2)]
        assert rescore(other, plain, progress=silent).pages == 0
        assert [len(table) for table in rows(home, other.recipe.id)] == [len(t) for t in before]
        assert find_recipe(home, other.recipe.id).photos == 3
    assert rows(home, home.recipe.id) == before
    assert find_recipe(home, home.recipe.id).photos == 3
    assert home.recipe.id in canonical_dump(home)


def test_a_recipe_that_looks_otherwise_is_sent_to_the_worker(analysed, anew, plain):
    with anew() as (other, _), pytest.raises(InvalidRequest, match="PRESSLENS_RECIPE"):
        rescore(other, plain, progress=silent)
    with anew() as (other, worker):
        worker.drain()
        assert rescore(other, plain, progress=silent).pages == 0


def test_what_waits_is_said(analysed, beside, plain, make, now):
    figure = add_figure(analysed, "Ri", now=now)
    photos = [Incoming("b.png", io.BytesIO(make(faces=1, tint=7)))]
    add_references(analysed, figure, photos, now=now)
    with beside() as other, pytest.raises(Conflict, match="presslens worker"):
        rescore(other, plain, progress=silent)


def test_pages_that_wait_are_counted(analysed, beside, plain, put, make):
    put({"late.png": make(tint=9)})
    with beside() as other:
        assert rescore(other, plain, progress=silent).pages == 2
