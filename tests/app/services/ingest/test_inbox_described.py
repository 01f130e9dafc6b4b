"""An inbox takes folders that libraries describe, whatever their names are."""

from datetime import date

import pytest

from presslens.app.db.queries import EditionScope
from presslens.app.services.catalogue.editions import list_editions
from presslens.app.services.catalogue.publications import list_publications
from presslens.app.services.ingest.inbox import import_inbox
from presslens.app.services.ingest.inbox_editions import find_editions

from ....library import Issue, deliver_mets, draw_page
from ....library_profiles import batch


@pytest.fixture
def inbox(tmp_path):
    (tmp_path / "inbox").mkdir()
    return tmp_path / "inbox"


def test_the_description_says_what_the_name_does_not(home, worker, inbox, now):
    deliver_mets(inbox / "0012345_b", Issue(captions=("One",)))
    deliver_mets(inbox / "Courier_1939-05-14", Issue(captions=("Two",), day=date(1939, 5, 14)))
    deliver_mets(inbox / "Courier_1939-05-20", Issue(captions=("Three",)))
    deliver_mets(inbox / "shelf/issue 7", Issue(title="Weekly", captions=("Four",)))
    draw_page(inbox / "shelf/other/1.png")
    done = import_inbox(home, inbox, now=now)
    assert done.new == ("0012345_b", "Courier_1939-05-14", "shelf/issue 7")
    assert done.skipped == {
        "Courier_1939-05-20": "mets.xml is of 1939-05-13, and the name Courier_1939-05-20 says"
        " 1939-05-20: correct one of them"
    }
    assert (
        "the newspaper is Evening Courier, as the description says, not Courier, as the folder is"
        " named"
    ) in map(str, done.noted["Courier_1939-05-14"])
    found = list_editions(home, EditionScope(), limit=10).editions
    assert {(e.publication, e.edition_date) for e in found} == {
        ("Evening Courier", date(1939, 5, 13)),
        ("Evening Courier", date(1939, 5, 14)),
        ("Weekly", date(1939, 5, 13)),
    }
    again = import_inbox(home, inbox, now=now)
    assert (again.new, again.unchanged) == ((), 3)
    worker.drain()


def test_what_a_newspaper_is_said_to_be_is_noted_once(home, inbox, now):
    for i in (13, 14, 15):
        language = "eng" if i < 14 else "fra"
        issue = Issue(captions=("",), day=date(1939, 5, i), language=language, numbers=(i,))
        deliver_mets(inbox / f"{i}", issue)
    done = import_inbox(home, inbox, now=now)
    said = {name: [str(note) for note in notes] for name, notes in done.noted.items()}
    assert {name: len(notes) for name, notes in said.items()} == {"13": 1, "14": 1}
    assert "written in en, as was said" in said["13"][0]
    assert "written in fr, as was said" in said["14"][0]


def test_folders_of_one_newspaper_under_two_titles_go_to_it_and_that_is_noted(home, inbox, now):
    for i, title in ((13, "Evening Courier"), (14, "Courier (Evening ed.)"), (15, "Post")):
        issue = Issue(title=title, captions=("",), day=date(1939, 5, i), numbers=(i,))
        document = deliver_mets(inbox / f"{i}", issue)
        lccn = "sn83030214" if i < 15 else "sn84026749"
        named = f'</mods:titleInfo><mods:identifier type="lccn">{lccn}</mods:identifier>'
        document.write_text(document.read_text().replace("</mods:titleInfo>", named, 1))
    done = import_inbox(home, inbox, now=now)
    assert (len(done.new), done.skipped) == (3, {})
    papers = {one.publication: one.editions for one in list_publications(home) if one.editions}
    assert papers == {"Evening Courier": 2, "Post": 1}
    assert any("is Evening Courier by its identifiers" in str(note) for note in done.noted["14"])


def test_what_is_missing_is_noted_and_what_is_broken_is_skipped(home, inbox, now):
    deliver_mets(inbox / "gap", Issue(captions=("One", "Two")))
    for name in ("images/0002.png", "small/0002.jpg"):
        (inbox / "gap" / name).unlink()
    (inbox / "broken").mkdir()
    (inbox / "broken/mets.xml").write_text("<mets")
    (inbox / "broken/issue.xml").write_text("<mets ><div>")
    done = import_inbox(home, inbox, now=now)
    assert done.new == ("gap",)
    gap, _ = done.noted["gap"]
    assert str(gap) == (
        "mets.xml: the image of page 2 is not in the folder, or in no format that is read"
    )
    assert list(done.skipped) == ["broken"]


def test_files_that_are_not_finished_are_waited_for(inbox):
    deliver_mets(inbox / "issue", Issue(captions=("One",)))
    (inbox / "issue/images/0002.png.part").write_bytes(b"x")
    (edition,) = find_editions(inbox).editions
    assert (edition.described, edition.unfinished) == (True, ["0002.png.part"])


def test_a_described_folder_hides_none_in_it_and_a_batch_is_named(inbox):
    deliver_mets(inbox / "shelf")
    deliver_mets(inbox / "shelf/other")
    batch(inbox / "delivered")
    found = find_editions(inbox)
    assert [edition.name for edition in found.editions] == ["shelf", "shelf/other"]
    assert "presslens import --tree FOLDER" in found.skipped["delivered"]
