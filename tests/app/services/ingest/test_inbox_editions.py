"""Editions are found by the names of an inbox; a name that leaves a doubt is skipped."""

from datetime import date

from presslens.app.services.ingest.inbox_editions import find_editions
from presslens.app.services.ingest.inbox_patterns import parse_pattern
from presslens.app.services.ingest.upload_mode import UploadMode

PATTERNS = (
    parse_pattern("{publication}/{year}/{month}-{day}/{page}.jpg"),
    parse_pattern("rodong-{year}{month}{day}-{page}.pdf", "Rodong Sinmun"),
    parse_pattern("minju-{year}{month}{day}.pdf", "Minju Joson"),
    parse_pattern("times {year}.{m}.{d}/", "Times", UploadMode.SEPARATE),
)


def lay(inbox, *names):
    for name in names:
        path = inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def test_several_newspapers_each_in_its_own_way(tmp_path):
    lay(
        tmp_path,
        *(f"Daily_News/2019/12-05/{page}.jpg" for page in (10, 2, 1)),
        *(f"rodong-20191205-{page}.pdf" for page in (2, 1)),
        *("rodong-20191206-1.pdf", "minju-20191205.pdf"),
        *("times 2019.12.5/b.tif", "times 2019.12.5/a.tif"),
        *("Old Name_2019-12-05/a.png", "Other/2019-12-05 (add)/a.png", "Third_2019-12-05.pdf"),
    )
    listing = find_editions(tmp_path, PATTERNS)
    assert (listing.skipped, listing.arriving) == ({}, {})
    day = date(2019, 12, 5)
    found = [
        (one.publication, one.edition_date, [f.name for f in one.files], one.page_numbers, one.mode)
        for one in listing.editions
    ]
    assert found == [
        ("Daily News", day, ["1.jpg", "2.jpg", "10.jpg"], [1, 2, 10], None),
        ("Minju Joson", day, ["minju-20191205.pdf"], None, None),
        ("Old Name", day, ["a.png"], None, None),
        ("Other", day, ["a.png"], None, UploadMode.ADD),
        ("Rodong Sinmun", day, ["rodong-20191205-1.pdf", "rodong-20191205-2.pdf"], [1, 2], None),
        ("Rodong Sinmun", date(2019, 12, 6), ["rodong-20191206-1.pdf"], [1], None),
        ("Third", day, ["Third_2019-12-05.pdf"], None, None),
        ("Times", day, ["a.tif", "b.tif"], None, UploadMode.SEPARATE),
    ]
    assert len({one.name for one in listing.editions}) == len(listing.editions)


def test_what_leaves_a_doubt_is_skipped_with_the_reason(tmp_path):
    twice = parse_pattern("{any}-{year}{month}{day}.pdf", "Twice")
    lay(
        tmp_path,
        *("Daily/2019/12-05/1.jpg", "Daily/2019/12-05/01.jpg", "Daily/2019/12-05/cover.jpg"),
        *("Daily/2019/readme.jpg", "Daily/2019/02-30/1.jpg", "Daily/2018/extra/1.jpg"),
        *("minju-20191205.pdf", "rodong-20190230-1.pdf", "stray.pdf"),
        *("x-20191207.pdf", "y-20191207.pdf", ".hidden.pdf", "notes.txt"),
    )
    listing = find_editions(tmp_path, (*PATTERNS, twice))
    assert listing.editions == []
    assert listing.skipped == {
        "Daily, 2019-12-05": (
            "there are two files for page 1: Daily/2019/12-05/01.jpg, Daily/2019/12-05/1.jpg"
        ),
        "Daily/2019/12-05/cover.jpg": "its name fits no pattern",
        "Daily/2019/readme.jpg": "its name fits no pattern",
        "Daily/2019/02-30/1.jpg": "there is no day 2019-02-30",
        "Daily/2018": (
            "its name is neither Publication_YYYY-MM-DD nor Publication/YYYY-MM-DD,"
            " and fits no pattern"
        ),
        "minju-20191205.pdf": (
            "its name fits more than one pattern: minju-{year}{month}{day}.pdf,"
            " {any}-{year}{month}{day}.pdf"
        ),
        "rodong-20190230-1.pdf": "there is no day 2019-02-30",
        "stray.pdf": (
            "its name is neither Publication_YYYY-MM-DD nor Publication/YYYY-MM-DD,"
            " and fits no pattern"
        ),
        "Twice, 2019-12-07": (
            "there are several editions of the day, and a mode must say what they are:"
            " x-20191207.pdf, y-20191207.pdf"
        ),
    }


def test_what_is_not_finished_makes_its_edition_wait(tmp_path):
    lay(
        tmp_path,
        *("rodong-20191205-1.pdf", "rodong-20191205-2.pdf.part", "minju-20191205.pdf.crdownload"),
        *("Old_2019-12-05/a.png", "Old_2019-12-05/b.png.filepart", "Unconfirmed 17.crdownload"),
        "whole-paper.PDF.PART",
    )
    listing = find_editions(tmp_path, PATTERNS)
    assert {one.name: one.unfinished for one in listing.editions} == {
        "Rodong Sinmun, 2019-12-05": ["rodong-20191205-2.pdf.part"],
        "minju-20191205.pdf.crdownload": ["minju-20191205.pdf.crdownload"],
        "Old_2019-12-05": ["b.png.filepart"],
    }
    assert listing.arriving == {
        "Unconfirmed 17.crdownload": "it is not finished",
        "whole-paper.PDF.PART": "it is not finished",
    }
    assert listing.skipped == {}
