"""Pictures of fixed widths: what they show, how long they are kept, whose faces they never show."""

import io

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import select, update

from presslens.app.db.tables import FaceRow, PhotoRow, SightingRow
from presslens.app.platform import clock
from presslens.app.platform.errors import NotFound
from presslens.app.services.catalogue.pages import page_ids
from presslens.app.services.figures.figures import add_figure, add_references
from presslens.app.services.ingest.upload import Incoming
from presslens.app.services.pictures import views
from presslens.app.services.pictures.pictures import (
    figure_picture,
    page_picture,
    photo_picture,
    picture_bytes,
)
from presslens.pipelines.view import open_view

from ...first_states import made_once


@pytest.fixture
@made_once
def photo(put, worker, home, make):
    """Take in a page of 1400 × 900 pixels with one photo of 1200 × 600; return the photo's id."""
    figure = add_figure(home, "Kim", now=clock.now())
    reference = Incoming("r.png", io.BytesIO(make(faces=1, tint=5)))
    add_references(home, figure, [reference], now=clock.now())
    put({"a.png": make([(40, 40, 1240, 640)], persons=2, faces=1, size=(1400, 900))})
    worker.drain()
    with home.database.read() as session:
        return session.scalars(select(PhotoRow.id)).one()


def kept(home):
    return sorted(path.name for path in home.derivatives.root.rglob("*.jpg"))


def opened(data):
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        assert image.format == "JPEG"
        assert not image.getexif()
        return image


@pytest.mark.parametrize(
    ("width", "size"), [(160, (160, 80)), (1280, (1200, 600)), (None, (1200, 600))]
)
def test_a_photo_is_as_wide_as_asked_and_never_wider(home, photo, width, size):
    picture = photo_picture(home, photo, width)
    assert picture.size == size
    image = opened(picture_bytes(home, picture))
    assert image.size == size
    shown = np.asarray(image)[-8:].reshape(-1, 3).mean(0)
    assert np.abs(shown - (90, 100, 110)).max() < 4


def test_a_picture_is_made_once(home, photo):
    picture = photo_picture(home, photo, 320)
    data = picture_bytes(home, picture)
    assert len(kept(home)) == 1
    home.storage.path(picture.view.file).unlink()
    assert picture_bytes(home, picture) == data


def test_pictures_that_cannot_be_kept_are_shown_all_the_same(home, photo):
    home.derivatives.root.write_text("in the way")
    data = picture_bytes(home, photo_picture(home, photo, 320))
    assert opened(data).size == (320, 160)


def test_a_page_of_many_pixels_is_decoded_once(home, photo, monkeypatch):
    picture = photo_picture(home, photo, 320)
    small = opened(picture_bytes(home, picture))
    home.derivatives.remove(picture.view.sha256)
    monkeypatch.setattr(views, "LARGE_PIXELS", 1000)
    again = opened(picture_bytes(home, picture))
    assert {path.suffix for path in home.derivatives.root.rglob("*.*")} == {".jpg", ".pyramid"}
    difference = np.asarray(small).astype(int) - np.asarray(again)
    assert np.abs(difference).mean() < 2


def test_a_whole_page_is_its_view(home, photo):
    ((_, page),) = page_ids(home, 1)
    picture = page_picture(home, page)
    assert picture.is_whole
    assert picture_bytes(home, picture) == home.storage.path(picture.view.file).read_bytes()
    small = opened(picture_bytes(home, page_picture(home, page, 160)))
    assert small.size == (160, 103)
    with open_view(home.storage.path(picture.view.file)) as view:
        assert view.size == (1400, 900)


def test_what_is_not_there_has_no_picture(home, photo):
    for find in (photo_picture, page_picture):
        with pytest.raises(NotFound):
            find(home, 99)
    home.storage.path(photo_picture(home, photo).view.file).unlink()
    with pytest.raises(NotFound):
        photo_picture(home, photo)


@pytest.fixture
def sighting(home, photo):
    """Return (photo, figure) of a sighting: the face is at 50-70, 100-130."""
    with home.database.read() as session:
        return session.execute(select(SightingRow.photo_id, SightingRow.figure_id)).one()


def test_a_figure_has_a_face(home, sighting):
    image = opened(picture_bytes(home, figure_picture(home, *sighting)))
    assert image.width < 200
    green = np.asarray(image)[..., 1].astype(int) - np.asarray(image)[..., 0] > 100
    assert 0.15 < green.mean() < 0.6


def test_faces_of_others_and_of_children_have_no_picture(home, sighting):
    photo, figure = sighting
    with pytest.raises(NotFound, match="not seen"):
        figure_picture(home, photo, figure + 1)
    with home.database.write() as session:
        session.execute(update(FaceRow).values(child=0.9))
    with pytest.raises(NotFound, match="child"):
        figure_picture(home, photo, figure)
