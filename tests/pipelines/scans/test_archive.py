import io
import stat
import struct
import warnings
import zipfile

import numpy as np
import pytest
from PIL import Image

from presslens.pipelines.scans.archive import Member, extract
from presslens.pipelines.scans.scan import (
    DEFAULT_LIMITS,
    Limits,
    PageSource,
    RejectReason,
    ScanRejected,
)


def page(shade=0):
    out = io.BytesIO()
    Image.new("L", (8, 8), shade).save(out, "PNG")
    return out.getvalue()


def zipped(*entries, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the same name twice
        for name, content in entries:
            archive.writestr(name, content)
    return out.getvalue()


def with_central(content, offset, layout, value, *, entry=0):
    """Change a field of an entry in the archive's list of files."""
    data = bytearray(content)
    at = -1
    for _ in range(entry + 1):
        at = data.index(b"PK\x01\x02", at + 1)
    struct.pack_into(layout, data, at + offset, value)
    return bytes(data)


def unpacked(sandbox, folder, content):
    path = folder / "edition.zip"
    path.write_bytes(content)
    return sandbox.unpack(path, "edition.zip", folder / "into")


def extracted(path, limits):
    """Extract an archive in this process, beside it."""
    with path.open("rb") as file:
        return extract(file, lambda i: (path.parent / f"{i}").open("xb"), path.name, limits)


def rejection(sandbox, folder, content):
    (only,) = unpacked(sandbox, folder, content)
    assert isinstance(only, ScanRejected)
    assert only.name == "edition.zip"
    assert not (folder / "into").exists() or not list((folder / "into").iterdir())
    return only


def test_pages_come_in_natural_order_without_leftovers(sandbox, tmp_path):
    content = zipped(
        ("scans/", b""),
        ("scans/page_10.png", page(10)),
        ("scans/page_2.png", page(2)),
        ("scans/.DS_Store", b"x"),
        ("__MACOSX/scans/._page_2.png", b"x"),
        ("scans/Thumbs.db", b"x"),
        ("scans/readme.txt", b"x"),
    )
    pages = unpacked(sandbox, tmp_path, content)
    assert [p.name for p in pages] == [
        "edition.zip/scans/page_2.png",
        "edition.zip/scans/page_10.png",
    ]
    shades = []
    for source in pages:
        assert isinstance(source, PageSource)
        assert source.path.is_relative_to(tmp_path / "into")
        shades.append(sandbox.decode(source.path, source.frame, source.name, pdf_dpi=72)[0, 0, 0])
    assert shades == [2, 10]


def test_pdfs_and_tiffs_in_an_archive_become_their_pages(sandbox, tmp_path, pdf):
    content = zipped(("a.pdf", pdf([(72, 72), (72, 72)])), ("b.png", page()), ("c.jpg", b"words"))
    pages = unpacked(sandbox, tmp_path, content)
    names = [p.name for p in pages]
    assert names == [f"edition.zip/{n}" for n in ("a.pdf#1", "a.pdf#2", "b.png", "c.jpg")]
    assert isinstance(pages[3], ScanRejected)
    assert pages[3].reason is RejectReason.UNKNOWN_FORMAT


def test_two_archives_don_t_overwrite_each_other(sandbox, tmp_path):
    sources = [unpacked(sandbox, tmp_path, zipped(("a.png", page(i))))[0] for i in (1, 2)]
    for shade, source in enumerate(sources, 1):
        assert isinstance(source, PageSource)
        np.testing.assert_array_equal(
            sandbox.decode(source.path, 0, "a.png", pdf_dpi=72)[0, 0], [shade] * 3
        )


def entry(name, *, mode=0):
    info = zipfile.ZipInfo("x")
    info.filename = name
    info.external_attr = mode << 16
    return info


@pytest.mark.parametrize(
    "unsafe",
    [
        entry("../page.png"), entry("scans/../../page.png"), entry("/etc/page.png"),
        entry("C:/page.png"), entry("c:page.png"), entry("..\\page.png"),
        entry("scans\\page.png"), entry("//host/page.png"), entry("page.png\0.txt"),
        entry("link.png", mode=stat.S_IFLNK | 0o777),
        entry("pipe.png", mode=stat.S_IFIFO | 0o644),
    ],
    ids=lambda unsafe: ascii(unsafe.filename),
)  # fmt: skip
def test_unsafe_names_are_refused_and_the_others_go_on(sandbox, tmp_path, unsafe):
    pages = unpacked(sandbox, tmp_path, zipped((unsafe, page()), ("good.png", page())))
    refused = [p for p in pages if isinstance(p, ScanRejected)]
    assert [r.reason for r in refused] == [RejectReason.UNSAFE_NAME]
    assert [p.name for p in pages if isinstance(p, PageSource)] == ["edition.zip/good.png"]
    written = [p.name for p in tmp_path.rglob("*") if p.is_file()]
    assert len(written) == 2  # the archive, and the good page under a name of our own
    assert "good.png" not in written


def overlapping():
    two = zipped(("a.png", page()), ("b.png", page()))
    return with_central(two, 42, "<I", 0, entry=1)


def encrypted():
    return with_central(zipped(("a.png", page())), 8, "<H", 1)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (zipped(), RejectReason.EMPTY),
        (zipped(("readme.txt", b"x")), RejectReason.EMPTY),
        (zipped(*((f"{i}.png", b"x") for i in range(65))), RejectReason.TOO_MANY_PAGES),
        (zipped(*((f"{i}/", b"") for i in range(1025))), RejectReason.UNSAFE_ARCHIVE),
        (b"PK\x03\x04" + b"PK\x01\x02" * 100_000, RejectReason.UNSAFE_ARCHIVE),
        (zipped(("inner.png", zipped(("a.png", page())))), RejectReason.UNSAFE_ARCHIVE),
        (zipped(("a.png", page()), method=zipfile.ZIP_LZMA), RejectReason.UNSAFE_ARCHIVE),
        (overlapping(), RejectReason.UNSAFE_ARCHIVE),
        (encrypted(), RejectReason.ENCRYPTED),
        (with_central(zipped(("a.png", page())), 24, "<I", 20), RejectReason.UNSAFE_ARCHIVE),
        (with_central(zipped(("a.png", page())), 24, "<I", 2000), RejectReason.UNSAFE_ARCHIVE),
        (with_central(zipped(("a.png", page())), 24, "<I", 2**30), RejectReason.UNSAFE_ARCHIVE),
        (zipped(("a.png", page()))[:-30], RejectReason.CORRUPT),
        (b"PK\x03\x04 and nothing else", RejectReason.CORRUPT),
    ],
)
def test_archives_that_are_not_to_be_trusted_are_refused(sandbox, tmp_path, content, reason):
    assert rejection(sandbox, tmp_path, content).reason is reason


