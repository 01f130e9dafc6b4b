"""What came in is on record, and nothing comes in twice, whatever its folder is called."""

import io
import shutil
from datetime import date

import pytest
from PIL import Image as Pillow
from sqlalchemy import select

from presslens.app.db.nightly import InboxImportRow
from presslens.app.db.queries import EditionScope
from presslens.app.db.tables import PageRow
from presslens.app.services.catalogue.editions import list_editions
from presslens.app.services.corrections.editions import EditionChange, change_edition
from presslens.app.services.corrections.trash import delete_edition
from presslens.app.services.ingest.inbox import import_inbox
from presslens.app.services.ingest.upload import content_key
from presslens.app.services.ingest.upload_mode import UploadMode


@pytest.fixture
def inbox(tmp_path, scans):
    folder = tmp_path / "inbox" / "Daily_2019-12-16"
    folder.mkdir(parents=True)
    for name, data in scans.items():
        (folder / name).write_bytes(data)
    return tmp_path / "inbox"


def rows(home):
    with home.database.read() as session:
        return session.scalars(select(InboxImportRow).order_by(InboxImportRow.id)).all()


def test_an_import_is_on_record(home, inbox, scans, now):
    import_inbox(home, inbox, now=now)
    import_inbox(home, inbox, now=now)
    (row,) = rows(home)
    assert (row.name, row.publication, row.edition_date) == (
        "Daily_2019-12-16",
        "Daily",
        date(2019, 12, 16),
    )
    assert (row.imported_at, row.decision.value, row.mode, row.run_id) == (
        now,
        "imported",
        None,
        None,
    )
    assert [(f["name"], f["size"]) for f in row.files] == [(n, len(d)) for n, d in scans.items()]
    assert row.content_key == content_key([f["sha256"] for f in row.files])


def test_a_renamed_folder_is_known_by_its_content(home, inbox, now, subtests):
    import_inbox(home, inbox, now=now)
    (edition,) = list_editions(home, EditionScope(), limit=9).editions
    folder = inbox / "Daily_2019-12-16"
    with subtests.test(msg="the same newspaper and day"):
        folder = folder.rename(inbox / "Daily 2019-12-16")
        again = import_inbox(home, inbox, now=now)
        assert (again.new, again.unchanged, again.skipped) == ((), 1, {})
        assert [row.decision.value for row in rows(home)] == ["imported", "known"]
    with subtests.test(msg="another day"):
        folder = folder.rename(inbox / "Daily_2019-12-17")
        again = import_inbox(home, inbox, now=now)
        assert (again.new, again.unchanged) == ((), 0)
        why = again.skipped["Daily_2019-12-17"]
        assert f"they are edition {edition.id}, Daily 2019-12-16" in why
    with subtests.test(msg="the edition is moved to that day"):
        change = EditionChange(day=date(2019, 12, 17))
        change_edition(home, edition.id, change, coder=None, now=now)
        assert import_inbox(home, inbox, now=now).unchanged == 1
    with subtests.test(msg="the edition is deleted"):
        folder.rename(inbox / "Daily_2019-12-18")
        delete_edition(home, edition.id, coder=None, now=now)
        again = import_inbox(home, inbox, now=now)
        assert "its edition was deleted" in again.skipped["Daily_2019-12-18"]
    assert list_editions(home, EditionScope(), limit=9).editions == []


def test_a_copy_beside_the_first_is_what_it_says(home, inbox, now):
    import_inbox(home, inbox, now=now)
    shutil.copytree(inbox / "Daily_2019-12-16", inbox / "Weekly_2019-12-16")
    assert import_inbox(home, inbox, now=now).new == ("Weekly_2019-12-16",)


def test_pages_that_come_later_are_added_under_their_numbers(home, worker, tmp_path, make, now):
    home.settings.data_dir.joinpath("inbox.toml").write_text(
        '[newspapers.Daily]\npatterns = ["d{year}{month}{day}-{page}.png"]\nmode = "add"\n'
    )
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for page in (1, 4):
        (inbox / f"d20191216-{page}.png").write_bytes(make(tint=page))
    assert import_inbox(home, inbox, now=now).new == ("Daily, 2019-12-16",)
    worker.drain()
    (inbox / "d20191216-3.png").write_bytes(make(tint=3))
    assert import_inbox(home, inbox, now=now).new == ("Daily, 2019-12-16",)
    assert import_inbox(home, inbox, now=now).unchanged == 1
    worker.drain()
    (edition,) = list_editions(home, EditionScope(), limit=9).editions
    with home.database.read() as session:
        pages = {page.number: page.source for page in session.scalars(select(PageRow))}
    assert pages == {n: f"d20191216-{n}.png" for n in (1, 3, 4)}
    assert [(one.edition_id, one.decision.value) for one in rows(home)] == [
        (edition.id, "imported"),
        (edition.id, "added"),
    ]
    # The page that is there comes again with other bytes: which is right, nobody has said.
    (inbox / "d20191216-4.png").write_bytes(make(tint=9))
    assert "has a page 4 already" in import_inbox(home, inbox, now=now).skipped["Daily, 2019-12-16"]


def test_a_file_that_is_a_page_by_its_name_holds_one(home, tmp_path, make, pdf_of, now):
    home.settings.data_dir.joinpath("inbox.toml").write_text(
        'patterns = ["{publication}-{year}{month}{day}-{page}.pdf"]\n'
    )
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "Daily-20191216-2.pdf").write_bytes(pdf_of([make()]))
    (inbox / "Weekly-20191216-1.pdf").write_bytes(pdf_of([make(), make(tint=3)]))
    imported = import_inbox(home, inbox, now=now, mode=UploadMode.ADD)
    assert imported.new == ("Daily, 2019-12-16",)
    assert imported.skipped == {
        "Weekly, 2019-12-16": "by its name Weekly-20191216-1.pdf is one page, but it contains 2"
    }


@pytest.fixture
def pdf_of():
    """Return the maker of a PDF of pictures."""

    def make_pdf(pictures):
        pages = [Pillow.open(io.BytesIO(one)).convert("RGB") for one in pictures]
        out = io.BytesIO()
        pages[0].save(out, "PDF", save_all=True, append_images=pages[1:])
        return out.getvalue()

    return make_pdf
