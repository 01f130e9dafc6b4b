"""The plan of a page: which area prints what, before anything is drawn."""

from __future__ import annotations

from dataclasses import dataclass, field

from samples.area import Area


@dataclass(frozen=True, slots=True)
class PhotoPlace:
    """A place for a photo.

    Attributes:
        area: Where, to the pixel.
        role: What the picture desk is asked for.
        ruled: A hairline of one pixel runs around it, outside.
    """

    area: Area
    role: str
    ruled: bool = False


@dataclass(frozen=True, slots=True)
class TextPlace:
    """A place for text: "body", "headline", "kicker" or "caption"."""

    area: Area
    kind: str
    count: int = 1
    ruled: bool = False


@dataclass(frozen=True, slots=True)
class PanelPlace:
    """A place for what is no photo: a kind of samples.distractor.KINDS."""

    area: Area
    kind: str


@dataclass(slots=True)
class PagePlan:
    """All places of one page.

    Attributes:
        masthead: Where the newspaper's name goes; None on inner pages.
        photos: Places for photos; no two overlap.
        texts: Places for text.
        panels: Places for distractors.
    """

    masthead: Area | None = None
    photos: list[PhotoPlace] = field(default_factory=list)
    texts: list[TextPlace] = field(default_factory=list)
    panels: list[PanelPlace] = field(default_factory=list)
