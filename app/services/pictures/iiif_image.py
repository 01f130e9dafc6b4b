"""The IIIF Image API 3.0, level 2, over the views of pages: https://iiif.io/api/image/3.0/ .

The words and rules are those of https://iiif.io/api/image/3.0/ , section 4. Level 2 is understood
whole, and mirroring; pictures larger than what is stored (``^``) and rotation by other angles
are not made. ``!w,h`` that would enlarge is an error, as its validators have it.
"""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from PIL import Image as Pillow
from PIL import ImageOps

from presslens.app.installation import Installation
from presslens.app.platform.errors import MalformedRequest, NotSupported
from presslens.app.services.pictures.pyramid import TILE, PixelBox, levels
from presslens.app.services.pictures.views import (
    PageView,
    find_view,
    open_pyramid,
    scaled_part,
    view_bytes,
)
from presslens.pipelines.view import QUALITY

MOST_AREA = 16_000_000
"""Most pixels of one picture (``maxArea``); parts of larger ones are asked for as tiles."""

QUALITIES = ("default", "color", "gray", "bitonal")
FORMATS = ("jpg", "png")
OTHER_FORMATS = frozenset({"tif", "gif", "jp2", "pdf", "webp"})
"""Formats that the specification names and that are not made here."""

_NUMBER = r"([0-9]{1,9}(?:\.[0-9]{0,9})?|\.[0-9]{1,9})"
_WHOLE = r"([0-9]{1,9})"
_PIXELS = re.compile(",".join([_WHOLE] * 4))
_PERCENT = re.compile("pct:" + ",".join([_NUMBER] * 4))
_SIZE = re.compile(rf"(\^?)(?:(max)|pct:{_NUMBER}|(!?){_WHOLE}?,{_WHOLE}?)")
_ROTATION = re.compile(rf"(!?){_NUMBER}")


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """A picture of a page as a reader asks for it."""

    page: tuple[int, int]  # width and height of the page in pixels
    region: PixelBox  # part of the page, in its pixels
    size: tuple[int, int]  # width and height of the picture before it is turned
    mirrored: bool  # whether it is reflected on its vertical axis before it is turned
    rotation: int  # degrees clockwise: 0, 90, 180 or 270
    quality: str  # one of ``QUALITIES``
    format: str  # one of ``FORMATS``

    @classmethod
    def parse(
        cls, page: tuple[int, int], region: str, size: str, rotation: str, file: str
    ) -> ImageRequest:
        """Read the parts of an address.

        Args:
            page: Width and height of the page in pixels.
            region: "full", "square", "x,y,w,h" or "pct:x,y,w,h".
            size: "max", "w,", ",h", "w,h", "!w,h" or "pct:n", with or without "^".
            rotation: Degrees, with or without "!".
            file: Quality and format, "default.jpg" for instance.

        Raises:
            MalformedRequest: A part can't be understood, or asks for nothing or for too much.
            NotSupported: The specification knows it, and this server doesn't make it.
        """
        box = _region(region, page)
        mirrored, degrees = _rotation(rotation)
        quality, _, form = file.rpartition(".")
        if quality not in QUALITIES:
            raise MalformedRequest(f"the quality must be one of {', '.join(QUALITIES)}")
        if form in OTHER_FORMATS:
            raise NotSupported(f"pictures are made as {' or '.join(FORMATS)}")
        if form not in FORMATS:
            raise MalformedRequest(f"the format must be {' or '.join(FORMATS)}")
        extent = box[2] - box[0], box[3] - box[1]
        return cls(page, box, _size(size, extent), mirrored, degrees, quality, form)

    @property
    def path(self) -> str:
        """The end of the canonical address of this picture."""
        x0, y0, x1, y1 = self.region
        extent = x1 - x0, y1 - y0
        whole = self.region == (0, 0, *self.page)
        region = "full" if whole else f"{x0},{y0},{extent[0]},{extent[1]}"
        size = "max" if self.size == largest(extent) else f"{self.size[0]},{self.size[1]}"
        quality = "default" if self.quality == "color" else self.quality
        return f"{region}/{size}/{'!' * self.mirrored}{self.rotation}/{quality}.{self.format}"


def largest(extent: tuple[int, int]) -> tuple[int, int]:
    """Return the largest size in which a region is made: its own, or what ``MOST_AREA`` leaves."""
    width, height = extent
    if width * height <= MOST_AREA:
        return extent
    factor = (MOST_AREA / (width * height)) ** 0.5
    return max(1, int(width * factor)), max(1, int(height * factor))


def _region(text: str, page: tuple[int, int]) -> PixelBox:
    width, height = page
    if text == "full":
        return 0, 0, width, height
    if text == "square":
        side = min(page)
        x, y = (width - side) // 2, (height - side) // 2
        return x, y, x + side, y + side
    if match := _PIXELS.fullmatch(text):
        x, y, w, h = (int(part) for part in match.groups())
    elif match := _PERCENT.fullmatch(text):
        shares = [Fraction(part.rstrip(".")) / 100 for part in match.groups()]
        x, w = round(shares[0] * width), round(shares[2] * width)
        y, h = round(shares[1] * height), round(shares[3] * height)
    else:
        raise MalformedRequest("the region must be full, square, x,y,w,h or pct:x,y,w,h")
    box = x, y, min(x + w, width), min(y + h, height)
    if box[2] <= box[0] or box[3] <= box[1]:
        raise MalformedRequest(f"nothing of the region is on this page: {width} × {height} pixels")
    return box


