"""The plan of a page: its slots for photos, text, panels and grounds."""

from __future__ import annotations

from dataclasses import dataclass, field

from presslens.samples.area import Area


@dataclass(frozen=True, slots=True)
class PhotoSlot:
    """A slot for a photo."""

    area: Area  # its place, to the pixel
    role: str  # a role of ``PictureDesk.picture``
    ruled: bool = False  # a hairline of one pixel runs around it, outside
    # "dark" or "light" where it must stand out from a photo that it touches; else empty.
    tone: str = ""
    strip: bool = False  # its caption is printed inside, on a strip along its lower edge
    rim: int = 0  # so many pixels of white around it, outside, over whatever lies below


@dataclass(frozen=True, slots=True)
class TextSlot:
    """A slot for text: "body", "headline", "kicker" or "caption"."""

    area: Area
    kind: str
    count: int = 1
    ruled: bool = False


@dataclass(frozen=True, slots=True)
class PanelSlot:
    """A slot for a distractor: a kind of samples.distractor.KINDS."""

    area: Area
    kind: str


@dataclass(frozen=True, slots=True)
class GroundSlot:
    """A slot that is filled with one colour (red, green, blue: 0-255) before all others."""

    area: Area
    colour: tuple[int, int, int]


@dataclass(slots=True)
class PagePlan:
    """All slots of one page."""

    masthead: Area | None = None  # the area of the newspaper's name; None on inner pages
    emblem: bool = False  # whether an emblem stands beside the newspaper's name
    grounds: list[GroundSlot] = field(default_factory=list)  # grounds of collages
    # Slots for photos; no two overlap, but one may lie wholly inside an earlier one.
    photos: list[PhotoSlot] = field(default_factory=list)
    texts: list[TextSlot] = field(default_factory=list)
    panels: list[PanelSlot] = field(default_factory=list)  # slots for distractors
