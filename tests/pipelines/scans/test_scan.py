import os

import pytest

from presslens.pipelines.scans.scan import (
    Limits,
    RejectReason,
    ScanFormat,
    ScanRejected,
    admit,
    expand,
    natural_key,
    shown,
    sniff,
)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"\xff\xd8\xff\xe0\0\x10JFIF", ScanFormat.JPEG),
        (b"\x89PNG\r\n\x1a\n", ScanFormat.PNG), (b"II*\0", ScanFormat.TIFF),
        (b"MM\0*", ScanFormat.TIFF), (b"II+\0", ScanFormat.TIFF),
        (b"RIFF\n\0\0\0WEBPVP8 ", ScanFormat.WEBP),
        (b"\0\0\0\x0cjP  \r\n\x87\n", ScanFormat.JPEG2000),
        (b"\xff\x4f\xff\x51", ScanFormat.JPEG2000), (b"%PDF-1.4", ScanFormat.PDF),
        (b"PK\x03\x04", ScanFormat.ZIP), (b"PK\x05\x06", ScanFormat.ZIP), (b"", None),
        (b"GIF89a", None), (b"BM", None), (b"%!PS-Adobe EPSF", None), (b"<svg xmlns=", None),
        (b" \xff\xd8\xff", None), (b"RIFF\0\0\0\0WAVE", None),
    ],
)  # fmt: skip
def test_formats_are_known_by_their_first_bytes(head, expected):
    assert sniff(head) is expected


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", RejectReason.EMPTY),
        (b"Dear reader, this is no picture", RejectReason.UNKNOWN_FORMAT),
        (b"\xff\xd8\xff" + b"\0" * 98, RejectReason.TOO_LARGE),
    ],
)
def test_what_is_no_scan_is_not_admitted(tmp_path, content, reason):
    path = tmp_path / "page.jpg"
    path.write_bytes(content)
    with pytest.raises(ScanRejected) as caught:
        admit(path, "page.jpg", limits=Limits(file_bytes=100))
    assert caught.value.reason is reason
    assert str(tmp_path) not in str(caught.value)


def test_a_file_of_exactly_the_largest_size_is_admitted(tmp_path):
    path = tmp_path / "page"
    path.write_bytes(b"\xff\xd8\xff" + b"\0" * 97)
    assert admit(path, "page", limits=Limits(file_bytes=100)) is ScanFormat.JPEG


def test_a_pipe_is_not_waited_for(tmp_path):
    path = tmp_path / "page.jpg"
    os.mkfifo(path)
    with pytest.raises(ScanRejected, match="not a file"):
        admit(path, "page.jpg", limits=Limits())


@pytest.mark.parametrize(
    "ordered",
    [
        ["page_1.jpg", "page_2.jpg", "page_10.jpg"],
        ["Page_1.jpg", "page_2.JPG", "PAGE_10.jpg"], ["1.png", "02.png", "3.png"],
        ["a/page_10.jpg", "b/page_2.jpg"], ["2024/2.jpg", "2024/11.jpg", "12024/1.jpg"],
        ["scan.jpg", "scan-2.jpg", "scan-10.jpg"], ["면1.jpg", "면2.jpg", "면10.jpg"],
        ["9" * 5000 + ".jpg", "1" + "0" * 5000 + ".jpg"],
    ],
)  # fmt: skip
def test_pages_are_ordered_as_people_do(ordered):
    assert sorted(set(ordered), key=natural_key) == ordered


def test_a_folder_becomes_its_scans_and_a_given_file_stays(tmp_path):
    folder = tmp_path / "edition"
    (folder / "page_3.jpg").mkdir(parents=True)
    for name in ("page_10.jpg", "page_2.jpg", ".hidden.jpg", "Thumbs.db", "truth.json", "a.txt"):
        (folder / name).write_bytes(b"x")
    given = tmp_path / "notes.txt"
    names = [path.name for path in expand([given, folder])]
    assert names == ["notes.txt", "page_2.jpg", "page_10.jpg"]


def test_a_name_from_outside_is_one_printable_line():
    assert shown("a\nb\x1b[31m\u202ec\0") == "a�b�[31m�c�"
    assert len(shown("x" * 999)) == 255
