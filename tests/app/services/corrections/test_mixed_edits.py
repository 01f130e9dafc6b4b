"""A hundred mixed edits, all undone, leave the archive as it was: in any order."""

import random

import pytest
from sqlalchemy import select

from presslens.app.db.tables import OutcomeRow, PageRow, PhotoRow
from presslens.app.platform.errors import Conflict, InvalidRequest, LaterEdit
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
from presslens.app.services.reviews.reviews import NewReview, review_photo
from presslens.models.geometry import Box


class Editor:
    """Makes edits at random, in the names of three coders; a refused one is none."""

    def __init__(self, home, now):
        self.home, self.now, self.rng = home, now, random.Random(16)
        self.kinds = [
            self.review, self.review_page, self.draw, self.move, self.remove, self.split, self.join,
        ]  # fmt: skip

    def edit(self):
        """Make one edit; tell whether there was one."""
        before = self.count()
        try:
            self.rng.choice(self.kinds)(self.rng.choice("ABC"))
        except (Conflict, InvalidRequest):
            assert self.count() == before
            return False
        assert self.count() == before + 1
        return True

    def count(self):
        return sum(1 for _ in iterate_edits(self.home, EditFilter()))

    def photo(self):
        query = select(PhotoRow, OutcomeRow.scan_id).join(
            OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id
        )
        with self.home.database.read() as session:
            rows = [(row.id, row.box, scan) for row, scan in session.execute(query)]
        if not rows:
            raise Conflict("no photo is left")
        return self.rng.choice(rows), rows

    def page(self):
        with self.home.database.read() as session:
            return self.rng.choice(session.scalars(select(PageRow.id)).all())

    def box(self):
        x0, y0 = self.rng.randrange(0, 250), self.rng.randrange(0, 350)
        return Box(x0, y0, x0 + self.rng.randrange(20, 70), y0 + self.rng.randrange(20, 90))

    def review(self, coder):
        (photo, _, _), _ = self.photo()
        measure = self.rng.choice(["people", "children", "fireworks"])
        answers = {measure: self.rng.choice([True, False, None])}
        review = NewReview(photo, coder, answers, adjudicates=self.rng.random() < 0.2)
        review_photo(self.home, review, now=self.now)

    def review_page(self, coder):
        shares = self.box()
        drawn = Box(shares.x0 / 320, shares.y0 / 440, shares.x1 / 320, shares.y1 / 440)
        marks = [(), (MarkInput(1, box=drawn),), (MarkInput(1, box=drawn, boxes=(drawn,)),)]
        review = NewPageReview(
            self.page(),
            coder,
            self.rng.choice(marks),
            checked=True,
            adjudicates=self.rng.random() < 0.2,
            two_editions=self.rng.random() < 0.1,
        )
        review_page(self.home, review, now=self.now)

    def draw(self, coder):
        draw_photo(self.home, self.page(), self.box(), coder=coder, now=self.now)

    def move(self, coder):
        (photo, box, _), _ = self.photo()
        moved = box.moved(self.rng.randrange(-20, 20), self.rng.randrange(-20, 20))
        move_photo(self.home, photo, moved, coder=coder, now=self.now)

    def remove(self, coder):
        remove_photo(self.home, self.photo()[0][0], coder=coder, now=self.now)

    def split(self, coder):
        (photo, box, _), _ = self.photo()
        x = (box.x0 + box.x1) / 2
        halves = [Box(box.x0, box.y0, x, box.y1), Box(x, box.y0, box.x1, box.y1)]
        split_photo(self.home, photo, halves, coder=coder, now=self.now)

    def join(self, coder):
        (photo, _, scan), rows = self.photo()
        beside = [one for one, _, of in rows if of == scan and one != photo]
        join_photos(self.home, photo, beside[:1], coder=coder, now=self.now)


def undone(home, edit, now):
    """Undo an edit; tell whether that was done, and no later one stood in the way."""
    try:
        return undo_edit(home, edit, coder=None, now=now).id == edit
    except LaterEdit:
        return False


@pytest.mark.sqlite_alone
@pytest.mark.parametrize(
    ("order", "count"),
    [
        ("random", 20),
        pytest.param("reverse", 30, marks=pytest.mark.long),
        pytest.param("random", 100, marks=pytest.mark.long),
    ],
)
def test_a_hundred_mixed_edits_all_undone_leave_nothing(
    home, worker, put, scans, now, order, count
):
    put(scans)
    worker.drain()
    before = canonical_dump(home)
    editor = Editor(home, now)
    while editor.count() < count:
        editor.edit()
    assert canonical_dump(home) != before
    made = [edit.id for edit in iterate_edits(home, EditFilter())]
    if order == "random":
        editor.rng.shuffle(made)
    while made:  # one that a later one builds on says so, and waits for that
        waiting = [edit for edit in made if not undone(home, edit, now)]
        assert len(waiting) < len(made)
        made = waiting
    assert canonical_dump(home) == before
