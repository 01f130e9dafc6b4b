import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from presslens.models.regression import unscaled


def test_unscaled_weights_give_the_pipelines_log_odds():
    rng = np.random.default_rng(3)
    X = rng.normal(5, 3, (40, 6))
    y = X[:, 0] + X[:, 1] > 10
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
    weights, bias = unscaled(model)
    assert X @ weights + bias == pytest.approx(model.decision_function(X))
