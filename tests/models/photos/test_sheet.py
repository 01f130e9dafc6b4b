import cv2
import numpy as np
import pytest

from presslens.models.geometry import Box
from presslens.models.photos.sheet import sheet

SIZE = (1400, 1500)
"""Width and height of the photographs."""

CORNERS = {
    "turned": [[400, 90], [1230, 260], [1000, 1390], [150, 1200]],
    "in perspective": [[300, 150], [1100, 170], [1330, 1400], [80, 1380]],
    "level on a wide desk": [[260, 160], [1130, 160], [1130, 1330], [260, 1330]],
}
DESKS = {"dark": (40, 30, 25), "wood": (120, 82, 50), "grey": (130, 130, 128)}


@pytest.fixture(scope="module")
def page(paper, write_text):
    page = paper()
    for x in (50, 330, 610):
        write_text(page, Box(x, 60, x + 240, 1150))
    return page


def lit(picture):
    """Return a picture as a camera sees it: light falls off to the right, the sensor has noise."""
    light = np.linspace(1.0, 0.85, picture.shape[1])[None, :, None]
    noise = np.random.default_rng(2).normal(0, 2, picture.shape)
    return np.clip(picture * light + noise, 0, 255).astype(np.uint8)


def laid(page, corners, desk):
    height, width = page.shape[:2]
    own = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(own, np.array(corners, np.float32))
    top = np.full((SIZE[1], SIZE[0], 3), desk, np.uint8)
    grain = np.random.default_rng(0).normal(0, 6, top.shape)
    top = np.clip(top + grain, 0, 255).astype(np.uint8)
    return lit(cv2.warpPerspective(page, matrix, SIZE, dst=top, borderMode=cv2.BORDER_TRANSPARENT))


@pytest.mark.parametrize("corners", CORNERS.values(), ids=CORNERS)
@pytest.mark.parametrize("desk", [
    pytest.param(desk, id=name, marks=[] if name == "wood" else [pytest.mark.long])
    for name, desk in DESKS.items()
])  # fmt: skip
def test_a_sheet_on_a_desk_is_found_by_its_corners(page, corners, desk):
    found = sheet(laid(page, corners, desk))
    assert found.corners(Box(0, 0, *found.size)) == pytest.approx(np.array(corners), abs=9)


def test_a_sheet_with_photos_at_its_edge_is_found(page, texture):
    printed = page.copy()
    printed[12:500, 12:888] = texture(488, 876)
    found = sheet(laid(printed, CORNERS["turned"], DESKS["wood"]))
    assert found.corners(Box(0, 0, *found.size)) == pytest.approx(
        np.array(CORNERS["turned"]), abs=12
    )


def test_a_scan_with_a_narrow_dark_border_stays_as_it_is(page):
    scan = cv2.copyMakeBorder(page, 20, 24, 15, 18, cv2.BORDER_CONSTANT, value=(30, 30, 30))
    turn = cv2.getRotationMatrix2D((450, 600), 1.8, 1.0)
    turned = cv2.warpAffine(scan, turn, scan.shape[1::-1], borderValue=(30, 30, 30))
    assert sheet(np.asarray(turned)) is None
    assert sheet(page) is None


def test_a_bright_wall_without_print_is_no_sheet(paper):
    assert sheet(laid(paper(), CORNERS["turned"], DESKS["dark"])) is None


@pytest.mark.parametrize("shape", [(1, 1), (40, 3000), (1000, 1000)])
def test_pictures_of_any_size_are_taken(shape):
    assert sheet(np.full((*shape, 3), 200, np.uint8)) is None


def test_a_tilted_cover_on_a_digital_page_is_no_sheet(page):
    front = np.full((SIZE[1], SIZE[0], 3), (60, 20, 80), np.uint8)
    turn = cv2.getRotationMatrix2D((450, 600), 7.1, 0.9)
    turn[:, 2] += (300, 150)
    cv2.warpAffine(page, turn, SIZE, dst=front, borderMode=cv2.BORDER_TRANSPARENT)
    assert sheet(lit(front)) is not None
    assert sheet(front) is None  # its paper has one colour, as no camera sees it


def test_a_sheet_amid_upright_print_is_a_picture_of_the_page(page, write_text):
    desk = laid(page, CORNERS["turned"], DESKS["grey"])
    assert sheet(desk) is not None
    for box in (Box(10, 10, 420, 80), Box(10, 1150, 140, 1480), Box(1260, 300, 1490, 1480)):
        write_text(desk, box)
    assert sheet(desk) is None
