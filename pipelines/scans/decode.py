"""The only module that opens the bytes of a scan: they become pages of RGB pixels.

Everything here runs in a process that can be killed: see ``pipelines.scans.sandbox``. Pillow gets
the one plugin that the first bytes ask for, and PDFium is built without scripts and fills no forms.
"""

from __future__ import annotations

import math
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
from PIL import ExifTags, Image, ImageFile, TiffImagePlugin, UnidentifiedImageError

from models.message import Message
from pipelines.scans.rejection import RejectReason, ScanRejected
from pipelines.scans.scan import Limits, PageSource, ScanFormat

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
_POINTS_PER_INCH = 72
# A TIFF's tag NewSubfileType: bit 0 marks a thumbnail of another frame, bit 2 a mask.
_NEW_SUBFILE_TYPE = 254
_NOT_A_PAGE = 0b101
_WHITE_IS_ZERO = 0
_STRIP = 512
_WIDE = frozenset({"I;16", "I;16L", "I;16B", "I;16N", "I", "F"})
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


def list_pages(path: Path, kind: ScanFormat, name: str, limits: Limits) -> list[PageSource]:
    """Return the pages of an image, a TIFF or a PDF, without making their pixels.

    Raises:
        ScanRejected: The file can't be read, or holds too many pages.
    """
    with _damage_rejected(kind, name, limits):
        if kind is ScanFormat.PDF:
            with _document(path) as document:
                frames = list(range(len(document)))
        elif kind is ScanFormat.TIFF:
            frames = _tiff_frames(path, limits)
        else:
            frames = [0]
    if not frames:
        raise ScanRejected(name, RejectReason.CORRUPT, Message("the file holds no page"))
    if len(frames) > limits.pages:
        detail = Message("the file holds more than the %(n)s pages that are read", n=limits.pages)
        raise ScanRejected(name, RejectReason.TOO_MANY_PAGES, detail)
    if len(frames) == 1:
        return [PageSource(path, frames[0], name)]
    return [PageSource(path, frame, f"{name}#{i}") for i, frame in enumerate(frames, 1)]


def write_page(
    source: PageSource, kind: ScanFormat, target: Path, *, pdf_dpi: int, limits: Limits
) -> tuple[int, int]:
    """Write a page as raw RGB bytes, row by row, and return its (height, width) in pixels.

    Args:
        source: The page.
        kind: The format of its file.
        target: The file to write.
        pdf_dpi: Pixels per inch for pages of a PDF.
        limits: The limits of files, pages and archives.

    Raises:
        ScanRejected: The page can't be read.
    """
    with _damage_rejected(kind, source.name, limits):
        if kind is ScanFormat.PDF:
            page = _render(source, pdf_dpi=pdf_dpi, limits=limits)
        else:
            page = _load(source, kind, limits)
    width, height = page.size
    with target.open("wb") as out:
        for y in range(0, height, _STRIP):
            out.write(page.crop((0, y, width, min(height, y + _STRIP))).tobytes())
    return height, width


@contextmanager
def _damage_rejected(kind: ScanFormat, name: str, limits: Limits) -> Iterator[None]:
    try:
        yield
    except Image.DecompressionBombError:
        raise _too_many_pixels(name, Message("too many pixels"), limits) from None
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


def _too_many_pixels(name: str, size: str, limits: Limits) -> ScanRejected:
    detail = Message(
        "the page has %(size)s; at most %(most)s megapixels and %(side)s pixels a side are read",
        size=size,
        most=f"{limits.pixels / 1e6:.0f}",
        side=f"{limits.side:,}",
    )
    return ScanRejected(name, RejectReason.TOO_MANY_PIXELS, detail)


def _pixels(width: int, height: int) -> Message:
    return Message("%(width)s × %(height)s pixels", width=f"{width:,}", height=f"{height:,}")


def _check_size(size: tuple[int, int], name: str, limits: Limits) -> None:
    width, height = size
    if width < 1 or height < 1:
        raise ScanRejected(name, RejectReason.CORRUPT, Message("the page has no pixels"))
    if width * height > limits.pixels or max(size) > limits.side:
        raise _too_many_pixels(name, _pixels(width, height), limits)


def _tiff_frames(path: Path, limits: Limits) -> list[int]:
    """Return the frames of a TIFF that are pages, at most one more than the limit."""
    frames: list[int] = []
    with path.open("rb") as file, Image.open(file, formats=(ScanFormat.TIFF,)) as picture:
        # A page may have a thumbnail and a mask beside it, hence three frames a page. Pillow
        # ends the walk when a chain of frames leads back into itself.
        for frame in range(3 * limits.pages + 1):
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


def _load(source: PageSource, kind: ScanFormat, limits: Limits) -> Image.Image:
    with source.path.open("rb") as file, Image.open(file, formats=(kind,)) as picture:
        if source.frame:
            picture.seek(source.frame)
        _check_size(picture.size, source.name, limits)
        picture.load()
        turn = _UPRIGHT.get(_orientation(picture))
        page = _rgb(picture, source.name)
    return page.transpose(turn) if turn is not None else page


def _orientation(picture: Image.Image) -> int:
    """Return the EXIF orientation, 1–8; 1 when the metadata can't be read.

    Pillow has already turned a TIFF when it is loaded, and takes the tag away.
    """
    try:
        value = picture.getexif().get(ExifTags.Base.Orientation, 1)
    except _DAMAGE:
        return 1
    return value if isinstance(value, int) else 1


def _rgb(picture: Image.Image, name: str) -> Image.Image:
    if picture.mode in _WIDE:
        return _eight_bits(picture).convert("RGB")
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


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Return a grey picture of more than eight bits a pixel with eight: scaled, not clipped.

    16-bit values are scaled by the range that the file declares. 32-bit and floating values
    declare none: theirs is the first of 0–1, 0–255 and 0–65535 that holds all values.
    """
    values = np.asarray(picture)
    if picture.mode.startswith("I;16"):
        bits = _tiff_tag(picture, TiffImagePlugin.BITSPERSAMPLE, 16)
        grey = (values >> (bits - 8)).astype(np.uint8)
    else:
        finite = np.nan_to_num(values.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)
        peak = float(finite.max())
        top = next((top for top in (1.0, 255.0, 65535.0) if peak <= top), peak)
        grey = (finite.clip(0, top) * np.float32(255 / top)).round().astype(np.uint8)
    # Pillow turns negatives of up to eight bits itself.
    if _tiff_tag(picture, TiffImagePlugin.PHOTOMETRIC_INTERPRETATION, 1) == _WHITE_IS_ZERO:
        grey = 255 - grey
    return Image.fromarray(grey)


@contextmanager
def _document(path: Path) -> Iterator[pdfium.PdfDocument]:
    with closing(pdfium.PdfDocument(path)) as document:
        yield document


def _render(source: PageSource, *, pdf_dpi: int, limits: Limits) -> Image.Image:
    """Draw a page of a PDF on white: without form fields, and nothing in it is run."""
    scale = pdf_dpi / _POINTS_PER_INCH
    with _document(source.path) as document, closing(document[source.frame]) as page:
        width, height = (side * scale for side in page.get_size())
        if not (math.isfinite(width) and math.isfinite(height)):
            raise ScanRejected(source.name, RejectReason.CORRUPT, Message("the page has no size"))
        _check_size((math.ceil(width), math.ceil(height)), source.name, limits)
        bitmap = page.render(scale=scale, may_draw_forms=False, rev_byteorder=True)
        with closing(bitmap):
            picture: Image.Image = bitmap.to_pil()
            return picture.convert("RGB") if picture.mode != "RGB" else picture