def test_pages_of_all_members_are_counted_together(sandbox, tmp_path, pdf):
    half = pdf([(9, 9)] * 33)
    found = rejection(sandbox, tmp_path, zipped(("a.pdf", half), ("b.pdf", half)))
    assert found.reason is RejectReason.TOO_MANY_PAGES


def test_a_member_that_is_too_large_or_damaged_is_refused_alone(tmp_path):
    path = tmp_path / "edition.zip"
    content = bytearray(
        zipped(
            ("broken.png", b"\x89PNG\r\n\x1a\n broken"),
            ("good.png", page()),
            ("large.png", bytes(10_000)),
            method=zipfile.ZIP_STORED,
        )
    )
    content[content.index(b"broken", 40)] ^= 1
    path.write_bytes(content)
    members = extracted(path, Limits(file_bytes=5_000))
    assert [m.reason if isinstance(m, ScanRejected) else None for m in members] == [
        RejectReason.CORRUPT,
        None,
        RejectReason.TOO_LARGE,
    ]


@pytest.mark.parametrize("more", [-1, 0, 1])
def test_the_limits_of_an_archive_are_exact(tmp_path, more):
    limits = Limits(pages=3, entries=5, file_bytes=4000, request_bytes=8000)
    passed = ("a.txt", b"")
    at_limits = {
        RejectReason.TOO_MANY_PAGES: [(f"{i}.png", page(i)) for i in range(3 + more)],
        RejectReason.UNSAFE_ARCHIVE: [("1.png", page()), *[passed] * (4 + more)],
        RejectReason.TOO_LARGE: [("1.png", bytes(4000 + more))],
        "the archive unpacks to more": [("1.png", bytes(3999)), ("2.png", bytes(4000 + more)),
                                        ("3.txt", b"x")],
    }  # fmt: skip
    for name, (reason, entries) in enumerate(at_limits.items()):
        path = tmp_path / f"{name}.zip"
        path.write_bytes(zipped(*entries))
        found: list[Member | ScanRejected]
        into = tmp_path / f"{name}"
        into.mkdir()
        try:
            with path.open("rb") as file:
                found = extract(file, lambda i: (into / f"{i}").open("xb"), "e.zip", limits)  # noqa: B023
        except ScanRejected as rejection:
            found = [rejection]
        rejected = [one for one in found if isinstance(one, ScanRejected)]
        assert bool(rejected) is (more == 1), (reason, more)
        for one in rejected:
            assert reason in (one.reason, one.detail[: len(reason)])


def test_what_is_declared_small_is_not_unpacked_large(tmp_path):
    path = tmp_path / "bomb.zip"
    path.write_bytes(with_central(zipped(("a.png", bytes(2**26))), 24, "<I", 100))
    with pytest.raises(ScanRejected, match="wrong size"):
        extracted(path, DEFAULT_LIMITS)
    assert sum(p.stat().st_size for p in tmp_path.iterdir()) < 2**20
