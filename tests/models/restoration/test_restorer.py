"""Printed photos become more like what was printed; others stay as they are."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import data
from skimage.metrics import structural_similarity

from models.registry import Manifest, Registry
from models.restoration.restorer import OnnxRestorer, RestoredFeatures
from models.scripted import ColourFeatures
from models.training.printing import bitonal, grey, halftone, rosette


@pytest.fixture(scope="module")
def restorer():
    return OnnxRestorer(Registry(Manifest.load()).path("restoration"))


def likeness(first, second):
    return structural_similarity(grey(first)[..., 0], grey(second)[..., 0])


@pytest.mark.parametrize("degrade", [halftone, rosette, bitonal])
def test_restored_print_is_more_like_the_photo(restorer, degrade):
    photo = data.coffee()[:, :400]
    printed = degrade(photo)

    restored = restorer.restore(printed)

    assert restored.shape == photo.shape
    assert restored.dtype == np.uint8
    assert likeness(restored, photo) > likeness(printed, photo) + 0.1


def test_coarse_screen_is_reduced_first_and_enlarged_again(restorer):
    photo = data.coffee()[:299, :397]
    printed = halftone(photo, cell=7.0)

    restored = restorer.restore(printed)

    assert restored.shape == photo.shape
    assert likeness(restored, photo) > likeness(printed, photo) + 0.1


def test_photo_without_dots_is_returned_itself(restorer):
    photo = data.chelsea()

    assert restorer.restore(photo) is photo


def test_features_are_those_of_the_restored_photo(restorer):
    printed = halftone(data.coffee()[:, :400])
    features = RestoredFeatures(restorer, ColourFeatures()).extract(printed)

    assert np.array_equal(features, ColourFeatures().extract(restorer.restore(printed)))
