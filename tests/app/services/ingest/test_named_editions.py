"""The names of the files of a folder tell which editions they are, before any is sent."""

from datetime import date

import pytest

from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.ingest.named_editions import editions_by_name

from ...conftest import DAY


def test_names_are_read_by_the_rules_of_an_import(home, put, make):
    there = put({"page_1.png": make(persons=0)}).edition_id
    (home.settings.data_dir / "inbox.toml").write_text(
        '[newspapers."Morning"]\npatterns = ["scans/m{year}{month}{day}-{page}.jpg"]\n'
    )
    names = [
        f"scans/Rodong_Sinmun_{DAY}/p10.png",
        f"scans/Rodong_Sinmun_{DAY}/p2.png",
        "scans/Evening/2025-12-17/1.jpg",
        "scans/Evening/2025-12-18.pdf",
        "scans/m20251219-2.jpg",
        "scans/m20251219-1.jpg",
        "scans/Weekly/16.12.2025/1.jpg",
        "scans/holiday.jpg",
        "scans/notes.txt",
        "scans/.hidden/x.jpg",
    ]
    found = editions_by_name(home, names)
    told = [
        (one.publication, one.day, len(one.files), list(one.editions)) for one in found.editions
    ]
    assert sorted(told[:-1]) == [
        ("Evening", date(2025, 12, 17), 1, []),
        ("Evening", date(2025, 12, 18), 1, []),
        ("Morning", date(2025, 12, 19), 2, []),
        ("Rodong Sinmun", DAY, 2, [there]),
        ("Weekly", date(2025, 12, 16), 1, []),
    ]
    assert told[-1] == ("", None, 1, [])
    assert found.editions[-1].files == ["scans/holiday.jpg"]
    (of_day,) = (one for one in found.editions if one.editions)
    assert [name.rpartition("/")[2] for name in of_day.files] == ["p2.png", "p10.png"]
    assert found.passed_over == ["scans/notes.txt"]


@pytest.mark.parametrize("name", ["../a.jpg", "/etc/passwd", "a//b.jpg", "a\\b.jpg", "a\0.jpg"])
def test_what_is_no_path_inside_a_folder_is_refused(home, name):
    with pytest.raises(InvalidRequest, match="is no path inside a folder"):
        editions_by_name(home, [name])
