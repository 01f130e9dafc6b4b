"""A tree of editions is imported folder by folder, in flat memory."""

import tracemalloc
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from presslens.app.db.descriptions import PageTextRow
from presslens.app.db.tables import PublicationRow
from presslens.app.services.ingest.inbox_patterns import parse_pattern
from presslens.app.services.ingest.tree import import_tree, walk_editions
from presslens.app.services.ingest.tree_report import report_tree
from presslens.pipelines.archives.page_text import PageText
from presslens.pipelines.scans.scan import DEFAULT_LIMITS

from ....bags import put_in_bag
from ....library import Issue, deliver_mets
from ....library_profiles import CAPTION, FAMILIES, batch, docworks, hocr, ndnp, rero


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "tree").mkdir()
    return tmp_path / "tree"


def lay(folder, *names, data=b"x"):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def found(tree, *patterns):
    listings = list(walk_editions(tree, patterns))
    skipped = {name: why for one in listings for name, why in one.skipped.items()}
    return [edition for one in listings for edition in one.editions], skipped


def test_editions_lie_at_any_depth(tree):
    lay(tree, *(f"a/b/Courier/1939-05-1{i}/{p}.jpg" for i in (3, 4) for p in (2, 1)))
    lay(tree, "Weekly_1940-01-01.pdf", "stray/photo.jpg", "stray/other.jpg", "notes.txt")
    deliver_mets(tree / "deep/shelf/0001", Issue(captions=("One",)))
    editions, skipped = found(tree)
    assert [(e.name, e.publication, e.edition_date, e.described) for e in editions] == [
        ("Weekly_1940-01-01.pdf", "Weekly", date(1940, 1, 1), False),
        ("a/b/Courier/1939-05-13", "Courier", date(1939, 5, 13), False),
        ("a/b/Courier/1939-05-14", "Courier", date(1939, 5, 14), False),
        ("deep/shelf/0001", "", date.max, True),
    ]
    assert [file.name for file in editions[1].files] == ["1.jpg", "2.jpg"]
    assert skipped == {"stray": "2 files without the name of an edition"}


def test_patterns_name_what_needs_no_settings_otherwise(tree):
    pages = parse_pattern("{publication}/{year}/{month}{day}-{page}.jpg")
    whole = parse_pattern("{any}/{year}{month}{day}/", "Times")
    lay(tree, *(f"Courier/1939/0513-{p}.jpg" for p in (2, 1)), "Courier/1939/0514-1.jpg")
    lay(tree, "scans/19390515/a.png", "Courier/1939/cover.jpg")
    editions, skipped = found(tree, pages, whole)
    assert [(e.publication, e.edition_date.day, e.page_numbers) for e in editions] == [
        ("Courier", 13, [1, 2]),
        ("Courier", 14, [1]),
        ("Times", 15, None),
    ]
    assert skipped == {"Courier/1939": "1 file without the name of an edition"}


def test_a_tree_is_imported_once(home, tree, make, now):
    lay(tree, "x/Courier/1939-05-13/1.png", data=make())
    lay(tree, "x/Courier/1939-05-14/1.png", data=make(tint=5))
    deliver_mets(tree / "x/0007", Issue(captions=("One",), day=date(1940, 1, 1)))
    lay(tree, "y/Wrong_1939-02-30/1.png", data=make())
    first = import_tree(home, tree, now=now)
    assert (first.imported, first.known, first.skipped) == (3, 0, 1)
    assert first.reasons == {"y/Wrong_1939-02-30": "there is no day 1939-02-30"}
    second = import_tree(home, tree, now=now)
    assert (second.imported, second.known, second.skipped) == (0, 3, 1)


def test_links_out_of_a_tree_are_not_followed(tree, tmp_path):
    lay(tmp_path, "elsewhere/1.jpg")
    lay(tree, "Times_1940-01-01/1.jpg")
    for link, target in (
        ("Times_1940-01-02", tmp_path / "elsewhere"),
        ("Times_1940-01-01/2.jpg", tmp_path / "elsewhere/1.jpg"),
        ("Times_1940-01-03", tree / "Weekly_1940-01-01"),
    ):
        (tree / link).symlink_to(target)
    lay(tree, "Weekly_1940-01-01/1.jpg")
    editions, skipped = found(tree)
    assert [edition.name for edition in editions] == ["Times_1940-01-03", "Weekly_1940-01-01"]
    assert all("leads out of the folder" in skipped.pop(f"Times_1940-01-0{i}") for i in (1, 2))
    assert skipped == {}


