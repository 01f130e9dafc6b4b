import pytest

from presslens.models.geometry import Box
from presslens.models.photos.finder import united
from presslens.models.vocabulary import Frame

LEFT, RIGHT = Box(64, 432, 530, 1316), Box(480, 430, 1536, 1318)


def boxes(*pieces):
    frames = [Frame(piece, 0.2) for piece in pieces]
    return [frame.box for frame in united(frames, width=1600, height=2300)]


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        pytest.param((LEFT, RIGHT), [Box(64, 430, 1536, 1318)], id="side by side"),
        pytest.param((RIGHT, LEFT), [Box(64, 430, 1536, 1318)], id="in any order"),
        pytest.param(
            (LEFT, Box(900, 432, 1536, 1316), Box(150, 432, 950, 1316)),
            [Box(64, 432, 1536, 1316)],
            id="by a third that overlaps both",
        ),
        pytest.param(
            (Box(64, 100, 700, 700), Box(60, 650, 700, 1300)),
            [Box(60, 100, 700, 1300)],
            id="one above the other",
        ),
        pytest.param((LEFT,), [], id="one alone"),
        pytest.param((), [], id="none"),
        pytest.param((LEFT, Box(530, 432, 1536, 1316)), [], id="that only touch"),
        pytest.param((LEFT, Box(480, 432, 1536, 1400)), [], id="with another lower edge"),
        pytest.param((Box(64, 432, 130, 500), Box(120, 432, 190, 500)), [], id="small ones"),
    ],
)
def test_pieces_with_two_edges_in_common_are_one_photo(pieces, expected):
    assert boxes(*pieces) == expected


def test_the_best_score_is_kept():
    (frame,) = united([Frame(LEFT, 0.1), Frame(RIGHT, 0.25)], width=1600, height=2300)
    assert frame.score == 0.25
