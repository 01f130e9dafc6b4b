import numpy as np
from PIL import Image

from presslens.samples.benchmark.catalogue import PEOPLE
from presslens.samples.benchmark.sheet import Gathering, stand_in_rows
from presslens.samples.cutout import Wardrobe

RED = (255, 0, 0)


def gathering(sources, size=(400, 300)):
    return Gathering(
        Image.new("RGB", size, RED), Wardrobe(sources, PEOPLE), np.random.default_rng(2)
    )


def test_the_box_of_a_person_is_what_is_seen_of_it(sources):
    one = gathering(sources)
    one.add(PEOPLE[0], (200, 150), 50)
    (person,) = one.people()
    drawn = np.argwhere((np.asarray(one.image) != RED).any(axis=2))
    top, left = drawn.min(axis=0)
    bottom, right = drawn.max(axis=0) + 1
    # The soft rim of the cut-out is a pixel or two wider than where it is more than half opaque.
    edges = np.abs(np.subtract(person.area.box, (left, top, right, bottom)))
    assert edges.max() <= 3
    assert person.counts


def test_a_person_behind_another_does_not_count(sources):
    two = gathering(sources)
    two.add(PEOPLE[1], (200, 160), 40, behind=True)
    two.add(PEOPLE[1], (200, 150), 90)
    assert [person.counts for person in two.people()] == [False, True]
    two = gathering(sources)
    two.add(PEOPLE[1], (90, 160), 40, behind=True)
    two.add(PEOPLE[1], (310, 150), 90)
    assert [person.counts for person in two.people()] == [True, True]


def test_rows_of_people_make_a_crowd(sources):
    crowd = gathering(sources)
    stand_in_rows(crowd, 6, 0.065, PEOPLE)
    counted = [person for person in crowd.people() if person.counts]
    assert len(counted) >= 30
    for person in counted:
        x0, y0, x1, y1 = person.area.box
        assert 0 <= x0 < x1 <= 400
        assert 0 <= y0 < y1 <= 300