def test_the_newspaper_of_a_description_goes_before_the_names_of_folders(home, tree, make, now):
    for number, name in enumerate(("issues/1939-05-13", "1939/1939-05-14", "reel_1939-05-15"), 13):
        issue = Issue(title="The Daily Courant", captions=("",), day=date(1939, 5, number))
        deliver_mets(tree / name, issue)
    deliver_mets(tree / "Post/1939-05-16", Issue(title="", captions=("",), day=date(1939, 5, 16)))
    deliver_mets(tree / "n/19390517", Issue(captions=("",), day=date(1939, 5, 17)))
    lay(tree, "Paper_1900-01-01/cover.png", data=make())
    lay(tree, "Paper_1900-01-01/m.xml", data=b'<mets xmlns="http://www.loc.gov/METS/"><broken')
    pattern = parse_pattern("n/{year}{month}{day}/", "Times")
    names = ["The Daily Courant"] * 3 + ["Post", "Times", "Paper"]
    reported = report_tree(DEFAULT_LIMITS, tree, patterns=[pattern]).editions
    assert sorted(one.publication for one in reported) == sorted(names)
    done = import_tree(home, tree, now=now, patterns=[pattern])
    assert (done.imported, done.reasons) == (6, {})
    with home.database.read() as session:
        assert set(session.scalars(select(PublicationRow.name))) == {*names, "Rodong Sinmun"}
    assert "not reel, as the folder is named" in done.notes["reel_1939-05-15"][0]
    assert done.notes["Paper_1900-01-01"][0] == "m.xml is METS that lists no pages"


def test_a_folder_that_is_called_issues_names_no_newspaper(home, tree, make, now):
    deliver_mets(tree / "issues/1939-05-13", Issue(title="", captions=("",)))
    lay(tree, "scans/1939-05-14/1.png", data=make())
    lay(tree, "Courier/1939/1939-05-15/1.png", data=make(tint=9))
    unnamed = {"issues/1939-05-13", "scans/1939-05-14"}
    report = report_tree(DEFAULT_LIMITS, tree)
    assert (len(report.editions), set(report.refused)) == (3, unnamed)
    done = import_tree(home, tree, now=now)
    assert (done.imported, set(done.reasons)) == (1, unnamed)
    assert (
        "nothing names its newspaper: call the folder around after it"
        in done.reasons["scans/1939-05-14"]
    )
    assert import_tree(home, tree, now=now, publication="Times").imported == 2
    with home.database.read() as session:
        names = set(session.scalars(select(PublicationRow.name)))
    assert names == {"Courier", "Times", "Rodong Sinmun"}


def test_memory_does_not_grow_with_the_number_of_editions(tree):
    days = [date(1900, 1, 1) + timedelta(days=i) for i in range(200)]
    lay(tree, *(f"{day.year}/{day:%m}/Courier_{day}/{p}.jpg" for day in days for p in range(4)))
    tracemalloc.start()
    try:
        sizes = [tracemalloc.get_traced_memory()[0] for one in walk_editions(tree) if one.editions]
    finally:
        tracemalloc.stop()
    assert len(sizes) == 200
    assert sizes[-1] < 1.2 * sizes[50]


def test_a_batch_in_a_bag_gives_its_issues_and_names_what_is_missing(home, tree, now):
    batch(tree)
    for reel in tree.glob("sn85058233/0027/*.xml"):
        reel.rename(reel.with_suffix(".XML"))
    put_in_bag(tree)
    done = import_tree(home, tree, now=now)
    assert (done.imported, done.known, done.skipped) == (2, 0, 0)
    (listed,) = done.notes["data"]
    assert listed == (
        "batch_1.xml lists 3 issues, of which 1 are not there:"
        " sn85058233/0027/1935080901/1935080901.xml"
    )
    assert "reel of microfilm" in done.notes["data/sn85058233/0027"][0]
    again = import_tree(home, tree, now=now)
    assert (again.imported, again.known, again.skipped) == (0, 2, 0)


