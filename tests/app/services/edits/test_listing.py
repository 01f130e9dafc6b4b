"""The log says who has changed what, and when."""

from datetime import timedelta

import pytest

from presslens.app.db.edits import Action
from presslens.app.platform.errors import InvalidRequest, NotFound
from presslens.app.services.edits.listing import EditFilter, find_edit, iterate_edits, list_edits
from presslens.app.services.reviews.reviews import NewReview, review_photo
from presslens.models.vocabulary import Focus


def test_each_review_is_an_edit_the_latest_first(home, photos, now):
    review_photo(home, NewReview(photos[0], "A", {"children": True}), now=now)
    later = now + timedelta(minutes=1)
    review_photo(home, NewReview(photos[1], "B", {}, focus=Focus.FACILITY), now=later)
    edits = list(iterate_edits(home, EditFilter()))
    assert [(e.coder, e.text, e.target_id) for e in edits] == [
        ("B", "focus: facility", photos[1]),
        ("A", "children: yes", photos[0]),
    ]
    assert edits[0].codebook == home.recipe.codebook
    assert find_edit(home, edits[1].id).created_at == now


def test_edits_are_selected_and_paged(home, photos, now):
    for coder in ("A", "B", "A"):
        review_photo(home, NewReview(photos[0], coder, {"people": True}), now=now)
    first = list_edits(home, EditFilter(coder="A"), limit=1)
    rest = list_edits(home, EditFilter(coder="A"), limit=9, start=first.next_cursor)
    assert [len(first.items), len(rest.items), rest.next_cursor] == [1, 1, None]
    about = EditFilter(action=Action.REVIEW, target="photo", target_id=photos[0], undone=False)
    assert len(list(iterate_edits(home, about))) == 3
    assert not list(iterate_edits(home, EditFilter(undone=True)))


def test_what_is_not_there_is_said(home):
    with pytest.raises(NotFound, match="no such edit"):
        find_edit(home, 9)
    with pytest.raises(InvalidRequest, match="cursor"):
        list_edits(home, EditFilter(), limit=1, start="x")
