"""The page templates of the kinds of edition."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from presslens.samples.area import Area, columns, grid, mosaic, rows
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


WIDTH, HEIGHT = 1600, 2300

FRAME = Area(64, 84, WIDTH - 64, HEIGHT - 64)

Generator = np.random.Generator

Template = Callable[[Layout], None]


def pages(kind: str, rng: Generator) -> list[PagePlan]:
    """Return the plans of an edition's pages.

    Args:
        kind: "ordinary" (6 pages), "special" (8 pages, more than 100 photos) or "distractors"
            (4 pages of what is no photo, with 6 photos among it), or "evening" (4 pages of a
            small newspaper that never prints the leader).
        rng: Draws the layout.

    Raises:
        KeyError: There is no such kind.
    """
    plans: list[PagePlan] = []
    front, *inner, back = EVENING if kind == "evening" else EDITIONS[kind]
    order = [inner[int(i)] for i in rng.permutation(len(inner))]
    for template in (front, *order, back):
        layout = Layout(rng)
        template(layout)
        plans.append(layout.plan)
    return plans


def _ordinary_front(layout: Layout) -> None:
    rest = layout.masthead(FRAME)
    upper, lower = bands(rest, [float(layout.rng.uniform(1.2, 1.5)), 1.0])
    layout.story(upper, ["visit" if layout.rng.random() < 0.6 else "leader"], lead=True)
    left, right = columns(lower, [float(layout.rng.uniform(0.8, 1.2)), 1.0], gap=30)
    layout.story(left, ["building"])
    layout.story(right)


def _ordinary_inner(layout: Layout) -> None:
    one, two, three = bands(FRAME, layout.rng.uniform(0.85, 1.2, 3).tolist())
    layout.story(one, ["any"], lead=True)
    left, right = columns(two, [float(layout.rng.uniform(0.7, 1.4)), 1.0], gap=30)
    layout.story(left, ["any"])
    layout.story(right, panel=_panel(layout))
    layout.story(three, ["facility"] if layout.rng.random() < 0.5 else ["person"])


def _ordinary_pair(layout: Layout) -> None:
    one, two = bands(FRAME, layout.rng.uniform(0.85, 1.2, 2).tolist())
    layout.story(one, ["visit" if layout.rng.random() < 0.5 else "group"], lead=True)
    story, photos = columns(two, [1.3, 1.0], gap=30)
    layout.story(story, panel=_panel(layout))
    layout.gallery(photos, ["any"] * int(layout.rng.integers(2, 4)), style="captions")


def _ordinary_back(layout: Layout) -> None:
    one, two, three = bands(FRAME, layout.rng.uniform(0.85, 1.2, 3).tolist())
    layout.story(one, ["any"], panel="map", lead=True)
    layout.story(two, panel=_panel(layout))
    left, right = columns(three, [1.0, 1.0], gap=30)
    layout.story(left, ["scenery"])
    layout.story(right)


def _evening_front(layout: Layout) -> None:
    rest = layout.masthead(FRAME)
    upper, lower = bands(rest, [1.0, float(layout.rng.uniform(0.8, 1.1))])
    layout.story(upper, ["building" if layout.rng.random() < 0.5 else "facility"], lead=True)
    left, right = columns(lower, [1.0, 1.0], gap=30)
    layout.story(left, ["scenery"])
    layout.story(right, ["any"])


def _special_front(layout: Layout) -> None:
    rest = layout.masthead(FRAME)
    head, rest = rest.top(120, gap=14)
    layout.story(head, lead=True)
    lead, rest = rest.top(int(layout.rng.integers(880, 980)), gap=8)
    layout.photo(lead, "building")
    strip, text = rest.top(int(layout.rng.integers(280, 340)), gap=BELOW)
    layout.gallery(strip, ["facility", "crowd", "building", "fireworks"], style="captions")
    layout.story(text)


def _special_mosaic(layout: Layout) -> None:
    story, photos = bands(FRAME, [1.0, float(layout.rng.uniform(2.2, 3.0))])
    layout.story(story, lead=True)
    layout.gallery(
        photos,
        _mixed(layout, 15, leader=2, crowd=2, fireworks=1),
        style=_style(layout),
    )


def _special_grid(layout: Layout) -> None:
    head, photos = FRAME.top(116, gap=10)
    layout.story(head, lead=True)
    layout.gallery(photos, _mixed(layout, 24, leader=1, crowd=2, fireworks=3), style="grid")


def _special_full_page(layout: Layout) -> None:
    layout.photo(FRAME, "fireworks")


def _special_captions(layout: Layout) -> None:
    photos, story = bands(FRAME, [float(layout.rng.uniform(2.4, 3.2)), 1.0])
    layout.gallery(photos, _mixed(layout, 18, leader=2, crowd=1, fireworks=1), style="captions")
    layout.story(story, panel=_panel(layout))


def _special_corner(layout: Layout) -> None:
    upper, lower = bands(FRAME, [float(layout.rng.uniform(1.4, 1.9)), 1.0])
    inside = layout.corner(upper, _mixed(layout, 9, leader=1, crowd=1, fireworks=1))
    layout.story(inside, ["visit"], lead=True)
    layout.gallery(lower, _mixed(layout, 6, leader=0, crowd=0, fireworks=1), style="mosaic")


def _special_two_galleries(layout: Layout) -> None:
    one, two, three = bands(FRAME, [1.3, float(layout.rng.uniform(0.6, 0.8)), 1.3])
    layout.gallery(
        one,
        _mixed(layout, 12, leader=1, crowd=1, fireworks=0),
        style=_style(layout),
    )
    layout.story(two, panel=_panel(layout))
    layout.gallery(
        three,
        _mixed(layout, 9, leader=0, crowd=1, fireworks=1),
        style=_style(layout),
    )


def _special_back(layout: Layout) -> None:
    one, two, three = bands(FRAME, [1.0, 1.2, 0.8])
    layout.story(one, ["any"], panel="chart", lead=True)
    layout.gallery(two, _mixed(layout, 8, leader=1, crowd=1, fireworks=0), style="captions")
    layout.story(three, ["scenery"], panel="slogan")


def _distractors_front(layout: Layout) -> None:
    layout.plan.emblem = True
    rest = layout.masthead(FRAME)
    flag, rest = rest.top(110, gap=16)
    layout.panel(flag, "slogan")
    upper, lower = bands(rest, [float(layout.rng.uniform(1.2, 1.5)), 1.0])
    layout.story(upper, ["any"], lead=True)
    left, right = columns(lower, [float(layout.rng.uniform(0.9, 1.3)), 1.0], gap=30)
    picture, text = left.top(int(left.height * 0.6), gap=12)
    layout.panel(picture, "engraving", caption=True)
    layout.story(text)
    ornament, story = right.top(70, gap=12)
    layout.panel(ornament, "ornament")
    layout.story(story, panel="drawing")


def _distractors_figures(layout: Layout) -> None:
    one, two, three = bands(FRAME, layout.rng.uniform(0.85, 1.2, 3).tolist())
    layout.story(one.left(one.width // 2 - 15)[0], ["any"])
    _panels(layout, one.left(one.width // 2, gap=15)[1], ["map"])
    _panels(layout, two, ["chart", "table", "map"])
    story, panels = columns(three, [1.0, 1.6], gap=30)
    layout.story(story, panel="chart")
    _panels(layout, panels, ["table", "chart"])


def _distractors_advertisements(layout: Layout) -> None:
    head, rest = FRAME.top(110, gap=16)
    layout.panel(head, "slogan")
    for i, band in enumerate(bands(rest, layout.rng.uniform(0.8, 1.2, 4).tolist())):
        row = ["advertisement"] * int(layout.rng.integers(2, 4))
        row[int(layout.rng.integers(len(row)))] = str(layout.rng.choice(["stamp", "barcode"]))
        if i % 2:
            place, band = band.left(int(layout.rng.integers(420, 560)), gap=24)
            layout.photo(place, "facility")
            row.pop()
        _panels(layout, band, row)


def _distractors_culture(layout: Layout) -> None:
    one, two, three = bands(FRAME, layout.rng.uniform(0.85, 1.2, 3).tolist())
    _panels(layout, one, ["engraving", "drawing"])
    story, photos = columns(two, [1.2, 1.0], gap=30)
    layout.story(story, panel="engraving")
    layout.gallery(photos, ["person", "building"], style="captions")
    left, right = columns(three, [1.0, 1.0], gap=30)
    rest = left
    for kind in ("ornament", "stamp"):
        place, rest = rest.top(70 if kind == "ornament" else 190, gap=12)
        layout.panel(place if kind == "ornament" else _square(place), kind)
    layout.story(rest)
    _panels(layout, right, ["engraving"])


def _panels(layout: Layout, area: Area, kinds: Sequence[str]) -> None:
    """Set panels side by side."""
    places = columns(area, layout.rng.uniform(0.85, 1.25, len(kinds)), gap=24)
    for place, kind in zip(places, kinds, strict=True):
        if kind in ("stamp", "barcode"):
            layout.panel(_square(place), kind)
        else:
            layout.panel(place, kind, caption=bool(layout.rng.random() < 0.5))


def _square(area: Area) -> Area:
    """Return a small square in the middle of an area."""
    side = min(*area.size, 270)
    x, y = area.x0 + (area.width - side) // 2, area.y0 + (area.height - side) // 2
    return Area(x, y, x + side, y + side)


BELOW = 10

PANELS = ("drawing", "map", "chart", "slogan")

EDITIONS: dict[str, Sequence[Template]] = {
    "ordinary": (
        _ordinary_front,
        _ordinary_inner,
        _ordinary_pair,
        _ordinary_inner,
        _ordinary_pair,
        _ordinary_back,
    ),
    "special": (
        _special_front,
        _special_mosaic,
        _special_grid,
        _special_full_page,
        _special_captions,
        _special_corner,
        _special_two_galleries,
        _special_back,
    ),
    "distractors": (
        _distractors_front,
        _distractors_figures,
        _distractors_advertisements,
        _distractors_culture,
    ),
}

EVENING: Sequence[Template] = (_evening_front, _ordinary_inner, _ordinary_inner, _ordinary_back)


def _mixed(layout: Layout, count: int, *, leader: int, crowd: int, fireworks: int) -> list[str]:
    """Return about ``count`` roles: so many of each kind, the rest anything."""
    count += int(layout.rng.integers(-1, 3))
    some = ["visit" if layout.rng.random() < 0.5 else "leader" for _ in range(leader)]
    some += ["crowd"] * crowd + ["fireworks"] * fireworks
    return some + ["any"] * (count - len(some))


def _style(layout: Layout) -> str:
    return str(layout.rng.choice(["mosaic", "grid", "collage"], p=[0.5, 0.35, 0.15]))


def _panel(layout: Layout) -> str:
    return PANELS[int(layout.rng.integers(len(PANELS)))]
