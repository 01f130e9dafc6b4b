"""Whatever people correct, an address has a photo, or what is there instead; undone, as before."""

import pytest
from sqlalchemy import select

from presslens.app.db.tables import OutcomeRow, PageRow, PhotoRow
from presslens.app.platform.errors import NotFound, Replaced
from presslens.app.services.catalogue.photo_address import find_address
from presslens.app.services.corrections.photos import (
    draw_photo,
    join_photos,
    move_photo,
    remove_photo,
)
from presslens.app.services.corrections.undo import undo_edit
from presslens.app.services.edits.listing import EditFilter, iterate_edits
from presslens.models.geometry import Box

from ..corrections.test_mixed_edits import Editor, undone


def answers(home, photo_id):
    """Return the photo of an address, or the addresses of what is there instead."""
    try:
        return find_address(home, photo_id)
    except Replaced as gone:
        return gone.replaced_by


def standing(home):
    """Return the addresses of all photos that are on pages today."""
    query = select(PhotoRow.frame_id).join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
    with home.database.read() as session:
        here = query.where(OutcomeRow.observation_id == home.recipe.observation_id)
        return list(session.scalars(here.order_by(PhotoRow.id)))


def check(home, known):
    """Check that each address that was ever shown, and each id of a photo, leads on."""
    here = standing(home)
    assert len(set(here)) == len(here)
    with home.database.read() as session:
        every = {*known, *session.scalars(select(PhotoRow.id))}
    for photo_id in every:
        found = answers(home, photo_id)
        if isinstance(found, tuple):
            assert photo_id not in here
            assert set(found) <= set(here)
        else:
            assert found.frame_id in here
    known |= set(here)


@pytest.mark.sqlite_alone
@pytest.mark.parametrize(
    ("order", "seed", "count"),
    [
        ("random", 2, 8),
        pytest.param("reverse", 1, 25, marks=pytest.mark.long),
        pytest.param("random", 3, 25, marks=pytest.mark.long),
    ],
)
def test_every_address_ever_shown_leads_on(home, worker, put, scans, now, order, seed, count):
    put(scans)
    worker.drain()
    first = standing(home)
    before = {photo_id: answers(home, photo_id) for photo_id in first}
    editor, known = Editor(home, now), set(first)
    editor.rng.seed(seed)
    while editor.count() < count:
        if editor.edit():
            check(home, known)
    made = [edit.id for edit in iterate_edits(home, EditFilter())]
    if order == "random":
        editor.rng.shuffle(made)
    while made:
        made = [edit for edit in made if not undone(home, edit, now)]
        check(home, known)
    assert standing(home) == first
    assert {photo_id: answers(home, photo_id) for photo_id in first} == before


def test_an_inset_that_is_none_is_not_taken_for_the_photo_around_it(home, worker, put, make, now):
    put({"a.png": make([(20, 20, 300, 300)])})
    worker.drain()
    (around,) = standing(home)
    with home.database.read() as session:
        page = session.scalars(select(PageRow.id)).one()
    (inset,) = draw_photo(home, page, Box(40, 40, 140, 140), coder="A", now=now).made
    removed = remove_photo(home, inset, coder="A", now=now)
    assert answers(home, inset) == ()
    undo_edit(home, removed.edit_id, coder="A", now=now)
    join_photos(home, around, [inset], coder="A", now=now)  # the box around both is that of one
    assert answers(home, inset) == (around,)
    assert answers(home, around).photo_id == around


def test_a_box_that_moves_far_is_another_photo(home, worker, put, make, now):
    put({"a.png": make([(20, 20, 120, 120)])})
    worker.drain()
    (photo,) = standing(home)
    moved = move_photo(home, photo, Box(180, 200, 300, 400), coder="A", now=now)
    assert answers(home, photo) == moved.made != (photo,)
    undo_edit(home, moved.edit_id, coder="A", now=now)
    assert answers(home, photo).photo_id == photo
    assert answers(home, moved.made[0]) == ()


def test_an_address_that_never_was_is_not_found(home):
    with pytest.raises(NotFound):
        find_address(home, 7)
