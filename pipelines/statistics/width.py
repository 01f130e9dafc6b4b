"""Which numbers are wide: their intervals answer too little, and a next step stands beside them."""

from __future__ import annotations

from presslens.pipelines.statistics.metrics import Metric

USEFUL = 0.05
"""Half the width of a share's interval that a next step aims at, 0–1."""

WIDE_SHARE = 1.5 * USEFUL
"""Half the width from which on a share, or a part of a whole, is wide."""

WIDE_COUNT = 0.2
"""Half the width by the number from which on a count is wide, if it is 1 at least."""


def is_wide(metric: Metric, value: float | None, interval: tuple[float, float] | None) -> bool:
    """Return whether a number is wide; a share that has no interval is, another number is not.

    >>> is_wide(Metric("children"), 0.1, (0.0, 0.2)), is_wide(Metric("photos"), 116, (113, 120))
    (True, False)
    """
    if value is None or interval is None:
        return value is not None and metric.is_share
    half = (interval[1] - interval[0]) / 2
    return half > WIDE_SHARE if metric.is_part else half >= max(1.0, WIDE_COUNT * abs(value))
