"""The plan of a page: its slots for photos, text, panels and grounds."""

from __future__ import annotations

from dataclasses import dataclass, field

from presslens.samples.area import Area


@dataclass(frozen=True, slots=True)
class PhotoSlot:
    """A slot for a photo.

    Attributes:
        area: Its place, to the pixel.
        role: A role of ``PictureDesk.picture``.
        ruled: A hairline of one pixel runs around it, outside.
        tone: "dark" or "light" where it must stand out from a photo that it touches; else empty.
        strip: Its caption is printed inside, on a strip along its lower edge.
        rim: So many pixels of white around it, outside, over whatever lies below.
    """

    area: Area
    role: str
    ruled: bool = False
    tone: str = ""
    strip: bool = False
    rim: int = 0


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
    """All slots of one page.

    Attributes:
        masthead: The area of the newspaper's name; None on inner pages.
        emblem: Whether an emblem stands beside the newspaper's name.
        grounds: Grounds of collages.
        photos: Slots for photos; no two overlap, but one may lie wholly inside an earlier one.
        texts: Slots for text.
        panels: Slots for distractors.
    """

    masthead: Area | None = None
    emblem: bool = False
    grounds: list[GroundSlot] = field(default_factory=list)
    photos: list[PhotoSlot] = field(default_factory=list)
    texts: list[TextSlot] = field(default_factory=list)
    panels: list[PanelSlot] = field(default_factory=list)
