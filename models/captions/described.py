"""Captions and headlines from a library's text, beside those that are found in a page's ink."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import TypeVar

from presslens.models.captions.extent import MOST_LINES, NEAR
from presslens.models.geometry import Box
from presslens.models.vocabulary import Caption, CaptionPlace, Headline, TextSource

FAR = 4.0
"""What is marked as a caption stands at most so many of its line heights from its photo."""

SLACK = 0.5
"""Libraries draw boxes of lines tighter or wider than the ink, by so many line heights."""


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of text."""

    box: Box  # where it stands
    text: str  # what it says
    # How sure its reader is of it, 0–1; None where that is not said.
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class TextBlock:
    """Lines that belong together."""

    lines: tuple[TextLine, ...]  # from top to bottom
    is_caption: bool = False  # its library says that it is the caption of a picture
    id: str = ""  # its id in its document

    @property
    def box(self) -> Box:
        """The box around its lines."""
        return reduce(Box.union, (line.box for line in self.lines))

    @property
    def line_height(self) -> float:
        """The middle height of its lines."""
        heights = sorted(line.box.height for line in self.lines)
        return heights[len(heights) // 2]


def described_captions(
    photos: Sequence[Box],
    captions: Sequence[Caption | None],
    blocks: Sequence[TextBlock],
    source: TextSource,
) -> list[Caption | None]:
    """Return the captions of a page's photos, read by a library where it has their text.

    A caption that was found in the ink keeps its box and gets the lines that stand in it. A photo
    without one gets a block that its library calls a caption and that stands near, or a short one
    directly below within its columns.

    Args:
        photos: The boxes of the page's photos, in page pixels.
        captions: Their captions that were found and perhaps read.
        blocks: The text of the page, in page pixels.
        source: The format of the description.
    """
    result = [
        caption and _read(caption, _lines_in(caption.box, blocks), source) for caption in captions
    ]
    taken = [caption.box for caption in captions if caption is not None]
    free = [block for block in blocks if all(block.box.intersection(box) == 0 for box in taken)]
    pairs = sorted(
        (distance, i, k)
        for i, photo in enumerate(photos)
        if captions[i] is None
        for k, block in enumerate(free)
        if (distance := _distance(photo, block)) is not None
    )
    used: set[int] = set()
    for _, i, k in pairs:
        if result[i] is None and k not in used:
            used.add(k)
            block = free[k]
            result[i] = _read(Caption(block.box, _place(photos[i], block)), block.lines, source)
    return result


def described_headlines(
    headlines: Sequence[Headline], blocks: Sequence[TextBlock], source: TextSource
) -> list[Headline]:
    """Return the headlines of a page, read by a library where it has lines in their place."""
    return [_read(headline, _lines_in(headline.box, blocks), source) for headline in headlines]


_Read = TypeVar("_Read", Caption, Headline)


def _read(printed: _Read, lines: Sequence[TextLine], source: TextSource) -> _Read:
    if not lines:
        return printed
    confident = [line for line in lines if line.confidence is not None]
    weight = sum(len(line.text) for line in confident)
    total = sum(len(line.text) * (line.confidence or 0.0) for line in confident)
    return replace(
        printed,
        text=" ".join(line.text for line in lines),
        source=source,
        confidence=total / weight if weight else None,
        not_read=None,
    )


def _lines_in(box: Box, blocks: Sequence[TextBlock]) -> list[TextLine]:
    """Return the lines of which a box holds the most."""
    lines = (line for block in blocks for line in block.lines)
    inside = (line for line in lines if line.box.share_inside(_grown(box, line)) > 0.5)
    return sorted(inside, key=lambda line: (line.box.y0, line.box.x0))


def _grown(box: Box, line: TextLine) -> Box:
    return box.padded(SLACK * line.box.height)


def _distance(photo: Box, block: TextBlock) -> float | None:
    """Return how far a block that may be a photo's caption is from it; None if it can't be."""
    box, height = block.box, block.line_height
    across = max(0.0, photo.x0 - box.x1, box.x0 - photo.x1)
    down = max(0.0, photo.y0 - box.y1, box.y0 - photo.y1)
    if block.is_caption:
        return across + down if across + down <= FAR * height else None
    slack = SLACK * height
    below = -slack <= box.y0 - photo.y1 <= NEAR * height
    within = photo.x0 - slack <= box.x0 and box.x1 <= photo.x1 + slack
    return down if below and within and len(block.lines) <= MOST_LINES else None


def _place(photo: Box, block: TextBlock) -> CaptionPlace:
    slack = SLACK * block.line_height
    if block.box.y0 >= photo.y1 - slack:
        return CaptionPlace.BELOW
    if block.box.y1 <= photo.y0 + slack:
        return CaptionPlace.ABOVE
    inside = block.box.share_inside(photo) > 0.5
    return CaptionPlace.INSIDE if inside else CaptionPlace.BESIDE
