from __future__ import annotations

import pytest

from models.accuracy import wilson


@pytest.mark.parametrize(
    ("share", "n", "expected"),
    [(0.5, 10, (0.2366, 0.7634)), (1.0, 11, (0.7412, 1.0)), (0.0, 7, (0.0, 0.3543))],
)
def test_wilsons_interval(share: float, n: int, expected: tuple[float, float]) -> None:
    assert wilson(share, n) == pytest.approx(expected, abs=1e-4)


def test_of_nothing_there_is_none() -> None:
    assert wilson(float("nan"), 0) is None
