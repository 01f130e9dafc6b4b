import csv

import numpy as np
import pytest
from PIL import Image as PillowImage

from presslens.lab.training.array_cache import ArrayCache
from presslens.lab.training.printing import DEGRADATIONS
from presslens.lab.training.showing import AS_IS, PRINTED, as_shown
from presslens.lab.training.subjects.examples import SETS, SubjectObserver
from presslens.models import vocabulary
from presslens.models.faces.embedder import AGES, LIKENESS
from presslens.models.geometry import Box
from presslens.models.recipe import Recipe
from presslens.models.scripted import NoRestoration
from presslens.models.subjects.features import LENGTH
from presslens.models.subjects.maps import MAPPED
from presslens.models.subjects.objects import CLASSES
from presslens.models.vocabulary import Detection, Face, Objects

ROW = {
    "file": "images/a.jpg",
    "repo": "r",
    "path": "p/a.jpg",
    "date": "2021-07-08",
    "event": "e",
    "person": "p",
}
BOXES = (Box(10, 5, 40, 75), Box(50, 5, 80, 75))
HOUSE = Detection("building", Box(0, 0, 90, 60), 0.4)
AGED = (10.0, 5.0, 40.0, 75.0, 0.7, 0.1)


class Persons:
    """Sees two persons in every photo, and counts how often it looks."""

    def __init__(self):
        self.looks = 0

    def detect(self, photo, objects):
        self.looks += 1
        return [Detection("person", box, 0.9) for box in BOXES]


class Faces:
    def detect(self, photos):
        return [[Face(Box(1, 2, 13, 24), 0.7, (), 0.0, None)] for _ in photos]


class Features:
    """Two places, the second with twice the features of the first."""

    def extract(self, photo):
        return np.tile(np.array([[1, 2]], np.float32), (LENGTH, 1, 1))


class Heads:
    """Looks at heads, each of which shows its number."""

    def look(self, photo, faces):
        ages = np.arange(len(faces) * AGES, dtype=np.float32).reshape(-1, AGES)
        return vocabulary.Heads(np.zeros((len(faces), LIKENESS), np.float32), ages)


class Street:
    def detect(self, photo):
        scores = np.arange(len(CLASSES), dtype=np.float32)
        return Objects(scores, np.array([AGED], np.float32), (HOUSE,))


@pytest.fixture
def data(tmp_path):
    for name in SETS:
        folder = tmp_path / "data" / name
        (folder / "images").mkdir(parents=True)
        PillowImage.fromarray(np.full((80, 100, 3), 120, np.uint8)).save(folder / "images/a.jpg")
        with (folder / "labels.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, list(ROW))
            writer.writeheader()
            writer.writerow(ROW)
    return tmp_path / "data"


def look(data, persons, *, version="1", shown=(AS_IS, PRINTED)):
    cache = ArrayCache(data.parent / "cache")
    observer = SubjectObserver(
        NoRestoration(), persons, Faces(), Features(), Street(), Heads(),
        rules=Recipe.load().observe.faces, version=version, cache=cache,
    )  # fmt: skip
    return observer.observe(data, shown=shown)


def test_each_photo_is_seen_in_each_way_it_is_shown(data):
    examples = look(data, Persons())
    assert [(e.photo.dataset, e.shown) for e in examples] == [
        (name, shown) for name in SETS for shown in (AS_IS, PRINTED)
    ]
    assert [e.printed for e in examples[:2]] == [False, True]


def test_all_that_was_seen_is_kept(data):
    example = look(data, Persons())[0]
    seen = example.observation
    assert seen.frame.box == Box(0, 0, 100, 80)
    assert [d.box for d in seen.detections] == [*BOXES, HOUSE.box]
    assert [d.label for d in seen.detections] == ["person", "person", "building"]
    assert [f.score for f in seen.faces] == pytest.approx([0.7])
    assert example.looked == (0,)
    assert example.ages.tolist() == [list(range(AGES))]
    assert seen.features.tolist() == [1.5] * LENGTH
    assert example.places.shape == (LENGTH, 1, 2)
    assert example.objects.scores.tolist() == list(range(len(CLASSES)))
    assert np.array_equal(seen.objects, example.objects.scores)
    assert example.objects.aged == pytest.approx(np.array([AGED], np.float32))
    assert example.objects.buildings == (HOUSE,)


def test_nothing_is_seen_twice_unless_the_instruments_change(data):
    persons = Persons()
    first = look(data, persons)
    again = look(data, persons)
    assert persons.looks == 2 * len(SETS)
    assert np.array_equal(first[0].places, again[0].places)
    look(data, persons, version="2")
    assert persons.looks == 4 * len(SETS)
    look(data, persons, shown=(AS_IS, "grey"))
    assert persons.looks == 5 * len(SETS)


def test_what_estimators_say_goes_to_persons_and_the_photo(data):
    example = look(data, Persons())[0]
    maps = np.ones((len(MAPPED), 1, 2), np.float32)
    known = example.observed([0.2, 0.8], [0.4], maps)
    assert [d.child for d in known.detections] == [0.2, 0.8, None]
    assert [f.child for f in known.faces] == [0.4]
    assert np.array_equal(known.maps, maps)
    assert [d.child for d in example.observation.detections] == [None] * 3


def test_an_answer_for_each_person_is_needed(data):
    example = look(data, Persons())[0]
    with pytest.raises(ValueError, match="zip"):
        example.observed([0.2], [0.4], example.observation.maps)
    with pytest.raises(ValueError, match="zip"):
        example.observed([0.2, 0.8], [], example.observation.maps)


@pytest.mark.parametrize("shown", [AS_IS, PRINTED, *DEGRADATIONS])
def test_a_photo_is_shown_alike_each_time(shown):
    photo = np.random.default_rng(0).integers(0, 255, (60, 300, 3)).astype(np.uint8)
    first, again = (as_shown(photo, shown, "set/a.jpg") for _ in range(2))
    assert np.array_equal(first, again)
    assert np.array_equal(first, photo) is (shown == AS_IS)


def test_two_photos_are_not_printed_alike():
    photo = np.random.default_rng(0).integers(0, 255, (60, 90, 3)).astype(np.uint8)
    one, two = (as_shown(photo, PRINTED, key) for key in ("set/a.jpg", "set/b.jpg"))
    assert one.shape != two.shape or not np.array_equal(one, two)
