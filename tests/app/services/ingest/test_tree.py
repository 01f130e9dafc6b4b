"""A tree of editions is imported folder by folder, in flat memory."""

import tracemalloc
from datetime import date, timedelta

import pytest

from presslens.app.services.ingest.inbox_patterns import parse_pattern
from presslens.app.services.ingest.tree import import_tree, walk_editions

from ....library import Issue, deliver_mets


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
