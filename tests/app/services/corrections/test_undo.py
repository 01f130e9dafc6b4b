"""An edit is undone by anybody, once, and stays in the log."""

from datetime import timedelta

import pytest

from presslens.app.db.edits import Action, Author, add_edit
from presslens.app.db.figures import FigureRoleRow, FigureRow
from presslens.app.platform.errors import Conflict, LaterEdit, NotFound
from presslens.app.services.corrections import undo
from presslens.app.services.corrections.undo import undo_edit, undo_edits
from presslens.app.services.edits.listing import EditFilter, iterate_edits
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.app.services.figures.figures import set_role
from presslens.app.services.reviews.csv_import import import_reviews
from presslens.app.services.reviews.reviews import (
    NewReview,
    photo_reviews,
    review_photo,
    withdraw_review,
)
from presslens.models.faces.gallery import Role

pytestmark = pytest.mark.both_databases


def edits(home):
    return list(iterate_edits(home, EditFilter()))


def test_an_undone_review_counts_no_more(home, photos, now):
    before = canonical_dump(home)
    review_photo(home, NewReview(photos[0], "A", {"children": True}), now=now)
    later = now + timedelta(minutes=1)
    undone = undo_edit(home, edits(home)[0].id, coder="B", now=later)
    assert (undone.undone_by, undone.undone_at) == ("B", later)
    assert photo_reviews(home, photos[0]).settled == {}
    assert canonical_dump(home) == before
    again = undo_edit(home, undone.id, coder="C", now=later + timedelta(minutes=1))
    assert again == undone


def test_a_table_of_reviews_is_undone_as_one(home, photos, now):
    before = canonical_dump(home)
    a, b, _ = photos
    table = f"photo,coder,measure,answer\n{a},A,people,yes\n{b},B,crowd,no\n"
    import_reviews(home, table.splitlines(keepends=True), now=now)
    (edit,) = edits(home)
    assert (edit.action, edit.coder, edit.text) == (
        Action.REVIEW_MANY,
        "A, B",
        "2 reviews of a table",
    )
    undo_edit(home, edit.id, coder=None, now=now)
    assert canonical_dump(home) == before


def test_a_withdrawn_review_is_an_undone_edit(home, photos, now):
    review_id = review_photo(home, NewReview(photos[0], "A", {"people": False}), now=now)
    withdraw_review(home, review_id, coder="A", now=now)
    assert edits(home)[0].undone_by == "A"


def test_what_cannot_be_undone_says_so(home, now, monkeypatch):
    monkeypatch.setattr(undo, "UNDO", {})
    with pytest.raises(NotFound, match="no such edit"):
        undo_edit(home, 1, coder=None, now=now)
    with home.database.write() as session:
        by = Author("A", "1", now)
        edit_id = add_edit(session, by, Action.ENROL, ("figure", 1), "enrolled").id
    with pytest.raises(Conflict, match=r"\(enrol\) can't be undone"):
        undo_edit(home, edit_id, coder=None, now=now)


def test_what_a_later_answer_follows_from_is_not_undone_before_it(home, photos, now):
    with home.database.write() as session:
        for name in ("Kim", "Lee"):
            role = FigureRoleRow(publication_id=1, role=Role.LEADER)
            session.add(FigureRow(name=name, roles=[role], created_at=now))
    for name in ("Kim", "Lee"):  # both: the leader isn't there
        review_photo(home, NewReview(photos[0], "A", {f"figure:{name}": False}), now=now)
    assert photo_reviews(home, photos[0]).settled["leader"] == (False, False)
    later, first = (edit.id for edit in edits(home))
    with pytest.raises(LaterEdit, match=f"number {later} of A"):
        undo_edit(home, first, coder=None, now=now)
    with pytest.raises(NotFound):  # all or none
        undo_edits(home, [first, later, later + 1], coder=None, now=now)
    undo_edit(home, later, coder=None, now=now)
    assert "leader" not in photo_reviews(home, photos[0]).settled
    undo_edit(home, first, coder=None, now=now)
    assert photo_reviews(home, photos[0]).settled == {}


def test_of_two_changes_of_a_role_the_earlier_is_not_undone_first(home, now):
    with home.database.write() as session:
        role = FigureRoleRow(publication_id=1, role=Role.LEADER)
        figure = FigureRow(name="Kim", roles=[role], created_at=now)
        session.add(figure)
        session.flush()
        id_ = figure.id
    earlier, later = (set_role(home, id_, role, now=now) for role in (Role.OFFICIAL, Role.LEADER))
    with pytest.raises(LaterEdit, match=f"number {later} of"):
        undo_edits(home, [earlier], coder=None, now=now)
    undone = undo_edits(home, [earlier, later], coder="B", now=now)
    assert [edit.id for edit in undone] == [later, earlier]
