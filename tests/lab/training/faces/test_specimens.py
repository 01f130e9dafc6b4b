import csv
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from presslens.lab.training.array_cache import ArrayCache
from presslens.lab.training.datasets import STATE_MEDIA
from presslens.lab.training.faces.specimens import (
    CONTEXT,
    LOCATIONS,
    OTHER,
    PORTRAITS,
    STRANGERS,
    FaceReader,
    LeaderPosition,
    face_at,
    load_face_reader,
    read_places,
    strangers,
)
from presslens.models.faces.embedding import FACERES, RESNET
from presslens.models.faces.whitening import Whitening
from presslens.models.geometry import Box
from presslens.models.loading import load_instruments
from presslens.models.observer import Observer
from presslens.models.recipe import FaceRules, Recipe
from presslens.models.scripted import GreenObjects, NoRestoration
from presslens.models.vocabulary import Face, Heads

ASSETS = Path(find_spec("ultralytics").origin).parent / "assets"


HEADER = ["file", "leader_visible", "leader_face", "date", "repo", "path"]
ROWS = {
    "rodong_sinmun_photos": [
        ["rs001.jpg", "1", "S", "2021-06-17"],
        ["rs025.jpg", "0", "-", "2021-10-26"],
        ["rs999.jpg", "?", "T", "2021-10-26"],
    ],
    "facility_web": [["pv001.jpg", "", "", "", "site", "a.jpg"]],
}
RULES = FaceRules(**Recipe.load().observe.faces.model_dump() | {"embed_side": 10, "embed_most": 3})


class Numbered:
    """Embeds faces by the left edge of their boxes."""

    def raw(self, photo, faces):
        return np.repeat(self._numbers(faces), 128, axis=1)

    def look(self, photo, faces):
        numbers = self._numbers(faces)
        return Heads(np.repeat(numbers + 1, 1024, axis=1), np.repeat(numbers, 256, axis=1))

    def _numbers(self, faces):
        return np.array([face.box.x0 for face in faces], np.float32).reshape(-1, 1)


@dataclass
class Fixed:
    """Finds the same faces in every photo, and takes those at some left edges for children's."""

    found: Sequence[Face]
    children: tuple[float, ...] = ()

    def detect(self, photos):
        return [list(self.found) for _ in photos]

    def probabilities(self, rows):
        return [0.5] * len(rows)

    def judge(self, faces, heads):
        assert {face.child for face in faces} <= {0.5}
        return [0.9 if face.box.x0 in self.children else 0.1 for face in faces]


def _read(data, faces, *, children=()):
    fixed = Fixed(faces, children)
    reader = FaceReader(
        NoRestoration(),
        fixed,
        GreenObjects(),
        fixed,
        fixed,
        Numbered(),
        Numbered(),
        RULES,
        version=repr((faces, children)),
        cache=ArrayCache(data / "cache"),
    )
    return reader.read(data)


@pytest.fixture
def data(tmp_path):
    """Photos of 560 × 400 px: of state media with him, without, and perhaps; of a factory."""
    for name in (*STATE_MEDIA, *STRANGERS, PORTRAITS):
        (tmp_path / name / "images").mkdir(parents=True)
        (tmp_path / name / "labels.csv").write_text(",".join(HEADER) + "\n")
        for row in ROWS.get(name, []):
            _add(tmp_path / name, row)
    return tmp_path


def _add(dataset, row):
    with (dataset / "labels.csv").open("a", newline="") as file:
        csv.writer(file).writerow(row)
    Pillow.new("RGB", (560, 400)).save(dataset / "images" / row[0])


@pytest.fixture
def leader():
    (place,) = read_places()["rodong_sinmun_photos/rs001.jpg"]
    return place


def test_photos_count_where_it_is_known_whether_he_is_visible(data):
    found = _read(data, [])
    assert [(s.photo, s.domain, s.leader) for s in found] == [
        ("rodong_sinmun_photos/rs001.jpg", True, True),
        ("rodong_sinmun_photos/rs025.jpg", True, False),
        ("facility_web/pv001.jpg", False, False),
    ]
    assert found[0].group != found[1].group
    assert {s.frame for s in found} == {Box(0, 0, 560, 400)}


def test_his_face_is_the_one_at_the_labelled_place(data, leader, make_face):
    other = make_face(x=0, y=0, side=40)
    his = make_face(x=leader.x - 9, y=leader.y - 11, side=20)
    with_him, without, stranger = _read(data, [other, his])
    assert with_him.sizes == (OTHER, "S")
    assert without.sizes == stranger.sizes == (OTHER, OTHER)
    assert with_him.missed == without.missed == ()
    assert [s.leader for s in (with_him, without, stranger)] == [True, False, False]


def test_a_leader_who_is_not_found_is_kept_as_missed(data, make_face):
    specimen = _read(data, [make_face(x=0, y=0, side=40)])[0]
    assert specimen.leader
    assert (specimen.sizes, specimen.missed) == ((OTHER,), ("S",))


