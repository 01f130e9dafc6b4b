import cv2
import numpy as np
import pytest

from presslens.models.geometry import Box
from presslens.models.photos.skew import SIDES, reduced, skew, tile_votes
from presslens.models.photos.straightening import Straightening


def turned(page, angle):
    """Return a page turned clockwise by an angle in degrees."""
    return Straightening.of_skew(-angle, page.shape[1], page.shape[0]).applied(page)


@pytest.fixture(scope="module")
def text_page(paper, write_text):
    page = paper()
    for x in (60, 340, 620):
        write_text(page, Box(x, 100, x + 240, 1100))
    return page


@pytest.mark.parametrize("angle", [-18.0, -7.4, -4.3, -1.0, -0.3, 0.0, 0.4, 2.5, 4.5, 12.0])
def test_the_turn_of_a_page_of_text_is_measured(text_page, angle):
    assert skew(turned(text_page, angle)) == pytest.approx(angle, abs=0.11)


def test_a_page_of_photos_alone_shows_its_turn_too(draw_grid):
    page, _ = draw_grid(columns=3, rows=5)
    assert skew(turned(page, 1.5)) == pytest.approx(1.5, abs=0.11)


@pytest.mark.parametrize("tone", [0, 128, 255])
def test_empty_pages_of_any_size_are_upright(tone):
    for shape in ((400, 300), (1, 1), (1, 900), (900, 1), (24, 24)):
        assert skew(np.full((*shape, 3), tone, np.uint8)) == 0


@pytest.mark.parametrize("shape", [(64, 6400), (6400, 64), (64, 5200), (70, 20000)])
def test_a_strip_too_narrow_to_search_counts_as_upright(shape):
    noise = np.random.default_rng(1).integers(0, 256, (*shape, 3), np.uint8)
    assert skew(noise) == 0.0


@pytest.fixture
def fronted(text_page, paper, write_text):
    """Return a straight page whose middle holds a tilted cover full of text."""

    def with_cover(angle):
        cover = paper()[:700, :560]
        write_text(cover, Box(30, 30, 530, 670))
        turn = cv2.getRotationMatrix2D((280, 350), -angle, 1.0)
        turn[:, 2] += (170, 250)
        page = text_page.copy()
        cv2.warpAffine(cover, turn, page.shape[1::-1], dst=page, borderMode=cv2.BORDER_TRANSPARENT)
        return page

    return with_cover


@pytest.mark.parametrize("angle", [-12.0, -4.0, 3.0, 7.1, 15.0])
def test_a_tilted_cover_does_not_turn_a_straight_page(fronted, angle):
    assert skew(fronted(angle)) == 0.0


def test_tiles_vote_for_upright_print_and_for_the_turn(text_page):
    upright = reduced(cv2.cvtColor(text_page, cv2.COLOR_RGB2GRAY), SIDES[1])
    leaning = reduced(cv2.cvtColor(turned(text_page, 7.0), cv2.COLOR_RGB2GRAY), SIDES[1])
    assert tile_votes(upright, 7.0).level > 10 > tile_votes(upright, 7.0).turned
    assert tile_votes(leaning, 7.0).turned > 10 > tile_votes(leaning, 7.0).level
    everywhere = np.ones(upright.shape, bool)
    assert tile_votes(upright, 7.0, without=everywhere).tiles == 0
