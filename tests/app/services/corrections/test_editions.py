"""Editions change day and newspaper, pages number and edition; all of it is undone."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from presslens.app.db.tables import EditionRow, PageRow
from presslens.app.platform import clock
from presslens.app.platform.errors import Conflict, EditionExists, InvalidRequest
from presslens.app.services.catalogue.editions import find_edition
from presslens.app.services.catalogue.neighbours import edition_neighbours
from presslens.app.services.catalogue.publications import publication_names
from presslens.app.services.corrections.editions import EditionChange, change_edition
from presslens.app.services.corrections.pages import change_page, remove_page
from presslens.app.services.corrections.trash import delete_edition, restore_edition
from presslens.app.services.corrections.undo import undo_edit
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.app.services.ingest.upload import Uploader
from presslens.app.services.ingest.upload_mode import UploadMode
from presslens.app.services.shares.selection import EditionCriteria, select_editions

DAY = date(2019, 12, 17)


def pages(home, edition):
    with home.database.read() as session:
        rows = session.scalars(select(PageRow).filter_by(edition_id=edition)).all()
        return {page.number: page.id for page in rows}


def counted(home):
    with home.database.read() as session:
        found = select_editions(session, EditionCriteria(), home.recipe)
    return {one.id: (one.publication, one.date, one.pages) for one in found.editions}


def front_photos(home):
    with home.database.read() as session:
        fronts = select(PageRow.id).where(PageRow.is_front.is_(True))
        return session.scalars(fronts).all()


def test_an_edition_changes_its_day_and_newspaper(home, edition, now):
    before = canonical_dump(home)
    change = EditionChange(DAY, "Minju Joson", (4,))
    edit = change_edition(home, edition, change, coder="A", now=now)
    assert counted(home) == {edition: ("Minju Joson", DAY, 4)}
    assert change_edition(home, edition, change, coder="A", now=now) is None
    later = change_edition(home, edition, EditionChange(pages_expected=(None,)), coder="B", now=now)
    assert find_edition(home, edition).pages_expected is None
    with pytest.raises(Conflict, match=rf"number {later} of B \(pages it had: not known\)"):
        undo_edit(home, edit, coder=None, now=now)
    undo_edit(home, later, coder=None, now=now)
    undo_edit(home, edit, coder=None, now=now)
    assert canonical_dump(home) == before


def test_a_day_that_has_an_edition_asks(home, edition, put, worker, make, scans, now):
    other = put({"page_1.png": make(tint=9)}, day=DAY, now=now + timedelta(days=1)).edition_id
    worker.drain()
    with pytest.raises(EditionExists) as asked:
        change_edition(home, edition, EditionChange(DAY), coder=None, now=now)
    assert [c["mode"] for c in asked.value.extensions["choices"]] == ["replace", "separate"]
    separate = EditionChange(DAY, mode=UploadMode.SEPARATE)
    edit = change_edition(home, edition, separate, coder=None, now=now)
    assert (find_edition(home, edition).issue, len(counted(home))) == (2, 2)
    assert edition_neighbours(home, other).after.id == edition
    undo_edit(home, edit, coder=None, now=now)
    replace = EditionChange(DAY, mode=UploadMode.REPLACE)
    later = now + timedelta(days=2)
    edit = change_edition(home, edition, replace, coder=None, now=later)
    assert set(counted(home)) == {edition}
    assert find_edition(home, other).superseded
    undo_edit(home, edit, coder=None, now=later)
    assert set(counted(home)) == {edition, other}
    same = put(scans, day=DAY, mode="separate").edition_id
    with pytest.raises(Conflict, match=f"edition {same} of that day has the same files"):
        change_edition(home, edition, EditionChange(DAY), coder=None, now=now)
    with pytest.raises(InvalidRequest, match="in the future"):
        change_edition(home, edition, EditionChange(date(2999, 1, 1)), coder=None, now=now)


def test_pages_are_numbered_moved_and_taken_out(home, edition, put, worker, make, now):
    other = put({"page_1.png": make(tint=9)}, day=DAY).edition_id
    worker.drain()
    before, numbers = canonical_dump(home), pages(home, edition)
    edits = [change_page(home, numbers[1], number=5, coder="A", now=now)]
    assert [page for page in front_photos(home) if page in numbers.values()] == []
    with pytest.raises(Conflict, match=f"edition {edition} has a page 2 already"):
        change_page(home, numbers[1], number=2, coder="A", now=now)
    edits.append(change_page(home, numbers[2], edition_id=other, coder="A", now=now))
    assert set(pages(home, other)) == {1, 2}
    assert counted(home)[other][2] == 2
    edits.append(change_page(home, numbers[3], edition_id=other, number=7, coder="A", now=now))
    edits.append(remove_page(home, numbers[1], coder="A", now=now))
    assert find_edition(home, edition).pages == 0, "the edition stays"
    edits.append(delete_edition(home, other, coder="A", now=now))
    with pytest.raises(Conflict, match=f"number {edits[-1]} of A"):
        undo_edit(home, edits[1], coder="B", now=now)
    for edit in reversed(edits):
        undo_edit(home, edit, coder="B", now=now)
    assert canonical_dump(home) == before


def test_many_edits_are_all_undone(home, worker, put, scans, make):
    first, now = put(scans).edition_id, clock.now()
    worker.drain()
    before, edits = canonical_dump(home), []

    def each(edit):
        edits.append(getattr(edit, "edit_id", edit))

    by = Uploader("A", "1")
    new = [
        put({f"page_{9 + i}.png": make(tint=i + 2)}, mode="separate", uploader=by) for i in range(2)
    ]
    added = [
        put({f"page_{20 + i}.png": make(tint=i + 10)}, mode="add", edition=first) for i in range(2)
    ]
    for one in (*new, *added):
        each(one)
    worker.drain()
    for i, one in enumerate(new):
        page, beside = pages(home, first)[20 + i], one.edition_id
        each(change_page(home, page, number=120 + i, coder="A", now=now))
        each(change_page(home, page, edition_id=beside, coder="B", now=now))
        each(change_edition(home, first, EditionChange(DAY + timedelta(i)), coder="A", now=now))
        each(delete_edition(home, beside, coder="C", now=now))
        each(restore_edition(home, beside, coder="A", now=now))
        each(remove_page(home, page, coder="A", now=now))
        expected = EditionChange(pages_expected=(9 + i,))
        each(change_edition(home, first, expected, coder="A", now=now))
        away = EditionChange(date(2019, 12, 16), publication="Minju Joson")
        each(change_edition(home, first, away, coder="A", now=now))
        back = EditionChange(publication="Rodong Sinmun", mode=UploadMode.SEPARATE)
        each(change_edition(home, first, back, coder="A", now=now))
    assert len(edits) == 22
    for edit in reversed(edits):
        undo_edit(home, edit, coder="Z", now=now)
    assert canonical_dump(home) == before
    with home.database.read() as session:
        assert session.scalars(select(EditionRow.id)).all() == [first]


def test_a_newspaper_that_an_undone_change_had_added_goes(home, edition, now):
    names = publication_names(home)
    edit = change_edition(home, edition, EditionChange(publication="Neu"), coder="A", now=now)
    back = change_edition(home, edition, EditionChange(publication=names[0]), coder="A", now=now)
    assert publication_names(home) == sorted([*names, "Neu"])
    for one in (back, edit):
        undo_edit(home, one, coder="A", now=now)
    assert publication_names(home) == names