def test_whom_a_reader_knew_by_his_place_alone_is_no_size(data, make_face):
    photo, (place,) = next(
        (key, places) for key, places in read_places().items() if places[0].told_by == "context"
    )
    dataset, name = photo.split("/")
    _add(data / dataset, [name, "?", "T", "2021-06-18"])
    (found,) = (
        specimen
        for specimen in _read(data, [make_face(x=place.x - 5, y=place.y - 5, side=10)])
        if specimen.photo == photo
    )
    (missed,) = (specimen for specimen in _read(data, []) if specimen.photo == photo)
    assert (found.sizes, found.missed) == ((CONTEXT,), ())
    assert (missed.sizes, missed.missed) == ((), (CONTEXT,))
    assert found.leader
    assert missed.leader


def test_children_small_faces_and_those_after_so_many_are_not_embedded(data, make_face):
    faces = [make_face(x=x, side=side) for x, side in ((1, 50), (2, 40), (3, 9), (4, 45), (5, 30))]
    for specimen in _read(data, faces, children=(2,)):
        assert [face.box for face in specimen.faces] == [face.box for face in faces]
        assert specimen.faces[0].landmarks == faces[0].landmarks
        assert specimen.embedded == (0,)
        assert specimen.dlib.tolist() == [[1.0] * 128]
        assert specimen.faceres.shape == (1, 1024)


def test_a_photo_without_faces_has_no_rows(data):
    for specimen in _read(data, []):
        assert (specimen.dlib.shape, specimen.faceres.shape) == ((0, 128), (0, 1024))
        assert specimen.embedded == specimen.sizes == ()


def test_seen_faces_are_embedded_with_a_whitening(data, make_face, whitening):
    faces = [make_face(x=1, side=50), make_face(x=2, side=40), make_face(x=3, side=30)]
    specimen = _read(data, faces, children=(2,))[0]
    seen = specimen.seen(whitening)
    assert [face.embedding is None for face in seen] == [False, True, False]
    assert [face.box for face in seen] == [face.box for face in faces]
    for face, row in ((seen[0], 0), (seen[2], 1)):
        np.testing.assert_array_equal(face.embedding[RESNET], specimen.dlib[row])
        whitened = whitening.apply(specimen.faceres[[row]])[0]
        np.testing.assert_allclose(face.embedding[FACERES], whitened, atol=1e-6)
    assert specimen.faces[0].embedding is None


def test_strangers_are_the_embedded_faces_of_others(data, leader, make_face):
    faces = [
        make_face(x=1, side=40),
        make_face(x=leader.x - 10, y=leader.y - 10, side=20),
        make_face(x=3, side=12),
    ]
    specimens = _read(data, faces)
    numbers = [
        [float(row[0]) - 1 for row in strangers(specimens, least=least)] for least in (8, 15)
    ]
    his = leader.x - 10
    assert numbers == [[1, 3, 1, his, 3, 1, his, 3], [1, 1, his, 1, his]]


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [(120, 70, 0), (141, 70, None), (140.9, 90.9, 0), (120, 91, None), (20, 70, 1), (70, 70, None)],
)
def test_a_face_is_at_a_place_that_its_box_holds(make_face, x, y, expected):
    faces = [make_face(x=100, y=50, side=40), make_face(x=10, y=60, side=20)]
    assert face_at(faces, LeaderPosition(x, y, "face")) == expected
    assert face_at([], LeaderPosition(x, y, "face")) is None


def test_places_are_unique_and_inside_their_photos():
    with LOCATIONS.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({tuple(row.values()) for row in rows}) == len(rows) >= 58
    assert all(0 < float(row["x"]) < 800 and 0 < float(row["y"]) < 400 for row in rows)
    assert {row["told_by"] for row in rows} == {"face", "context"}
    assert {row["file"].split("/")[0] for row in rows} == set(STATE_MEDIA)


@pytest.mark.weights
def test_labelled_photos_are_read_as_pages_are(registry, tmp_path):
    two_men = np.asarray(Pillow.open(ASSETS / "zidane.jpg").convert("RGB"))
    for name in (*STATE_MEDIA, *STRANGERS, PORTRAITS):
        (tmp_path / name / "images").mkdir(parents=True)
        (tmp_path / name / "labels.csv").write_text("file,repo\n")
    (tmp_path / "facility_web" / "labels.csv").write_text("file,repo\na.png,site\n")
    Pillow.fromarray(two_men).save(tmp_path / "facility_web" / "images" / "a.png")
    recipe = Recipe.load()
    (specimen,) = load_face_reader(recipe, registry, threads=2).read(tmp_path)
    instruments = load_instruments(recipe, registry, threads=2)
    (seen,) = Observer(instruments, recipe).observe_photo(two_men).photos
    faces = specimen.seen(Whitening.load(registry.path("whitening")))
    assert [face.box for face in faces] == [face.box for face in seen.faces]
    for ours, theirs in zip(faces, seen.faces, strict=True):
        np.testing.assert_allclose(ours.embedding, theirs.embedding, atol=1e-5)
