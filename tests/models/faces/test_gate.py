import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from presslens.models.estimators import save_estimators
from presslens.models.faces.gate import HeadGate, described
from presslens.models.vocabulary import Heads


@pytest.fixture
def gate():
    """A gate that takes faces with a large first number for children's."""
    rng = np.random.default_rng(0)
    ages = rng.uniform(0, 1, (80, 256)).astype(np.float32)
    rows = described(rng.uniform(0, 1, 80).tolist(), ages)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01))
    return model.fit(rows, ages[:, 0] > 0.5)


def _heads(count, first):
    ages = np.full((count, 256), 0.5, np.float32)
    ages[:, 0] = first
    return Heads(np.zeros((count, 1024), np.float32), ages)


def test_the_head_and_what_stands_around_it_are_described():
    rows = described([0.5, 1.0], _heads(2, 0.7).ages)
    assert rows.shape == (2, 257)
    assert rows[:, 0] == pytest.approx([0, np.log(0.998 / 0.002)])
    assert rows[0, 1] == pytest.approx(0.7)


def test_a_head_like_a_childs_is_a_childs(gate, make_face, tmp_path):
    save_estimators(gate, tmp_path / "gate.skops")
    faces = [make_face(), make_face()]
    (likely, _), (unlikely, _) = (
        HeadGate.load(tmp_path / "gate.skops").judge(faces, _heads(2, first)) for first in (1, 0)
    )
    assert likely > 0.5 > unlikely
    expected = gate.predict_proba(described([0.0], _heads(1, 1).ages))[0, 1]
    assert likely == pytest.approx(expected)


def test_without_a_face_there_is_no_answer(gate):
    assert HeadGate(gate).judge([], _heads(0, 1)) == []
