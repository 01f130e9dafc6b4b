"""A label is taught by answers about photos, learnt by a worker, and undone."""

import numpy as np
import pytest
from sqlalchemy import delete, select, update

from presslens.app.db.reprints import FingerprintRow, ReprintRow
from presslens.app.db.tables import LabelRow, PhotoFeaturesRow, PhotoRow
from presslens.app.platform.errors import Conflict, InvalidRequest
from presslens.app.services.corrections.undo import undo_edit
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.app.services.labels.labels import list_labels
from presslens.app.services.labels.teaching import ask_to_learn, borderline_photos, make_label
from presslens.app.services.labels.training import add_label, photo_reader, prepare
from presslens.app.services.reviews.reviews import NewReview, review_photo
from presslens.models.reprints.fingerprint import fingerprint

from ...first_states import made_once


@pytest.fixture
@made_once
def photos(home, worker, put, make, texture):
    """Twelve photos, half of them darker; the second is another print of the first."""
    blocks = [(20 + 100 * (i % 3), 20 + 70 * (i // 3), 110 + 100 * (i % 3), 80 + 70 * (i // 3))
              for i in range(6)]  # fmt: skip
    put({"dark.png": make(blocks), "light.png": make(blocks, tint=120)})
    worker.drain()
    print_ = fingerprint(texture(200, 300)).to_bytes()
    with home.database.write() as session:
        ids = list(session.scalars(select(PhotoRow.id).order_by(PhotoRow.id)))
        session.execute(delete(FingerprintRow))
        session.execute(delete(ReprintRow))
        rows = [FingerprintRow(photo_id=photo, content=print_, compared=False) for photo in ids[:2]]
        session.add_all(rows)
        vectors = np.random.default_rng(1).gamma(0.5, 1.0, (len(ids), 1280)).astype(np.float32)
        vectors[:6, :200] += 2
        vectors[1] = vectors[0] * 1.1
        for photo, vector in zip(ids, vectors, strict=True):
            row = update(PhotoFeaturesRow).values(vector=vector)
            session.execute(row.where(PhotoFeaturesRow.photo_id == photo))
    worker.drain()  # finds that the first two are prints of one picture
    return ids


def own(home, name):
    return next(label for label in list_labels(home).labels if label.name == name)


def link(home, one, other):
    """Say that two photos are prints of one picture."""
    pairs = (one, other), (other, one)
    with home.database.write() as session:
        rows = [ReprintRow(photo_id=a, other_id=b, places=50, likeness=0.9) for a, b in pairs]
        session.add_all(rows)
    return pairs


def unlink(home, pairs):
    with home.database.write() as session:
        for one, other in pairs:
            session.execute(delete(ReprintRow).filter_by(photo_id=one, other_id=other))


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
    assert "in 4 folds; prints of one picture are in one fold: 9 pict" in label.figures.method
    assert "95 % by bootstrap of pictures: AP 1.00–1.00" in label.figures.method
    left = borderline_photos(home, "dark", limit=9)
    assert {one.id for one in left} == {photos[5], photos[11]}
    pair = link(home, photos[0], photos[11])
    assert [one.id for one in borderline_photos(home, "dark", limit=9)] == [photos[5]]
    unlink(home, pair)
    undo_edit(home, asked, coder="A", now=now)
    worker.drain()
    assert not own(home, "dark").used
    assert with_edit
    for edit in range(asked - 1, made - 1, -1):
        undo_edit(home, edit, coder="A", now=now)
    worker.drain()
    assert canonical_dump(home) == before


def test_answers_are_added_to_a_label_of_a_folder(home, worker, sandbox, swatches, photos, now):
    examples = prepare(home, "dark", swatches)
    folder = add_label(home, "dark", examples, photo_reader(home, sandbox), now=now)
    worker.drain()
    assert (folder.used, folder.taught, folder.folder) == (True, False, 12)
    before = canonical_dump(home)
    with pytest.raises(Conflict, match="nobody has answered about dark"):
        ask_to_learn(home, "dark", coder="A", now=now)
    said = NewReview(photos[0], "A", {"label:dark": True})
    review_photo(home, said, now=now)
    assert (own(home, "dark").examples, own(home, "dark").answered) == (12, 1)
    scans = [home.storage.scan(example.sha256) for example in examples]
    for path in scans:
        path.rename(path.with_suffix(".away"))  # the stored features are enough
    asked = ask_to_learn(home, "dark", coder="A", now=now)
    assert "asked" in own(home, "dark").reason
    worker.drain()
    label = own(home, "dark")
    assert (label.used, label.examples, label.positive, label.folder) == (True, 13, 7, 12)
    assert "12 photos of a folder and 1 photo that people have" in label.figures.method
    for path in scans:
        path.with_suffix(".away").rename(path)
    undo_edit(home, asked, coder="A", now=now)
    undo_edit(home, asked - 1, coder="A", now=now)
    worker.drain()
    assert (own(home, "dark").examples, own(home, "dark").figures) == (12, folder.figures)
    assert canonical_dump(home) == before


def test_too_few_answers_teach_nothing(home, photos, now):
    make_label(home, "dark", coder="A", now=now)
    review_photo(home, NewReview(photos[0], "A", {"label:dark": True}), now=now)
    with pytest.raises(Conflict, match="1 photos with it and 0 without it"):
        ask_to_learn(home, "dark", coder="A", now=now)
    with home.database.read() as session:
        assert session.scalars(select(LabelRow.coefficients)).one() is None
