"""People correct the photos of a page: numbers follow at once, and come back when it is undone."""

import csv
import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select

from presslens.app.db.edits import Action
from presslens.app.db.queries import EditionScope
from presslens.app.db.tables import PageRow, PhotoRow
from presslens.app.platform.errors import Conflict, InvalidRequest, LaterEdit, NotFound
from presslens.app.services.catalogue.pages import find_page
from presslens.app.services.catalogue.photo_filter import PhotoFilter, PhotoSort
from presslens.app.services.catalogue.photo_glance import glance_at
from presslens.app.services.catalogue.photo_index import PhotoIndex
from presslens.app.services.catalogue.photo_views import Display, select_view
from presslens.app.services.catalogue.photos import list_photos
from presslens.app.services.corrections.page_reviews import MarkInput, NewPageReview, review_page
from presslens.app.services.corrections.photos import (
    draw_photo,
    join_photos,
    move_photo,
    remove_photo,
    split_photo,
)
from presslens.app.services.corrections.undo import undo_edit
from presslens.app.services.edits.listing import EditFilter, iterate_edits
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.app.services.exports.table_writer import TableFormat
from presslens.app.services.reviews.reviews import NewReview, review_photo
from presslens.app.services.statistics.edition_composition import edition_composition
from presslens.app.services.statistics.wide_photos import export_photo_table
from presslens.models.geometry import Box
from presslens.models.vocabulary import Subject

MISSED = Box(40, 250, 200, 400)
LEFT, RIGHT = Box(20, 20, 150, 200), Box(170, 20, 300, 200)
"""The photos of the second page."""


@pytest.fixture
def pages(home, edition):
    with home.database.read() as session:
        query = select(PageRow.id).order_by(PageRow.number)
        return list(session.scalars(query))


@pytest.fixture
def change(home, now):
    """Call a use case in the name of a coder, and return its result."""

    def call(use_case, *args, coder="A"):
        return use_case(home, *args, coder=coder, now=now)

    return call


def boxes(home, page):
    return [tuple(photo["box"]) for photo in find_page(home, page).to_json()["photos"]]


def ids(home, page):
    return [photo["id"] for photo in find_page(home, page).to_json()["photos"]]


def counted(home, edition):
    document = edition_composition(home, edition).to_json()
    return document["photos"], round(document["photo_area_share"], 4)


def test_a_missed_photo_counts_at_once_and_shows_nothing_known(
    home, edition, pages, change, tmp_path, now
):
    before = edition_composition(home, edition).to_json()
    made = change(draw_photo, pages[2], MISSED)
    after = edition_composition(home, edition).to_json()
    assert after["photos"] == before["photos"] + 1
    area = MISSED.area / (320 * 440) / 3
    assert after["photo_area_share"] == pytest.approx(before["photo_area_share"] + area, abs=1e-4)
    assert after["shares"]["children"]["n"] == before["shares"]["children"]["n"]
    assert (after["pages_seen"], after["edition"]["status"]) == (3, "done")
    (photo,) = find_page(home, pages[2]).to_json()["photos"]
    assert (photo["id"], photo["by_hand"], photo["focus"]) == (made.made[0], True, None)
    # Lists have what is counted, at once.
    every = PhotoFilter(EditionScope(edition=edition))
    listed = {one.id: one for one in list_photos(home, every, limit=9).photos}
    drawn = listed[made.made[0]]
    assert (
        len(listed) == after["photos"] == len(PhotoIndex(home, home.database.view()).select(every))
    )
    unread = drawn.to_json()["subjects"], drawn.to_json()["focus"], drawn.row()["focus_leader"]
    assert unread == ({}, None, None)
    wide = export_photo_table(home, every.scope, TableFormat.CSV, tmp_path).path
    with wide.open(encoding="utf-8") as file:
        rows = {row["photo_id"]: row for row in csv.DictReader(file)}
    assert len(rows) == len(listed)
    cells = rows[str(drawn.id)]
    assert (cells["by_hand"], cells["focus"], cells["p_children"]) == ("true", "", "")
    # What people say of it is found, by both ways of filtering.
    review_photo(home, NewReview(drawn.id, "A", {"children": True}), now=now)
    of_children = replace(every, subjects=(Subject.CHILDREN,))
    assert drawn.id in {one.id for one in list_photos(home, of_children, limit=9).photos}
    index = PhotoIndex(home, home.database.view())
    found = index.select(of_children)
    (glance,) = glance_at(home, index, select_view(index, every, PhotoSort.DATE, Display.PHOTO)
                          .between(*(len(listed) - 1, len(listed))))  # fmt: skip
    assert (len(found), glance.id, glance.to_json()["focus"]) == (1, drawn.id, None)


