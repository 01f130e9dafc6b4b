import numpy as np
import pytest
import skops.io
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from presslens.models.estimators import load_estimators
from presslens.models.registry import Manifest, Registry
from presslens.models.regression import ScaledRegression

COLUMNS = 9


def blocks():
    return ColumnTransformer(
        [("a", StandardScaler(), slice(0, 4)), ("b", StandardScaler(), [8, 5])],
        transformer_weights={"a": 0.05, "b": 1.0},
    )


@pytest.mark.parametrize("first", [StandardScaler(), blocks()], ids=["scaler", "blocks"])
@pytest.mark.parametrize("classes", [2, 3])
def test_probabilities_are_those_of_scikit_learn_to_the_last_bit(first, classes):
    rng = np.random.default_rng(1)
    X = rng.normal(2, 3, (300, COLUMNS))
    model = make_pipeline(first, LogisticRegression(max_iter=3000))
    model.fit(X, rng.integers(0, classes, 300))
    regression = ScaledRegression.of(model)
    for rows in (*X[:50, None], X[:7]):
        assert np.array_equal(regression.probabilities(rows), model.predict_proba(rows))
        assert np.array_equal(regression.scaled(rows), model[0].transform(rows))


def test_the_values_of_a_ridge_are_its_predictions():
    rng = np.random.default_rng(2)
    X, y = rng.normal(2, 3, (300, COLUMNS)), rng.normal(size=300)
    model = make_pipeline(blocks(), Ridge()).fit(X, y)
    rows = X[:50, None]
    values = [ScaledRegression.of(model).values(row) for row in rows]
    assert np.array_equal(values, [model.predict(row) for row in rows])


def test_the_shipped_classifiers_give_the_same_bits():
    path = Registry(Manifest.load()).path("subjects")
    whole, stored = skops.io.load(path), load_estimators(path)
    heads = {name: head for name, head in whole.items() if isinstance(head, Pipeline)}
    rng = np.random.default_rng(3)
    assert len(heads) == 5
    for name, head in heads.items():
        regression = ScaledRegression.of(stored[name])
        for row in rng.normal(0, 2, (20, 1, head.n_features_in_)):
            assert np.array_equal(regression.probabilities(row), head.predict_proba(row))
