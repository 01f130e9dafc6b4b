"""Somebody may vouch for a public figure's age; all that is done to figures can be undone."""

import io

import pytest
from sqlalchemy import select, update

from presslens.app.db.figures import ReferenceFaceRow, ReferenceRow
from presslens.app.db.tables import PhotoRow
from presslens.app.platform import clock
from presslens.app.platform.errors import Conflict
from presslens.app.services.corrections.undo import undo_edit
from presslens.app.services.edits.listing import EditFilter, iterate_edits
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.app.services.figures.confirm import confirm_face, vouch_for
from presslens.app.services.figures.figures import (
    add_references,
    enrol_by_name,
    enrol_figure,
    find_figure,
    set_role,
)
from presslens.app.services.ingest.upload import Incoming
from presslens.app.services.reviews.reviews import NewReview, review_photo
from presslens.models.faces.gallery import Role


@pytest.fixture
def kim(home, worker, make, now):
    """A figure whose only reference is taken for a child's."""
    photo = Incoming("smile.png", io.BytesIO(make(faces=1)))
    figure = enrol_figure(home, "Kim", [photo], coder="A", now=now).figure
    worker.drain()
    _look_like_a_child(home)
    return figure


def _look_like_a_child(home):
    with home.database.write() as session:
        young = {"child": 0.9, "embedding": None, "sharpness": None}
        session.execute(update(ReferenceFaceRow).values(**young))


def only(home, figure):
    (reference,) = find_figure(home, figure).references
    return reference


def embeddings(home):
    with home.database.read() as session:
        return [row is not None for row in session.scalars(select(ReferenceFaceRow.embedding))]


def test_a_vouched_face_is_embedded_and_no_more_when_that_is_taken_back(home, worker, kim, now):
    before = canonical_dump(home)
    refused = only(home, kim)
    assert refused.can_vouch
    assert refused.reason.startswith("child_or_unclear")
    edit = vouch_for(home, kim, refused.id, coder="A", now=now)
    assert (only(home, kim).status, only(home, kim).vouched_by) == (None, "A")
    assert vouch_for(home, kim, refused.id, coder="B", now=now) is None
    worker.drain()
    with home.database.write() as session:  # the scripted instruments know no children
        session.execute(update(ReferenceFaceRow).values(child=0.9))
    assert only(home, kim).reason is None
    assert embeddings(home) == [True]
    with pytest.raises(Conflict, match="a later change"):
        undo_edit(home, edit - 1, coder="A", now=now)
    undo_edit(home, edit, coder="A", now=now)
    assert embeddings(home) == [False]
    assert canonical_dump(home) == before


def test_an_adults_reference_needs_nobody_to_vouch(home, worker, make, now):
    photo = Incoming("a.png", io.BytesIO(make(faces=1)))
    figure = enrol_figure(home, "Kim", [photo], now=now).figure
    with pytest.raises(Conflict, match="can be vouched"):
        vouch_for(home, figure, only(home, figure).id, coder="A", now=now)


def test_what_is_done_to_figures_is_undone_in_turn(home, edition, worker, make, now):
    before = canonical_dump(home)
    with home.database.read() as session:
        photo = session.scalars(select(PhotoRow.id).order_by(PhotoRow.id)).first()
    made = enrol_by_name(home, "Kim", coder="A", now=now)
    assert enrol_by_name(home, "Kim", now=now).edit is None
    edits = [made.edit, confirm_face(home, made.figure, photo, coder="A", now=now)]
    assert confirm_face(home, made.figure, photo, now=now) is None
    edits.append(set_role(home, made.figure, Role.OFFICIAL, now=now))
    texts = [str(edit.text) for edit in iterate_edits(home, EditFilter())]
    assert texts == [
        "Kim in Rodong Sinmun: leader becomes official",
        "reference photo added to Kim: Rodong Sinmun 2019-12-16, page 1",
        "Kim is enrolled; leader of Rodong Sinmun",
    ]
    review_photo(home, NewReview(photo, "A", {"figure:Kim": True}), now=now)
    for edit in reversed(edits[1:]):
        undo_edit(home, edit, coder="B", now=now)
    with pytest.raises(Conflict, match="answered about Kim"):
        undo_edit(home, made.edit, coder="B", now=now)
    undo_edit(home, edits[-1] + 1, coder="B", now=now)
    undo_edit(home, made.edit, coder="B", now=now)
    worker.drain()
    assert canonical_dump(home) == before


def test_undone_references_go_with_their_files(home, make, now):
    figure = enrol_by_name(home, "Kim", now=now).figure
    edit = add_references(home, figure, [Incoming("a.png", io.BytesIO(make(faces=1)))], now=now)
    undo_edit(home, edit, coder=None, now=clock.now())
    assert find_figure(home, figure).references == ()
    with home.database.read() as session:
        assert session.scalars(select(ReferenceRow)).all() == []
