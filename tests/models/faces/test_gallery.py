from __future__ import annotations

import numpy as np
import pytest

from models.faces.gallery import LEADER, EnrolledFigure, Gallery

BASIS = np.eye(128, dtype=np.float32)


def _figure(name: str, role: str = "official") -> EnrolledFigure:
    return EnrolledFigure(name, role, BASIS[[0]])


def test_empty_gallery() -> None:
    assert Gallery().figures == ()
    assert Gallery([]).leaders == frozenset()


def test_leaders_are_the_figures_with_that_role() -> None:
    gallery = Gallery([_figure("a", LEADER), _figure("b"), _figure("c", LEADER)])
    assert gallery.leaders == {"a", "c"}


def test_names_are_unique() -> None:
    with pytest.raises(ValueError, match="same name"):
        Gallery([_figure("a"), _figure("a", LEADER)])


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [
        ([], float("inf")),
        ([1.0], 1.0),
        ([1.0, 2.0], 1.5),
        ([9.0, 1.0, 2.0, 3.0], 2.0),
    ],
)
def test_distance_is_the_mean_of_the_three_nearest(lengths: list[float], expected: float) -> None:
    rows = np.array([BASIS[0] * length for length in lengths], np.float32).reshape(-1, 128)
    figure = EnrolledFigure("a", LEADER, rows)

    assert figure.distance(BASIS[0] * 0.0) == pytest.approx(expected)