def test_each_change_is_undone_in_any_order(home, edition, pages, change, now):
    first, second = pages[:2]
    (alone,), (left, right) = ids(home, first), ids(home, second)
    before = canonical_dump(home)
    edits = [
        lambda: change(draw_photo, pages[2], MISSED),
        lambda: change(remove_photo, alone),
        lambda: change(split_photo, left, [Box(20, 20, 150, 110), Box(20, 110, 150, 200)]),
        lambda: change(move_photo, right, Box(160, 20, 310, 210), coder="B"),
    ]
    for order in itertools.islice(itertools.permutations(range(4)), 0, 24, 7):
        made = [edit().edit_id for edit in edits]
        assert counted(home, edition)[0] == 4
        for i in order:
            undo_edit(home, made[i], coder=None, now=now)
        assert canonical_dump(home) == before
    with home.database.read() as session:
        drawn = session.scalars(select(PhotoRow).where(PhotoRow.by_hand)).all()
    assert len(drawn) == 4  # the same boxes again are the same photos


def test_joined_photos_are_one_with_the_box_around_them(home, edition, pages, change):
    left, right = ids(home, pages[1])
    change(join_photos, left, [right])
    assert boxes(home, pages[1]) == [(20, 20, 300, 200)]
    assert counted(home, edition)[0] == 2
    assert [one["id"] for one in find_page(home, pages[1]).to_json()["removed"]] == [left, right]


def test_a_drawn_photo_is_changed_like_a_found_one(home, pages, change, now):
    (drawn,) = change(draw_photo, pages[2], MISSED).made
    moved = change(move_photo, drawn, Box(40, 250, 240, 400))
    parts = change(split_photo, moved.made[0], [Box(40, 250, 140, 400), Box(140, 250, 240, 400)])
    last = change(remove_photo, parts.made[0], coder="B")
    assert boxes(home, pages[2]) == [(140, 250, 240, 400)]
    with pytest.raises(LaterEdit, match=f"number {last.edit_id} of B"):  # it says them anew
        undo_edit(home, parts.edit_id, coder=None, now=now)
    assert boxes(home, pages[2]) == [(140, 250, 240, 400)]
    undo_edit(home, last.edit_id, coder=None, now=now)
    undo_edit(home, parts.edit_id, coder=None, now=now)
    assert boxes(home, pages[2]) == [(40, 250, 240, 400)]


def test_the_later_of_two_people_is_told_who_changed_the_photo(home, pages, change):
    left, right = ids(home, pages[1])
    change(move_photo, left, Box(10, 10, 150, 200), coder="Kim")
    with pytest.raises(Conflict, match=rf"photo {left} was changed by Kim on 2026-01-02 03:04 UTC"):
        change(remove_photo, left, coder="Lee")
    with pytest.raises(Conflict, match=rf"are {right}, \d+ now"):
        change(join_photos, right, [left], coder="Lee")
    change(draw_photo, pages[2], MISSED, coder="Kim")
    with pytest.raises(Conflict, match=r"is there already \(Kim, "):
        change(draw_photo, pages[2], Box(42, 251, 200, 400), coder="Lee")


def test_of_two_people_at_one_moment_one_is_told(home, edition, pages, change):
    left, _ = ids(home, pages[1])
    parts = [Box(20, 20, 150, 110), Box(20, 110, 150, 200)]

    def attempt(coder, use_case, *args):
        try:
            return change(use_case, left, *args, coder=coder).edit_id
        except Conflict as conflict:
            return str(conflict)

    with ThreadPoolExecutor(2) as pool:
        both = [
            pool.submit(attempt, "A", split_photo, parts),
            pool.submit(attempt, "B", remove_photo),
        ]
        told = {type(one.result()) for one in both}
    assert told == {int, str}
    assert counted(home, edition)[0] in (2, 4)


def test_an_edit_in_place_decides_what_others_have_said(home, edition, pages, change, now):
    left, _ = ids(home, pages[1])
    review_page(home, NewPageReview(pages[1], "A", checked=True), now=now)
    edit = change(remove_photo, left, coder="B")
    assert (edit.disputed, counted(home, edition)[0]) == (False, 2)
    undo_edit(home, edit.edit_id, coder="C", now=now)
    assert counted(home, edition)[0] == 3


def test_who_looks_through_a_page_agrees_with_what_was_drawn(home, edition, pages, change, now):
    edit = change(draw_photo, pages[2], MISSED)
    for page in pages:
        review_page(home, NewPageReview(page, "B", checked=True), now=now)
    document = edition_composition(home, edition).to_json()
    assert (document["photos"], document["photos_interval"]) == (4, None)
    check = next(iterate_edits(home, EditFilter(action=Action.REVIEW_PAGE))).id
    with pytest.raises(LaterEdit, match=f"number {check} of B"):  # the check would hold it
        undo_edit(home, edit.edit_id, coder=None, now=now)
    assert counted(home, edition)[0] == 4
    for one in (check, edit.edit_id):
        undo_edit(home, one, coder=None, now=now)
    assert counted(home, edition)[0] == 3


