import numpy as np
import pytest

from presslens.samples.benchmark.press import ROSETTE_100, ROSETTE_133, RULING_65, RULING_85
from presslens.samples.benchmark.screen import LEVELS, SCAN_DPI, Screen, halftone, stochastic


@pytest.mark.parametrize(
    ("screen", "ruling", "angle"),
    [
        (RULING_65, 65.3, 45),
        (RULING_85, 84.9, 45),
        (ROSETTE_100[0], 97.0, 14),
        (Screen(9, 0), 133.3, 0),
    ],
)
def test_a_screen_has_its_ruling_and_angle(screen, ruling, angle):
    assert screen.ruling == pytest.approx(ruling, abs=0.1)
    assert screen.angle == pytest.approx(angle, abs=0.1)


def test_dots_lie_as_far_apart_as_the_ruling_says():
    ink = halftone(np.full((240, 240), 100, np.uint8), RULING_65)
    spectrum = np.abs(np.fft.rfft2(ink - ink.mean()))
    y, x = np.unravel_index(np.argmax(spectrum), spectrum.shape)
    frequency = np.hypot(np.fft.fftfreq(240)[y], np.fft.rfftfreq(240)[x])
    assert frequency * SCAN_DPI == pytest.approx(RULING_65.ruling, rel=0.03)


def test_screens_cover_as_much_paper_as_the_plate_is_dark(subtests):
    screens = {str(s): s for s in (RULING_65, RULING_85, *ROSETTE_100, *ROSETTE_133)}
    for level in (0, 40, 128, 230, LEVELS):
        plate = np.full((120, 120), level, np.uint8)
        inks = {name: halftone(plate, screen) for name, screen in screens.items()}
        for name, ink in {**inks, "stochastic": stochastic(plate)}.items():
            with subtests.test(f"{name} at {level}"):
                assert ink.mean() == pytest.approx(level / LEVELS, abs=0.015)


def test_a_screen_ignores_where_its_bands_begin():
    plate = np.random.default_rng(3).integers(0, 256, (150, 50)).astype(np.uint8)
    whole = halftone(plate, RULING_85)
    fine = plate.repeat(4, axis=0).repeat(4, axis=1)
    tile = np.tile(RULING_85.thresholds(), (30, 10))[:600, :200]
    dots = (fine >= tile).reshape(150, 4, 50, 4).mean(axis=(1, 3))
    np.testing.assert_allclose(whole, dots, atol=1e-6)
