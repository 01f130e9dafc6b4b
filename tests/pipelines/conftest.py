"""Scans that are written by hand, because no library writes what is wrong with them."""

import struct

import numpy as np
import pytest
from PIL import Image

from presslens.pipelines.scans.sandbox import Sandbox
from presslens.pipelines.scans.scan import Limits

QUADRANTS = ((200, 30, 30), (30, 160, 40), (30, 40, 200), (240, 240, 240))


@pytest.fixture(scope="session")
def sandbox():
    with Sandbox(Limits(seconds=20)) as opened:
        yield opened


@pytest.fixture(scope="session")
def picture():
    """Red, green, blue and nearly white quarters, 64 × 48 pixels."""
    pixels = np.empty((48, 64, 3), np.uint8)
    for i, colour in enumerate(QUADRANTS):
        y, x = divmod(i, 2)
        pixels[24 * y : 24 * y + 24, 32 * x : 32 * x + 32] = colour
    return Image.fromarray(pixels)


@pytest.fixture(scope="session")
def corners():
    """Give a function that returns the colours in the middle of a picture's quarters."""

    def look(pixels):
        height, width = pixels.shape[:2]
        points = [(height * y // 4, width * x // 4) for y in (1, 3) for x in (1, 3)]
        return [tuple(int(v) for v in pixels[point]) for point in points]

    return look


@pytest.fixture(scope="session")
def pdf():
    """Give a function that writes a PDF of pages that are red on the left half."""

    def write(sizes, *, locked=False):
        kids = " ".join(f"{3 + 2 * i} 0 R" for i in range(len(sizes)))
        script = "/OpenAction << /S /JavaScript /JS (while (true) {}) >>"
        objects = [
            f"<< /Type /Catalog /Pages 2 0 R {script} >>",
            f"<< /Type /Pages /Kids [{kids}] /Count {len(sizes)} >>",
        ]
        for i, (width, height) in enumerate(sizes):
            draw = f"1 0 0 rg 0 0 {width / 2:g} {height:g} re f"
            box = f"[0 0 {width:g} {height:g}]"
            page = f"<< /Type /Page /Parent 2 0 R /MediaBox {box} /Contents {4 + 2 * i} 0 R >>"
            objects += [page, f"<< /Length {len(draw)} >>\nstream\n{draw}\nendstream"]
        trailer = f"/Size {len(objects) + 1} /Root 1 0 R"
        if locked:
            # No password makes these two hashes, so the empty one doesn't either.
            trailer += (
                f" /ID [<{'ab' * 16}> <{'ab' * 16}>] /Encrypt << /Filter /Standard /V 1 /R 2"
                f" /O <{'12' * 32}> /U <{'34' * 32}> /P -44 >>"
            )
        body, offsets = "%PDF-1.7\n", []
        for number, content in enumerate(objects, 1):
            offsets.append(len(body))
            body += f"{number} 0 obj\n{content}\nendobj\n"
        table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
        start = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
        end = f"trailer\n<< {trailer} >>\nstartxref\n{len(body)}\n%%EOF\n"
        return (body + start + end).encode("ascii")

    return write


@pytest.fixture(scope="session")
def tiff():
    """Give a function that writes a grey little-endian TIFF of one strip."""

    def write(size, data, *, bits, white_is_zero=False, loop=False):
        width, height = size
        tags = [(256, width), (257, height), (258, bits), (259, 1), (262, int(not white_is_zero))]
        tags += [(273, 8), (277, 1), (278, height), (279, len(data))]
        start = 8 + len(data) + len(data) % 2
        ifd = struct.pack("<H", len(tags))
        ifd += b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
        ifd += struct.pack("<I", start if loop else 0)
        return struct.pack("<2sHI", b"II", 42, start) + data + b"\0" * (len(data) % 2) + ifd

    return write


@pytest.fixture
def save(tmp_path):
    """Give a function that writes bytes to a file whose name tells nothing."""

    def write(content):
        path = tmp_path / f"scan-{len(list(tmp_path.iterdir()))}"
        path.write_bytes(content)
        return path

    return write
