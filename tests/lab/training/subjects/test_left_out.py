"""A left-out collection teaches nothing, and its sources are told apart by their web sites."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from presslens.lab.training.datasets import LabelledPhoto
from presslens.lab.training.showing import AS_IS
from presslens.lab.training.subjects.evaluate import LEFT_OUT, evaluate_left_out
from presslens.lab.training.subjects.left_out import (
    COLLECTIONS,
    SMALLEST,
    collection_of,
    left_out,
    reference,
    sources,
    taught_without,
)
from presslens.lab.training.subjects.readers import FOLDS
from presslens.models.vocabulary import Subject

EVENTS = 15


@pytest.fixture
def make_spread(make_set, tables):
    """Give a function that deals events out over three collections, pupils counted as children."""

    def make():
        sets = ("rodong_sinmun_photos", "ceremonies_web", "dprk_travel_photos")
        examples = [
            replace(e, photo=replace(e.photo, dataset=sets[int(e.photo.group[1:]) % 3]))
            for e in make_set(EVENTS, shown=(AS_IS,))
        ]
        pupils = [e.photo.key for e in examples if e.photo.labels["children"] == "1"]
        crowds = {e.photo.key for e in examples if e.photo.labels["crowd"] == "1"}
        boxes = [(key, "crowd", 0, 0, 20, 60) for key in sorted(crowds)]
        tables(dict.fromkeys(pupils, (2, 2, 2, 2, 2, 2)), boxes)
        return examples

    return make


def relabelled(example, collection):
    """Turn the label for fireworks of a collection's photos around."""
    if collection_of(example.photo) != collection:
        return example
    labels = dict(example.photo.labels)
    labels["fireworks"] = "0" if labels["fireworks"] == "1" else "1"
    return replace(example, photo=replace(example.photo, labels=labels))


def fireworks(examples):
    readings = left_out(examples, person_score=0.3)
    return next(r for r in readings if r.subject is Subject.FIREWORKS)


def test_the_labels_of_a_left_out_collection_change_none_of_its_readings(make_spread):
    examples = make_spread()
    first, second = fireworks(examples), fireworks([relabelled(e, "travel") for e in examples])
    mine = np.array([collection_of(e.photo) == "travel" for e in first.examples])
    assert 0 < mine.sum() < len(mine)
    np.testing.assert_array_equal(first.probability[mine], second.probability[mine])
    assert (first.truth[mine] != second.truth[mine]).all()
    assert np.abs(first.probability[~mine] - second.probability[~mine]).max() > 0.01
    # What can be told by looking is told on a collection never seen, too.
    assert ((first.probability > 0.5) == first.truth).all()
    assert reference(first, "travel") == 0.25
    assert reference(second, "ceremonies") == (0.25 + 0.75) / 2


def test_no_photo_of_a_left_out_collection_teaches(make_spread):
    examples = make_spread()
    for collection in COLLECTIONS:
        rest = [examples[i] for i in taught_without(collection, examples)]
        assert all(collection_of(e.photo) != collection for e in rest)
    assert 3 * len(taught_without("travel", examples)) == 2 * len(examples)


def test_a_subject_that_others_hardly_show_is_not_read(make_spread):
    few = [
        e
        for e in make_spread()
        if e.photo.labels["fireworks"] == "0" or int(e.photo.group[1:]) < FOLDS - 1
    ]
    assert len(fireworks(few).truth) == 0


def photo(dataset, name, **labels):
    return LabelledPhoto(dataset, Path(name), f"{dataset}/{name}", labels)


def test_metrics_are_given_of_all_sources_and_of_each_collection(make_spread):
    rows = evaluate_left_out(left_out(make_spread(), person_score=0.3))
    ours = {(m.what, m.data.split(", as")[0]): m for m in rows if m.data.startswith("fireworks")}
    n = {name: ours["F1", f"fireworks, {name}"].n for name in (
        "left-out sources", "left out: state media", "left out: ceremonies", "left out: travel",
    )}  # fmt: skip
    assert n.pop("left-out sources") == sum(n.values()) == 4 * EVENTS
    assert {m.method for m in rows} == {LEFT_OUT}


def test_a_web_site_with_enough_photos_is_a_source():
    large = [photo("people_events_web", f"a{i}", source="church") for i in range(SMALLEST)]
    small = [photo("people_events_web", f"b{i}", source="mission") for i in range(3)]
    other = [photo("coco_mini", "c", repo="github:x/y"), photo("coco256", "d", repo="github:x/z")]
    named = sources([*large, *small, *small, *other])
    assert set(named[:SMALLEST]) == {"services: church"}
    assert set(named[SMALLEST:-2]) == {"services: others"}
    assert named[-2:] == ["COCO", "COCO"]
