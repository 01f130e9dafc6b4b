from __future__ import annotations

import numpy as np
import pytest

from models.faces.matcher import Matcher
from models.faces.specimens import Specimen
from models.faces.train import cross_validated, figures, fit, trials

DAYS = 10


def _specimens() -> list[Specimen]:
    """The leader's faces lie around one point, the others' anywhere on a wide sphere."""
    rng = np.random.default_rng(0)
    found = []
    for day in range(DAYS):
        for size, side in (("L", 80.0), ("M", 30.0)):
            vector = rng.normal(0, 0.02, 128)
            found.append(Specimen(f"{day}{size}", str(day), size, side, vector.astype("f4")))
        for i in range(6):
            vector = rng.normal(0, 0.06, 128)
            found.append(Specimen(f"{day}{i}", str(day), "-", 25.0, vector.astype("f4")))
    found.append(Specimen("missed", "3", "S", 0.0, None))
    return found


def test_references_come_from_other_days() -> None:
    own = Specimen("a", "1", "L", 60, np.zeros(128, np.float32))
    far = Specimen("b", "2", "L", 60, np.eye(128, dtype=np.float32)[0])

    done = trials([own, far], [own, far], np.random.default_rng(0), enrolled=5)

    assert [trial.distance for trial in done] == [1.0, 1.0]


def test_nobody_to_enrol_leaves_every_face_infinitely_far() -> None:
    own = Specimen("a", "1", "L", 60, np.zeros(128, np.float32))

    (trial,) = trials([own], [own], np.random.default_rng(0), enrolled=5)

    assert trial.distance == float("inf")


def test_fitted_matcher_tells_near_from_far() -> None:
    matcher = Matcher(fit(_specimens()))

    near, far = matcher.probabilities(np.array([0.3, 0.75]), np.array([40.0, 40.0]))

    assert near > 0.9
    assert far < 0.1


def test_cross_validation_judges_every_face_in_every_draw() -> None:
    specimens = _specimens()
    judged = cross_validated(specimens, draws=2)
    found = figures(specimens, judged)

    assert len(judged) == 2 * len(specimens)
    assert found["n_recall_L"] == DAYS
    assert found["recall_L"] == found["recall_M"] == 1
    assert found["recall_S"] == 0, "a face that was not found is not recalled"
    assert found["false_accept"] == pytest.approx(0, abs=0.05)
    assert np.isnan(found["recall_T"])


def test_fitting_is_reproducible() -> None:
    first, second = (fit(_specimens(), seed=4)[-1].coef_ for _ in range(2))
    np.testing.assert_array_equal(first, second)
