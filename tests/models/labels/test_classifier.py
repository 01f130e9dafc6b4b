import numpy as np
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from presslens.models.geometry import Box
from presslens.models.labels.classifier import (
    NO_LABELS,
    LabelClassifier,
    LabelSet,
    load_built_in,
    plain,
    set_version,
)
from presslens.models.labels.vocabulary import shipped_names
from presslens.models.vocabulary import Frame, PhotoObservation

RNG = np.random.default_rng(0)
X = RNG.normal(2, 3, (30, 1280))
Y = np.arange(30) % 2 == 0


def photo(value):
    features = np.full(1280, value, np.float32)
    return PhotoObservation(Frame(Box(0, 0, 9, 9), 1.0), (), (), features)


def label(name, weight, intercept=0.0):
    return LabelClassifier(name, np.full(1280, weight, np.float32), intercept)


def test_plain_numbers_answer_as_the_regression_does(tmp_path):
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01)).fit(X, Y)
    skops.io.dump({"stage": model, "indoor": model}, tmp_path / "labels.skops")
    loaded = load_built_in(tmp_path / "labels.skops")
    assert [c.name for c in loaded] == ["indoor", "stage"]
    for row, wanted in zip(X, model.predict_proba(X)[:, 1], strict=True):
        assert loaded[0].probability(row.astype(np.float32)) == pytest.approx(wanted, abs=1e-5)
    assert plain("indoor", model).version == loaded[0].version


def test_labels_are_read_in_order_and_never_overflow():
    labels = LabelSet((label("zebra", 9.0), label("night", -9.0), label("apple", 0.0)))
    read = labels.read(photo(5.0))
    assert [r.name for r in read] == ["night", "apple", "zebra"]
    assert [round(r.probability, 6) for r in read] == [0.0, 0.5, 1.0]
    assert NO_LABELS.read(photo(1.0)) == []


def test_the_version_is_of_the_content_alone():
    one, two = label("a", 1.0), label("b", 1.0)
    assert one.version == label("a", 1.0).version
    others = [label("b", 1.0), label("a", 1.0001), label("a", 1.0, 0.5)]
    assert len({one.version, *(other.version for other in others)}) == 4
    assert LabelSet((one, two)).version == LabelSet((two, one)).version
    assert LabelSet((one,)).version != LabelSet((one, two)).version != NO_LABELS.version
    assert NO_LABELS.version == set_version([])


def test_what_is_shipped_is_what_is_said_to_be(registry):
    loaded = load_built_in(registry.path("labels"))
    assert tuple(c.name for c in loaded) == shipped_names()
    assert {c.coefficients.shape for c in loaded} == {(1280,)}
