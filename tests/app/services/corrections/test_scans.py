"""A better scan takes the place of a page's, with what people said of unchanged photos."""

import io

import numpy as np
import pytest
from PIL import Image as Pillow
from sqlalchemy import select

from presslens.app.db.reviews import ReviewRow
from presslens.app.db.tables import PageRow, ScanRow
from presslens.app.platform import clock
from presslens.app.platform.errors import Conflict, InvalidRequest
from presslens.app.services.catalogue.editions import find_edition
from presslens.app.services.catalogue.pages import find_page
from presslens.app.services.corrections.page_reviews import NewPageReview, review_page
from presslens.app.services.corrections.photos import draw_photo, remove_photo
from presslens.app.services.corrections.scans import replace_scan
from presslens.app.services.corrections.undo import undo_edit
from presslens.app.services.edits.listing import EditFilter, count_edits, find_edit, iterate_edits
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.app.services.ingest.upload import Incoming
from presslens.app.services.reviews.documents import current_photos
from presslens.app.services.reviews.reviews import NewReview, photo_reviews, review_photo
from presslens.models.geometry import Box

from ...first_states import made_once

BOXES = [(20, 20, 150, 200), (170, 20, 300, 200)]


@pytest.fixture
@made_once
def page(home, worker, put, make):
    edition = put({"page_1.png": make(BOXES, tint=20)}).edition_id
    worker.drain()
    with home.database.read() as session:
        return session.scalars(select(PageRow.id).filter_by(edition_id=edition)).one()


def given(data, name="better.png"):
    return Incoming(name, io.BytesIO(data))


def rescanned(data, *, patch=None):
    pixels = np.array(Pillow.open(io.BytesIO(data)).convert("RGB"))
    pixels[0, 0] = 1  # other bytes
    if patch is not None:
        x0, y0, x1, y1 = patch
        pixels[y0:y1, x0:x1] = 255 - pixels[y0:y1, x0:x1]
    out = io.BytesIO()
    Pillow.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def edition_of(home, page):
    with home.database.read() as session:
        return session.get_one(PageRow, page).edition_id


def photos(home, page):
    return [photo.id for photo in find_page(home, page).photos]


def test_reviews_of_unchanged_photos_are_carried_over(home, page, worker, make, now):
    first, second = photos(home, page)
    review_photo(home, NewReview(first, "A", {"children": True}), now=now)
    review_photo(home, NewReview(second, "A", {"crowd": False}), now=now)
    review_page(home, NewPageReview(page, "A", checked=True), now=now)
    before = canonical_dump(home)
    data = make(BOXES, tint=20)
    edit = replace_scan(home, page, given(rescanned(data)), coder="B", now=clock.now())
    assert find_page(home, page).outcome == "queued"
    worker.drain()
    new = photos(home, page)
    assert not {first, second}.intersection(new)
    assert photo_reviews(home, new[0]).settled == {"children": (True, False)}
    assert photo_reviews(home, new[1]).settled == {"crowd": (False, False)}
    with home.database.read() as session:
        rows = session.scalars(select(ReviewRow).order_by(ReviewRow.id)).all()
        answers = [row.edit_id for row in rows]
        assert len(answers) == len(rows) == 2
    assert count_edits(home, EditFilter(edition=edition_of(home, page))) == 4
    (about,) = current_photos(home, [find_edit(home, answers[0])]).values()
    assert about == new[0]
    undo_edit(home, edit, coder="C", now=clock.now())
    assert canonical_dump(home) == before
    assert photos(home, page) == [first, second]


def test_an_answer_is_undone_on_the_new_scan_too(home, page, worker, make, now):
    first, _ = photos(home, page)
    unanswered = canonical_dump(home)
    review_photo(home, NewReview(first, "A", {"children": True}), now=now)
    (answer,) = iterate_edits(home, EditFilter())
    data = rescanned(make(BOXES, tint=20))
    edit = replace_scan(home, page, given(data), coder="B", now=clock.now())
    worker.drain()
    undo_edit(home, answer.id, coder="A", now=clock.now())
    assert photo_reviews(home, photos(home, page)[0]).settled == {}
    undo_edit(home, edit, coder="B", now=clock.now())
    assert canonical_dump(home) == unanswered


def test_a_photo_elsewhere_takes_nothing_over(home, page, worker, make, now):
    second = photos(home, page)[1]
    review_photo(home, NewReview(second, "A", {"crowd": False}), now=now)
    review_page(home, NewPageReview(page, "A", checked=True), now=now)
    data = make([BOXES[0], (170, 230, 300, 400)], tint=20)
    replace_scan(home, page, given(data), coder="B", now=clock.now())
    worker.drain()
    assert [photo_reviews(home, photo).settled for photo in photos(home, page)] == [{}, {}]


def test_only_another_scan_of_one_page_is_taken(home, page, make, now):
    with pytest.raises(Conflict, match="the page has already"):
        replace_scan(home, page, given(make(BOXES, tint=20)), coder=None, now=now)
    frames = [Pillow.new("RGB", (90, 90), tint) for tint in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "TIFF", save_all=True, append_images=frames[1:])
    for data, why in (
        (out.getvalue(), r"better.png has 2 pages"),
        (b"PK\x03\x04" + bytes(40), "not an archive"),
        (b"hello", "can't be read: this is not a JPEG"),
    ):
        with pytest.raises(InvalidRequest, match=why):
            replace_scan(home, page, given(data), coder=None, now=now)
    with home.database.read() as session:
        assert len(session.scalars(select(ScanRow)).all()) == 1


def test_a_refused_page_gets_a_scan(home, worker, put, make, now):
    edition = put({"page_1.png": b"no image"}).edition_id
    worker.drain()
    with home.database.read() as session:
        (page,) = session.scalars(select(PageRow.id))
    edit = replace_scan(home, page, given(make()), coder="A", now=clock.now())
    worker.drain()
    assert find_page(home, page).outcome == "done"
    assert find_edition(home, edition).photos == 1
    undo_edit(home, edit, coder=None, now=clock.now())
    assert find_page(home, page).outcome == "rejected"


def test_drawn_photos_are_carried_over_with_the_whole_page(home, page, worker, make, now):
    first, _ = photos(home, page)
    remove_photo(home, first, coder="A", now=now)
    (drawn,) = draw_photo(home, page, Box(40, 250, 200, 400), coder="A", now=now).made
    worker.drain()
    review_photo(home, NewReview(drawn, "A", {"children": True}), now=now)
    before = canonical_dump(home)
    data = rescanned(make(BOXES, tint=20))
    edit = replace_scan(home, page, given(data), coder="B", now=clock.now())
    worker.drain()
    document = find_page(home, page).to_json()
    assert [one["by_hand"] for one in document["photos"]] == [False, True]
    assert len(document["removed"]) == 1
    again = document["photos"][1]["id"]
    assert photo_reviews(home, again).settled == {"children": (True, False)}
    undo_edit(home, edit, coder="C", now=clock.now())
    assert canonical_dump(home) == before
