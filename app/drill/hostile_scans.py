"""Scans that are made to harm: bombs, loops, formats in disguise, and files of two formats.

Each is written by hand, as no library writes it, and is small; what it would become is not.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from PIL import Image

from presslens.pipelines.scans.scan import RejectReason as Reason

_MANY = 10_000


@dataclass(frozen=True, slots=True)
class HostileScan:
    """A scan, and what it must end as."""

    name: str  # what it is
    content: bytes
    # The reasons that it may be rejected for; none: it is a page like others, and what is hostile
    # in it is never looked at.
    reasons: frozenset[Reason]


def hostile_scans() -> Iterator[HostileScan]:
    """Yield them all."""
    for makers, reasons in _KINDS:
        for make in makers:
            for name, content in make():
                yield HostileScan(name, content, frozenset(reasons))


Files = Iterable[tuple[str, bytes]]


def _chunk(name: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(name + data)
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", checksum)


def png(size: tuple[int, int], depth: int, colour: int, data: bytes, *extra: bytes) -> bytes:
    """Write a PNG of packed rows.

    Args:
        size: Its width and height, as the header claims.
        depth: Bits of a sample.
        colour: The format's number of the type of colour.
        data: Rows, deflated.
        extra: Whole chunks before the data.
    """
    header = _chunk(b"IHDR", struct.pack(">IIBBBBB", *size, depth, colour, 0, 0, 0))
    body = b"".join(extra) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + header + body


def _blank(size: int) -> bytes:
    """Return zeros, deflated."""
    packer = zlib.compressobj(1)
    parts = [packer.compress(bytes(2**20)) for _ in range(size >> 20)]
    return b"".join(parts) + packer.compress(bytes(size % 2**20)) + packer.flush()


def _saved(
    kind: str, size: tuple[int, int] = (64, 48), mode: str = "RGB", **options: object
) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, kind, **options)
    return out.getvalue()


def _resized_jpeg(jpeg: bytes, width: int, height: int) -> bytes:
    """Return a JPEG whose frame header claims another size."""
    at = jpeg.index(b"\xff\xc0") + 5
    return jpeg[:at] + struct.pack(">HH", height, width) + jpeg[at + 4 :]


def _too_large() -> Files:
    yield "PNG of one colour, 20,000 a side", png((20_000, 20_000), 1, 0, _blank(2501 * 20_000))
    yield "PNG of 65,500 a side", png((65_500, 65_500), 8, 2, zlib.compress(b"\0"))
    yield "PNG one pixel wide, a milliard high", png((1, 10**9), 8, 0, zlib.compress(b"\0"))
    yield "PNG of 16 bits and alpha", png((20_000, 20_000), 16, 6, zlib.compress(b"\0"))
    yield "JPEG header of 65,500 a side", _resized_jpeg(_saved("JPEG"), 65_500, 65_500)
    yield "JPEG header, CMYK", _resized_jpeg(_saved("JPEG", mode="CMYK"), 40_000, 40_000)
    webp = b"VP8X" + struct.pack("<II", 10, 0) + b"\xfe\x3f\0" * 2
    riff = b"RIFF" + struct.pack("<I", 4 + len(webp)) + b"WEBP" + webp
    yield "WebP of 16,383 a side", riff
    yield "TIFF of 20,000 by 10,000", _tiff((20_000, 10_000), b"")
    yield "PDF with a box of 200 inches", pdf(_pages(1, box=14_400))


def _too_short() -> Files:
    photo = _saved("JPEG", (256, 192), quality=95)
    filled = photo[:-2] + b"\x55" * (48_000 - len(photo)) + photo[-2:]
    yield "JPEG of 48 KB that claims 150 megapixels", _resized_jpeg(filled, 12_000, 12_500)
    yield "PNG of 16 bits and alpha, cut", png((12_000, 12_000), 16, 6, _blank(2**20))
    yield "TIFF of one huge strip", _tiff((12_000, 12_000), b"", length=2**31)
    yield "TIFF of 64-bit numbers", _tiff((12_000, 12_000), b"", bits=64, more=[(339, 3)])
    yield "TIFF, deflated, cut", _tiff((12_000, 12_000), zlib.compress(b"0"), packed=8)
    yield "TIFF, LZW, cut", _tiff((12_000, 12_000), bytes(9), packed=5)
    yield "JPEG 2000 of 100,000 tiles", _tiled(12_000, 40)
    yield "JPEG 2000 whose codestream is larger", _tiled(65_000, 65_000)


def _tiled(side: int, tile: int) -> bytes:
    """Return a JPEG 2000 whose codestream claims another size, and tiles."""
    content = bytearray(_saved("JPEG2000", no_jp2=side <= 20_000))
    at = content.index(b"\xff\x4f\xff\x51") + 8
    struct.pack_into(">8I", content, at, side, side, 0, 0, tile, tile, 0, 0)
    return bytes(content)


def _tiff(
    size: tuple[int, int],
    data: bytes,
    *,
    bits: int = 8,
    packed: int = 1,
    length: int | None = None,
    more: Sequence[tuple[int, int]] = (),
) -> bytes:
    strip = len(data) if length is None else length
    tags = [(256, size[0]), (257, size[1]), (258, bits), (259, packed), (262, 1), (273, 8)]
    tags += [(277, 1), (278, size[1]), (279, strip), *more]
    data += b"\0" * (len(data) % 2)
    ifd = struct.pack("<H", len(tags))
    ifd += b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return struct.pack("<2sHI", b"II", 42, 8 + len(data)) + data + ifd + bytes(4)


def _long_tiff() -> Files:
    """A TIFF of very many pages, each a directory of its own that shows the same pixel."""
    one = _tiff((1, 1), b"\0\0")[10:-4]
    size = len(one) + 4
    directories = [one + struct.pack("<I", 10 + n * size) for n in range(1, 10 * _MANY + 1)]
    yield (
        "TIFF of 100,000 pages",
        struct.pack("<2sHI", b"II", 42, 10) + b"\0\0" + b"".join(directories),
    )
    yield "PDF of 10,000 pages", pdf(_pages(_MANY))


def _ring() -> Files:
    start = 10
    ring = struct.pack("<2sHI", b"II", 42, start) + b"\0\0" + _tiff((1, 1), b"\0\0")[10:-4]
    yield "TIFF whose pages form a ring", ring + struct.pack("<I", start)


def _puffed() -> Files:
    """Texts and profiles that unpack to 60 MB."""
    row = zlib.compress(b"\0\0")
    text = _chunk(b"zTXt", b"Comment\0\0" + _blank(60 * 2**20))
    profile = _chunk(b"iCCP", b"profile\0\0" + _blank(60 * 2**20))
    yield "PNG with a text of 60 MB", png((1, 1), 8, 0, row, text)
    yield "PNG with a profile of 60 MB", png((1, 1), 8, 0, row, profile)


def _disguised() -> Files:
    frame = b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0"
    yield (
        "GIF of 10,000 frames",
        b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff" + frame * _MANY + b";",
    )
    yield "EPS as .jpg", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n{}loop\n"
    yield "WMF as .jpg", b"\xd7\xcd\xc6\x9a\0\0" + bytes(34)
    yield "SVG as .jpg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def _animated() -> Files:
    """More pictures than one, and a profile of megabytes: the first picture is the page."""
    control = _chunk(b"acTL", struct.pack(">II", _MANY, 0))
    data, frames = zlib.compress(b"\0\0"), [control]
    for number in range(_MANY):
        shown = struct.pack(">IIIIIHHBB", 2 * number, 1, 1, 0, 0, 1, 1, 0, 0)
        frames += [
            _chunk(b"fcTL", shown),
            _chunk(b"fdAT", struct.pack(">I", 2 * number + 1) + data),
        ]
    whole = png((1, 1), 8, 0, data, control)
    yield "APNG of 10,000 frames", whole[:-12] + b"".join(frames[1:]) + whole[-12:]
    more = [Image.new("RGB", (8, 8))] * 50
    yield "MPO of 51 pictures", _saved("MPO", save_all=True, append_images=more)
    profile = bytes(8 * 2**20)
    yield "JPEG, CMYK, with a profile of 8 MB", _saved("JPEG", mode="CMYK", icc_profile=profile)


def _of_two_formats() -> Files:
    jpeg = _saved("JPEG", comment=b"<html><script>alert(1)</script></html>")
    yield "JPEG that is a web page", jpeg + b"<html><script>alert(1)</script></html>"
    archive = b"PK\x05\x06" + bytes(18)
    yield "JPEG that is an archive", _saved("JPEG") + archive


def pdf(objects: Sequence[str], trailer: str = "") -> bytes:
    """Write a PDF of numbered objects, the first its catalogue.

    Args:
        objects: What stands between ``obj`` and ``endobj``.
        trailer: Further entries of the trailer; ``{start}`` is where its table is.
    """
    parts, offsets, at = ["%PDF-1.7\n"], [], 9
    for number, content in enumerate(objects, 1):
        offsets.append(at)
        parts.append(f"{number} 0 obj\n{content}\nendobj\n")
        at += len(parts[-1])
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    parts.append(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n<< ")
    more = trailer.replace("{start}", str(at))
    parts.append(f"/Size {len(objects) + 1} /Root 1 0 R {more} >>\nstartxref\n{at}\n%%EOF\n")
    return "".join(parts).encode("latin-1")


def _pages(count: int, *, box: int = 72, catalogue: str = "") -> list[str]:
    kids = " ".join(f"{3 + place} 0 R" for place in range(count))
    page = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {box} {box}] >>"
    root = f"<< /Type /Catalog /Pages 2 0 R {catalogue} >>"
    return [root, f"<< /Type /Pages /Kids [{kids}] /Count {count} >>", *[page] * count]


def _locked() -> Files:
    # No password makes these two hashes, so the empty one doesn't either.
    keys = f"/O <{'12' * 32}> /U <{'34' * 32}> /P -44"
    yield (
        "PDF with a password",
        pdf(
            _pages(1),
            f"/ID [<{'ab' * 16}> <{'ab' * 16}>] /Encrypt << /Filter /Standard /V 1 /R 2 {keys} >>",
        ),
    )


def _scripted() -> Files:
    script = "/OpenAction << /S /JavaScript /JS (while (true) {}) >>"
    yield "PDF with a script", pdf(_pages(1, catalogue=script))
    yield "PDF whose tables form a ring", pdf(_pages(1), "/Prev {start}")
    reach = "/OpenAction << /S /URI /URI (http://127.0.0.1:9/) >>"
    yield "PDF that opens an address", pdf(_pages(1, catalogue=reach))


def _entangled() -> Files:
    """PDFs whose parts hold themselves."""
    root = "<< /Type /Catalog /Pages 2 0 R >>"
    yield (
        "PDF whose pages hold themselves",
        pdf([root, "<< /Type /Pages /Kids [2 0 R] /Count 9 >>"]),
    )
    yield "PDF whose object streams hold one another", _nested_streams()


def _nested_streams() -> bytes:
    """Return a PDF whose catalogue is in object stream 2, which is in 3, which is in 2."""
    kinds = struct.pack(">" + "BHB" * 4, 0, 0, 255, 2, 2, 0, 2, 3, 0, 2, 2, 1)
    entries = kinds + struct.pack(">BHB", 1, 9, 0)
    head = f"/Type /XRef /Size 5 /W [1 2 1] /Root 1 0 R /Length {len(entries)}"
    table = f"4 0 obj\n<< {head} >>\nstream\n".encode() + entries + b"\nendstream\nendobj\n"
    return b"%PDF-1.7\n" + table + b"startxref\n9\n%%EOF\n"


def _excessive() -> Files:
    """PDFs with much that no page shows, or that is not there: blank pages."""
    yield "PDF of 100,000 nested lists", pdf([*_pages(1), "[" * 100_000 + "]" * 100_000])
    page = (
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 72 72] /Contents 4 0 R"
        " /Resources << /XObject << /X 5 0 R >> >> >>"
    )
    picture = (
        "<< /Type /XObject /Subtype /Image /Width 30000 /Height 30000 /ColorSpace /DeviceGray"
        " /BitsPerComponent 8 /Length 3 >>\nstream\nabc\nendstream"
    )
    draw = "72 0 0 72 0 0 cm /X Do"
    contents = f"<< /Length {len(draw)} >>\nstream\n{draw}\nendstream"
    objects = [*_pages(1)[:2], page, contents, picture]
    yield "PDF with a picture of 900 megapixels", pdf(objects)


Maker = Callable[[], Files]
_KINDS: tuple[tuple[Sequence[Maker], Sequence[Reason]], ...] = (
    ([_too_large], [Reason.TOO_MANY_PIXELS]),
    ([_too_short, _puffed, _entangled], [Reason.CORRUPT]),
    ([_long_tiff], [Reason.TOO_MANY_PAGES]),
    ([_disguised], [Reason.UNKNOWN_FORMAT]),
    ([_locked], [Reason.ENCRYPTED]),
    ([_ring, _animated, _of_two_formats, _scripted, _excessive], []),
)
