"""A measured figure: never without its data, its n and how it was measured."""

from __future__ import annotations

from dataclasses import dataclass

from scipy.stats import binomtest


@dataclass(frozen=True, slots=True)
class Measure:
    """One line of ``docs/accuracy.md``.

    Attributes:
        station: The station measured, "photos" for instance.
        what: The figure's name, "F1 at IoU 0.5" for instance.
        data: The data it was measured on.
        n: How many items that is.
        value: The figure.
        interval: Its 95 % interval, where one was computed.
        method: How it was measured: cross-validated by what groups, or held out from training.
    """

    station: str
    what: str
    data: str
    n: int
    value: float
    interval: tuple[float, float] | None
    method: str


def wilson(share: float, n: int) -> tuple[float, float] | None:
    """Return Wilson's 95 % interval of a share, 0–1, of n items; None without any."""
    if n == 0:
        return None
    low, high = binomtest(round(share * n), n).proportion_ci(method="wilson")
    return float(low), float(high)
