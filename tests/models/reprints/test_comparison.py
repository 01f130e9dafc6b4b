"""Prints of one picture are told from other photos, whatever print and scan have done to them."""

import cv2
import numpy as np
import pytest

from presslens.lab.training.reprints.prints import ALL, CONDITIONS, reprint
from presslens.models.reprints.comparison import compare
from presslens.models.reprints.decision import REPRINT, PrintAgreement
from presslens.models.reprints.fingerprint import fingerprint
from presslens.models.reprints.pictures import pictures_of
from presslens.models.reprints.stored import (
    SHARED,
    Fingerprint,
    filed_words,
    find_each_other,
    lookup_words,
)


def picture(seed, size=(400, 560)):
    """Return a picture of many dark and light shapes before a shaded ground."""
    rng = np.random.default_rng(seed)
    height, width = size
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    canvas = np.repeat((70 + 90 * x * y)[:, :, None], 3, 2).astype(np.uint8)
    for _ in range(45):
        middle = rng.integers(0, width), rng.integers(0, height)
        axes = tuple(int(side) for side in rng.integers(8, 60, 2))
        tint = [int(value) for value in rng.integers(0, 255, 3)]
        turn = float(rng.uniform(0, 180))
        cv2.ellipse(canvas, tuple(map(int, middle)), axes, turn, 0, 360, tint, -1)
    return canvas


@pytest.fixture(scope="module")
def prints():
    rng = np.random.default_rng(3)
    shown = picture(1)
    return {name: fingerprint(reprint(shown, name, rng)) for name in (*CONDITIONS, ALL)}


def test_prints_in_all_conditions_are_looked_up_and_recognised(prints):
    original = fingerprint(picture(1))
    other = fingerprint(picture(2))
    for name, one in prints.items():
        agreement = compare(original, one)
        assert agreement.is_reprint, (name, agreement)
        assert agreement == compare(one, original), name
        # Drawn shapes have few signs that they keep in black and white; photographs have more.
        assert find_each_other(original, one) or name == "bitonal", name
        assert not compare(other, one).is_reprint, name


def test_it_makes_no_difference_which_of_two_photos_asks_for_the_other():
    """Signs that one photo is not sure of and the other is are asked for by one of them alone."""
    looks = np.full((2, 24), 90, np.int8)
    looks[1, 12:] = -90  # two places with other words
    rest = np.zeros((2, 2), np.uint16), np.zeros((25, 40), np.uint8)
    sure = Fingerprint(rest[0], looks, rest[1])
    faint = looks.copy()
    faint[:, 20:24] = [1, 1, 1, 1], [-1, -1, -1, -1]
    faint[:, 20:24] *= -1
    unsure = Fingerprint(rest[0], faint, rest[1])
    assert len(set(lookup_words(unsure)).intersection(filed_words(sure))) == SHARED
    looks[:, :8] -= 5  # what it is least sure of are others than those that differ
    assert not set(lookup_words(sure)).intersection(filed_words(unsure))
    assert not find_each_other(unsure, sure)
    assert not find_each_other(sure, unsure)
    assert find_each_other(sure, sure)


def test_what_agrees_in_parts_alone_is_another_picture():
    """Two announcements in one frame: the frame agrees, the pictures in it don't."""
    framed = []
    for seed in (1, 2):
        frame = picture(9)
        frame[60:340, 80:480] = picture(seed)[60:340, 80:480]
        framed.append(fingerprint(frame))
    agreement = compare(*framed)
    assert agreement.places > 10
    assert not agreement.is_reprint
    assert compare(framed[0], framed[0]).is_reprint


def test_a_mirrored_or_turned_picture_is_another_one():
    shown = picture(1)
    original = fingerprint(shown)
    for other in (shown[:, ::-1], shown[::-1, ::-1], np.rot90(shown)):
        assert not compare(original, fingerprint(np.ascontiguousarray(other))).is_reprint


def test_a_fingerprint_is_small_and_is_read_as_it_was_written(prints):
    for one in (*prints.values(), fingerprint(np.full((30, 900, 3), 9, np.uint8))):
        content = one.to_bytes()
        assert len(content) <= 8000
        again = Fingerprint.from_bytes(content)
        assert (again.places == one.places).all()
        assert (again.descriptors == one.descriptors).all()
        assert (again.thumbnail == one.thumbnail).all()
    for broken in (b"", b"\1\2", content[:-1], bytes([250, 1]) + bytes(9000)):
        with pytest.raises(ValueError, match="no fingerprint"):
            Fingerprint.from_bytes(broken)


def test_photos_of_any_shape_have_one():
    for shape in ((1, 1), (2, 30), (9, 2000), (1500, 20)):
        flat = fingerprint(np.full((*shape, 3), 90, np.uint8))
        assert len(flat.places) == 0
        assert compare(flat, flat) == PrintAgreement(0, 0.0)
        assert filed_words(flat) == lookup_words(flat) == []


def test_more_agreement_is_more_likely_and_too_few_places_are_none():
    few = [PrintAgreement(places, 0.99).probability for places in (0, 4)]
    rising = [PrintAgreement(places, 0.6).probability for places in (5, 8, 40, 200)]
    assert few == [0.0, 0.0]
    assert rising == sorted(rising)
    assert rising[0] < REPRINT < rising[-1]
    assert PrintAgreement(40, 0.9).is_reprint
    assert not PrintAgreement(40, 0.3).is_reprint


def test_prints_of_prints_are_of_one_picture(prints):
    other = fingerprint(picture(2)).to_bytes()
    photos = [prints["grey"].to_bytes(), other, b"", prints["85 lpi"].to_bytes(), b"", other]
    assert pictures_of(photos).tolist() == [0, 1, 2, 0, 4, 1]
