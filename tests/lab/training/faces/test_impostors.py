import numpy as np
import pytest

from presslens.lab.training.faces.impostors import (
    DRAWS,
    accepting,
    bound,
    comparisons,
    impostor_measures,
    region,
)
from presslens.lab.training.faces.specimens import OTHER
from presslens.lab.training.faces.train import OutOfFoldMatching
from presslens.models.faces.gallery import LEADER

HOMES = {"Ann": "THA", "Bob": "PHL", "Cid": "FRA"}


@pytest.fixture
def judged(make_specimen):
    """Give a function that says how likely the faces of a photo are a figure's."""

    def make(figure, probability, *, person="", sizes=OTHER, missed=()):
        faces = [(size, np.zeros(128), np.zeros(1024)) for size in sizes]
        specimen = make_specimen("photo", faces, group="day", missed=missed, person=person)
        told = np.array(probability, float)
        return OutOfFoldMatching(specimen, told, told >= 0.5, figure)

    return make


@pytest.mark.parametrize(
    ("country", "expected"),
    [("PRK", "East and South-East Asia"), ("IND", "Central and South Asia"), ("FRA", "elsewhere")],
)
def test_a_country_lies_in_a_region(country, expected):
    assert region(country) == expected


def test_faces_are_a_figures_own_or_of_others(judged):
    own, other, group = comparisons(
        [
            judged("Ann", [0.9], person="Ann"),
            judged("Ann", [0.2], person="Cid"),
            judged("Ann", [0.1]),
        ],
        HOMES,
    )
    assert (own.own, own.kind, own.probability) == (True, "portrait", 0.9)
    assert (other.own, other.regions) == (False, ("East and South-East Asia", "elsewhere"))
    assert (group.own, group.kind, group.regions[1]) == (False, "", "")


def test_a_figures_face_that_was_not_found_has_no_probability(judged):
    (portrait,) = comparisons([judged("Ann", [], person="Ann", sizes="")], HOMES)
    (leader,) = comparisons([judged(LEADER, [], sizes="", missed=("S",))], HOMES)
    assert [(c.own, c.kind, c.probability) for c in (portrait, leader)] == [
        (True, "portrait", 0),
        (True, "S", 0),
    ]


def test_at_most_so_many_of_others_are_accepted():
    others = np.arange(1000) / 1000
    assert (others >= accepting(others, 0.01)).sum() == 10
    assert (others >= accepting(others, 0)).sum() == 0
    assert accepting(np.zeros(0), 0.01) == 1


@pytest.mark.parametrize(("rate", "n", "expected"), [(0, 300, 0.0127), (0, 3, 1), (0.5, 100, 0.6)])
def test_an_upper_bound_is_never_below_three_in_n(rate, n, expected):
    assert bound(rate, n) == pytest.approx(expected, abs=0.01)
    assert bound(rate, n) >= 3 / n


def test_rates_of_names_and_of_false_ones(judged):
    statesmen = DRAWS * [
        judged("Ann", [0.9], person="Ann"),
        judged("Ann", [0.3], person="Ann"),
        *(judged("Ann", [0.1], person="Bob") for _ in range(99)),
        judged("Ann", [0.6], person="Cid"),
    ]
    found = {(m.what, m.data): m for m in impostor_measures([], statesmen, HOMES, threshold=0.5)}
    portraits = "portraits, as it is"
    assert found["found at 0.5", portraits].value == 0.5
    false = found["false of 1,000 at 0.5", portraits]
    assert (false.value, false.n) == (30, 100), "one in a hundred was seen, three may be"
    region_alone = "portraits, East and South-East Asia"
    assert found["false of 1,000 at 0.5", region_alone].n == 99
    wrong = found["wrong names where 1 portrait in 10 is the figure's", portraits]
    assert wrong.value == pytest.approx(0.9 * 0.03 / (0.9 * 0.03 + 0.1 * 0.5))
