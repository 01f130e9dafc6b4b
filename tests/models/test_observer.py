from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from presslens.models.faces.embedding import LENGTH
from presslens.models.focus.attention import CELLS, attention
from presslens.models.geometry import Box
from presslens.models.instruments import RestoredPhoto
from presslens.models.observer import Observer
from presslens.models.scripted import FEATURES, OBJECTS, scripted_instruments
from presslens.models.vocabulary import Detection, Face, Heads, Objects, PageFrames

PHOTOS = [(20, 30, 180, 150), (220, 30, 380, 150), (20, 200, 380, 500)]
WHOLE = (0, 0, 400, 560)


@dataclass
class Oracle:
    """Takes for children whoever stands in the left part of a photo; keeps what it was asked."""

    below: float = 100
    bodies: list[Box] = field(default_factory=list)
    heads: list[Box] = field(default_factory=list)

    def persons(self, objects, boxes):
        self.bodies += boxes
        return self._judged(boxes)

    def faces(self, objects, boxes):
        self.heads += boxes
        return self._judged(boxes)

    def _judged(self, boxes):
        return [0.9 if box.centre[0] < self.below else 0.1 for box in boxes]


class Someone:
    """Sees a person wherever it looks."""

    def detect(self, photo, objects):
        return [Detection("person", Box(0, 0, 10, 20), 0.9)]


class Town:
    """Sees a building and one sure object in each photo."""

    def detect(self, photo):
        scores = np.linspace(-8, 4, OBJECTS, dtype=np.float32)
        building = Detection("building", Box(5, 10, 105, 90), 0.6)
        return Objects(scores, np.zeros((1, 6), np.float32), (building,))


class Halved:
    """Leaves the upper half of a photo to all but the faces, and the lower half to these."""

    def restore(self, photo):
        upper, lower = np.zeros_like(photo), np.zeros_like(photo)
        half = photo.shape[0] // 2
        upper[:half], lower[half:] = photo[:half], photo[half:]
        return RestoredPhoto(upper, lower)


class Halves:
    """The mean red of the left and of the right half of a photo, repeated."""

    def extract(self, photo):
        middle = photo.shape[1] // 2
        sides = [float(half.mean()) for half in (photo[:, :middle], photo[:, middle:])]
        return np.tile(np.array(sides, np.float32), (FEATURES, 1, 1))


class FirstFeature:
    """Maps the first feature of each place, and its negative."""

    def map(self, features):
        return np.stack([features[0], -features[0], -features[0]])


@dataclass
class Passport:
    """Embeds all faces alike; keeps those that it was given."""

    given: list[Face] = field(default_factory=list)

    def look(self, photo, faces):
        lefts = np.array([[face.box.x0] for face in faces], np.float32).reshape(-1, 1)
        return Heads(lefts, lefts)

    def embed(self, photo, faces, heads):
        assert [face.box.x0 for face in faces] == heads.likeness[:, 0].tolist()
        self.given += faces
        return [np.ones(LENGTH, np.float32)] * len(faces)


class SmallHeads:
    """Takes heads at the left of a photo for children's, whatever stands around them."""

    def judge(self, faces, heads):
        return [0.7 if left < 100 else 0.2 for left in heads.ages[:, 0].tolist()]


@dataclass
class Tilted:
    """Finds nothing but the skew that it is told."""

    skew: float

    def find(self, page):
        return PageFrames((), self.skew)


@pytest.fixture
def observe(scripted_recipe):
    """Give a function that makes an observer with some other instruments or rules for faces."""

    def make(rules=None, **instruments):
        faces = scripted_recipe.observe.faces.model_copy(update=rules or {})
        section = scripted_recipe.observe.model_copy(update={"faces": faces})
        recipe = scripted_recipe.model_copy(update={"observe": section})
        return Observer(replace(scripted_instruments(), **instruments), recipe)

    return make


def test_photos_come_in_reading_order_with_page_pixels(observe, draw_page):
    seen = observe().observe(draw_page(*PHOTOS))
    assert (seen.width, seen.height) == (400, 560)
    assert [p.frame.box.pixels() for p in seen.photos] == PHOTOS
    assert all(p.features.shape == (FEATURES,) for p in seen.photos)


