import numpy as np
import pytest
import skops.io
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from presslens.models.subjects.features import LENGTH
from presslens.models.subjects.maps import (
    ABSENT,
    MAPPED,
    NUMBERS,
    LinearMapper,
    covered,
    named,
    summary,
)
from presslens.models.vocabulary import Subject


def grid(*rows):
    return np.array(rows, np.float32)


maps = st.integers(1, 4).flatmap(
    lambda columns: st.lists(
        st.lists(st.floats(-20, 20, width=32), min_size=columns, max_size=columns),
        min_size=1,
        max_size=4,
    ).map(lambda rows: np.array(rows, np.float32))
)


@pytest.fixture(scope="module")
def models():
    """A classifier for each subject that looks at one feature, the subject's own."""
    rng = np.random.default_rng(0)
    X = rng.normal(3, 2, (200, LENGTH)).astype(np.float32)
    return {
        subject: make_pipeline(StandardScaler(), LogisticRegression(C=0.01)).fit(X, X[:, k] > 3)
        for k, subject in enumerate(MAPPED)
    }


def test_a_map_says_of_each_place_what_its_classifier_says(models):
    features = np.random.default_rng(1).normal(3, 2, (LENGTH, 2, 3)).astype(np.float32)
    odds = LinearMapper(models).map(features)
    assert odds.shape == (len(MAPPED), 2, 3)
    assert odds.dtype == np.float32
    rows = features.reshape(LENGTH, -1).T
    for k, subject in enumerate(MAPPED):
        expected = models[subject].decision_function(rows).reshape(2, 3)
        assert odds[k] == pytest.approx(expected, abs=1e-3)


def test_a_mapper_is_read_from_a_file(models, tmp_path):
    skops.io.dump({s.value: model for s, model in models.items()}, tmp_path / "maps.skops")
    features = np.ones((LENGTH, 1, 2), np.float32)
    read = LinearMapper.load(tmp_path / "maps.skops")
    assert np.array_equal(read.map(features), LinearMapper(models).map(features))


@pytest.mark.parametrize(
    ("odds", "peak", "top", "whole"),
    [
        (grid([-2.0]), -2, -2, -2),
        (grid([3.0, 1.0], [-1.0, 1.0]), 3, 1, np.log(np.exp([3, 1, -1, 1]).mean())),
        (grid([5.0, 4.0, 3.0, 2.0, -9.0]), 5, 3.5, np.log(np.exp([5, 4, 3, 2, -9]).mean())),
        (np.zeros((0, 0), np.float32), ABSENT, ABSENT, ABSENT),
    ],
)
def test_summary(odds, peak, top, whole):
    assert summary(odds) == pytest.approx((peak, top, whole))


@given(maps, st.floats(0, 5), st.integers(0, 3))
def test_more_at_any_place_is_never_less_in_the_summary(odds, more, row):
    raised = odds.copy()
    raised[row % len(odds), 0] += np.float32(more)
    before, after = summary(odds), summary(raised)
    assert all(b >= a - 1e-6 for a, b in zip(before, after, strict=True))
    assert covered(raised) >= covered(odds)


@given(maps)
def test_the_peak_is_the_most_and_nothing_depends_on_where(odds):
    peak, top, whole = summary(odds)
    assert peak >= top
    assert peak >= whole - 1e-6
    assert summary(odds[::-1, ::-1]) == pytest.approx((peak, top, whole))


def test_there_is_no_limit_to_how_sure_a_map_can_be():
    assert np.isfinite(summary(grid([1e4, -1e4]))).all()


@pytest.mark.parametrize(
    ("odds", "least", "share"),
    [
        (grid([1.0, -1.0], [0.0, -3.0]), 0.0, 0.5),
        (grid([1.0, -1.0], [0.0, -3.0]), 0.5, 0.25),
        (grid([-1.0]), 0.0, 0.0),
        (np.zeros((0, 0), np.float32), 0.0, 0.0),
    ],
)
def test_covered(odds, least, share):
    assert covered(odds, least=least) == share


def test_numbers_are_named_by_subject_in_the_order_of_the_maps():
    assert named((Subject.FIREWORKS,)) == tuple(f"fireworks_{name}" for name in NUMBERS)
    assert len(set(named())) == len(MAPPED) * len(NUMBERS)
    assert [name.split("_")[0] for name in named()[:: len(NUMBERS)]] == list(MAPPED)


@pytest.mark.weights("maps", "features")
def test_a_real_temple_is_mapped_as_a_building_without_fireworks(registry):
    from sklearn.datasets import load_sample_image

    from presslens.models.subjects.features import EfficientNetFeatures

    features = EfficientNetFeatures(registry.path("features"), threads=2)
    mapper = LinearMapper.load(registry.path("maps"))
    odds = dict(
        zip(MAPPED, mapper.map(features.extract(load_sample_image("china.jpg"))), strict=True)
    )
    assert odds[Subject.BUILDINGS].max() > 0 > odds[Subject.FIREWORKS].max()
