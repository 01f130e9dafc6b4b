import numpy as np
import pytest
from PIL import Image

from presslens.lab.training.showing import AS_IS, PRINTED
from presslens.lab.training.subjects.readers import OutOfFoldReading
from presslens.lab.training.subjects.reliability import draw
from presslens.models.vocabulary import Subject


@pytest.fixture
def judged(make_example):
    def make(subject, *, n=40):
        rng = np.random.default_rng(0)
        photos = tuple(make_example(i, shown=(AS_IS, PRINTED)[i % 2]) for i in range(n))
        probability = rng.random(n)
        return OutOfFoldReading(subject, photos, rng.random(n) < probability, probability)

    return make


@pytest.mark.parametrize("subjects", [list(Subject), [Subject.CROWD]])
def test_a_panel_for_each_subject_is_drawn(judged, tmp_path, subjects):
    path = tmp_path / "images" / "reliability.png"
    draw([judged(subject) for subject in subjects], path)
    with Image.open(path) as picture:
        picture.load()
        assert picture.format == "PNG"
        assert picture.size == (int(286 * len(subjects)), 352)
        assert len(picture.convert("RGB").getcolors(2**24) or []) > 20
    assert list(path.parent.iterdir()) == [path]


def test_photos_that_were_only_shown_one_way_are_drawn_too(judged, tmp_path):
    each = judged(Subject.CROWD)
    draw([each.of(shown=AS_IS)], tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.format == "PNG"


def test_the_same_judgements_are_drawn_alike(judged, tmp_path):
    for name in ("a", "b"):
        draw([judged(Subject.PEOPLE)], tmp_path / f"{name}.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_what_stood_there_stays_when_drawing_fails(judged, tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    draw([judged(Subject.PEOPLE)], path)
    before = path.read_bytes()

    def full(*_args, **_options):
        raise OSError

    monkeypatch.setattr("presslens.lab.training.subjects.reliability.Figure.savefig", full)
    with pytest.raises(OSError):  # noqa: PT011
        draw([judged(Subject.CROWD)], path)
    assert path.read_bytes() == before
