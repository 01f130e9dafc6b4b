"""Readers with an encoder are stored, and correct what ours say."""

import numpy as np
import pytest

from presslens.models.encoders.readers import EncodedReader, EncodedReaders, Standard
from presslens.models.vocabulary import Encoding

VERSION = "a" * 64


@pytest.fixture
def readers():
    """One that leans to crowds where the first number is high, and one of a label."""
    standard = Standard(np.array([1.0, 0.0]), np.array([2.0, 1.0]))
    weights = np.array([1.5, 0.0])
    return EncodedReaders(
        "e",
        {"subjects": "s", "labels": "l"},
        standard,
        [
            EncodedReader("crowd", 1.0, 0.0, weights),
            EncodedReader("label:dark", 1.0, 0.0, weights, VERSION),
        ],
    )


def test_they_come_back_from_their_file_as_they_were(readers):
    again = EncodedReaders.from_bytes(readers.to_bytes())
    assert again.to_bytes() == readers.to_bytes()
    assert (again.encoder, again.beside) == (readers.encoder, readers.beside)


def test_a_photo_is_corrected_by_its_encoding_alone(readers):
    high, mean, none = (Encoding("e", np.array(v, np.float32)) for v in ([3, 9], [1, 0], []))
    assert readers.corrected("crowd", 0.5, high) == pytest.approx(1 / (1 + np.exp(-1.5)))
    assert readers.corrected("crowd", 0.5, mean) == pytest.approx(0.5)
    for encoding in (none, None):
        assert readers.corrected("crowd", 0.3, encoding) == 0.3
    assert readers.corrected("people", 0.3, high) == 0.3


def test_a_label_that_was_learnt_again_has_ours(readers):
    high = Encoding("e", np.array([3, 0], np.float32))
    said = {"dark": 0.5, "stage": 0.5}
    same = readers.labels(said, {"dark": VERSION, "stage": "x"}, high)
    assert (same["dark"] > 0.8, same["stage"]) == (True, 0.5)
    assert readers.labels(said, {"dark": "b" * 64, "stage": "x"}, high) == said
