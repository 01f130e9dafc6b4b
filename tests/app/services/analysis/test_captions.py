"""Captions that wait are read later, and nothing else changes."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select, update

from presslens.app.db.folios import FolioRow
from presslens.app.db.tables import (
    CaptionRow,
    HeadlinePhotoRow,
    HeadlineRow,
    PhotoRow,
    PublicationRow,
    ScanRow,
)
from presslens.app.services.analysis.captions import (
    count_unsaid,
    read_captions,
    said_languages,
    unread_pages,
)
from presslens.app.services.analysis.record import leased_page
from presslens.app.services.ingest.described import store_page_texts
from presslens.app.services.ingest.unpack import unpack
from presslens.models.captions.described import TextBlock, TextLine
from presslens.models.captions.reader import Unread
from presslens.models.folios.reader import UnreadFolios
from presslens.models.observer import Observer
from presslens.models.scripted import BlockReader, BlueFolios, scripted_instruments
from presslens.models.vocabulary import CaptionPlace, Folio, NotRead, TextSource, Transcript
from presslens.pipelines.archives.page_text import PageText
from presslens.pipelines.engine import InlineEngine
from presslens.pipelines.page_observer import PageObserver

from ...conftest import NOW


class Silent:
    """Gets no answer in time."""

    def read(self, page, box, languages):
        return Transcript(not_read=NotRead.FAILED)


class SilentFolios:
    """Gets no answer in time."""

    def read(self, page, photos, languages, *, skew):
        return Folio()


class Speaking:
    """Reads the languages that it is asked for."""

    def read(self, page, box, languages):
        if not languages:
            return Transcript(not_read=NotRead.NO_LANGUAGE)
        return Transcript(text="+".join(languages), source=TextSource.TESSERACT)


def say(home, *languages):
    """Say in which languages the only newspaper is printed."""
    with home.database.write() as session:
        session.execute(update(PublicationRow).values(languages=list(languages) or None))


@pytest.fixture
def unread(home, worker, engine, sandbox, put, captioned_page):
    """An archive whose captions and page heads were found and not read."""
    instruments = replace(
        scripted_instruments(),
        captions=Unread("there is no reader"),
        folios=UnreadFolios("there is no reader"),
    )
    observer = Observer(instruments, home.recipe)
    pages = PageObserver(sandbox, lambda: observer, pdf_dpi=home.recipe.observe.pdf_dpi)
    engine.inner = InlineEngine(pages)
    put({"a.png": captioned_page})
    worker.drain()


def texts(home):
    with home.database.read() as session:
        return list(session.scalars(select(CaptionRow.text).order_by(CaptionRow.photo_id)))


def test_captions_and_headlines_are_kept_with_their_photos(home, worker, put, captioned_page):
    put({"a.png": captioned_page})
    worker.drain()
    assert unread_pages(home) == []
    with home.database.read() as session:
        caption = session.scalars(select(CaptionRow)).one()
        assert (caption.place, caption.text) == (CaptionPlace.BELOW, "abcd")
        headline = session.scalars(select(HeadlineRow)).one()
        assert headline.text == "zyzyzy"
        assert [photo.photo_position for photo in headline.under] == [0, 1]


def test_unread_captions_are_read_later(home, sandbox, unread):
    assert texts(home) == [None]
    pages = unread_pages(home)
    assert len(pages) == 1
    told = []
    done = read_captions(
        home, BlockReader(), BlueFolios(), pages, sandbox=sandbox,
        progress=lambda n, name: told.append((n, name)),
    )  # fmt: skip
    assert (done.read, done.unread, done.lost) == (3, 0, {})
    with home.database.read() as session:
        assert session.scalars(select(FolioRow.text)).all() == [""]
    assert texts(home) == ["abcd"]
    assert told == [(1, "a.png")]
    assert unread_pages(home) == []


def test_what_is_still_not_read_waits(home, sandbox, unread):
    done = read_captions(home, Silent(), SilentFolios(), unread_pages(home), sandbox=sandbox)
    assert (done.read, done.unread) == (0, 3)
    assert len(unread_pages(home)) == 1


def test_what_is_read_stays(home, sandbox, unread):
    pages = unread_pages(home)
    with home.database.write() as session:
        session.execute(update(CaptionRow).values(text=""))
    assert read_captions(home, BlockReader(), BlueFolios(), pages, sandbox=sandbox).read == 2
    assert texts(home) == [""]


def test_a_scan_that_is_gone_is_named_and_waits(home, sandbox, unread):
    for name in home.storage.scans():
        home.storage.scan(name).unlink()
    done = read_captions(home, BlockReader(), BlueFolios(), unread_pages(home), sandbox=sandbox)
    assert list(done.lost) == ["a.png"]
    assert done.unread == 3
    assert len(unread_pages(home)) == 1


def test_texts_are_read_anew_when_the_languages_of_the_newspaper_change(
    home, sandbox, worker, put, captioned_page, monkeypatch
):
    monkeypatch.setattr("presslens.models.loading.load_captions", lambda _: Speaking())
    put({"a.png": captioned_page})
    say(home)
    worker.drain()
    assert texts(home) == ["abcd"]  # read while it was looked at
    for languages, expected in ((["fa"], "fa"), (["ko", "en"], "ko+en"), ([], None)):
        say(home, *languages)
        assert len(unread_pages(home)) == 1
        worker.drain()
        assert (texts(home), unread_pages(home)) == ([expected], [])
    with home.database.read() as session:
        assert session.scalars(select(CaptionRow.not_read)).all() == [NotRead.NO_LANGUAGE]
        assert session.scalars(select(HeadlineRow.text)).all() == [None]
    assert count_unsaid(home) == 1
    assert said_languages(home) == []


def test_a_librarys_text_stays_when_the_languages_change(
    home, sandbox, worker, put, captioned_page
):
    put({"a.png": captioned_page})
    worker.drain()
    with home.database.write() as session:
        session.execute(update(CaptionRow).values(text="Workers", source=TextSource.ALTO))
    say(home, "fa")
    read_captions(home, Speaking(), SilentFolios(), unread_pages(home), sandbox=sandbox)
    assert texts(home) == ["Workers"]
    with home.database.read() as session:
        assert session.scalars(select(HeadlineRow.text)).all() == ["fa"]


def test_a_headline_has_the_words_of_the_library_and_keeps_them(
    home, sandbox, worker, put, captioned_page
):
    put({"a.png": captioned_page})
    worker.drain()
    with home.database.write() as session:
        box = session.scalars(select(HeadlineRow)).one().box
        lines = (TextLine(box.padded(2), "The Plant Opens", 0.8),)
        text = PageText(TextSource.ALTO, None, None, "", None, (TextBlock(lines),), ())
        sha256 = session.scalars(select(ScanRow.sha256)).one()
        store_page_texts(session, {sha256: text}, observation_id=home.recipe.observation_id)
    say(home, "fa")
    read_captions(home, Speaking(), SilentFolios(), unread_pages(home), sandbox=sandbox)
    with home.database.read() as session:
        row = session.scalars(select(HeadlineRow)).one()
        assert (row.text, row.source, row.confidence) == ("The Plant Opens", TextSource.ALTO, 0.8)


def test_a_scan_of_two_newspapers_has_the_languages_of_the_newspaper_whose_leaders_count(
    home, sandbox, put, captioned_page
):
    for name, publication, language in (("b.png", "Daily", "fa"), ("a.png", "Weekly", "el")):
        put({name: captioned_page}, publication=publication, profile={"languages": [language]})
    for edition in (1, 2):
        unpack(home, edition, sandbox, now=NOW)
    assert leased_page(home, 1, 1).languages == ("fa",)


def test_what_was_read_with_too_little_confidence_is_not_tried_again(home, sandbox, unread):
    with home.database.write() as session:
        for table in (CaptionRow, HeadlineRow):
            session.execute(update(table).values(not_read=NotRead.UNSURE))
        session.execute(update(FolioRow).values(text=""))
    assert unread_pages(home) == []


def test_rows_go_with_their_photos(home, worker, put, captioned_page):
    put({"a.png": captioned_page})
    worker.drain()
    with home.database.write() as session:
        for photo in session.scalars(select(PhotoRow)):
            session.delete(photo)
        for headline in session.scalars(select(HeadlineRow)):
            session.delete(headline)
    with home.database.read() as session:
        for table in (CaptionRow, HeadlinePhotoRow):
            assert session.scalar(select(func.count()).select_from(table)) == 0
