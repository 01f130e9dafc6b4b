"""Whether a page has too many pixels, or more than its file is long enough for.

A codec can't write a picture in fewer bytes than its code has for the simplest one. A header that
claims more pixels than that lies, or the file has lost its end: it is rejected before memory is
given to its pixels. WebP, and a TIFF as it is faxed, say a picture of one colour in a few bytes
whatever its size: for them the limit of pixels is all.
"""

from __future__ import annotations

import mmap
import os
import struct
from typing import IO

from PIL import Image, Jpeg2KImagePlugin, JpegImagePlugin, PngImagePlugin, TiffImagePlugin

from presslens.models.message import Message
from presslens.pipelines.scans.confinement import allow_seconds
from presslens.pipelines.scans.scan import Limits, RejectReason, ScanRejected

_BLOCK = 8
"""A JPEG codes blocks of 8 × 8 samples."""

_BITS_OF_A_BLOCK = 2
"""A code for its mean and one for the end of the block have a bit at least, each."""

_BITS_OF_A_PROGRESSIVE_BLOCK = 1
"""One code says that many blocks have ended."""

DEFLATE_RATIO = 1032
"""258 bytes are repeated by two codes of one bit."""

_TIFF_RATIOS = {
    "raw": 1,
    "packbits": 64,
    "tiff_deflate": DEFLATE_RATIO,
    "tiff_adobe_deflate": DEFLATE_RATIO,
    "tiff_lzw": 1400,
}
"""How many bytes one can become. A code of LZW is as long as there were codes since the table was
emptied, which it is after 3,838; others say whole lines in a bit."""

_TILE_PART_BYTES = 14
"""A tile of a JPEG 2000 has a marker with a head (SOT) and one before its data (SOD)."""

_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Samples of a pixel by a PNG's type of colour."""

_PNG_DEPTH = 24
"""Where a PNG says its bits of a sample and its type of colour."""

_CODESTREAM = b"\xff\x4f\xff\x51"
_SIZES = struct.Struct(">8I")
_SIZES_FROM = 8
"""Where the sizes of picture and tiles are, after the two marks that begin a JPEG 2000."""

_MOST_TILES = 10_000
"""The decoder has a table with some kilobytes for each tile."""


def check_size(size: tuple[int, int], name: str, limits: Limits) -> None:
    """Reject a page of too many pixels, and allow the time for those that it has.

    Args:
        size: Its sides, in pixels.
        name: Its name for people.
        limits: The limits of pages.

    Raises:
        ScanRejected: It has too many, or none.
    """
    width, height = size
    if width < 1 or height < 1:
        raise ScanRejected(name, RejectReason.CORRUPT, Message("the page has no pixels"))
    if width * height > limits.pixels or max(size) > limits.side:
        raise too_many_pixels(size, name, limits)
    allow_seconds(limits.seconds_for(width * height))


def too_many_pixels(size: tuple[int, int] | None, name: str, limits: Limits) -> ScanRejected:
    """Return why a page is rejected that has too many pixels, or a picture that has."""
    sides = Message("too many pixels")
    if size is not None:
        width, height = (f"{side:,}" for side in size)
        sides = Message("%(width)s × %(height)s pixels", width=width, height=height)
    detail = Message(
        "the page has %(size)s; at most %(most)s megapixels and %(side)s pixels a side are read",
        size=sides,
        most=f"{limits.pixels / 1e6:.0f}",
        side=f"{limits.side:,}",
    )
    return ScanRejected(name, RejectReason.TOO_MANY_PIXELS, detail)


def check_plausible(picture: Image.Image, file: IO[bytes], name: str) -> None:
    """Reject a picture whose file can't hold its pixels; its pixels are not made yet.

    Args:
        picture: The picture, opened.
        file: Its file; it stays where it is.
        name: The file's name for people.

    Raises:
        ScanRejected: The file is too short.
    """
    size = os.fstat(file.fileno()).st_size
    if size < _least_bytes(picture, file):
        detail = Message("the file is too short for as many pixels as it claims")
        raise ScanRejected(name, RejectReason.CORRUPT, detail)


def _least_bytes(picture: Image.Image, file: IO[bytes]) -> float:
    match picture:
        case JpegImagePlugin.JpegImageFile():
            return _of_jpeg(picture)
        case PngImagePlugin.PngImageFile():
            depth, colour = os.pread(file.fileno(), 2, _PNG_DEPTH)
            row = 1 + picture.width * depth * _SAMPLES.get(colour, 1) // 8
            return picture.height * row / DEFLATE_RATIO
        case Jpeg2KImagePlugin.Jpeg2KImageFile():
            return _of_jpeg_2000(picture, file)
        case TiffImagePlugin.TiffImageFile() if picture.info.get("compression") in _TIFF_RATIOS:
            bits: tuple[int, ...] = picture.tag_v2.get(TiffImagePlugin.BITSPERSAMPLE, (1,))
            ratio = _TIFF_RATIOS[picture.info["compression"]]
            return picture.width * picture.height * sum(bits) / 8 / ratio
    return 0


def _of_jpeg(picture: JpegImagePlugin.JpegImageFile) -> float:
    across = max(layer[1] for layer in picture.layer)
    down = max(layer[2] for layer in picture.layer)
    blocks = sum(
        -(-picture.width * layer[1] // (across * _BLOCK))
        * -(-picture.height * layer[2] // (down * _BLOCK))
        for layer in picture.layer
    )
    progressive = picture.info.get("progressive")
    return blocks * (_BITS_OF_A_PROGRESSIVE_BLOCK if progressive else _BITS_OF_A_BLOCK) / 8


def _of_jpeg_2000(picture: Image.Image, file: IO[bytes]) -> float:
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        start = content.find(_CODESTREAM)
        sizes: tuple[int, ...] = _SIZES.unpack_from(content, start + _SIZES_FROM)
    right, bottom, left, top, tile_width, tile_height, tile_left, tile_top = sizes
    if (right - left, bottom - top) != picture.size:
        raise ValueError("the codestream has another size than its header")
    tiles = -(-(right - tile_left) // tile_width) * -(-(bottom - tile_top) // tile_height)
    if tiles > _MOST_TILES:
        raise ValueError("the picture is cut into too many tiles")
    return tiles * _TILE_PART_BYTES
