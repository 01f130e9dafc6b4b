"""References are looked at anew under other recipes, wherever they come from."""

import io
from threading import Thread

import pytest
from sqlalchemy import delete, select, update

from presslens.app.db.columns import JobKind
from presslens.app.db.figures import ReferenceFaceRow, ReferenceRow
from presslens.app.db.tables import FaceRow, PhotoRow, SightingRow
from presslens.app.platform import clock
from presslens.app.services.analysis.record import MOST_FAILURES
from presslens.app.services.analysis.workload import workload
from presslens.app.services.figures.confirm import confirm_face
from presslens.app.services.figures.erasure import remove_figure, remove_reference
from presslens.app.services.figures.figures import add_figure, add_references, find_figure, set_role
from presslens.app.services.figures.gallery import gallery_version, load_gallery
from presslens.app.services.figures.references import (
    embed_confirmed,
    record_reference,
    waiting_reference,
    waiting_references,
)
from presslens.app.services.ingest.upload import Incoming
from presslens.models.faces.gallery import Role
from presslens.pipelines.task import PageResult

from ...first_states import made_once
from ...flaky_engine import DROPPED


@pytest.fixture
def kim(home):
    return add_figure(home, "Kim", now=clock.now())


def give(home, figure, **photos):
    files = [Incoming(name, io.BytesIO(data)) for name, data in photos.items()]
    add_references(home, figure, files, now=clock.now())


def reference_named(home, figure, name):
    return next(r.id for r in find_figure(home, figure).references if r.name == name)


def version(home):
    with home.database.read() as session:
        return gallery_version(session, home.recipe, 1)


@pytest.fixture
@made_once
def confirmed(home, worker, put, scans, kim):
    """A figure with a reference that was confirmed on a page."""
    put(scans)
    worker.drain()
    with home.database.read() as session:
        photo = session.scalars(select(PhotoRow.id).join(FaceRow)).one()
    confirm_face(home, kim, photo, now=clock.now())
    worker.drain()
    return kim


def sightings(home):
    with home.database.read() as session:
        query = select(SightingRow).filter_by(recipe_id=home.recipe.id)
        return len(session.scalars(query).all())


def test_a_confirmed_face_is_found_again_where_it_was(confirmed, home, anew):
    assert sightings(home) == 1
    with anew() as (again, worker):
        (reference,) = find_figure(again, confirmed).references
        assert reference.status is None
        worker.drain()
        assert not worker.round()
        (reference,) = find_figure(again, confirmed).references
        assert reference.status.value == "done"
        assert sightings(again) == 1


def test_nothing_waits_for_the_page_of_a_confirmed_face(confirmed, anew):
    with anew() as (again, _):
        with again.database.read() as session:
            waiting = waiting_references(again.recipe.observation_id)
            assert session.scalars(waiting).all() == []
        assert workload(again).waiting[JobKind.EMBED] == 0
        with again.database.read() as session:
            found = load_gallery(session, again.recipe)
        assert [len(figure.embeddings) for figure in found.figures] == [0]


def test_a_face_that_other_instruments_do_not_see_is_refused(confirmed, home, anew):
    with anew() as (again, worker):
        while worker.turn(JobKind.OBSERVE):
            pass
        with again.database.write() as session:
            session.execute(delete(FaceRow))
        worker.drain()
        assert not worker.round()
        (reference,) = find_figure(again, confirmed).references
        assert reference.status.value == "rejected"
        assert reference.reason.startswith("no_face: ")
        assert sightings(again) == 0


def test_only_the_largest_face_of_a_reference_is_embedded(home, worker, kim, make):
    give(home, kim, two=make(faces=3))
    worker.drain()
    with home.database.read() as session:
        rows = session.scalars(select(ReferenceFaceRow).order_by(ReferenceFaceRow.position)).all()
    assert [row.embedding is not None for row in rows] == [True, False]


def test_whatever_changes_a_figure_changes_the_name_of_the_gallery(home, worker, kim, make):
    seen = [version(home)]
    steps = (
        lambda: give(home, kim, a=make(faces=1)),
        worker.drain,
        lambda: give(home, kim, b=make(faces=1, tint=4)),
        lambda: remove_reference(home, kim, reference_named(home, kim, "a"), now=clock.now()),
        lambda: set_role(home, kim, Role.HEIR, now=clock.now()),
        lambda: add_figure(home, "Pak", role="official", now=clock.now()),
        lambda: remove_figure(home, kim, now=clock.now()),
    )
    for step in steps:
        step()
        seen.append(version(home))
    assert len(set(seen)) == len(seen)


