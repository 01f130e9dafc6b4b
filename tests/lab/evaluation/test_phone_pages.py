import numpy as np
import pytest
from PIL import Image as Pillow

from presslens.lab.evaluation.phone_pages import photographed, photographed_pages
from presslens.lab.training.photos.pages import PHOTOGRAPHED, LabelledPage
from presslens.models.geometry import Box

PHOTO = Box(300, 200, 700, 500)


@pytest.fixture(scope="module")
def page():
    page = np.full((1300, 900, 3), 245, np.uint8)
    page[200:500, 300:700] = (255, 0, 255)  # like no desk
    return page


def test_the_truth_moves_with_the_page(page):
    for seed in range(2):
        picture, (box,) = photographed(page, [PHOTO], np.random.default_rng(seed))
        red, green, blue = picture.transpose(2, 0, 1)
        rows, columns = np.nonzero((blue > 130) & (red > 130) & (green < 80))
        found = Box(columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        assert found.iou(box) > 0.95
        assert picture.shape[0] > 1200


def test_a_seed_gives_one_photograph(page):
    first, second = (photographed(page, [], np.random.default_rng(5))[0] for _ in range(2))
    assert np.array_equal(first, second)


def test_pages_keep_what_is_labelled_on_them(tmp_path, page):
    path = tmp_path / "special-1" / "page_01.png"
    path.parent.mkdir()
    Pillow.fromarray(page).save(path)
    clean = LabelledPage(
        "clean, special", path, (PHOTO,), (), True, (Box(10, 10, 90, 90),), "clean"
    )
    (found,) = photographed_pages([clean], tmp_path / "out")
    assert (found.condition, found.group) == (PHOTOGRAPHED, "photographed, special")
    assert (len(found.photos), len(found.ignored), len(found.distractors)) == (1, 0, 1)
    assert found.held_out
    assert found.image().shape[0] > 1200
    (another,) = photographed_pages([clean], tmp_path / "out", start=7)
    assert another.photos != found.photos
