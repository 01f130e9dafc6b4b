"""The picture desk, which chooses the picture of each slot of a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from presslens.samples.catalogue import BACKDROPS, HALLS, SHOTS, Shot
from presslens.samples.cutout import Wardrobe
from presslens.samples.picture import ENLARGE, SOFT, Generator, Picture, develop, fitting
from presslens.samples.scene import crowd, fireworks, group, visit
from presslens.samples.sources import Sources

Size = tuple[int, int]

ANY = (
    "person", "person", "person", "building", "building", "street", "facility", "facility",
    "facility", "scenery", "group", "group", "group",
)  # fmt: skip
"""The roles, by frequency, of a slot that may show anything."""


@dataclass(slots=True)
class PictureDesk:
    """Hands out pictures by role, no source twice before the others had their turn."""

    sources: Sources  # the photographs
    rng: Generator  # draws the pictures and their variations
    any_roles: Sequence[str] = ANY  # the roles, by frequency, of a slot that may show anything
    wardrobe: Wardrobe = field(init=False)
    _used: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.wardrobe = Wardrobe(self.sources)

    def picture(self, role: str, size: Size) -> Picture:
        """Return a picture of ``size`` (width, height) for a role.

        Args:
            role: A role of the catalogue, or "fireworks", "crowd", "group", "visit" or "any".
            size: Width and height in pixels.
        """
        if role == "any":
            role = self.any_roles[int(self.rng.integers(len(self.any_roles)))]
        if role == "crowd":
            return crowd(self.wardrobe, size, self.rng)
        if role == "fireworks":
            return fireworks(self._shot(BACKDROPS, size), self.rng)
        if role == "group":
            return group(self.wardrobe, self._shot(BACKDROPS + HALLS, size), self.rng)
        if role == "visit":
            return visit(self.wardrobe, self._shot(BACKDROPS + HALLS, size), self.rng)
        return self._shot(tuple(s for s in SHOTS if s.role == role), size)

    def _shot(self, candidates: tuple[Shot, ...], size: Size) -> Picture:
        # Rather a soft print of the right subject than another subject; a place of an odd shape
        # gets what can be cropped to it.
        neutral = tuple(s for s in SHOTS if not s.truth.leader)
        for shots, enlarge in ((candidates, ENLARGE), (candidates, SOFT), (neutral, SOFT)):
            offered = [s for s in shots if s.file not in self.sources.withheld]
            fits = [s for s in offered if fitting(self.sources, s, size, enlarge=enlarge)]
            if fits:
                break
        if not fits:
            raise ValueError(f"no source can be cropped to {size[0]}x{size[1]} pixels")
        fewest = min(self._used.get(s.file, 0) for s in fits)
        rested = [s for s in fits if self._used.get(s.file, 0) == fewest]
        shot = rested[int(self.rng.integers(len(rested)))]
        self._used[shot.file] = fewest + 1
        return develop(self.sources, shot, size, self.rng)
