"""Edits of editions, pages and newspapers, undone in any order, leave the archive as it was."""

import io
import random
from datetime import timedelta

import pytest
from sqlalchemy import select

from presslens.app.db.publications import PublicationRow, TrashedEditionRow
from presslens.app.db.tables import EditionRow, PageRow
from presslens.app.platform import clock
from presslens.app.platform.errors import Conflict, Gone, InvalidRequest, NotFound
from presslens.app.services.corrections.editions import EditionChange, change_edition
from presslens.app.services.corrections.newspaper_merge import SameDay, merge_newspapers
from presslens.app.services.corrections.newspapers import (
    NewspaperChanges,
    add_newspaper,
    change_newspaper,
)
from presslens.app.services.corrections.pages import change_page, remove_page
from presslens.app.services.corrections.scans import replace_scan
from presslens.app.services.corrections.trash import delete_edition, restore_edition
from presslens.app.services.corrections.undo import undo_edit
from presslens.app.services.edits.listing import EditFilter, iterate_edits
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.app.services.ingest.upload import Incoming, Uploader
from presslens.app.services.ingest.upload_mode import UploadMode

from ...conftest import DAY

NAMES = ["Alpha", "Beta", "Gamma", "Delta", "Epsilon"]


class Publisher:
    """Makes edits at random; a refused one is none."""

    def __init__(self, home, put, make, seed):
        self.home, self.put, self.make, self.rng = home, put, make, random.Random(seed)
        self.tint = 0
        self.kinds = [
            self.upload, self.add, self.delete, self.restore, self.day, self.expected, self.number,
            self.move, self.remove, self.replace, self.name, self.aliases, self.new, self.merge,
        ]  # fmt: skip

    def edit(self):
        try:
            self.rng.choice(self.kinds)({"coder": "A", "now": clock.now()})
        except (Conflict, InvalidRequest, NotFound, Gone):
            return

    def any(self, column):
        with self.home.database.read() as session:
            found = session.scalars(select(column).order_by(column)).all()
        if not found:
            raise NotFound("there is none")
        return self.rng.choice(found)

    def scan(self):
        self.tint += 1
        return self.make([(20, 20, 60 + self.tint, 90)], tint=self.tint % 99)

    def anew(self):
        return DAY + timedelta(days=self.rng.randrange(3))

    def mode(self):
        return self.rng.choice([UploadMode.REPLACE, UploadMode.SEPARATE])

    def upload(self, _by):
        files = {f"page_{i}.png": self.scan() for i in (1, 2)}
        mode, by = self.mode().value, Uploader("A", "1")
        with self.home.database.read() as session:  # one that nobody has added by an edit
            name = session.scalars(select(PublicationRow.name).order_by(PublicationRow.id)).first()
        self.put(files, publication=name, day=self.anew(), mode=mode, uploader=by)

    def add(self, _by):
        edition = self.any(EditionRow.id)
        with self.home.database.read() as session:
            row = session.get(EditionRow, edition)
            there = {"publication": row.publication.name, "day": row.edition_date}
        name, by = f"page_{self.rng.randrange(1, 7)}.png", Uploader("A", "1")
        expected = self.rng.choice([None, 4, 8])
        self.put({name: self.scan()}, mode="add", edition=edition, pages_expected=expected,
                 uploader=by, **there)  # fmt: skip

    def delete(self, by):
        delete_edition(self.home, self.any(EditionRow.id), **by)

    def restore(self, by):
        restore_edition(self.home, self.any(TrashedEditionRow.id), **by)

    def day(self, by):
        name = self.any(PublicationRow.name)
        change = EditionChange(self.anew(), name, mode=self.mode())
        change_edition(self.home, self.any(EditionRow.id), change, **by)

    def expected(self, by):
        change = EditionChange(pages_expected=(self.rng.choice([None, 4, 6]),))
        change_edition(self.home, self.any(EditionRow.id), change, **by)

    def number(self, by):
        change_page(self.home, self.any(PageRow.id), number=self.rng.randrange(1, 7), **by)

    def move(self, by):
        change_page(self.home, self.any(PageRow.id), edition_id=self.any(EditionRow.id), **by)

    def remove(self, by):
        remove_page(self.home, self.any(PageRow.id), **by)

    def replace(self, by):
        file = Incoming("better.png", io.BytesIO(self.scan()))
        replace_scan(self.home, self.any(PageRow.id), file, **by)

    def change(self, by, **given):
        change_newspaper(self.home, self.any(PublicationRow.id), NewspaperChanges(given), **by)

    def name(self, by):
        self.change(by, name=self.rng.choice(NAMES), usual_pages=self.rng.choice([None, 4, 6]))

    def aliases(self, by):
        self.change(by, aliases=self.rng.sample(NAMES, self.rng.randrange(2)))

    def new(self, by):
        add_newspaper(self.home, self.rng.choice(NAMES), **by)

    def merge(self, by):
        same_day = self.rng.choice(list(SameDay))
        papers = self.any(PublicationRow.id), self.any(PublicationRow.id)
        merge_newspapers(self.home, *papers, same_day=same_day, **by)


@pytest.mark.sqlite_alone
@pytest.mark.parametrize("count", [24, pytest.param(40, marks=pytest.mark.long)])
def test_edits_of_editions_are_undone_in_an_order_that_conflicts_tell(
    home, worker, put, make, count
):
    publisher = Publisher(home, put, make, seed=1)
    for paper in NAMES[:2]:
        for i in range(2):
            files = {f"page_{n}.png": publisher.scan() for n in (1, 2)}
            put(files, publication=paper, day=DAY + timedelta(days=i))
    worker.drain()
    before = canonical_dump(home)
    for i in range(count):
        publisher.edit()
        if i % 12 == 11:
            worker.drain()
    left = [edit.id for edit in iterate_edits(home, EditFilter())]
    told = []
    while left:
        again = []
        for edit in publisher.rng.sample(left, len(left)):
            try:
                undo_edit(home, edit, coder="B", now=clock.now())
            except Conflict as conflict:
                told.append(str(conflict))
                again.append(edit)
        assert len(again) < len(left), "one of them can be undone"
        left = again
    assert told
    assert not [one for one in told if "by hand" in one]
    worker.drain()
    assert canonical_dump(home) == before
