"""What to review next: drawn, for a second coder, or disputed."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from presslens.app.db.queries import EditionScope
from presslens.app.db.tables import InterpretationRow, PhotoRow, SubjectReadingRow
from presslens.app.platform.errors import InvalidRequest, NotFound
from presslens.app.services.catalogue.page_records import interpretations_of
from presslens.app.services.reviews.agreement import disagreements, reliability
from presslens.app.services.reviews.reviews import NewReview, review_photo
from presslens.app.services.reviews.sampling import SamplingKind, draw_more, next_reviews
from presslens.app.services.reviews.sampling_frame import Question, framed_photos
from presslens.models.faces.gallery import Role
from presslens.models.vocabulary import Subject
from presslens.pipelines.statistics.measure import BUILT_IN, Weight, Zone, probabilities

from ...first_states import made_once

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
BLOCKS = [
    (20 + 100 * x, 20 + 100 * y, 110 + 100 * x, 110 + 100 * y) for y in (0, 1) for x in (0, 1)
]


@pytest.fixture
@made_once
def photos(home, worker, put, make):
    """Twelve photos on three pages of two editions, each with its probability of people."""
    put({"a.png": make(BLOCKS), "b.png": make(BLOCKS, tint=9)})
    worker.drain()
    put({"c.png": make(BLOCKS, tint=20)}, publication="Minju Joson")
    worker.drain()
    with home.database.write() as session:
        ids = list(session.scalars(select(PhotoRow.id).order_by(PhotoRow.id)))
        for i, photo in enumerate(ids):
            session.execute(
                update(SubjectReadingRow)
                .where(
                    SubjectReadingRow.photo_id == photo, SubjectReadingRow.subject == Subject.PEOPLE
                )
                .values(probability=i / 12)
            )
    return ids


@pytest.fixture
def say(home, now):
    def review(photo, coder="A", shows=True, **given):
        return review_photo(home, NewReview(photo, coder, {"people": shows}, **given), now=now)

    return review


def frame_of(session, home, measure, **rest):
    question = Question((measure,), **rest)
    return [photo.candidate for photo in framed_photos(session, home.recipe, question)]


def ids(found):
    return [photo.photo for photo in found.photos]


def ask(home, measure="people", zone=Zone.ALL, budget=50, weight=Weight.COUNT, **rest):
    editions = EditionScope(publication=rest.pop("publication", None))
    question = Question((measure,), editions, zone, weight)
    return next_reviews(home, question, budget=budget, now=NOW, **rest)


def test_all_photos_are_drawn_once_with_what_they_are_drawn_by(home, photos):
    found = ask(home)
    assert sorted(ids(found)) == photos
    by_id = {photo.photo: photo for photo in found.photos}
    assert by_id[photos[0]].stratum == 0
    assert by_id[photos[11]].probability == pytest.approx(11 / 12)
    assert by_id[photos[11]].stratum == 3
    assert by_id[photos[8]].printed.publication == "Minju Joson"
    assert [row.size for row in found.sample.strata] == [2, 4, 5, 1]
    assert found.widths == (1.0, 0.0)


def test_more_is_drawn_of_the_sample_of_the_same_frame(home, photos):
    question = Question(("people",), EditionScope())
    first = draw_more(home, question, 4, now=NOW)
    grown = draw_more(home, question, 2, now=NOW)
    assert (grown.id, grown.items) == (first.id, first.items + 2)
    assert draw_more(home, question, 0, now=NOW).items == grown.items
    named = draw_more(home, question, 1, sample=first.name, now=NOW)
    assert (named.id, named.items) == (first.id, first.items + 3)
    with pytest.raises(InvalidRequest, match="not drawn for crowd"):
        draw_more(home, Question(("crowd",)), 1, sample=first.name, now=NOW)
    other = draw_more(home, Question(("people",), EditionScope("Minju Joson")), 2, now=NOW)
    assert other.id != first.id
    with home.database.write() as session:
        session.execute(update(SubjectReadingRow).values(probability=0.95))
    again = draw_more(home, question, 1, now=NOW)  # another frame by now: another sample
    assert again.id not in (first.id, other.id)
    with pytest.raises(NotFound):
        draw_more(home, question, 1, sample="nobody's", now=NOW)


def test_what_is_asked_about_is_drawn_from(home, photos):
    counts = {
        (Zone.ALL, None): 12,
        (Zone.FRONT, None): 8,
        (Zone.INSIDE, None): 4,
        (Zone.ABOVE_FOLD, None): 12,
        (Zone.LEAD, None): 3,
        (Zone.ALL, "Minju Joson"): 4,
    }
    assert {
        (zone, publication): len(ids(ask(home, zone=zone, publication=publication)))
        for zone, publication in counts
    } == counts
    for nothing in ("Minju Joson", "'; DROP TABLE review --"):
        found = ask(home, zone=Zone.INSIDE, publication=nothing)
        assert (ids(found), found.sample) == ([], None)


def test_the_frame_knows_the_probabilities_that_statistics_are_made_of(home, photos, now):
    measures = [*BUILT_IN, "label:indoor"]
    with home.database.write() as session:
        session.execute(update(InterpretationRow).values(leader=0.3, facility=0.6))
    with home.database.read() as session:
        meanings = interpretations_of(session, photos, home.recipe)
        for measure in measures:
            frame = frame_of(session, home, measure)
            wanted = {
                i: probabilities(m, {"Kim": Role.LEADER})[measure] for i, m in meanings.items()
            }
            assert {c.id: c.probability for c in frame} == pytest.approx(wanted)
            assert {c.weight for c in frame} == {1.0}
        by_area = frame_of(session, home, "people", weight=Weight.AREA)
        assert by_area[0].weight == pytest.approx(90 * 90 / (320 * 440), rel=0.05)


def test_figures_are_told_apart_in_the_frame(home, worker, client, put, scans, make):
    figure = client.post("/api/v1/figures", json={"name": "Kim"}).json()
    client.post(
        f"/api/v1/figures/{figure['id']}/references", files=[("files", ("a.png", make(faces=1)))]
    )
    put(scans)
    worker.drain()
    with home.database.read() as session:
        for measure, highest in (
            ("leader", 0.8),
            ("figure:Kim", 0.8),
            ("figure:Pak", 0.0),
            ("leader_and_facility", 0.8 * 0.25),
        ):
            frame = frame_of(session, home, measure)
            values = sorted(c.probability for c in frame)
            assert values == pytest.approx([0.0, 0.0, highest])


def test_a_sample_goes_on_where_coders_stopped(home, photos, say):
    first = ids(ask(home, budget=5))
    assert ids(ask(home, budget=5)) == first
    assert ids(ask(home, budget=3)) == first[:3]
    for photo in first[:2]:
        say(photo)
    say(first[2], shows=None)
    later = ask(home, budget=5)
    assert ids(later)[:2] == first[3:]
    assert set(ids(later)).isdisjoint(first[:3])
    assert (later.sample.items, later.sample.size) == (8, 12)
    assert sum(row.answered for row in later.sample.strata) == 2
    assert len(ids(ask(home))) == 9
    # Another question, seed or name is another sample.
    assert ask(home, zone=Zone.FRONT).sample.name == "people-2"
    assert ask(home, seed=7).sample.seed == 7
    assert ask(home, sample="people-1").sample.name == "people-1"
    with pytest.raises(InvalidRequest, match="not drawn for crowd"):
        ask(home, "crowd", sample="people-1")
    with pytest.raises(NotFound):
        ask(home, sample="other")


def test_a_share_of_the_coded_photos_is_for_a_second_coder(home, photos, say):
    for photo in photos[:8]:
        say(photo, "A")
    say(photos[0], "B")
    everything = ask(home, kind=SamplingKind.SECOND, coder="B", double=1.0)
    assert set(ids(everything)) == set(photos[1:8])
    assert {photo.coders for photo in everything.photos} == {("A",)}
    assert ids(ask(home, kind=SamplingKind.SECOND, coder="A", double=1.0)) == []
    assert ids(ask(home, kind=SamplingKind.SECOND, coder="B", double=0.0)) == []
    some = ids(ask(home, kind=SamplingKind.SECOND, coder="B", double=0.5))
    assert set(some) <= set(photos[1:8])
    assert ids(ask(home, kind=SamplingKind.SECOND, coder="C", double=0.5)) == some


def test_disagreements_are_for_somebody_else(home, photos, say):
    say(photos[3], "A", True)
    say(photos[3], "B", False)
    say(photos[4], "A", True)
    assert ids(ask(home, kind=SamplingKind.DISAGREEMENTS)) == [photos[3]]
    assert ids(ask(home, kind=SamplingKind.DISAGREEMENTS, coder="A")) == []
    (row,) = disagreements(home, EditionScope()).disagreements
    assert (row.photo, row.measure, row.yes, row.no) == (
        photos[3],
        "people",
        ("A",),
        ("B",),
    )
    assert disagreements(home, EditionScope(publication="Minju Joson")).disagreements == ()
    assert disagreements(home, EditionScope(), measure="crowd").disagreements == ()
    say(photos[3], "C", False, adjudicates=True)
    assert ids(ask(home, kind=SamplingKind.DISAGREEMENTS)) == []
    assert disagreements(home, EditionScope()).disagreements == ()


def test_coders_and_the_machine_are_compared(home, photos, say):
    ask(home)
    for i, photo in enumerate(photos[:6]):
        say(photo, "A", i % 2 == 0)
        say(photo, "B", i % 2 == 0 or i == 5)
    say(photos[5], "C", True, adjudicates=True)
    say(photos[11], "A", True)
    found = reliability(home, EditionScope())
    (row,) = found.agreements
    assert (row.photos, row.coded_twice, row.agreed, row.coders) == (7, 6, 5, ("A", "B"))
    assert 0 < row.alpha < 1
    assert (row.accuracy.n, row.accuracy.adjudicated) == (6, 1)
    (machine,) = found.confusions
    # The machine says yes from 0.5: of the settled ones, the last only, and rightly.
    assert (machine.yes.n, machine.yes.right) == (1, 1)
    assert (machine.no.n, machine.no.right) == (6, 2)
    assert found.pending == 0
    assert reliability(home, EditionScope(publication="Minju Joson")).agreements[0].photos == 1
    with pytest.raises(InvalidRequest):
        reliability(home, EditionScope(), measure="beauty")


def test_there_is_no_such_question(home, photos):
    for measure in ("beauty", "figure:Nobody", "label:nothing", "figure:", ""):
        with pytest.raises(InvalidRequest, match="no measure"):
            ask(home, measure)
