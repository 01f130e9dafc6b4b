from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from presslens.lab.training.datasets import LabelledPhoto
from presslens.lab.training.faces.gate import (
    AgedFace,
    faces_of,
    fit,
    judged,
    left_out,
    measures,
    out_of_fold,
)
from presslens.lab.training.showing import AS_IS, PRINTED
from presslens.models.faces.gate import LEAST
from presslens.models.geometry import Box
from presslens.models.subjects.children import NAMES, ObjectChildEstimator

HALFTONE = "halftone 85 lpi"


def probabilities(gate, faces):
    """Return what a gate says of some faces."""
    ages = np.array([face.ages for face in faces])
    return gate.probabilities([f.around for f in faces], ages, [f.height for f in faces])


def all_adults():
    """Return an estimator of what stands around a face that learned of no difference."""
    rows = np.zeros((2, len(NAMES)))
    model = make_pipeline(StandardScaler(), LogisticRegression())
    return model.fit(rows, [False, True])


@pytest.fixture
def make_aged():
    """Give a function that makes faces of a set: heads of children have larger numbers."""

    def make(dataset, source, *, is_child, count=20, shown=AS_IS, height=40.0, around=0.5):
        rng = np.random.default_rng([bool(is_child), count, *source.encode()])
        ages = rng.uniform(0, 1, (count, 256)).astype(np.float32)
        ages += bool(is_child)
        photo = LabelledPhoto(dataset, Path("a.jpg"), source, {"source": source})
        return [AgedFace(photo, shown, is_child, around, row, 1, height) for row in ages]

    return make


@pytest.fixture
def album(make_aged):
    """Children of two schools, and adults of two others."""
    return [
        *make_aged("children_school", "school", is_child=True),
        *make_aged("ceremonies_web", "pupils", is_child=True),
        *make_aged("ceremonies_web", "officials", is_child=False),
        *make_aged("statesmen_faces", "portraits", is_child=False),
    ]


def test_a_fitted_gate_tells_children_by_their_heads(album):
    child = np.array(probabilities(fit(album), album))
    truth = np.array([f.is_child for f in album])
    assert child[truth].min() > child[~truth].max()


def test_a_source_is_judged_by_a_gate_that_never_saw_it(album, make_aged):
    """Children of a school whose heads are an adult's are taken for adults."""
    odd = make_aged("ceremonies_web", "odd school", is_child=True, count=30)
    for face in odd:
        face.ages[:] -= 1
    judged = left_out([*album, *odd])
    truth = np.array([f.is_child for f in album])
    assert judged[: len(album)][truth].min() > judged[len(album) :].max()


def test_of_a_small_face_what_stands_around_it_decides(album, make_aged):
    grown, young = (
        make_aged("press_photos", "press", is_child=True, height=LEAST - 1, around=around)
        for around in (0.1, 0.9)
    )
    told = [replace(face, around=0.8 if face.is_child else 0.2) for face in album]
    judged = left_out([*told, *grown, *young])[len(album) :]
    assert len(set(judged[:20])) == len(set(judged[20:])) == 1
    assert judged[0] < 0.3 < judged[-1]


def test_faces_of_nobody_knows_what_age_teach_and_count_nothing(album, make_aged):
    unknown = make_aged("press_photos", "press", is_child=None)
    both = [probabilities(fit(faces), album) for faces in (album, [*album, *unknown])]
    assert both[0] == both[1]
    assert not any("press" in m.data for m in measures([*album, *unknown], child=0.3))


def test_of_a_portrait_the_largest_face_alone_is_of_known_age(make_example):
    around = ObjectChildEstimator(all_adults())
    two = [(Box(0, 0, 30, 40), 0.9), (Box(40, 0, 52, 16), 0.9)]
    portrait = make_example(1, dataset="statesmen_faces", row={"person": "A"}, faces=two)
    group = make_example(2, ("people",), faces=two)
    ages = [[face.is_child for face in faces_of(e, around)] for e in (portrait, group)]
    assert ages == [[False, None], [False, False]]


def test_a_face_is_judged_by_its_head_or_where_that_is_small_by_what_is_around(make_example, album):
    around = ObjectChildEstimator(all_adults())
    faces = [(Box(0, 0, 30, LEAST + 1), 0.9), (Box(40, 0, 52, LEAST - 1), 0.9)]
    example = make_example(1, ("people",), faces=faces, age=2.0)
    large, small = judged(example, around, fit(album))
    assert large > 0.5 > small


def test_no_photo_is_judged_by_a_gate_that_saw_its_event(make_example):
    """A lone event whose children look like adults is told so by the others."""
    around = ObjectChildEstimator(all_adults())
    face = [(Box(0, 0, 30, 40), 0.9)]
    row = {"children": "1"}
    album = [
        make_example(i, ("people",), faces=face, age=float(i % 2), group=f"g{i}",
                     dataset="children_school" if i % 2 else "rodong_sinmun_photos",
                     row=row if i % 2 else {"children": "0"})
        for i in range(20)
    ]  # fmt: skip
    odd = make_example(99, ("people",), faces=face, age=0.0, group="odd",
                       dataset="children_school", row=row)  # fmt: skip
    gates = out_of_fold([*album, odd], [around] * 21)
    assert judged(odd, around, gates[-1])[0] < judged(album[1], around, gates[1])[0]


def test_shares_that_are_never_embedded_are_measured_apart(album, make_aged):
    printed = make_aged("children_school", "school", is_child=True, shown=HALFTONE)
    found = {(m.what, m.data): m for m in measures([*album, *printed], child=0.3)}
    what = "never embedded, from probability 0.3 on; "
    assert found[what + AS_IS, "children of the school"].n == 20
    assert found[what + HALFTONE, "children of the school"].value > 0.9
    assert found[what + AS_IS, "children of other schools and events"].value > 0.9
    assert found[what + AS_IS, "adults in portraits"].value < 0.1
    assert not any(PRINTED in name for name, _ in found)