def test_a_blind_check_holds_no_photo_of_others(home, edition, pages, change, now):
    (alone,) = ids(home, pages[0])
    edit = change(remove_photo, alone)
    marks = (MarkInput(0, alone, boxes=()),)
    review_page(home, NewPageReview(pages[0], "B", marks, checked=True, blind=True), now=now)
    undo_edit(home, edit.edit_id, coder=None, now=now)
    assert counted(home, edition)[0] == 2  # B alone has removed it


def test_a_page_review_draws_too(home, edition, pages, now):
    left, _ = ids(home, pages[1])
    halves = Box(0.0625, 0.05, 0.47, 0.25), Box(0.0625, 0.25, 0.47, 0.45)
    marks = (MarkInput(2, left, boxes=halves),)
    review_page(home, NewPageReview(pages[1], "A", marks), now=now)
    assert counted(home, edition)[0] == 4
    assert edition_composition(home, edition).to_json()["photos_interval"] is not None


def test_a_page_of_two_editions_is_not_seen(home, edition, pages, now):
    before = canonical_dump(home)
    review_page(home, NewPageReview(pages[1], "A", two_editions=True), now=now)
    document = edition_composition(home, edition).to_json()
    assert (document["pages_seen"], document["coverage"], document["photos"]) == (2, 0.666667, 1)
    assert boxes(home, pages[1]) == []
    removed = find_page(home, pages[1]).to_json()["removed"]
    assert [one["coder"] for one in removed] == ["A", "A"]
    undo_edit(home, removed[0]["edit"], coder=None, now=now)
    assert canonical_dump(home) == before


@pytest.mark.parametrize(
    ("box", "message"),
    [
        (Box(-5, 10, 50, 50), "pixels of the page, from 0 to 320 and 440"),
        (Box(50, 50, 50, 90), "pixels of the page"),
        (Box(float("nan"), 10, 50, 50), "pixels of the page"),
        (Box(10, 10, 12, 60), "8 pixels wide"),
        (RIGHT, r"photo \d+ has this box already"),
    ],
)
def test_a_box_that_is_no_photos_is_refused(home, pages, change, box, message):
    left, _ = ids(home, pages[1])
    with pytest.raises(InvalidRequest, match=message):
        change(move_photo, left, box)


def test_a_photo_of_another_page_is_not_joined(home, pages, change):
    left, _ = ids(home, pages[1])
    (other,) = ids(home, pages[0])
    with pytest.raises(InvalidRequest, match="is not on the page"):
        change(join_photos, left, [other])
    with pytest.raises(NotFound):
        change(remove_photo, 999)


def test_a_worker_looks_at_a_drawn_photo(home, edition, pages, change, worker):
    """Its box holds the face and the persons of the found photo beside it."""
    (found,) = ids(home, pages[0])
    change(remove_photo, found)
    drawn = change(draw_photo, pages[0], Box(45, 55, 195, 158))
    assert edition_composition(home, edition).to_json()["shares"]["people"]["n"] == 2
    worker.drain()
    (photo,) = find_page(home, pages[0]).to_json()["photos"]
    assert (photo["id"], photo["by_hand"], photo["subjects"]["people"]["count"]) == (
        drawn.made[0],
        True,
        2,
    )
    assert photo["faces"] == 1
    document = edition_composition(home, edition).to_json()
    assert document["shares"]["people"]["n"] == document["photos"] == 3


def test_what_is_printed_about_a_drawn_photo_is_found(
    home, put, captioned_page, change, worker, now
):
    put({"page.png": captioned_page})
    worker.drain()
    before = canonical_dump(home)
    with home.database.read() as session:
        page = session.scalars(select(PageRow.id)).one()
    left, right = find_page(home, page).to_json()["photos"]
    assert (left["caption"]["text"], right["caption"]) == ("abcd", None)
    removed = change(remove_photo, left["id"])
    drawn = change(draw_photo, page, Box(24, 82, 154, 220))
    worker.drain()
    document = find_page(home, page).to_json()
    by_id = {photo["id"]: photo for photo in document["photos"]}
    assert by_id[drawn.made[0]]["caption"]["text"] == "abcd"
    assert by_id[right["id"]]["caption"] is None
    assert [headline["photos"] for headline in document["headlines"]] == [[0, 1]]
    for done in (drawn, removed):
        undo_edit(home, done.edit_id, coder="A", now=now)
    worker.drain()
    assert canonical_dump(home) == before


def test_human_boxes_outlive_another_analysis(home, edition, pages, change, anew, now):
    (alone,), (left, right) = ids(home, pages[0]), ids(home, pages[1])
    change(remove_photo, alone)
    change(draw_photo, pages[2], MISSED)
    change(split_photo, left, [Box(20, 20, 150, 110), Box(20, 110, 150, 200)])
    change(move_photo, right, Box(160, 20, 310, 210))
    before = [boxes(home, page) for page in pages]
    with anew() as (other, worker):
        worker.drain()
        assert [boxes(other, page) for page in pages] == before
        photos = [one for page in pages for one in find_page(other, page).to_json()["photos"]]
        assert all(one["by_hand"] and one["subjects"] for one in photos)
        assert counted(other, edition) == counted(home, edition)
