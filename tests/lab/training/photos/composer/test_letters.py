import numpy as np
import pytest

from presslens.lab.training.photos.composer.letters import SCRIPTS, Letters, fonts


@pytest.fixture(scope="module")
def letters():
    return Letters.cast(np.random.default_rng(1), count=5)


def test_every_script_has_fonts():
    assert all(fonts()[script] for script in SCRIPTS)


@pytest.mark.parametrize("size", [(40, 30), (200, 300), (880, 3200), (1, 1)])
def test_a_column_of_text_has_its_size(letters, size):
    width, height = size
    text = letters.body(width, height, np.random.default_rng(0))
    assert text.shape == (height, width)


def test_text_is_mostly_bare_paper(letters):
    shares = [(yard > 100).mean() for yard in letters.yards]
    assert all(0.02 < share < 0.5 for share in shares)


def test_a_headline_is_as_high_as_its_line(letters):
    line = letters.line(300, 40, np.random.default_rng(2))
    assert line.shape == (40, 300)
    assert line.max() == 255
