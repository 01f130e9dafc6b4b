import numpy as np
import pytest

from presslens.models.faces.whitening import SHRINKAGE, Whitening

NUMBERS = 24


def _raw(count, *, seed=0):
    """Answers that have much in common and differ in two directions most of all."""
    rng = np.random.default_rng(seed)
    raw = 5 + rng.normal(size=(count, NUMBERS))
    raw[:, :2] += rng.normal(size=(count, 2)) * 8
    return raw.astype(np.float32)


@pytest.fixture
def fitted():
    return Whitening.fit(_raw(400), axes=12)


def test_embeddings_have_length_one(fitted):
    rows = fitted.apply(_raw(9, seed=1))
    assert rows.shape == (9, 12)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)


def test_how_large_the_raw_numbers_are_does_not_count(fitted):
    raw = _raw(5, seed=2)
    np.testing.assert_allclose(fitted.apply(raw * 7), fitted.apply(raw), atol=1e-5)


def test_strangers_are_not_alike_any_more(fitted):
    raw = _raw(60, seed=3)
    unit = raw / np.linalg.norm(raw, axis=1, keepdims=True)
    apart = ~np.eye(len(raw), dtype=bool)
    assert (unit @ unit.T)[apart].mean() > 0.5
    rows = fitted.apply(raw)
    assert (rows @ rows.T)[apart].mean() == pytest.approx(0, abs=0.05)


def test_axes_are_ordered_and_shrunk_by_the_spread_of_strangers():
    raw = _raw(400)
    unit = raw / np.linalg.norm(raw, axis=1, keepdims=True)
    variance = np.sort(np.linalg.eigvalsh(np.cov(unit.T.astype(np.float64))))[::-1]
    fitted = Whitening.fit(raw, axes=NUMBERS)
    spread = ((unit - fitted.mean) @ fitted.axes).var(axis=0, ddof=1)
    np.testing.assert_allclose(spread, variance / (variance + SHRINKAGE * variance.mean()), 1e-3)
    assert spread[0] > 2 * spread[2], "the two wide directions come first"
    np.testing.assert_allclose(Whitening.fit(raw, axes=3).axes, fitted.axes[:, :3])


def test_fewer_strangers_than_numbers_do(fitted):
    few = Whitening.fit(_raw(6), axes=12)
    assert np.isfinite(few.axes).all()
    assert np.isfinite(few.apply(_raw(3, seed=4))).all()


def test_a_blank_answer_stays_finite(fitted):
    assert np.isfinite(fitted.apply(np.zeros((1, NUMBERS), np.float32))).all()


def test_it_is_written_and_read(fitted, tmp_path):
    path = tmp_path / "whitening.skops"
    fitted.save(path)
    again = Whitening.load(path)
    raw = _raw(3, seed=5)
    np.testing.assert_array_equal(again.apply(raw), fitted.apply(raw))


def test_the_one_that_is_shipped_keeps_512_directions(whitening):
    assert whitening.mean.shape == (1024,)
    assert whitening.axes.shape == (1024, 512)
    assert np.linalg.norm(whitening.mean) < 1, "the mean of vectors of length one"
    lengths = np.linalg.norm(whitening.axes, axis=0)
    assert (np.diff(lengths) > 0).all(), "directions of less spread weigh more"
