from __future__ import annotations

import numpy as np
import pytest

from presslens.samples.screen import BAND, BLACK, WHITE, screened


@pytest.mark.parametrize("share", [0.1, 0.4, 0.5, 0.8])
@pytest.mark.parametrize("cell", [1.3, 4.0, 7.0])
def test_a_grey_covers_its_share_of_the_paper(share: float, cell: float) -> None:
    grey = np.full((180, 200), round(WHITE - share * (WHITE - BLACK)), np.uint8)
    assert screened(grey, cell=cell).mean() == pytest.approx(share, abs=0.03)


@pytest.mark.parametrize(("grey", "ink"), [(0, 1.0), (20, 1.0), (240, 0.0), (255, 0.0)])
def test_paper_and_solid_ink_have_no_dots(grey: int, ink: float) -> None:
    covered = screened(np.full((70, 40), grey, np.uint8), cell=5.0)
    assert covered == pytest.approx(ink, abs=0.02)


def test_dots_stand_a_cell_apart_at_45_degrees_across_bands() -> None:
    cell = 8.0
    ink = screened(np.full((2 * BAND, 2 * BAND), 133, np.uint8), cell=cell)
    seen = np.abs(np.fft.rfft2(ink - ink.mean()))
    row, column = np.unravel_index(seen.argmax(), seen.shape)
    across, down = np.fft.rfftfreq(2 * BAND)[column], np.fft.fftfreq(2 * BAND)[row]
    assert np.hypot(across, down) == pytest.approx(1 / cell, rel=0.1)
    assert abs(across) == pytest.approx(abs(down), rel=0.15)
