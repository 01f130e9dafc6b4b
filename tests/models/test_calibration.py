import numpy as np
import pytest

from presslens.models.accuracy import binned, calibration_error


def test_one_is_in_the_last_bin():
    assert binned(np.array([0.0, 0.09, 0.1, 0.95, 1.0])).tolist() == [0, 0, 1, 9, 9]


@pytest.mark.parametrize(
    ("truth", "probability", "error"),
    [
        ([1, 0, 1, 0], [0.5, 0.5, 0.5, 0.5], 0.0),
        ([1, 1], [1.0, 1.0], 0.0),
        ([0, 0], [1.0, 1.0], 1.0),
        ([1, 0], [0.8, 0.3], (0.2 + 0.3) / 2),
    ],
)
def test_calibration_error(truth, probability, error):
    given = np.array(truth, bool)
    assert calibration_error(given, np.array(probability)) == pytest.approx(error)
