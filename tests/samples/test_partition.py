from itertools import combinations, pairwise

import numpy as np
import pytest

from presslens.samples.area import Area, columns, grid, mosaic, rows

PAGE = Area(64, 84, 1536, 2236)


@pytest.mark.parametrize("gap", [0, 1, 8])
@pytest.mark.parametrize("weights", [[1.0], [1.0, 2.0], [0.3, 0.9, 1.1]])
def test_rows_and_columns_fill_the_area_but_for_the_gaps(weights, gap):
    for parts, low, high in (
        (rows(PAGE, weights, gap=gap), "y0", "y1"),
        (columns(PAGE, weights, gap=gap), "x0", "x1"),
    ):
        assert getattr(parts[0], low) == getattr(PAGE, low)
        assert getattr(parts[-1], high) == getattr(PAGE, high)
        for one, other in pairwise(parts):
            assert getattr(other, low) - getattr(one, high) == gap


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("count", [1, 2, 7, 17])
def test_mosaic_has_as_many_frames_as_asked_for_and_none_overlaps(count, seed):
    frames = mosaic(PAGE, count, gap=3, rng=np.random.default_rng(seed))
    assert len(frames) == count
    assert not any(a.overlaps(b) for a, b in combinations(frames, 2))


def test_grid_has_a_row_for_every_count():
    frames = grid(PAGE, [3, 4, 2], gap=5, rng=np.random.default_rng(0))
    assert len(frames) == 9
    assert len({frame.y0 for frame in frames}) == 3