def test_persons_and_faces_are_in_page_pixels(observe, draw_page):
    person, face = (250, 50, 290, 130), (260, 55, 280, 80)
    seen = observe().observe(draw_page(*PHOTOS, persons=[person], faces=[face]))
    assert [len(p.detections) for p in seen.photos] == [0, 1, 0]
    assert seen.photos[1].detections[0].box.pixels() == person
    assert seen.photos[1].faces[0].box.pixels() == face
    assert seen.photos[1].faces[0].landmarks == ((270, 67.5),) * 5


def test_faces_are_looked_for_in_what_is_restored_for_them(observe, draw_page):
    above, below = (230, 35, 250, 60), (330, 100, 350, 130)
    page = draw_page(PHOTOS[1], persons=[above, below], faces=[above, below])
    persons = draw_page(PHOTOS[1], persons=[above, below])
    (photo,) = observe(restorer=Halved()).observe(persons).photos
    assert [d.box.pixels() for d in photo.detections] == [above]
    (photo,) = observe(restorer=Halved(), persons=Someone()).observe(page).photos
    assert [face.box.pixels() for face in photo.faces] == [below]
    assert photo.faces[0].embedding is not None


def test_a_page_without_photos_is_seen_and_empty(observe, draw_page):
    seen = observe().observe(draw_page())
    assert (seen.width, seen.height, seen.photos) == (400, 560, ())


def test_what_the_page_is_like_is_seen_with_its_skew(observe, draw_page):
    seen = observe(photos=Tilted(1.5)).observe(draw_page(*PHOTOS))
    assert seen.traits.skew == 1.5
    assert seen.traits.dpi == round(560 / 545 * 25.4)
    assert seen.traits.colour


def test_a_photo_by_itself_is_whole_whatever_it_shows(observe, draw_page):
    seen = observe().observe_photo(draw_page(*PHOTOS))
    (photo,) = seen.photos
    assert photo.frame.box == Box(*WHOLE)
    assert photo.frame.score == 1.0
    assert seen.traits is None


def test_faces_of_children_are_never_embedded(observe, draw_page):
    identity = Passport()
    child, adult = (30, 50, 70, 200), (300, 50, 360, 250)
    faces = [(35, 55, 65, 90), (310, 60, 350, 100)]
    page = draw_page(WHOLE, persons=[child, adult], faces=faces)
    (photo,) = observe(children=Oracle(), identity=identity).observe_photo(page).photos
    by_box = {face.box.pixels(): face for face in photo.faces}
    assert by_box[faces[0]].child == 0.9
    assert by_box[faces[0]].embedding is None
    assert by_box[faces[1]].embedding is not None
    assert [face.box.pixels() for face in identity.given] == [faces[1]]
    assert {d.box.pixels(): d.child for d in photo.detections} == {child: 0.9, adult: 0.1}


def test_faces_and_persons_are_judged_apart_in_pixels_of_the_photo(observe, draw_page):
    children = Oracle()
    page = draw_page(*PHOTOS, persons=[(250, 50, 290, 130)], faces=[(260, 55, 280, 80)])
    photo = observe(children=children).observe(page).photos[1]
    assert [box.pixels() for box in children.bodies] == [(30, 20, 70, 100)]
    assert [box.pixels() for box in children.heads] == [(40, 25, 60, 50)]
    assert photo.detections[0].child == photo.faces[0].child == 0.9


def test_a_child_s_face_without_a_body_is_not_embedded(observe, draw_page):
    identity = Passport()
    page = draw_page(WHOLE, faces=[(40, 60, 60, 90), (300, 60, 320, 90)])
    (photo,) = observe(children=Oracle(), identity=identity).observe_photo(page).photos
    assert sorted(face.child for face in photo.faces) == [0.1, 0.9]
    assert [face.box.x0 for face in identity.given] == [300]


