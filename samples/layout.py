"""Layout of pages: stories with photos set into them, groups of photos, full-page photos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from presslens.samples.area import Area
from presslens.samples.partition import columns, grid, mosaic, rows
from presslens.samples.plan import GroundSlot, PagePlan, PanelSlot, PhotoSlot, TextSlot
from presslens.samples.typeset import COLUMN_GAP

CAPTION = 24
BAND_GAP = 26
GAPS = (1, 2, 3, 4, 6, 8, 10, 12, 14)
"""Gutters between photos in pixels,"""
TOUCHING = 0.2
"""and how often photos over a line of captions have none at all, but another tone each."""
STRIPS = 0.15
"""How often a photo, or all photos of a group without captions, carry a caption inside."""
MATS = ((36, 52, 92), (120, 26, 30), (214, 196, 150), (60, 84, 66), (28, 28, 30))
"""Colours that collages lie on."""
HOST = 400, 250
"""Least width and height of a photo that another one is set into."""


@dataclass(slots=True)
class Layout:
    """Fills one page plan, area by area."""

    rng: np.random.Generator  # decides sizes and sides
    plan: PagePlan = field(default_factory=PagePlan)  # the plan so far

    def masthead(self, area: Area) -> Area:
        """Put the newspaper's name at the top and return what is left below."""
        head, rest = area.top(int(self.rng.integers(150, 200)), gap=18)
        self.plan.masthead = head
        return rest

    def story(
        self, area: Area, roles: Sequence[str] = (), *, panel: str | None = None, lead: bool = False
    ) -> None:
        """Fill an area with a headline and columns, with photos or a panel set into them."""
        height = int(self.rng.integers(80, 110) if lead else self.rng.integers(48, 66))
        head, body = area.top(height, gap=14)
        self.plan.texts.append(TextSlot(head, "headline"))
        count = max(1, round(area.width / 235))
        width = (area.width - COLUMN_GAP * (count - 1)) / count
        spare = body
        for role in roles:
            spare = self._set_in(spare, role, count=count, width=width)
        if panel and spare.height > 220:
            high = min(int(spare.height * 0.5), 340)
            place, spare = spare.top(high, gap=16)
            self.plan.panels.append(PanelSlot(place, panel))
        self._columns(spare, width)

    def photo(self, area: Area, role: str, *, caption: bool = True) -> None:
        """Fill an area with one photo, by default with a caption below."""
        if caption:
            area, line = area.top(area.height - CAPTION)
            self.plan.texts.append(TextSlot(line, "caption"))
        ruled = bool(self.rng.random() < 0.3)
        strip = bool(self.rng.random() < STRIPS)
        self.plan.photos.append(
            PhotoSlot(area.inset(1) if ruled else area, role, ruled, strip=strip)
        )

    def panel(self, area: Area, kind: str, *, caption: bool = False) -> None:
        """Fill an area with a distractor, optionally with a caption below."""
        if caption:
            area, line = area.top(area.height - CAPTION)
            self.plan.texts.append(TextSlot(line, "caption"))
        self.plan.panels.append(PanelSlot(area, kind))

    def gallery(self, area: Area, roles: Sequence[str], *, style: str) -> None:
        """Fill an area with as many photos as there are roles.

        Args:
            area: Where.
            roles: What each photo shows, in any order on the page.
            style: "mosaic" (frames of all sizes), "grid" (rows of uneven columns), "captions"
                (rows with a line of captions under each) or "collage" (rimmed, on a colour).
        """
        gap = int(self.rng.choice(GAPS))
        count = len(roles)
        if style == "collage":
            return self._collage(area, roles)
        if style == "captions" and self.rng.random() < TOUCHING:
            gap = 0
        if style == "mosaic":
            frames = mosaic(area, count, gap=gap, rng=self.rng)
        elif style == "grid":
            frames = grid(area, self._counts(area, count), gap=gap, rng=self.rng)
        else:
            frames = self._captioned(area, count, gap=gap)
        ruled = gap == 3 and bool(self.rng.random() < 0.7)
        order = self.rng.permutation(count)
        strip = style != "captions" and bool(self.rng.random() < STRIPS)
        tones = _tones(frames) if gap == 0 else [""] * count
        for frame, which, tone in zip(frames, order, tones, strict=True):
            place = PhotoSlot(frame, roles[int(which)], ruled, tone, strip)
            self.plan.photos.append(place)

    def _collage(self, area: Area, roles: Sequence[str]) -> None:
        """Lay rimmed photos on a coloured ground, not quite in line, one perhaps in another."""
        mat = MATS[int(self.rng.integers(len(MATS)))]
        self.plan.grounds.append(GroundSlot(area, mat))
        rim = int(self.rng.integers(0, 5))
        count = max(2, len(roles) - 1)
        places = []
        for frame in mosaic(area.inset(12), count, gap=2 * rim + 4, rng=self.rng):
            left, top, right, bottom = (int(v) for v in self.rng.integers(0, 9, 4))
            x0, y0 = frame.x0 + left, frame.y0 + top
            places.append(Area(x0, y0, frame.x1 - right, frame.y1 - bottom))
        host = max(places, key=lambda place: place.width * place.height)
        if host.width >= HOST[0] and host.height >= HOST[1] and len(roles) > count:
            wide = round(host.width * float(self.rng.uniform(0.36, 0.42)))
            right, bottom = host.x1 - 14, host.y1 - 14
            places.append(Area(right - wide, bottom - round(wide * 0.75), right, bottom))
        for place, role in zip(places, roles, strict=False):
            self.plan.photos.append(PhotoSlot(place, role, rim=max(rim, 2)))

    def corner(self, area: Area, roles: Sequence[str]) -> Area:
        """Put photos in an L along two sides of an area and return what is left."""
        gap = int(self.rng.choice(GAPS[1:]))
        side = int(area.width * float(self.rng.uniform(0.3, 0.36)))
        foot = int(area.height * float(self.rng.uniform(0.28, 0.36)))
        upper, lower = area.top(area.height - foot, gap=gap)
        across = min(4, max(2, len(roles) // 3))
        if self.rng.random() < 0.5:
            down, rest = upper.left(side)
        else:
            rest, down = upper.left(upper.width - side)
        frames = mosaic(down, len(roles) - across, gap=gap, rng=self.rng)
        frames += columns(lower, self.rng.uniform(0.85, 1.15, across), gap=gap)
        for frame, role in zip(frames, roles, strict=True):
            self.plan.photos.append(PhotoSlot(frame, role))
        left = 0 if rest.x0 == area.x0 else 20
        return Area(rest.x0 + left, rest.y0, rest.x1 - (20 - left), rest.y1 - 20 + gap)

    def _set_in(self, area: Area, role: str, *, count: int, width: float) -> Area:
        """Put a photo into whole columns at the top left or right; text fills beside it."""
        most = max(1, min(count, round((area.width + COLUMN_GAP) / (width + COLUMN_GAP))))
        span = int(self.rng.integers(max(1, most // 2), most)) if most > 1 else 1
        # A low area gets a narrower photo rather than a strip.
        span = max(1, min(span, round(area.height * 1.7 / width)))
        across = round(span * width + (span - 1) * COLUMN_GAP)
        high = round(min(across * float(self.rng.uniform(0.62, 0.82)), area.height * 0.8)) + CAPTION
        upper, rest = area.top(min(high, area.height), gap=14)
        if span == most:
            self.photo(upper, role)
            return rest
        if self.rng.random() < 0.5:
            place, beside = upper.left(across, gap=COLUMN_GAP)
        else:
            beside, place = upper.left(upper.width - across - COLUMN_GAP, gap=COLUMN_GAP)
        self.photo(place, role)
        self._columns(beside, width)
        return rest

    def _columns(self, area: Area, width: float) -> None:
        if area.height < 24:
            return
        count = max(1, round((area.width + COLUMN_GAP) / (width + COLUMN_GAP)))
        ruled = bool(self.rng.random() < 0.4)
        self.plan.texts.append(TextSlot(area, "body", count, ruled))

    def _captioned(self, area: Area, count: int, *, gap: int) -> list[Area]:
        counts = self._counts(area, count)
        frames: list[Area] = []
        pictures_and_lines = rows(area, self.rng.uniform(0.9, 1.1, len(counts)), gap=6)
        for band, across in zip(pictures_and_lines, counts, strict=True):
            pictures, line = band.top(band.height - CAPTION)
            across_band = columns(pictures, self.rng.uniform(0.85, 1.15, across), gap=gap)
            frames += across_band
            for frame in across_band:
                below = Area(frame.x0 + 2, line.y0, frame.x1 - 2, line.y1)
                self.plan.texts.append(TextSlot(below, "caption"))
        return frames

    def _counts(self, area: Area, count: int) -> list[int]:
        """Return the number of frames of each row, so that frames are a little wide."""
        many = max(1, min(count, round((count * area.height * 1.3 / area.width) ** 0.5)))
        counts = [count // many + (1 if i < count % many else 0) for i in range(many)]
        for i in range(0, many - 1, 2):
            if counts[i] > 2 and self.rng.random() < 0.7:
                counts[i], counts[i + 1] = counts[i] - 1, counts[i + 1] + 1
        return [counts[int(i)] for i in self.rng.permutation(many)]


def _tones(frames: Sequence[Area]) -> list[str]:
    """Return a tone for each photo: in a row, every other one is dark and the rest light."""
    tones: list[str] = []
    for i, frame in enumerate(frames):
        first = i == 0 or frames[i - 1].y0 != frame.y0
        tones.append("dark" if first or tones[-1] == "light" else "light")
    return tones


def bands(area: Area, weights: Sequence[float]) -> list[Area]:
    """Return the bands of stories of a page."""
    return rows(area, weights, gap=BAND_GAP)
