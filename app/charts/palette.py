"""Colours of charts, for light and dark grounds.

Those of series are Okabe and Ito's, which people tell apart whatever colours they see (Okabe & Ito
2008, jfly.uni-koeln.de/color); each series has a shape of its own besides.
"""

from __future__ import annotations

from dataclasses import dataclass

from presslens.app.charts.chart import Theme

_LATIN, _HANGUL = "Liberation Sans, Arial, Helvetica", "NanumGothic, Nanum Gothic, Malgun Gothic"
FONTS = {"en": f"{_LATIN}, {_HANGUL}, sans-serif", "ko": f"{_HANGUL}, {_LATIN}, sans-serif"}
"""By language. The renderer has the first Latin one, ``app.charts.fonts`` the first of Hangul."""

MOST_SERIES = 4
"""Largest number of series on one chart."""

SHAPES = ("circle", "diamond", "square", "triangle-up")


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours on one ground."""

    ground: str  # the paper
    ink: str  # text and axes
    pale: str  # notes, and marks of events
    rule: str  # lines of the grid
    series: tuple[str, str, str, str]  # one for each series


PALETTES = {
    Theme.LIGHT: Palette(
        ground="#ffffff",
        ink="#1c1c1c",
        pale="#5c5c5c",
        rule="#e2e2e2",
        series=("#0072b2", "#d55e00", "#117755", "#aa4499"),
    ),
    Theme.DARK: Palette(
        ground="#161719",
        ink="#e8e6e3",
        pale="#a9a7a3",
        rule="#3a3b3d",
        series=("#56b4e9", "#e69f00", "#3fc79a", "#cc79a7"),
    ),
}
