"""Finds the caption of each photo of a page, by the rules of typography.

A caption is set in small type, begins within one and a half of its letter heights of the frame,
keeps within the frame's columns, has a few lines and ends where the paper is blank. Text that runs
on, though in larger type, is the report, and no caption.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise

import numpy as np

from presslens.models.captions.extent import MOST_LINES, NEAR
from presslens.models.captions.lines import Line, Typography, lines_in, pieces_in
from presslens.models.geometry import Box
from presslens.models.vocabulary import CaptionPlace

SMALL, LARGE = 0.5, 1.5
"""The type of a caption, in letter heights of the page; headlines are larger."""

NARROWEST = 2
"""What is narrower, in letter heights of the page, is a mark and no text."""

REACH = 18
"""How far below a photo text is searched, in letter heights: enough to see that text runs on."""

CLEAR = 0.25
"""A caption between two photos is the lower one's if it is nearer by so much of its height."""

BLANK = 0.3
"""Gaps narrower than so many letter heights end no caption: scans shift ink by a pixel or two."""

RANK = (CaptionPlace.BELOW, CaptionPlace.ABOVE, CaptionPlace.BESIDE, CaptionPlace.INSIDE)
"""When two photos claim one text, the place that is more usual wins."""


@dataclass(frozen=True, slots=True)
class Strip:
    """The caption of a photo: its ink in page pixels, and where it stands."""

    box: Box
    place: CaptionPlace


def find_strips(printed: Typography, photos: Sequence[Box]) -> list[Strip | None]:
    """Return the caption outside each photo, None where there is none.

    Args:
        printed: The type of the page.
        photos: The boxes of all photos of the page, in page pixels.
    """
    claims = []
    for i, photo in enumerate(photos):
        others = [*photos[:i], *photos[i + 1 :]]
        strip = next(_candidates(photo, others, printed), None)
        if strip is not None:
            claims.append((RANK.index(strip.place), _distance(photo, strip.box), i, strip))
    strips: dict[int, Strip] = {}
    for _, _, i, strip in sorted(claims, key=lambda claim: claim[:3]):
        if all(strip.box.intersection(other.box) == 0 for other in strips.values()):
            strips[i] = strip
    return [strips.get(i) for i in range(len(photos))]


def _candidates(photo: Box, others: Sequence[Box], printed: Typography) -> Iterator[Strip]:
    for place, find in (
        (CaptionPlace.BELOW, _below),
        (CaptionPlace.ABOVE, _above),
        (CaptionPlace.BESIDE, _beside),
    ):
        box = find(photo, others, printed)
        if box is not None and box.width >= NARROWEST * printed.letter:
            yield Strip(box, place)


def _below(photo: Box, others: Sequence[Box], printed: Typography) -> Box | None:
    band, lower = _space_below(photo, others, printed)
    block = _block(lines_in(printed, band), photo.y1, printed.letter)
    if not block or _is_report(block, band, printed, others):
        return None
    whole = _hull(block)
    if lower is not None and _is_nearer(whole, lower.y0 - whole.y1, whole.y0 - photo.y1, block):
        return None
    return whole


def _above(photo: Box, others: Sequence[Box], printed: Typography) -> Box | None:
    """Return a caption between this photo and one above it that is nearer to this one."""
    upper = _next_above(photo, others)
    if upper is None:
        return None
    band, lower = _space_below(upper, [o for o in others if o != upper] + [photo], printed)
    lines = lines_in(printed, band)
    block = _block(lines, lines[0].box.y0, printed.letter) if lines else []
    if not block or len(block) < len(lines) or lower != photo:
        return None
    if _is_report(block, band, printed, others):
        return None
    whole = _hull(block)
    nearer = _is_nearer(whole, photo.y0 - whole.y1, whole.y0 - upper.y1, block)
    return whole if nearer and photo.x0 <= whole.centre[0] < photo.x1 else None


def _space_below(photo: Box, others: Sequence[Box], printed: Typography) -> tuple[Box, Box | None]:
    """Return the paper below a photo, in its columns, and the photo that ends it, if any."""
    slack = 0.3 * printed.letter
    left, right = photo.x0 - slack, photo.x1 + slack
    for other in others:
        if _overlap(photo.y0, photo.y1, other.y0, other.y1) > 0 or abs(other.y1 - photo.y1) < 9:
            if photo.x1 - 1 <= other.x0 < right + slack:
                right = min(right, (photo.x1 + other.x0) / 2)
            if left - slack < other.x1 <= photo.x0 + 1:
                left = max(left, (photo.x0 + other.x1) / 2)
    under = [
        o for o in others if o.y0 >= photo.y1 - 2 and _overlap(left, right, o.x0, o.x1) > slack
    ]
    lower = min(under, key=lambda o: o.y0, default=None)
    end = photo.y1 + REACH * printed.letter
    if lower is not None and lower.y0 <= end:
        return Box(left, photo.y1, right, lower.y0), lower
    return Box(left, photo.y1, right, end), None


def _next_above(photo: Box, others: Sequence[Box]) -> Box | None:
    over = [
        o for o in others if o.y1 <= photo.y0 + 2 and _overlap(photo.x0, photo.x1, o.x0, o.x1) > 0
    ]
    return max(over, key=lambda o: o.y1, default=None)


def _block(lines: Sequence[Line], edge: float, letter: float) -> list[Line]:
    """Return the lines that begin near an edge and belong together; none if they run on."""
    if not lines or not SMALL * letter <= lines[0].height < LARGE * letter:
        return []
    if lines[0].box.y0 - edge > NEAR * lines[0].height:
        return []
    block = [lines[0]]
    blank = BLANK * lines[0].height
    for line in lines[1:]:
        gap = line.box.y0 - block[-1].box.y1
        if gap > max(blank, _widest_gap(block)):
            break
        if not _is_same_type(line, block[0]):
            # Smaller type is a credit to the photographer.
            larger = line.height > lines[0].height and line.box.width >= NARROWEST * letter
            if gap < blank and larger:
                return []
            break
        block.append(line)
    return block if len(block) <= MOST_LINES else []


def _widest_gap(block: Sequence[Line]) -> float:
    """Return how far below a block its next line may begin: its own leading, and a little."""
    gaps = [lower.box.y0 - upper.box.y1 for upper, lower in pairwise(block)]
    height = block[0].height
    return 1.3 * min(gaps) + 0.15 * height if gaps else 0.9 * height


def _is_same_type(one: Line, other: Line) -> bool:
    ratio = one.height / other.height
    return 0.8 <= ratio <= 1.25


def _is_nearer(whole: Box, down: float, up: float, block: Sequence[Line]) -> bool:
    """Return whether a text is clearly nearer to what is below it, and near to it."""
    height = block[0].height
    return whole.width > 0 and down + CLEAR * height < up and down <= NEAR * height


def _is_report(
    block: Sequence[Line], band: Box, printed: Typography, others: Sequence[Box]
) -> bool:
    """Return whether lines are part of a report: columns side by side, or wider than the photo."""
    whole, letter = _hull(block), printed.letter
    if len(block) > 1 and _has_gutter(block, printed):
        return True
    return any(
        _crosses(printed, whole, edge)
        for edge in (band.x0, band.x1)
        if not any(
            abs(edge - o.centre[0]) <= o.width / 2 + letter and o.y1 <= whole.y0 for o in others
        )
    )


def _has_gutter(block: Sequence[Line], printed: Typography) -> bool:
    """Return whether a blank column parts all lines: it would be chance in a caption."""
    whole, letter = _hull(block), printed.letter
    for start, end in _blank_runs(printed, whole):
        x0, x1 = whole.x0 + start, whole.x0 + end
        inner = x0 - whole.x0 >= 3 * letter and whole.x1 - x1 >= 3 * letter
        both = sum(line.box.x0 < x0 and line.box.x1 > x1 for line in block)
        if end - start >= 0.8 * letter and inner and both >= 2:
            return True
    return False


def _crosses(printed: Typography, whole: Box, edge: float) -> bool:
    """Return whether text goes on over the edge of the columns that it should keep to."""
    letter = printed.letter
    around = Box(edge - 1.2 * letter, whole.y0, edge + 1.2 * letter, whole.y1)
    height, width = printed.ink.shape
    around = around.clipped(width, height)
    x0, y0, x1, y1 = around.pixels()
    inked = np.asarray(printed.ink[y0:y1, x0:x1].any(axis=0))
    at = min(len(inked), max(0, round(edge) - x0))
    if not (inked[:at].any() and inked[at:].any()):
        return False
    return all(end - start < 0.6 * letter for start, end in _blank_runs(printed, around))


def _blank_runs(printed: Typography, box: Box) -> list[tuple[int, int]]:
    """Return the runs of columns without ink as (start, end), px from the box's left side."""
    x0, y0, x1, y1 = box.pixels()
    blank = np.asarray(~printed.ink[y0:y1, x0:x1].any(axis=0))
    steps = np.flatnonzero(np.diff(np.r_[0, blank.astype(np.int8), 0]))
    return [(int(a), int(b)) for a, b in steps.reshape(-1, 2)]


def _beside(photo: Box, others: Sequence[Box], printed: Typography) -> Box | None:
    """Return the few lines that stand alone at the right or left side of a photo."""
    letter = printed.letter
    reach = min(photo.width, 14 * letter)
    tall = Box(0, photo.y0 - 2 * letter, 0, photo.y1 + 2 * letter)
    for near, far in ((photo.x1, photo.x1 + reach), (photo.x0, photo.x0 - reach)):
        side = Box(min(near, far), tall.y0, max(near, far), tall.y1)
        if any(side.intersection(other) > 0 for other in others):
            continue
        lines = _lines_at(printed, side, near)
        block = _block(lines, lines[0].box.y0, letter) if lines else []
        # All text at that side is the caption, or else it is a report that flows around.
        if block and len(block) == len(lines) and _fits_beside(_hull(block), photo, far):
            return _hull(block)
    return None


def _lines_at(printed: Typography, side: Box, near: float) -> list[Line]:
    """Return the lines that begin (or end) at the side of a photo."""
    pieces = pieces_in(printed, side)
    close = NEAR * printed.letter
    touching = [p for p in pieces if min(abs(p.x0 - near), abs(p.x1 - near)) <= close]
    if not touching:
        return []
    lines = lines_in(printed, side)
    heights = [(p.y0, p.y1) for p in touching]
    at = [
        line
        for line in lines
        if any(_overlap(line.box.y0, line.box.y1, a, b) > 0 for a, b in heights)
    ]
    return at if len(at) == len(lines) else []


def _fits_beside(whole: Box, photo: Box, far: float) -> bool:
    """Return whether a text stands within the photo's height and is not cut off at the far end."""
    within = whole.y0 >= photo.y0 - 3 and whole.y1 <= photo.y1 + 3
    return within and min(abs(whole.x0 - far), abs(whole.x1 - far)) > 3


def _distance(photo: Box, strip: Box) -> float:
    across = max(0.0, photo.x0 - strip.x1, strip.x0 - photo.x1)
    down = max(0.0, photo.y0 - strip.y1, strip.y0 - photo.y1)
    return across + down


def _overlap(a0: float, a1: float, b0: float, b1: float) -> float:
    return min(a1, b1) - max(a0, b0)


def _hull(lines: Sequence[Line]) -> Box:
    return reduce(Box.union, (line.box for line in lines))
