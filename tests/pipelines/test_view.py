import io

import numpy as np
import pytest
from PIL import Image as Pillow

from presslens.models.geometry import Box
from presslens.pipelines.view import cut_out, jpeg, write_parts, write_view


@pytest.fixture
def page(draw_page):
    return draw_page((20, 30, 180, 150))


def test_a_view_is_a_jpeg_of_the_page(page, tmp_path):
    path = tmp_path / "deep" / "below" / "page.jpg"
    write_view(page, path)
    with Pillow.open(path) as view:
        assert (view.format, view.mode, view.size) == ("JPEG", "RGB", (400, 560))
        assert np.abs(np.asarray(view).astype(int) - page).mean() < 4


def test_a_view_carries_no_metadata(page, tmp_path):
    path = tmp_path / "page.jpg"
    write_view(page, path)
    with Pillow.open(path) as view:
        assert not view.getexif()
        assert not set(view.info) & {"exif", "icc_profile", "xmp", "comment", "photoshop"}


def test_nothing_else_is_left_behind(page, tmp_path):
    write_view(page, tmp_path / "page.jpg")
    write_view(page, tmp_path / "page.jpg")
    assert [p.name for p in tmp_path.iterdir()] == ["page.jpg"]


def test_a_view_is_replaced_whole(page, tmp_path):
    path = tmp_path / "page.jpg"
    path.write_bytes(b"old")
    with path.open("rb") as reader:
        write_view(page, path)
        assert reader.read() == b"old"  # who reads the old one still has all of it
    assert path.read_bytes().startswith(b"\xff\xd8\xff")


def test_a_view_that_can_not_be_encoded_is_not_there(tmp_path):
    path = tmp_path / "page.jpg"
    with pytest.raises(ValueError, match="empty image"):
        write_view(np.empty((0, 0, 3), np.uint8), path)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def view(page, tmp_path):
    write_view(page, tmp_path / "view.jpg")
    return tmp_path / "view.jpg"


@pytest.mark.parametrize(
    ("box", "height", "expected"),
    [
        (Box(20, 30, 180, 150), 500, (120, 160)),
        (Box(20, 30, 180, 150), 60, (60, 80)),
        (Box(-10, 500, 1000, 900), 500, (60, 400)),
        (Box(20, 30, 20, 150), 500, None),
        (Box(500, 30, 600, 150), 500, None),
    ],
    ids=["whole", "reduced", "over the edge", "empty", "beside the page"],
)
def test_photos_are_cut_out_of_a_view(view, box, height, expected):
    for source in (view, view.read_bytes()):
        (crop,) = cut_out(source, [box], height=height)
        assert (crop.shape[:2] if crop is not None else None) == expected


def test_cut_pixels_are_those_of_the_page(view, page):
    (crop,) = cut_out(view, [Box(20, 30, 180, 150)], height=500)
    assert np.abs(crop.astype(int) - page[30:150, 20:180]).mean() < 4


def test_pixels_become_a_jpeg_without_metadata(page):
    with Pillow.open(io.BytesIO(jpeg(page))) as picture:
        assert (picture.format, picture.size) == ("JPEG", (400, 560))
        assert not picture.getexif()


def test_parts_of_a_view_are_written_in_the_width_that_is_asked(view, page, tmp_path):
    height, width = page.shape[:2]
    whole, part, beside = (tmp_path / f"{name}.jpg" for name in ("whole", "part", "beside"))
    half = Box(0, 0, width / 2, height)
    outside = Box(2 * width, 0, 3 * width, height)
    write_parts(view, [(None, 10, whole), (half, None, part), (outside, 10, beside)])
    with Pillow.open(whole) as small, Pillow.open(part) as cut:
        assert small.size == (10, round(height * 10 / width))
        assert cut.size == (width // 2, height)
    assert not beside.exists()
