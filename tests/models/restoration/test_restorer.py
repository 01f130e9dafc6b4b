"""Printed photos become more like what was printed; others stay as they are."""

import numpy as np
import pytest
from skimage import data
from skimage.metrics import structural_similarity

from presslens.lab.training.printing import bitonal, grey, halftone, rosette
from presslens.models.registry import Manifest, Registry
from presslens.models.restoration.descreening import descreened
from presslens.models.restoration.restorer import (
    OnnxRestorer,
    PrintRestorer,
    RestoredFeatures,
    is_coloured,
)
from presslens.models.restoration.screen import printing_of
from presslens.models.scripted import ColourFeatures


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
    for looked_at in (restored.picture, restored.for_faces):
        assert looked_at.shape == photo.shape
        assert looked_at.dtype == np.uint8
        assert likeness(looked_at, photo) > likeness(printed, photo) + 0.1


def test_screens_of_several_inks_are_filtered(restorer):
    printed = rosette(data.coffee()[:, :400])
    restored = restorer.restore(printed)
    assert np.array_equal(restored.picture, descreened(printed, printing_of(printed).screen))
    assert restored.for_faces is restored.picture


def test_screens_of_black_alone_are_filtered_for_faces_only(restorer, network):
    printed = halftone(data.coffee()[:, :400])
    restored = restorer.restore(printed)
    assert np.array_equal(restored.picture, network.restore(printed).picture)
    assert np.array_equal(restored.for_faces, descreened(printed, printing_of(printed).screen))


def test_yellowed_paper_is_no_ink_and_a_rosette_of_a_grey_photo_is_black_alone():
    photo = data.coffee()[:, :400]
    yellowed = np.rint(halftone(photo) * np.array([1.0, 0.97, 0.9])).astype(np.uint8)
    assert not is_coloured(yellowed)
    assert not is_coloured(rosette(grey(photo)))
    assert is_coloured(rosette(photo))


def test_network_restores_copies_in_black_and_white_though_they_have_a_screen(restorer, network):
    printed = bitonal(data.coffee()[:, :400])
    assert printing_of(printed).screen is not None
    restored = restorer.restore(printed)
    assert np.array_equal(restored.picture, network.restore(printed).picture)
    assert restored.for_faces is restored.picture


def test_network_reduces_a_coarse_screen_first_and_enlarges_it_again(network):
    photo = data.coffee()[:299, :397]
    printed = halftone(photo, cell=7.0)
    restored = network.restore(printed).picture
    assert restored.shape == photo.shape
    assert likeness(restored, photo) > likeness(printed, photo) + 0.1


def test_photo_without_dots_is_returned_itself(restorer):
    photo = data.chelsea()
    restored = restorer.restore(photo)
    assert restored.picture is photo
    assert restored.for_faces is photo


def test_features_are_those_of_the_restored_photo(restorer):
    printed = halftone(data.coffee()[:, :400])
    features = RestoredFeatures(restorer, ColourFeatures()).extract(printed)
    assert np.array_equal(features, ColourFeatures().extract(restorer.restore(printed).picture))
