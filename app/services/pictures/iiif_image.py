"""The IIIF Image API 3.0, level 2, over the views of pages: https://iiif.io/api/image/3.0/ ."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from typing import Any

from PIL import Image as Pillow
from PIL import ImageOps

from presslens.app.installation import Installation
from presslens.app.services.pictures.image_request import (
    FORMATS,
    MOST_AREA,
    QUALITIES,
    ImageRequest,
    largest,
)
from presslens.app.services.pictures.pyramid import TILE, levels
from presslens.app.services.pictures.views import (
    PageView,
    find_view,
    open_pyramid,
    scaled_part,
    view_bytes,
)
from presslens.pipelines.view import QUALITY

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
    """A picture that can be made: what it is, before its pixels are touched.

    Attributes:
        view: The view that it is made of.
        request: What was asked for.
    """

    view: PageView
    request: ImageRequest

    @property
    def tag(self) -> str:
        """Names the bytes of the picture: 32 hex digits."""
        name = f"{self.view.sha256} {self.view.key} {self.request.path}"
        return hashlib.sha256(name.encode()).hexdigest()[:32]

    @property
    def is_plain(self) -> bool:
        """Whether it is a JPEG in the colours of the page, neither turned nor mirrored."""
        asked = self.request
        turned = asked.rotation != 0 or asked.mirrored
        return asked.format == "jpg" and asked.quality in ("default", "color") and not turned

    @property
    def media_type(self) -> str:
        """The media type of the picture."""
        return MEDIA_TYPES[self.request.format]


def image_information(home: Installation, page_id: int, address: str) -> dict[str, Any]:
    """Return the information document of a page's picture.

    Args:
        home: The installation.
        page_id: The page.
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
    asked, view = image.request, image.view
    if image.is_plain and asked.size == view.size:
        return view_bytes(home, view)
    with open_pyramid(home, view) as pyramid:
        tile = pyramid.tile(asked.region, asked.size) if image.is_plain else None
    if tile is not None:
        return tile
    pixels = scaled_part(home, view, asked.region, asked.size)
    if asked.mirrored:
        pixels = ImageOps.mirror(pixels)
    if asked.rotation:
        pixels = pixels.transpose(_TURNS[asked.rotation])
    if asked.quality in ("gray", "bitonal"):
        pixels = pixels.convert("L")
    out = io.BytesIO()
    if asked.quality == "bitonal":
        pixels = pixels.point(lambda level: 255 if level > 127 else 0)
    if asked.format == "png":
        pixels = pixels.convert("1") if asked.quality == "bitonal" else pixels
        pixels.save(out, "PNG", compress_level=3)
    else:
        pixels.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
