"""A label is taught by answers about photos, learnt by a worker, and undone."""

import pytest
from sqlalchemy import select

from app.db.tables import LabelRow, PhotoRow
from app.errors import Conflict, InvalidRequest
from app.services.corrections.undo import undo_edit
from app.services.exports.canonical_dump import canonical_dump
from app.services.labels.labels import list_labels
from app.services.labels.teaching import ask_to_learn, borderline_photos, make_label
from app.services.reviews.reviews import NewReview, review_photo


@pytest.fixture
def photos(home, worker, put, make):
    """Twelve photos, half of them darker."""
    blocks = [(20 + 100 * (i % 3), 20 + 70 * (i // 3), 110 + 100 * (i % 3), 80 + 70 * (i // 3))
              for i in range(6)]  # fmt: skip
    put({"dark.png": make(blocks), "light.png": make(blocks, tint=120)})
    worker.drain()
    with home.database.read() as session:
        return list(session.scalars(select(PhotoRow.id).order_by(PhotoRow.id)))


def own(home, name):
    return next(label for label in list_labels(home).labels if label.name == name)


def test_a_label_is_taught_learnt_and_undone(home, worker, photos, now):
    assert len(photos) == 12
    before = canonical_dump(home)
    made = make_label(home, "dark", coder="A", now=now)
    with pytest.raises(Conflict, match="already"):
        make_label(home, "dark", coder="A", now=now)
    with pytest.raises(InvalidRequest, match="built-in"):
        make_label(home, "flags", coder="A", now=now)
    worker.drain()
    assert (own(home, "dark").used, own(home, "dark").taught) == (False, True)
    for photo in [*photos[:5], *photos[6:11]]:
        review = NewReview(photo, "A", {"label:dark": photo in photos[:6]})
        with_edit = review_photo(home, review, now=now)
    with pytest.raises(Conflict, match="answered about dark"):
        undo_edit(home, made, coder="A", now=now)
    asked = ask_to_learn(home, "dark", coder="A", now=now)
    assert "worker is asked" in own(home, "dark").reason
    worker.drain()
    label = own(home, "dark")
    assert (label.used, label.examples, label.positive) == (True, 10, 5)
    assert "10 photos that people have answered for, 5 of which" in label.figures.method
    assert "95 % by a bootstrap over photos: AP 1.00–1.00" in label.figures.method
    left = borderline_photos(home, "dark", limit=9)
    assert {one.id for one in left} == {photos[5], photos[11]}
    undo_edit(home, asked, coder="A", now=now)
    worker.drain()
    assert not own(home, "dark").used
    assert with_edit
    for edit in range(asked - 1, made - 1, -1):
        undo_edit(home, edit, coder="A", now=now)
    worker.drain()
    assert canonical_dump(home) == before


def test_too_few_answers_teach_nothing(home, photos, now):
    make_label(home, "dark", coder="A", now=now)
    review_photo(home, NewReview(photos[0], "A", {"label:dark": True}), now=now)
    with pytest.raises(Conflict, match="1 photos with it and 0 without it"):
        ask_to_learn(home, "dark", coder="A", now=now)
    with home.database.read() as session:
        assert session.scalars(select(LabelRow.coefficients)).one() is None
