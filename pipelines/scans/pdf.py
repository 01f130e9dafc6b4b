"""Pages of PDFs: drawn on white, after what there is to draw has been counted.

A PDF of a kilobyte may hold ten milliards of squares, as drawings that hold drawings. PDFium reads
a page before it draws it: it reads in little memory and time, then the parts of the page are
counted as PDFium has them, and it draws in the memory and time that such a page takes. Which of
both a process did when it went beyond is left in the file of the pixels, as a mark.
"""

from __future__ import annotations

import ctypes
import math
import mmap
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import IO

import pypdfium2 as pdfium
from pypdfium2 import raw

from presslens.models.message import Message
from presslens.pipelines.scans.confinement import allow_memory, allow_seconds
from presslens.pipelines.scans.plausibility import DEFLATE_RATIO, check_size, too_many_pixels
from presslens.pipelines.scans.scan import Limits, PageSource, RejectReason, ScanRejected

_POINTS_PER_INCH = 72
_STRIP = 512

_MOST_PARTS = 200_000
"""Texts, lines and pictures of a page: newspapers have some ten thousand."""

_MOST_DEPTH = 24
"""Drawings within drawings."""

_MOST_LAYERS = 100
"""How often a page may be painted over as a whole."""

_MOST_PAINTED = 2 * 10**9
"""Pixels that are painted of any page, however small."""

_LEAST_ACROSS = 2.0
"""Pixels across the thinnest line."""

_MOST_PICTURES = 8
"""The pictures of a page have the pixels of so many of the largest pages together, at most."""

_READING_SECONDS, _READING_BYTES = 2.0, 200 * 2**20
"""What reading a page takes at most: half a million lines, or fifty thousand forms."""

_DRAWING_SECONDS, _SECONDS_OF_A_PART = 1.5, 1e-5
"""What drawing it takes, beside what is in proportion to its pixels."""

_BYTES_OF_A_PIXEL, _BYTES_OF_A_PICTURE = 12, 4
"""The page, two layers of it that are transparent; a picture that is drawn on it."""

_WITHOUT_RATIO = frozenset({b"JBIG2Decode", b"CCITTFaxDecode", b"JPXDecode"})
"""Codes that say a blank picture of any size in some bytes."""


class Mark(Enum):
    """What a process is at: it is read from the file of the pixels when the process has ended."""

    READING = b"r"
    DRAWING = b"d"


@contextmanager
def opened(file: IO[bytes]) -> Iterator[pdfium.PdfDocument]:
    """Open a document, in the memory and time of reading."""
    # Mapped, and copied where it is written to: PDFium asks for memory that it could write to.
    content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    allow_seconds(_READING_SECONDS)
    allow_memory(_READING_BYTES)
    document = pdfium.PdfDocument((ctypes.c_char * len(content)).from_buffer(content))
    with closing(document):
        yield document


def draw_page(
    file: IO[bytes], source: PageSource, out: IO[bytes], *, pdf_dpi: int, limits: Limits
) -> tuple[int, int]:
    """Draw a page: without form fields, and nothing in it is run; return its (height, width).

    Raises:
        ScanRejected: It has too many pixels, or too much to draw.
    """
    scale = pdf_dpi / _POINTS_PER_INCH
    _mark(out, Mark.READING)
    with opened(file) as document, closing(document[source.frame]) as page:
        width, height = (side * scale for side in page.get_size())
        if not (math.isfinite(width) and math.isfinite(height)):
            raise ScanRejected(source.name, RejectReason.CORRUPT, Message("the page has no size"))
        size = math.ceil(width), math.ceil(height)
        check_size(size, source.name, limits)
        pixels = size[0] * size[1]
        census = _Census(source.name, limits, scale, pixels)
        census.count(page)
        _mark(out, Mark.DRAWING)
        seconds = _DRAWING_SECONDS + _SECONDS_OF_A_PART * census.parts
        allow_seconds(seconds + limits.share_of(pixels + census.pictures))
        memory = _BYTES_OF_A_PIXEL * pixels + _BYTES_OF_A_PICTURE * census.pictures
        allow_memory(_READING_BYTES + memory)
        bitmap = page.render(scale=scale, may_draw_forms=False, rev_byteorder=True)
        with closing(bitmap):
            out.seek(0)
            array = bitmap.to_numpy()
            for y in range(0, bitmap.height, _STRIP):
                out.write(array[y : y + _STRIP].tobytes())
            return bitmap.height, bitmap.width


def _mark(out: IO[bytes], mark: Mark) -> None:
    out.seek(0)
    out.write(mark.value)
    out.flush()


