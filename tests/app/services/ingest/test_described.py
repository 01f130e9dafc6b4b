"""Editions that libraries describe, imported and analysed."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from presslens.app.db.descriptions import (
    EditionDescriptionRow,
    EditionIdentifierRow,
    PageCanvasRow,
    PageTextRow,
)
from presslens.app.db.publications import PublicationRow
from presslens.app.db.tables import CaptionRow, EditionRow, PageRow
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.analysis.removal_jobs import empty_trash
from presslens.app.services.catalogue.descriptions import edition_description
from presslens.app.services.corrections.newspapers import NewspaperChanges, change_newspaper
from presslens.app.services.corrections.trash import delete_edition, restore_edition
from presslens.app.services.corrections.undo import undo_edit
from presslens.app.services.edits.listing import EditFilter, count_edits, list_edits
from presslens.app.services.ingest.described import IssueInput, ingest_described
from presslens.models.vocabulary import TextSource
from presslens.pipelines.archives.identifiers import read_identifier
from presslens.pipelines.archives.library_folder import READERS, described_edition
from presslens.pipelines.scans.sandbox import Sandbox

from ....library import Issue, deliver_mets
from ....library_profiles import CAPTION, didl, hocr
from ...conftest import NOW

NOTHING = IssueInput(None, None, "nobody")


@pytest.fixture(scope="module")
def issue_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("issue")
    deliver_mets(folder, Issue(numbers=(2, 5)))
    return folder


@pytest.fixture(scope="module")
def edition(issue_folder):
    with Sandbox(modules=READERS) as sandbox:
        return described_edition(issue_folder, sandbox)


@pytest.mark.both_databases
def test_pages_numbers_and_captions_come_from_the_description(home, worker, edition):
    done = ingest_described(home, edition, NOTHING, now=NOW)
    worker.drain()
    with home.database.read() as session:
        row = session.get_one(EditionRow, done.edition_id)
        assert (row.publication.name, row.edition_date) == ("Evening Courier", date(1939, 5, 13))
        assert [page.number for page in row.pages] == [2, 5]
        assert row.pages_expected == 2
        assert row.publication.languages == ["en"]
        described = session.get_one(EditionDescriptionRow, done.edition_id)
        assert (described.kind, described.document, described.title, described.rights) == (
            "mets",
            "mets.xml",
            "Evening Courier",
            "Public domain",
        )
        assert len(described.sha256) == 64
    assert captions(home) == [
        ("Workers of the new plant", TextSource.ALTO, pytest.approx(0.9)),
        ("The harvest is brought in", TextSource.ALTO, pytest.approx(0.9)),
    ]


@pytest.mark.parametrize(("deliver", "source"), [(didl, TextSource.ALTO), (hocr, TextSource.HOCR)])
def test_captions_of_other_formats_are_the_words_of_the_library(
    home, worker, tmp_path, deliver, source
):
    deliver(tmp_path)
    with Sandbox(modules=READERS) as sandbox:
        edition = described_edition(tmp_path, sandbox)
    ingest_described(home, edition, IssueInput("A", edition.day or date(1939, 5, 13), "a"), now=NOW)
    worker.drain()
    assert [(text, by) for text, by, _ in captions(home)] == [(CAPTION, source)] * 2


@pytest.mark.both_databases
def test_the_languages_that_a_library_says_are_an_edit_once_and_stay_undone(home, edition):
    done = ingest_described(home, edition, NOTHING, now=NOW)
    (edit,) = list_edits(home, EditFilter(action="change paper"), limit=9).items
    assert (edit.coder, str(edit.text)) == ("unnamed", "Evening Courier: written in en")
    assert [note.partition(",")[0] for note in done.notes] == ["Evening Courier: written in en"]
    assert ingest_described(home, edition, NOTHING, now=NOW).notes == []
    with home.database.read() as session:
        paper = session.get_one(EditionRow, done.edition_id).publication_id
    for taken in (lambda: undo_edit(home, edit.id, coder="A", now=NOW),
                  lambda: change_newspaper(home, paper, NewspaperChanges({"languages": ["en"]}),
                                           coder="A", now=NOW),
                  lambda: change_newspaper(home, paper, NewspaperChanges({"languages": None}),
                                           coder="A", now=NOW)):  # fmt: skip
        taken()
        told = ingest_described(home, edition, NOTHING, now=NOW)
    assert count_edits(home, EditFilter(action="change paper")) == 3
    assert "says its languages are not known, and stays; its page, or" in told.notes[0]
    with home.database.read() as session:
        assert session.get_one(PublicationRow, paper).languages is None
    frisian = replace(edition, languages=("fy",))
    profile = {"country": "NL", "kind": "state"}
    told = ingest_described(home, frisian, NOTHING, now=NOW, profile=profile)
    (what,) = (note.partition(", as was said")[0] for note in told.notes)
    assert what == "Evening Courier: written in fy; published in NL; of the kind state"
    with home.database.read() as session:
        assert session.get_one(PublicationRow, paper).languages == ["fy"]
    (note,) = ingest_described(home, edition, NOTHING, now=NOW, profile=profile).notes
    assert "written in en, as was said" in note
    assert "Evening Courier says written in fy, and stays" in note


WHOLE = {
    "edition_label": "Morning edition", "holder": "State Library", "rights": "Public domain",
    "rights_address": "https://rights.example/1.0/", "source": "https://library.example/1",
    "homepage": "https://library.example/page/1", "languages": ("en", "fr"),
}  # fmt: skip


@pytest.mark.both_databases
def test_all_that_a_library_says_is_kept_and_replaced_by_what_it_says_later(home, edition):
    lccn, ark = map(read_identifier, ("LCCN sn 85-58233", "https://l.example/ark:/12148/bpt6k1"))
    pages = tuple(
        replace(
            page, canvas=f"https://l.example/c{page.number}", image_service="https://l.example/i"
        )
        for page in edition.pages
    )
    whole = replace(
        edition, pages=pages, newspaper_identifiers=(lccn, lccn), identifiers=(ark,), **WHOLE
    )
    done = ingest_described(home, whole, NOTHING, now=NOW)
    described = edition_description(home, done.edition_id)
    assert {name: getattr(described, name) for name in WHOLE} == WHOLE | {"languages": ["en", "fr"]}
    assert [(one.value, one.address) for one in described.newspaper_identifiers] == [
        ("sn85058233", "https://lccn.loc.gov/sn85058233")
    ]
    assert [one.value for one in described.identifiers] == ["ark:/12148/bpt6k1"]
    with home.database.read() as session:
        canvases = session.scalars(select(PageCanvasRow.canvas)).all()
    assert sorted(canvases) == ["https://l.example/c2", "https://l.example/c5"]
    delete_edition(home, done.edition_id, coder=None, now=NOW)
    assert rows(home, EditionIdentifierRow) == 0
    restore_edition(home, done.edition_id, coder=None, now=NOW)
    assert edition_description(home, done.edition_id) == described
    again = ingest_described(home, edition, NOTHING, now=NOW)
    assert again.edition_id == done.edition_id
    now_said = edition_description(home, done.edition_id)
    assert (now_said.holder, now_said.identifiers) == ("", [])
    assert rows(home, PageCanvasRow) == 0


def test_pages_that_are_analysed_already_get_the_text_too(home, worker, edition):
    bare = replace(edition, pages=tuple(replace(page, text=None) for page in edition.pages))
    first = ingest_described(home, bare, NOTHING, now=NOW)
    worker.drain()
    assert [text for text, _, _ in captions(home)] == []
    second = ingest_described(home, edition, NOTHING, now=NOW)
    assert (second.edition_id, second.created) == (first.edition_id, False)
    assert [text for text, _, _ in captions(home)] == [
        "Workers of the new plant",
        "The harvest is brought in",
    ]
    third = ingest_described(home, edition, NOTHING, now=NOW)
    assert third.edition_id == first.edition_id
    assert len(captions(home)) == 2


def test_the_text_of_another_page_is_not_taken(home, worker, edition):
    other = tuple(
        replace(page, text=replace(page.text, height=page.text.height * 1.5))
        for page in edition.pages
    )
    ingest_described(home, replace(edition, pages=other), NOTHING, now=NOW)
    worker.drain()
    assert captions(home) == []


def test_a_description_goes_with_its_edition_and_comes_back(home, worker, edition):
    done = ingest_described(home, edition, NOTHING, now=NOW)
    worker.drain()
    delete_edition(home, done.edition_id, coder=None, now=NOW)
    assert rows(home, EditionDescriptionRow) == 0
    restore_edition(home, done.edition_id, coder=None, now=NOW)
    assert (rows(home, EditionDescriptionRow), len(captions(home))) == (1, 2)
    delete_edition(home, done.edition_id, coder=None, now=NOW)
    empty_trash(home, now=NOW, everything=True)
    assert (rows(home, EditionDescriptionRow), rows(home, PageTextRow), rows(home, PageRow)) == (
        0,
        0,
        0,
    )


def test_a_person_names_the_newspaper_and_the_day_is_one(home, edition, subtests):
    day = edition.day
    named = IssueInput("The Courier", day, "--date")
    done = ingest_described(home, edition, named, now=NOW)
    with home.database.read() as session:
        assert session.get_one(EditionRow, done.edition_id).publication.name == "The Courier"
    untold = replace(edition, title="", day=None)
    for case, of, given, reason in (
        (
            "two days",
            edition,
            IssueInput(None, date(1939, 5, 14), "--date"),
            "mets.xml is of 1939-05-13, and --date says 1939-05-14: correct one of them",
        ),
        ("no day", untold, IssueInput("A", None, "--date"), "give --date"),
        ("no name", untold, IssueInput(None, day, "--date"), "give --publication"),
    ):
        with subtests.test(case), pytest.raises(InvalidRequest, match=reason):
            ingest_described(home, of, given, now=NOW)


def test_what_a_library_says_is_served(home, worker, client, edition):
    done = ingest_described(home, edition, NOTHING, now=NOW)
    worker.drain()
    served = client.get(f"/api/v1/editions/{done.edition_id}").json()
    said = served["description"]
    assert (said["kind"], said["document"], said["title"], said["rights"]) == (
        "mets",
        "mets.xml",
        "Evening Courier",
        "Public domain",
    )
    page = client.get(f"/api/v1/pages/{served['page_list'][0]['id']}").json()
    assert page["description"] == {
        "source": "alto",
        "lines": 1,
        "print_space": [30.0, 40.0, 570.0, 760.0],
    }
    assert page["photos"][0]["caption"]["source"] == "alto"


def test_pages_show_what_a_library_says_and_link_to_it_alone(home, client, edition):
    lccn = read_identifier("lccn:sn85058233")
    hostile = {"homepage": "javascript:alert(1)", "holder": "<b>State Library</b>"}
    whole = replace(edition, newspaper_identifiers=(lccn,), **(WHOLE | hostile))
    done = ingest_described(home, whole, NOTHING, now=NOW)
    page = client.get(f"/editions/{done.edition_id}").text
    assert "From the library" in page
    assert 'href="https://lccn.loc.gov/sn85058233"' in page
    assert 'href="https://rights.example/1.0/"' in page
    assert 'href="javascript' not in page
    assert "&lt;b&gt;State Library" in page
    (listed,) = client.get("/api/v1/editions").json()["editions"]
    assert listed["description"]["edition_label"] == "Morning edition"
    paper = client.get("/api/v1/publications").json()["publications"][0]
    assert paper["identifiers"] == [
        {"scheme": "lccn", "value": "sn85058233", "address": "https://lccn.loc.gov/sn85058233"}
    ]
    assert "lccn:sn85058233</a>" in client.get(f"/newspapers/{paper['id']}").text


def test_packed_texts_come_back(edition):
    for page in edition.pages:
        assert type(page.text).unpacked(page.text.packed()) == page.text


def captions(home):
    with home.database.read() as session:
        found = session.scalars(select(CaptionRow).order_by(CaptionRow.photo_id))
        return [(row.text, row.source, row.confidence) for row in found]


def rows(home, table):
    with home.database.read() as session:
        return len(session.scalars(select(table)).all())
