"""The text of a printed page as a library describes it: lines, blocks, pictures, print space."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, field, replace
from typing import Any

from presslens.models.captions.described import TextBlock, TextLine
from presslens.models.errors import PresslensError
from presslens.models.geometry import Box
from presslens.models.message import Message
from presslens.models.vocabulary import TextSource

EVEN = 0.02
"""A page may be so much wider or higher than its description says, in proportion: scans are
cropped by a pixel or two."""


class PageMismatch(PresslensError):
    """A description belongs to an image of other proportions; the message says both."""


@dataclass(frozen=True, slots=True)
class PageText:
    """What a description says of a page, in the units of the description."""

    source: TextSource  # the format that it came in
    # Width of the page in those units; None where it is not said: they are pixels then.
    width: float | None
    height: float | None  # height, likewise
    image: str  # the name of the image file that the description is of; "" where it is not said
    print_space: Box | None  # the printed area of the page
    blocks: tuple[TextBlock, ...]  # the text, block by block in reading order
    pictures: tuple[Box, ...]  # the boxes of what is described as a picture
    label: str = ""  # the page number that is printed on it, or its number in the document
    id: str = field(default="", compare=False)  # its id in a document of several pages
    # What most of its blocks are written in, as it is written there.
    language: str = field(default="", compare=False)

    def packed(self) -> bytes:
        """Return the text as it is stored: compressed JSON."""
        document = {
            "source": self.source.value,
            "size": [self.width, self.height],
            "image": self.image,
            "print_space": self.print_space and _corners(self.print_space),
            "pictures": [_corners(box) for box in self.pictures],
            "label": self.label,
            "blocks": [
                [
                    block.id,
                    block.is_caption,
                    [[*_corners(line.box), line.text, line.confidence] for line in block.lines],
                ]
                for block in self.blocks
            ],
        }
        return zlib.compress(json.dumps(document, ensure_ascii=False).encode())

    @classmethod
    def unpacked(cls, content: bytes) -> PageText:
        """Return a text that was stored."""
        document = json.loads(zlib.decompress(content))
        space = document["print_space"]
        width, height = document["size"]
        return cls(
            TextSource(document["source"]),
            width,
            height,
            document["image"],
            space and Box(*space),
            tuple(_block(*block) for block in document["blocks"]),
            tuple(Box(*corners) for corners in document["pictures"]),
            document["label"],
        )

    def in_pixels(self, width: int, height: int) -> PageText:
        """Return the text in pixels of an image of the page.

        Args:
            width: Width of the image, px.
            height: Height of the image, px.

        Raises:
            PageMismatch: The image has other proportions than the description says.
        """
        if not self.width or not self.height:
            return replace(self, width=width, height=height)
        across, down = width / self.width, height / self.height
        if abs(across / down - 1) > EVEN:
            raise PageMismatch(
                Message(
                    "the image has %(image)s, the description is of a page of %(described)s:"
                    " their proportions differ",
                    image=f"{width} × {height}",
                    described=f"{self.width:g} × {self.height:g}",
                )
            )
        return PageText(
            self.source,
            width,
            height,
            self.image,
            self.print_space and self.print_space.scaled(across, down),
            tuple(_scaled_block(block, across, down) for block in self.blocks),
            tuple(box.scaled(across, down) for box in self.pictures),
            self.label,
        )


def _corners(box: Box) -> list[float]:
    return [round(v, 2) for v in (box.x0, box.y0, box.x1, box.y1)]


def _block(identifier: str, is_caption: bool, lines: list[list[Any]]) -> TextBlock:
    made = (TextLine(Box(*line[:4]), line[4], line[5]) for line in lines)
    return TextBlock(tuple(made), is_caption, identifier)


def _scaled_block(block: TextBlock, across: float, down: float) -> TextBlock:
    lines = (replace(line, box=line.box.scaled(across, down)) for line in block.lines)
    return replace(block, lines=tuple(lines))
