"""Two recipes side by side, on the same photos or on photos of the same scans."""

from datetime import date

import pytest
from sqlalchemy import delete, update

from presslens.app.db.queries import EditionScope
from presslens.app.db.tables import InterpretationRow, PhotoRow
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.analysis.reinterpret import rescore
from presslens.app.services.recipes.recipes import find_recipe
from presslens.app.services.statistics.recipe_comparison import compare_recipes, iterate_flips
from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.recipe_comparison import VERDICTS

from ...first_states import made_once

ALL = EditionScope()
DAY = date(2019, 12, 16)


@pytest.fixture
@made_once
def analysed(worker, put, scans, make):
    """Two editions of two newspapers."""
    put(scans)
    put({"other.png": make(tint=40)}, publication="Minju Choson", day=date(2020, 1, 2))
    worker.drain()


@pytest.fixture
def archive(home, analysed):
    return home


@pytest.fixture
def both(archive, beside, bold):
    """The ids of two recipes under which all four photos are interpreted, the second bolder."""
    with beside() as other:
        rescore(other, bold, progress=lambda *_: None)
        return find_recipe(archive, archive.recipe.id), find_recipe(archive, other.recipe.id)


def test_the_same_photos_are_compared(archive, both):
    found = compare_recipes(archive, *both, ALL)
    assert found.same_photos
    measures = {m.measure: m for m in found.comparison.measures}
    crowd = measures["crowd"]
    assert (crowd.n, crowd.both, crowd.only_old, crowd.only_new, crowd.neither) == (4, 0, 0, 4, 0)
    assert (crowd.old, crowd.new, crowd.p) == (0.25, 0.75, 2 / 16)
    assert measures["people"].only_new == measures["people"].only_old == 0
    assert measures["label:indoor"].n == 4
    row, column = VERDICTS.index(Focus.NEITHER), VERDICTS.index(Focus.FACILITY)
    assert found.comparison.focus[row, column] == found.comparison.photos == 4
    assert {m.measure for m in found.comparison.flips} == {
        "crowd", "focus_neither", "focus_facility",
    }  # fmt: skip
    assert {e.edition for e in found.comparison.editions} == {1, 2}
    coverage = found.coverage.to_json()
    assert coverage.pop("pages") == 4
    assert set(coverage.values()) == {0}


def test_photos_in_scope_are_compared(archive, both, subtests):
    for scope, measures, photos in (
        (ALL, frozenset(), 4),
        (EditionScope(publication="Minju Choson"), frozenset(), 1),
        (EditionScope(publication="Nobody's"), frozenset(), 0),
        (EditionScope(first=date(2020, 1, 1)), frozenset(), 1),
        (EditionScope(last=DAY), frozenset(), 3),
        (EditionScope(first=DAY, last=DAY), frozenset(), 3),
        (ALL, frozenset({"crowd"}), 4),
        (ALL, frozenset({"figure:Nobody"}), 4),
    ):
        with subtests.test(scope=scope, measures=measures):
            found = compare_recipes(archive, *both, scope, measures)
            assert found.comparison.photos == photos
            flips = list(iterate_flips(archive, *both, scope, measures))
            per_photo = {"crowd": 1, "figure:Nobody": 0}.get(*measures or ("",), 3)
            assert len(flips) == photos * per_photo
            assert len(found.comparison.flips) == min(50, len(flips))


def test_lists_are_as_long_as_is_asked(archive, both):
    found = compare_recipes(archive, *both, ALL, most=1)
    assert [len(x) for x in (found.comparison.movers, found.comparison.flips)] == [1, 1]
    assert len(found.comparison.editions) == 1


def test_what_only_one_has_interpreted_is_counted_and_not_compared(archive, both):
    with archive.database.write() as session:
        session.execute(delete(InterpretationRow).filter_by(photo_id=1, recipe_id=both[0].id))
        session.execute(
            update(InterpretationRow)
            .filter_by(photo_id=2, recipe_id=both[1].id)
            .values(gallery="x")
        )
    found = compare_recipes(archive, *both, ALL)
    assert (found.comparison.photos, found.coverage.waiting_old) == (3, 1)
    assert (found.coverage.waiting_new, found.coverage.other_figures) == (0, 1)


def test_what_is_no_measure_is_refused(archive, both):
    for names, message in ((["nothing"], "'nothing'"), (["crowd", "label:"], "'label:'")):
        for ask in (compare_recipes, lambda *args: list(iterate_flips(*args))):
            with pytest.raises(InvalidRequest, match=message):
                ask(archive, *both, ALL, frozenset(names))
    with pytest.raises(InvalidRequest, match="one recipe"):
        compare_recipes(archive, both[0], both[0], ALL)


def test_photos_of_other_observations_are_matched_by_their_place(archive, anew):
    with anew() as (other, worker):
        worker.drain()
        recipes = [find_recipe(archive, h.recipe.id) for h in (archive, other)]
    with archive.database.write() as session:
        moved = {1: 30.0, 2: 500.0}  # IoU of 0.68, and none
        for photo, dx in moved.items():
            session.execute(
                update(PhotoRow)
                .filter_by(id=photo)
                .values(x0=PhotoRow.x0 + dx, x1=PhotoRow.x1 + dx)
            )
    found = compare_recipes(archive, *recipes, ALL)
    assert not found.same_photos
    assert found.comparison.photos == 3
    assert all(m.old_photo != m.new_photo for m in found.comparison.movers)
    assert (found.coverage.only_old, found.coverage.only_new, found.coverage.pages) == (1, 1, 4)
    lonely = {(photo.photo, photo.old) for photo in found.coverage.unmatched}
    assert (2, True) in lonely
    assert len(lonely) == 2
    measures = {m.measure: m for m in found.comparison.measures}
    assert (measures["people"].n, measures["people"].old) == (3, measures["people"].new)


def test_pages_that_only_one_has_seen_are_counted(archive, anew, put, make):
    with anew() as (other, _):
        recipes = [find_recipe(archive, h.recipe.id) for h in (archive, other)]
    assert compare_recipes(archive, *recipes, ALL).coverage.pages_only_old == 4
    assert compare_recipes(archive, *recipes[::-1], ALL).coverage.pages_only_new == 4
