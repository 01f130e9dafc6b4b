import numpy as np
import pytest

from presslens.models.photos.skew import reduced


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((300, 200, 3), (100, 67, 3)), ((80, 40), (80, 40)), ((1, 5000), (1, 100))],
)
def test_a_page_keeps_its_shape_and_a_row_of_pixels(shape, expected):
    page = np.full(shape, 90, np.uint8)
    small = reduced(page, 100)
    assert small.shape == expected
    assert (small == 90).all()
