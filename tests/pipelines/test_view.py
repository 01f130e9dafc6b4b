from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from models.vocabulary import Image
from pipelines.view import write_view

DrawPage = Callable[..., Image]


@pytest.fixture
def page(draw_page: DrawPage) -> Image:
    return draw_page((20, 30, 180, 150))


def test_a_view_is_a_jpeg_of_the_page(page: Image, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "below" / "page.jpg"
    write_view(page, path)
    with Pillow.open(path) as view:
        assert (view.format, view.mode, view.size) == ("JPEG", "RGB", (400, 560))
        assert np.abs(np.asarray(view).astype(int) - page).mean() < 4


def test_a_view_carries_no_metadata(page: Image, tmp_path: Path) -> None:
    path = tmp_path / "page.jpg"
    write_view(page, path)
    with Pillow.open(path) as view:
        assert not view.getexif()
        assert not set(view.info) & {"exif", "icc_profile", "xmp", "comment", "photoshop"}


def test_nothing_else_is_left_behind(page: Image, tmp_path: Path) -> None:
    write_view(page, tmp_path / "page.jpg")
    write_view(page, tmp_path / "page.jpg")
    assert [p.name for p in tmp_path.iterdir()] == ["page.jpg"]


def test_a_view_is_replaced_whole(page: Image, tmp_path: Path) -> None:
    path = tmp_path / "page.jpg"
    path.write_bytes(b"old")
    with path.open("rb") as reader:
        write_view(page, path)
        assert reader.read() == b"old"  # who reads the old one still has all of it
    assert path.read_bytes().startswith(b"\xff\xd8\xff")


def test_a_view_that_can_not_be_encoded_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "page.jpg"
    with pytest.raises(ValueError, match="empty image"):
        write_view(np.empty((0, 0, 3), np.uint8), path)
    assert list(tmp_path.iterdir()) == []