def too_complex(name: str) -> ScanRejected:
    """Return why a page is rejected that has too many parts."""
    detail = Message(
        "there is more to draw than a page may have: too many parts, or parts within parts"
    )
    return ScanRejected(name, RejectReason.TOO_COMPLEX, detail)


@dataclass(slots=True)
class _Census:
    """Counts what PDFium has read of a page, before any of it is drawn."""

    name: str  # the page's name for people
    limits: Limits  # the limits of pages
    scale: float  # pixels per point
    page: int  # the pixels of the page
    parts: int = 0  # how many parts were counted
    painted: float = 0.0  # the pixels that they paint, as far as their boxes say
    pictures: int = 0  # the pixels of its pictures, each time that one is drawn

    def count(self, page: pdfium.PdfPage) -> None:
        """Count the parts of a page.

        Raises:
            ScanRejected: The page has too many parts, too deep in one another, or too large.
        """
        for number in range(self._allowed(raw.FPDFPage_CountObjects(page))):
            part = raw.FPDFPage_GetObject(page, number)
            self.painted += self._box(part)
            self._add(part, 1)
        if self.painted > max(_MOST_PAINTED, _MOST_LAYERS * self.page):
            raise too_complex(self.name)

    def _allowed(self, more: int) -> int:
        self.parts += more
        if self.parts > _MOST_PARTS:
            raise too_complex(self.name)
        return more

    def _add(self, part: object, depth: int) -> None:
        kind = raw.FPDFPageObj_GetType(part)
        if kind == raw.FPDF_PAGEOBJ_IMAGE:
            self._add_picture(part)
        elif kind == raw.FPDF_PAGEOBJ_FORM:
            if depth > _MOST_DEPTH:
                raise too_complex(self.name)
            for number in range(self._allowed(raw.FPDFFormObj_CountObjects(part))):
                self._add(raw.FPDFFormObj_GetObject(part, number), depth + 1)

    def _add_picture(self, part: object) -> None:
        width, height = ctypes.c_uint(), ctypes.c_uint()
        raw.FPDFImageObj_GetImagePixelSize(part, width, height)
        pixels = min(width.value * height.value, _most_pixels(part))
        if pixels > self.limits.pixels:
            raise too_many_pixels((width.value, height.value), self.name, self.limits)
        self.pictures += pixels
        if self.pictures > _MOST_PICTURES * self.limits.pixels:
            raise too_complex(self.name)

    def _box(self, part: object) -> float:
        """Return the pixels of the box around a part, at most those of the page or of its lines."""
        left, bottom, right, top = (ctypes.c_float() for _ in range(4))
        if not raw.FPDFPageObj_GetBounds(part, left, bottom, right, top):
            return 0.0
        width, height = right.value - left.value, top.value - bottom.value
        area = width * height * self.scale**2
        if not area > 0:
            return 0.0
        return min(area, self.page, self._lines(part, math.hypot(width, height)))

    def _lines(self, part: object, longest: float) -> float:
        """Return the most pixels that a part paints that is nothing but lines; else infinity.

        Routes and contours on a map cross much of it, and paint little.

        Args:
            longest: The diagonal of the box around it, in points.
        """
        filled, stroked, wide = ctypes.c_int(), ctypes.c_int(), ctypes.c_float()
        matrix = raw.FS_MATRIX()
        if (
            raw.FPDFPageObj_GetType(part) != raw.FPDF_PAGEOBJ_PATH
            or not raw.FPDFPath_GetDrawMode(part, filled, stroked)
            or filled.value != raw.FPDF_FILLMODE_NONE
            or not raw.FPDFPageObj_GetStrokeWidth(part, wide)
            or not raw.FPDFPageObj_GetMatrix(part, matrix)
        ):
            return math.inf
        turned = math.hypot(matrix.a, matrix.b, matrix.c, matrix.d)
        across = abs(wide.value) * turned * self.scale + _LEAST_ACROSS
        segments: int = raw.FPDFPath_CountSegments(part)
        return segments * longest * self.scale * across


def _most_pixels(part: object) -> int:
    """Return the most pixels that the data of a picture can have, by their length and their codes.

    A header that claims more lies: PDFium sees that the data are too short, and draws nothing.
    """
    ratio = 8
    for place in range(raw.FPDFImageObj_GetImageFilterCount(part)):
        name = ctypes.create_string_buffer(32)
        raw.FPDFImageObj_GetImageFilter(part, place, name, len(name))
        if name.value in _WITHOUT_RATIO:
            return 2**62
        ratio *= DEFLATE_RATIO
    return ratio * int(raw.FPDFImageObj_GetImageDataRaw(part, None, 0))
