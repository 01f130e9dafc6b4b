from __future__ import annotations

import numpy as np
import pytest

from models.faces.gallery import EnrolledFigure, Gallery, Role

BASIS = np.eye(128, dtype=np.float32)


def _figure(name: str, role: str = "official") -> EnrolledFigure:
    return EnrolledFigure(name, role, BASIS[[0]])


def test_empty_gallery() -> None:
    assert Gallery().figures == ()
    assert Gallery([]).leaders == frozenset()


def test_leaders_are_the_figures_with_that_role() -> None:
    gallery = Gallery([_figure("a", Role.LEADER), _figure("b"), _figure("c", Role.LEADER)])
    assert gallery.leaders == {"a", "c"}


def test_names_are_unique() -> None:
    with pytest.raises(ValueError, match="same name"):
        Gallery([_figure("a"), _figure("a", Role.LEADER)])


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
    figure = EnrolledFigure("a", Role.LEADER, rows)

    assert figure.distance(BASIS[0] * 0.0) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("lengths", "weights", "expected"),
    [
        ([1.0, 2.0], [1, 1], 1.5),
        ([1.0, 2.0], [1, 0.25], 1.2),
        ([1.0, 2.0], [0, 0.25], 2.0),
        ([9.0, 1.0, 2.0, 3.0], [1, 1, 0, 1], 13 / 3),
        ([1.0, 2.0], [0, 0], float("inf")),
    ],
)
def test_references_count_by_their_weight(
    lengths: list[float], weights: list[float], expected: float
) -> None:
    rows = np.array([BASIS[0] * length for length in lengths], np.float32)
    figure = EnrolledFigure("a", Role.LEADER, rows, np.array(weights, np.float32))

    assert figure.distance(BASIS[0] * 0.0) == pytest.approx(expected)


def test_without_weights_all_references_count_alike() -> None:
    assert EnrolledFigure("a", Role.HEIR, BASIS[:3]).weights.tolist() == [1, 1, 1]


def test_a_weight_for_each_reference() -> None:
    with pytest.raises(ValueError, match="3 references and 2 weights"):
        EnrolledFigure("a", Role.HEIR, BASIS[:3], np.ones(2, np.float32))