def test_nothing_is_read_again_for_a_reference_that_was_never_used(home, worker, kim, make):
    give(home, kim, a=make(faces=1))
    worker.drain()
    before = version(home)
    give(home, kim, none=make(faces=0), two=make(faces=3))
    assert version(home) != before
    worker.drain()
    refused = [r for r in find_figure(home, kim).references if r.reason]
    assert {r.reason.partition(":")[0] for r in refused} == {"no_face", "several_faces"}
    assert version(home) == before
    for reference in refused:
        remove_reference(home, kim, reference.id, now=clock.now())
        assert version(home) == before


def test_a_reference_that_is_removed_while_it_is_looked_at_is_no_trouble(home, kim, make):
    give(home, kim, a=make(faces=1))
    with home.database.read() as session:
        (waiting,) = session.scalars(waiting_references(home.recipe.observation_id))
    remove_figure(home, kim, now=clock.now())
    assert waiting_reference(home, waiting) is None
    record_reference(home, waiting, PageResult(str(waiting), failure=DROPPED))
    embed_confirmed(home, waiting)
    with home.database.read() as session:
        assert session.scalars(select(ReferenceRow)).all() == []


def test_a_figure_that_is_removed_while_photos_are_interpreted_is_no_trouble(
    home, worker, put, scans, kim, make
):
    give(home, kim, a=make(faces=1))
    put(scans)
    inner = worker.tools.interpreter
    removing = Thread(target=remove_figure, args=(home, kim), kwargs={"now": clock.now()})

    class Meanwhile:
        def interpret(self, page, gallery, labels):
            found = inner.interpret(page, gallery, labels)
            if any(meaning.sightings for meaning in found) and not removing.ident:
                removing.start()
            return found

    worker.tools.interpreter = Meanwhile()
    worker.drain()
    removing.join()
    worker.drain()
    assert not worker.round()
    assert sightings(home) == 0


def test_a_reference_that_failed_is_tried_again(home, worker, engine, kim, make):
    engine.failures["a"] = MOST_FAILURES - 1
    give(home, kim, a=make(faces=1))
    worker.drain()
    (reference,) = find_figure(home, kim).references
    assert reference.status.value == "done"


def test_references_that_fail_say_so(home, worker, engine, kim, make):
    engine.failures["a"] = 99
    give(home, kim, a=make(faces=1))
    worker.drain()
    assert engine.runs == ["a"] * MOST_FAILURES
    (reference,) = find_figure(home, kim).references
    assert (reference.status.value, reference.reason) == ("failed", "failed: it was dropped")


def test_a_reference_unlike_the_others_does_not_count(home, worker, kim, make):
    give(home, kim, **{str(i): make(faces=1, tint=i) for i in range(3)})
    worker.drain()
    with home.database.write() as session:
        first = session.scalars(select(ReferenceFaceRow)).first()
        stranger = first.reference_id
        session.execute(
            update(ReferenceFaceRow)
            .filter_by(reference_id=stranger)
            .values(embedding=-first.embedding)
        )
    states = {r.id: r for r in find_figure(home, kim).references}
    assert states[stranger].reason.startswith("disagrees: ")
    assert sorted(r.agreement for r in states.values()) == [0, 0.5, 0.5]
    with home.database.read() as session:
        (figure,) = load_gallery(session, home.recipe).figures
    assert len(figure.embeddings) == len(figure.weights) == 2


def test_a_face_under_a_second_name_is_told(home, worker, kim, make):
    give(home, kim, a=make(faces=1))
    other = add_figure(home, "Second", now=clock.now())
    give(home, other, b=make(faces=1, tint=3))
    worker.drain()
    told = [find_figure(home, one).to_json()["references"] for one in (kim, other)]
    assert [[one["resembles"] for one in of] for of in told] == [["Second"], ["Kim"]]
    with home.database.write() as session:
        face = session.scalars(
            select(ReferenceFaceRow).order_by(ReferenceFaceRow.reference_id)
        ).first()
        face.embedding = -face.embedding
    assert [one.resembles for one in find_figure(home, other).references] == [None]
