from dataclasses import astuple
from pathlib import Path

import numpy as np
import pytest

from presslens.app.month.recording import RecordedPage, Recording, load
from presslens.lab.month_recording import save
from presslens.models.geometry import Box
from presslens.models.vocabulary import (
    Caption,
    CaptionPlace,
    Detection,
    Face,
    Frame,
    Headline,
    PageObservation,
    PageTraits,
    PhotoObservation,
    TextSource,
)


def photo(seed: int) -> PhotoObservation:
    rng = np.random.default_rng(seed)
    embedding = rng.standard_normal(640).astype(np.float32)
    return PhotoObservation(
        frame=Frame(Box(1.004, 2.5, 300.25, 400.125), 0.987654321),
        detections=(
            Detection("person", Box(3, 4, 50, 60), 0.9, 0.123456789),
            Detection("building", Box(0, 0, 5, 5), 0.5),
        ),
        faces=(
            Face(Box(5, 6, 20, 22), 0.8, tuple((float(i), i + 0.5) for i in range(5)), 0.01,
                 embedding, 0.25),
            Face(Box(1, 1, 3, 3), 0.4, tuple((0.0, 0.0) for _ in range(5)), 0.9, None),
        ),
        features=np.maximum(rng.standard_normal(1280), 0).astype(np.float32),
        objects=rng.uniform(-15, 5, 110).astype(np.float32),
        maps=rng.uniform(-9, 9, (3, 7, 5)).astype(np.float32),
        attention=rng.uniform(0, 0.1, (2, 6, 4)).astype(np.float32),
        caption=Caption(Box(1, 400, 300, 420), CaptionPlace.BELOW, text="견본",
                        source=TextSource.TESSERACT, confidence=0.9),
    )  # fmt: skip


def page() -> PageObservation:
    return PageObservation(
        1200,
        1725,
        (photo(1), photo(2)),
        PageTraits(0.1, 80, True, None, None, False, 0.9, 0.3, 0.2, 210.5),
        (Headline(Box(0, 0, 9, 9), (0, 1)),),
    )


@pytest.fixture
def read(tmp_path: Path) -> Recording:
    pages = {"a/1": RecordedPage("f" * 64, page()), "a/2": RecordedPage("e" * 64, None)}
    save(Recording("d" * 64, pages), tmp_path / "one.zip")
    save(Recording("d" * 64, pages), tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    return load((tmp_path / "one.zip").read_bytes())


def test_pages_keep_their_names_and_fingerprints(read: Recording) -> None:
    assert read.observation_id == "d" * 64
    assert {name: p.fingerprint[0] for name, p in read.pages.items()} == {"a/1": "f", "a/2": "e"}
    assert read.pages["a/2"].observation is None


def test_everything_but_vectors_and_long_numbers_comes_back(read: Recording) -> None:
    seen, was = read.pages["a/1"].observation, page()
    assert seen is not None
    assert (seen.width, seen.height, seen.traits, seen.headlines) == (
        was.width,
        was.height,
        was.traits,
        was.headlines,
    )
    for one, other in zip(seen.photos, was.photos, strict=True):
        assert one.caption == other.caption
        assert one.frame.score == pytest.approx(other.frame.score, abs=1e-5)
        assert astuple(one.frame.box) == pytest.approx(astuple(other.frame.box), abs=0.01)
        assert [d.label for d in one.detections] == ["person", "building"]
        assert one.detections[1].child is None
        assert one.faces[0].landmarks == other.faces[0].landmarks
        assert one.faces[1].embedding is None
        assert one.faces[1].sharpness is None


def test_vectors_come_back_rounded_by_less_than_their_precision(read: Recording) -> None:
    seen = read.pages["a/1"].observation
    assert seen is not None
    for one, other in zip(seen.photos, page().photos, strict=True):
        largest = float(np.abs(other.features).max())
        assert np.abs(one.features - other.features).max() <= largest / 127 / 2 * 1.001
        np.testing.assert_allclose(one.objects, other.objects, rtol=1e-3)
        np.testing.assert_allclose(one.maps, other.maps, rtol=1e-3)
        np.testing.assert_allclose(one.attention, other.attention, rtol=1e-3)
        a, b = one.faces[0].embedding, other.faces[0].embedding
        assert a is not None
        assert b is not None
        assert float(a @ b / np.linalg.norm(a) / np.linalg.norm(b)) > 0.9999


def test_a_vector_of_zeros_is_one_again(tmp_path: Path) -> None:
    empty = PhotoObservation(Frame(Box(0, 0, 1, 1), 1.0), (), (), np.zeros(4, np.float32))
    seen = PageObservation(1, 1, (empty,))
    save(Recording("d" * 64, {"a": RecordedPage("f" * 64, seen)}), tmp_path / "zeros.zip")
    again = load((tmp_path / "zeros.zip").read_bytes()).pages["a"].observation
    assert again is not None
    assert again.photos[0].features.tolist() == [0.0] * 4
    assert again.photos[0].objects.shape == (0,)
    assert again.traits is None
