"""The only module that opens the bytes of a scan: they become pages of RGB pixels.

Everything here runs in a process that can be killed: see ``pipelines.scans.sandbox``. Pillow gets
the one plugin that the first bytes ask for, and PDFium is built without scripts and fills no forms
(``pipelines.scans.pdf``).
"""

from __future__ import annotations

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageFile, TiffImagePlugin, UnidentifiedImageError

from presslens.models.message import Message
from presslens.pipelines.scans.pdf import draw_page, opened
from presslens.pipelines.scans.plausibility import check_plausible, check_size, too_many_pixels
from presslens.pipelines.scans.process import open_lent
from presslens.pipelines.scans.scan import (
    Limits,
    PageSource,
    RejectReason,
    ScanFormat,
    ScanRejected,
)

# What Pillow raises on damaged files, from its own fuzzing and ours. MemoryError is not here:
# it is a reason of its own.
_DAMAGE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
_LOCKED = frozenset({pdfium.raw.FPDF_ERR_PASSWORD, pdfium.raw.FPDF_ERR_SECURITY})
# A TIFF's tag NewSubfileType: bit 0 marks a thumbnail of another frame, bit 2 a mask.
_NEW_SUBFILE_TYPE = 254
_NOT_A_PAGE = 0b101
_WHITE_IS_ZERO = 0
_STRIP = 512
CHANNELS = 3
MOST_FRAMES = 3
"""Frames for each page of a TIFF: the page, and perhaps a thumbnail and a mask beside it."""
_WIDE = frozenset({"I;16", "I;16L", "I;16B", "I;16N", "I", "F"})
_ON_ITS_SIDE = frozenset(
    {
        Image.Transpose.TRANSPOSE,
        Image.Transpose.ROTATE_270,
        Image.Transpose.TRANSVERSE,
        Image.Transpose.ROTATE_90,
    }
)
_FROM_ITS_END = frozenset(
    {
        Image.Transpose.ROTATE_180,
        Image.Transpose.FLIP_TOP_BOTTOM,
        Image.Transpose.TRANSVERSE,
        Image.Transpose.ROTATE_90,
    }
)
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def harden(limits: Limits) -> None:
    """Set Pillow's own guards in this process, so that they hold before ours are reached."""
    # Pillow warns above its limit and raises above twice of it, here above ``limits.pixels``:
    # before a WebP decoder or a TIFF tile is given memory.
    Image.MAX_IMAGE_PIXELS = limits.pixels // 2
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    warnings.simplefilter("ignore")


def list_pages(kind: ScanFormat, name: str, limits: Limits, scan: int) -> list[int]:
    """Return which frames of a TIFF, or pages of a PDF, are pages, without making their pixels.

    Args:
        kind: The format of the file.
        name: The file's name for people.
        limits: The limits of files, pages and archives.
        scan: The descriptor of the open file.

    Raises:
        ScanRejected: The file can't be read, or holds too many pages.
    """
    with open_lent(scan, "rb") as file, _damage_rejected(kind, name, limits):
        if kind is ScanFormat.PDF:
            with opened(file) as document:
                frames = list(range(len(document)))
        else:
            frames = _tiff_frames(file, limits)
    if not frames:
        raise ScanRejected(name, RejectReason.CORRUPT, Message("the file contains no page"))
    if len(frames) > limits.pages:
        detail = Message(
            "the file contains more than the %(n)s pages that are read", n=limits.pages
        )
        raise ScanRejected(name, RejectReason.TOO_MANY_PAGES, detail)
    return frames


def page_size(kind: ScanFormat, name: str, limits: Limits, scan: int) -> tuple[int, int]:
    """Return the (width, height) of the first page of a picture, upright; its pixels are not made.

    Args:
        kind: The format of the file: no PDF.
        name: The file's name for people.
        limits: The limits of files, pages and archives.
        scan: The descriptor of the open file.

    Raises:
        ScanRejected: The file can't be read.
    """
    with (
        open_lent(scan, "rb") as file,
        _damage_rejected(kind, name, limits),
        Image.open(file, formats=(kind,)) as picture,
    ):
        width, height = picture.size
        turned = _UPRIGHT.get(_orientation(picture)) in _ON_ITS_SIDE
    return (height, width) if turned else (width, height)


def write_page(
    page: PageSource, kind: ScanFormat, pdf_dpi: int, limits: Limits, scan: int, target: int
) -> tuple[int, int]:
    """Write a page as raw RGB bytes, row by row, and return its (height, width) in pixels.

    Args:
        page: The page; its path is not opened.
        kind: The format of its file.
        pdf_dpi: Pixels per inch for pages of a PDF.
        limits: The limits of files, pages and archives.
        scan: The descriptor of the open file.
        target: The descriptor of the file to write.

    Raises:
        ScanRejected: The page can't be read.
    """
    with (
        open_lent(scan, "rb") as file,
        open_lent(target, "wb") as out,
        _damage_rejected(kind, page.name, limits),
    ):
        if kind is ScanFormat.PDF:
            return draw_page(file, page, out, pdf_dpi=pdf_dpi, limits=limits)
        return _load(file, page, kind, out, limits)


@contextmanager
def _damage_rejected(kind: ScanFormat, name: str, limits: Limits) -> Iterator[None]:
    try:
        yield
    except Image.DecompressionBombError:
        raise too_many_pixels(None, name, limits) from None
    except pdfium.PdfiumError as error:
        if error.err_code in _LOCKED:
            detail = Message("the PDF is locked with a password")
            raise ScanRejected(name, RejectReason.ENCRYPTED, detail) from error
        raise ScanRejected(name, RejectReason.CORRUPT, Message("the PDF is damaged")) from error
    except _DAMAGE as error:
        raise ScanRejected(name, RejectReason.CORRUPT, _explain(kind, error)) from error


