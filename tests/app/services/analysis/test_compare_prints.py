"""Prints of one picture are found in any order of work, and named by the earliest."""

import io
import threading
from datetime import date

import pytest
from PIL import Image as Pillow
from sqlalchemy import delete, select, update

from presslens.app.db.queries import printed_photos
from presslens.app.db.reprints import FingerprintRow, FingerprintWordRow, ReprintRow
from presslens.app.db.revision import RevisionRow
from presslens.app.db.tables import EditionRow, InterpretationRow, OutcomeRow, PhotoRow
from presslens.app.services.analysis import compare_prints
from presslens.app.services.analysis.compare_prints import compare_photos
from presslens.app.services.catalogue.photos import find_photo
from presslens.app.services.catalogue.reprints import earliest_print
from presslens.app.services.corrections.photos import remove_photo
from presslens.app.services.corrections.undo import undo_edit
from presslens.app.services.statistics.edition_composition import edition_composition_document
from presslens.models.reprints.stored import filed_words
from presslens.pipelines.statistics.layout import Quadrant

from ...first_states import made_once

DAYS = (date(2020, 1, 3), date(2020, 1, 1), date(2020, 1, 2))
"""The days of the editions, in the order in which they come in."""


def png(pixels):
    out = io.BytesIO()
    Pillow.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
@made_once
def photos(home, worker, put, draw_page):
    """Three editions with a photo each, prints of one picture; the last has another photo too."""
    for i, day in enumerate(DAYS):
        boxes = [(20 + 4 * i, 20, 320 + 4 * i, 220), (40, 280, 340, 500)]
        put({f"{i}.png": png(draw_page(*boxes[: 1 + (i == 2)]))}, day=day)
        worker.drain()
    with home.database.read() as session:
        query = printed_photos(home.recipe, EditionRow.edition_date, PhotoRow.position, PhotoRow.id)
        return {(day.day, position): photo for day, position, photo in session.execute(query)}


def pairs(home):
    with home.database.read() as session:
        rows = session.execute(select(ReprintRow.photo_id, ReprintRow.other_id))
        return {(one, other) for one, other in rows}


def test_prints_are_found_in_any_order_of_work(home, photos):
    prints = [photos[day, 0] for day in (1, 2, 3)]
    found = pairs(home)
    assert found == {(one, other) for one in prints for other in prints if one != other}
    with home.database.write() as session:
        session.execute(delete(ReprintRow))
        session.execute(delete(FingerprintWordRow))
        session.execute(update(FingerprintRow).values(compared=False))
    for photo in sorted(photos.values(), reverse=True):
        compare_photos(home, [photo])
    assert pairs(home) == found
    assert compare_photos(home, prints) == 3  # once more changes nothing
    assert pairs(home) == found
    with home.database.read() as session:
        assert set(session.scalars(select(FingerprintRow.compared))) == {True}


def test_the_earliest_print_names_the_others(home, photos):
    first, second, third = (photos[day, 0] for day in (1, 2, 3))
    other = photos[2, 1]
    told = {one: find_photo(home, one).to_json()["reprint_of"] for one in photos.values()}
    assert told == {first: None, second: first, third: first, other: None}
    before = [one.id for one in find_photo(home, third).printed_before]
    assert before == [first, second]
    with home.database.read() as session:
        query = printed_photos(home.recipe, PhotoRow.id, earliest_print(home.recipe))
        assert {one: earliest for one, earliest in session.execute(query)} == told  # noqa: C416
    pages = find_photo(home, third).pages
    assert find_photo(home, third, only={pages[0].id}).to_json()["reprint_of"] is None


def test_editions_are_counted_with_and_without_reprints(home, photos, worker):
    with home.database.read() as session:
        days = select(EditionRow.edition_date, EditionRow.id)
        editions = {day.day: edition for day, edition in session.execute(days)}
        before = session.scalar(select(RevisionRow.number))
    counted = {}
    for day, edition in editions.items():
        document = edition_composition_document(home, edition)
        counted[day] = document["reprints"], document["photos_without_reprints"]
        assert document["photos"] == document["reprints"] + document["photos_without_reprints"]
    assert counted == {1: (0, 1), 2: (1, 1), 3: (1, 0)}
    with home.database.write() as session:
        session.execute(delete(ReprintRow))
        session.execute(update(FingerprintRow).values(compared=False))
    worker.drain()
    with home.database.read() as session:
        assert session.scalar(select(RevisionRow.number)) > before  # answers are made anew