def test_the_same_scans_may_be_of_another_day_but_in_no_broken_bag(home, tree, now):
    for name, day in (("a", 13), ("b", 14), ("c", 15)):
        deliver_mets(tree / name, Issue(captions=("One",), day=date(1939, 5, day)))
    put_in_bag(tree / "c")
    (tree / "c/manifest-md5.txt").write_text(f"{'0' * 32}  data/none.jpg\n")
    import_tree(home, tree / "a", now=now)
    other = import_tree(home, tree / "b", now=now)
    assert (other.imported, other.reasons) == (1, {})
    assert any(
        "of 1939-05-13, and this is Evening Courier of 1939-05-14" in n for n in other.notes["b"]
    )
    broken = import_tree(home, tree / "c", now=now)
    assert broken.imported == 0
    assert "the bag c is refused" in "".join(broken.reasons.values())


def test_nothing_of_a_bag_comes_in_that_does_not_fit(home, tree, now):
    batch(tree / "bag")
    put_in_bag(tree / "bag")
    page = tree / "bag/data/sn85058233/0027/1935080301/0003.jpg"
    page.write_bytes(page.read_bytes() + b"x")
    deliver_mets(tree / "whole", Issue(captions=("One",)))
    done = import_tree(home, tree, now=now)
    assert (done.imported, done.skipped) == (1, 1)
    (reason,) = done.reasons.values()
    assert "bag is refused, data/sn85058233/0027/1935080301/0003.jpg" in reason


def test_folders_that_are_no_edition_hide_none(home, tree, now):
    docworks(tree / "shelf")
    ndnp(tree / "shelf/below/further", numbers=(7, 8, 9))
    (tree / "wrong").mkdir()
    (tree / "wrong/mets.xml").write_text('<mets a="image/tiff"><broken')
    lay(tree, "wrong/1.jpg", "wrong/2.jpg")
    rero(make_folder(tree / "wrong/BLB/18451228_01"))
    hocr(make_folder(tree / "Evening Courier_1939-05-13"))
    done = import_tree(home, tree, now=now)
    assert done.reasons.keys() == {"wrong"}
    assert done.reasons["wrong"].startswith("mets.xml: ")
    assert (done.imported, done.skipped) == (4, 1)
    with home.database.read() as session:
        names = session.scalars(select(PublicationRow.name)).all()
    assert {"Der arme Teufel", "The Record (A City, UT)", "BLB", "Evening Courier"} <= set(names)


def test_each_family_is_stored_with_its_texts(home, tree, now):
    for name, deliver in FAMILIES.items():
        deliver(make_folder(tree / name))
    done = import_tree(home, tree, now=now, publication="Excelsior")
    assert (done.imported, done.reasons) == (len(FAMILIES), {})
    with home.database.read() as session:
        titles = set(session.scalars(select(PublicationRow.name)))
        texts = [PageText.unpacked(one) for one in session.scalars(select(PageTextRow.content))]
    assert {"Excelsior", "Le Courrier", "Die Abendpost", "Coloured News"} <= titles
    lines = [line.text for text in texts for block in text.blocks for line in block.lines]
    assert set(lines) == {CAPTION}
    assert any(block.is_caption for text in texts for block in text.blocks)


def test_a_report_says_what_would_come_in(tree):
    for name, deliver in FAMILIES.items():
        deliver(make_folder(tree / name))
    for path in (tree / "ENMAP").rglob("*.png"):
        path.unlink()
    lay(tree, "Times_1940-05-14/1.jpg")
    report = report_tree(DEFAULT_LIMITS, tree)
    rows = {row.source: row for row in report.families}
    assert rows["ENMAP"].missing == {"images": 3}
    assert rows["SPAR"].missing == {"newspaper": 1}
    assert (rows["NDNP"].profile, rows["NDNP"].schemes) == ("METS, NDNP", ["lccn"])
    assert rows["Times_1940-05-14"].profile == "by its name"
    assert report.skipped == {}
    assert report.refused.keys() == {"ENMAP", "SPAR"}
    rero(make_folder(tree / "BLB/18451228_01"))
    for name in ("", "Excelsior"):
        report = report_tree(DEFAULT_LIMITS, tree, publication=name)
        assert {one.source: one.publications for one in report.families}["BLB"] == [name or "BLB"]


def make_folder(path):
    path.mkdir(parents=True)
    return path
