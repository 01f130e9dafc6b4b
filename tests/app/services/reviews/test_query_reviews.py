"""One answer for all photos of a query: previewed, all or none, and undone as one."""

import pytest
from sqlalchemy import select

from presslens.app.db.edits import EditRow
from presslens.app.platform.errors import Conflict, InvalidRequest
from presslens.app.services.catalogue.photo_filter import PhotoFilter
from presslens.app.services.corrections.undo import undo_edit
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.app.services.reviews import query_reviews
from presslens.app.services.reviews.query_reviews import QueryAnswers, preview_query, review_query
from presslens.app.services.reviews.reviews import NewReview, photo_reviews, review_photo
from presslens.models.vocabulary import Focus, Subject

ALL = PhotoFilter()
NO_CHILDREN = QueryAnswers("A", {"children": False})


def settled(home, photo):
    return {name: shows for name, (shows, _) in photo_reviews(home, photo).settled.items()}


def test_all_that_match_are_answered_for_and_undone_as_one(home, photos, now, monkeypatch):
    before = canonical_dump(home)
    seen = preview_query(home, ALL, NO_CHILDREN, seed=1)
    assert (seen.photos, sorted(seen.sample)) == (3, photos)
    done = review_query(home, ALL, NO_CHILDREN, expected=3, now=now)
    assert (done.photos, done.left_out, done.text) == (3, (), "children: no, for 3: all photos")
    assert [settled(home, photo) for photo in photos] == [{"children": False}] * 3
    undo_edit(home, done.edit, coder="B", now=now)
    assert canonical_dump(home) == before
    with pytest.raises(Conflict, match="3 photos match by now, and not 4"):
        review_query(home, ALL, NO_CHILDREN, expected=4, now=now)
    monkeypatch.setattr(query_reviews, "MOST_PHOTOS", 2)
    with pytest.raises(InvalidRequest, match="narrow the filter"):
        review_query(home, ALL, NO_CHILDREN, expected=3, now=now)
    with home.database.read() as session:
        assert len(session.scalars(select(EditRow)).all()) == 1


def test_what_was_said_of_single_photos_is_told_and_contradictions_are_left_out(home, photos, now):
    review_photo(home, NewReview(photos[0], "A", {"crowd": True}), now=now)
    review_photo(home, NewReview(photos[1], "B", {"people": True}), now=now)
    nobody = QueryAnswers("A", {"people": False}, Focus.FACILITY)
    seen = preview_query(home, ALL, nobody, seed=1)
    assert (seen.settled, seen.otherwise) == (1, 1)
    done = review_query(home, ALL, nobody, expected=3, now=now)
    assert (done.photos, done.left_out) == (2, (photos[0],))
    assert "people" not in settled(home, photos[1])  # A and B disagree
    assert settled(home, photos[2])["focus_facility"] is True
    people = PhotoFilter(subjects=(Subject.PEOPLE,))
    with pytest.raises(InvalidRequest, match="contrary"):
        review_query(home, people, nobody, expected=1, now=now)
    nothing = PhotoFilter(page=9)
    assert review_query(home, nothing, nobody, expected=0, now=now).edit is None