def _size(text: str, extent: tuple[int, int]) -> tuple[int, int]:
    match = _SIZE.fullmatch(text)
    if match is None or text.strip("^!") == ",":
        raise MalformedRequest("the size must be max, pct:n, 'w,', ',h', 'w,h' or '!w,h'")
    larger, most, percent, confined, w, h = match.groups()
    if confined and not (w and h):
        raise MalformedRequest("a size that confines has a width and a height: !w,h")
    if most:
        return largest(extent)
    width, height = extent
    if percent:
        factor = Fraction(percent.rstrip(".")) / 100
        size = round(width * factor), round(height * factor)
    elif confined:
        factor = min(Fraction(int(w), width), Fraction(int(h), height))
        size = max(1, round(width * factor)), max(1, round(height * factor))
    else:
        size = (
            int(w) if w else max(1, round(width * Fraction(int(h), height))),
            int(h) if h else max(1, round(height * Fraction(int(w), width))),
        )
    _check_size(size, extent, larger=bool(larger))
    return size


def _check_size(size: tuple[int, int], extent: tuple[int, int], *, larger: bool) -> None:
    if 0 in size:
        raise MalformedRequest("a picture has one pixel at least on each side")
    if size[0] > extent[0] or size[1] > extent[1]:
        if larger:
            raise NotSupported("pictures are never made larger than what is stored")
        raise MalformedRequest(f"the region has no more than {extent[0]} × {extent[1]} pixels")
    if size[0] * size[1] > MOST_AREA:
        raise MalformedRequest(f"a picture has at most {MOST_AREA} pixels: ask for max, or tiles")


def _rotation(text: str) -> tuple[bool, int]:
    match = _ROTATION.fullmatch(text)
    if match is None or (degrees := Fraction(match[2].rstrip("."))) > 360:
        raise MalformedRequest("the rotation must be degrees from 0 to 360, after ! if mirrored")
    if degrees % 90:
        raise NotSupported("pictures are turned by 0, 90, 180 or 270 degrees")
    return bool(match[1]), int(degrees) % 360


CONTEXT = "http://iiif.io/api/image/3/context.json"
PROFILE = "http://iiif.io/api/image/3/level2.json"
MEDIA_TYPES = {"jpg": "image/jpeg", "png": "image/png"}

_TURNS = {
    90: Pillow.Transpose.ROTATE_270,  # Pillow turns the other way round
    180: Pillow.Transpose.ROTATE_180,
    270: Pillow.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class ServedImage:
    """A picture that can be made: what it is, before its pixels are touched."""

    view: PageView  # the view that it is made of
    request: ImageRequest  # what was asked for

    @property
    def tag(self) -> str:
        """Names the bytes of the picture: 32 hex digits."""
        name = f"{self.view.sha256} {self.view.key} {self.request.path}"
        return hashlib.sha256(name.encode()).hexdigest()[:32]

    @property
    def is_plain(self) -> bool:
        """Whether it is a JPEG in the colours of the page, neither turned nor mirrored."""
        request = self.request
        turned = request.rotation != 0 or request.mirrored
        return request.format == "jpg" and request.quality in ("default", "color") and not turned

    @property
    def media_type(self) -> str:
        """The media type of the picture."""
        return MEDIA_TYPES[self.request.format]


def image_information(home: Installation, page_id: int, address: str) -> dict[str, Any]:
    """Return the information document of a page's picture.

    Args:
        address: The absolute address of the picture, without a slash at its end.

    Raises:
        NotFound: There is no such page, or no picture of it.
    """
    width, height = find_view(home, page_id).size
    sizes = levels(width, height)
    return {
        "@context": CONTEXT,
        "id": address,
        "type": "ImageService3",
        "protocol": "http://iiif.io/api/image",
        "profile": "level2",
        "width": width,
        "height": height,
        "maxArea": MOST_AREA,
        "sizes": [
            {"width": level.width, "height": level.height}
            for level in reversed(sizes)
            if (level.width, level.height) == largest((level.width, level.height))
        ],
        "tiles": [
            {"width": TILE, "height": TILE, "scaleFactors": [1 << i for i in range(len(sizes))]}
        ],
        "preferredFormats": ["jpg"],
        "extraQualities": list(QUALITIES[1:]),
        "extraFormats": list(FORMATS[1:]),
        "extraFeatures": ["canonicalLinkHeader", "mirroring", "profileLinkHeader"],
    }


def find_image(
    home: Installation, page_id: int, region: str, size: str, rotation: str, file: str
) -> ServedImage:
    """Return what a request asks for; its parts are those of ``ImageRequest.parse``.

    Raises:
        NotFound: There is no such page, or no picture of it.
        MalformedRequest: A part can't be understood.
        NotSupported: The specification knows it, and this server doesn't make it.
    """
    view = find_view(home, page_id)
    return ServedImage(view, ImageRequest.parse(view.size, region, size, rotation, file))


def image_bytes(home: Installation, image: ServedImage) -> bytes:
    """Return a picture in the format that was asked for, without metadata.

    Raises:
        DiskFull: There is too little room for the tiles of its page.
    """
    request, view = image.request, image.view
    if image.is_plain and request.size == view.size:
        return view_bytes(home, view)
    with open_pyramid(home, view) as pyramid:
        tile = pyramid.tile(request.region, request.size) if image.is_plain else None
    if tile is not None:
        return tile
    pixels = scaled_part(home, view, request.region, request.size)
    if request.mirrored:
        pixels = ImageOps.mirror(pixels)
    if request.rotation:
        pixels = pixels.transpose(_TURNS[request.rotation])
    if request.quality in ("gray", "bitonal"):
        pixels = pixels.convert("L")
    out = io.BytesIO()
    if request.quality == "bitonal":
        pixels = pixels.point(lambda level: 255 if level > 127 else 0)
    if request.format == "png":
        pixels = pixels.convert("1") if request.quality == "bitonal" else pixels
        pixels.save(out, "PNG", compress_level=3)
    else:
        pixels.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
