"""What comes in over HTTP ends accepted or with a reason, and nowhere but in the store."""

import io
import os
import warnings
import zipfile
from pathlib import Path
from random import Random

import pytest

from presslens.app.drill.hostile_scans import hostile_scans
from presslens.app.drill.mutated_scans import image_seeds, mutated_scans, pdf_seeds
from presslens.pipelines.scans.scan import RejectReason

REASONS = {reason.value for reason in RejectReason}
SMALL = 2**20

UP = ("../", "../../", "../../../../../../tmp/", "a/../../", "./../", "..//", "a/./../../")
ABSOLUTE = ("/", "/tmp/", "/etc/", "//host/share/", "///", "file:///tmp/", "~/", "~root/")
CODED = ("%2e%2e/", "%2e%2e%2f", "..%2f", "%252e%252e%252f", "..%c0%af", "%2ftmp%2f", "..%00/")
WINDOWS = ("..\\", "..\\..\\", "C:\\", "C:", "C:/", "\\\\host\\share\\", "\\\\?\\C:\\", "\\")
WIDE = ("．．/", "‥/", "．．／", "..∕", "..⁄", "。。/", "\N{RIGHT-TO-LEFT OVERRIDE}gpj.")
NAMES = [
    *(f"{start}escaped.png" for start in (*UP, *ABSOLUTE, *CODED, *WINDOWS, *WIDE)),
    *("CON", "NUL.png", "aux.png", "COM1", "LPT1.png", "CON.tar.png"),
    *(".", "..", "...", ".htaccess", ".presslens", " ", "trailing.", "-rf", "--help.png"),
    *("a" * 300 + ".png", "가" * 120 + ".png", "e\N{COMBINING ACUTE ACCENT}.png"),
    *("a\nb.png", "a\rb.png", "a\tb.png", "a\0b.png", "a;b|c&d.png", "$(id).png", "`id`.png"),
    *("<script>alert(1)</script>.png", '"quoted".png', "'; DROP TABLE page; --.png", "%s%n.png"),
]


def written(folder: Path) -> set[str]:
    """Return every file and folder in a folder."""
    return {
        str(Path(place, name).relative_to(folder))
        for place, folders, files in os.walk(folder)
        for name in (*folders, *files)
    }


def rest_of(written_names: set[str]) -> set[str]:
    """Return names that are neither of the store's own folders nor of the database."""
    own = ("scans", "views", "derivatives", "tmp", "test.db")
    return {name for name in written_names if not name.removeprefix("data/").startswith(own)}


def outcomes(client, worker, answer) -> list[tuple[str, str | None]]:
    """Return the source of each page of an upload, and the reason that it was rejected for."""
    assert answer.status_code in {200, 202}, answer.text
    worker.drain()
    edition = client.get(answer.json()["address"]).json()
    pages = [client.get(page["address"]).json() for page in edition["page_list"]]
    assert {page["outcome"] for page in pages} <= {"done", "empty", "rejected"}
    reasons = [page["reason"].split(":")[0] if "reason" in page else None for page in pages]
    assert {reason for reason in reasons if reason} <= REASONS
    return [(page["source"], reason) for page, reason in zip(pages, reasons, strict=True)]


@pytest.fixture
def scan(make):
    """Return a function that makes small scans, each unlike the others."""
    return lambda place: make([], size=(40, 56 + place))


def test_sixty_names_of_files_lead_nowhere(client, worker, upload, scan, tmp_path):
    assert len(set(NAMES)) >= 60
    before = written(tmp_path)
    for day, part in enumerate((NAMES[:30], NAMES[30:]), 1):
        files = {name: scan(place) for place, name in enumerate(part)}
        found = outcomes(client, worker, upload(files, day=f"2019-12-{day:02}"))
        assert [reason for _, reason in found] == [None] * len(part)
        assert all(len(source) <= 255 and source.isprintable() for source, _ in found)
    assert rest_of(written(tmp_path) - before) == set()
    assert not Path("/tmp/escaped.png").exists()


def test_sixty_names_in_an_archive_lead_nowhere(client, worker, upload, scan, tmp_path):
    before = written(tmp_path)
    for day, part in enumerate((NAMES[:30], NAMES[30:]), 1):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for place, name in enumerate(part):
                info = zipfile.ZipInfo("name")
                info.filename = name
                archive.writestr(info, scan(place))
        files = {"edition.zip": packed.getvalue()}
        found = outcomes(client, worker, upload(files, day=f"2019-12-{day:02}"))
        assert {reason for _, reason in found} <= {None, "unsafe_name", "empty_file"}
    assert rest_of(written(tmp_path) - before) == set()
    assert not Path("/tmp/escaped.png").exists()


@pytest.mark.parametrize(
    ("count", "seeds"),
    [
        (20, image_seeds),
        (4, pdf_seeds),
        pytest.param(100, image_seeds, marks=pytest.mark.long),
        pytest.param(15, pdf_seeds, marks=pytest.mark.long),
    ],
)
def test_damaged_scans_end_as_pages_with_an_outcome(client, worker, upload, count, seeds):
    scans = list(mutated_scans(count, Random(5), seeds()))
    for start in range(0, count, 50):
        part = scans[start : start + 50]
        files = {f"{start + n}": scan.content for n, scan in enumerate(part)}
        found = outcomes(client, worker, upload(files, day=f"2019-{1 + start // 50:02}-01"))
        assert {source.partition("#")[0] for source, _ in found} == set(files)


def test_hostile_scans_end_as_pages_with_an_outcome(client, worker, upload):
    scans = [scan for scan in hostile_scans() if len(scan.content) < SMALL]
    found = outcomes(client, worker, upload({scan.name: scan.content for scan in scans}))
    ends = {source.partition("#")[0]: reason for source, reason in found}
    for scan in scans:
        assert ends[scan.name] in (scan.reasons or {None}), scan.name


@pytest.fixture(autouse=True)
def _same_names_are_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield
