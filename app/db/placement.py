"""Facts that follow from boxes alone: computed once, stored with their rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from presslens.models.geometry import Box
from presslens.pipelines.statistics.layout import Quadrant, places


class Placement(TypedDict):
    """The stored columns of ``PhotoRow`` that follow from the boxes of a page."""

    area_share: float
    above_fold: bool
    quadrant: Quadrant
    is_lead: bool


def placements(boxes: Sequence[Box], size: tuple[int, int]) -> list[Placement]:
    """Return the stored placement of each photo of a page.

    Args:
        boxes: All photos of the page in reading order, in page pixels.
        size: Width and height of the page in pixels.
    """
    area = size[0] * size[1]
    return [
        Placement(
            area_share=box.area / area if area else 0.0,
            above_fold=place.above_fold,
            quadrant=place.quadrant,
            is_lead=place.lead,
        )
        for box, place in zip(boxes, places(boxes, size, None), strict=True)
    ]
