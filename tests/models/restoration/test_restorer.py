"""Printed photos become more like what was printed; others stay as they are."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import data
from skimage.metrics import structural_similarity

from models.registry import Manifest, Registry
from models.restoration.descreening import descreened
from models.restoration.restorer import OnnxRestorer, PrintRestorer, RestoredFeatures
from models.restoration.screen import printing_of
from models.scripted import ColourFeatures
from models.training.printing import bitonal, grey, halftone, rosette


@pytest.fixture(scope="module")
def network():
    return OnnxRestorer(Registry(Manifest.load()).path("restoration"))


@pytest.fixture(scope="module")
def restorer(network):
    return PrintRestorer(network)


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


@pytest.mark.parametrize("degrade", [halftone, rosette])
def test_screens_are_filtered(restorer, degrade):
    printed = degrade(data.coffee()[:, :400])

    filtered = descreened(printed, printing_of(printed).screen)

    assert np.array_equal(restorer.restore(printed), filtered)


def test_network_restores_copies_in_black_and_white_though_they_have_a_screen(restorer, network):
    printed = bitonal(data.coffee()[:, :400])
    assert printing_of(printed).screen is not None

    assert np.array_equal(restorer.restore(printed), network.restore(printed))


def test_network_reduces_a_coarse_screen_first_and_enlarges_it_again(network):
    photo = data.coffee()[:299, :397]
    printed = halftone(photo, cell=7.0)

    restored = network.restore(printed)

    assert restored.shape == photo.shape
    assert likeness(restored, photo) > likeness(printed, photo) + 0.1


def test_photo_without_dots_is_returned_itself(restorer):
    photo = data.chelsea()

    assert restorer.restore(photo) is photo


def test_features_are_those_of_the_restored_photo(restorer):
    printed = halftone(data.coffee()[:, :400])
    features = RestoredFeatures(restorer, ColourFeatures()).extract(printed)

    assert np.array_equal(features, ColourFeatures().extract(restorer.restore(printed)))
