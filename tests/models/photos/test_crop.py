import numpy as np

from presslens.models.geometry import Box
from presslens.models.photos.crop import cut_out
from presslens.models.vocabulary import Frame

BOX = Box(10, 20, 50, 60)


def test_a_photo_that_lies_level_is_its_box():
    page = np.random.default_rng(0).integers(0, 256, (100, 80, 3), dtype=np.uint8)
    assert np.array_equal(cut_out(page, Frame(BOX, 0.9)), page[20:60, 10:50])


def test_no_sliver_of_a_neighbour_is_left_beside_a_photo_that_lies_askew():
    page = np.full((100, 80, 3), (200, 0, 0), np.uint8)  # the neighbours are red
    corners = ((14.0, 20.0), (50.0, 26.0), (46.0, 60.0), (10.0, 54.0))
    inside = cut_out(page, Frame(BOX, 0.9, corners))
    page[25:55, 15:45] = (0, 100, 50)
    before = page.copy()
    found = cut_out(page, Frame(BOX, 0.9, corners))
    assert found.shape == (40, 40, 3)
    assert (found[0, 0] == found[-1, -1]).all()  # its own mean colour
    assert found[0, 0, 1] > 50
    assert (found[20, 20] == (0, 100, 50)).all()
    assert (inside == (200, 0, 0)).all()
    assert np.array_equal(page, before)


def test_a_box_beyond_the_page_has_no_pixels():
    frame = Frame(Box(90, 20, 95, 60), 0.9, ((90, 20), (95, 20), (95, 60), (90, 60)))
    assert cut_out(np.zeros((100, 80, 3), np.uint8), frame).size == 0
