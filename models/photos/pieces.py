"""Puts large photos together again that the segmenter saw in overlapping pieces.

Two towers with the night sky between them look like two photos side by side. The segmenter then
gives several boxes, each unsure, with the photo's real edges above and below and none at the sides
where they overlap. None of them is a frame by itself; all of them together are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from presslens.models.geometry import Box
from presslens.models.vocabulary import Frame

SHARE = 0.03
"""Pieces take at least this share of the page: small photos are seen whole."""

ALIKE = 0.01
"""Edges are the same if they differ by no more than this share of the page's longer side."""


def united(pieces: Sequence[Frame], *, width: int, height: int) -> Iterator[Frame]:
    """Yield what overlapping pieces with two edges in common make up together.

    Args:
        pieces: Boxes that are no frames by themselves, with the segmenter's scores; their edges
            are the edges in the pixels.
        width: Of the page, in pixels.
        height: Of the page, in pixels.

    Yields:
        A frame around two pieces or more, with the best of their scores.
    """
    large = [piece for piece in pieces if piece.box.area >= SHARE * width * height]
    near = ALIKE * max(width, height)
    for same, first in ((_rows, "x0"), (_columns, "y0")):
        rest = sorted(large, key=lambda piece: getattr(piece.box, first))
        while rest:
            group = [rest.pop(0)]
            for piece in list(rest):
                if any(same(piece.box, other.box, near) for other in group):
                    group.append(piece)
                    rest.remove(piece)
            if len(group) > 1:
                yield _around(group)


def _rows(a: Box, b: Box, near: float) -> bool:
    """Return whether two boxes overlap side by side between the same upper and lower edges."""
    level = abs(a.y0 - b.y0) <= near and abs(a.y1 - b.y1) <= near
    return level and min(a.x1, b.x1) > max(a.x0, b.x0)


def _columns(a: Box, b: Box, near: float) -> bool:
    """Return whether two boxes overlap, one above the other, with the same left and right edges."""
    plumb = abs(a.x0 - b.x0) <= near and abs(a.x1 - b.x1) <= near
    return plumb and min(a.y1, b.y1) > max(a.y0, b.y0)


def _around(group: Sequence[Frame]) -> Frame:
    box = group[0].box
    for piece in group[1:]:
        box = box.union(piece.box)
    return Frame(box, max(piece.score for piece in group))
