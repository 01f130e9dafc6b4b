import numpy as np
import pytest

from presslens.lab.training.showing import AS_IS, PRINTED
from presslens.lab.training.subjects.labels import truth
from presslens.lab.training.subjects.maps import mapped, out_of_fold, places_of
from presslens.models.geometry import Box
from presslens.models.subjects.maps import MAPPED, summary
from presslens.models.vocabulary import Subject

LEFT = Box(0, 0, 20, 60)


def boxed(examples):
    """A box around the left column of each crowd."""
    keys = {e.photo.key for e in examples if e.photo.label("crowd")}
    return [(key, "crowd", 0, 0, 20, 60) for key in sorted(keys)]


def test_maps_are_made_without_the_photos_own_event(make_set, tables):
    examples = make_set(10, shown=(AS_IS, PRINTED))
    tables({}, boxed(examples))
    maps = out_of_fold(examples, examples)
    for k, subject in enumerate(MAPPED):
        peaks = {True: list[float](), False: list[float]()}
        for example, odds in zip(examples, maps, strict=True):
            shown = truth(example.photo, subject)
            assert shown is not None
            peaks[shown].append(summary(odds[k])[0])
        assert min(peaks[True]) > max(peaks[False]), subject


def test_a_crowd_is_mapped_where_its_boxes_are(make_set, tables):
    examples = make_set(10)
    tables({}, boxed(examples))
    maps = out_of_fold(examples, examples)
    for example, odds in zip(examples, maps, strict=True):
        if example.photo.label("crowd"):
            crowd = odds[MAPPED.index(Subject.CROWD)]
            assert crowd[:, 0].min() > crowd[:, 1:].max()


@pytest.mark.parametrize(
    ("subject", "things", "boxes", "expected"),
    [
        (Subject.FIREWORKS, ("fireworks",), False, True), (Subject.FIREWORKS, (), False, False),
        (Subject.CROWD, ("crowd",), False, None), (Subject.CROWD, ("crowd",), True, True),
        (Subject.CROWD, (), True, True), (Subject.CROWD, (), False, False),
    ],
)  # fmt: skip
def test_a_crowd_without_boxes_teaches_nothing(
    make_example, tables, subject, things, boxes, expected
):
    photo = make_example(0, things).photo
    tables({}, [(photo.key, "crowd", 0, 0, 20, 60)] if boxes else [])
    assert mapped(photo, subject) is expected


@pytest.mark.parametrize(
    ("boxes", "shown", "inside"),
    [
        ([], False, [False] * 6),
        ([], True, [True] * 6),
        # The middle column is near the box: it says neither yes nor no.
        ([(0, 0, 20, 60)], True, [True, False, True, False]),
        ([(0, 0, 60, 60)], True, [True] * 6),
    ],
    ids=["without", "all over", "on the left", "everywhere"],
)
def test_places_in_a_box_show_it_and_those_far_away_do_not(
    make_example, tables, boxes, shown, inside
):
    example = make_example(0)
    tables({}, [(example.photo.key, "building", *box) for box in boxes])
    places = places_of(example, Subject.BUILDINGS, shown, np.random.default_rng(0))
    assert places.shown.tolist() == inside
    assert places.rows.shape == (len(inside), len(example.places))
    assert (places.weights > 0).all()
    assert len(places.weights) == len(inside)


def test_state_media_weigh_more_and_photos_without_boxes_less(make_example, tables):
    tables({}, [(make_example(0).photo.key, "building", 0, 0, 60, 60)])

    def weight(number, dataset):
        example = make_example(number, dataset=dataset)
        rng = np.random.default_rng(0)
        return float(places_of(example, Subject.BUILDINGS, True, rng).weights[0])

    assert weight(0, "rodong_sinmun_photos") > weight(1, "rodong_sinmun_photos")
    assert weight(1, "rodong_sinmun_photos") > weight(1, "coco256")