def counts(home, edition):
    document = edition_composition_document(home, edition)
    return document["photos"], document["reprints"], document["photos_without_reprints"]


def test_a_photo_that_was_removed_and_put_back_has_its_reprints(home, worker, put, draw_page, now):
    put({"a.png": png(draw_page((20, 20, 320, 220)))}, day=DAYS[1])
    worker.drain()
    with home.database.read() as session:
        (first,) = session.scalars(select(PhotoRow.id))
    removal = remove_photo(home, first, coder="A", now=now)
    later = put({"b.png": png(draw_page((28, 20, 328, 220)))}, day=DAYS[2]).edition_id
    worker.drain()
    assert counts(home, later) == (1, 0, 1)
    undo_edit(home, removal.edit_id, coder="A", now=now)
    worker.drain()
    assert counts(home, later) == (1, 1, 0)


def test_a_photo_stands_where_an_edition_counts(home, worker, put, draw_page):
    scan = png(draw_page((20, 20, 320, 220)))
    replaced = put({"a.png": scan}, day=date(2020, 1, 1)).edition_id
    put({"b.png": png(draw_page((28, 20, 328, 220)))}, day=date(2020, 1, 3))
    later = put({"a.png": scan}, day=date(2020, 1, 5)).edition_id
    worker.drain()
    with home.database.read() as session:
        query = printed_photos(home.recipe, EditionRow.id, PhotoRow.id)
        photos = {edition: photo for edition, photo in session.execute(query)}  # noqa: C416
    assert photos[replaced] == photos[later]
    assert find_photo(home, photos[later]).to_json()["reprint_of"] is None
    put({"c.png": png(draw_page())}, day=date(2020, 1, 1))
    worker.drain()
    (other,) = set(photos.values()) - {photos[later]}
    assert find_photo(home, photos[later]).to_json()["reprint_of"] == other
    assert find_photo(home, other).to_json()["reprint_of"] is None
    assert counts(home, later) == (1, 1, 0)


def test_of_one_file_for_two_days_the_later_photo_is_a_reprint(home, worker, put, draw_page):
    scan = png(draw_page((20, 20, 320, 220)))
    editions = [put({"a.png": scan}, day=day).edition_id for day in sorted(DAYS)]
    worker.drain()
    assert [counts(home, edition) for edition in editions] == [(1, 0, 1), (1, 1, 0), (1, 1, 0)]
    with home.database.read() as session:
        query = printed_photos(home.recipe, PhotoRow.id, earliest_print(home.recipe))
        query = query.order_by(EditionRow.edition_date)
        (photo, first), *reprints = session.execute(query)
    assert first is None
    assert reprints == [(photo, photo)] * 2
    assert find_photo(home, photo).to_json()["reprint_of"] is None


def test_a_photo_that_is_not_exported_yet_names_none_of_those_that_are(home, photos):
    first, second, third = (photos[day, 0] for day in (1, 2, 3))
    with home.database.write() as session:
        session.execute(delete(InterpretationRow).where(InterpretationRow.photo_id == first))
    exported = earliest_print(home.recipe, listed=True)
    with home.database.read() as session:
        query = printed_photos(home.recipe, PhotoRow.id, exported)
        told = {one: earliest for one, earliest in session.execute(query)}  # noqa: C416
    assert (told[second], told[third]) == (None, second)


def test_reprints_are_not_known_where_a_photo_was_not_compared(home, photos):
    with home.database.write() as session:
        session.execute(delete(FingerprintRow).where(FingerprintRow.photo_id == photos[2, 1]))
        days = select(EditionRow.edition_date, EditionRow.id)
        editions = {day.day: edition for day, edition in session.execute(days)}
    told = {day: edition_composition_document(home, one) for day, one in editions.items()}
    assert {day: one["reprints"] for day, one in told.items()} == {1: 0, 2: None, 3: 1}
    assert told[2]["photos_without_reprints"] is None