def test_the_head_decides_whether_a_face_is_embedded(observe, draw_page):
    """What the object network takes for a child is embedded if its head is no child's."""
    identity = Passport()
    page = draw_page(WHOLE, faces=[(40, 60, 60, 90), (300, 60, 320, 90)])
    made = observe(children=Oracle(below=1000), gate=SmallHeads(), identity=identity)
    (photo,) = made.observe_photo(page).photos
    by_left = {face.box.x0: face for face in photo.faces}
    assert {left: face.child for left, face in by_left.items()} == {40: 0.7, 300: 0.2}
    assert by_left[40].embedding is None
    assert [face.box.x0 for face in identity.given] == [300]
    without = observe(
        {"embed": False}, children=Oracle(below=1000), gate=SmallHeads(), identity=Passport()
    )
    (photo,) = without.observe_photo(page).photos
    assert sorted(face.child for face in photo.faces) == [0.2, 0.7]
    assert all(face.embedding is None for face in photo.faces)


def test_buildings_follow_the_persons_in_page_pixels(observe, draw_page):
    person = (250, 50, 290, 130)
    seen = observe(objects=Town()).observe(draw_page(*PHOTOS, persons=[person]))
    found = [(d.label, d.box.pixels(), d.child) for d in seen.photos[1].detections]
    assert found == [("person", person, 0.0), ("building", (225, 40, 325, 120), None)]
    assert seen.photos[0].detections[0].box.pixels() == (25, 40, 125, 120)


def test_objects_are_kept_as_they_were_seen(observe, draw_page):
    for photo in observe(objects=Town()).observe(draw_page(*PHOTOS)).photos:
        assert np.array_equal(photo.objects, Town().detect(np.zeros((9, 9, 3), np.uint8)).scores)


def test_features_are_the_mean_of_the_places_that_are_mapped(observe, draw_page):
    page = draw_page(PHOTOS[0])
    x0, y0, x1, y1 = PHOTOS[0]
    left, right = Halves().extract(page[y0:y1, x0:x1])[0, 0]
    (photo,) = observe(features=Halves(), maps=FirstFeature()).observe(page).photos
    assert photo.maps.tolist() == [[[left, right]], [[-left, -right]], [[-left, -right]]]
    assert photo.features == pytest.approx(np.full(FEATURES, (left + right) / 2))


def test_where_each_photo_draws_the_eye_is_told_from_its_own_pixels(observe, draw_page):
    page = draw_page(*PHOTOS)
    for photo, (x0, y0, x1, y1) in zip(observe().observe(page).photos, PHOTOS, strict=True):
        assert np.array_equal(photo.attention, attention(page[y0:y1, x0:x1]))
        assert max(photo.attention.shape[1:]) == CELLS


@pytest.mark.parametrize("threshold", [0.05, 0.1, 0.11, 0.5])
def test_the_recipe_says_from_where_a_face_is_a_child_s(observe, draw_page, threshold):
    page = draw_page(WHOLE, faces=[(300, 60, 320, 90)])
    observer = observe({"child": threshold}, children=Oracle())
    ((face,),) = (photo.faces for photo in observer.observe_photo(page).photos)
    assert (face.embedding is None) == (face.child >= threshold)


@pytest.mark.parametrize(
    ("rules", "embedded"),
    [
        ({}, [True, True, True]), ({"embed_side": 31}, [True, True, False]),
        ({"embed_side": 100}, [False, False, False]), ({"embed_most": 1}, [True, False, False]),
        ({"embed_most": 0}, [False, False, False]), ({"embed": False}, [False, False, False]),
    ],
)  # fmt: skip
def test_the_largest_faces_are_embedded_as_the_recipe_says(observe, draw_page, rules, embedded):
    faces = [(40, 60, 60, 90), (140, 60, 170, 100), (240, 60, 300, 130)]
    (photo,) = observe(rules).observe_photo(draw_page(WHOLE, faces=faces)).photos
    assert [face.embedding is not None for face in photo.faces] == embedded
    assert [face.sharpness is not None for face in photo.faces] == embedded


def test_the_same_page_is_seen_the_same_way(observe, draw_page):
    page = draw_page(*PHOTOS, persons=[(250, 50, 290, 130)], faces=[(260, 55, 280, 80)])
    before = page.copy()
    first, second = observe().observe(page), observe().observe(page)
    assert [p.frame for p in first.photos] == [p.frame for p in second.photos]
    assert [p.detections for p in first.photos] == [p.detections for p in second.photos]
    assert np.array_equal(page, before)
