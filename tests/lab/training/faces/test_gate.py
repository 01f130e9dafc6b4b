from pathlib import Path

import numpy as np
import pytest

from presslens.lab.training.datasets import LabelledPhoto
from presslens.lab.training.faces.gate import AgedFace, fit, left_out, measures
from presslens.lab.training.showing import AS_IS, PRINTED
from presslens.models.faces.gate import LEAST, described

HALFTONE = "halftone 85 lpi"


@pytest.fixture
def make_aged():
    """Give a function that makes faces of a set: heads of children have larger numbers."""

    def make(dataset, source, *, is_child, count=20, shown=AS_IS, height=40.0, around=0.5):
        rng = np.random.default_rng([is_child, count, *source.encode()])
        ages = rng.uniform(0, 1, (count, 256)).astype(np.float32)
        ages += is_child
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
    rows = described([f.around for f in album], np.array([f.ages for f in album]))
    child = fit(album).predict_proba(rows)[:, 1]
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
    small = make_aged("press_photos", "press", is_child=True, height=LEAST - 1, around=0.123)
    assert left_out([*album, *small])[len(album) :].tolist() == [0.123] * 20


def test_shares_that_are_never_embedded_are_measured_apart(album, make_aged):
    printed = make_aged("children_school", "school", is_child=True, shown=HALFTONE)
    found = {(m.what, m.data): m for m in measures([*album, *printed], child=0.3)}
    what = "never embedded, from probability 0.3 on; "
    assert found[what + AS_IS, "children of the school"].n == 20
    assert found[what + HALFTONE, "children of the school"].value > 0.9
    assert found[what + AS_IS, "children of other schools and events"].value > 0.9
    assert found[what + AS_IS, "adults in portraits"].value < 0.1
    assert not any(PRINTED in name for name, _ in found)