def test_another_upload_of_the_day_reprints_nothing(home, photos, worker, put, draw_page):
    put({"again.png": png(draw_page((25, 25, 325, 225)))}, day=DAYS[1])
    worker.drain()
    with home.database.read() as session:
        new = session.scalars(select(PhotoRow.id).order_by(PhotoRow.id.desc())).first()
    assert (new, photos[1, 0]) in pairs(home)
    assert find_photo(home, new).to_json()["reprint_of"] is None


def test_what_is_known_of_a_photo_goes_with_it(home, photos):
    with home.database.write() as session:
        session.execute(delete(PhotoRow).where(PhotoRow.id == photos[1, 0]))
        rest = session.scalars(select(FingerprintWordRow.photo_id))
        assert photos[1, 0] not in set(rest)
    assert pairs(home) == {(photos[2, 0], photos[3, 0]), (photos[3, 0], photos[2, 0])}
    assert find_photo(home, photos[3, 0]).to_json()["reprint_of"] == photos[2, 0]


def test_reprints_on_pages_that_are_not_counted_yet_are_not_counted(home, photos):
    with home.database.write() as session:
        third = session.scalar(select(EditionRow.id).where(EditionRow.edition_date == DAYS[0]))
        session.execute(delete(InterpretationRow))
        session.execute(update(RevisionRow).values(number=RevisionRow.number + 1))
    document = edition_composition_document(home, third)
    assert document["photos"] is None  # no page is read yet
    assert (document["reprints"], document["photos_without_reprints"]) == (0, None)


def test_a_photo_that_goes_while_it_is_compared_breaks_nothing(home, photos, monkeypatch):
    gone, rest = photos[1, 0], {photos[2, 0], photos[3, 0]}
    deleting = []

    def words(photo):
        if not deleting:

            def delete_one():
                with home.database.write() as session:
                    session.execute(delete(PhotoRow).where(PhotoRow.id == gone))

            deleting.append(threading.Thread(target=delete_one))
            deleting[0].start()
            deleting[0].join(0.5)
        return filed_words(photo)

    monkeypatch.setattr(compare_prints, "filed_words", words)
    compare_photos(home, sorted(photos.values()))
    deleting[0].join()
    assert {one for pair in pairs(home) for one in pair} == rest


def test_what_other_recipes_have_observed_takes_no_places(home, photos, monkeypatch):
    monkeypatch.setattr(compare_prints, "MOST_CANDIDATES", 2)
    one, other = photos[1, 0], photos[3, 0]
    found = pairs(home)
    with home.database.write() as session:
        session.execute(delete(ReprintRow))
        # The later print's copies under older recipes share most words with it.
        outcome = session.get_one(OutcomeRow, session.get_one(PhotoRow, other).outcome_id)
        content = session.get_one(FingerprintRow, other).content
        words = session.scalars(select(FingerprintWordRow.word).filter_by(photo_id=other)).all()
        few = FingerprintWordRow.word.in_(words[:8])
        session.execute(
            delete(FingerprintWordRow).where(~few, FingerprintWordRow.photo_id != other)
        )
        for k in range(3):
            old = OutcomeRow(
                scan_id=outcome.scan_id, observation_id=f"{k:064}", status=outcome.status,
                seen_at=outcome.seen_at,
            )  # fmt: skip
            session.add(old)
            session.flush()
            box = {"x0": 0.0, "y0": 0.0, "x1": 9.0, "y1": 9.0, "position": 0, "score": 1.0}
            rest = {"area_share": 0.1, "above_fold": True, "quadrant": Quadrant.TOP_LEFT}
            row = PhotoRow(outcome_id=old.id, **box, **rest, is_lead=False, by_hand=False)
            session.add(row)
            session.flush()
            session.add(FingerprintRow(photo_id=row.id, content=content, compared=True))
            session.add_all(FingerprintWordRow(photo_id=row.id, word=word) for word in words)
    compare_photos(home, [other])
    assert pairs(home) == {pair for pair in found if other in pair}
    assert (other, one) in found
