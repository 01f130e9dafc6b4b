import numpy as np
import pytest
from PIL import Image, ImageDraw

from presslens.samples.scan import BAND, BLACK, CONDITIONS, STILL, WHITE, Warp, scan, screened

SIZE = 400, 575
BOX = [60, 80, 260, 320]


@pytest.fixture
def sheet():
    """Paper with one dark block, exactly where BOX is."""
    page = Image.new("RGB", SIZE, (246, 244, 237))
    ImageDraw.Draw(page).rectangle((60, 80, 259, 319), fill=(20, 20, 24))
    return page


@pytest.fixture
def blank():
    return Image.new("RGB", SIZE, (246, 244, 237))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("condition", CONDITIONS)
def test_the_truth_goes_where_the_picture_goes(sheet, blank, condition, seed):
    page = scan(sheet, condition, np.random.default_rng(seed), reverse=blank)
    told = page.box(BOX)
    x0, y0, x1, y1 = (round(edge) for edge in told)
    grey = np.asarray(page.image.convert("L"), np.float64)
    margin = round(0.03 * page.image.width)
    around = grey[y0 - margin : y1 + margin, x0 - margin : x1 + margin]
    rows, columns = np.nonzero(around < (around.min() + np.median(grey)) / 2)
    seen = (
        columns.min() + x0 - margin,
        rows.min() + y0 - margin,
        columns.max() + 1 + x0 - margin,
        rows.max() + 1 + y0 - margin,
    )
    assert np.abs(np.subtract(seen, told)).max() <= max(2, 0.002 * page.image.width)


def test_a_clean_page_is_the_sheet_itself(sheet, blank):
    page = scan(sheet, "clean", np.random.default_rng(1), reverse=blank)
    assert page.image is sheet
    assert page.warp is STILL
    assert page.box(BOX) == BOX
    assert (page.quality, page.subsampling) == (90, 0)


def test_a_scan_has_the_resolution_of_a_scanner_and_a_dark_border(sheet, blank):
    page = scan(sheet, "scanned", np.random.default_rng(2), reverse=blank)
    assert 150 * 545 / 25.4 < page.image.height < 200 * 545 / 25.4 * 1.12
    grey = np.asarray(page.image.convert("L"))
    assert all(np.median(edge) < 60 for edge in (grey[0], grey[-1], grey[:, 0], grey[:, -1]))
    assert np.median(grey) > 130
    red, _, blue = np.median(np.asarray(page.image), axis=(0, 1))
    assert red > blue
    assert 70 <= page.quality <= 85


def test_what_is_printed_behind_shows_through(blank, sheet):
    through, without = (
        np.asarray(scan(blank, "scanned", np.random.default_rng(3), reverse=r).image, np.float64)
        for r in (sheet, blank)
    )
    assert (through - without).min() < -4
    assert np.median(through - without) == pytest.approx(0, abs=1)


@pytest.mark.parametrize(("condition", "tones"), [("halftone", 64), ("bitonal", 2)])
def test_black_presses_print_no_colour(sheet, blank, condition, tones):
    red = Image.new("RGB", SIZE, (200, 40, 40))
    page = scan(red, condition, np.random.default_rng(4), reverse=blank)
    pixels = np.asarray(page.image, np.float64)
    saturation = np.ptp(pixels - np.median(pixels.reshape(-1, 3), axis=0), axis=2)
    assert saturation.mean() < 30
    assert len(np.unique(pixels[..., 0])) <= 256
    assert condition != "bitonal" or len(np.unique(pixels)) == tones


def test_a_curled_side_is_within_its_box():
    curl = (5 * np.sin(np.arange(200) / 20)).astype(np.float32)
    x0, y0, x1, y1 = Warp(np.eye(2, 3), curl).box([10, 50, 190, 90])
    assert (x0, x1) == (10, 190)
    assert y0 == pytest.approx(45, abs=0.1)
    assert y1 == pytest.approx(95, abs=0.1)


def test_the_same_chance_gives_the_same_scan(sheet, blank):
    for condition in CONDITIONS:
        one, two = (
            scan(sheet, condition, np.random.default_rng(7), reverse=blank).image for _ in range(2)
        )
        assert one.tobytes() == two.tobytes()


@pytest.mark.parametrize("share", [0.1, 0.4, 0.5, 0.8])
@pytest.mark.parametrize("cell", [1.3, 4.0, 7.0])
def test_a_grey_covers_its_share_of_the_paper(share, cell):
    grey = np.full((180, 200), round(WHITE - share * (WHITE - BLACK)), np.uint8)
    assert screened(grey, cell=cell).mean() == pytest.approx(share, abs=0.03)


@pytest.mark.parametrize(("grey", "ink"), [(0, 1.0), (20, 1.0), (240, 0.0), (255, 0.0)])
def test_paper_and_solid_ink_have_no_dots(grey, ink):
    covered = screened(np.full((70, 40), grey, np.uint8), cell=5.0)
    assert covered == pytest.approx(ink, abs=0.02)


def test_dots_stand_a_cell_apart_at_45_degrees_across_bands():
    cell = 8.0
    ink = screened(np.full((2 * BAND, 2 * BAND), 133, np.uint8), cell=cell)
    seen = np.abs(np.fft.rfft2(ink - ink.mean()))
    row, column = np.unravel_index(seen.argmax(), seen.shape)
    across, down = np.fft.rfftfreq(2 * BAND)[column], np.fft.fftfreq(2 * BAND)[row]
    assert np.hypot(across, down) == pytest.approx(1 / cell, rel=0.1)
    assert abs(across) == pytest.approx(abs(down), rel=0.15)
