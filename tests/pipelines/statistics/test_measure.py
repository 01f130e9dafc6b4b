import pytest

from presslens.models.faces.gallery import Role
from presslens.models.vocabulary import Subject
from presslens.pipelines.statistics.measure import decided, probabilities

ROLES = {"Kim": Role.LEADER, "Jong": Role.LEADER, "Ri": Role.OFFICIAL}


@pytest.mark.parametrize(
    ("sightings", "doubts", "leader", "kim"),
    [
        ({}, {}, 0, 0), ({"Kim": 0.9}, {}, 0.9, 0.9), ({}, {"Kim": 0.4}, 0.4, 0.4),
        ({"Jong": 0.6}, {"Kim": 0.4}, 0.6, 0.4),
        ({"Ri": 0.9}, {"Kim": 0.4, "Jong": 0.1}, 0.4, 0.4), ({}, {"Removed": 0.4}, 0, 0),
    ],
    ids=["nobody", "seen", "doubted", "another seen", "an official seen", "no more enrolled"],
)  # fmt: skip
def test_a_figure_is_there_as_surely_as_he_is_seen_or_doubted(
    make_photo, sightings, doubts, leader, kim
):
    _, photo = make_photo(
        subjects={Subject.BUILDINGS: 0.5}, sightings=sightings, doubts=doubts, facility=0.25
    )
    found = probabilities(photo, ROLES)
    assert (found["leader"], found["figure:Kim"]) == (leader, kim)
    assert found["leader_and_facility"] == leader * 0.5
    assert "figure:Removed" not in found


def test_a_doubt_decides_nothing(make_photo):
    subjects = {Subject.BUILDINGS: 1.0}
    seen = {"leader", "leader_and_facility", "figure:Kim"}
    for sightings, doubts, expected in (({"Kim": 0.4}, {}, seen), ({}, {"Kim": 0.4}, set())):
        _, photo = make_photo(subjects=subjects, sightings=sightings, doubts=doubts)
        names = decided(photo, probabilities(photo, ROLES), lambda _, p: p >= 0.3)
        assert names == {"buildings", "focus_neither", *expected}
