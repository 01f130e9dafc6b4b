import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from presslens.models.faces.gate import LEAST, HeadGate, described
from presslens.models.vocabulary import Heads


@pytest.fixture
def gate():
    """A gate that takes faces with a large first number for children's."""
    rng = np.random.default_rng(0)
    ages = rng.uniform(0, 1, (80, 256)).astype(np.float32)
    rows = described(rng.uniform(0, 1, 80).tolist(), ages)
    heads, around = (make_pipeline(StandardScaler(), LogisticRegression(C=0.01)) for _ in range(2))
    heads.fit(rows, ages[:, 0] > 0.5)
    return HeadGate(heads, around.fit(rows[:, :1], rows[:, 0] > 0))


def _heads(count, first):
    ages = np.full((count, 256), 0.5, np.float32)
    ages[:, 0] = first
    return Heads(np.zeros((count, 1024), np.float32), ages)


def test_the_head_and_what_stands_around_it_are_described():
    rows = described([0.5, 1.0], _heads(2, 0.7).ages)
    assert rows.shape == (2, 257)
    assert rows[:, 0] == pytest.approx([0, np.log(0.998 / 0.002)])
    assert rows[0, 1] == pytest.approx(0.7)


def test_a_head_like_a_childs_is_a_childs_when_it_is_read_again(gate, make_face, tmp_path):
    gate.save(tmp_path / "gate.skops")
    faces = [make_face(), make_face()]
    (likely, _), (unlikely, _) = (
        HeadGate.load(tmp_path / "gate.skops").judge(faces, _heads(2, first)) for first in (1, 0)
    )
    assert likely > 0.5 > unlikely
    assert likely == gate.judge(faces, _heads(2, 1))[0]


def test_of_a_small_face_what_stands_around_it_decides(gate):
    ages, heights = _heads(2, 1).ages, [LEAST - 1, LEAST - 1]
    likely, unlikely = gate.probabilities([0.9, 0.1], ages, heights)
    assert likely > 0.5 > unlikely
    other = gate.probabilities([0.9, 0.1], _heads(2, 0).ages, heights)
    assert other == [likely, unlikely]


def test_without_a_face_there_is_no_answer(gate):
    assert gate.judge([], _heads(0, 1)) == []