def _explain(kind: ScanFormat, error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):
        return Message(
            "the file starts like a %(kind)s, but the rest of it can't be read", kind=kind.value
        )
    if isinstance(error, EOFError) or "truncated" in str(error).lower():
        return Message("the file ends before the picture does")
    return Message("the picture's data are damaged")


def _tiff_frames(file: IO[bytes], limits: Limits) -> list[int]:
    """Return the frames of a TIFF that are pages, at most one more than the limit."""
    frames: list[int] = []
    with Image.open(file, formats=(ScanFormat.TIFF,)) as picture:
        # Pillow ends the walk when a chain of frames leads back into itself.
        for frame in range(MOST_FRAMES * limits.pages + 1):
            try:
                picture.seek(frame)
            except EOFError:
                break
            if not _tiff_tag(picture, _NEW_SUBFILE_TYPE, 0) & _NOT_A_PAGE:
                frames.append(frame)
            if len(frames) > limits.pages:
                break
    return frames


def _tiff_tag(picture: Image.Image, tag: int, default: int) -> int:
    """Return the (first) whole number of a TIFF's tag; the default for other formats."""
    if not isinstance(picture, TiffImagePlugin.TiffImageFile):
        return default
    value = picture.tag_v2.get(tag, default)
    first = value[0] if isinstance(value, tuple) and value else value
    return first if isinstance(first, int) else default


def _load(
    file: IO[bytes], page: PageSource, kind: ScanFormat, out: IO[bytes], limits: Limits
) -> tuple[int, int]:
    with Image.open(file, formats=(kind,)) as picture:
        if page.frame:
            picture.seek(page.frame)
        check_size(picture.size, page.name, limits)
        check_plausible(picture, file, page.name)
        picture.load()
        turn = _UPRIGHT.get(_orientation(picture))
        scale = _Scale.of(picture)
        for strip in _strips(picture, turn):
            upright = _rgb(strip, page.name, scale)
            out.write((upright if turn is None else upright.transpose(turn)).tobytes())
        width, height = picture.size
    return (width, height) if turn in _ON_ITS_SIDE else (height, width)


def _strips(picture: Image.Image, turn: Image.Transpose | None) -> Iterator[Image.Image]:
    """Yield a picture in pieces that are the rows of the turned picture, from its top.

    A page of the most pixels is in memory once, as it is stored: only pieces of it are converted.
    """
    width, height = picture.size
    length = width if turn in _ON_ITS_SIDE else height
    for start in range(0, length, _STRIP):
        near, far = start, min(length, start + _STRIP)
        if turn in _FROM_ITS_END:
            near, far = length - far, length - near
        sides = (near, 0, far, height) if turn in _ON_ITS_SIDE else (0, near, width, far)
        yield picture.crop(sides)


def _orientation(picture: Image.Image) -> int:
    """Return the EXIF orientation, 1–8; 1 when the metadata can't be read.

    Pillow has already turned a TIFF when it is loaded, and takes the tag away.
    """
    try:
        value = picture.getexif().get(ExifTags.Base.Orientation, 1)
    except _DAMAGE:
        return 1
    return value if isinstance(value, int) else 1


def _rgb(picture: Image.Image, name: str, scale: _Scale) -> Image.Image:
    if picture.mode in _WIDE:
        return scale.apply(picture).convert("RGB")
    if picture.mode == "LAB":
        detail = Message("its colours are in a system (CIE L*a*b*) that is not read")
        raise ScanRejected(name, RejectReason.UNKNOWN_FORMAT, detail)
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    if picture.mode in {"La", "RGBa"}:
        picture = picture.convert(picture.mode.upper())
    layer = picture if picture.mode == "RGBA" else picture.convert("RGBA")
    page = Image.new("RGB", layer.size, "white")
    page.paste(layer, mask=layer)
    return page


@dataclass(frozen=True, slots=True)
class _Scale:
    """How values of more than eight bits become those of eight: scaled, not clipped.

    16-bit values are scaled by the range that the file declares. 32-bit and floating values
    declare none: theirs is the first of 0–1, 0–255 and 0–65535 that holds all values of the page.
    """

    bits: int
    peak: float
    is_negative: bool

    @classmethod
    def of(cls, picture: Image.Image) -> _Scale:
        bits = _tiff_tag(picture, TiffImagePlugin.BITSPERSAMPLE, 16)
        photometric = _tiff_tag(picture, TiffImagePlugin.PHOTOMETRIC_INTERPRETATION, 1)
        peak = 0.0
        if picture.mode in {"I", "F"}:
            peak = max(float(_numbers(strip).max()) for strip in _strips(picture, None))
        return cls(bits, peak, is_negative=photometric == _WHITE_IS_ZERO)

    def apply(self, strip: Image.Image) -> Image.Image:
        """Return a piece of the page, grey, of eight bits."""
        if strip.mode.startswith("I;16"):
            grey = (np.asarray(strip) >> (self.bits - 8)).astype(np.uint8)
        else:
            top = next((top for top in (1.0, 255.0, 65535.0) if self.peak <= top), self.peak)
            grey = (_numbers(strip).clip(0, top) * np.float32(255 / top)).round().astype(np.uint8)
        # Pillow turns negatives of up to eight bits itself.
        return Image.fromarray(255 - grey if self.is_negative else grey)


def _numbers(picture: Image.Image) -> NDArray[np.float32]:
    """Return values, 0 for what is no number."""
    values = np.asarray(picture).astype(np.float32)
    return np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
