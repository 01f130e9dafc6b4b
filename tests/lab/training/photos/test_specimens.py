import numpy as np
import pytest
from PIL import Image as Pillow

from presslens.lab.training.photos.composer.letters import Letters
from presslens.lab.training.photos.composer.stock import Stock
from presslens.lab.training.photos.second_look import verdict
from presslens.lab.training.photos.specimens import OTHERS, Specimens
from presslens.models.geometry import Box


@pytest.fixture(scope="module")
def specimens(tmp_path_factory, texture):
    folder = tmp_path_factory.mktemp("stock") / "coco256" / "images"
    folder.mkdir(parents=True)
    paths = [folder / f"{i}.jpg" for i in range(2)]
    for i, path in enumerate(paths):
        Pillow.fromarray(texture(200, 300, seed=i)).save(path)
    art = folder / "art.png"
    Pillow.fromarray(np.full((90, 120, 4), (200, 30, 30, 128), np.uint8)).save(art)
    letters = Letters.cast(np.random.default_rng(0), count=5)
    return Specimens(Stock(paths, [0.5, 0.5], letters, []), [art])


def test_half_of_the_specimens_are_photographs_and_all_show_something(specimens):
    drawn = [specimens.specimen(np.random.default_rng(i)) for i in range(20)]
    assert 4 <= sum(specimen.photograph for specimen in drawn) <= 16
    assert len({specimen.kind for specimen in drawn}) > 4
    for specimen in drawn:
        assert specimen.pixels.ndim == 3
        assert specimen.pixels.dtype == np.uint8
        assert min(specimen.pixels.shape[:2]) > 16


def test_a_seed_gives_one_specimen(specimens):
    first, second = (specimens.specimen(np.random.default_rng(3)) for _ in range(2))
    assert first.kind == second.kind
    assert np.array_equal(first.pixels, second.pixels)


def test_other_pictures_have_the_size_asked_for_or_are_pieces_of_pages(specimens):
    kinds = set()
    for seed in range(30):
        picture, kind = specimens.other(160, 120, np.random.default_rng(seed))
        assert picture.shape == (120, 160, 3)
        kinds.add(kind)
    assert kinds >= set(OTHERS) - {"by hand", "drawing", "scrap", "block", "advertisement"}


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (Box(100, 100, 310, 300), True),
        (Box(500, 500, 600, 600), False),
        (Box(100, 100, 180, 300), None),
    ],
)
def test_a_frame_is_a_photo_or_none_or_part_of_one(frame, *, expected):
    assert verdict(frame, [Box(100, 100, 300, 300)]) is expected
