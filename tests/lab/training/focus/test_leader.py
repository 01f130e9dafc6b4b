import numpy as np
import pytest
from PIL import Image

from presslens.lab.training.datasets import LabelledPhoto
from presslens.lab.training.faces.specimens import Specimen
from presslens.lab.training.faces.train import OutOfFoldMatching
from presslens.lab.training.focus import leader
from presslens.lab.training.focus.leader import HeldOutLeader, nearest
from presslens.models.geometry import Box
from presslens.models.recipe import Recipe
from presslens.models.vocabulary import Face, Frame, PhotoObservation

MARGIN = 15


def _face(x, y):
    return Face(Box(x - 10, y - 10, x + 10, y + 10), 0.9, (), 0.0, None)


def _judged(probability):
    faces = (_face(50, 40 + MARGIN), _face(150, 60 + MARGIN))[: len(probability)]
    specimen = Specimen(
        "rodong_sinmun_photos/a.png",
        "as it is",
        "day",
        True,
        Box(0, 0, 200, 130),
        faces,
        ("-", "M")[: len(faces)],
        (),
        (),
        np.zeros((0, 128), np.float32),
        np.zeros((0, 1024), np.float32),
    )
    return OutOfFoldMatching(specimen, np.array(probability), np.ones(len(probability), bool))


@pytest.fixture
def photo(tmp_path):
    """A photo with a white margin above and below, as state media's web photos have."""
    pixels = np.full((130, 200, 3), 90, np.uint8)
    pixels[:MARGIN] = pixels[-MARGIN:] = 255
    path = tmp_path / "a.png"
    Image.fromarray(pixels).save(path)
    return LabelledPhoto("rodong_sinmun_photos", path, "day", {})


SEEN = PhotoObservation(
    Frame(Box(0, 0, 200, 100), 1.0), (), (_face(49, 41), _face(151, 59)), np.zeros(1280, np.float32)
)


@pytest.mark.parametrize(
    ("probability", "box", "sure"),
    [
        ([0.2, 0.9], SEEN.faces[1].box, 0.9),
        ([0.7, 0.6], SEEN.faces[0].box, 0.7),
        ([0.2, 0.4], None, 0),
        ([], None, 0),
    ],
)
def test_the_likeliest_face_is_found_again_without_the_margin(
    photo, monkeypatch, probability, box, sure
):
    monkeypatch.setattr(leader, "cross_validated", lambda *_a, **_k: [_judged(probability)])
    found = HeldOutLeader([], Recipe.load().interpret).sightings(photo, SEEN)
    assert [seen.box for seen in found] == ([] if box is None else [box])
    assert all(seen.probability == sure and seen.appearance is not None for seen in found)


@pytest.mark.parametrize(
    ("probability", "doubt"), [([0.2, 0.9], 0.0), ([0.2, 0.4], 0.4), ([0.001, 0.002], 0.0), ([], 0)]
)
def test_whom_no_sighting_reports_is_in_doubt(photo, monkeypatch, probability, doubt):
    monkeypatch.setattr(leader, "cross_validated", lambda *_a, **_k: [_judged(probability)])
    assert HeldOutLeader([], Recipe.load().interpret).doubt(photo) == doubt


def test_a_photo_that_was_not_judged_shows_nobody(photo, monkeypatch):
    monkeypatch.setattr(leader, "cross_validated", lambda *_a, **_k: [])
    nobody = HeldOutLeader([], Recipe.load().interpret)
    assert nobody.sightings(photo, SEEN) == ()
    assert nobody.doubt(photo) == 0


def test_the_nearest_face_is_the_one_whose_middle_is():
    assert nearest(SEEN.faces, 140, 50) is SEEN.faces[1]
