"""A pattern reads a name in one way or not at all, and a wrong one says what is wrong."""

from datetime import date

import pytest

from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.ingest.inbox_patterns import NameReading, load_patterns, parse_pattern
from presslens.app.services.ingest.upload_mode import UploadMode

DAY = date(2019, 12, 5)


@pytest.mark.parametrize(
    ("pattern", "publication", "name", "reading"),
    [
        ("rodong-{year}{month}{day}-{page}.pdf", "R", "rodong-20191205-3.pdf", ("R", DAY, 3)),
        ("rodong-{year}{month}{day}-{page}.pdf", "R", "RODONG-20191205-12.PDF", ("R", DAY, 12)),
        ("rodong-{year}{month}{day}-{page}.pdf", "R", "rodong-2019125-3.pdf", None),
        ("rodong-{year}{month}{day}-{page}.pdf", "R", "rodong-20191205-3xpdf", None),
        ("rodong-{year}{month}{day}-{page}.pdf", "R", "sub/rodong-20191205-3.pdf", None),
        ("{year}.{m}.{d}.pdf", "R", "2019.12.5.pdf", ("R", DAY, None)),
        ("{publication}/{year}/{month}-{day}/{page}.jpg", None, "Minju_Joson/2019/12-05/007.jpg",
         ("Minju Joson", DAY, 7)),
        ("{publication}/{year}{month}{day}/{publication}_{page}.tif", None,
         "MJ/20191205/MJ_4.tif", ("MJ", DAY, 4)),
        ("{publication}/{year}{month}{day}/{publication}_{page}.tif", None,
         "MJ/20191205/RS_4.tif", None),
        ("{any}_{year}{month}{day}/", "R", "job17_20191205", ("R", DAY, None)),
        ("[a].{year}{month}{day}.pdf", "R", "[a].20191205.pdf", ("R", DAY, None)),
        ("[a].{year}{month}{day}.pdf", "R", "a.20191205.pdf", None),
    ],
)  # fmt: skip
def test_what_a_name_says(pattern, publication, name, reading):
    found = parse_pattern(pattern, publication).read(name)
    assert found == (None if reading is None else NameReading(*reading))


@pytest.mark.parametrize(
    ("pattern", "name", "why"),
    [
        ("{year}{month}{day}-{page}.jpg", "20190230-1.jpg", "there is no day 2019-02-30"),
        ("{year}{month}{day}-{page}.jpg", "20191205-0.jpg", "pages are numbered from 1"),
        ("{year}{month}{day}-{page}.jpg", "20191205-9000.jpg", "pages are numbered from 1"),
        ("{any}-{any}-{year}{month}{day}.jpg", "a-b-c-20191205.jpg", "more than one way"),
        ("{year}{m}{d}.jpg", "2019111.jpg", "more than one way"),
        ("{any}{page}-{year}{month}{day}.jpg", "x12-20191205.jpg", "more than one way"),
    ],
)
def test_a_name_that_leaves_a_doubt_is_no_reading(pattern, name, why):
    with pytest.raises(InvalidRequest, match=why):
        parse_pattern(pattern, "R").read(name)


@pytest.mark.parametrize(
    ("pattern", "publication", "why"),
    [
        ("{year}{month}.pdf", "R", r"needs \{day\} or \{d\}"),
        ("{year}{month}{m}{day}.pdf", "R", r"needs \{month\} or \{m\}"),
        ("{year}{month}{day}.pdf", None, r"needs \{publication\}"),
        ("{publication}{year}{month}{day}.pdf", "R", "below the name of a newspaper already"),
        ("{year}{month}{day}{side}.pdf", "R", "no field 'side'"),
        ("{year}{month}{day.pdf", "R", "no field"),
        ("{year}{month}{day}/{page}/", "R", "names folders"),
        ("../{year}{month}{day}.pdf", "R", "no path inside the inbox"),
        ("/in/{year}{month}{day}.pdf", "R", "no path inside the inbox"),
        ("{any}-{any}-{any}-{any}{year}{month}{day}.pdf", "R", "more than 3 fields"),
        ("{page}-{m}-{d}-{m}-{d}-{page}{year}.pdf", "R", "more than 5 fields"),
        ("{any}{any}{year}{month}{day}.pdf", "R", r"nothing between \{any\} and \{any\}"),
    ],
)
def test_a_wrong_pattern_says_what_is_wrong(pattern, publication, why):
    with pytest.raises(InvalidRequest, match=why):
        parse_pattern(pattern, publication)


@pytest.mark.sqlite_alone
def test_patterns_come_from_a_file(settings, tmp_path, subtests):
    assert load_patterns(settings) == ()
    settings.data_dir.mkdir()
    default = settings.data_dir / "inbox.toml"
    default.write_text(
        'patterns = ["{publication}/{year}{month}{day}.pdf"]\n'
        '[newspapers."Rodong Sinmun"]\n'
        'patterns = ["r{year}{month}{day}-{page}.jpg", "r{year}{month}{day}/"]\n'
        'mode = "add"\n'
    )
    found = load_patterns(settings)
    assert [(one.publication, one.mode, one.of_folders, one.depth) for one in found] == [
        (None, None, False, 2),
        ("Rodong Sinmun", UploadMode.ADD, False, 1),
        ("Rodong Sinmun", UploadMode.ADD, True, 1),
    ]
    named = settings.model_copy(update={"inbox_patterns": tmp_path / "named.toml"})
    for text, why in {
        "": "can't be read",
        "x = ": "no TOML",
        "pattern = []": "pattern: there is no such setting, only patterns and newspapers",
        '[newspapers.R]\npatterns = []\nmod = "add"': "R.mod: .*, only patterns and mode",
        '[newspapers.R]\npatterns = ["a.pdf"]': r"'a.pdf' needs \{year\}",
        '[newspapers.R]\npatterns = []\nmode = "both"': "newspapers.R.mode",
    }.items():
        if text:
            named.inbox_patterns.write_text(text)
        with subtests.test(msg=why), pytest.raises(InvalidRequest, match=why):
            load_patterns(named)
