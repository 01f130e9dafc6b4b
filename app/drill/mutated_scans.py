"""Small scans of every kind that is read, and what damage makes of them.

The same chance makes the same scans, so that one that does harm can be made again by its number.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
from PIL import Image

from presslens.app.drill.hostile_scans import pdf

SIZE = (48, 36)
_HEAD = 96
"""Most bytes of a head that is changed or swapped."""

_NUMBERS = (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\xff\xff", b"\0\0\0\1")


@dataclass(frozen=True, slots=True)
class ScanSeed:
    """A scan that can be read."""

    name: str  # its format, and what is particular about it
    content: bytes


def image_seeds() -> list[ScanSeed]:
    """Return images of all formats, colours, depths and codes that are read."""
    photo = _photo()
    seeds = []
    for kind, mode, options in _IMAGES:
        shown = ", ".join(f"{key}={value!r}"[:30] for key, value in options.items())
        out = io.BytesIO()
        # Pillow leaves what it wrote a picture with on it, so others are made for each file.
        others = {"append_images": [_photo(), _photo()]} if options.get("save_all") else {}
        _in_mode(photo, mode).save(out, kind, **options, **others)
        seeds.append(ScanSeed(f"{kind} {mode} {shown}", out.getvalue()))
    return [*seeds, ScanSeed("TIFF in tiles", _tiled_tiff(photo))]


def pdf_seeds() -> list[ScanSeed]:
    """Return PDFs with pictures of several codes, text, drawings, and none of them."""
    photo = _photo()
    seeds = []
    for mode in ("1", "L", "P", "RGB", "CMYK"):
        out = io.BytesIO()
        _in_mode(photo, mode).save(out, "PDF", save_all=True, append_images=[_photo()])
        seeds.append(ScanSeed(f"PDF of a picture, {mode}", out.getvalue()))
    for name, draw in _DRAWINGS.items():
        seeds.append(ScanSeed(f"PDF {name}", _drawn_pdf(draw)))
    return seeds


def mutated_scans(count: int, chance: Random, seeds: Sequence[ScanSeed]) -> Iterator[ScanSeed]:
    """Yield damaged scans, of the seeds in turn."""
    for number in range(count):
        seed = seeds[number % len(seeds)]
        data, mutations = bytearray(seed.content), []
        for _ in range(chance.choice((1, 1, 2, 3))):
            mutate = chance.choice(_MUTATORS)
            mutate(data, chance, chance.choice(seeds).content)
            mutations.append(mutate.__name__.strip("_"))
        yield ScanSeed(f"{number}: {seed.name}: {', '.join(mutations)}", bytes(data))


def _flip_bits(data: bytearray, chance: Random, _other: bytes) -> None:
    for _ in range(chance.choice((1, 4, 32))):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _cut(data: bytearray, chance: Random, _other: bytes) -> None:
    del data[chance.randrange(1, len(data) + 1) :]


def _swap_head(data: bytearray, chance: Random, other: bytes) -> None:
    length = chance.randrange(1, _HEAD)
    data[:length] = other[:length]


def _change_number(data: bytearray, chance: Random, _other: bytes) -> None:
    at = chance.randrange(min(len(data), _HEAD))
    data[at : at + 4] = chance.choice(_NUMBERS)


def _splice(data: bytearray, chance: Random, other: bytes) -> None:
    start, end = sorted(chance.randrange(len(other)) for _ in range(2))
    at = chance.randrange(len(data))
    data[at : at + chance.choice((0, end - start))] = other[start:end]


def _repeat(data: bytearray, chance: Random, _other: bytes) -> None:
    start, end = sorted(chance.randrange(len(data)) for _ in range(2))
    at = chance.randrange(len(data))
    data[at:at] = data[start:end]


_MUTATORS = (_flip_bits, _cut, _swap_head, _change_number, _splice, _repeat)


def _photo() -> Image.Image:
    width, height = SIZE
    chance = np.random.default_rng(7)
    slope = np.add.outer(np.arange(height), np.arange(width))[..., None] * (2, 1, 3)
    return Image.fromarray((slope + chance.integers(0, 40, slope.shape)).astype(np.uint8))


def _in_mode(photo: Image.Image, mode: str) -> Image.Image:
    if mode == "P":
        return photo.quantize(16)
    if mode == "I;16":
        return Image.fromarray(np.asarray(photo.convert("L")).astype(np.uint16) * 257)
    if mode == "I":
        return Image.fromarray(np.asarray(photo.convert("L")).astype(np.int32))
    if mode == "RGBA":
        photo = photo.copy()
        photo.putalpha(photo.convert("L"))
        return photo
    return photo.convert(mode)


def _turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif.tobytes()


_MORE = {"save_all": True}
_IMAGES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("JPEG", "RGB", {}),
    ("JPEG", "RGB", {"subsampling": 0, "quality": 95}),
    ("JPEG", "RGB", {"progressive": True}),
    ("JPEG", "RGB", {"progressive": True, "subsampling": 0}),
    ("JPEG", "RGB", {"optimize": True}),
    ("JPEG", "RGB", {"restart_marker_blocks": 1}),
    ("JPEG", "RGB", {"exif": _turned()}),
    ("JPEG", "RGB", {"icc_profile": bytes(200), "comment": b"words"}),
    ("JPEG", "L", {}),
    ("JPEG", "L", {"progressive": True}),
    ("JPEG", "CMYK", {}),
    ("JPEG", "CMYK", {"progressive": True}),
    ("MPO", "RGB", _MORE),
    ("PNG", "1", {}),
    ("PNG", "L", {}),
    ("PNG", "LA", {}),
    ("PNG", "P", {}),
    ("PNG", "P", {"transparency": 3}),
    ("PNG", "RGB", {}),
    ("PNG", "RGB", {"transparency": (0, 0, 0)}),
    ("PNG", "RGB", {"exif": _turned(), "icc_profile": bytes(200)}),
    ("PNG", "RGBA", {}),
    ("PNG", "I;16", {}),
    ("PNG", "RGB", _MORE),
    ("TIFF", "1", {}),
    ("TIFF", "1", {"compression": "group3"}),
    ("TIFF", "1", {"compression": "group4"}),
    ("TIFF", "L", {}),
    ("TIFF", "L", {"compression": "packbits"}),
    ("TIFF", "L", {"compression": "tiff_lzw"}),
    ("TIFF", "L", {"compression": "jpeg"}),
    ("TIFF", "LA", {}),
    ("TIFF", "P", {}),
    ("TIFF", "RGB", {}),
    ("TIFF", "RGB", {"compression": "tiff_lzw"}),
    ("TIFF", "RGB", {"compression": "tiff_adobe_deflate"}),
    ("TIFF", "RGB", {"compression": "jpeg"}),
    ("TIFF", "RGB", {"big_tiff": True}),
    ("TIFF", "RGB", _MORE),
    ("TIFF", "RGB", {**_MORE, "compression": "tiff_lzw"}),
    ("TIFF", "RGBA", {}),
    ("TIFF", "CMYK", {}),
    ("TIFF", "YCbCr", {}),
    ("TIFF", "I;16", {}),
    ("TIFF", "I", {}),
    ("TIFF", "F", {}),
    ("TIFF", "F", {"compression": "tiff_adobe_deflate"}),
    ("WEBP", "RGB", {}),
    ("WEBP", "RGB", {"quality": 10}),
    ("WEBP", "RGB", {"lossless": True}),
    ("WEBP", "RGB", {"exif": _turned(), "icc_profile": bytes(200)}),
    ("WEBP", "RGBA", {}),
    ("WEBP", "RGBA", {"lossless": True}),
    ("WEBP", "RGB", _MORE),
    ("JPEG2000", "L", {}),
    ("JPEG2000", "LA", {}),
    ("JPEG2000", "RGB", {}),
    ("JPEG2000", "RGB", {"no_jp2": True}),
    ("JPEG2000", "RGB", {"irreversible": True, "quality_layers": [20, 5]}),
    ("JPEG2000", "RGB", {"tile_size": (16, 16)}),
    ("JPEG2000", "RGBA", {}),
    ("JPEG2000", "I;16", {}),
)


def _tiled_tiff(photo: Image.Image) -> bytes:
    """Return a grey TIFF in tiles of 16 pixels a side, which Pillow doesn't write."""
    side, pixels = 16, np.asarray(photo.convert("L"))
    height, width = (-(-length // side) * side for length in pixels.shape)
    padded = np.zeros((height, width), np.uint8)
    padded[: pixels.shape[0], : pixels.shape[1]] = pixels
    tiles = [
        padded[y : y + side, x : x + side].tobytes()
        for y in range(0, height, side)
        for x in range(0, width, side)
    ]
    offsets = [8 + place * side * side for place in range(len(tiles))]
    lists = 8 + len(tiles) * side * side
    tags = [(256, 1, pixels.shape[1]), (257, 1, pixels.shape[0]), (258, 1, 8), (259, 1, 1)]
    tags += [(262, 1, 1), (277, 1, 1), (322, 1, side), (323, 1, side)]
    tags += [(324, len(tiles), lists), (325, len(tiles), lists + 4 * len(tiles))]
    ifd = b"".join(struct.pack("<HHII", tag, 4, count, value) for tag, count, value in tags)
    numbers = struct.pack(f"<{2 * len(tiles)}I", *offsets, *[side * side] * len(tiles))
    start = struct.pack("<2sHI", b"II", 42, lists + len(numbers))
    return start + b"".join(tiles) + numbers + struct.pack("<H", len(tags)) + ifd + bytes(4)


_DRAWINGS = {
    "blank": "",
    "of text": "BT /F 12 Tf 4 20 Td (Rodong Sinmun) Tj ET",
    "of drawings": "1 0 0 rg 0 0 20 40 re f 0 0 1 RG 2 w 0 0 m 40 40 l S q 0.5 0 0 0.5 0 0 cm Q",
    "of nested states": "q " * 40 + "0 1 0 rg 5 5 9 9 re f " + "Q " * 40,
    "of an inline picture": "q 40 0 0 40 0 0 cm BI /W 2 /H 2 /BPC 8 /CS /G ID abcd EI Q",
}


def _drawn_pdf(draw: str) -> bytes:
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    page = (
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 48 36] /Contents 4 0 R"
        " /Resources << /Font << /F 5 0 R >> >> >>"
    )
    return pdf(
        [
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Kids [3 0 R 3 0 R] /Count 2 >>",
            page,
            f"<< /Length {len(draw)} >>\nstream\n{draw}\nendstream",
            font,
        ]
    )
