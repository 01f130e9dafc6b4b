"""An edit that a later one builds on is undone after it, and the error names the later one."""

import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from presslens.app.db.tables import EditionRow, PageRow
from presslens.app.platform.errors import Conflict
from presslens.app.services.catalogue.publications import newspaper_named
from presslens.app.services.corrections.newspaper_merge import merge_newspapers
from presslens.app.services.corrections.newspapers import (
    NewspaperChanges,
    add_newspaper,
    change_newspaper,
)
from presslens.app.services.corrections.pages import change_page, remove_page
from presslens.app.services.corrections.scans import replace_scan
from presslens.app.services.corrections.trash import delete_edition, restore_edition
from presslens.app.services.corrections.undo import undo_edit
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.app.services.ingest.upload import Incoming, Uploader

from ...conftest import DAY

UPLOADER = Uploader("A", "1")


@pytest.fixture
def undone_in_turn(home, now):
    """Return a function that undoes edits; the first ones wait for the last."""

    def undo(*edits):
        before, (last, *_) = canonical_dump(home), reversed(edits)
        for edit in edits[:-1]:
            with pytest.raises(Conflict, match=f"(number|edit) {last}"):
                undo_edit(home, edit, coder="B", now=now)
        assert canonical_dump(home) == before
        for edit in reversed(edits):
            undo_edit(home, edit, coder="B", now=now)

    return undo


def page_of(home, edition, number):
    with home.database.read() as session:
        page = select(PageRow.id).filter_by(edition_id=edition, number=number)
        return session.scalars(page).one()


def test_an_upload_is_undone_after_what_was_done_to_its_edition(
    home, put, make, worker, undone_in_turn, now
):
    first = put({"a.png": make(tint=1), "b.png": make(tint=2)}).edition_id
    worker.drain()
    before = canonical_dump(home)
    new = put({"c.png": make(tint=3)}, day=DAY + timedelta(days=1), uploader=UPLOADER)
    worker.drain()
    given = {"coder": "A", "now": now}
    deleted = delete_edition(home, new.edition_id, **given)
    undone_in_turn(deleted, restore_edition(home, new.edition_id, **given))
    deleted = delete_edition(home, new.edition_id, **given)
    with pytest.raises(Conflict, match=f"number {deleted} of A"):
        undo_edit(home, new.edit_id, **given)
    undo_edit(home, deleted, **given)
    page = page_of(home, first, 2)
    moved = change_page(home, page, edition_id=new.edition_id, **given)
    undone_in_turn(new.edit_id, moved)
    assert canonical_dump(home) == before


def test_added_pages_go_after_what_was_done_to_them(home, put, make, worker, undone_in_turn, now):
    edition = put({"page_1.png": make(tint=1)}).edition_id
    worker.drain()
    before, given = canonical_dump(home), {"coder": "A", "now": now}
    for change in ("remove", "replace"):
        files = {"page_2.png": make(tint=2)}
        added = put(files, mode="add", edition=edition, uploader=UPLOADER).edit_id
        worker.drain()
        page = page_of(home, edition, 2)
        if change == "remove":
            edit = remove_page(home, page, **given)
        else:
            file = Incoming("x.png", io.BytesIO(make(tint=3)))
            edit = replace_scan(home, page, file, **given)
        undone_in_turn(added, edit)
    assert canonical_dump(home) == before


def test_a_page_comes_back_after_others_that_had_its_number(
    home, put, make, worker, undone_in_turn, now
):
    edition = put({"a.png": make(tint=1), "b.png": make(tint=2)}).edition_id
    worker.drain()
    before, given = canonical_dump(home), {"coder": "A", "now": now}
    one, two = (page_of(home, edition, number) for number in (1, 2))
    edits = [change_page(home, one, number=9, **given)]
    change_page(home, two, number=1, **given)
    edits.append(change_page(home, two, number=5, **given))
    with pytest.raises(Conflict, match=f"number {edits[1]} of A"):
        undo_edit(home, edits[0], **given)
    for edit in (edits[1], edits[1] - 1, edits[0]):
        undo_edit(home, edit, **given)
    assert canonical_dump(home) == before


def test_a_name_comes_back_to_nobody_while_another_newspaper_has_it(home, undone_in_turn, now):
    given = {"coder": "A", "now": now}
    before = canonical_dump(home)
    paper, added = add_newspaper(home, "Alpha", **given)
    renamed = change_newspaper(home, paper, NewspaperChanges({"name": "Beta"}), **given)
    freed = change_newspaper(home, paper, NewspaperChanges({"aliases": []}), **given)
    _, taken = add_newspaper(home, "Alpha", **given)
    undone_in_turn(freed, taken)
    undone_in_turn(added, renamed)
    assert canonical_dump(home) == before


def test_a_parted_newspaper_has_its_deleted_editions(home, put, make, worker, now):
    put({"a.png": make(tint=1)}, publication="Alpha")
    trashed = put({"b.png": make(tint=2)}, publication="Beta").edition_id
    worker.drain()
    before, given = canonical_dump(home), {"coder": "A", "now": now}
    papers = [newspaper_named(home, name).id for name in ("Alpha", "Beta")]
    deleted = delete_edition(home, trashed, **given)
    merged = merge_newspapers(home, *papers, **given).edit
    for edit in (deleted, merged):
        undo_edit(home, edit, **given)
    with home.database.read() as session:
        assert session.get(EditionRow, trashed).publication_id == papers[1]
    assert canonical_dump(home) == before
