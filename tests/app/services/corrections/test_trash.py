"""A deleted edition is out of everything, and comes back as it was."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from presslens.app.db.edits import EditRow
from presslens.app.db.publications import TrashedEditionRow
from presslens.app.db.queries import EditionScope
from presslens.app.db.tables import OutcomeRow, PageRow, PhotoRow, ScanRow
from presslens.app.platform import clock
from presslens.app.platform.errors import Conflict, Gone, NotFound
from presslens.app.services.analysis.removal_jobs import empty_trash
from presslens.app.services.catalogue.editions import find_edition, iterate_editions
from presslens.app.services.catalogue.publications import (
    find_newspaper,
    list_publications,
    newspaper_named,
    publication_names,
)
from presslens.app.services.catalogue.trash import iterate_trash
from presslens.app.services.corrections.trash import delete_edition, restore_edition
from presslens.app.services.corrections.undo import undo_edit
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.app.services.exports.snapshot.restore import restore
from presslens.app.services.exports.snapshot.write import export_snapshot
from presslens.app.services.figures.erasure import GRACE, sweep_discarded
from presslens.app.services.ingest.inbox import import_inbox
from presslens.app.services.ingest.upload import Uploader
from presslens.app.services.reviews.reviews import NewReview, review_photo
from presslens.app.services.shares.selection import EditionCriteria, select_editions


@pytest.fixture
def now():
    """Return the time: a worker empties the trash of what was deleted long ago."""
    return clock.now()


def photo_of(home):
    with home.database.read() as session:
        return session.scalars(select(PhotoRow.id).order_by(PhotoRow.id)).first()


def counted(home):
    with home.database.read() as session:
        found = select_editions(session, EditionCriteria(), home.recipe)
    return [one.id for one in found.editions], len(found.left_out)


def test_a_deleted_edition_is_out_and_comes_back(home, edition, worker, now):
    review_photo(home, NewReview(photo_of(home), "A", {"children": True}), now=now)
    before = canonical_dump(home)
    edit = delete_edition(home, edition, coder="B", now=now)
    assert list(iterate_editions(home, EditionScope())) == []
    assert counted(home) == ([], 0)
    (trashed,) = iterate_trash(home, EditionScope())
    assert (trashed.id, trashed.pages, trashed.deleted_by) == (edition, 3, "B")
    assert trashed.emptied_at == now + timedelta(days=30)
    with pytest.raises(Gone, match="B deleted it") as gone:
        find_edition(home, edition)
    assert gone.value.extensions["deleted_by"] == "B"
    worker.drain()  # nothing of it is worked on
    again = restore_edition(home, edition, coder="C", now=now)
    assert canonical_dump(home) == before
    assert counted(home) == ([edition], 0)
    undo_edit(home, again, coder="C", now=now)
    assert counted(home) == ([], 0)
    undo_edit(home, edit, coder="C", now=now)
    assert canonical_dump(home) == before
    with pytest.raises(NotFound, match="in the trash"):
        restore_edition(home, edition, coder=None, now=now)


@pytest.mark.sqlite_alone
def test_a_snapshot_without_a_deleted_edition_is_restored(
    home, elsewhere, edition, put, make, worker, tmp_path, now
):
    """Photos on scans that no page prints are in no table."""
    left = put({"a.png": make(tint=9)}, day=date(2019, 12, 17)).edition_id
    worker.drain()
    delete_edition(home, edition, coder="A", now=now)
    (tmp_path / "snapshot").mkdir()
    path = export_snapshot(home, EditionScope(), tmp_path / "snapshot").path
    with elsewhere() as other:
        restore(other, path)
        restored = [one.edition_date for one in iterate_editions(other, EditionScope())]
    assert restored == [find_edition(home, left).edition_date]


def test_the_same_bytes_may_have_taken_the_place(home, edition, put, scans, now):
    delete_edition(home, edition, coder=None, now=now)
    other = put(scans).edition_id
    assert other != edition, "an id is not given again"
    with pytest.raises(Conflict, match=f"edition {other} has the same files"):
        restore_edition(home, edition, coder=None, now=now)


def test_the_address_of_a_photo_that_is_gone_is_not_given_again(home, put, make, worker, now):
    first = put({"a.png": make(tint=9)}).edition_id
    worker.drain()
    with home.database.read() as session:
        gone = set(session.scalars(select(PhotoRow.id)))
    delete_edition(home, first, coder=None, now=now)
    empty_trash(home, now=now, everything=True)
    put({"b.png": make(tint=8)})
    worker.drain()
    with home.database.read() as session:
        there = set(session.scalars(select(PhotoRow.id)))
    assert gone
    assert there
    assert gone.isdisjoint(there)


def test_an_upload_is_undone_into_the_trash(home, put, scans, worker, now):
    before = canonical_dump(home)
    put(scans)
    put_by = put({"page_1.png": scans["page_3.png"]}, mode="separate", uploader=Uploader("A", "1"))
    worker.drain()
    undo_edit(home, put_by.edit_id, coder="B", now=now)
    assert [one.id for one in iterate_trash(home, EditionScope())] == [put_by.edition_id]
    delete_edition(home, put_by.edition_id - 1, coder=None, now=now)
    assert canonical_dump(home) == before, "what only the trash has is no content"


def test_an_unchanged_folder_does_not_come_back(home, worker, tmp_path, scans, now):
    folder = tmp_path / "inbox" / "Rodong_Sinmun_2019-12-16"
    folder.mkdir(parents=True)
    for name, data in scans.items():
        (folder / name).write_bytes(data)
    import_inbox(home, tmp_path / "inbox", now=now)
    (state,) = iterate_editions(home, EditionScope())
    delete_edition(home, state.id, coder=None, now=now)
    assert import_inbox(home, tmp_path / "inbox", now=now).unchanged == 1
    empty_trash(home, now=now, everything=True)
    assert import_inbox(home, tmp_path / "inbox", now=now).new == ()
    (folder / "page_4.png").write_bytes(scans["page_3.png"])
    skipped = import_inbox(home, tmp_path / "inbox", now=now).skipped
    assert f"its edition was deleted: `presslens import {folder} --pub" in skipped[folder.name]


def test_the_trash_is_emptied_of_what_nothing_else_needs(home, edition, put, worker, scans, now):
    shared = put({"page_1.png": scans["page_1.png"]}, publication="Minju Joson").edition_id
    worker.drain()
    review_photo(home, NewReview(photo_of(home), "A", {"children": True}), now=now)
    edit = delete_edition(home, edition, coder=None, now=now)
    assert empty_trash(home, now=now + timedelta(days=29)).editions == 0
    emptied = empty_trash(home, now=now + timedelta(days=30))
    assert (emptied.editions, emptied.scans, emptied.kept) == (1, 2, 0)
    with home.database.read() as session:
        assert session.scalars(select(TrashedEditionRow)).all() == []
        left = session.scalars(select(ScanRow)).all()
        assert [scan.sha256 for scan in left] == [
            page.scan.sha256 for page in session.scalars(select(PageRow))
        ]
        assert len(session.scalars(select(OutcomeRow)).all()) == 1
    assert len(list(home.storage.scans())) == 3
    sweep_discarded(home, now=now + timedelta(days=400) + GRACE)
    assert len(list(home.storage.scans())) == 1
    assert len(list((home.storage.root / "views").rglob("*.jpg"))) == 1
    with pytest.raises(Conflict, match="the trash was emptied"):
        undo_edit(home, edit, coder=None, now=now)
    assert find_edition(home, shared).photos
    with home.database.read() as session:
        assert session.get(EditRow, edit).undone_at is None
    # A newspaper of which there is nothing else goes as its editions do.
    paper = newspaper_named(home, "Minju Joson").id
    delete_edition(home, shared, coder=None, now=now)
    assert "Minju Joson" not in publication_names(home)
    assert paper not in [one.id for one in list_publications(home)]
    assert find_newspaper(home, paper).editions == 0
    restore_edition(home, shared, coder=None, now=now)
    assert "Minju Joson" in publication_names(home)
    delete_edition(home, shared, coder=None, now=now)
    empty_trash(home, now=now, everything=True)
    with pytest.raises(NotFound):
        newspaper_named(home, "Minju Joson")


@pytest.mark.sqlite_alone
def test_a_worker_empties_the_trash_in_time(home, edition, worker, now):
    delete_edition(home, edition, coder=None, now=now - timedelta(days=10_000))
    worker.drain()
    assert list(iterate_trash(home, EditionScope())) == []
