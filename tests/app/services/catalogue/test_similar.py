"""Photos that look like a photo."""

from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import delete, select, update

from presslens.app.db.reprints import FingerprintRow, ReprintRow
from presslens.app.db.revision import RevisionRow
from presslens.app.db.tables import EditionRow, PageRow, PhotoFeaturesRow, PhotoRow
from presslens.app.platform.errors import InvalidRequest, NotFound
from presslens.app.services.catalogue.photos import find_photo
from presslens.app.services.catalogue.similar import _vectors, similar_photos
from presslens.app.services.corrections.trash import delete_edition
from presslens.lab.bench import specimens

LENGTH = 1280


@pytest.fixture
def vectors(home):
    """Give the photos of generated editions features; the second is nearly equal to the first."""
    specimens.fill(home, 4, photos=5, publications=("Rodong Sinmun",))
    rng = np.random.default_rng(7)
    with home.database.write() as session:
        ids = session.scalars(
            select(PhotoRow.id).where(PhotoRow.outcome_id.is_not(None)).order_by(PhotoRow.id)
        ).all()
        made = dict(zip(ids, rng.gamma(0.5, 1.0, (len(ids), LENGTH)), strict=True))
        made[ids[1]] = made[ids[0]] * 3 + rng.normal(0, 0.05, LENGTH)
        add(session, made)
    return made


def add(session, made):
    session.add_all(
        PhotoFeaturesRow(photo_id=photo, vector=vector.astype(np.float32))
        for photo, vector in made.items()
    )
    session.execute(update(RevisionRow).values(number=RevisionRow.number + 1))


def cosine(a, b):
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def test_the_most_similar_come_first_by_the_cosine_of_all_features(home, vectors):
    ids = list(vectors)
    found = similar_photos(home, ids[0], limit=10)
    told = [(one.photo.id, one.similarity) for one in found.similar]
    exact = {one: cosine(vectors[ids[0]], vectors[one]) for one in ids[1:]}
    assert [photo for photo, _ in told] == sorted(exact, key=exact.__getitem__, reverse=True)[:10]
    assert max(abs(exact[photo] - value) for photo, value in told) < 2e-3
    assert found.compared == len(ids) - 1


def test_other_prints_are_named_apart_and_marked_among_those_that_look_alike(home, vectors):
    first, second, third = list(vectors)[:3]
    with home.database.write() as session:
        for one, other in ((first, third), (third, first)):
            session.add(ReprintRow(photo_id=one, other_id=other, places=60, likeness=0.8))
    found = similar_photos(home, first, limit=200)
    assert [one.photo.id for one in found.similar if one.reprint] == [third]
    document = found.to_json()
    (other,) = document["reprints"]
    assert (other["id"], other["places"], other["likeness"]) == (third, 60, 0.8)
    assert other["probability"] > 0.99
    assert document["similar"][0]["id"] == second
    assert document["next"] is None


def test_a_photo_of_a_deleted_edition_is_not_there(home, vectors, now):
    first = next(iter(vectors))
    edition = find_photo(home, first).pages[0].edition_id
    delete_edition(home, edition, coder="A", now=now)
    with pytest.raises(NotFound, match="no such photo"):
        similar_photos(home, first, limit=1)


def test_prints_of_a_photo_that_was_not_compared_are_not_known(home, vectors):
    first = next(iter(vectors))
    assert similar_photos(home, first, limit=1).to_json()["reprints"] is None
    with home.database.write() as session:
        session.add(FingerprintRow(photo_id=first, content=b"", compared=True))
    assert similar_photos(home, first, limit=1).to_json()["reprints"] == []


def test_the_list_goes_on_where_a_page_of_it_ends(home, vectors):
    first = next(iter(vectors))
    whole = similar_photos(home, first, limit=200).similar
    pages, cursor = [], None
    while cursor is not None or not pages:
        page = similar_photos(home, first, limit=7, start=cursor)
        pages.append([one.photo.id for one in page.similar])
        cursor = page.next_cursor
    assert [one for page in pages for one in page] == [one.photo.id for one in whole]
    assert {len(page) for page in pages[:-1]} == {7}
    with pytest.raises(InvalidRequest):
        similar_photos(home, first, limit=7, start="nothing")


def test_photos_that_come_in_and_go_are_noticed(home, vectors):
    first, second, third = list(vectors)[:3]
    similar_photos(home, first, limit=1)
    with home.database.write() as session:
        session.execute(delete(PhotoRow).where(PhotoRow.id == second))
        session.execute(delete(PhotoFeaturesRow).where(PhotoFeaturesRow.photo_id == third))
        session.execute(update(RevisionRow).values(number=RevisionRow.number + 1))
    left = similar_photos(home, first, limit=200)
    assert {second, third}.isdisjoint(one.photo.id for one in left.similar)
    with home.database.write() as session:
        add(session, {third: vectors[first]})
    again = similar_photos(home, first, limit=1)
    assert again.compared == left.compared + 1
    assert again.similar[0].photo.id == third
    assert again.similar[0].similarity == pytest.approx(1, abs=1e-3)


def test_photos_without_features_are_like_none(home, vectors):
    with pytest.raises(NotFound, match="no such photo"):
        similar_photos(home, max(vectors) + 1, limit=1)
    first = next(iter(vectors))
    with home.database.write() as session:
        session.execute(delete(PhotoFeaturesRow).where(PhotoFeaturesRow.photo_id == first))
        session.execute(update(RevisionRow).values(number=RevisionRow.number + 1))
    with pytest.raises(NotFound, match="features are not stored"):
        similar_photos(home, first, limit=1)


def test_superseded_uploads_are_left_out(home, vectors):
    before = similar_photos(home, next(iter(vectors)), limit=1).compared
    with home.database.write() as session:
        first, second = session.scalars(
            select(EditionRow).where(EditionRow.pages.any(PageRow.scan_id.is_not(None)))
            .order_by(EditionRow.id.desc()).limit(2)
        ).all()  # fmt: skip
        second.edition_date = first.edition_date
        session.execute(update(RevisionRow).values(number=RevisionRow.number + 1))
    assert similar_photos(home, next(iter(vectors)), limit=1).compared < before


def test_photos_that_came_in_while_reading_broke_off_are_compared_rightly(home, vectors):
    ids = list(vectors)
    new = ids[-4:]
    with home.database.write() as session:
        session.execute(delete(PhotoFeaturesRow).where(PhotoFeaturesRow.photo_id.in_(new)))
    similar_photos(home, ids[0], limit=10)
    known = _vectors(home)
    with home.database.write() as session:
        add(session, {photo: vectors[photo] for photo in new})

    def broken():
        yield [(photo, 1, vectors[photo].astype(np.float32)) for photo in new[:2]]
        raise OSError("the connection is lost")

    with pytest.raises(OSError, match="lost"):
        known._append(broken())
    found = {
        one.photo.id: one.similarity for one in similar_photos(home, ids[0], limit=200).similar
    }
    exact = {one: cosine(vectors[ids[0]], vectors[one]) for one in ids[1:]}
    assert found == pytest.approx(exact, abs=2e-3)
