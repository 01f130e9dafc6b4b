"""The page templates of the kinds of edition."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from presslens.samples.area import Area
from presslens.samples.layout import Layout, bands
from presslens.samples.partition import columns
from presslens.samples.plan import PagePlan

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
