from dataclasses import replace

import numpy as np
import pytest

from presslens.lab.training.photos.composer.scan import ScanSimulation
from presslens.lab.training.photos.composer.sheet import Sheet
from presslens.models.geometry import Box

PHOTO = Box(120, 200, 400, 500)


@pytest.fixture
def sheet():
    pixels = np.full((900, 600, 3), 245, np.uint8)
    pixels[200:500, 120:400] = 20
    return Sheet(pixels, [PHOTO])


def dark(pixels):
    rows, columns = np.nonzero(pixels.max(axis=2) < 120)
    return Box(columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)


@pytest.mark.parametrize(
    "change",
    [
        {}, {"skew": 2.0}, {"skew": -1.0, "keystone": 0.02},
        {"skew": 3.0, "keystone": 0.02, "desk": 0.06}, {"bent": 0.005}, {"reduced": 0.5},
        {"quality": 40}, {"faded": 0.2, "aged": 0.5, "grey": True},
    ],
)  # fmt: skip
def test_the_box_goes_where_the_photo_goes(sheet, change):
    scan = replace(ScanSimulation(np.random.default_rng(3)), **change)
    pixels, (box,) = scan.apply(sheet, 400, 600)
    inner = pixels.copy()
    inner[:60], inner[-60:], inner[:, :40], inner[:, -40:] = 255, 255, 255, 255  # no lid's border
    assert pixels.shape == (600, 400, 3)
    assert box.iou(dark(inner)) > 0.95


def test_a_photo_off_the_scan_is_gone(sheet):
    sheet.photos.append(Box(590, 0, 900, 300))
    assert len(ScanSimulation(np.random.default_rng(0)).apply(sheet, 400, 600)[1]) == 1


def test_a_bitonal_scan_is_black_and_white(sheet):
    values = [
        np.unique(ScanSimulation(np.random.default_rng(i), bitonal=True).apply(sheet, 400, 600)[0])
        for i in range(6)
    ]
    assert any(set(v.tolist()) <= {0, 255} for v in values)


def test_a_scan_by_chance_is_the_same_for_a_seed():
    one, other = (
        ScanSimulation.by_chance(np.random.default_rng(4), composed=True) for _ in range(2)
    )
    assert replace(one, rng=other.rng) == other


def test_a_page_on_a_desk_has_a_desk_around_it(sheet):
    scan = ScanSimulation(np.random.default_rng(2), skew=4.0, desk=0.1)
    pixels, (box,) = scan.apply(sheet, 400, 600)
    rim = np.concatenate([pixels[:12].reshape(-1, 3), pixels[-12:].reshape(-1, 3)])
    assert rim.mean() < 220
    assert pixels[150, 200].min() > 235
    assert box.width == pytest.approx(PHOTO.width / 1.5 * 0.8, rel=0.12)
